package analysis

import (
	"syscall"
	"testing"
	"time"

	"bonafide/server/evidence"
)

// Whether the child is behind when the interview ends, or so far behind that it
// is given up: every instant of every kind is covered, and what was not measured
// says that it was the analysis. Nothing here depends on the machine's speed.
func TestHangUpWhileBehind(t *testing.T) {
	for _, c := range []struct {
		name  string
		wakes bool // in time
		last  string
	}{{"it catches up", true, ""}, {"it does not", false, "not_measurable/overload"}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, n, _ := newManager(t, func(cfg *ManagerConfig) {
				cfg.Command = append(cfg.Command, wideArg)
				cfg.Pipeline.Detectors = wideDetectors()
				cfg.QueueLen = 40 // so that packets are refused, too
				if !c.wakes {
					cfg.FinishWithin = 500 * time.Millisecond
				}
			})
			cam := newCamera(t, m, time.Now())
			n.wait(t, "a word of coverage", func() bool {
				cam.show(t, lookFace)
				return len(n.present) > 0
			})
			stopped := time.Since(cam.track.Epoch)
			pid := m.Live()[0].PID
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			cam.play(t, []spell{{stopped + 4*time.Second, lookFace}}, nil)
			if c.wakes {
				if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
					t.Fatal(err)
				}
			}
			ends := time.Since(cam.track.Epoch)
			if err := m.Finish("i1"); (err == nil) != c.wakes {
				t.Fatalf("finishing: error %v", err)
			}
			end := n.finished[0].EndMS
			if late := end - ends.Milliseconds(); late < 0 || late > 2000 {
				t.Errorf("the interview ended at %v, the analysis says %d ms", ends, end)
			}
			for _, kind := range m.cfg.Pipeline.Kinds() {
				var of []evidence.Coverage
				for _, v := range n.coverage {
					if v.Kind == kind {
						of = append(of, v)
					}
					if v.Kind == kind && v.Reason == evidence.ReasonLoss {
						t.Errorf("nothing was lost on the way, but the coverage says so: %+v", v)
					}
				}
				checkCoverage(t, of, []evidence.Kind{kind}, n.started[0].StartMS, end)
				if s := stateAt(of, kind, time.Duration(end-100)*time.Millisecond); c.last != "" && s != c.last {
					t.Errorf("%s at the end is %s, want %s", kind, s, c.last)
				}
			}
			if !c.wakes && (len(n.outages) != 1 || n.outages[0].Reason != outageLate) {
				t.Errorf("outages %+v, want one since the analysis was late", n.outages)
			}
		})
	}
}
