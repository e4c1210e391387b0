package analysis

import (
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

// StepCheck checks what one card of the run-sheet asks for, while the step goes
// on. It has one owner and gets its readings in the order of their time. It
// judges compliance with what was asked, nothing else.
type StepCheck interface {
	// Take takes every reading of faces, about twelve a second, those with a
	// reason too. Picture is set for steps even where no stills may be kept.
	Take(in FaceReading) error
	// Hint is what the candidate should be told now.
	Hint() evidence.StepHint
	// Complete tells that nothing more is wanted: the step ends by itself.
	Complete() bool
	// Result is what was measured in a step that went on between two times, and
	// pictures that show it, with what each shows in the order of the result's
	// Stills to be.
	Result(from, to time.Duration) (evidence.StepResult, []StepPicture)
	Close() error
}

// StepPicture is a picture that a step's result is to be kept with.
type StepPicture struct {
	Shows string // as in evidence.StepStill
	Frame *vision.Frame
}

// StepDescriptor is a card's line in the list of checks that the program is
// built with.
type StepDescriptor struct {
	Card evidence.CardKind
	// Consent is what the candidate must have agreed to; "" for cards that
	// compute nothing biometric.
	Consent evidence.Consent
	New     func(evidence.StepOrder) StepCheck
}

// SeriesSource is a detector that keeps its readings over time. The pipeline
// asks about once a minute, before a finding is given out and at the end.
type SeriesSource interface {
	// TakeSeries gives what was gathered since the last call, without Interview,
	// Participant, Source and Run, which the pipeline fills in.
	TakeSeries() []evidence.Series
}
