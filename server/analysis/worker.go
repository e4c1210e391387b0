package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

// entry waits for the worker: a picture of a source, the time of one that was
// dropped, or something to do.
type entry struct {
	key     string
	track   uint16
	frame   *vision.Frame
	dropped time.Duration
	do      func() error
	// sound is done like do, unless too much sound waits; then lost is.
	sound, lost func() error
}

// maxEntries bounds the inbox. Only pictures are replaced by newer ones; so
// much else does not come in the time in which the parent gives up on a child.
const maxEntries = 4096

// inbox keeps the order of what waits. Of each source only the newest picture
// waits: of an older one that was not taken only its time is kept.
type inbox struct {
	mu      sync.Mutex
	entries []entry
	sounds  int // of the entries
	closed  bool
	failed  error
	ready   chan struct{}
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

// put adds an entry at the end.
func (b *inbox) put(e entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.frame != nil {
		for i, old := range b.entries {
			if old.frame != nil && old.key == e.key {
				b.entries[i].frame, b.entries[i].dropped = nil, old.frame.At
				break
			}
		}
	}
	if e.sound != nil {
		if b.sounds++; b.sounds > maxSounds {
			e.sound, b.sounds = e.lost, maxSounds
		}
	}
	if len(b.entries) >= maxEntries {
		b.failed = fmt.Errorf("analysis process: %d messages wait to be handled", len(b.entries))
	} else {
		b.entries = append(b.entries, e)
	}
	b.wake()
}

// close lets the worker end when everything is done, or at once with an error.
func (b *inbox) close(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.failed = errors.Join(b.failed, err)
	b.wake()
}

func (b *inbox) wake() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// take gives the next entry, or io.EOF after the last.
func (b *inbox) take(ctx context.Context) (e entry, err error) {
	for {
		b.mu.Lock()
		switch {
		case b.failed != nil:
			err = b.failed
		case len(b.entries) > 0:
			e = b.entries[0]
			b.entries[0] = entry{}
			b.entries = b.entries[1:]
			if e.sound != nil {
				b.sounds--
			}
		case b.closed:
			err = io.EOF
		default:
			b.mu.Unlock()
			select {
			case <-b.ready:
				continue
			case <-ctx.Done():
				return e, ctx.Err()
			}
		}
		b.mu.Unlock()
		return e, err
	}
}

// work measures what waits until there is no more.
func (c *child) work(ctx context.Context) error {
	for {
		e, err := c.inbox.take(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s := c.sources[e.key]
		current := s != nil && s.track == e.track
		switch {
		case e.do != nil:
			err = e.do()
		case e.sound != nil:
			if c.scene != nil {
				err = e.sound()
			}
		case current && e.frame != nil:
			err = s.pipe.Frame(e.frame)
		case current:
			s.pipe.Dropped(e.dropped)
			if c.scene != nil {
				c.scene.DropPicture(e.dropped)
			}
		}
		if err != nil {
			return fmt.Errorf("analysis process: %w", err)
		}
	}
}

// begin loads the models and tells that they are ready.
func (c *child) begin(h hello) (err error) {
	c.gate = h.Gate
	if c.engine, err = newEngine(c.set, h.Config); err != nil {
		return err
	}
	c.say(result{Say: sayReady, Models: c.engine.all()})
	return nil
}

// source makes the pipeline of a source, or joins a new track to it.
func (c *child) source(open openTrack, track uint16, connected bool, at time.Duration) error {
	if open.Role == roleCandidate {
		if err := c.openScene(open.Participant, at); err != nil {
			return err
		}
	}
	if isSound(open.Source) {
		return nil
	}
	key := open.Participant + "|" + open.Source
	s := c.sources[key]
	if s == nil {
		sub := evidence.Subject{
			Interview: c.hello.Interview, Participant: open.Participant, Source: open.Source, Run: c.hello.Run,
			Models: c.engine.models(),
		}
		pipe, err := NewPipeline(c.hello.Config, c.engine.tracker(), sub, c.gate, at, Emit{
			Finding:    func(f evidence.Finding) { c.say(result{Say: sayFinding, Finding: &f}) },
			Coverage:   func(cs []evidence.Coverage) { c.say(result{Say: sayCoverage, Coverage: cs}) },
			Still:      func(_ evidence.Still, jpeg []byte) { c.send(msgStill, jpeg) },
			Series:     func(all []evidence.Series) { c.say(result{Say: saySeries, Series: all}) },
			StepHint:   func(h evidence.StepHint) { c.say(result{Say: sayHint, Hint: &h}) },
			StepResult: c.sayStep,
			Enrolled:   func(e evidence.EnrolledPayload) { c.say(result{Say: sayEnrolled, Enrolled: &e}) },
			Compared:   func(e evidence.ComparedPayload) { c.say(result{Say: sayCompared, Compared: &e}) },
			Template:   func(t evidence.FaceTemplate) { c.say(result{Say: sayTemplate, Template: &t}) },
			Faces:      c.facesOf(open.Role),
		})
		if err != nil {
			return err
		}
		s = &childSource{pipe: pipe}
		c.sources[key] = s
		c.order = append(c.order, s)
	}
	s.track = track
	if open.Absent {
		return s.pipe.SetAbsent(at) // the detectors of wider scope begin without a camera
	}
	c.cameraComes(connected, at)
	return s.pipe.SetConnected(connected, at)
}

// cameraComes tells the detectors of wider scope whether there is a camera.
func (c *child) cameraComes(connected bool, at time.Duration) {
	switch {
	case c.scene == nil:
	case connected:
		c.scene.SetCamera("", at)
	default:
		c.scene.SetCamera(evidence.ReasonDisconnected, at)
	}
}

// facesOf passes the candidate's faces on to the detectors of wider scope.
func (c *child) facesOf(role string) func(FaceReading) {
	if role != roleCandidate || !c.hello.Config.wide() {
		return nil
	}
	return func(r FaceReading) {
		if err := c.scene.Faces(r); err != nil {
			c.inbox.close(err)
		}
	}
}

// closed tells a source that its newest track has ended.
func (c *child) closed(t *childTrack, at time.Duration) error {
	t.close()
	s := c.sources[t.key]
	if s == nil || s.track != t.handle {
		return nil
	}
	if err := s.pipe.SetMuted(false, at); err != nil {
		return err
	}
	c.cameraComes(false, at)
	return s.pipe.SetConnected(false, at)
}

func (c *child) setGate(g Gate, at time.Duration) error {
	c.gate = g
	for _, s := range c.order {
		if err := s.pipe.SetGate(g, at); err != nil {
			return err
		}
	}
	if c.scene != nil {
		return c.scene.SetGate(g, at)
	}
	return nil
}

// finish gives out everything.
func (c *child) finish(at time.Duration) error {
	var stats Stats
	for _, s := range c.order {
		if err := s.pipe.Finish(at); err != nil {
			return err
		}
		stats = stats.plus(s.pipe.Stats())
	}
	if c.scene != nil {
		if err := c.scene.Finish(at); err != nil {
			return err
		}
		stats = stats.plus(c.scene.Stats())
	}
	c.say(result{Say: sayAlive, Stats: stats})
	c.say(result{Say: sayFinished, Stats: stats})
	return nil
}

// plus adds counts.
func (s Stats) plus(o Stats) Stats {
	s.Pictures += o.Pictures
	s.Searched += o.Searched
	s.Landmarks += o.Landmarks
	s.Damaged += o.Damaged
	s.Late += o.Late
	s.Dropped += o.Dropped
	s.Packets += o.Packets
	s.Slowed = max(s.Slowed, o.Slowed)
	s.Sounds += o.Sounds
	s.SoundDropped += o.SoundDropped
	return s
}
