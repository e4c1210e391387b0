package codec_test

import (
	"math"
	"testing"

	"bonafide/server/codec"
)

// TestDecimator measures what is left of tones, in blocks of uneven length.
func TestDecimator(t *testing.T) {
	for hz, want := range map[float64][2]float64{ // the gain in dB is between
		200: {-0.1, 0.1}, 3000: {-0.1, 0.1}, 6000: {-1, 0.1}, 9000: {-200, -50}, 12000: {-200, -60}, 20000: {-200, -60},
	} {
		in := make([]float32, 48000)
		for i := range in {
			in[i] = float32(math.Sin(2 * math.Pi * hz * float64(i) / 48000))
		}
		var d codec.Decimator
		var out []float32
		for at, n := 0, 100; at < len(in); at, n = at+n, 100+(n*7)%900 {
			out = append(out, d.Next(in[at:min(at+n, len(in))])...)
		}
		if len(out) < 15999 || len(out) > 16001 {
			t.Errorf("%g Hz: %d values of 48000, want a third", hz, len(out))
		}
		sum := 0.0
		for _, v := range out[1000:15000] {
			sum += float64(v) * float64(v)
		}
		gain := 10 * math.Log10(sum/14000/0.5+1e-30)
		if gain < want[0] || gain > want[1] {
			t.Errorf("%g Hz: %.1f dB are left, want %g to %g", hz, gain, want[0], want[1])
		}
	}
}
