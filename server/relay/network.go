package relay

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/pion/ice/v4"
)

const (
	// socketBuffer is asked of the kernel for each UDP socket, in bytes. All
	// rooms share it: 4 MB hold 0.2 s of 150 Mbit/s while the reader waits
	// for a CPU.
	socketBuffer = 4 << 20
	// tcpWriteBuffer bounds what waits for a peer that does not read its TCP
	// connection; what does not fit is dropped, as UDP would. 512 KiB is
	// about 3 s of one 720p stream.
	tcpWriteBuffer = 512 << 10
	tcpReadPackets = 64
)

// splitAddr parses host:port where the host may be empty but not a name: the
// relay announces numbers.
func splitAddr(field, addr string) (net.IP, int, error) {
	host, p, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, 0, fmt.Errorf("%s %q: %w; use host:port, for example :7882", field, addr, err)
	}
	port, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return nil, 0, fmt.Errorf("%s %q: port %q is not a number from 0 to 65535", field, addr, p)
	}
	if host == "" {
		return nil, int(port), nil
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return nil, 0, fmt.Errorf("%s %q: host %q is not an IP address; use a number such as 192.0.2.1, or leave it out for all interfaces", field, addr, host)
	}
	if ip.IsUnspecified() {
		ip = nil
	}
	return ip, int(port), nil
}

// listenUDP opens the one UDP port. Without a host it opens it on every
// interface address in turn, so that an answer always leaves from the address
// that was asked.
func listenUDP(addr string, log *slog.Logger) (ice.UDPMux, []net.Addr, error) {
	ip, port, err := splitAddr("udp address", addr)
	if err != nil {
		return nil, nil, err
	}
	logger := pionLogs{log}.NewLogger("udpmux")
	if ip == nil && port != 0 {
		mux, err := ice.NewMultiUDPMuxFromPort(port, ice.UDPMuxFromPortWithLoopback(),
			ice.UDPMuxFromPortWithReadBufferSize(socketBuffer), ice.UDPMuxFromPortWithWriteBufferSize(socketBuffer),
			ice.UDPMuxFromPortWithLogger(logger))
		if err == nil && len(mux.GetListenAddresses()) > 0 {
			return mux, mux.GetListenAddresses(), nil
		}
		if err == nil {
			_ = mux.Close()
		}
		log.Warn("media port not opened on each interface, trying one socket for all", "port", port, "err", err)
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: port})
	if err != nil {
		return nil, nil, fmt.Errorf("opening the media port: %w", err)
	}
	// The kernel may grant less than asked; the relay works with what it gets.
	_, _ = conn.SetReadBuffer(socketBuffer), conn.SetWriteBuffer(socketBuffer)
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: logger})
	return mux, mux.GetListenAddresses(), nil
}

func listenTCP(addr string, log *slog.Logger) (ice.TCPMux, net.Addr, error) {
	ip, port, err := splitAddr("tcp address", addr)
	if err != nil {
		return nil, nil, err
	}
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: port})
	if err != nil {
		return nil, nil, fmt.Errorf("opening the media port for TCP: %w", err)
	}
	mux := ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: l, Logger: pionLogs{log}.NewLogger("tcpmux"),
		ReadBufferSize: tcpReadPackets, WriteBufferSize: tcpWriteBuffer,
	})
	return mux, l.Addr(), nil
}

// ownIPs are the addresses at which this relay's media ports can be reached.
func (r *Relay) ownIPs() []net.IP {
	var ips []net.IP
	for _, a := range r.udpAddr {
		if u, ok := a.(*net.UDPAddr); ok {
			ips = append(ips, u.IP)
		}
	}
	for _, s := range r.cfg.PublicIPs {
		if ip := net.ParseIP(s); ip != nil {
			ips = append(ips, ip)
		}
	}
	return ips
}
