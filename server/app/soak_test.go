package app

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/relay/relaytest"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// TestLongOutage takes the candidate's network away for 20 s: media comes back
// by itself, the recording goes on, and the hole is told of.
func TestLongOutage(t *testing.T) {
	long(t)
	s := newSite(t, nil)
	m := s.plan()
	chaos := s.behind()
	m.candPeer.Proxy = chaos
	m.begin(signaltest.AllConsents(), without(evidence.ConsentRecording))
	id := m.cand.Welcome().You.ID
	truth := mediatest.Every(sec, 500*time.Millisecond, 50*sec)
	show := flashing(t, 160, 120, 50*sec, truth)
	streams := m.publish(m.cand, show)
	begin := time.Now()
	done := play(s.ctx, begin, show, streams)
	seen := func() time.Time { return m.host.Peer().Received(id, media.SourceCamera).Last }
	s.until("a picture and sound", 10*sec, func() bool {
		heard := m.host.Peer().Received(id, media.SourceMicrophone).Last
		return time.Since(seen()) < time.Second && time.Since(heard) < time.Second
	})
	chaos.Set(relaytest.Faults{Blackhole: true})
	from := time.Now()
	select {
	case <-time.After(20 * time.Second): // the outage itself
	case <-s.ctx.Done():
	}
	chaos.Set(relaytest.Faults{})
	to := time.Now()
	s.until("a picture after the outage", 15*sec, func() bool { return seen().After(to) })
	t.Logf("seen again %v after the network was back", time.Since(to).Round(time.Millisecond))
	done.wait()
	epoch := m.epoch()
	r := m.hangUp(5 * sec)
	var flashes []time.Duration
	for _, seg := range of(r, id) {
		c := s.content(seg)
		flashes = append(flashes, shifted(c.Flashes, c.Start)...)
	}
	// Pictures of the outage that were asked for again in time are there, the
	// others are told of; sound is never sent again.
	all := shifted(truth[2:len(truth)-1], begin.Sub(epoch))
	want := explained(r.Gaps, all, flashes)
	near(t, "flashes that are not in a gap", want, flashes, 60*time.Millisecond)
	if len(want) < 25 {
		t.Errorf("only %d of %d flashes are not in a gap", len(want), len(all))
	}
	told := int64(0)
	for _, g := range r.Gaps {
		if g.Source == string(media.SourceMicrophone) {
			told += g.EndMS - g.StartMS
		}
	}
	if told < 18_000 {
		t.Errorf("gaps in the sound of %d ms are told of, the outage was of %d ms from %v on: %+v in %+v", told, to.Sub(from).Milliseconds(), from.Sub(epoch), r.Gaps, r.Segments)
	}
}

// TestLongSoak talks for three minutes: nothing is lost, sound and picture are
// in step at the end as at the beginning, and nothing is left behind.
func TestLongSoak(t *testing.T) {
	long(t)
	const length = 3 * time.Minute
	s := newSiteFor(t, length+2*time.Minute, func(c *Config) { c.NoAnalysis = !haveModels() })
	quiet := runtime.NumGoroutine()
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	truth := mediatest.Every(2*sec, 700*time.Millisecond, length)
	show := flashing(t, 160, 120, length, truth)
	cand, host := m.publish(m.cand, show), m.publish(m.host, show)
	begin := time.Now().Add(200 * time.Millisecond)
	one, two := play(s.ctx, begin, show, cand), play(s.ctx, begin, show, host)
	select {
	case <-time.After(30 * time.Second): // until what is made once has been made
	case <-s.ctx.Done():
	}
	early := residentMB(t)
	one.wait()
	two.wait()
	late := residentMB(t)
	t.Logf("resident memory %.0f MB after 30 s, %.0f MB at the end", early, late)
	if late > early+60 {
		t.Errorf("memory grew from %.0f to %.0f MB", early, late)
	}
	offset := begin.Sub(m.epoch())
	r := m.hangUp(5 * sec)
	for _, c := range []*signaltest.Client{m.cand, m.host} {
		segments := of(r, c.Welcome().You.ID)
		if len(segments) != 1 {
			t.Fatalf("%d segments, want 1", len(segments))
		}
		found := s.content(segments[0])
		last := len(truth) - 10
		near(t, "flashes", shifted(truth, offset), shifted(found.Flashes, found.Start), 40*time.Millisecond)
		near(t, "sound against picture in the last 20 s", found.Flashes[last:], found.Beeps, 40*time.Millisecond)
	}
	if len(r.Gaps) > 0 {
		t.Errorf("gaps on a good network: %+v", r.Gaps)
	}
	if _, err := signaltest.Next[signaling.Ended](s.ctx, m.host, "ended", nil); err != nil {
		t.Error(err)
	}
	m.host.Close()
	m.cand.Close()
	s.http.CloseIdleConnections()
	s.until("the call's goroutines to end", 15*sec, func() bool { return runtime.NumGoroutine() <= quiet+5 })
}

// residentMB is this process's resident memory (proc(5), VmRSS).
func residentMB(t *testing.T) float64 {
	t.Helper()
	runtime.GC()
	raw, err := os.ReadFile("/proc/self/status")
	ok(t, err)
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	ok(t, err)
	return kb / 1000
}
