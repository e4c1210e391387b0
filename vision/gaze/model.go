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
// Models fitted without a fifth of the people score those with an AUC of 0.988.
// No recording of somebody who reads answers from a screen in an interview was
// at hand.
var reading = Model{
	Mean:   Features{0.2372, 0.1121, 0.3175, 0.5916, 0.4811, -0.9529, 0.1092, 0.2639, 0.4723, 0.1951, 0.02806, -0.6666},
	Scale:  Features{0.1221, 0.1017, 0.3846, 0.2682, 0.3358, 1.229, 0.1287, 0.1399, 0.2738, 0.1417, 0.0163, 0.8432},
	Weight: Features{0.4468, -1.207, 0.3179, 0.6378, 0.7821, -0.1285, 1.376, -0.01592, -0.06172, 0.06933, 1.06, -0.5999},
	Bias:   0.6182,
}
