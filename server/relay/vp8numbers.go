package relay

import "bytes"

// vp8Numbers are the running numbers of a VP8 payload descriptor (RFC 7741,
// section 4.2): a receiver orders pictures by them.
type vp8Numbers struct {
	picture uint16 // PictureID, 7 or 15 bits
	base    uint8  // TL0PICIDX
	key     uint8  // KEYIDX, 5 bits
}

// plus adds a shift; each number wraps around when it is written.
func (n vp8Numbers) plus(shift vp8Numbers) vp8Numbers {
	return vp8Numbers{picture: n.picture + shift.picture, base: n.base + shift.base, key: n.key + shift.key}
}

// after is the shift that makes a stream that begins at first follow n.
func (n vp8Numbers) after(first vp8Numbers) vp8Numbers {
	return vp8Numbers{picture: n.picture + 1 - first.picture, base: n.base + 1 - first.base, key: n.key + 1 - first.key}
}

// vp8Layout is where the numbers are in a payload; 0 where one is not there.
type vp8Layout struct {
	picture, base, key int
	long               bool // PictureID has 15 bits
}

// layoutOfVP8 finds the numbers; all are missing in a payload that is cut short.
func layoutOfVP8(payload []byte) vp8Layout {
	const extended, hasPicture, hasBase, hasTID, hasKey, long = 0x80, 0x80, 0x40, 0x20, 0x10, 0x80
	var l vp8Layout
	if len(payload) < 2 || payload[0]&extended == 0 {
		return l
	}
	flags, at := payload[1], 2
	if flags&hasPicture != 0 {
		if at >= len(payload) {
			return vp8Layout{}
		}
		l.picture, l.long = at, payload[at]&long != 0
		at++
		if l.long {
			at++
		}
	}
	if flags&hasBase != 0 {
		l.base = at
		at++
	}
	if flags&(hasTID|hasKey) != 0 {
		if flags&hasKey != 0 {
			l.key = at
		}
		at++
	}
	if at > len(payload) {
		return vp8Layout{}
	}
	return l
}

// readVP8Numbers returns 0 for each number that is not there, and whether there
// is any: a packet of padding, with which a sender probes the network, has none.
func readVP8Numbers(payload []byte) (n vp8Numbers, any bool) {
	l := layoutOfVP8(payload)
	if l.picture > 0 {
		n.picture = uint16(payload[l.picture] & 0x7f)
		if l.long {
			n.picture = n.picture<<8 | uint16(payload[l.picture+1])
		}
	}
	if l.base > 0 {
		n.base = payload[l.base]
	}
	if l.key > 0 {
		n.key = payload[l.key] & 0x1f
	}
	return n, l != vp8Layout{}
}

// writeVP8Numbers returns a copy of the payload with other numbers where it
// has some.
func writeVP8Numbers(payload []byte, n vp8Numbers) []byte {
	out := bytes.Clone(payload)
	l := layoutOfVP8(payload)
	switch {
	case l.long:
		out[l.picture], out[l.picture+1] = 0x80|uint8(n.picture>>8), uint8(n.picture)
	case l.picture > 0:
		out[l.picture] = uint8(n.picture) & 0x7f
	}
	if l.base > 0 {
		out[l.base] = n.base
	}
	if l.key > 0 {
		out[l.key] = out[l.key]&^0x1f | n.key&0x1f
	}
	return out
}
