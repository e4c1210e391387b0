package analysis

// unmeasured says in words what a run over a file could not measure, and whose.
// It completes the coverage, which tells only of the person it is about.
func (o *offline) unmeasured() (out []string) {
	if o.opts.Sound == "" { // a recording of ours: one person, and the log tells the rest
		return append(out,
			"Jitter and delay of the call: a recording keeps what arrived, not when. What was lost is taken from the log, second by second.")
	}
	if o.opts.Region.All() {
		out = append(out, "Everybody but the person whose face was the largest when it was first seen, and as long as it could be followed: others were only counted. Where the file shows people side by side, say who is meant: --face left, right, or a part of the picture.")
	} else {
		out = append(out, "Everybody outside the part of the picture that was asked for (--face "+o.opts.Region.String()+"): not their faces, not their eyes, and not how many they are.")
	}
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
