package analysis

import (
	"context"
	"reflect"
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
func TestSwitchOfRealFaces(t *testing.T) {
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

// The live analysis finds the same kinds as that of a recording. After the
// child was killed it enrols whom it sees then, and finds no mismatch.
func TestLiveSwitch(t *testing.T) {
	t.Parallel()
	script := []spell{{8 * sec, lookFace}, {18 * sec, lookOther}}
	path := record(t, script, 0, false)
	m, n, _ := newManager(t, func(c *ManagerConfig) {
		c.RestartAfter = 300 * time.Millisecond
		c.Pipeline = identityOptions().Config
	})
	c := newCamera(t, m, time.Now())
	slowest := watchPace(m)
	c.play(t, script, nil)
	live := m.Live()
	if len(live) != 1 || live[0].PID == 0 {
		t.Fatalf("live analyses: %+v", live)
	}
	if err := syscall.Kill(live[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c.play(t, []spell{{26 * sec, lookOther}}, nil)
	if n := slowest(); n > 1 {
		t.Skipf("the machine is too busy for live analysis, which says that it reads every %d steps", n)
	}
	c.sink.Close()
	if err := m.Finish("i1"); err != nil {
		t.Fatal(err)
	}
	for _, v := range n.coverage {
		if v.Reason == evidence.ReasonOverload {
			t.Skipf("the machine is too busy for live analysis, which says so: %+v", v)
		}
	}
	kinds := func(fs []evidence.Finding) map[evidence.Kind]int {
		out := map[evidence.Kind]int{}
		for _, f := range fs {
			out[f.Kind]++
		}
		return out
	}
	checkFindings(t, n.list(), []truth{
		// A crash loses the growth of an open finding since it was told last.
		{evidence.IdentityMismatch, 9 * sec, 15500 * time.Millisecond}, {evidence.IdentityChanged, 9 * sec, 11500 * time.Millisecond},
	}, 4*sec) // pictures are measured when there is time for them
	after := time.Duration(n.outage().EndMS)*time.Millisecond + 3*sec
	if s := stateAt(n.coverage, evidence.IdentityMismatch, after); s != "not_measurable/no_baseline" {
		t.Errorf("identity.mismatch is %s at %v, after the restart", s, after)
	}
	offline, err := AnalyzeFile(context.Background(), path, identityOptions())
	if err != nil {
		t.Fatal(err)
	}
	if a, b := kinds(n.list()), kinds(offline.Findings); !reflect.DeepEqual(a, b) {
		t.Errorf("live %v, from the recording %v", a, b)
	}
}
