package relaytest

import (
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Faults is what a Chaos proxy does to packets. Shares are from 0 to 1.
type Faults struct {
	LossUp    float64       // share lost on the way to the server
	LossDown  float64       // share lost on the way to the client
	Delay     time.Duration // added each way
	Reorder   float64       // share held back so that later packets overtake
	HoldBack  time.Duration // for how long; 0 means 15 ms
	Duplicate float64       // share delivered twice
	Blackhole bool          // nothing passes
}

// chaosQueue bounds the packets under way in a Chaos proxy, chaosBuffer is
// asked of the kernel so that only chosen packets are lost.
const (
	chaosQueue  = 1 << 14
	chaosBuffer = 4 << 20
)

// Chaos is a UDP proxy before one server address that loses, delays and
// reorders packets. Every client address gets a socket of its own towards the
// server. Its choices follow from the seed and the order of packets.
type Chaos struct {
	target *net.UDPAddr
	front  *net.UDPConn
	work   sync.WaitGroup
	faults atomic.Pointer[Faults]

	mu     sync.Mutex
	rng    *rand.Rand
	flows  map[string]*net.UDPConn
	late   packetHeap
	closed bool
	wake   chan struct{}

	lost, passed atomic.Int64
}

// NewChaos opens a proxy on a free loopback port. Close it.
func NewChaos(target net.Addr, seed uint64) (*Chaos, error) {
	to, ok := target.(*net.UDPAddr)
	if !ok {
		return nil, fmt.Errorf("chaos target %v: not a UDP address", target)
	}
	front, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("opening the chaos port: %w", err)
	}
	_, _ = front.SetReadBuffer(chaosBuffer), front.SetWriteBuffer(chaosBuffer)
	c := &Chaos{
		target: to, front: front, rng: rand.New(rand.NewPCG(seed, seed)),
		flows: map[string]*net.UDPConn{}, wake: make(chan struct{}, 1),
	}
	c.faults.Store(&Faults{})
	c.work.Add(2)
	go c.readFront()
	go c.deliverLate()
	return c, nil
}

// Addr is where clients send instead of to the server.
func (c *Chaos) Addr() *net.UDPAddr { return c.front.LocalAddr().(*net.UDPAddr) }

// Set changes what happens to packets from now on.
func (c *Chaos) Set(f Faults) { c.faults.Store(&f) }

// Counts returns how many packets were lost on purpose and how many passed.
func (c *Chaos) Counts() (lost, passed int64) { return c.lost.Load(), c.passed.Load() }

// Close ends all flows and waits.
func (c *Chaos) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	for _, f := range c.flows {
		_ = f.Close()
	}
	close(c.wake)
	c.mu.Unlock()
	err := c.front.Close()
	c.work.Wait()
	return err
}

func (c *Chaos) readFront() {
	defer c.work.Done()
	buf := make([]byte, 65536)
	for {
		n, from, err := c.front.ReadFromUDP(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		up, err := c.flow(from)
		if err != nil {
			return
		}
		c.pass(buf[:n], c.faults.Load().LossUp, func(b []byte) { _, _ = up.Write(b) })
	}
}

func (c *Chaos) flow(from *net.UDPAddr) (*net.UDPConn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, net.ErrClosed
	}
	if up, ok := c.flows[from.String()]; ok {
		return up, nil
	}
	up, err := net.DialUDP("udp", nil, c.target)
	if err != nil {
		return nil, err
	}
	_, _ = up.SetReadBuffer(chaosBuffer), up.SetWriteBuffer(chaosBuffer)
	c.flows[from.String()] = up
	c.work.Add(1)
	go c.readFlow(up, from)
	return up, nil
}

func (c *Chaos) readFlow(up *net.UDPConn, client *net.UDPAddr) {
	defer c.work.Done()
	buf := make([]byte, 65536)
	for {
		n, err := up.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // the server's port may be closed for a moment
		}
		c.pass(buf[:n], c.faults.Load().LossDown, func(b []byte) { _, _ = c.front.WriteToUDP(b, client) })
	}
}

// pass decides a packet's fate.
func (c *Chaos) pass(b []byte, loss float64, send func([]byte)) {
	f := c.faults.Load()
	c.mu.Lock()
	lose := f.Blackhole || c.rng.Float64() < loss
	hold := c.rng.Float64() < f.Reorder
	twice := c.rng.Float64() < f.Duplicate
	delay := f.Delay
	if hold {
		back := f.HoldBack
		if back == 0 {
			back = 15 * time.Millisecond
		}
		delay += back
	}
	if lose {
		c.mu.Unlock()
		c.lost.Add(1)
		return
	}
	c.passed.Add(1)
	if delay > 0 && !c.closed && len(c.late) < chaosQueue {
		heap.Push(&c.late, latePacket{due: time.Now().Add(delay), data: append([]byte(nil), b...), send: send, twice: twice})
		select {
		case c.wake <- struct{}{}:
		default:
		}
		c.mu.Unlock()
		return
	}
	c.mu.Unlock()
	send(b)
	if twice {
		send(b)
	}
}

func (c *Chaos) deliverLate() {
	defer c.work.Done()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait := time.Hour
		c.mu.Lock()
		for len(c.late) > 0 && !c.closed {
			if wait = time.Until(c.late[0].due); wait > 0 {
				break
			}
			p := heap.Pop(&c.late).(latePacket)
			wait = time.Hour
			c.mu.Unlock()
			p.send(p.data)
			if p.twice {
				p.send(p.data)
			}
			c.mu.Lock()
		}
		closed := c.closed
		c.mu.Unlock()
		if closed {
			return
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-c.wake:
		}
	}
}

type latePacket struct {
	due   time.Time
	data  []byte
	send  func([]byte)
	twice bool
}

type packetHeap []latePacket

func (h packetHeap) Len() int           { return len(h) }
func (h packetHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h packetHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *packetHeap) Push(x any)        { *h = append(*h, x.(latePacket)) }
func (h *packetHeap) Pop() any {
	old := *h
	p := old[len(old)-1]
	old[len(old)-1] = latePacket{}
	*h = old[:len(old)-1]
	return p
}
