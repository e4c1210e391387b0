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
// Models fitted without a fifth of the people score those with an AUC of 0.986.
// No recording of somebody who reads answers from a screen in an interview was
// at hand.
//
// Tried and left out, since people who were not fitted to were found no more
// often at the same number of false flags: how much more of the signal rising
// lines of 0.7 to 8 s explain than falling ones do, the best cut into lines
// given (229 of 374 minutes of reading at the threshold without a false flag in
// 4 h, against 233 without it), and differences over 500 and 800 ms.
var reading = Model{
	Mean:   Features{0.2419, 0.1174, 0.3153, 0.5927, 0.4847, -0.948, 0.1086, 0.2637, 0.4786, 0.1967, 0.02854, -0.6627},
	Scale:  Features{0.126, 0.1116, 0.3836, 0.2668, 0.3326, 1.225, 0.1283, 0.139, 0.2747, 0.1424, 0.01674, 0.8411},
	Weight: Features{0.3196, -1.276, 0.3366, 0.6649, 0.7193, -0.1754, 1.391, 0.1026, 0.03716, 0.02689, 1.128, -0.549},
	Bias:   0.5847,
}
