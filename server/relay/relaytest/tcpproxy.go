package relaytest

import (
	"fmt"
	"io"
	"net"
	"sync"
)

// TCPProxy stands before one TCP address and can stop reading from the server,
// as a peer does that hangs.
type TCPProxy struct {
	listener net.Listener
	target   string
	work     sync.WaitGroup

	mu      sync.Mutex
	conns   []net.Conn
	closed  bool
	stalled bool
	resume  *sync.Cond
}

// NewTCPProxy opens a proxy on a free loopback port. Close it.
func NewTCPProxy(target net.Addr) (*TCPProxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening the proxy port: %w", err)
	}
	p := &TCPProxy{listener: l, target: target.String()}
	p.resume = sync.NewCond(&p.mu)
	p.work.Add(1)
	go p.accept()
	return p, nil
}

// Addr is where clients connect instead of to the server.
func (p *TCPProxy) Addr() *net.TCPAddr { return p.listener.Addr().(*net.TCPAddr) }

// Stall stops (or resumes) reading what the server sends.
func (p *TCPProxy) Stall(stalled bool) {
	p.mu.Lock()
	p.stalled = stalled
	p.mu.Unlock()
	p.resume.Broadcast()
}

// Close ends all connections and waits.
func (p *TCPProxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.resume.Broadcast()
	p.work.Wait()
	return err
}

func (p *TCPProxy) accept() {
	defer p.work.Done()
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			_, _ = client.Close(), server.Close()
			return
		}
		p.conns = append(p.conns, client, server)
		p.work.Add(2)
		p.mu.Unlock()
		go p.copy(server, client, false)
		go p.copy(client, server, true)
	}
}

func (p *TCPProxy) copy(to io.WriteCloser, from io.ReadCloser, stallable bool) {
	defer p.work.Done()
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 16<<10)
	for {
		p.mu.Lock()
		for stallable && p.stalled && !p.closed {
			p.resume.Wait()
		}
		p.mu.Unlock()
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
