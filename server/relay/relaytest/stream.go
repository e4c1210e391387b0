package relaytest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
)

// payloadMax is the largest RTP payload sent, in bytes.
const payloadMax = 1160

// Timed is one VP8 picture or Opus packet and its time since the beginning.
type Timed struct {
	At   time.Duration
	Data []byte
}

// Stream is one source that a peer publishes. One goroutine writes it.
type Stream struct {
	Source media.Source

	peer   *Peer
	sender *webrtc.RTPSender
	local  *webrtc.TrackLocalStaticRTP
	rate   uint32
	seq    uint16
	start  uint32 // RTP time of the beginning
	vp8    codecs.VP8Payloader

	mu        sync.Mutex
	sent      int
	plis      int
	requested map[uint16]int // requests per sequence number
}

// Publish adds a source and offers it. The stream can be written at once;
// what is written before the connection is up is lost.
func (p *Peer) Publish(ctx context.Context, source media.Source) (*Stream, error) {
	codec, rate := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, uint32(48000)
	if source.Video() {
		codec, rate = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, 90000
	}
	local, err := webrtc.NewTrackLocalStaticRTP(codec, string(source), "peer")
	if err != nil {
		return nil, fmt.Errorf("publishing %s: %w", source, err)
	}
	t, err := p.pub.AddTransceiverFromTrack(local, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, fmt.Errorf("publishing %s: %w", source, err)
	}
	s := &Stream{
		Source: source, peer: p, sender: t.Sender(), local: local, rate: rate,
		seq: uint16(rand.Uint32()), start: rand.Uint32(), requested: map[uint16]int{},
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, fmt.Errorf("publishing %s: the peer is closed", source)
	}
	p.streams[source] = s
	p.work.Add(1)
	p.mu.Unlock()
	go s.readFeedback()
	return s, p.Negotiate(ctx, false)
}

// Unpublish takes a source away and offers what is left.
func (p *Peer) Unpublish(ctx context.Context, source media.Source) error {
	p.mu.Lock()
	s := p.streams[source]
	delete(p.streams, source)
	p.mu.Unlock()
	if s == nil {
		return fmt.Errorf("unpublishing %s: not published", source)
	}
	if err := p.pub.RemoveTrack(s.sender); err != nil {
		return fmt.Errorf("unpublishing %s: %w", source, err)
	}
	return p.Negotiate(ctx, false)
}

// Write sends one VP8 picture or Opus packet with the RTP time of at. A
// picture larger than a packet is split (RFC 7741).
func (s *Stream) Write(t Timed) error {
	rtpTime := s.start + uint32(int64(t.At)*int64(s.rate)/int64(time.Second))
	parts := [][]byte{t.Data}
	if s.Source.Video() {
		parts = s.vp8.Payload(payloadMax, t.Data)
	}
	for i, part := range parts {
		p := rtp.Packet{Header: rtp.Header{
			Version: 2, Marker: i == len(parts)-1 && s.Source.Video(), SequenceNumber: s.seq, Timestamp: rtpTime,
		}, Payload: part}
		s.seq++
		s.mu.Lock()
		s.sent++
		s.mu.Unlock()
		if err := s.local.WriteRTP(&p); err != nil {
			return fmt.Errorf("writing %s: %w", s.Source, err)
		}
	}
	return nil
}

// Play writes the samples when they are due, counted from begin, until they
// end or ctx does.
func (s *Stream) Play(ctx context.Context, begin time.Time, samples []Timed) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for _, t := range samples {
		timer.Reset(time.Until(begin.Add(t.At)))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		if err := s.Write(t); err != nil {
			return err
		}
	}
	return nil
}

// Feedback is what the server asked of a publisher.
type Feedback struct {
	Sent           int // packets written, retransmissions excluded
	KeyFrames      int // key frames asked for
	Requested      int // different packets asked for again
	Requests       int // requests for packets, all told
	MostForOne     int // requests for the packet asked for most often
	RequestedTwice int // packets asked for more than once
}

// Feedback returns the counts so far.
func (s *Stream) Feedback() Feedback {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := Feedback{Sent: s.sent, KeyFrames: s.plis, Requested: len(s.requested)}
	for _, n := range s.requested {
		f.Requests += n
		f.MostForOne = max(f.MostForOne, n)
		if n > 1 {
			f.RequestedTwice++
		}
	}
	return f
}

func (s *Stream) readFeedback() {
	defer s.peer.work.Done()
	for {
		list, _, err := s.sender.ReadRTCP()
		if err != nil {
			return
		}
		at := time.Now()
		s.mu.Lock()
		for _, r := range list {
			switch r := r.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				s.plis++
			case *rtcp.TransportLayerNack:
				for _, pair := range r.Nacks {
					for _, seq := range pair.PacketList() {
						s.requested[seq]++
						if s.peer.cfg.OnNACK != nil {
							s.peer.cfg.OnNACK(s.Source, seq, at)
						}
					}
				}
			}
		}
		s.mu.Unlock()
	}
}
