package relay

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/rtp"
	rtpcodecs "github.com/pion/rtp/codecs"
)

func packet(sequence uint16, timestamp uint32, payload ...byte) *rtp.Packet {
	return &rtp.Packet{Header: rtp.Header{SequenceNumber: sequence, Timestamp: timestamp}, Payload: payload}
}

func TestJointLeavesTheFirstStreamAlone(t *testing.T) {
	j := joint{clockRate: 90000, vp8: true}
	for _, n := range []uint16{65534, 0, 65535, 1, 40000} {
		in := packet(n, uint32(n)*7, 0x80, 0x80, 0x85, 0x06, 1)
		if out := j.next("a", in, time.Now()); out != in {
			t.Errorf("packet %d came out as %+v", n, out)
		}
	}
}

func TestJointGoesOn(t *testing.T) {
	begin := time.Now()
	at := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	j := joint{clockRate: 48000}
	j.next("a", packet(65533, 1000), at(0))
	j.next("a", packet(65535, 2000), at(40))
	j.next("a", packet(65534, 1500), at(41)) // late: the next stream follows 65535
	steps := []struct {
		name     string
		from     string
		in       *rtp.Packet
		at       int
		sequence uint16 // of what comes out
		ts       uint32
		dropped  bool
	}{
		{name: "first of the second", from: "b", in: packet(100, 5), at: 640, sequence: 0, ts: 2000 + 24000},
		{name: "its next", from: "b", in: packet(101, 965), at: 660, sequence: 1, ts: 2960 + 24000},
		{name: "one sent before its first", from: "b", in: packet(99, 0xffffffff), at: 661, dropped: true},
		{name: "one far on", from: "b", in: packet(100+youngPackets, 10), at: 662, sequence: youngPackets, ts: 2005 + 24000},
		{name: "one after a wrap-around", from: "b", in: packet(99, 20), at: 663, sequence: 65535, ts: 2015 + 24000},
		{name: "a third at once", from: "c", in: packet(7, 7), at: 663, sequence: youngPackets + 1, ts: 2005 + 24000 + 1},
	}
	for _, s := range steps {
		was := *s.in
		out := j.next(s.from, s.in, at(s.at))
		if s.dropped != (out == nil) {
			t.Fatalf("%s: %+v", s.name, out)
		}
		if s.in.SequenceNumber != was.SequenceNumber || s.in.Timestamp != was.Timestamp {
			t.Errorf("%s: the packet given was changed, and the recorder gets it next", s.name)
		}
		if out == nil {
			continue
		}
		if out.SequenceNumber != s.sequence || out.Timestamp != s.ts {
			t.Errorf("%s: number %d at %d, want %d at %d", s.name, out.SequenceNumber, out.Timestamp, s.sequence, s.ts)
		}
	}
}

// Packets that nobody receives go by too: however many, the next stream goes on
// behind them.
func TestJointAfterManyPackets(t *testing.T) {
	j := joint{clockRate: 48000}
	j.next("a", packet(9, 0), time.Now())
	in := packet(100, 0)
	for range 50_000 {
		if j.next("b", in, time.Now()) == nil {
			t.Fatalf("packet %d was dropped", in.SequenceNumber)
		}
		in.SequenceNumber++
	}
	last := j.last.sequence
	if out := j.next("c", packet(7, 0), time.Now()); out == nil || out.SequenceNumber != last+1 {
		t.Errorf("the third stream begins with %+v, want number %d", out, last+1)
	}
}

func TestJointCountsPicturesOn(t *testing.T) {
	cases := []struct {
		name       string
		last, next []byte // payloads
		want       []byte
	}{
		{"15 bits", []byte{0x90, 0x80, 0x85, 0x06, 1}, []byte{0x90, 0x80, 0xff, 0xff, 2}, []byte{0x90, 0x80, 0x85, 0x07, 2}},
		{"15 bits, wraps", []byte{0x90, 0x80, 0xff, 0xff, 1}, []byte{0x90, 0x80, 0x81, 0x00, 2}, []byte{0x90, 0x80, 0x80, 0x00, 2}},
		{"7 bits", []byte{0x90, 0x80, 0x7f, 1}, []byte{0x90, 0x80, 0x10, 2}, []byte{0x90, 0x80, 0x00, 2}},
		{
			"layers", []byte{0x90, 0xf0, 0x85, 0x06, 9, 0x41, 1}, []byte{0x90, 0xf0, 0x80, 0x01, 200, 0x9f, 2},
			[]byte{0x90, 0xf0, 0x85, 0x07, 10, 0x82, 2},
		},
		{"none", []byte{0x10, 1}, []byte{0x10, 2}, []byte{0x10, 2}},
		{"cut short", []byte{0x90, 0x80, 0x85, 0x06}, []byte{0x90, 0x80, 0x85}, []byte{0x90, 0x80, 0x85}},
		{"empty", []byte{0x90}, nil, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			j := joint{clockRate: 90000, vp8: true}
			j.next("a", packet(1, 0, c.last...), time.Now())
			j.next("a", packet(2, 0), time.Now()) // padding
			j.next("b", packet(8, 0), time.Now())
			in := packet(9, 0, c.next...)
			out := j.next("b", in, time.Now())
			if !bytes.Equal(out.Payload, c.want) {
				t.Errorf("%x after %x came out as %x, want %x", c.next, c.last, out.Payload, c.want)
			}
			if !bytes.Equal(in.Payload, c.next) {
				t.Errorf("the payload given was changed to %x", in.Payload)
			}
		})
	}
}

// FuzzVP8Numbers checks against another reader of the descriptor that writing
// what was read changes nothing, and that other numbers are read back.
func FuzzVP8Numbers(f *testing.F) {
	f.Add([]byte{0x90, 0xf0, 0x85, 0x06, 9, 0x41, 1}, uint16(77))
	f.Add([]byte{0x90, 0x80, 0x7f, 1}, uint16(1))
	f.Add([]byte{0x90}, uint16(0))
	f.Fuzz(func(t *testing.T, payload []byte, shift uint16) {
		n, _ := readVP8Numbers(payload)
		if same := writeVP8Numbers(payload, n); !bytes.Equal(same, payload) {
			t.Fatalf("%x written back as %x", payload, same)
		}
		moved := writeVP8Numbers(payload, n.plus(vp8Numbers{picture: shift, base: uint8(shift), key: uint8(shift)}))
		var was, is rtpcodecs.VP8Packet
		if _, err := was.Unmarshal(payload); err != nil {
			return // no descriptor
		}
		if _, err := is.Unmarshal(moved); err != nil {
			t.Fatalf("%x became %x: %v", payload, moved, err)
		}
		bits := uint16(0x7f)
		if layoutOfVP8(payload).long {
			bits = 0x7fff
		}
		if was.I == 1 && is.PictureID != (was.PictureID+shift)&bits {
			t.Errorf("%x: picture %d + %d became %d", payload, was.PictureID, shift, is.PictureID)
		}
		if was.L == 1 && is.TL0PICIDX != was.TL0PICIDX+uint8(shift) {
			t.Errorf("%x: base %d + %d became %d", payload, was.TL0PICIDX, uint8(shift), is.TL0PICIDX)
		}
		if !bytes.Equal(is.Payload, was.Payload) {
			t.Errorf("%x: the picture itself was changed", payload)
		}
	})
}
