package media

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// The receiver is tested with frames that only look like VP8, so that each
// packet can be told: a frame is a header and bytes that all hold its number.
func vp8Frame(n, size int, key bool) []byte {
	b := bytes.Repeat([]byte{byte(n)}, max(size, 10))
	b[0] = 1
	if key {
		copy(b, []byte{0, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0})
	}
	return b
}

// videoPackets cuts a frame into packets of 100 bytes.
func videoPackets(seq uint16, ts uint32, frame []byte) []*rtp.Packet {
	var out []*rtp.Packet
	for i := 0; i < len(frame); i += 100 {
		head := byte(0)
		if i == 0 {
			head = 0x10
		}
		out = append(out, &rtp.Packet{
			Header:  rtp.Header{Version: 2, PayloadType: 96, SSRC: 1, SequenceNumber: seq, Timestamp: ts, Marker: i+100 >= len(frame)},
			Payload: append([]byte{head}, frame[i:min(i+100, len(frame))]...),
		})
		seq++
	}
	return out
}

func receiver(t *testing.T, source Source, cfg ReceiverConfig) *Receiver {
	t.Helper()
	track := Track{ID: "t", Source: source, MimeType: "video/VP8", ClockRate: 90000}
	if !source.Video() {
		track.MimeType, track.ClockRate = "audio/opus", 48000
	}
	r, err := NewReceiver(track, NewParticipantClock(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// arrive is a packet with its arrival.
type arrive struct {
	p     *rtp.Packet
	at    time.Duration
	drops int // told before it
}

// feed pushes packets in order of arrival and gives all samples, with a tick
// each 10 ms.
func feed(r *Receiver, in []arrive) []Sample {
	slices.SortStableFunc(in, func(a, b arrive) int { return int(a.at - b.at) })
	var out []Sample
	drain := func(now time.Duration) {
		for {
			s, ok := r.Pop(now)
			if !ok {
				return
			}
			out = append(out, s)
		}
	}
	now := time.Duration(0)
	for _, a := range in {
		for ; now+10*ms < a.at; now += 10 * ms {
			drain(now)
		}
		now = a.at
		if a.drops > 0 {
			r.Dropped(a.drops)
		}
		r.Push(a.p, a.at)
		drain(now)
	}
	r.Flush()
	drain(now)
	return out
}

// stream makes 60 frames of 3 packets at 30 per second, across the wrap of both
// counters.
func stream() (frames [][]byte, packets []arrive) {
	seq, ts := uint16(65500), uint32(0xFFFFF000)
	for n := range 60 {
		f := vp8Frame(n, 250, n%15 == 0)
		frames = append(frames, f)
		at := time.Second + time.Duration(n)*time.Second/30
		for i, p := range videoPackets(seq, ts, f) {
			packets = append(packets, arrive{p: p, at: at + time.Duration(i)*ms})
		}
		seq, ts = seq+3, ts+3000
	}
	return frames, packets
}

func TestReceiverPutsFramesTogether(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		name    string
		change  func([]arrive) []arrive
		missing []int // frames that cannot come out
		lost    int   // packets
	}{
		{"in order", func(a []arrive) []arrive { return a }, nil, 0},
		{"reordered by up to 100 ms", func(a []arrive) []arrive {
			for i := range a {
				a[i].at += time.Duration(rng.IntN(100)) * ms
			}
			return a
		}, nil, 0},
		{"everything twice", func(a []arrive) []arrive { return append(a, a...) }, nil, 0},
		{"a resent packet after 250 ms", func(a []arrive) []arrive { a[31].at += 250 * ms; return a }, nil, 0},
		{"a resent packet after 400 ms is too late", func(a []arrive) []arrive { a[31].at += 400 * ms; return a }, []int{10}, 1},
		{"middle of a frame lost", func(a []arrive) []arrive { return slices.Delete(a, 31, 32) }, []int{10}, 1},
		{"head of a frame lost", func(a []arrive) []arrive { return slices.Delete(a, 30, 31) }, []int{10}, 1},
		{"end of a frame lost", func(a []arrive) []arrive { return slices.Delete(a, 32, 33) }, []int{10}, 1},
		{"two frames lost", func(a []arrive) []arrive { return slices.Delete(a, 29, 34) }, []int{9, 10, 11}, 5},
		{"begins in mid-frame", func(a []arrive) []arrive { return a[1:] }, []int{0}, 0},
		{"ends in mid-frame", func(a []arrive) []arrive { return a[:179] }, []int{59}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			frames, packets := stream()
			r := receiver(t, SourceCamera, ReceiverConfig{})
			got := feed(r, c.change(packets))
			lost, i := 0, 0
			for n, f := range frames {
				if slices.Contains(c.missing, n) {
					continue
				}
				if i >= len(got) {
					t.Fatalf("%d frames came out, want %d", len(got), len(frames)-len(c.missing))
				}
				s := got[i]
				if !bytes.Equal(s.Data, f) {
					t.Fatalf("frame %d is not what was sent", n)
				}
				if want := time.Second + time.Duration(n)*time.Second/30; s.At < want-40*ms || s.At > want+40*ms {
					t.Errorf("frame %d is placed at %v, want %v", n, s.At, want)
				}
				if s.KeyFrame != (n%15 == 0) || s.KeyFrame && (s.Width != 64 || s.Height != 48) {
					t.Errorf("frame %d: key frame %v of %dx%d", n, s.KeyFrame, s.Width, s.Height)
				}
				lost += s.LostBefore
				i++
			}
			if i != len(got) || lost != c.lost {
				t.Errorf("%d frames and %d packets lost, want %d and %d", len(got), lost, i, c.lost)
			}
			if gaps := r.TakeGaps(); (len(gaps) > 0) != (c.lost > 0) {
				t.Errorf("gaps are %+v", gaps)
			}
		})
	}
}

// TestReceiverPadding takes packets without payload, which senders use to probe
// a line, for what they are.
func TestReceiverPadding(t *testing.T) {
	r := receiver(t, SourceCamera, ReceiverConfig{})
	var in []arrive
	seq := uint16(10)
	for n := range 30 {
		at := time.Duration(n) * 33 * ms
		ts := uint32(n * 2970)
		for _, p := range videoPackets(seq, ts, vp8Frame(n, 50, n == 0)) {
			in = append(in, arrive{p: p, at: at})
			seq++
		}
		in = append(in, arrive{p: &rtp.Packet{Header: rtp.Header{PayloadType: 96, SSRC: 1, SequenceNumber: seq, Timestamp: ts}}, at: at + ms})
		seq++
	}
	if got := feed(r, in); len(got) != 30 || len(r.TakeGaps()) != 0 {
		t.Errorf("%d frames of 30 came out", len(got))
	}
}

// TestReceiverRestarts follows a sender that begins anew, and no stray packet.
func TestReceiverRestarts(t *testing.T) {
	for _, c := range []struct {
		name string
		next func(*rtp.Packet)
	}{
		{"other SSRC", func(p *rtp.Packet) { p.SSRC = 99; p.SequenceNumber += 777; p.Timestamp += 1 << 30 }},
		{"other payload type", func(p *rtp.Packet) { p.PayloadType = 100; p.Timestamp += 1 << 29 }},
		{"jump of the sequence", func(p *rtp.Packet) { p.SequenceNumber += 20000; p.Timestamp += 1 << 31 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, packets := stream()
			for _, a := range packets[90:] {
				c.next(a.p)
			}
			strayPacket := *packets[40].p
			strayPacket.SequenceNumber += 15000
			packets = append(packets, arrive{p: &strayPacket, at: packets[40].at})
			r := receiver(t, SourceCamera, ReceiverConfig{WaitKeyFrame: true})
			got := feed(r, packets)
			if len(got) != 60 {
				t.Fatalf("%d frames of 60 came out", len(got))
			}
			for n, s := range got {
				if want := time.Second + time.Duration(n)*time.Second/30; s.At < want-40*ms || s.At > want+40*ms {
					t.Errorf("frame %d is placed at %v, want %v", n, s.At, want)
				}
			}
			if g := r.TakeGaps(); len(g) != 0 {
				t.Errorf("gaps are %+v, want none", g)
			}
		})
	}
}

// opusPackets makes packets of 20 ms that begin at an instant and follow on
// each other in sequence.
func opusPackets(seq *uint16, from, to time.Duration, size int) []arrive {
	var out []arrive
	for at := from; at < to; at += 20 * ms {
		out = append(out, arrive{p: &rtp.Packet{
			Header:  rtp.Header{PayloadType: 111, SSRC: 2, SequenceNumber: *seq, Timestamp: uint32(at * 48 / ms)},
			Payload: append([]byte{0xf8}, make([]byte, size-1)...), // CELT, one frame of 20 ms
		}, at: at})
		*seq++
	}
	return out
}

func TestGapsInSound(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		name string
		skip uint16 // packets missing in the hole
		from time.Duration
		to   time.Duration
		last int    // bytes of the packet before the hole
		mute []span // told to the receiver
		drop bool   // we dropped them
		want []Gap
	}{
		{name: "one packet lost", skip: 1, from: 2 * s, to: 2020 * ms, last: 60, want: []Gap{{2 * s, 2020 * ms, 1, CauseLoss}}},
		{name: "we dropped 50", skip: 50, from: 2 * s, to: 3 * s, last: 60, drop: true, want: []Gap{{2 * s, 3 * s, 50, CauseQueue}}},
		{name: "nothing sent", from: 2 * s, to: 4 * s, last: 60, want: []Gap{{2 * s, 4 * s, 0, CauseSilence}}},
		{name: "nothing sent for a moment", from: 2 * s, to: 2200 * ms, last: 60},
		{name: "discontinuous transmission", from: 2 * s, to: 2400 * ms, last: 1},
		{name: "too long for that", from: 2 * s, to: 4 * s, last: 1, want: []Gap{{2 * s, 4 * s, 0, CauseSilence}}},
		{name: "muted", from: 2 * s, to: 4 * s, last: 60, mute: []span{{2 * s, 3990 * ms}}},
		{name: "muted late", from: 2 * s, to: 6 * s, last: 60, mute: []span{{3 * s, 5 * s}},
			want: []Gap{{2 * s, 3 * s, 0, CauseSilence}, {5 * s, 6 * s, 0, CauseSilence}}},
		{name: "muted twice", from: 2 * s, to: 6 * s, last: 60, mute: []span{{2 * s, 3 * s}, {3200 * ms, 6 * s}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := receiver(t, SourceMicrophone, ReceiverConfig{})
			seq := uint16(65530)
			in := opusPackets(&seq, s, c.from, 60)
			in[len(in)-1].p.Payload = in[len(in)-1].p.Payload[:c.last]
			seq += c.skip
			for _, m := range c.mute {
				r.SetMuted(true, m.from)
				r.SetMuted(true, m.from+ms) // told twice
				r.SetMuted(false, m.to)
			}
			after := opusPackets(&seq, c.to, c.to+s, 60)
			if c.drop {
				after[0].drops = int(c.skip)
			}
			in = append(in, after...)
			got := feed(r, in)
			if len(got) != len(in) {
				t.Errorf("%d packets of %d came out", len(got), len(in))
			}
			if g := r.TakeGaps(); fmt.Sprint(g) != fmt.Sprint(c.want) {
				t.Errorf("gaps are %v, want %v", g, c.want)
			}
			if until, ok := r.End(c.to + s); !ok || until != c.to+s || len(r.TakeGaps()) > 0 {
				t.Errorf("at once after the end: accounted to %v", until)
			}
		})
	}
}

