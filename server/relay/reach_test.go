package relay_test

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
	"bonafide/server/relay"
	"bonafide/server/relay/relaytest"
)

// A relay on every interface behind a NAT announces its public address and its
// own, on the two ports, and no name for mDNS.
func TestAnnouncedAddresses(t *testing.T) {
	ctx := testContext(t)
	probe, err := net.ListenUDP("udp", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	port := probe.LocalAddr().(*net.UDPAddr).Port
	probe.Close()
	r := newRelay(t, relay.Config{UDPAddr: fmt.Sprintf(":%d", port), TCPAddr: ":0", PublicIPs: []string{"203.0.113.5"}})
	room := newRoom(t, r, nil)
	a, b := join(t, room, "a", relaytest.PeerConfig{}), join(t, room, "b", relaytest.PeerConfig{})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
	b.mu.Lock()
	defer b.mu.Unlock()
	tcp := r.TCPAddr().(*net.TCPAddr).Port
	for _, want := range []string{
		fmt.Sprintf(" 203.0.113.5 %d typ host", port), fmt.Sprintf(" 127.0.0.1 %d typ host", port),
		fmt.Sprintf(" 203.0.113.5 %d typ host", tcp), fmt.Sprintf(" 127.0.0.1 %d typ host tcptype passive", tcp),
	} {
		if !strings.Contains(b.lastOffer, want) {
			t.Errorf("no candidate%s in\n%s", want, b.lastOffer)
		}
	}
	for _, line := range strings.Split(b.lastOffer, "\r\n") {
		f := strings.Fields(line)
		if strings.HasPrefix(line, "a=candidate:") && (f[5] != fmt.Sprint(port) && f[5] != fmt.Sprint(tcp) || strings.HasSuffix(f[4], ".local")) {
			t.Errorf("announces %s", line)
		}
	}
	if strings.Contains(b.lastOffer, "rtx") || strings.Contains(b.lastOffer, "usedtx") {
		t.Errorf("RTX or DTX in\n%s", b.lastOffer)
	}
}

// An outage of 20 s on both sides: longer than a connection survives by
// itself, shorter than a place is held.
func TestTwentySecondOutage(t *testing.T) {
	if os.Getenv("BONAFIDE_LONG") == "" {
		t.Skip("takes half a minute; set BONAFIDE_LONG=1")
	}
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	chaos := newChaos(t, r, 4)
	a, b := join(t, room, "a", relaytest.PeerConfig{Proxy: chaos}), join(t, room, "b", relaytest.PeerConfig{Proxy: chaos})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
	keepWriting(t, s)
	chaos.Set(relaytest.Faults{Blackhole: true})
	time.Sleep(20 * time.Second) // the outage itself
	chaos.Set(relaytest.Faults{})
	back := time.Now()
	if err := a.Negotiate(ctx, true); err != nil {
		t.Fatal(err)
	}
	if err := b.part.RestartSubscribe(); err != nil {
		t.Fatal(err)
	}
	before := b.Received("a", s.Source).Packets
	ctx = testContext(t)
	if err := b.Wait(ctx, "packets after the outage", func() bool { return b.Received("a", s.Source).Packets > before+20 }); err != nil {
		pub, sub := a.States()
		t.Fatalf("%v; publisher %s, %s", err, pub, sub)
	}
	t.Logf("packets again %v after the link", time.Since(back).Round(time.Millisecond))
	if pub, _ := a.States(); pub != webrtc.PeerConnectionStateConnected {
		t.Errorf("the publisher is %s", pub)
	}
}

// Whatever a room started ends with the relay.
func TestCloseLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	r, err := relay.New(relay.Config{UDPAddr: "127.0.0.1:0", TCPAddr: "127.0.0.1:0", TURN: &relay.TURNConfig{Addr: "127.0.0.1:0"}}, testLog())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("call", func(t *testing.T) {
		ctx := testContext(t)
		room := newRoom(t, r, nil)
		a, b := join(t, room, "a", relaytest.PeerConfig{}), join(t, room, "b", relaytest.PeerConfig{})
		s, _ := publish(ctx, t, a, media.SourceCamera)
		waitSubscribed(ctx, t, b, s, "a")
	})
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if st := r.Stats(); st.Participants != 0 || st.Tracks != 0 || st.Rooms != 0 {
		t.Errorf("left over: %+v", st)
	}
	// pion ends its last goroutines a moment after Close.
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

func TestListenForms(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "127.0.0.1:0"} {
		t.Run(addr, func(t *testing.T) {
			ctx := testContext(t)
			r := newRelay(t, relay.Config{UDPAddr: addr})
			room := newRoom(t, r, nil)
			a, b := join(t, room, "a", relaytest.PeerConfig{}), join(t, room, "b", relaytest.PeerConfig{})
			s, _ := publish(ctx, t, a, media.SourceCamera)
			waitSubscribed(ctx, t, b, s, "a")
		})
	}
}
