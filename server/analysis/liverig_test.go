package analysis

import (
	"bytes"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
)

// notes keeps what a manager tells.
type notes struct {
	mu       sync.Mutex
	started  []evidence.AnalysisPayload
	findings map[string]evidence.Finding
	coverage []evidence.Coverage
	present  []evidence.Coverage
	enrolled []evidence.EnrolledPayload
	compared []evidence.ComparedPayload
	faces    []evidence.FaceTemplate
	hints    []evidence.StepHint
	steps    []evidence.StepResult
	series   []evidence.Series
	outages  []evidence.AnalysisPayload
	finished []evidence.AnalysisPayload
}

func (n *notes) lock() func() { n.mu.Lock(); return n.mu.Unlock }

func (n *notes) Started(_ string, p evidence.AnalysisPayload) {
	defer n.lock()()
	n.started = append(n.started, p)
}
func (n *notes) Finding(f evidence.Finding) { defer n.lock()(); n.findings[f.ID] = f }
func (n *notes) Coverage(c []evidence.Coverage) {
	defer n.lock()()
	n.coverage = append(n.coverage, c...)
}
func (n *notes) Series(s []evidence.Series) {
	defer n.lock()()
	n.series = append(n.series, s...)
}
func (n *notes) Enrolled(p evidence.EnrolledPayload) {
	defer n.lock()()
	n.enrolled = append(n.enrolled, p)
}
func (n *notes) Compared(p evidence.ComparedPayload) {
	defer n.lock()()
	n.compared = append(n.compared, p)
}
func (n *notes) Template(t evidence.FaceTemplate) {
	defer n.lock()()
	n.faces = append(n.faces, t)
}
func (n *notes) StepHint(_ string, h evidence.StepHint) {
	defer n.lock()()
	n.hints = append(n.hints, h)
}
func (n *notes) StepResult(r evidence.StepResult) {
	defer n.lock()()
	n.steps = append(n.steps, r)
}
func (n *notes) Present(_ string, c []evidence.Coverage) { defer n.lock()(); n.present = c }
func (n *notes) Outage(_ string, p evidence.AnalysisPayload) {
	defer n.lock()()
	n.outages = append(n.outages, p)
}
func (n *notes) Finished(_ string, p evidence.AnalysisPayload) {
	defer n.lock()()
	n.finished = append(n.finished, p)
}

func (n *notes) list() []evidence.Finding {
	defer n.lock()()
	var out []evidence.Finding
	for _, f := range n.findings {
		out = append(out, f)
	}
	return out
}

// outage is the first one.
func (n *notes) outage() evidence.AnalysisPayload { defer n.lock()(); return n.outages[0] }

// wait waits for a condition on the notes.
func (n *notes) wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		n.mu.Lock()
		yes := ok()
		n.mu.Unlock()
		if yes {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

// newManager makes a manager whose children are this test binary.
func newManager(t *testing.T, change func(*ManagerConfig)) (*Manager, *notes, string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cfg := ManagerConfig{
		Command: []string{exe, childArg}, MediaDir: dir, Pipeline: Config{Detectors: testDetectors()},
		// Other tests share the machine: a child must not starve behind them.
		Nice: 1, HangAfter: 20 * time.Second, FinishWithin: 30 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	n := &notes{findings: map[string]evidence.Finding{}}
	m, err := New(cfg, slog.New(slog.NewTextHandler(testLog{t}, nil)), n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m, n, dir
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}

// camera sends the scene over RTP in real time.
type camera struct {
	sink   media.Sink
	enc    *codec.VP8Encoder
	scene  *scene
	pay    codecs.VP8Payloader
	track  media.Track
	seq    uint16
	key    atomic.Bool
	asked  atomic.Int32
	lose   func(at time.Duration) bool
	slowed time.Duration // longest WriteRTP

	shown time.Time     // when the newest picture was
	gap   time.Duration // the longest time between two
}

const cameraRate = 10

func newCamera(t *testing.T, m *Manager, epoch time.Time) *camera {
	t.Helper()
	s, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	c := &camera{scene: s}
	if c.enc, err = codec.NewVP8Encoder(sceneW, sceneH, cameraRate, 1200); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.enc.Close() })
	c.pay.EnablePictureID = true
	c.track = media.Track{
		Interview: "i1", Participant: "p1", Role: "candidate", ID: "t1", Source: media.SourceCamera,
		MimeType: "video/VP8", ClockRate: 90000, PayloadType: 96, SSRC: 7, Epoch: epoch,
		RequestKeyFrame: func() { c.key.Store(true); c.asked.Add(1) },
	}
	c.key.Store(true)
	if c.sink = m.Sink(c.track); c.sink == nil {
		t.Fatal("the candidate's camera got no sink")
	}
	return c
}

// show sends one picture now.
func (c *camera) show(t *testing.T, l look) {
	t.Helper()
	now := time.Now()
	if !c.shown.IsZero() {
		c.gap = max(c.gap, now.Sub(c.shown))
	}
	c.shown = now
	at := now.Sub(c.track.Epoch)
	data, err := c.enc.Encode(c.scene.draw(l, at), c.key.Swap(false))
	if err != nil {
		t.Fatal(err)
	}
	parts := c.pay.Payload(1200, data)
	for i, part := range parts {
		c.seq++
		p := &rtp.Packet{
			Header: rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: c.seq, SSRC: 7,
				Timestamp: uint32(at * 90000 / time.Second), Marker: i == len(parts)-1},
			Payload: part,
		}
		if c.lose != nil && c.lose(at) {
			continue
		}
		began := time.Now()
		c.sink.WriteRTP(p, now)
		c.slowed = max(c.slowed, time.Since(began))
	}
}

// play sends a script; each is called at the beginning of a spell.
func (c *camera) play(t *testing.T, script []spell, each func(look, time.Time)) {
	t.Helper()
	shown := look(-1)
	for {
		at := time.Since(c.track.Epoch)
		if at >= script[len(script)-1].until {
			return
		}
		l := lookAt(script, at)
		if l != shown && each != nil {
			each(l, time.Now())
		}
		shown = l
		if l != lookNone {
			c.show(t, l)
		}
		next := at.Truncate(time.Second/cameraRate) + time.Second/cameraRate
		time.Sleep(time.Until(c.track.Epoch.Add(next))) // the camera's own pace
	}
}

// until shows a look until a condition on the notes holds.
func (c *camera) until(t *testing.T, n *notes, l look, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(45 * time.Second)
	for {
		n.mu.Lock()
		yes := ok()
		n.mu.Unlock()
		if yes {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		if l != lookNone {
			c.show(t, l)
		} else {
			c.shown = time.Time{} // the pause is meant
		}
		at := time.Since(c.track.Epoch)
		time.Sleep(time.Until(c.track.Epoch.Add(at.Truncate(time.Second/cameraRate) + time.Second/cameraRate))) // the camera's own pace
	}
}

// watchPace looks for how slow the live analysis has become, until stop is called:
// 1 where every reading that was due was made. On a machine that is too busy for
// that findings begin later; nothing else may differ.
func watchPace(m *Manager) (stop func() int) {
	done, most := make(chan struct{}), make(chan int)
	go func() {
		slowest := 1
		t := time.NewTicker(200 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-done:
				most <- slowest
				return
			case <-t.C:
				for _, l := range m.Live() {
					slowest = max(slowest, l.Stats.Slowed)
				}
			}
		}
	}()
	return func() int { close(done); return <-most }
}
