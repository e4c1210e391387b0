package analysis

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
)

// lag is by how much the time at which a silent source is read trails the
// clock: pictures wait in the jitter buffer for up to 300 ms, and are decoded
// and measured after it.
const lag = 600 * time.Millisecond

// aliveEvery is how often the coverage going on is told.
const aliveEvery = time.Second

// RunChild is the analysis process of one live interview, or of one photograph:
// what the hidden subcommand runs on its standard input and output. It loads the models of
// modelsDir, measures with the detectors, and returns when it was told to
// finish, when in ends, or with the error that makes it useless.
func RunChild(ctx context.Context, in io.Reader, out io.Writer, modelsDir string, detectors []Descriptor, log *slog.Logger, steps ...StepDescriptor) error {
	set, err := models.Open(modelsDir)
	if err != nil {
		return err
	}
	defer set.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &child{
		detectors: detectors, steps: steps, log: log, inbox: newInbox(), out: bufio.NewWriterSize(out, 64<<10),
		in: bufio.NewReaderSize(in, 64<<10), set: set, tracks: map[uint16]*childTrack{},
		sounds: map[uint16]*childSound{}, newest: map[string]uint16{}, voices: map[string]func(*ScenePipeline, time.Duration) error{},
		sources: map[string]*childSource{}, clocks: map[string]*media.ParticipantClock{},
	}
	defer c.close()
	work := make(chan error, 1)
	go func() {
		err := c.work(ctx)
		work <- err
		cancel()
	}()
	err = c.read(ctx)
	c.inbox.close(err)
	if w := <-work; w != nil {
		return w
	}
	return err
}

// child is the state of the analysis process. Reading, unpacking and decoding
// is one goroutine's; measuring and telling is another's; between them is the
// inbox, which keeps only the newest picture of each source.
type child struct {
	detectors []Descriptor
	steps     []StepDescriptor
	log       *slog.Logger
	set       *models.Set
	in        *bufio.Reader
	inbox     *inbox

	// The reader's.
	hello  *hello
	tracks map[uint16]*childTrack
	sounds map[uint16]*childSound
	clocks map[string]*media.ParticipantClock // by participant

	// The worker's.
	sources map[string]*childSource // by participant and source
	order   []*childSource
	scene   *ScenePipeline                                       // of wider scope; nil before the candidate is there, or where there are no detectors for it
	voices  map[string]func(*ScenePipeline, time.Duration) error // how to open those that are open, by participant
	newest  map[string]uint16                                    // the newest microphone of a participant
	engine  *engine
	gate    Gate
	told    time.Duration // when alive was told last
	failure error

	outMu sync.Mutex
	out   *bufio.Writer
}

// childSource is a source and its pipeline. It outlives its tracks.
type childSource struct {
	pipe  *Pipeline
	track uint16 // the newest
}

func (c *child) close() {
	for _, t := range c.tracks {
		t.close()
	}
	for _, t := range c.sounds {
		t.close()
	}
	if c.scene != nil {
		c.scene.close()
	}
	if c.engine != nil {
		c.engine.close()
	}
}

// say tells the parent.
func (c *child) say(r result) { c.send(msgResult, encode(r)) }

func (c *child) send(kind byte, payload []byte) {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	// The bufio.Writer keeps its first error, and the worker looks at it.
	writeMessage(c.out, kind, payload)
	c.out.Flush()
}

// read takes what the parent sends until finish or the end of the stream.
func (c *child) read(ctx context.Context) error {
	for ctx.Err() == nil {
		kind, payload, err := readMessage(c.in)
		if errors.Is(err, io.EOF) {
			return errors.New("analysis process: the server is gone")
		}
		if err != nil {
			return fmt.Errorf("analysis process: %w", err)
		}
		if kind == msgRTP || kind == msgSound {
			if err := c.packet(payload); err != nil {
				return err
			}
			continue
		}
		if kind == msgPicture && c.hello == nil {
			return c.picture(payload)
		}
		var ctl control
		if kind != msgControl {
			return fmt.Errorf("analysis process: message of unknown type %q", kind)
		}
		if err := json.Unmarshal(payload, &ctl); err != nil {
			return fmt.Errorf("analysis process: reading a control: %w", err)
		}
		finished, err := c.control(ctl)
		if err != nil || finished {
			return err
		}
	}
	return nil
}

