package app

import (
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/signaling/signaltest"
)

// TestNothingMeasuredIsSaid: a server without analysis leaves coverage that
// says so, for every kind, rather than none at all.
func TestNothingMeasuredIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *Config) { c.NoAnalysis = true })
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	m.hangUp(5 * sec)
	covered := map[evidence.Kind]evidence.Coverage{}
	s.until("the coverage is written", 5*sec, func() bool {
		for _, c := range m.review().Coverage {
			covered[c.Kind] = c
		}
		return len(covered) == len(evidence.Kinds)
	})
	for _, k := range evidence.Kinds {
		c := covered[k.Kind]
		if c.State != evidence.NotRun || c.Reason != evidence.ReasonNotAvailable || c.EndMS <= 0 {
			t.Errorf("coverage of %s is %+v, want not_run (not_available) to the end", k.Kind, c)
		}
	}
}
