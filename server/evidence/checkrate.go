package evidence

// CheckRate is how often the automatic check of a card was wrong when it was
// measured. It is shown wherever the check's outcome is, because an outcome
// without it says more than is known.
type CheckRate struct {
	Card CardKind `json:"card"`
	// False of Idle: stretches of 15 s of real clips in which nobody was asked
	// for anything, and the check said "done".
	False int `json:"false"`
	Idle  int `json:"idle"`
	// Missed of Acted: clips in which it was done, and the check did not say so.
	// Acted is 0 where that was not measured.
	Missed int `json:"missed"`
	Acted  int `json:"acted"`
	// Simulated tells that what was done had been drawn into real clips.
	Simulated bool `json:"simulated"`
}

// CheckRates lists every card that has an automatic check but Show ID, whose
// errors depend on the document's size in the picture: the README has them.
//
// Source: TestEvalCompliance, TestEvalComposites and TestEvalTurned of
// server/analysis (make eval), which say where what they measure is not what is
// here. All were measured at twelve readings a second; a machine that reads fewer
// says "not measurable" rather than "not seen", and stretches that were not
// measurable are not among the idle ones. A hand passed in 0.6, 1.2 and
// 2.5 s; who stood back had 0.6 or 0.4 of the size; heads were drawn turned by
// 70°, within an outline that does not turn. The limits of the hand and of the
// window were chosen on the same clips, so these are too good rather than too
// bad.
var CheckRates = []CheckRate{
	{Card: CardHand, False: 0, Idle: 67, Missed: 5, Acted: 48, Simulated: true},
	{Card: CardTurnLeft, False: 1, Idle: 60, Missed: 13, Acted: 16, Simulated: true},
	{Card: CardTurnRight, False: 0, Idle: 64, Missed: 15, Acted: 16, Simulated: true},
	{Card: CardLookUp, False: 0, Idle: 66, Missed: 0, Acted: 2},
	{Card: CardStandBack, False: 0, Idle: 68, Missed: 0, Acted: 32, Simulated: true},
	{Card: CardWindow, False: 2, Idle: 69, Missed: 0, Acted: 16, Simulated: true},
}