func TestSilenceBeforeTheEnd(t *testing.T) {
	for _, muted := range []bool{false, true} {
		r := receiver(t, SourceMicrophone, ReceiverConfig{})
		seq := uint16(0)
		feed(r, opusPackets(&seq, time.Second, 2*time.Second, 60))
		want := "[{2s 5s 0 silence_on_wire}]"
		if muted {
			r.SetMuted(true, 2*time.Second)
			want = "[]"
		}
		r.End(5 * time.Second)
		if g := r.TakeGaps(); fmt.Sprint(g) != want {
			t.Errorf("muted %v: gaps are %v, want %v", muted, g, want)
		}
	}
	if _, ok := receiver(t, SourceMicrophone, ReceiverConfig{}).End(time.Second); ok {
		t.Error("a track without packets is accounted for")
	}
}

// TestReceiverMemoryIsBounded sends far more than it may hold behind a hole.
func TestReceiverMemoryIsBounded(t *testing.T) {
	r := receiver(t, SourceCamera, ReceiverConfig{MaxDelay: time.Hour, MaxPackets: 100})
	r.Push(videoPackets(1, 0, vp8Frame(0, 50, true))[0], 0)
	for n := range 2500 {
		r.Push(videoPackets(uint16(n+3), uint32(n+2)*3000, vp8Frame(n, 50, false))[0], time.Duration(n)*ms)
		for {
			if _, ok := r.Pop(time.Duration(n) * ms); !ok {
				break
			}
		}
		if len(r.jit.buf) > 102 {
			t.Fatalf("%d packets are held, the limit is 100", len(r.jit.buf))
		}
	}
}

