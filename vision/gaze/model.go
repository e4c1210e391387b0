package gaze

// reading is the model that scores windows of Window. The numbers come from
//
//	BONAFIDE_FIT=1 BONAFIDE_EVAL=<folder> go test -v -run TestEvalFit ./vision/gaze
//
// which fits them to reading from WebQamGaze (CC BY 4.0, Ribeiro et al. 2023;
// sessions in which the webcam tracker had at least half of its samples on
// target) and from the generator in gazetest; and to other gaze from GazeCom
// (MIT, Dorr et al. 2010: watching films), from this package's own measurement
// of clips of talking people whose licences allow it, and from the generator.
// Generated traces carry the wander measured in the clips, or a like one.
// Models fitted without a fifth of the people score those with an AUC of 0.985.
// No recording of somebody who reads answers from a screen in an interview was
// at hand.
var reading = Model{
	Mean:   Features{0.2407, 0.1162, 0.3166, 0.5842, 0.4728, -0.9537, 0.1092, 0.2651, 0.4702, 0.1972, 0.02786, -0.666},
	Scale:  Features{0.125, 0.1099, 0.3855, 0.2613, 0.3318, 1.235, 0.129, 0.1403, 0.2704, 0.1425, 0.01662, 0.8473},
	Weight: Features{0.2662, -1.283, 0.2641, 0.49, 0.7438, -0.196, 1.371, 0.1504, 0.06135, 0.01066, 1.193, -0.5638},
	Bias:   0.5892,
}
