package analysis

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"bonafide/server/evidence"
)

// identityOptions compare faces, and do nothing else more often than needed.
func identityOptions() Options {
	opts := options()
	opts.Config = Config{Detectors: []Descriptor{Identity(IdentityConfig{})}, LandmarksEvery: 500 * time.Millisecond}
	return opts
}

// Real faces: somebody else for a while is found, with pictures of both; an
// absence, a mask, a blurred and a dark picture and a second face are not.
func testSwitchOfRealFaces(t *testing.T) {
	path := record(t, []spell{
		{9 * sec, lookFace}, {15 * sec, lookOther}, {20 * sec, lookFace}, {22 * sec, lookEmpty}, {25 * sec, lookFace},
		{29 * sec, lookMasked}, {31 * sec, lookFace}, {36 * sec, lookBlurred}, {38 * sec, lookFace}, {41 * sec, lookDark},
		{43 * sec, lookFace}, {46 * sec, lookTwo}, {47 * sec, lookFace},
	}, 0, true)
	opts := identityOptions()
	got, err := AnalyzeFile(context.Background(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	checkFindings(t, got.Findings, []truth{
		{evidence.IdentityMismatch, 9 * sec, 15 * sec},
		{evidence.IdentityChanged, 9 * sec, 11500 * time.Millisecond},
		{evidence.IdentityChanged, 15 * sec, 17500 * time.Millisecond},
	}, 2*sec)
	checkCoverage(t, got.Coverage, opts.Config.Kinds(), 0, 47_000)
	for at, want := range map[time.Duration]string{
		3 * sec: "not_measurable/no_baseline", 8 * sec: "measured", 14 * sec: "measured", 21500 * time.Millisecond: "not_measurable/no_face",
		40 * sec: "not_measurable/dark", 45 * sec: "measured",
	} {
		if s := stateAt(got.Coverage, evidence.IdentityMismatch, at); s != want {
			t.Errorf("identity.mismatch is %s at %v, want %s", s, at, want)
		}
	}
	for _, f := range got.Findings {
		if len(f.Models) != 3 || len(f.Stills) != 2 || len(got.Stills[f.Stills[0].SHA256]) == 0 || len(got.Stills[f.Stills[1].SHA256]) == 0 {
			t.Errorf("%s: models %v, stills %v", f.Kind, f.Models, f.Stills)
		}
	}
}

// A switch is found live, and another child enrols anew: after the one that knew
// the first person was killed, the second one is who is enrolled, and no
// mismatch. Everything waits for what must come, whatever the machine's speed.
func TestLongLiveSwitch(t *testing.T) {
	if os.Getenv("BONAFIDE_LONG") == "" {
		t.Skip("half a minute of live analysis; BONAFIDE_LONG=1 runs it (make test-long)")
	}
	m, n, _ := newManager(t, func(c *ManagerConfig) {
		c.RestartAfter = 300 * time.Millisecond
		c.Pipeline.LandmarksEvery = identityOptions().Config.LandmarksEvery
	})
	c := newCamera(t, m, time.Now())
	anew := func() (evidence.EnrolledPayload, bool) {
		for _, e := range n.enrolled {
			if len(n.outages) == 1 && e.FromMS >= n.outages[0].EndMS {
				return e, true
			}
		}
		return evidence.EnrolledPayload{}, false
	}
	found := func(k evidence.Kind) func() bool {
		return func() bool {
			for _, f := range n.findings {
				if f.Kind == k {
					return true
				}
			}
			return false
		}
	}
	c.until(t, n, lookFace, "the first person to be enrolled", func() bool { return len(n.enrolled) > 0 })
	switched := time.Since(c.track.Epoch)
	c.until(t, n, lookOther, "identity.mismatch", found(evidence.IdentityMismatch))
	c.until(t, n, lookOther, "identity.changed", found(evidence.IdentityChanged))
	if err := syscall.Kill(m.Live()[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c.until(t, n, lookOther, "the outage", func() bool { return len(n.outages) == 1 })
	c.until(t, n, lookOther, "the second person to be enrolled", func() bool { _, ok := anew(); return ok })
	again := time.Since(c.track.Epoch)
	c.play(t, []spell{{again + 5*sec, lookOther}}, nil)
	c.sink.Close()
	if err := m.Finish("i1"); err != nil {
		t.Fatal(err)
	}
	out := n.outage()
	for _, f := range n.list() {
		if f.Kind != evidence.IdentityMismatch && f.Kind != evidence.IdentityChanged {
			t.Errorf("unexpected finding %+v", f)
		}
		if f.StartMS < switched.Milliseconds()-300 || f.EndMS > out.EndMS || f.Open {
			t.Errorf("finding %+v, switched at %v, restarted at %d ms", f, switched, out.EndMS)
		}
	}
	second, _ := anew()
	for _, v := range n.coverage {
		if v.Kind == evidence.IdentityMismatch && v.State == evidence.Measured && v.StartMS >= out.EndMS && v.StartMS < second.FromMS {
			t.Errorf("identity.mismatch was measured with nobody enrolled: %+v", v)
		}
	}
	checkCoverage(t, n.coverage, m.cfg.Pipeline.Kinds(), n.started[0].StartMS, n.finished[0].EndMS)
}
