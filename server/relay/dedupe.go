package relay

// dedupeWindow is how many sequence numbers back a packet is still told from
// its repetition. It must be a power of two.
const dedupeWindow = 2048

// dedupe tells new RTP packets from repeated ones. One goroutine uses it.
type dedupe struct {
	started bool
	highest uint64 // extended sequence number; starts high enough to go back from
	seen    [dedupeWindow / 64]uint64
}

// fresh reports whether the sequence number was not seen before, and marks it.
// A number further back than the window is taken for a repetition.
func (d *dedupe) fresh(seq uint16) bool {
	if !d.started {
		d.started, d.highest = true, 1<<32|uint64(seq)
		d.mark(d.highest)
		return true
	}
	step := int16(seq - uint16(d.highest))
	switch {
	case step > 0:
		next := d.highest + uint64(step)
		if step >= dedupeWindow {
			clear(d.seen[:])
		} else {
			for s := d.highest + 1; s < next; s++ {
				d.unmark(s)
			}
		}
		d.highest = next
		d.mark(next)
		return true
	case step <= -dedupeWindow:
		return false
	}
	at := d.highest - uint64(-int64(step))
	if d.has(at) {
		return false
	}
	d.mark(at)
	return true
}

func (d *dedupe) bit(s uint64) (int, uint64) {
	i := s % dedupeWindow
	return int(i / 64), 1 << (i % 64)
}

func (d *dedupe) mark(s uint64)     { w, b := d.bit(s); d.seen[w] |= b }
func (d *dedupe) unmark(s uint64)   { w, b := d.bit(s); d.seen[w] &^= b }
func (d *dedupe) has(s uint64) bool { w, b := d.bit(s); return d.seen[w]&b != 0 }
