package analysis

import "sync"

// item is a message on its way to the child.
type item struct {
	kind byte
	data []byte
}

// maxControls bounds the controls that wait beside the packets. So many only
// pile up behind a child that hangs, which is killed for it.
const maxControls = 1024

// maxSoundPackets bounds the packets of sound that wait: ten seconds of three
// people, which is more than of pictures, so that those are dropped first.
const maxSoundPackets = 1500

// queue is what waits to be written to the child, in order. Packets that find
// it full are refused, controls are not until far later: putting never blocks.
type queue struct {
	mu       sync.Mutex
	items    []item
	packets  int           // of pictures
	sounds   int           // of sound
	max      int           // packets of pictures
	ready    chan struct{} // has a value when items may be there
	overflow bool
}

func newQueue(max int) *queue { return &queue{max: max, ready: make(chan struct{}, 1)} }

// put appends an item and tells whether there was room.
func (q *queue) put(it item) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case it.kind == msgRTP && q.packets >= q.max, it.kind == msgSound && q.sounds >= maxSoundPackets:
		return false
	case it.kind == msgRTP:
		q.packets++
	case it.kind == msgSound:
		q.sounds++
	case len(q.items)-q.packets-q.sounds >= maxControls:
		q.overflow = true
		return false
	}
	q.items = append(q.items, it)
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// take gives everything that waits.
func (q *queue) take() []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := q.items
	q.items, q.packets, q.sounds = nil, 0, 0
	return out
}

// reset drops what waits for a child that is gone, and puts the first control
// for the next one in its place: nothing may come before it.
func (q *queue) reset(first item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items, q.packets, q.sounds, q.overflow = []item{first}, 0, 0, false
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// overflown tells that a control was refused: the child's state is not ours.
func (q *queue) overflown() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.overflow
}