// TestEndlessFrame sends a frame that never ends.
func TestEndlessFrame(t *testing.T) {
	r := receiver(t, SourceCamera, ReceiverConfig{MaxPackets: 100})
	for n := range 1000 {
		p := videoPackets(uint16(n), 0, vp8Frame(0, 50, n == 0))[0]
		p.Marker = false
		if n > 0 {
			p.Payload[0] = 0
		}
		r.Push(p, time.Duration(n)*ms)
		if _, ok := r.Pop(time.Duration(n) * ms); ok {
			t.Fatal("half a frame came out")
		}
		if len(r.jit.buf) > 102 {
			t.Fatalf("%d packets are held, the limit is 100", len(r.jit.buf))
		}
	}
}

// TestFrameWithoutItsEnd sends a frame whose last packet the sender dropped
// before it was numbered: no number is missing, and half a picture must not come out.
func TestFrameWithoutItsEnd(t *testing.T) {
	r := receiver(t, SourceCamera, ReceiverConfig{WaitKeyFrame: true})
	var in []arrive
	seq := uint16(0)
	for n := range 6 {
		packets := videoPackets(seq, uint32(n)*3000, vp8Frame(n, 250, n == 0 || n == 4))
		if n == 2 {
			packets = packets[:2]
		}
		for _, p := range packets {
			in = append(in, arrive{p: p, at: time.Duration(n) * 33 * ms})
		}
		seq += uint16(len(packets))
	}
	var got []int
	lost := 0
	for _, s := range feed(r, in) {
		got = append(got, int(s.RTPTime/3000))
		lost += s.LostBefore
	}
	if !slices.Equal(got, []int{0, 1, 4, 5}) || lost != 1 {
		t.Errorf("frames %v came out with %d lost, want those before the half one and those from the next key frame on, with 1", got, lost)
	}
}

