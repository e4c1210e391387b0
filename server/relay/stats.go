package relay

import "sync/atomic"

// counters are shared by the whole relay.
type counters struct {
	packetsIn, bytesIn, duplicates     atomic.Uint64
	packetsOut, bytesOut, failedWrites atomic.Uint64
	keyFrameRequests, people, tracks   atomic.Int64
	closing                            atomic.Int64 // participants whose connections are being closed
}

// Stats counts what the relay did since it was made.
type Stats struct {
	Rooms        int    `json:"rooms"`         // open now
	Participants int    `json:"participants"`  // connected now
	Tracks       int    `json:"tracks"`        // published now
	PacketsIn    uint64 `json:"packets_in"`    // RTP received, repetitions included
	BytesIn      uint64 `json:"bytes_in"`      // of those, RTP header included
	Duplicates   uint64 `json:"duplicates"`    // of those, thrown away as repetitions
	PacketsOut   uint64 `json:"packets_out"`   // RTP forwarded, one per subscriber, retransmissions excluded
	BytesOut     uint64 `json:"bytes_out"`     // of those
	FailedWrites uint64 `json:"failed_writes"` // packets that at least one subscriber's connection refused
	KeyFrames    int64  `json:"key_frames"`    // key frames asked of publishers
}

// Stats returns the counters.
func (r *Relay) Stats() Stats {
	c := &r.stats
	r.mu.Lock()
	rooms := len(r.rooms)
	r.mu.Unlock()
	return Stats{
		Rooms: rooms, Participants: int(c.people.Load()), Tracks: int(c.tracks.Load()),
		PacketsIn: c.packetsIn.Load(), BytesIn: c.bytesIn.Load(), Duplicates: c.duplicates.Load(),
		PacketsOut: c.packetsOut.Load(), BytesOut: c.bytesOut.Load(), FailedWrites: c.failedWrites.Load(),
		KeyFrames: c.keyFrameRequests.Load(),
	}
}
