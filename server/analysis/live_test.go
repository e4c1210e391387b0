package analysis

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
)

// What the camera shows is found, live, while it is shown: each look lasts until
// its finding is there, however slow the machine is, and the next until that has
// ended. How soon it is found is held only against a machine that keeps up.
func TestLiveTrackIsMeasured(t *testing.T) {
	t.Parallel()
	m, n, dir := newManager(t, nil)
	epoch := time.Now()
	c := newCamera(t, m, epoch)
	slowest := watchPace(m)
	measuredNow := func() bool {
		for _, v := range n.present {
			if v.Kind == evidence.FaceAbsent && v.State == evidence.Measured {
				return true
			}
		}
		return false
	}
	c.until(t, n, lookFace, "faces to be measured", measuredNow)
	var shown []truth
	for _, one := range []struct {
		look look
		kind evidence.Kind
	}{{lookEmpty, evidence.FaceAbsent}, {lookTwo, evidence.FaceMultiple}, {lookNone, evidence.CameraOff}} {
		found := func(open bool) func() bool {
			return func() bool {
				for _, f := range n.findings {
					if f.Kind == one.kind && f.Open == open {
						return true
					}
				}
				return false
			}
		}
		from := time.Since(epoch)
		c.sink.SetMuted(one.look == lookNone, time.Now())
		c.until(t, n, one.look, string(one.kind), found(true))
		to := time.Since(epoch)
		c.sink.SetMuted(false, time.Now())
		c.until(t, n, lookFace, "the end of "+string(one.kind), found(false))
		shown = append(shown, truth{one.kind, from, to})
	}
	timely := slowest() == 1 && m.Live()[0].Stats.Dropped == 0 && c.gap < 250*time.Millisecond
	c.sink.Close()
	ends := time.Since(epoch)
	if err := m.Finish("i1"); err != nil {
		t.Fatal(err)
	}
	got := n.list()
	checkShown(t, got, shown, timely)
	for _, f := range got {
		if f.Run != evidence.RunLive {
			t.Errorf("run of %s is %q", f.Kind, f.Run)
		}
		for _, s := range f.Stills {
			if _, err := os.Stat(filepath.Join(dir, "i1", "stills", s.SHA256+".jpg")); err != nil {
				t.Errorf("still of %s: %v", f.Kind, err)
			}
		}
	}
	if len(n.started) != 1 || len(n.started[0].Models) != 3 || len(n.finished) != 1 || n.finished[0].Findings != len(got) || len(n.outages) != 0 {
		t.Errorf("started %+v, finished %+v, outages %+v", n.started, n.finished, n.outages)
	}
	last := n.coverage[len(n.coverage)-1].EndMS
	checkCoverage(t, n.coverage, m.cfg.Pipeline.Kinds(), n.started[0].StartMS, last)
	if at := time.Duration(last) * time.Millisecond; (ends - at).Abs() > time.Second {
		t.Errorf("coverage ends at %v, the interview at %v", at, ends)
	}
	off := shown[2]
	if s := stateAt(n.coverage, evidence.FaceAbsent, (off.from+off.to)/2); s != "not_measurable/camera_off" {
		t.Errorf("face.absent while muted is %s", s)
	}
	if c.slowed > time.Second {
		t.Errorf("a packet kept the relay for %v", c.slowed)
	}
}

// checkShown demands that every finding lies within what was shown of its kind,
// and that there is one of each; timely, also that they begin and end within a
// second of that.
func checkShown(t *testing.T, got []evidence.Finding, shown []truth, timely bool) {
	t.Helper()
	t.Logf("the analysis kept up: %v", timely)
	const clocks = 300 * time.Millisecond // between a picture's time of capture and the test's
	for _, w := range shown {
		n := 0
		for _, f := range got {
			if f.Kind != w.kind {
				continue
			}
			n++
			from, to := time.Duration(f.StartMS)*time.Millisecond, time.Duration(f.EndMS)*time.Millisecond
			if f.Open || from < w.from-clocks || to > w.to+clocks {
				t.Errorf("finding %+v, it was shown from %v to %v", f, w.from, w.to)
			}
			if timely && (from > w.from+time.Second || to < w.to-time.Second) {
				t.Errorf("%s was found from %v to %v on a machine that kept up, and shown from %v to %v", f.Kind, from, to, w.from, w.to)
			}
		}
		if n == 0 || timely && n > 1 {
			t.Errorf("%d findings of %s", n, w.kind)
		}
	}
	for _, f := range got {
		if f.Kind != evidence.FaceAbsent && f.Kind != evidence.FaceMultiple && f.Kind != evidence.CameraOff {
			t.Errorf("unexpected finding %+v", f)
		}
	}
}

