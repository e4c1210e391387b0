package speech

import (
	"math"
	"time"

	"bonafide/server/evidence"
)

// Mouth is what was seen of a mouth at one instant.
type Mouth struct {
	AtMS    int64
	Opening float64         // distance between the inner lips, by that between the eyes
	Reason  evidence.Reason // why the mouth could not be seen
}

// Timing of the comparison of mouth and voice, in ms.
const (
	// StillWindowMS is the time over which movement is measured: longer than a
	// breath and than any single sound.
	StillWindowMS = 3000
	// ShiftWindowMS is the time over which mouth and voice are laid over each
	// other. Twenty readings a second of half a minute have a chance correlation
	// of about 0.1.
	ShiftWindowMS = 30_000

	maxMouthStep = 250  // readings further apart do not tell of movement
	minMouthStep = 80   // nor do nearer ones: a mouth moves less in less time
	shiftRange   = 1000 // largest offset that is looked for
	shiftStep    = 50
	slopeMS      = 60 // half the time over which the mouth's speed is taken
)

// Least readings of a window.
const (
	minMouths     = 12  // movements in three seconds
	minSpeechPart = 0.6 // of three seconds that is speech
	minShiftPart  = 0.4 // of half a minute that is speech
	minSeenPart   = 0.7 // of half a minute in which the mouth is seen
	// minPeak is the correlation from which mouth and voice are taken to belong
	// together, and clearness by how much the best offset must stand out from
	// others 250 ms and more away.
	minPeak   = 0.2
	clearness = 1.4
)

// Lips compares the candidate's mouth with the candidate's voice. One goroutine
// owns it.
type Lips struct {
	mouths []Mouth
	frames []Frame
}

// See takes a reading of the mouth, in order of time.
func (l *Lips) See(m Mouth) {
	l.mouths = append(l.mouths, m)
	n := 0
	for n < len(l.mouths) && l.mouths[n].AtMS < m.AtMS-ShiftWindowMS-10_000 {
		n++
	}
	l.mouths = append(l.mouths[:0], l.mouths[n:]...)
}

// Hear takes frames of the voice, in order of time.
func (l *Lips) Hear(frames []Frame) {
	if len(frames) == 0 {
		return
	}
	l.frames = append(l.frames, frames...)
	n, oldest := 0, frames[len(frames)-1].At-(ShiftWindowMS+10_000)*time.Millisecond
	for n < len(l.frames) && l.frames[n].At < oldest {
		n++
	}
	l.frames = append(l.frames[:0], l.frames[n:]...)
}

// Movement is the mean change of the mouth's opening within about a tenth of a
// second while there is speech, in the three seconds before an instant; speaks
// says where there is. quality is the share of the time that was seen. The
// reason tells why it is not measured.
func (l *Lips) Movement(toMS int64, speaks func(int64) bool) (movement, quality float64, why evidence.Reason) {
	from := toMS - StillWindowMS
	speech := 0
	for at := from; at < toMS; at += 50 {
		if speaks(at) {
			speech++
		}
	}
	if float64(speech) < minSpeechPart*StillWindowMS/50 {
		return 0, 0, evidence.ReasonNoSpeech
	}
	reasons := map[evidence.Reason]int{}
	first := -1 // of the readings in a row that tell of movement
	sum, n, seenMS := 0.0, 0, int64(0)
	for i, m := range l.mouths {
		switch {
		case m.AtMS < from || m.AtMS >= toMS:
			continue
		case m.Reason != "":
			reasons[m.Reason]++
			first = -1
			continue
		case first < 0 || m.AtMS-l.mouths[i-1].AtMS > maxMouthStep:
			first = i
			continue
		}
		seenMS += m.AtMS - l.mouths[i-1].AtMS
		before := i - 1
		for before > first && m.AtMS-l.mouths[before].AtMS < minMouthStep {
			before--
		}
		if apart := m.AtMS - l.mouths[before].AtMS; apart >= minMouthStep && apart <= maxMouthStep && speaks(m.AtMS) {
			sum += math.Abs(m.Opening - l.mouths[before].Opening)
			n++
		}
	}
	if n < minMouths {
		return 0, 0, most(reasons)
	}
	return sum / float64(n), min(float64(seenMS)/StillWindowMS, 1), ""
}

// most is the most frequent reason; packet loss where there is none, since then
// too few pictures came.
func most(reasons map[evidence.Reason]int) evidence.Reason {
	best, why := 0, evidence.ReasonLoss
	for r, n := range reasons {
		if n > best || n == best && r < why {
			best, why = n, r
		}
	}
	return why
}

