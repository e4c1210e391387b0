package analysis

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"time"
)

// FileSound says whose sound a foreign file holds. Exports of video calls mix
// everybody into one track; who speaks cannot be told from that, and is not
// guessed.
type FileSound string

// The kinds of sound of a foreign file.
const (
	SoundMixed FileSound = "mixed" // of several people, or not known; "" is the same: nothing is measured
	SoundOne   FileSound = "one"   // of the person in the picture alone
	SoundLeft  FileSound = "left"  // stereo: the person in the picture on the left, somebody else on the right
	SoundRight FileSound = "right" // stereo: the other way round
)

// FileSounds lists every kind.
var FileSounds = []FileSound{SoundMixed, SoundOne, SoundLeft, SoundRight}

// otherPerson stands for who is heard beside the person in the picture.
const otherPerson = "other"

// foreignBlock is how much sound is given at once, in values of one channel.
const foreignBlock = SoundRate / 50

// foreignSound is the sound of a foreign file, as ffmpeg decodes it.
type foreignSound struct {
	cmd      *exec.Cmd
	out      *bufio.Reader
	channels int
	given    int // values of one channel
	ended    bool
}

// openForeignSound begins to decode the file's sound, or tells the detectors of
// wider scope that there is none to measure.
func (o *offline) openForeignSound(ctx context.Context, path string) error {
	if o.scene == nil {
		return nil
	}
	switch o.opts.Sound {
	case SoundOne, SoundLeft, SoundRight:
	default:
		return o.scene.UnknownVoice(o.opts.Participant, roleCandidate, o.start)
	}
	channels := 2
	if o.opts.Sound == SoundOne {
		channels = 1
	}
	// Silence is put in where the sound begins after the pictures, or has holes.
	cmd := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-nostdin", "-i", "file:"+path, "-map", "0:a:0", "-vn",
		"-af", "aresample=async=1:first_pts=0", "-ac", fmt.Sprint(channels), "-ar", fmt.Sprint(SoundRate), "-f", "f32le", "-")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting ffmpeg for the sound: %w", err)
	}
	o.foreign = &foreignSound{cmd: cmd, out: bufio.NewReaderSize(out, 1<<16), channels: channels}
	err = o.scene.OpenVoice(o.opts.Participant, roleCandidate, o.start)
	if channels == 2 {
		err = errors.Join(err, o.scene.OpenVoice(otherPerson, roleInterviewer, o.start))
	}
	return err
}

// foreignUpTo gives the file's sound up to a time of the interview.
func (o *offline) foreignUpTo(at time.Duration) error {
	f := o.foreign
	for f != nil && !f.ended {
		begins := o.start + time.Duration(f.given)*time.Second/SoundRate
		if begins > at {
			break
		}
		raw := make([]byte, 4*f.channels*foreignBlock)
		n, err := io.ReadFull(f.out, raw)
		if err != nil {
			f.ended = true
		}
		values := n / (4 * f.channels)
		sides := [2][]float32{make([]float32, values), make([]float32, values)}
		for i := range values * f.channels {
			sides[i%f.channels][i/f.channels] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		mine, others := sides[0], sides[1]
		if o.opts.Sound == SoundRight {
			mine, others = others, mine
		}
		if values > 0 {
			if err := o.scene.Sound(o.opts.Participant, roleCandidate, begins, mine, false, false); err != nil {
				return err
			}
			if f.channels == 2 {
				if err := o.scene.Sound(otherPerson, roleInterviewer, begins, others, false, false); err != nil {
					return err
				}
			}
		}
		f.given += values
	}
	if o.scene == nil {
		return nil
	}
	if o.failed != nil {
		return o.failed
	}
	return o.scene.Advance(at)
}

// closeForeignSound ends the decoding.
func (o *offline) closeForeignSound() {
	if o.foreign != nil {
		io.Copy(io.Discard, o.foreign.out)
		_ = o.foreign.cmd.Wait() // a file without sound was given out as such
	}
}
