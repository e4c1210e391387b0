package relay

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// stream is one remote RTP stream. It outlives the track when the client
// changes what the mid carries.
type stream struct {
	mid    string
	remote *webrtc.TrackRemote
	track  atomic.Pointer[Track] // nil while not forwarded; set under publisher.mu
}

// onTrack runs on a goroutine of the stream's own, for as long as it lasts.
func (b *publisher) onTrack(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	if !b.p.enter() {
		return
	}
	defer b.p.work.Done()
	s := &stream{remote: remote}
	for _, t := range b.pc.GetTransceivers() {
		if t.Receiver() == receiver {
			s.mid = t.Mid()
		}
	}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.streams[s] = struct{}{}
	b.mu.Unlock()
	b.reconcile()
	b.p.run(func() { b.readReports(s, receiver) })
	b.read(s)

	b.mu.Lock()
	delete(b.streams, s)
	t := s.track.Swap(nil)
	if t != nil && b.tracks[s.mid] == t {
		delete(b.tracks, s.mid)
		// The client did not say that it stops: its connection went, as with a
		// page that is reloaded.
		t.left.Store(b.sources[s.mid] == t.info.Source)
	}
	next := false // another stream of the same mid waits for its turn
	for other := range b.streams {
		next = next || other.mid == s.mid
	}
	b.mu.Unlock()
	if t != nil {
		b.endTrack(t)
	}
	if t != nil && next { // else a track would be offered that nobody sends
		b.reconcile()
	}
}

// read is the one goroutine that owns the stream's packets.
func (b *publisher) read(s *stream) {
	stats := &b.p.room.relay.stats
	var (
		buf  = make([]byte, mtu)
		pkt  rtp.Packet
		seen dedupe
	)
	for {
		n, _, err := s.remote.Read(buf)
		if err != nil {
			return
		}
		arrival := time.Now()
		pkt = rtp.Packet{}
		if pkt.Unmarshal(buf[:n]) != nil {
			continue
		}
		stats.packetsIn.Add(1)
		stats.bytesIn.Add(uint64(n))
		if !seen.fresh(pkt.SequenceNumber) {
			stats.duplicates.Add(1)
			continue
		}
		// The extensions' numbers were agreed with the publisher alone.
		pkt.Extension, pkt.ExtensionProfile, pkt.Extensions = false, 0, nil
		if t := s.track.Load(); t != nil {
			t.write(&pkt, n, arrival)
		}
	}
}

// readReports reads the RTCP that comes with a stream.
func (b *publisher) readReports(s *stream, receiver *webrtc.RTPReceiver) {
	buf := make([]byte, mtu)
	for {
		n, _, err := receiver.Read(buf)
		if err != nil {
			return
		}
		arrival := time.Now()
		list, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		for _, r := range list {
			sr, ok := r.(*rtcp.SenderReport)
			if !ok || sr.SSRC != uint32(s.remote.SSRC()) {
				continue
			}
			if t := s.track.Load(); t != nil {
				t.senderReport(sr, arrival)
			}
		}
	}
}

func (b *publisher) pli(remote *webrtc.TrackRemote) func() {
	return func() {
		err := b.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(remote.SSRC())}})
		if err != nil && !strings.Contains(err.Error(), "closed") {
			b.p.log.Debug("asking for a key frame", "err", err)
		}
	}
}