// A child killed in mid-call is replaced; the hole is covered as an outage,
// the open finding is closed, and goes on as another one.
func TestChildIsRestarted(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSEGV} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			m, n, _ := newManager(t, func(c *ManagerConfig) { c.RestartAfter = 300 * time.Millisecond })
			epoch := time.Now()
			c := newCamera(t, m, epoch)
			stop := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(time.Second / cameraRate): // the camera's own pace
						c.show(t, lookEmpty)
					}
				}
			})
			open := func() (f evidence.Finding, ok bool) {
				for _, f := range n.findings {
					if f.Kind == evidence.FaceAbsent && f.Open {
						return f, true
					}
				}
				return f, false
			}
			n.wait(t, "an open finding and a word of coverage", func() bool { _, ok := open(); return ok && len(n.present) > 0 })
			n.mu.Lock()
			first, _ := open()
			n.mu.Unlock()
			live := m.Live()
			if len(live) != 1 || live[0].PID == 0 {
				t.Fatalf("live analyses: %+v", live)
			}
			killed := time.Since(epoch)
			if err := syscall.Kill(live[0].PID, sig); err != nil {
				t.Fatal(err)
			}
			n.wait(t, "the outage", func() bool { return len(n.outages) == 1 })
			n.wait(t, "a second finding", func() bool { f, ok := open(); return ok && f.ID != first.ID })
			close(stop)
			wg.Wait()
			if err := m.Finish("i1"); err != nil {
				t.Fatal(err)
			}
			out := n.outage()
			if out.Reason != outageCrash || out.StartMS > killed.Milliseconds() || out.EndMS < killed.Milliseconds() || out.EndMS-out.StartMS > 8000 {
				t.Errorf("outage %+v, killed at %v", out, killed)
			}
			if f := n.findings[first.ID]; f.Open || f.EndMS > out.StartMS {
				t.Errorf("finding at the crash %+v, outage from %d", f, out.StartMS)
			}
			for _, f := range n.findings {
				if f.Kind == evidence.FaceAbsent && f.ID != first.ID && f.StartMS < out.EndMS {
					t.Errorf("second finding begins at %d, in the outage up to %d", f.StartMS, out.EndMS)
				}
			}
			checkCoverage(t, n.coverage, m.cfg.Pipeline.Kinds(), n.started[0].StartMS, n.coverage[len(n.coverage)-1].EndMS)
			if s := stateAt(n.coverage, evidence.FaceAbsent, time.Duration(out.EndMS-50)*time.Millisecond); s != "not_run/outage" {
				t.Errorf("coverage in the outage is %s", s)
			}
			if c.slowed > time.Second {
				t.Errorf("a packet kept the relay for %v", c.slowed)
			}
		})
	}
}

// A child that hangs never holds up the relay, and is replaced.
func TestHangingChildIsKilled(t *testing.T) {
	t.Parallel()
	m, n, _ := newManager(t, func(c *ManagerConfig) {
		c.HangAfter, c.RestartAfter, c.QueueLen = 2*time.Second, 200*time.Millisecond, 16
	})
	c := newCamera(t, m, time.Now())
	n.wait(t, "the start", func() bool { return len(n.started) == 1 })
	n.wait(t, "a word of coverage", func() bool { return len(n.present) > 0 })
	c.show(t, lookFace)
	live := m.Live()
	if err := syscall.Kill(live[0].PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		c.show(t, lookFace)
		n.mu.Lock()
		over := len(n.outages) > 0
		n.mu.Unlock()
		if over {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the hanging child was not replaced")
		}
	}
	if live = m.Live(); live[0].Dropped == 0 || live[0].Restarts != 1 {
		t.Errorf("after a hang: %+v, want dropped packets and a restart", live)
	}
	if out := n.outage(); out.Reason != outageHang {
		t.Errorf("outage %+v", out)
	}
	if c.slowed > time.Second {
		t.Errorf("a packet kept the relay for %v", c.slowed)
	}
}

