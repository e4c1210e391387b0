// Package relaytest supports tests and benchmarks of the relay: a peer that
// publishes given samples at given times and counts what it receives, and
// proxies that lose, delay, reorder and stall.
package relaytest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
)

// Subscription says what a mid of the subscribe connection carries.
type Subscription struct {
	Mid, Participant string
	Source           media.Source
}

// Signals is how a peer reaches the server. Calls come from the peer's own
// goroutines and from within its methods; they must not call back into it
// before they return, but for Answer and Offer methods of the same connection.
type Signals interface {
	SendOffer(sdp string, sources map[string]string) error
	SendAnswer(sdp string) error
	SendCandidate(target string, candidate json.RawMessage) error
}

// PeerConfig configures a peer.
type PeerConfig struct {
	// Proxy, when set, is the only UDP address the peer talks to; TCPProxy the
	// only TCP address. Neither side then learns the other's real address.
	Proxy    *Chaos
	TCPProxy *TCPProxy
	TCPOnly  bool // ICE-TCP only
	// ICEServers and RelayOnly make the peer use a TURN server.
	ICEServers []webrtc.ICEServer
	RelayOnly  bool
	// OnRTP, when set, is called for every packet received, repetitions
	// included, from one goroutine per track. p is valid during the call.
	OnRTP func(participant string, source media.Source, p *rtp.Packet, arrival time.Time)
	// OnNACK, when set, is called for every packet that the server asks the
	// peer for again, from the goroutine that reads the stream's feedback.
	OnNACK func(source media.Source, seq uint16, at time.Time)
	// OnAsk, when set, is called for every packet that the peer itself asks the
	// server for again.
	OnAsk func(ssrc uint32, seq uint16)
	// NACKInterval is how often the peer asks for what it misses; 0 means 100 ms.
	NACKInterval time.Duration
	// TWCC numbers outgoing packets for transport-wide feedback, as browsers do.
	TWCC bool
}

// disconnectedAfter is how soon a peer notices that nothing arrives any more:
// sooner than a browser (5 s), so that tests of outages are short.
const disconnectedAfter = 1500 * time.Millisecond

// Peer is a client of the relay with its two connections.
type Peer struct {
	cfg  PeerConfig
	sig  Signals
	pub  *webrtc.PeerConnection
	sub  *webrtc.PeerConnection
	udp  []ice.UDPMux // one socket per connection, as in a browser, with room for bursts
	work sync.WaitGroup

	// offering is held from an offer to its answer: one at a time.
	offering chan struct{}

	mu      sync.Mutex
	closed  bool
	streams map[media.Source]*Stream
	subs    map[string]Subscription // by mid
	waiting map[string][]webrtc.ICECandidateInit
	counts  map[Key]*Counts
	changed chan struct{} // closed and replaced on every change worth waiting for
}

// NewPeer makes the connections; nothing is sent before Publish or until the
// server offers.
func NewPeer(cfg PeerConfig, sig Signals) (*Peer, error) {
	p := &Peer{
		cfg: cfg, sig: sig, offering: make(chan struct{}, 1),
		streams: map[media.Source]*Stream{}, subs: map[string]Subscription{},
		waiting: map[string][]webrtc.ICECandidateInit{}, counts: map[Key]*Counts{}, changed: make(chan struct{}),
	}
	var err error
	if p.pub, err = p.connection(); err == nil {
		p.sub, err = p.connection()
	}
	if err != nil {
		if p.pub != nil {
			_ = p.pub.Close()
		}
		_ = p.closeSockets()
		return nil, err
	}
	for target, pc := range map[string]*webrtc.PeerConnection{"publish": p.pub, "subscribe": p.sub} {
		pc.OnICECandidate(func(c *webrtc.ICECandidate) { p.localCandidate(target, c) })
		pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { p.signal() })
	}
	p.sub.OnTrack(p.onTrack)
	return p, nil
}

