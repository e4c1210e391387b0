package relay

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
)

// outlet is what subscribers receive of one source of one participant. It
// outlives a Track: when a participant comes back after a reload or an outage,
// the new track's packets go on in the same outgoing stream, so that nothing
// has to be offered to the others, who see a picture again with the first key
// frame.
type outlet struct {
	participant string
	source      media.Source
	local       *webrtc.TrackLocalStaticRTP
	subs        atomic.Int32          // subscribers, for the statistics
	holder      atomic.Pointer[Track] // whose packets pass; nil between two
	left        atomic.Bool           // the last holder's participant is gone, perhaps to come back at once

	// mu is for the goroutines of an old and a new holder, which may overlap.
	mu   sync.Mutex
	join joint
}

// outletKey names an outlet within its room.
type outletKey struct {
	participant string
	source      media.Source
}

func newOutlet(key outletKey, codec webrtc.RTPCodecCapability) (*outlet, error) {
	local, err := webrtc.NewTrackLocalStaticRTP(codec, key.participant+"-"+string(key.source), key.participant)
	if err != nil {
		return nil, err
	}
	return &outlet{
		participant: key.participant, source: key.source, local: local,
		join: joint{clockRate: codec.ClockRate, vp8: key.source.Video()},
	}, nil
}

// take makes a track the one whose packets pass.
func (o *outlet) take(t *Track) {
	o.left.Store(false)
	o.holder.Store(t)
}

// release is for a track that ended; it does nothing if another took over.
func (o *outlet) release(t *Track) {
	if o.holder.CompareAndSwap(t, nil) {
		o.left.Store(t.left.Load())
	}
}

// requestKeyFrame asks whoever publishes now.
func (o *outlet) requestKeyFrame() {
	if t := o.holder.Load(); t != nil {
		t.requestKeyFrame()
	}
}

// write passes a track's packet to the subscribers, and says how many there
// are: none for one of a track that is not the holder. Packets that nobody
// receives are numbered too: the joint has to know where a stream is.
func (o *outlet) write(t *Track, pkt *rtp.Packet, arrival time.Time) (subscribers int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.holder.Load() != t {
		return 0, nil
	}
	out := o.join.next(t, pkt, arrival)
	subscribers = int(o.subs.Load())
	if out == nil || subscribers == 0 {
		return 0, nil
	}
	return subscribers, o.local.WriteRTP(out)
}