// packet unpacks an RTP packet and passes on the pictures it completes.
func (c *child) packet(payload []byte) error {
	if len(payload) < rtpHeader {
		return fmt.Errorf("analysis process: packet message of %d bytes, must be at least %d", len(payload), rtpHeader)
	}
	handle := binary.BigEndian.Uint16(payload)
	t, sound := c.tracks[handle], c.sounds[handle]
	if t == nil && sound == nil {
		return nil // closed meanwhile
	}
	arrival := time.Duration(binary.BigEndian.Uint64(payload[2:]))
	var p rtp.Packet
	if err := p.Unmarshal(payload[rtpHeader:]); err != nil {
		return nil // the relay parsed it before; what this does not read is of no use
	}
	if sound != nil {
		sound.push(&p, arrival)
	} else {
		t.push(&p, arrival)
	}
	return nil
}

// control does what the parent tells.
func (c *child) control(ctl control) (finished bool, err error) {
	if c.hello == nil && ctl.Do != doHello {
		return false, fmt.Errorf("analysis process: %q came before %q", ctl.Do, doHello)
	}
	if sound := c.sounds[ctl.Track]; sound != nil {
		if done, err := c.controlSound(sound, ctl); done || err != nil {
			return false, err
		}
	}
	t := c.tracks[ctl.Track]
	switch ctl.Do {
	case doHello:
		if ctl.Hello == nil {
			return false, errors.New("analysis process: hello is empty")
		}
		c.hello = ctl.Hello
		c.hello.Config.Detectors, c.hello.Config.Steps = c.detectors, c.steps
		h := *c.hello
		c.inbox.put(entry{do: func() error { return c.begin(h) }})
	case doSource, doOpen:
		return false, c.open(ctl)
	case doGate:
		if ctl.Gate != nil {
			c.inbox.put(entry{do: func() error { return c.setGate(*ctl.Gate, ctl.At) }})
		}
	case doClose:
		if t != nil {
			delete(c.tracks, ctl.Track)
			t.end(ctl.At)
			c.inbox.put(entry{do: func() error { return c.closed(t, ctl.At) }})
		}
	case doMute:
		if t != nil {
			t.receiver.SetMuted(ctl.Muted, ctl.At)
			c.eachOf(t, func(p *Pipeline) error { return p.SetMuted(ctl.Muted, ctl.At) })
		}
	case doReport:
		if t != nil {
			t.receiver.SenderReport(ctl.RTPTime, ctl.NTP)
		}
	case doDropped:
		if t != nil {
			t.receiver.Dropped(ctl.N)
			t.meter.drop(ctl.At)
			c.eachOf(t, func(p *Pipeline) error { p.PacketsDropped(ctl.N, ctl.At); return nil })
			c.scenePart(func(p *ScenePipeline) error { p.DropPicture(ctl.At); return nil })
		}
	case doSound:
		c.each(func(p *Pipeline) error { p.Sound(ctl.At); return nil })
	case doSoundEnd:
		c.each(func(p *Pipeline) error { p.SoundEnds(); return nil })
	case doFact:
		if f := ctl.Fact; f != nil {
			c.scenePart(func(p *ScenePipeline) error {
				return p.Add(SceneReading{AtMS: ctl.At.Milliseconds(), Participant: f.Participant, Role: p.roleOf(f.Participant), Fact: f})
			})
		}
	case doMark:
		if ctl.Open != nil {
			at := ctl.At.Milliseconds()
			c.scenePart(func(p *ScenePipeline) error {
				return p.Add(SceneReading{AtMS: at, Participant: ctl.Open.Participant, Role: ctl.Open.Role, Mark: &MarkReading{AtMS: at, Phase: ctl.Mark}})
			})
		}
	case doStep:
		if ctl.Order != nil {
			c.inbox.put(entry{do: func() error { return c.beginStep(*ctl.Order, ctl.At) }})
		}
	case doStepEnd:
		c.each(func(p *Pipeline) error { return p.EndStep(ctl.Step, ctl.At) })
	case doRetake:
		c.each(func(p *Pipeline) error { p.Retake(); return nil })
	case doTick:
		c.tick(ctl.At)
	case doFinish:
		for _, t := range c.tracks {
			t.end(ctl.At)
		}
		for _, t := range c.sounds {
			t.end(ctl.At)
		}
		c.inbox.put(entry{do: func() error { return c.finish(ctl.At) }})
		return true, nil
	default:
		return false, fmt.Errorf("analysis process: unknown control %q", ctl.Do)
	}
	return false, nil
}

