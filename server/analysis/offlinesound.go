package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/webm"
)

// OtherSound is the recording of another participant of the interview, of which
// only the sound is measured, for detectors of wider scope.
type OtherSound struct {
	Path              string
	Participant, Role string
	Offset            time.Duration // interview time of its beginning, as in Options
}

// beginScene makes the detectors of wider scope, if there are any.
func (o *offline) beginScene(e *engine, start time.Duration) (err error) {
	if !o.opts.Config.wide() {
		return nil
	}
	o.scene, err = NewScenePipeline(o.opts.Config, e.set, e.modelsOf, evidence.Subject{
		Interview: o.opts.Interview, Participant: o.opts.Participant, Run: o.opts.Run,
	}, o.opts.Gate, start, o.emit())
	if err != nil {
		return err
	}
	for _, m := range o.opts.Truth.Marks {
		err = errors.Join(err, o.scene.Add(m))
	}
	for _, f := range o.opts.Truth.Facts {
		err = errors.Join(err, o.scene.Add(f))
	}
	for _, m := range o.opts.Truth.VoiceMutes {
		role := o.roleOf(m.Participant)
		err = errors.Join(err, o.scene.MuteVoice(m.Participant, role, true, m.From), o.scene.MuteVoice(m.Participant, role, false, m.To))
	}
	return err
}

func (o *offline) roleOf(participant string) string {
	if participant == o.opts.Participant {
		return roleCandidate
	}
	return roleInterviewer
}

// soundFile is a recording whose sound is read beside the candidate's.
type soundFile struct {
	of      OtherSound
	reader  *webm.Reader
	track   int
	voice   voiceDecoder
	pending *webm.Block // read, and not yet due
	ended   bool
}

// openOthers opens the recordings of the other participants. One without sound
// is left out.
func (o *offline) openOthers() error {
	if o.scene == nil {
		return nil
	}
	for _, of := range o.opts.Others {
		r, err := o.open(of.Path)
		if err != nil {
			return fmt.Errorf("the sound of another participant: %w", err)
		}
		if of.Offset == 0 {
			of.Offset = r.Header().Start
		}
		f := &soundFile{of: of, reader: r, track: soundTrack(r.Header())}
		o.others = append(o.others, f)
		if f.track == 0 {
			f.ended = true
			continue
		}
		if f.voice.opus, err = codec.NewOpusDecoder(); err != nil {
			return err
		}
		if err := o.scene.OpenVoice(of.Participant, of.Role, of.Offset); err != nil {
			return err
		}
	}
	return nil
}

// soundTrack is the number of a file's first track of Opus; 0 without one.
func soundTrack(h webm.Header) int {
	for _, t := range h.Tracks {
		if t.Codec == webm.Opus {
			return t.Number
		}
	}
	return 0
}

// othersUpTo gives the others' sound up to an interview time.
func (o *offline) othersUpTo(ctx context.Context, at time.Duration) error {
	for _, f := range o.others {
		for !f.ended {
			if err := ctx.Err(); err != nil {
				return err
			}
			if f.pending == nil {
				b, err := f.reader.Next()
				if errors.Is(err, io.EOF) {
					f.ended = true
					if err := o.scene.CloseVoice(f.of.Participant, f.of.Role, f.voice.next); err != nil {
						return err
					}
					break
				}
				if err != nil {
					return fmt.Errorf("the sound of another participant: %w", err)
				}
				f.pending = &b
			}
			if f.of.Offset+f.pending.At > at {
				break
			}
			b := *f.pending
			f.pending = nil
			if b.Track == f.track {
				if err := o.giveSound(&f.voice, f.of.Participant, f.of.Role, b.Data, f.of.Offset+b.At); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// sceneUpTo tells the detectors of wider scope of everything before a time.
func (o *offline) sceneUpTo(ctx context.Context, at time.Duration) error {
	if o.failed != nil {
		return o.failed
	}
	if err := o.othersUpTo(ctx, at); err != nil {
		return err
	}
	return o.scene.Advance(at)
}

// giveSound decodes a packet of a recording. What was lost is a hole in its
// times; that the packet before announced silence tells it from one that the
// sender meant.
func (o *offline) giveSound(v *voiceDecoder, participant, role string, packet []byte, at time.Duration) error {
	for _, r := range v.decode(packet, at, false) {
		if err := o.scene.Sound(participant, role, r.at, r.pcm, r.lost, r.dtx); err != nil {
			return err
		}
	}
	return nil
}

func (o *offline) closeOthers() {
	for _, f := range o.others {
		f.reader.Close()
	}
}

// open opens a recording of ours.
func (o *offline) open(path string) (*webm.Reader, error) {
	if o.opts.Open != nil {
		return o.opts.Open(path)
	}
	return webm.Open(path)
}
