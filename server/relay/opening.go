package relay

import (
	"sync"
	"sync/atomic"

	"github.com/pion/rtp"
)

// openingPackets bounds what is kept of a track that nobody can take yet: at
// 1.8 Mbit/s a second and a half, longer than a browser takes to answer.
const openingPackets = 256

// opening keeps the first packets of a track, which begin with a key frame,
// until the first subscriber has answered for it. Else that subscriber would
// have to ask for another key frame, and wait for it.
type opening struct {
	over atomic.Bool

	mu   sync.Mutex // held while what was kept is passed on, so that order is kept
	kept []*rtp.Packet
}

// keep takes a packet, unless packets are passed on at once.
func (o *opening) keep(p *rtp.Packet) bool {
	if o.over.Load() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over.Load() {
		return false
	}
	if len(o.kept) == openingPackets {
		o.kept = nil
		o.over.Store(true)
		return false
	}
	o.kept = append(o.kept, p.Clone())
	return true
}

// end passes on what was kept, and tells whether that was anything. Later
// packets are not kept.
func (o *opening) end(pass func(*rtp.Packet)) bool {
	if o.over.Load() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	any := !o.over.Load() && len(o.kept) > 0
	for _, p := range o.kept {
		pass(p)
	}
	o.kept = nil
	o.over.Store(true)
	return any
}