// open makes a track's receiver and decoder, and its source's pipeline.
func (c *child) open(ctl control) error {
	if ctl.Open == nil {
		return errors.New("analysis process: open is empty")
	}
	open, at := *ctl.Open, ctl.At
	if ctl.Do == doSource {
		c.inbox.put(entry{do: func() error { return c.source(open, 0, false, at) }})
		return nil
	}
	clock := c.clocks[open.Participant]
	if clock == nil {
		clock = media.NewParticipantClock()
		c.clocks[open.Participant] = clock
	}
	if isSound(open.Source) {
		return c.openSound(ctl, clock)
	}
	t, err := newChildTrack(c, ctl.Track, open, clock, at)
	if err != nil {
		return fmt.Errorf("analysis process: %w", err)
	}
	t.receiver.SetMuted(ctl.Muted, at)
	c.tracks[ctl.Track] = t
	c.inbox.put(entry{do: func() error {
		if err := c.source(open, ctl.Track, true, at); err != nil || !ctl.Muted {
			return err
		}
		return c.sources[t.key].pipe.SetMuted(true, at)
	}})
	return nil
}

// each and eachOf queue something to be done to all pipelines, or to that of
// one track while it is its source's newest.
func (c *child) each(do func(*Pipeline) error) {
	c.inbox.put(entry{do: func() error {
		for _, s := range c.order {
			if err := do(s.pipe); err != nil {
				return err
			}
		}
		return nil
	}})
}

func (c *child) eachOf(t *childTrack, do func(*Pipeline) error) {
	c.inbox.put(entry{do: func() error {
		if s := c.sources[t.key]; s != nil && s.track == t.handle {
			return do(s.pipe)
		}
		return nil
	}})
}

// tick gives up what was waited for too long and lets silent sources be read.
func (c *child) tick(at time.Duration) {
	for _, t := range c.tracks {
		t.pop(at)
		c.streams(t.meter.take(at - lag))
		heard := t.heard
		c.eachOf(t, func(p *Pipeline) error { p.Packet(heard); return nil })
	}
	for _, t := range c.sounds {
		t.pop(at)
		if t.open.Role == roleCandidate {
			c.streams(t.meter.take(at - lag))
		}
	}
	c.inbox.put(entry{do: func() error {
		stats := Stats{}
		var present []evidence.Coverage
		tell := at-c.told >= aliveEvery
		for _, s := range c.order {
			if err := s.pipe.Advance(at - lag); err != nil {
				return err
			}
			stats = stats.plus(s.pipe.Stats())
			if tell {
				present = append(present, s.pipe.Present()...)
			}
		}
		if c.scene != nil {
			if err := c.scene.Advance(at); err != nil {
				return err
			}
			stats = stats.plus(c.scene.Stats())
			if tell {
				present = append(present, c.scene.Present()...)
			}
		}
		if tell {
			c.told = at
		}
		c.say(result{Say: sayAlive, Coverage: slices.Clip(present), Stats: stats})
		return nil
	}})
}
