package analysis

import (
	"fmt"
	"time"
)

// unmeasured says in words what a run over a file could not measure, and whose.
// It completes the coverage, which tells only of the person it is about.
func (o *offline) unmeasured() (out []string) {
	if o.opts.Sound == "" { // a recording of ours: one person, and the log tells the rest
		return append(out,
			"Jitter and delay of the call: a recording keeps what arrived, not when. What was lost is taken from the log, second by second.")
	}
	switch {
	case o.opts.Region.All() && len(o.result.Shots) > 1:
	case o.opts.Region.All():
		out = append(out, "Everybody but the person whose face was the largest for the longest time, as long as it could be followed. Where the file shows people side by side, say who is meant: --face left, right, or a part of the picture.")
	default:
		out = append(out, "Everybody outside the part of the picture that was asked for (--face "+o.opts.Region.String()+"): not their faces, not their eyes, and not how many they are.")
	}
	out = append(out, o.unshown()...)
	switch o.opts.Sound {
	case SoundOne:
		out = append(out, "Whoever else spoke: the sound was taken for that of the person in the picture alone (--sound one), so there are no waits before answers, and nobody was told from anybody else.")
	case SoundLeft, SoundRight:
		out = append(out, "Whether the sides of the sound are those two people's: one side was taken for the person in the picture, the other for the other (--sound "+string(o.opts.Sound)+").")
	default:
		out = append(out, "All voices: who speaks cannot be told from one mixed sound, so there are no waits, pauses, lips or turns. Where the sound is one person's, or a person's a side, say so: --sound one, left or right.")
	}
	out = append(out, "Loss, jitter and delay of the call, names of devices, and what the page of the call would have told: a file does not tell of them.")
	if o.resampled {
		out = append(out, "How evenly pictures followed each other, and whether they came again: the file was read at even times, ten pictures a second.")
	}
	return out
}

// unshown says what the cuts and the tiles of a foreign recording hid.
func (o *offline) unshown() (out []string) {
	shots := o.result.Shots
	if len(shots) == 1 {
		if shots[0].Several {
			out = append(out, "How many people were before the camera: the pictures show several all the time, which may be the tiles of a call. Name one of them with --face, and only that part of the picture is looked at.")
		}
		return out
	}
	var shown, other, unclear time.Duration
	several := false
	for _, s := range shots {
		switch s.Shows {
		case ShownPerson:
			shown += s.To - s.From
			several = several || s.Several
		case ShownOther:
			other += s.To - s.From
		default:
			unclear += s.To - s.From
		}
	}
	whole := func(d time.Duration) int { return int((d + time.Second/2) / time.Second) }
	out = append(out, fmt.Sprintf("Time in which the person was not shown: the recording is cut, as programs do to show whoever speaks (number of cuts: %d). It shows the person for %d s, somebody else for %d s, and nobody who could be recognised for %d s. The person is who is shown the longest, or at the time of --shown-at.",
		len(shots)-1, whole(shown), whole(other), whole(unclear)),
		"Whether another face took the person's place at a cut: a cut to somebody else is taken for the program's, wherever it was made.")
	if several {
		out = append(out, "How many people were before the camera while several were shown side by side.")
	}
	return out
}
