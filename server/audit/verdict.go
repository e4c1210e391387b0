package audit

import (
	"fmt"
	"slices"
)

// Status is the outcome of one check.
type Status string

// The outcomes. Only Fails makes a bundle not hold.
const (
	Holds   Status = "holds"
	Fails   Status = "does not hold"
	Lacks   Status = "no longer kept" // deleted or lost; the proof of the rest stands
	Notes   Status = "note"
	Unclear Status = "not checked" // written by a newer version: a newer verifier can tell
)

// Line is one thing that a check says, in plain words.
type Line struct {
	Status Status
	Text   string
}

// Verdict is what checking a bundle showed.
type Verdict struct {
	Lines     []Line
	Interview string
	Newest    Checkpoint // zero if it could not be read
	Keys      []string   // of the log, oldest first
	Bytes     int64      // that were hashed
	// Anchored is how many entries of the whole log an outside checkpoint
	// vouches for; 0 without one.
	Anchored int64
}

// OK reports whether everything holds that could be checked.
func (v *Verdict) OK() bool { return len(v.Lines) > 0 && !v.has(Fails) }

// Whole reports whether everything could be checked. A bundle that a newer
// version wrote may say things that this one cannot read.
func (v *Verdict) Whole() bool { return !v.has(Unclear) }

func (v *Verdict) has(s Status) bool {
	return slices.ContainsFunc(v.Lines, func(l Line) bool { return l.Status == s })
}

// Worth says in plain words what a verdict without a fault is worth.
func (v *Verdict) Worth() string {
	if v.Anchored == 0 {
		return "This shows that nothing was changed by anybody but the holder of the log's key. The holder of the key could have written another " +
			"log and signed it: no checkpoint kept elsewhere was given to compare with (--anchor), and no key of a witness (--witness) or certificate of " +
			"a time-stamp authority (--tsa) that vouched for it."
	}
	return fmt.Sprintf("The first %d entries of the log are those of the time when somebody outside got or signed their checkpoint: not even the holder of the "+
		"log's key has changed them since. Entries after them rest on the key alone.", v.Anchored)
}

// maxLines bounds the faults that one check names.
const maxLines = 20

// topic collects what one check finds.
type topic struct {
	v     *Verdict
	fails int
}

func (v *Verdict) say(s Status, format string, args ...any) {
	v.Lines = append(v.Lines, Line{s, fmt.Sprintf(format, args...)})
}

func (t *topic) fail(format string, args ...any) {
	t.fails++
	switch {
	case t.fails <= maxLines:
		t.v.say(Fails, format, args...)
	case t.fails == maxLines+1:
		t.v.say(Fails, "and more of the same kind")
	}
}

// done says that the check held, unless something failed.
func (t *topic) done(format string, args ...any) {
	if t.fails == 0 {
		t.v.say(Holds, format, args...)
	}
}
