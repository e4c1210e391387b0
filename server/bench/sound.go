package main

import (
	"math"
	"time"

	"bonafide/server/codec"
	"bonafide/server/media/mediatest"
)

// talkPeriod is the length of the made sound, after which it begins again:
// somebody speaks in one half of it, and is silent in the other.
const talkPeriod = 8 * time.Second

// newTalk makes Opus packets of a buzz with the melody and the syllables of
// speech, in the first or the second half of the period. It is no voice, but
// costs what one does: every packet is full.
func newTalk(second bool) ([]mediatest.Frame, error) {
	pcm := make([]float32, talkPeriod*codec.OpusRate/time.Second)
	phase := 0.0
	for i := range pcm {
		t := float64(i) / codec.OpusRate
		pcm[i] = 0.001 * float32(math.Sin(300*t))
		if speaks := (i >= len(pcm)/2) == second; !speaks {
			continue
		}
		phase += 2 * math.Pi * (120 + 20*math.Sin(2*math.Pi*0.7*t)) / codec.OpusRate
		buzz := 0.0
		for n := 1.0; n <= 20; n++ {
			formant := math.Exp(-math.Pow((n*120-600)/300, 2)) + 0.5*math.Exp(-math.Pow((n*120-1500)/400, 2))
			buzz += (0.02 + formant) * math.Sin(n*phase)
		}
		pcm[i] += float32(0.1 * buzz * (0.6 + 0.4*math.Sin(2*math.Pi*4*t)))
	}
	return mediatest.EncodeOpus(pcm, false)
}
