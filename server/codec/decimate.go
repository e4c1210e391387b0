package codec

import "math"

// Decimation of sound from 48 to 16 kHz by a windowed-sinc low-pass filter:
// flat up to 6.4 kHz, 6 dB down at 7.2 kHz, and below -60 dB from 8.5 kHz on.
const (
	decimateBy   = 3
	decimateTaps = 96 // a delay of 1 ms
	decimateHz   = 7200
)

var decimateKernel = lowPass(decimateTaps, decimateHz, OpusRate)

// lowPass gives the taps of a filter of unit gain with a Blackman window.
func lowPass(taps int, cutoff, rate float64) []float32 {
	out, sum := make([]float64, taps), 0.0
	for i := range out {
		x := float64(i) - float64(taps-1)/2
		window := 0.42 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(taps)) + 0.08*math.Cos(4*math.Pi*(float64(i)+0.5)/float64(taps))
		f := 2 * cutoff / rate
		sinc := f
		if x != 0 {
			sinc = math.Sin(math.Pi*f*x) / (math.Pi * x)
		}
		out[i] = window * sinc
		sum += out[i]
	}
	kernel := make([]float32, taps)
	for i, v := range out {
		kernel[i] = float32(v / sum)
	}
	return kernel
}

// Decimator turns sound at 48 kHz into sound at 16 kHz, block by block. One
// goroutine owns it. The zero value is ready for use.
type Decimator struct {
	history []float32 // the newest values, and what of a block did not fill a step
}

// Next gives the values at 16 kHz that another block completes: a third as
// many, give or take one. They lag behind by 1 ms.
func (d *Decimator) Next(pcm []float32) []float32 {
	if d.history == nil {
		d.history = make([]float32, decimateTaps-decimateBy, 4096)
	}
	d.history = append(d.history, pcm...)
	out := make([]float32, 0, len(pcm)/decimateBy+1)
	at := 0
	for ; at+decimateTaps <= len(d.history); at += decimateBy {
		var sum float32
		for i, tap := range decimateKernel {
			sum += tap * d.history[at+i]
		}
		out = append(out, sum)
	}
	d.history = append(d.history[:0], d.history[at:]...)
	return out
}

// Reset forgets what came before, for sound that does not follow on it.
func (d *Decimator) Reset() { d.history = nil }