// Shift is by how much the voice comes after the mouth in the half minute
// before an instant, in ms; negative where it comes before. peak is the
// correlation at that offset. The reason tells why it is not measured.
func (l *Lips) Shift(toMS int64) (shift, peak float64, why evidence.Reason) {
	from := toMS - ShiftWindowMS
	speed, seen := l.speed(from, toMS)
	loud, spoken := l.loudness(from, toMS)
	switch {
	case spoken < minShiftPart:
		return 0, 0, evidence.ReasonNoSpeech
	case seen < minSeenPart:
		reasons := map[evidence.Reason]int{}
		for _, m := range l.mouths {
			if m.AtMS >= from && m.AtMS < toMS && m.Reason != "" {
				reasons[m.Reason]++
			}
		}
		return 0, 0, most(reasons)
	}
	const reach = shiftRange / shiftStep
	var at [2*reach + 1]float64
	best := 0
	for k := range at {
		at[k] = correlation(speed, loud, k-reach)
		if at[k] > at[best] {
			best = k
		}
	}
	second := 0.0
	for k, c := range at {
		if (k-best)*shiftStep >= 250 || (best-k)*shiftStep >= 250 {
			second = max(second, c)
		}
	}
	if at[best] < minPeak || at[best] < clearness*second || best == 0 || best == len(at)-1 {
		return 0, at[best], evidence.ReasonVague
	}
	return float64((best - reach) * shiftStep), at[best], ""
}

// speed is how fast the mouth opens or closes, every 50 ms; NaN where it is not
// seen. seen is the share of readings that are not.
func (l *Lips) speed(from, to int64) (out []float64, seen float64) {
	i, n := 0, 0
	value := func(at int64) float64 {
		for i > 0 && l.mouths[i].AtMS > at {
			i--
		}
		for i+1 < len(l.mouths) && l.mouths[i+1].AtMS <= at {
			i++
		}
		if i+1 >= len(l.mouths) {
			return math.NaN()
		}
		a, b := l.mouths[i], l.mouths[i+1]
		if a.AtMS > at || a.Reason != "" || b.Reason != "" || b.AtMS-a.AtMS > maxMouthStep {
			return math.NaN()
		}
		share := float64(at-a.AtMS) / float64(b.AtMS-a.AtMS)
		return a.Opening*(1-share) + b.Opening*share
	}
	for at := from; at < to; at += shiftStep {
		v := math.Abs(value(at+slopeMS) - value(at-slopeMS))
		if !math.IsNaN(v) {
			n++
		}
		out = append(out, v)
	}
	return out, float64(n) / float64(len(out))
}

// loudness is the level of the voice every 50 ms, averaged over a tenth of a
// second, in dB from -60 on; NaN where it was not heard. spoken is the share
// with speech.
func (l *Lips) loudness(from, to int64) (out []float64, spoken float64) {
	n, i := 0, 0
	for at := from; at < to; at += shiftStep {
		sum, count, speech := 0.0, 0, false
		for i > 0 && l.frames[i-1].At.Milliseconds() >= at-80 {
			i--
		}
		for ; i < len(l.frames) && l.frames[i].At.Milliseconds() < at+50; i++ {
			f := l.frames[i]
			if f.At.Milliseconds() < at-80 || f.Missing > 0.5 {
				continue
			}
			sum += max(f.Level, -60)
			count++
			speech = speech || f.Prob >= 0.5
		}
		if speech {
			n++
		}
		if count == 0 {
			out = append(out, math.NaN())
			continue
		}
		out = append(out, sum/float64(count))
	}
	return out, float64(n) / float64(len(out))
}

// correlation of two signals with the second moved by k steps; values that are
// not known in one are left out. 0 where there is little left.
func correlation(a, b []float64, k int) float64 {
	var n, sa, sb, saa, sbb, sab float64
	for i, x := range a {
		j := i + k
		if j < 0 || j >= len(b) || math.IsNaN(x) || math.IsNaN(b[j]) {
			continue
		}
		y := b[j]
		n++
		sa, sb = sa+x, sb+y
		saa, sbb, sab = saa+x*x, sbb+y*y, sab+x*y
	}
	va, vb := saa-sa*sa/n, sbb-sb*sb/n
	if n < 100 || va <= 0 || vb <= 0 {
		return 0
	}
	return (sab - sa*sb/n) / math.Sqrt(va*vb)
}