// Lost packets damage pictures: they are not measured, a key frame is asked
// for, and nothing is found.
func TestLossIsNoFinding(t *testing.T) {
	t.Parallel()
	m, n, _ := newManager(t, nil)
	c := newCamera(t, m, time.Now())
	lost := 0
	c.lose = func(at time.Duration) bool {
		if at > 2*time.Second && at < 6*time.Second && int(at.Milliseconds())/50%4 == 0 {
			lost++
			return true
		}
		return false
	}
	c.play(t, []spell{{8 * time.Second, lookFace}}, nil)
	if err := m.Finish("i1"); err != nil {
		t.Fatal(err)
	}
	checkFindings(t, n.list(), nil, time.Second)
	if lost == 0 || c.asked.Load() == 0 {
		t.Errorf("%d packets lost, %d key frames asked for", lost, c.asked.Load())
	}
	blind := int64(0)
	for _, v := range n.coverage {
		if v.Kind == evidence.FaceAbsent && v.State == evidence.NotMeasurable {
			blind += v.EndMS - v.StartMS
		}
	}
	if blind == 0 || blind > 7000 {
		t.Errorf("%d ms not measurable, want some of the 4 s with loss", blind)
	}
}

// Kinds that are off do not run, whether from the beginning or from mid-call.
func TestGate(t *testing.T) {
	t.Parallel()
	m, n, dir := newManager(t, nil)
	off := map[evidence.Kind]evidence.Reason{evidence.FaceMultiple: evidence.ReasonSwitchedOff}
	m.SetGate("i1", Gate{Off: off, NoStills: true})
	c := newCamera(t, m, time.Now())
	for deadline := time.Now().Add(30 * time.Second); len(n.list()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("no finding")
		}
		c.play(t, []spell{{time.Since(c.track.Epoch) + 300*time.Millisecond, lookEmpty}}, nil)
	}
	withdrawn := time.Since(c.track.Epoch)
	m.SetGate("i1", Gate{NoStills: true, Off: map[evidence.Kind]evidence.Reason{
		evidence.FaceAbsent: evidence.ReasonNoConsent, evidence.FaceMultiple: evidence.ReasonNoConsent, evidence.FaceTooSmall: evidence.ReasonNoConsent,
	}})
	c.play(t, []spell{{withdrawn + 3*time.Second, lookFace}}, nil)
	if err := m.Finish("i1"); err != nil {
		t.Fatal(err)
	}
	got := n.list()
	if len(got) != 1 || got[0].Kind != evidence.FaceAbsent || got[0].Open || got[0].EndMS > withdrawn.Milliseconds() || len(got[0].Stills) != 0 {
		t.Errorf("findings %+v, withdrawn at %v", got, withdrawn)
	}
	for k, want := range map[evidence.Kind][2]string{
		evidence.FaceAbsent:   {"measured", "not_run/no_consent"},
		evidence.FaceMultiple: {"not_run/switched_off", "not_run/no_consent"},
		evidence.CameraOff:    {"measured", "measured"},
		// An empty room is told from a frozen picture only where faces are looked for.
		evidence.MediaFrozen: {"not_measurable/no_face", "measured"},
	} {
		for i, at := range []time.Duration{withdrawn - time.Second, withdrawn + time.Second} {
			if s := stateAt(n.coverage, k, at); s != want[i] {
				t.Errorf("%s at %v is %s, want %s", k, at, s, want[i])
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "i1", "stills")); !os.IsNotExist(err) {
		t.Errorf("stills were kept without consent to recording: %v", err)
	}
}

// A participant who returns goes on with the same coverage; the time between
// is neither a camera that is off nor an outage.
func TestReconnect(t *testing.T) {
	t.Parallel()
	m, n, _ := newManager(t, nil)
	epoch := time.Now()
	c := newCamera(t, m, epoch)
	c.play(t, []spell{{2 * time.Second, lookFace}}, nil)
	c.sink.Close()
	away := time.Since(epoch)
	time.Sleep(3 * time.Second) // for how long the participant is away
	back := time.Since(epoch)
	again := newCamera(t, m, epoch)
	again.play(t, []spell{{back + 3*time.Second, lookFace}}, nil)
	c.show(t, lookEmpty) // what comes on the old track is of no account
	if err := m.Finish("i1"); err != nil {
		t.Fatal(err)
	}
	checkFindings(t, n.list(), nil, 0)
	checkCoverage(t, n.coverage, m.cfg.Pipeline.Kinds(), n.coverage[0].StartMS, n.coverage[len(n.coverage)-1].EndMS)
	for _, k := range m.cfg.Pipeline.Kinds() {
		if s := stateAt(n.coverage, k, (away+back)/2); s != "not_measurable/disconnected" {
			t.Errorf("%s while away is %s", k, s)
		}
	}
	if len(n.outages) != 0 {
		t.Errorf("outages %+v", n.outages)
	}
}

