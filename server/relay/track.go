package relay

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
)

// keyFramePause is the least time between two key frames asked of a publisher.
// A key frame of a 720p picture is some ten times the size of another, and
// Chromium lets pass what it is asked within 300 ms of the last time
// (EncoderRtcpFeedback in its WebRTC library).
const keyFramePause = 300 * time.Millisecond

// Track is one published stream: it passes packets on to its outlet, for the
// subscribers, and then to its sinks. It begins with the publisher's offer, so
// that subscribers are ready for the first packet, which begins a key frame;
// with that packet it goes live, and sinks and the room learn of it.
type Track struct {
	room  *Room
	info  media.Track // without the epoch; SSRC and PayloadType are set by goLive
	out   *outlet
	live  atomic.Bool
	left  atomic.Bool // its participant is gone, perhaps to come back at once
	ended atomic.Bool // set under mu
	keys  keyFrames

	refresh sync.Mutex // one answer of the sink factory at a time

	// mu is held while sinks are called, so that none is called after its
	// Close. Only the goroutine that reads the track takes it often.
	mu      sync.Mutex
	sinks   []media.Sink
	muted   bool
	mutedAt time.Time
	report  *senderReport // newest, for sinks that come later
}

type senderReport struct {
	rtpTime      uint32
	ntp, arrival time.Time
}

// newTrack makes a track for what a participant offers to send.
func newTrack(p *Participant, source media.Source) (*Track, error) {
	codec := opusCapability
	if source.Video() {
		codec = vp8Capability
	}
	id := p.room.trackID(p.cfg.ID, source)
	out, err := p.room.outlet(outletKey{p.cfg.ID, source}, codec)
	if err != nil {
		return nil, err
	}
	return &Track{room: p.room, out: out, info: media.Track{
		Interview: p.room.cfg.ID, Participant: p.cfg.ID, Role: p.cfg.Role, ID: id, Source: source,
		MimeType: codec.MimeType, ClockRate: codec.ClockRate, Channels: codec.Channels,
	}}, nil
}

// goLive notes which stream the track is. pli asks its sender for a key frame.
func (t *Track) goLive(remote *webrtc.TrackRemote, pli func()) {
	t.mu.Lock()
	t.info.SSRC, t.info.PayloadType = uint32(remote.SSRC()), uint8(remote.PayloadType())
	if t.info.Source.Video() {
		t.keys.ask = func() {
			t.room.relay.stats.keyFrameRequests.Add(1)
			pli()
		}
		t.info.RequestKeyFrame = t.requestKeyFrame
	}
	t.mu.Unlock()
	t.live.Store(true)
}

// describe returns what sinks and the room are told.
func (t *Track) describe(epoch time.Time) media.Track {
	t.mu.Lock()
	defer t.mu.Unlock()
	info := t.info
	info.Epoch = epoch
	return info
}

// requestKeyFrame asks the publisher for a key frame. One whose first packet
// is still to come begins with one.
func (t *Track) requestKeyFrame() {
	if t.live.Load() {
		t.keys.request()
	}
}

// write passes a new packet on. One goroutine calls it, in order of arrival.
func (t *Track) write(pkt *rtp.Packet, size int, arrival time.Time) {
	stats := &t.room.relay.stats
	n, err := t.out.write(t, pkt, arrival)
	if err != nil {
		stats.failedWrites.Add(1)
	}
	if n > 0 {
		stats.packetsOut.Add(uint64(n))
		stats.bytesOut.Add(uint64(n) * uint64(size))
	}
	t.mu.Lock()
	for _, s := range t.sinks {
		s.WriteRTP(pkt, arrival)
	}
	t.mu.Unlock()
}

func (t *Track) senderReport(sr *rtcp.SenderReport, arrival time.Time) {
	r := &senderReport{rtpTime: sr.RTPTime, ntp: ntpTime(sr.NTPTime), arrival: arrival}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended.Load() {
		return
	}
	t.report = r
	for _, s := range t.sinks {
		s.WriteSenderReport(r.rtpTime, r.ntp, r.arrival)
	}
}

func (t *Track) setMuted(muted bool, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended.Load() || t.muted == muted {
		return
	}
	t.muted, t.mutedAt = muted, at
	for _, s := range t.sinks {
		s.SetMuted(muted, at)
	}
}

// openSinks gives a track that just went live its sinks. Its first packet is
// still to be passed on, and begins a key frame: none has to be asked for, and
// a subscriber who comes a little late need not wait for the throttle.
func (t *Track) openSinks() { t.changeSinks() }

// refreshSinks makes the track's sinks those that the factory wants now.
func (t *Track) refreshSinks() {
	if t.changeSinks() {
		t.requestKeyFrame() // new sinks can use nothing before one
	}
}

// changeSinks tells whether there are new ones.
func (t *Track) changeSinks() bool {
	epoch := t.room.sinkEpoch()
	if epoch.IsZero() || t.room.cfg.Sinks == nil || !t.live.Load() {
		return false
	}
	t.refresh.Lock()
	defer t.refresh.Unlock()
	want := t.room.cfg.Sinks(t.describe(epoch))

	t.mu.Lock()
	had := t.sinks
	added := slices.DeleteFunc(slices.Clone(want), func(s media.Sink) bool { return slices.Contains(had, s) })
	if t.ended.Load() {
		t.mu.Unlock() // had are closed already
		for _, s := range added {
			s.Close()
		}
		return false
	}
	for _, s := range added {
		if r := t.report; r != nil {
			s.WriteSenderReport(r.rtpTime, r.ntp, r.arrival)
		}
		if t.muted {
			s.SetMuted(true, t.mutedAt)
		}
	}
	t.sinks = slices.Clone(want)
	t.mu.Unlock()
	for _, s := range had {
		if !slices.Contains(want, s) {
			s.Close()
		}
	}
	return len(added) > 0
}

// end takes the track out of the room and closes its sinks. It reports
// whether the track had not ended before.
func (t *Track) end() bool {
	t.mu.Lock()
	if t.ended.Load() {
		t.mu.Unlock()
		return false
	}
	t.ended.Store(true)
	for _, s := range t.sinks {
		s.Close()
	}
	t.mu.Unlock()
	t.keys.close()
	t.room.removeTrack(t)
	return true
}

// keyFrames throttles requests for key frames: the first passes at once,
// further ones within the pause become one at its end.
type keyFrames struct {
	ask func() // nil for audio

	mu     sync.Mutex
	last   time.Time
	timer  *time.Timer // set while a request waits
	closed bool
}

func (k *keyFrames) request() {
	if k.ask == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed || k.timer != nil {
		return
	}
	if wait := keyFramePause - time.Since(k.last); wait > 0 {
		k.timer = time.AfterFunc(wait, k.late)
		return
	}
	k.last = time.Now()
	k.ask()
}

func (k *keyFrames) late() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timer = nil
	if !k.closed {
		k.last = time.Now()
		k.ask()
	}
}

func (k *keyFrames) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if k.timer != nil {
		k.timer.Stop()
	}
}

// ntpTime converts a 64-bit NTP timestamp (RFC 3550, section 4): seconds since
// 1900 in the upper half, a binary fraction in the lower.
func ntpTime(ntp uint64) time.Time {
	const from1900to1970 = 2208988800
	seconds := int64(ntp>>32) - from1900to1970
	nanos := int64((ntp & 0xffffffff) * 1e9 >> 32)
	return time.Unix(seconds, nanos)
}
