// Package relay forwards audio and video between the people of a room. It is
// a selective forwarding unit: every participant has one peer connection to
// publish on and one to subscribe on, media pass through unchanged, and the
// same packets go to the sinks (recorder, analyzer) that ask for them. It
// knows neither websockets nor what an interview is, and it is the only
// package of the server that touches pion/webrtc.
package relay

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

// ErrClosed is returned by calls on something that was closed.
var ErrClosed = errors.New("closed")

// Config says where the relay listens and how it is reached.
type Config struct {
	// UDPAddr is the one address for all media, e.g. ":7882". Without a host
	// the relay listens on every interface; port 0 picks a free one.
	UDPAddr string
	// TCPAddr is the address for media over ICE-TCP, "" for none.
	TCPAddr string
	// PublicIPs are announced beside the addresses of the machine: set them
	// behind a NAT that maps both ports to this server.
	PublicIPs []string
	// TURN switches the embedded TURN server on. Nil is off.
	TURN *TURNConfig
	// LeftPause is how long the media of a participant who is gone stay
	// offered to the others; 0 means 5 s. After a reload the participant's
	// new tracks follow within moments, a few seconds on a slow machine, and
	// are sent in the old ones' place without an offer.
	LeftPause time.Duration
}

const defaultLeftPause = 5 * time.Second

// Relay holds the ports and the rooms.
type Relay struct {
	log     *slog.Logger
	cfg     Config
	pubAPI  *webrtc.API // for connections on which clients publish
	subAPI  *webrtc.API // for connections on which clients subscribe
	certs   []webrtc.Certificate
	udp     ice.UDPMux
	udpAddr []net.Addr
	tcp     ice.TCPMux
	tcpAddr net.Addr
	turn    *turnServer
	stats   counters

	live   sync.WaitGroup // participants whose connections are not yet closed
	mu     sync.Mutex
	rooms  map[*Room]struct{}
	closed bool
}

// New opens the ports and returns a relay without rooms.
func New(cfg Config, log *slog.Logger) (*Relay, error) {
	if cfg.LeftPause == 0 {
		cfg.LeftPause = defaultLeftPause
	}
	r := &Relay{cfg: cfg, log: log, rooms: map[*Room]struct{}{}}
	fail := func(err error) (*Relay, error) {
		_ = r.closePorts()
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the relay's key: %w", err)
	}
	// One certificate for all connections of this run saves making a key for each.
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("making the relay's certificate: %w", err)
	}
	r.certs = []webrtc.Certificate{*cert}
	if r.udp, r.udpAddr, err = listenUDP(cfg.UDPAddr, log); err != nil {
		return fail(err)
	}
	if cfg.TCPAddr != "" {
		if r.tcp, r.tcpAddr, err = listenTCP(cfg.TCPAddr, log); err != nil {
			return fail(err)
		}
	}
	if cfg.TURN != nil {
		if r.turn, err = newTURN(*cfg.TURN, r.ownIPs(), log); err != nil {
			return fail(err)
		}
	}
	settings, err := r.settings()
	if err != nil {
		return fail(err)
	}
	if r.pubAPI, err = publishAPI(settings); err != nil {
		return fail(err)
	}
	if r.subAPI, err = subscribeAPI(settings); err != nil {
		return fail(err)
	}
	return r, nil
}

// UDPAddrs are the addresses on which media is received.
func (r *Relay) UDPAddrs() []net.Addr { return r.udpAddr }

// TCPAddr is the address for ICE-TCP, nil where it is off.
func (r *Relay) TCPAddr() net.Addr { return r.tcpAddr }

// ICEServer is what a client must know to use a STUN or TURN server.
type ICEServer struct {
	URLs       []string
	Username   string
	Credential string
}

// ICEServers are the servers for a client that reached us under the given
// host name or address; user names the client in time-limited credentials.
// It is empty unless the embedded TURN server runs.
func (r *Relay) ICEServers(host, user string) ([]ICEServer, error) {
	if r.turn == nil {
		return []ICEServer{}, nil
	}
	return r.turn.servers(host, user)
}

// NewRoom opens a room.
func (r *Relay) NewRoom(cfg RoomConfig) (*Room, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, fmt.Errorf("opening room %s: relay: %w", cfg.ID, ErrClosed)
	}
	m := &Room{
		relay: r, cfg: cfg, log: r.log.With("interview", cfg.ID),
		people: map[string]*Participant{}, tracks: map[*Track]struct{}{}, outlets: map[outletKey]*outlet{},
	}
	r.rooms[m] = struct{}{}
	return m, nil
}

// Close closes every room, waits for their connections, and closes the ports.
func (r *Relay) Close() error {
	r.mu.Lock()
	r.closed = true
	rooms := make([]*Room, 0, len(r.rooms))
	for m := range r.rooms {
		rooms = append(rooms, m)
	}
	r.mu.Unlock()
	for _, m := range rooms {
		m.Close()
	}
	r.live.Wait()
	return r.closePorts()
}

// Idle waits until no connection is being closed, or until ctx ends.
func (r *Relay) Idle(ctx context.Context) error {
	t := time.NewTicker(5 * time.Millisecond)
	defer t.Stop()
	for r.stats.closing.Load() > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for connections to close: %w", ctx.Err())
		case <-t.C:
		}
	}
	return nil
}

func (r *Relay) closePorts() error {
	var errs []error
	if r.turn != nil {
		errs = append(errs, r.turn.close())
	}
	if r.udp != nil {
		errs = append(errs, r.udp.Close())
	}
	if r.tcp != nil {
		errs = append(errs, r.tcp.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing the relay's ports: %w", err)
	}
	return nil
}

func (r *Relay) forget(m *Room) {
	r.mu.Lock()
	delete(r.rooms, m)
	r.mu.Unlock()
}