// A candidate with a microphone alone is covered: no camera, and no finding. A
// camera that comes later is measured from then on.
func TestMicrophoneAlone(t *testing.T) {
	t.Parallel()
	m, n, _ := newManager(t, nil)
	epoch := time.Now()
	sink := m.Sink(media.Track{
		Interview: "i1", Participant: "p1", Role: roleCandidate, ID: "t0", Source: media.SourceMicrophone,
		MimeType: "audio/opus", ClockRate: 48000, SSRC: 8, Epoch: epoch,
	})
	covered := func(state string) func() bool {
		return func() bool {
			kinds := map[evidence.Kind]bool{}
			for _, c := range n.present {
				if string(c.State)+"/"+string(c.Reason) == state && c.EndMS > c.StartMS {
					kinds[c.Kind] = true
				}
			}
			return len(kinds) == len(m.cfg.Pipeline.Kinds())
		}
	}
	n.wait(t, "the coverage of a camera that is not there", covered("not_measurable/camera_off"))
	alone := time.Since(epoch)
	c := newCamera(t, m, epoch)
	c.until(t, n, lookFace, "faces to be measured once there is a camera", func() bool {
		return slices.ContainsFunc(n.present, func(c evidence.Coverage) bool {
			return c.Kind == evidence.FaceAbsent && c.State == evidence.Measured
		})
	})
	c.sink.Close()
	sink.Close()
	if err := m.Finish("i1"); err != nil {
		t.Fatal(err)
	}
	checkFindings(t, n.list(), nil, 0)
	checkCoverage(t, n.coverage, m.cfg.Pipeline.Kinds(), n.started[0].StartMS, n.finished[0].EndMS)
	for _, k := range m.cfg.Pipeline.Kinds() {
		if s := stateAt(n.coverage, k, alone/2); s != "not_measurable/camera_off" {
			t.Errorf("%s with a microphone alone is %s", k, s)
		}
	}
}

// A child that cannot start leaves coverage that says so.
func TestChildThatNeverStarts(t *testing.T) {
	m, n, _ := newManager(t, func(c *ManagerConfig) {
		c.Command, c.RestartAfter = []string{"/nonexistent/program"}, 50*time.Millisecond
	})
	c := newCamera(t, m, time.Now())
	n.wait(t, "outages", func() bool { return len(n.outages) >= 2 })
	c.show(t, lookFace)
	if err := m.Finish("i1"); err == nil {
		t.Error("finished without an error")
	}
	for _, o := range n.outages {
		if o.Reason != outageStart {
			t.Errorf("outage %+v", o)
		}
	}
	checkCoverage(t, n.coverage, m.cfg.Pipeline.Kinds(), n.coverage[0].StartMS, n.coverage[len(n.coverage)-1].EndMS)
	for _, v := range n.coverage {
		if v.State != evidence.NotRun || v.Reason != evidence.ReasonOutage {
			t.Errorf("coverage %+v", v)
		}
	}
}

func TestWhatIsNotAnalysed(t *testing.T) {
	m, _, _ := newManager(t, nil)
	for _, tr := range []media.Track{
		{Interview: "i1", Role: "interviewer", Source: media.SourceCamera},
		{Interview: "i1", Role: "candidate", Source: media.SourceScreen},
		{Interview: "../i1", Role: "candidate", Source: media.SourceCamera},
	} {
		if s := m.Sink(tr); s != nil {
			t.Errorf("%+v got a sink", tr)
		}
	}
	if err := m.Finish("i1"); err != nil {
		t.Error(err)
	}
	for field, cfg := range map[string]ManagerConfig{
		"Command":   {MediaDir: "x", Pipeline: Config{Detectors: testDetectors()}},
		"MediaDir":  {Command: []string{"x"}, Pipeline: Config{Detectors: testDetectors()}},
		"Detectors": {Command: []string{"x"}, MediaDir: "x"},
		"both measure face.absent": {Command: []string{"x"}, MediaDir: "x",
			Pipeline: Config{Detectors: append(testDetectors(), FaceAbsent(FaceAbsentConfig{}))}},
	} {
		if _, err := New(cfg, slog.Default(), nil); err == nil || !bytes.Contains([]byte(fmt.Sprint(err)), []byte(field)) {
			t.Errorf("%s: error %v does not say so", field, err)
		}
	}
}