// connection makes a peer connection with a socket of its own: the relay, with
// one port for all, tells connections apart by where they come from.
func (p *Peer) connection() (*webrtc.PeerConnection, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("opening the peer's socket: %w", err)
	}
	_, _ = conn.SetReadBuffer(chaosBuffer), conn.SetWriteBuffer(chaosBuffer)
	quiet := &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: quiet.NewLogger("mux")})
	p.udp = append(p.udp, mux)
	api, err := peerAPI(p.cfg, mux, quiet)
	if err != nil {
		return nil, err
	}
	conf := webrtc.Configuration{ICEServers: p.cfg.ICEServers}
	if p.cfg.RelayOnly {
		conf.ICETransportPolicy = webrtc.ICETransportPolicyRelay
	}
	pc, err := api.NewPeerConnection(conf)
	if err != nil {
		return nil, fmt.Errorf("making a connection of the peer: %w", err)
	}
	return pc, nil
}

func (p *Peer) closeSockets() error {
	var errs []error
	for _, mux := range p.udp {
		errs = append(errs, mux.Close())
	}
	return errors.Join(errs...)
}

// Negotiate offers the publish connection, with an ICE restart if asked, and
// waits until the answer of an offer before it is in.
func (p *Peer) Negotiate(ctx context.Context, restart bool) error {
	select {
	case p.offering <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for the last answer: %w", ctx.Err())
	}
	offer, err := p.pub.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err == nil {
		err = p.pub.SetLocalDescription(offer)
	}
	if err != nil {
		<-p.offering
		return fmt.Errorf("offering: %w", err)
	}
	if err := p.sig.SendOffer(p.hide(p.pub.LocalDescription().SDP), p.sources()); err != nil {
		<-p.offering
		return fmt.Errorf("offering: %w", err)
	}
	return nil
}

func (p *Peer) sources() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := map[string]string{}
	for _, t := range p.pub.GetTransceivers() {
		for _, s := range p.streams {
			if t.Sender() == s.sender {
				m[t.Mid()] = string(s.Source)
			}
		}
	}
	return m
}

// HandleAnswer takes the answer to the last offer.
func (p *Peer) HandleAnswer(sdp string) error {
	err := p.pub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: p.redirect(sdp)})
	select {
	case <-p.offering:
	default:
	}
	if err != nil {
		return fmt.Errorf("taking the answer: %w", err)
	}
	return p.flush("publish", p.pub)
}

// HandleOffer takes an offer for the subscribe connection and answers it.
func (p *Peer) HandleOffer(sdp string, tracks []Subscription) error {
	p.mu.Lock()
	clear(p.subs)
	for _, t := range tracks {
		p.subs[t.Mid] = t
	}
	p.mu.Unlock()
	defer p.signal()
	if p.sub.RemoteDescription() != nil {
		// pion would take an offer that comes before ICE has begun with the
		// first for an ICE restart.
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := p.Wait(ctx, "ICE to begin", func() bool { return p.sub.ICEConnectionState() != webrtc.ICEConnectionStateNew }); err != nil {
			return err
		}
	}
	if err := p.sub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: p.redirect(sdp)}); err != nil {
		return fmt.Errorf("taking the offer: %w", err)
	}
	if err := p.flush("subscribe", p.sub); err != nil {
		return err
	}
	answer, err := p.sub.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("answering: %w", err)
	}
	if err := p.sub.SetLocalDescription(answer); err != nil {
		return fmt.Errorf("applying the answer: %w", err)
	}
	return p.sig.SendAnswer(p.hide(p.sub.LocalDescription().SDP))
}

// Subscriptions is what the last offer of the server promised.
func (p *Peer) Subscriptions() []Subscription {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Subscription
	for _, s := range p.subs {
		list = append(list, s)
	}
	return list
}

// States are the states of the publish and the subscribe connection.
func (p *Peer) States() (pub, sub webrtc.PeerConnectionState) {
	return p.pub.ConnectionState(), p.sub.ConnectionState()
}

// Wait waits until cond holds. It looks again on every change of state and
// every few milliseconds.
func (p *Peer) Wait(ctx context.Context, what string, cond func() bool) error {
	for !cond() {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		}
	}
	return nil
}

// WaitPublishing waits until the publish connection is up.
func (p *Peer) WaitPublishing(ctx context.Context) error {
	return p.Wait(ctx, "the publish connection", func() bool {
		return p.pub.ConnectionState() == webrtc.PeerConnectionStateConnected
	})
}

func (p *Peer) signal() {
	p.mu.Lock()
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
}

// Close closes both connections and waits for the readers.
func (p *Peer) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := errors.Join(p.pub.Close(), p.sub.Close(), p.closeSockets())
	p.work.Wait()
	return err
}
