package app

import (
	"image"
	"net"
	"slices"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/relay/relaytest"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// behind puts a proxy between a client and the server's media port.
func (s *site) behind() *relaytest.Chaos {
	s.t.Helper()
	port := s.app.cfg.UDPPort
	c, err := relaytest.NewChaos(&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, 5)
	ok(s.t, err)
	s.t.Cleanup(func() { c.Close() })
	return c
}

// explained leaves out the times at which nothing was found and a gap of the
// camera is logged: a hole that is told of is as it should be.
func explained(gaps []evidence.Gap, want, got []time.Duration) (out []time.Duration) {
	for _, w := range want {
		_, missing := mediatest.Errors([]time.Duration{w}, got)
		told := slices.ContainsFunc(gaps, func(g evidence.Gap) bool {
			return g.Source == string(media.SourceCamera) && g.StartMS-150 <= w.Milliseconds() && w.Milliseconds() <= g.EndMS+150
		})
		if missing == 0 || !told {
			out = append(out, w)
		}
	}
	return out
}

// TestBadNetwork records a candidate who loses 5 % of the packets, some out of
// order, whose picture turns from landscape to portrait, who falls silent, and
// who comes back by a reload.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	m := s.plan()
	chaos := s.behind()
	m.candPeer.Proxy = chaos
	m.begin(signaltest.AllConsents(), without(evidence.ConsentRecording))
	id := m.cand.Welcome().You.ID

	const part = 5 * sec
	truth := mediatest.Every(sec, 600*time.Millisecond, part)
	wide, tall := flashing(t, 320, 180, part, truth), flashing(t, 180, 320, part, truth)
	show := program{media.SourceMicrophone: wide[media.SourceMicrophone], media.SourceCamera: wide[media.SourceCamera]}
	for _, f := range tall[media.SourceCamera] {
		f.At += part
		show[media.SourceCamera] = append(show[media.SourceCamera], f)
	}
	streams := m.publish(m.cand, show)
	chaos.Set(relaytest.Faults{LossUp: 0.05, LossDown: 0.05, Reorder: 0.02, Delay: 10 * time.Millisecond})
	begin := time.Now().Add(200 * time.Millisecond)
	play(s.ctx, begin, show, streams).wait()
	ok(t, m.cand.Close())
	lost, passed := chaos.Counts()
	t.Logf("the proxy lost %d packets of %d", lost, lost+passed)

	away := time.Now()
	ok(t, m.dialCandidate())
	defer m.cand.Close()
	if m.cand.Stage() != signaling.StageRoom || m.cand.Welcome().You.ID != id {
		t.Errorf("after the reload at the stage %s as %s, want in the room as %s", m.cand.Stage(), m.cand.Welcome().You.ID, id)
	}
	streams = m.publish(m.cand, wide)
	second := time.Now().Add(100 * time.Millisecond)
	sending := play(s.ctx, second, wide, streams)
	s.until("a picture after the reload", 10*sec, func() bool { return m.host.Peer().Received(id, media.SourceCamera).Last.After(second) })
	t.Logf("the candidate is seen again %v after the socket closed", time.Since(away).Round(time.Millisecond))
	sending.wait()
	epoch := m.epoch()
	r := m.hangUp(5 * sec)

	var flashes, beeps []time.Duration
	var sizes []image.Point
	for _, seg := range of(r, id) {
		c := s.content(seg)
		flashes = append(flashes, shifted(c.Flashes, c.Start)...)
		beeps = append(beeps, shifted(c.Beeps, c.Start)...)
		sizes = append(sizes, c.Sizes...)
		if c.Damaged > 0 {
			t.Logf("%s: %d of %d pictures are damaged", seg.File, c.Damaged, c.Pictures)
		}
	}
	want := shifted(truth, begin.Sub(epoch))
	near(t, "beeps before the reload", want, beeps, 60*time.Millisecond)
	want = append(want, shifted(truth, begin.Sub(epoch)+part)...)
	want = append(want, shifted(truth, second.Sub(epoch))...)
	near(t, "flashes", explained(r.Gaps, want, flashes), flashes, 60*time.Millisecond)
	if n := len(flashes); n < 12 {
		t.Errorf("only %d of 15 flashes came through 5 %% of losses", n)
	}
	for _, p := range []image.Point{{X: 320, Y: 180}, {X: 180, Y: 320}} {
		if !slices.Contains(sizes, p) {
			t.Errorf("no picture of %v in the recording, only %v", p, sizes)
		}
	}
	silent := slices.ContainsFunc(r.Gaps, func(g evidence.Gap) bool {
		return g.Source == string(media.SourceMicrophone) && g.EndMS-g.StartMS > 3000
	})
	if !silent {
		t.Errorf("no gap tells of the 5 s in which the microphone sent nothing: %+v", r.Gaps)
	}
}
