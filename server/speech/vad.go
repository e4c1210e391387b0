package speech

import (
	"fmt"
	"math"
	"time"

	"bonafide/models"
	"bonafide/server/media"
)

// Rate is the rate at which speech is looked for, in values per second.
const Rate = 16000

// FrameLen is the length of a Frame: 512 values, as the model was made for.
const FrameLen = frameSize * time.Second / Rate

const (
	frameSize   = 512
	contextSize = 64 // values of the frame before that the model wants to see

	// bridge is the longest hole in the sound that the model is led across with
	// silence put in. It is under the shortest word, and five packets long.
	bridge = 100 * time.Millisecond
	// jump is by how much the time of a block may differ from the end of the
	// one before without being a hole: clock corrections move it a little.
	jump = 10 * time.Millisecond
)

// Frame is what was found in 32 ms of sound.
type Frame struct {
	At      time.Duration // interview time of the first value
	Prob    float64       // that there is speech, 0 to 1
	Level   float64       // root mean square, dB below full scale; -100 at most silence
	Missing float64       // share of it that did not arrive, 0 to 1
}

// VAD finds speech on one track with the Silero model, which looks at the
// sound alone: no level that a sender claims is used. One goroutine owns it.
type VAD struct {
	session *models.Session

	started bool
	end     time.Duration // after the newest input
	values  []float32     // 16 kHz values that wait for their frame
	heard   []bool        // likewise: did it arrive
	context [contextSize]float32
	state   []float32
}

// NewVAD loads the model. Its sha256 was checked against the manifest.
func NewVAD(set *models.Set) (*VAD, error) {
	s, err := set.Session(models.SpeechVAD)
	if err != nil {
		return nil, fmt.Errorf("loading voice activity detection: %w", err)
	}
	return &VAD{session: s, state: make([]float32, 2*128)}, nil
}

// Close frees the model.
func (v *VAD) Close() error { return v.session.Close() }

// Reset forgets the past: another microphone, or a hole.
func (v *VAD) Reset() {
	v.started = false
	v.values, v.heard = v.values[:0], v.heard[:0]
	v.context = [contextSize]float32{}
	clear(v.state)
}

// Add takes the next block of a track, at Rate, and gives the frames that
// are complete, in order of time. Blocks that are marked as filled, and holes
// between blocks, count as missing; where they are short the frames go on
// across them, else the model begins anew after them.
func (v *VAD) Add(b media.Block) ([]Frame, error) {
	if b.Rate != Rate {
		return nil, fmt.Errorf("voice activity detection: sound has %d values per second, must have %d", b.Rate, Rate)
	}
	hole := b.At - v.end
	switch {
	case b.Filled && (!v.started || b.Duration() > bridge):
		v.Reset()
		return nil, nil
	case v.started && (hole > bridge || hole < -bridge):
		v.Reset()
	case v.started && hole > jump:
		v.take(make([]float32, int(hole*Rate/time.Second)), false)
	}
	v.take(b.PCM, !b.Filled)
	v.started, v.end = true, b.At+b.Duration()
	return v.frames()
}

// take keeps values, and whether they arrived.
func (v *VAD) take(pcm []float32, heard bool) {
	v.values = append(v.values, pcm...)
	for range pcm {
		v.heard = append(v.heard, heard)
	}
}

// frames runs the model over the frames that are complete.
func (v *VAD) frames() (out []Frame, err error) {
	for len(v.values) >= frameSize {
		at := v.end - time.Duration(len(v.values))*time.Second/Rate
		f := Frame{At: max(at, 0)}
		values := v.values[:frameSize]
		square, missing := 0.0, 0
		for i, x := range values {
			square += float64(x) * float64(x)
			if !v.heard[i] {
				missing++
			}
		}
		f.Level = max(10*math.Log10(square/frameSize+1e-10), -100)
		f.Missing = float64(missing) / frameSize
		if f.Prob, err = v.run(values); err != nil {
			return out, err
		}
		out = append(out, f)
		v.values = append(v.values[:0], v.values[frameSize:]...)
		v.heard = append(v.heard[:0], v.heard[frameSize:]...)
	}
	return out, nil
}

// run is one step of the model: what it saw last, the new values, and its state.
func (v *VAD) run(values []float32) (float64, error) {
	in := v.session.Input(0)
	copy(in, v.context[:])
	copy(in[contextSize:], values)
	copy(v.session.Input(1), v.state)
	out, err := v.session.Run()
	if err != nil {
		return 0, fmt.Errorf("voice activity detection: %w", err)
	}
	copy(v.state, out[1])
	copy(v.context[:], values[frameSize-contextSize:])
	return float64(out[0][0]), nil
}
