package main

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// Every RTP payload of the load ends in a mark. A relay passes payloads on
// untouched, so the marks count losses and repetitions and time the way
// exactly, whatever was done to the headers.
//
//	magic 4 | publisher 2 | kind 1 | measured 1 | number 4 | sent 8 (ns since the process began)
const (
	markSize  = 20
	markMagic = 0xb0afdeb5
)

// The kinds of a mark.
const (
	markVideo = 0
	markAudio = 1
)

type mark struct {
	publisher uint16
	kind      byte
	measured  bool // sent while the row was being measured
	number    uint32
	sent      time.Duration
}

// processStart is where marks' times count from; both ends are this process.
var processStart = time.Now()

func (m mark) put(b []byte) {
	binary.BigEndian.PutUint32(b, markMagic)
	binary.BigEndian.PutUint16(b[4:], m.publisher)
	b[6], b[7] = m.kind, 0
	if m.measured {
		b[7] = 1
	}
	binary.BigEndian.PutUint32(b[8:], m.number)
	binary.BigEndian.PutUint64(b[12:], uint64(m.sent))
}

// readMark reads the mark at the end of a payload; false if there is none.
func readMark(payload []byte) (mark, bool) {
	if len(payload) < markSize {
		return mark{}, false
	}
	b := payload[len(payload)-markSize:]
	if binary.BigEndian.Uint32(b) != markMagic {
		return mark{}, false
	}
	return mark{
		publisher: binary.BigEndian.Uint16(b[4:]), kind: b[6], measured: b[7] == 1,
		number: binary.BigEndian.Uint32(b[8:]), sent: time.Duration(binary.BigEndian.Uint64(b[12:])),
	}, true
}

// tally is what one subscriber received of the measured marks.
type tally struct {
	mu         sync.Mutex
	seen       map[tallyKey]map[uint32]bool
	any        map[uint16]bool // publishers heard at all, measured or not
	unique     [2]int          // by kind
	duplicates int             // came again without having been asked for
	crossed    int             // came again since this subscriber's request crossed it on the way
	asked      map[uint64]bool // what this subscriber asked for, by askKey
	unmarked   int
	latencies  []time.Duration
}

type tallyKey struct {
	publisher uint16
	kind      byte
}

func newTally() *tally {
	return &tally{seen: map[tallyKey]map[uint32]bool{}, any: map[uint16]bool{}, asked: map[uint64]bool{}}
}

func askKey(ssrc uint32, seq uint16) uint64 { return uint64(ssrc)<<16 | uint64(seq) }

// ask notes that this subscriber asks for a packet.
func (t *tally) ask(ssrc uint32, seq uint16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked[askKey(ssrc, seq)] = true
}

// take counts one packet that arrived.
func (t *tally) take(p *rtp.Packet, arrival time.Time) {
	m, ok := readMark(p.Payload)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !ok || m.kind > markAudio {
		t.unmarked++
		return
	}
	t.any[m.publisher] = true
	if !m.measured {
		return
	}
	key := tallyKey{m.publisher, m.kind}
	if t.seen[key] == nil {
		t.seen[key] = map[uint32]bool{}
	}
	if t.seen[key][m.number] {
		if t.asked[askKey(p.SSRC, p.SequenceNumber)] {
			t.crossed++
		} else {
			t.duplicates++
		}
		return
	}
	t.seen[key][m.number] = true
	t.unique[m.kind]++
	t.latencies = append(t.latencies, arrival.Sub(processStart)-m.sent)
}

// heard is how many publishers this subscriber has received from.
func (t *tally) heard() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.any)
}

// quantiles gives the median, the 99th percentile and the maximum.
func quantiles(ds []time.Duration) (p50, p99, most time.Duration) {
	if len(ds) == 0 {
		return 0, 0, 0
	}
	slices.Sort(ds)
	return ds[len(ds)/2], ds[len(ds)*99/100], ds[len(ds)-1]
}
