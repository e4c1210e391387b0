package analysis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/identity"
)

// Pictures of a shot that are searched for faces: soon after the cut, since
// shots may be short, then now and then.
var shotLooks = []time.Duration{300, 700, 1200, 2000, 4000, 10_000, 30_000}

// shotMinIOD is the distance between the eyes in pixels from which a face in a
// shot is recognised. It is less than what identity.Gate wants: a face that is
// missed here is not measured, and never taken for another's.
const shotMinIOD = 24

// shotsEffort is about the share of an analysis that the search for shots takes.
const shotsEffort = 0.2

// shotFinder goes through a foreign recording before it is measured.
type shotFinder struct {
	o        *offline
	e        *engine
	embedder *identity.Embedder
	gate     identity.Gate
	cuts     cutFinder
	seen     []seenShot
}

// findShots looks for cuts in a foreign recording, and for whom it shows between
// them.
func (o *offline) findShots(ctx context.Context, path string, e *engine) (err error) {
	total, delay, err := probeVideo(ctx, path)
	if err != nil {
		return err
	}
	f := &shotFinder{o: o, e: e, embedder: e.embedder, gate: identity.Gate{MinIOD: shotMinIOD}.Defaults(), seen: []seenShot{{from: 0}}}
	if f.embedder == nil {
		if f.embedder, err = identity.NewEmbedder(e.set); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.embedder.Close()) }()
	}
	pictures, _, err := decodeForeign(ctx, path, func(n int, frame *vision.Frame) error {
		frame.At = delay + time.Duration(n)*time.Second/foreignRate
		o.progress(time.Duration(float64(frame.At)*shotsEffort), total, false)
		return f.picture(o.opts.Region.cut(frame))
	})
	if err != nil {
		return err
	}
	f.seen[len(f.seen)-1].to = delay + time.Duration(pictures)*time.Second/foreignRate
	return f.finish()
}

// picture looks for a cut before a picture, and for faces in it when that is due.
func (f *shotFinder) picture(frame *vision.Frame) error {
	if from, to, ok := f.cuts.add(frame.Image, frame.At); ok {
		f.seen = cutShot(f.seen, from, to)
	}
	s := &f.seen[len(f.seen)-1]
	if n := len(s.looks); n >= len(shotLooks) || frame.At-s.from < shotLooks[n]*time.Millisecond {
		return nil
	}
	faces, err := f.e.stage.Detect(frame)
	if err != nil {
		return fmt.Errorf("finding faces at %v: %w", frame.At, err)
	}
	var look seenFaces
	for i := range faces {
		if !faces[i].Confirmed() || faces[i].Box.Height() < sideShare*faces[0].Box.Height() {
			continue
		}
		look.count++
		if f.gate.Check(&faces[i]) != "" {
			continue
		}
		v, err := f.embedder.Embed(frame, &faces[i], identity.Whole)
		if err != nil {
			return fmt.Errorf("comparing faces at %v: %w", frame.At, err)
		}
		if f.gate.CheckEmbedding(v) == "" {
			look.faces = append(look.faces, seenFace{v.Vector, faces[i].Box})
		}
	}
	s.looks = append(s.looks, look)
	return nil
}

// finish says whom the shots show. A recording without a cut shows one person,
// or several side by side all the time, and is measured as it is.
func (f *shotFinder) finish() error {
	who, err := whoIsMeant(f.seen, f.o.opts.ShownAt)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrShownAt, err)
	}
	f.o.result.Shots = shotsOf(f.seen, who)
	if len(f.seen) == 1 {
		f.o.result.Shots[0].Shows = ShownPerson
	}
	return nil
}

// ErrShownAt is wrapped by the errors of a time at which nobody is shown.
var ErrShownAt = errors.New("the time at which the person is shown")

// followShots has the pipeline measure the shots that show the person alone.
func (o *offline) followShots(start time.Duration) {
	for i := range o.result.Shots {
		s := &o.result.Shots[i]
		s.From, s.To = s.From+start, s.To+start
		why, several, near, from := s.reason(), s.Several, s.near, s.From
		o.events = append(o.events, event{from, func(p *Pipeline) error { return p.SetShown(why, several, near, from) }})
		if i+1 < len(o.result.Shots) {
			// The last picture of a shot is its own; those of a fade are nobody's.
			end := s.To + time.Millisecond
			o.events = append(o.events, event{end, func(p *Pipeline) error {
				return p.SetShown(evidence.ReasonVague, false, vision.Rect{}, end)
			}})
		}
	}
}

// SetShown tells whom the pictures show from this time on: the participant, with
// "", or nobody who is to be measured, with the reason. several tells that they
// show other people too, as in the tiles of a call: how many they are says
// nothing of the participant, who is near a place in them. Whoever was followed
// is searched for anew.
func (p *Pipeline) SetShown(why evidence.Reason, several bool, near vision.Rect, at time.Duration) error {
	at = max(at, p.now)
	if err := p.Advance(at); err != nil {
		return err
	}
	p.shown = why
	p.tiles = several
	p.track.Reset()
	if t, ok := p.track.(interface{ Near(vision.Rect) }); ok {
		t.Near(near)
	}
	p.searched = false
	return nil
}

// unshown reads a picture that does not show the participant.
func (p *Pipeline) unshown(f *vision.Frame) error {
	if f.At < p.nextPic {
		return nil
	}
	p.nextPic = f.At.Truncate(p.cfg.DetectEvery) + p.cfg.DetectEvery
	p.lastPic = f.At
	at := f.At.Milliseconds()
	p.refresh(at)
	if err := run(&p.laneSet, p.link, LinkReading{AtMS: at, Reason: p.shown}, nil); err != nil {
		return err
	}
	err := p.blind(at, p.shown, nil)
	p.flush()
	return err
}
