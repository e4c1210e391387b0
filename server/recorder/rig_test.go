package recorder

import (
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/vault"

	"github.com/pion/rtp"
)

// rig runs a recorder on a clock of its own, which stands where the newest
// packet stands, so that minutes of media pass in moments.
type rig struct {
	t     *testing.T
	dir   string
	epoch time.Time
	clock atomic.Int64 // interview time, ns
	vault *vault.Vault
	rec   *Recorder
	acts  []act
	sinks []*trackSink
	stuck atomic.Bool // the recorder is held up, so do not wait for it

	mu       sync.Mutex
	started  []evidence.Segment
	finished []evidence.Segment
	gaps     []gapEvent
	failures []Failure
	health   []Health
}

type gapEvent struct {
	track media.Track
	gap   media.Gap
}

// act is something that happens at an interview time.
type act struct {
	at time.Duration
	do func()
}

func newRig(t *testing.T, change func(*Config)) *rig {
	r := &rig{t: t, dir: t.TempDir(), epoch: time.Now()}
	var err error
	if r.vault, err = openVault(r.dir); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Dir: r.dir, Vault: r.vault, now: func() time.Time { return r.epoch.Add(time.Duration(r.clock.Load())) }}
	if change != nil {
		change(&cfg)
	}
	locked := func(f func()) { r.mu.Lock(); defer r.mu.Unlock(); f() }
	rec, err := New(cfg, slog.New(slog.DiscardHandler), Events{
		SegmentStarted:  func(s evidence.Segment) { locked(func() { r.started = append(r.started, s) }) },
		SegmentFinished: func(s evidence.Segment) { locked(func() { r.finished = append(r.finished, s) }) },
		Gap:             func(t media.Track, g media.Gap) { locked(func() { r.gaps = append(r.gaps, gapEvent{t, g}) }) },
		Failed:          func(f Failure) { locked(func() { r.failures = append(r.failures, f) }) },
		Health:          func(h Health) { locked(func() { r.health = append(r.health, h) }) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.rec = rec
	t.Cleanup(func() { rec.Close() })
	return r
}

// at plans something.
func (r *rig) at(when time.Duration, do func()) { r.acts = append(r.acts, act{when, do}) }

// play does what was planned, in order of time.
func (r *rig) play() {
	slices.SortStableFunc(r.acts, func(a, b act) int { return int(a.at - b.at) })
	for _, a := range r.acts {
		r.clock.Store(max(r.clock.Load(), int64(a.at)))
		a.do()
		for _, s := range r.sinks {
			for taken := false; !taken && !r.stuck.Load(); runtime.Gosched() {
				s.mu.Lock()
				taken = s.queued == 0
				s.mu.Unlock()
			}
		}
	}
	r.acts = nil
}

// wait waits for a condition, and fails the test when it does not come true.
func (r *rig) wait(what string, cond func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// drained waits until everything that was sent has been taken.
func (r *rig) drained() {
	for _, s := range r.sinks {
		r.wait("the inbox to empty", func() bool {
			s.inbox.mu.Lock()
			defer s.inbox.mu.Unlock()
			return len(s.inbox.items) == 0
		})
	}
}

// network is what happens between a sender and us.
type network struct {
	delay  time.Duration // least
	jitter time.Duration // random, on top
	loss   float64       // share of packets that never come
	swap   float64       // share of packets that come 60 ms late, and so out of order
}

// sender plays one track of a participant.
type sender struct {
	source    media.Source
	frames    []mediatest.Frame
	from      time.Duration // interview time at which the first frame is captured
	net       network
	skew      float64       // of the sender's clocks, e.g. 1e-4 for 100 ppm fast
	ntpOff    time.Duration // the sender's NTP clock against the truth
	reports   time.Duration // between sender reports; 0 for none
	ssrc      uint32
	keyAsked  *atomic.Int64
	endsAfter bool          // close the sink after the last frame
	lose      time.Duration // the frame of this time never comes, unless 0
}

var seed atomic.Uint64

// send plans all packets and reports of a sender. The track is published when
// its first packet is sent.
func (r *rig) send(participant string, s sender) {
	r.t.Helper()
	track := media.Track{
		Interview: "iv1", Participant: participant, Role: "candidate", ID: participant + string(s.source),
		Source: s.source, MimeType: "audio/opus", ClockRate: 48000, Channels: 2, SSRC: s.ssrc, Epoch: r.epoch,
	}
	if s.source.Video() {
		track.MimeType, track.ClockRate, track.Channels = "video/VP8", 90000, 0
		track.RequestKeyFrame = func() {
			if s.keyAsked != nil {
				s.keyAsked.Add(1)
			}
		}
	}
	rng := rand.New(rand.NewPCG(7, seed.Add(1)))
	pk, err := mediatest.NewPacketizer(track.MimeType, s.ssrc, 65500, 0xFFFF0000)
	if err != nil {
		r.t.Fatal(err)
	}
	var sink *trackSink
	r.at(s.from, func() {
		ms, err := r.rec.Sink(track)
		if err != nil {
			r.t.Error(err)
			return
		}
		sink = ms.(*trackSink)
		r.sinks = append(r.sinks, sink)
	})
	nextReport := s.reports
	last := s.from
	for _, f := range s.frames {
		captured := s.from + f.At
		scaled := f
		scaled.At = time.Duration(float64(f.At) * (1 + s.skew))
		for _, p := range pk.Packets(scaled) {
			if rng.Float64() < s.net.loss || s.lose > 0 && f.At == s.lose {
				continue
			}
			arrival := max(captured+s.net.delay+time.Duration(rng.Float64()*float64(s.net.jitter)), last)
			last = arrival
			if rng.Float64() < s.net.swap {
				arrival += 60 * time.Millisecond
			}
			r.at(arrival, func() { r.write(sink, p, arrival) })
		}
		if s.reports > 0 && f.At >= nextReport {
			nextReport += s.reports
			ntp := r.epoch.Add(s.ntpOff + s.from + scaled.At)
			stamp := pk.Timestamp(scaled.At)
			r.at(captured+s.net.delay, func() { sink.WriteSenderReport(stamp, ntp, r.epoch.Add(captured+s.net.delay)) })
		}
	}
	if s.endsAfter {
		r.at(last+time.Millisecond, func() { sink.Close() })
	}
}

// write gives a packet to a sink and then spoils it, as a caller may.
func (r *rig) write(sink *trackSink, p *rtp.Packet, arrival time.Duration) {
	c := *p
	c.Payload = append([]byte(nil), p.Payload...)
	sink.WriteRTP(&c, r.epoch.Add(arrival))
	clear(c.Payload)
}

// gapsOf gives the gaps of a source.
func (r *rig) gapsOf(source media.Source) []media.Gap {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []media.Gap
	for _, g := range r.gaps {
		if g.track.Source == source {
			out = append(out, g.gap)
		}
	}
	return out
}

// path copies a finished segment to where it can be read.
func (r *rig) path(s evidence.Segment) string { return plain(r.t, r.vault, r.dir, s.File) }

// openVault opens a key store beside a recordings folder.
func openVault(dir string) (*vault.Vault, error) {
	return vault.Open(vault.Config{Dir: dir + "-keystore", Master: dir + "-master.key"}, slog.New(slog.DiscardHandler))
}

// plain copies what a recording holds, before encryption, to a file of its own.
func plain(t *testing.T, v *vault.Vault, dir, name string) string {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	content, err := fs.ReadFile(v.FS(root), name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
