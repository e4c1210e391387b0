package relay_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
	"bonafide/server/relay"
	"bonafide/server/relay/relaytest"
)

func testLog() *slog.Logger {
	level := slog.LevelError
	if os.Getenv("RELAY_DEBUG") != "" {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

func newRelay(t *testing.T, cfg relay.Config) *relay.Relay {
	t.Helper()
	if cfg.UDPAddr == "" {
		cfg.UDPAddr = "127.0.0.1:0"
	}
	r, err := relay.New(cfg, testLog())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func newRoom(t *testing.T, r *relay.Relay, sinks media.SinkFactory) *relay.Room {
	t.Helper()
	m, err := r.NewRoom(relay.RoomConfig{ID: "interview", Sinks: sinks})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestForwardsEveryPacketInOrderOnce(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	sink := &probe{}
	room := newRoom(t, r, func(media.Track) []media.Sink { return []media.Sink{sink} })
	room.SetEpoch(time.Now())
	a, b, c := join(t, room, "a", relaytest.PeerConfig{TWCC: true}), join(t, room, "b", relaytest.PeerConfig{}), join(t, room, "c", relaytest.PeerConfig{})
	s, tr := publish(ctx, t, a, media.SourceCamera)
	if tr.MimeType != webrtc.MimeTypeVP8 || tr.ClockRate != 90000 || tr.Participant != "a" || tr.Role != "candidate" || tr.Interview != "interview" {
		t.Errorf("track described as %+v", tr)
	}
	waitSubscribed(ctx, t, b, s, "a")
	waitSubscribed(ctx, t, c, s, "a")
	before := map[*member]relaytest.Counts{b: b.Received("a", s.Source), c: c.Received("a", s.Source)}
	sentBefore := s.Feedback().Sent
	if err := s.Play(ctx, time.Now(), pictures(100, 5000)); err != nil {
		t.Fatal(err)
	}
	want := s.Feedback().Sent - sentBefore
	for m, was := range before {
		if err := m.Wait(ctx, fmt.Sprintf("%d packets", want), func() bool { return m.Received("a", s.Source).Packets-was.Packets >= want }); err != nil {
			t.Fatalf("%v; got %+v", err, m.Received("a", s.Source))
		}
		got := m.Received("a", s.Source)
		if got.Duplicates != 0 || got.Late != 0 || got.Missing != 0 {
			t.Errorf("received %+v, want no repeated, late or missing packets", got)
		}
	}
	if err := a.Wait(ctx, "the sink", sink.look(func(p *probe) bool { return len(p.seqs) >= want && p.reports > 0 })); err != nil {
		t.Fatal(err)
	}
	sink.look(func(p *probe) bool {
		for i := 1; i < len(p.seqs); i++ {
			if p.seqs[i] != p.seqs[i-1]+1 {
				t.Errorf("sink got %d after %d", p.seqs[i], p.seqs[i-1])
			}
		}
		if d := time.Since(p.ntp); d < 0 || d > time.Minute {
			t.Errorf("sender report says %v, %v away from now", p.ntp, d)
		}
		return true
	})()
	st := r.Stats()
	if st.Duplicates != 0 || st.FailedWrites != 0 || st.PacketsIn == 0 || st.PacketsOut < uint64(2*want) {
		t.Errorf("stats %+v", st)
	}
	a.part.Close()
	sink.look(func(p *probe) bool {
		if p.closed != 1 || p.late {
			t.Errorf("sink closed %d times, written to afterwards: %v; want once, never", p.closed, p.late)
		}
		return true
	})()
}

func TestTCPOnly(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{TCPAddr: "127.0.0.1:0"})
	room := newRoom(t, r, nil)
	a, b := join(t, room, "a", relaytest.PeerConfig{TCPOnly: true}), join(t, room, "b", relaytest.PeerConfig{TCPOnly: true})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
}

func TestTURN(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{TURN: &relay.TURNConfig{Addr: "127.0.0.1:0"}})
	servers, err := r.ICEServers("127.0.0.1", "somebody")
	if err != nil {
		t.Fatal(err)
	}
	room := newRoom(t, r, nil)
	for i, url := range servers[0].URLs {
		cfg := relaytest.PeerConfig{RelayOnly: true, ICEServers: []webrtc.ICEServer{{
			URLs: []string{url}, Username: servers[0].Username, Credential: servers[0].Credential,
		}}}
		a, b := join(t, room, fmt.Sprint("a", i), cfg), join(t, room, fmt.Sprint("b", i), relaytest.PeerConfig{})
		s, _ := publish(ctx, t, a, media.SourceMicrophone)
		waitSubscribed(ctx, t, b, s, fmt.Sprint("a", i))
	}
}

func TestConfigErrorsNameTheField(t *testing.T) {
	for _, cfg := range []relay.Config{
		{UDPAddr: "nonsense"}, {UDPAddr: "host.example:1"}, {UDPAddr: "127.0.0.1:99999"},
		{UDPAddr: "127.0.0.1:0", TCPAddr: "x"}, {UDPAddr: "127.0.0.1:0", PublicIPs: []string{"example.org"}},
		{UDPAddr: "127.0.0.1:0", TURN: &relay.TURNConfig{Addr: "?"}},
	} {
		if r, err := relay.New(cfg, testLog()); err == nil {
			_ = r.Close()
			t.Errorf("%+v was accepted", cfg)
		}
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if r, err := relay.New(relay.Config{UDPAddr: conn.LocalAddr().String()}, testLog()); err == nil {
		_ = r.Close()
		t.Error("a port in use was accepted")
	}
}