// FuzzReceiver wants no packets to crash the receiver, hold memory, or come out
// in the wrong order.
func FuzzReceiver(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := receiver(t, SourceCamera, ReceiverConfig{MaxPackets: 50, WaitKeyFrame: true})
		now, last := time.Duration(0), time.Duration(0)
		for len(data) >= 6 {
			p := &rtp.Packet{Header: rtp.Header{PayloadType: 96, SSRC: uint32(data[0] & 1), SequenceNumber: uint16(data[1])<<8 | uint16(data[2]),
				Timestamp: uint32(data[3]) << 24, Marker: data[4]&1 == 1}}
			p.Payload = data[5:min(len(data), 5+int(data[4]>>3))]
			r.Push(p, now)
			for {
				s, ok := r.Pop(now)
				if !ok {
					break
				}
				if s.At < last || len(s.Data) == 0 {
					t.Fatalf("sample of %d bytes at %v after one at %v", len(s.Data), s.At, last)
				}
				last = s.At
			}
			now += time.Duration(data[0]) * ms
			data = data[6:]
		}
	})
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		packet []byte
		want   time.Duration
	}{
		{nil, 0}, {[]byte{0xf8}, 20 * ms}, {[]byte{0xf9, 0, 0}, 40 * ms}, {[]byte{0x80}, 2500 * time.Microsecond},
		{[]byte{0x08, 1}, 20 * ms}, {[]byte{0x18, 1}, 60 * ms}, {[]byte{0x60}, 10 * ms}, {[]byte{0xfb, 3}, 60 * ms},
		{[]byte{0xfb}, 0}, {[]byte{0xfb, 63}, 0}, {[]byte{0xfb, 0}, 0},
	} {
		if got := OpusDuration(c.packet); got != c.want {
			t.Errorf("% x lasts %v, want %v", c.packet, got, c.want)
		}
	}
	key := vp8Frame(1, 20, true)
	if w, h, ok := VP8KeyFrame(key); !ok || w != 64 || h != 48 {
		t.Errorf("key frame of %dx%d, %v; want 64x48", w, h, ok)
	}
	for name, b := range map[string][]byte{"short": key[:9], "no start code": make([]byte, 20), "not a key frame": vp8Frame(1, 20, false)} {
		if _, _, ok := VP8KeyFrame(b); ok {
			t.Errorf("%s: taken for a key frame", name)
		}
	}
	if _, err := NewReceiver(Track{MimeType: "video/H264", ClockRate: 90000}, NewParticipantClock(), ReceiverConfig{}); err == nil {
		t.Error("H.264 was accepted")
	}
}

// TestCameraStartsAfterAMute: the time that a camera takes to start is no gap,
// a longer silence is.
func TestCameraStartsAfterAMute(t *testing.T) {
	for _, c := range []struct {
		first time.Duration // the first picture after the mute, which ends at 3 s
		want  string
	}{{3900 * ms, "[]"}, {6 * time.Second, "[{3s 6s 0 silence_on_wire}]"}} {
		r := receiver(t, SourceCamera, ReceiverConfig{})
		push := func(seq uint16, at time.Duration) {
			r.Push(videoPackets(seq, uint32(at.Milliseconds()*90), vp8Frame(int(seq), 50, true))[0], at)
		}
		push(1, 1900*ms)
		push(2, 2*time.Second)
		r.SetMuted(true, 2*time.Second+10*ms)
		r.SetMuted(false, 3*time.Second)
		push(3, c.first)
		push(4, c.first+33*ms)
		for {
			if _, ok := r.Pop(c.first + time.Second); !ok {
				break
			}
		}
		if g := r.TakeGaps(); fmt.Sprint(g) != c.want {
			t.Errorf("first picture at %v: gaps are %v, want %v", c.first, g, c.want)
		}
	}
}
