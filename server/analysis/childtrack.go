package analysis

import (
	"fmt"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/codec"
	"bonafide/server/media"
	"bonafide/vision"
)

// keyFrameEvery is the least time between two requests for a key frame, as
// the relay throttles them too.
const keyFrameEvery = 500 * time.Millisecond

// childTrack turns one track's packets into pictures. The reader owns it.
type childTrack struct {
	c        *child
	handle   uint16
	key      string
	receiver *media.Receiver
	decoder  *codec.VP8Decoder
	heard    time.Duration // arrival of the newest packet
	asked    time.Duration // when a key frame was requested last
	meter    *streamMeter
}

func newChildTrack(c *child, handle uint16, open openTrack, clock *media.ParticipantClock, at time.Duration) (*childTrack, error) {
	receiver, err := media.NewReceiver(media.Track{
		Participant: open.Participant, Source: media.Source(open.Source), MimeType: open.MimeType, ClockRate: open.ClockRate,
	}, clock, media.ReceiverConfig{})
	if err != nil {
		return nil, fmt.Errorf("opening a track: %w", err)
	}
	decoder, err := codec.NewVP8Decoder()
	if err != nil {
		receiver.Close()
		return nil, fmt.Errorf("opening a track: %w", err)
	}
	return &childTrack{
		c: c, handle: handle, key: open.Participant + "|" + open.Source, receiver: receiver, decoder: decoder,
		heard: never, asked: never, meter: newStreamMeter(open.Source, true, open.ClockRate, at),
	}, nil
}

// push takes a packet and passes on the pictures that are complete now.
func (t *childTrack) push(p *rtp.Packet, arrival time.Duration) {
	t.heard = max(t.heard, arrival)
	t.meter.packet(p.Timestamp, arrival)
	t.receiver.Push(p, arrival)
	t.pop(arrival)
}

// pop decodes the samples that are complete, or given up, at this time. A
// picture after a loss is marked as damaged, and a key frame is asked for at
// once.
func (t *childTrack) pop(now time.Duration) {
	for {
		s, ok := t.receiver.Pop(now)
		if !ok {
			break
		}
		t.meter.sample(s.At, s.Arrival, s.LostBefore)
		if s.LostBefore > 0 {
			t.decoder.Lost()
		}
		pic, damaged, err := t.decoder.Decode(s.Data)
		if err != nil || damaged {
			t.ask(now)
		}
		if err != nil || pic == nil {
			continue
		}
		t.meter.picture(s.At, damaged, NewPrint(pic), pic.Rect.Dx(), pic.Rect.Dy())
		t.c.inbox.put(entry{key: t.key, track: t.handle, frame: &vision.Frame{Image: pic, At: s.At, Damaged: damaged}})
	}
	t.receiver.TakeGaps() // the recorder tells of them
}

// ask requests a key frame, not too often.
func (t *childTrack) ask(now time.Duration) {
	if now-t.asked < keyFrameEvery {
		return
	}
	t.asked = now
	t.c.say(result{Say: sayKeyFrame, Track: t.handle})
}

// end decodes what is left.
func (t *childTrack) end(at time.Duration) {
	t.receiver.Flush()
	t.pop(at)
}

// close frees the decoder. It may be called again.
func (t *childTrack) close() {
	t.receiver.Close()
	t.decoder.Close()
}
