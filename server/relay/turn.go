package relay

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/pion/turn/v5"
)

// turnCredentialLife is how long a client may start using its credentials; an
// interview lasts longer than an hour seldom, a day never.
const turnCredentialLife = 12 * time.Hour

// TURNConfig configures the embedded TURN server, which helps clients whose
// network lets them reach one well-known port only. It relays to this relay
// and to nowhere else.
type TURNConfig struct {
	Addr   string // UDP and TCP, e.g. ":3478"
	Host   string // name or address that clients are told; "" for the host they reached us under
	Realm  string // "" for "bonafide"
	Secret string // of the time-limited credentials; "" draws one for this run
}

type turnServer struct {
	cfg    TURNConfig
	port   int
	server *turn.Server
}

// newTURN starts the server. own are the addresses clients may relay to.
func newTURN(cfg TURNConfig, own []net.IP, log *slog.Logger) (*turnServer, error) {
	ip, port, err := splitAddr("turn address", cfg.Addr)
	if err != nil {
		return nil, err
	}
	if cfg.Realm == "" {
		cfg.Realm = "bonafide"
	}
	if cfg.Secret == "" {
		b := make([]byte, 32)
		if _, err := rand.Read(b); err != nil {
			return nil, fmt.Errorf("drawing the TURN secret: %w", err)
		}
		cfg.Secret = hex.EncodeToString(b)
	}
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: port})
	if err != nil {
		return nil, fmt.Errorf("opening the TURN port: %w", err)
	}
	port = udp.LocalAddr().(*net.UDPAddr).Port
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: port})
	if err != nil {
		_ = udp.Close()
		return nil, fmt.Errorf("opening the TURN port for TCP: %w", err)
	}
	// Loopback is where this machine keeps its private services: it is allowed
	// only when there is no other way to the media port (a server for tests).
	outside := slices.DeleteFunc(slices.Clone(own), net.IP.IsLoopback)
	if len(outside) == 0 {
		outside = own
	}
	relayIP := ip
	if relayIP == nil {
		// The address only has to be one of ours: both ends of the relayed
		// path are this machine.
		if relayIP = net.IPv4(127, 0, 0, 1); len(outside) > 0 {
			relayIP = outside[0]
		}
	}
	gen := func() turn.RelayAddressGenerator {
		return &turn.RelayAddressGeneratorStatic{RelayAddress: relayIP, Address: relayIP.String()}
	}
	allow := func(_ net.Addr, peer net.IP) bool { return slices.ContainsFunc(outside, peer.Equal) }
	logs := pionLogs{log}
	server, err := turn.NewServer(turn.ServerConfig{
		Realm: cfg.Realm, LoggerFactory: logs,
		AuthHandler:       turn.LongTermTURNRESTAuthHandler(cfg.Secret, logs.NewLogger("turn")),
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: udp, RelayAddressGenerator: gen(), PermissionHandler: allow}},
		ListenerConfigs:   []turn.ListenerConfig{{Listener: tcp, RelayAddressGenerator: gen(), PermissionHandler: allow}},
	})
	if err != nil {
		_, _ = udp.Close(), tcp.Close()
		return nil, fmt.Errorf("starting the TURN server: %w", err)
	}
	return &turnServer{cfg: cfg, port: port, server: server}, nil
}

func (t *turnServer) servers(host, user string) ([]ICEServer, error) {
	if t.cfg.Host != "" {
		host = t.cfg.Host
	}
	name, pass, err := turn.GenerateLongTermTURNRESTCredentials(t.cfg.Secret, user, turnCredentialLife)
	if err != nil {
		return nil, fmt.Errorf("making TURN credentials: %w", err)
	}
	at := net.JoinHostPort(host, strconv.Itoa(t.port))
	return []ICEServer{{
		URLs:     []string{"turn:" + at + "?transport=udp", "turn:" + at + "?transport=tcp"},
		Username: name, Credential: pass,
	}}, nil
}

func (t *turnServer) close() error { return t.server.Close() }
