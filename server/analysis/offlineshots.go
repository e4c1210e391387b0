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

// shotLooks are the times after a cut at which pictures are searched for faces:
// soon after it, since shots may be short, then now and then.
var shotLooks = []time.Duration{
	300 * time.Millisecond, 700 * time.Millisecond, 1200 * time.Millisecond, 2 * time.Second, 4 * time.Second, 10 * time.Second, 30 * time.Second,
}

const (
	// lookAgain is the time between two looks after the last of shotLooks.
	lookAgain = 30 * time.Second
	// maxLooks bounds the looks at one shot, at which they reach 4 hours.
	maxLooks = 480
)

// lookDue is when after a cut the n-th look at the shot is due, from 0.
func lookDue(n int) time.Duration {
	last := len(shotLooks) - 1
	if n <= last {
		return shotLooks[n]
	}
	return shotLooks[last] + time.Duration(n-last)*lookAgain
}

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
	f.end(delay + time.Duration(pictures)*time.Second/foreignRate)
	return f.finish()
}

// end ends the last shot with the file. A fade may be over only after that.
func (f *shotFinder) end(at time.Duration) {
	last := &f.seen[len(f.seen)-1]
	last.from, last.to = min(last.from, at), at
}

// picture looks for a cut before a picture, and for faces in it when that is due.
func (f *shotFinder) picture(frame *vision.Frame) error {
	if from, to, ok := f.cuts.add(frame.Image, frame.At); ok {
		f.seen = cutShot(f.seen, from, to)
	}
	s := &f.seen[len(f.seen)-1]
	if n := len(s.looks); n >= maxLooks || frame.At-s.from < lookDue(n) {
		return nil
	}
	faces, err := f.e.stage.Detect(frame)
	if err != nil {
		return fmt.Errorf("finding faces at %v: %w", frame.At, err)
	}
	look := seenFaces{at: frame.At}
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
			look.largest = look.largest || i == 0
			look.faces = append(look.faces, seenFace{v.Vector, shareOf(faces[i].Box, frame)})
		}
	}
	s.looks = append(s.looks, look)
	return nil
}

// shareOf is a box in shares of a picture's width and height.
func shareOf(b vision.Rect, f *vision.Frame) vision.Rect {
	w, h := float64(f.Width()), float64(f.Height())
	return vision.Rect{X0: b.X0 / w, Y0: b.Y0 / h, X1: b.X1 / w, Y1: b.Y1 / h}
}

// finish says whom the shots show. A recording without a cut shows one person,
// or several side by side all the time: then all of it is measured, near the
// person's place where that is known, or else on the largest face.
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
		if len(s.seats) == 0 {
			o.show(s.reason(), s.Several, vision.Rect{}, s.From)
		}
		for k := range s.seats {
			at := &s.seats[k]
			at.from, at.to = at.from+start, at.to+start
			o.show("", true, at.near, at.from)
			if k+1 < len(s.seats) {
				// Between two places nobody knows when the one became the other.
				o.show(evidence.ReasonVague, true, vision.Rect{}, at.to+time.Millisecond)
			}
		}
		if i+1 < len(o.result.Shots) {
			// The last picture of a shot is its own; those of a fade are nobody's.
			o.show(evidence.ReasonVague, false, vision.Rect{}, s.To+time.Millisecond)
		}
	}
}

// show has the pipeline told at a time whom the pictures show from then on.
func (o *offline) show(why evidence.Reason, several bool, near vision.Rect, at time.Duration) {
	o.events = append(o.events, event{at, func(p *Pipeline) error { return p.SetShown(why, several, near, at) }})
}

// SetShown tells whom the pictures show from this time on: the participant, with
// "", or nobody who is to be measured, with the reason. several tells that they
// show other people too, as in the tiles of a call: how many they are says
// nothing of the participant, who is near a place in them, in shares of their
// width and height. Whoever was followed is searched for anew.
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
