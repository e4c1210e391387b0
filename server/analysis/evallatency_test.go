package analysis

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"bonafide/models"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/relay"
	"bonafide/server/relay/relaytest"
)

// caller is a peer that is joined to a room by function calls.
type caller struct {
	*relaytest.Peer
	part   *relay.Participant
	toPeer chan func() error
}

func (c *caller) SendOffer(sdp string, sources map[string]string) error {
	s := map[string]media.Source{}
	for mid, name := range sources {
		s[mid] = media.Source(name)
	}
	return c.part.Offer(sdp, s)
}
func (c *caller) SendAnswer(sdp string) error { return c.part.Answer(sdp) }
func (c *caller) SendCandidate(target string, m json.RawMessage) error {
	return c.part.AddCandidate(relay.Target(target), m)
}

// call joins a peer; it is gone when ctx ends.
func call(ctx context.Context, room *relay.Room, work *sync.WaitGroup, id, role string, cfg relaytest.PeerConfig) (*caller, error) {
	c := &caller{toPeer: make(chan func() error, 256)}
	var err error
	if c.Peer, err = relaytest.NewPeer(cfg, c); err != nil {
		return nil, err
	}
	push := func(f func() error) {
		select {
		case c.toPeer <- f:
		case <-ctx.Done():
		}
	}
	c.part, err = room.Join(relay.ParticipantConfig{ID: id, Role: role, Events: relay.Events{
		Answer: func(sdp string) { push(func() error { return c.HandleAnswer(sdp) }) },
		Offer: func(sdp string, tracks []relay.Subscription) {
			var list []relaytest.Subscription
			for _, s := range tracks {
				list = append(list, relaytest.Subscription{Mid: s.Mid, Participant: s.Participant, Source: s.Source})
			}
			push(func() error { return c.HandleOffer(sdp, list) })
		},
		Candidate: func(target relay.Target, m json.RawMessage) {
			push(func() error { return c.HandleCandidate(string(target), m) })
		},
		Published: func(media.Track) {}, Ended: func(media.Track) {}, Failed: func(relay.Target, error) {},
	}})
	if err != nil {
		return nil, err
	}
	work.Add(1)
	go func() {
		defer work.Done()
		for {
			select {
			case f := <-c.toPeer:
				_ = f() // what fails shows as sound that is missing
			case <-ctx.Done():
				c.part.Close()
				_ = c.Peer.Close()
				return
			}
		}
	}()
	return c, nil
}

// arrived is a packet or a sender report as a sink got it.
type arrived struct {
	who     string
	at      time.Duration
	packet  *rtp.Packet
	rtpTime uint32
	ntp     time.Time
}

// tape is a sink that keeps what arrives at the server.
type tape struct {
	mu    *sync.Mutex
	all   *[]arrived
	track media.Track
}

func (s *tape) keep(a arrived) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.all = append(*s.all, a)
}
func (s *tape) WriteRTP(p *rtp.Packet, at time.Time) {
	s.keep(arrived{who: s.track.Participant, at: at.Sub(s.track.Epoch), packet: p.Clone()})
}
func (s *tape) WriteSenderReport(rtpTime uint32, ntp, at time.Time) {
	s.keep(arrived{who: s.track.Participant, at: at.Sub(s.track.Epoch), rtpTime: rtpTime, ntp: ntp})
}
func (s *tape) SetMuted(bool, time.Time) {}
func (s *tape) Close()                   {}

// dialogueOf cuts a dialogue out of labelled sentences, at 16 kHz: both sides'
// sound, and when each answer begins, in seconds.
func dialogueOf(t *testing.T, dir string, waits []float64) (asker, candidate []float32, answers []float64) {
	type sentence struct {
		pcm      []float32
		from, to int
	}
	var all []sentence
	names, _ := filepath.Glob(filepath.Join(dir, "speech", "timit_vad", "*.json"))
	for _, name := range names {
		var l struct {
			Wav    string       `json:"wav"`
			Speech [][2]float64 `json:"speech_segments_s"`
		}
		b, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(b, &l)
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Speech) == 1 {
			all = append(all, sentence{evalSound(filepath.Join(filepath.Dir(name), l.Wav)), int(l.Speech[0][0] * 16000), int(l.Speech[0][1] * 16000)})
		}
	}
	if len(all) < 2 {
		t.Skip("no labelled sentences")
	}
	asker, candidate = make([]float32, 90*16000), make([]float32, 90*16000)
	put := func(to []float32, s sentence, at int) int {
		for i, v := range s.pcm {
			if k := at - s.from + i; k >= 0 && k < len(to) {
				to[k] += v
			}
		}
		return at + s.to - s.from
	}
	at := 4 * 16000
	for i, wait := range waits {
		at = put(asker, all[(2*i)%len(all)], at)
		at += int(wait * 16000)
		answers = append(answers, float64(at)/16000)
		at = put(candidate, all[(2*i+1)%len(all)], at)
		at += 3 * 16000 / 2
	}
	at += 5 * 16000
	return asker[:at], candidate[:at], answers
}

// packets encodes 16 kHz sound as a browser would.
func packets(t *testing.T, pcm []float32) (out []relaytest.Timed) {
	up := make([]float32, 3*len(pcm))
	for i := range up {
		a, b := pcm[i/3], pcm[min(i/3+1, len(pcm)-1)]
		up[i] = a + (b-a)*float32(i%3)/3
	}
	frames, err := mediatest.EncodeOpus(up, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		out = append(out, relaytest.Timed{At: f.At, Data: f.Data})
	}
	return out
}

// throughRelay plays a dialogue through a relay with faults on the candidate's
// way, and gives what arrived.
func throughRelay(asker, candidate []relaytest.Timed, faults relaytest.Faults, seed uint64) (all []arrived, begun time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), candidate[len(candidate)-1].At+20*time.Second)
	defer cancel()
	r, err := relay.New(relay.Config{UDPAddr: "127.0.0.1:0"}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	var mu sync.Mutex
	room, err := r.NewRoom(relay.RoomConfig{ID: "i", Sinks: func(t media.Track) []media.Sink {
		return []media.Sink{&tape{mu: &mu, all: &all, track: t}}
	}})
	if err != nil {
		return nil, 0, err
	}
	defer room.Close()
	epoch := time.Now()
	room.SetEpoch(epoch)
	chaos, err := relaytest.NewChaos(r.UDPAddrs()[0], seed)
	if err != nil {
		return nil, 0, err
	}
	defer chaos.Close()
	chaos.Set(relaytest.Faults{Delay: faults.Delay})
	var work sync.WaitGroup
	joined, leave := context.WithCancel(ctx)
	defer func() { leave(); work.Wait() }()
	var streams [2]*relaytest.Stream
	for i, cfg := range []relaytest.PeerConfig{{}, {Proxy: chaos}} {
		c, err := call(joined, room, &work, []string{"host", "cand"}[i], []string{"interviewer", "candidate"}[i], cfg)
		if err != nil {
			return nil, 0, err
		}
		if streams[i], err = c.Publish(ctx, media.SourceMicrophone); err != nil {
			return nil, 0, err
		}
		if err := c.WaitPublishing(ctx); err != nil {
			return nil, 0, err
		}
	}
	chaos.Set(faults)
	begin := time.Now()
	var play sync.WaitGroup
	errs := make([]error, 2)
	for i, samples := range [][]relaytest.Timed{asker, candidate} {
		play.Go(func() { errs[i] = streams[i].Play(ctx, begin, samples) })
	}
	play.Wait()
	// What is under way arrives, and what was lost is asked for.
	timer := time.NewTimer(2*faults.Delay + time.Second)
	defer timer.Stop()
	<-timer.C
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(all), begin.Sub(epoch), cmp.Or(errs[0], errs[1])
}

// waitsOf measures what arrived the way the analysis process does.
func waitsOf(t *testing.T, set *models.Set, all []arrived, fact evidence.FactPayload) (waits []evidence.SeriesPoint) {
	slices.SortStableFunc(all, func(a, b arrived) int { return cmp.Compare(a.at, b.at) })
	emit := Emit{
		Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}, Still: func(evidence.Still, []byte) {},
		Series: func(s []evidence.Series) {
			for _, one := range s {
				if one.Name == seriesLatency {
					waits = append(waits, one.Points...)
				}
			}
		},
	}
	gate := Gate{Heard: []string{"cand", "host"}}
	p, err := NewScenePipeline(Config{Detectors: []Descriptor{Speech(SpeechConfig{})}}, set, nil,
		evidence.Subject{Interview: "i", Participant: "cand", Run: evidence.RunLive}, gate, 0, emit)
	must(t, err)
	type ear struct {
		receiver *media.Receiver
		voice    voiceDecoder
		role     string
	}
	ears := map[string]*ear{}
	for who, role := range map[string]string{"cand": roleCandidate, "host": roleInterviewer} {
		receiver, err := media.NewReceiver(media.Track{Participant: who, Source: media.SourceMicrophone, MimeType: "audio/opus", ClockRate: 48000},
			media.NewParticipantClock(), media.ReceiverConfig{})
		must(t, err)
		e := &ear{receiver: receiver, role: role}
		e.voice.opus, err = codec.NewOpusDecoder()
		must(t, err)
		ears[who] = e
		must(t, p.OpenVoice(who, role, 0))
	}
	must(t, p.Add(SceneReading{AtMS: 1, Participant: "cand", Role: roleCandidate, Fact: &fact}))
	for _, a := range all {
		e := ears[a.who]
		if a.packet == nil {
			e.receiver.SenderReport(a.rtpTime, a.ntp)
			continue
		}
		e.receiver.Push(a.packet, a.at)
		for who, e := range ears {
			for {
				s, ok := e.receiver.Pop(a.at)
				if !ok {
					break
				}
				for _, r := range e.voice.decode(s.Data, s.At, s.LostBefore > 0) {
					must(t, p.Sound(who, e.role, r.at, r.pcm, r.lost, r.dtx))
				}
			}
		}
		must(t, p.Advance(a.at))
	}
	must(t, p.Finish(all[len(all)-1].at))
	return waits
}

// TestEvalLatency prints by how much waits before answers are measured wrong in
// dialogues whose true waits are known, after the real relay with loss and delay
// on the candidate's way. It takes a minute of real time and asserts nothing.
func TestEvalLatency(t *testing.T) {
	dir := evaluationData(t)
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	waits := []float64{0.3, 0.8, 1.5, 2.5, 4, 0.2, 6}
	asker, candidate, answers := dialogueOf(t, dir, waits)
	a, c := packets(t, asker), packets(t, candidate)
	type condition struct {
		loss  float64
		delay time.Duration // each way
		all   []arrived
		begun time.Duration
		err   error
	}
	var conditions []*condition
	for _, loss := range []float64{0, 0.02, 0.05} {
		for _, delay := range []time.Duration{0, 50 * time.Millisecond, 150 * time.Millisecond, 300 * time.Millisecond} {
			conditions = append(conditions, &condition{loss: loss, delay: delay})
		}
	}
	var work sync.WaitGroup
	for i, x := range conditions {
		work.Go(func() {
			x.all, x.begun, x.err = throughRelay(a, c, relaytest.Faults{LossUp: x.loss, LossDown: x.loss, Delay: x.delay}, uint64(i+1))
		})
	}
	work.Wait()
	fmt.Printf("wait before an answer, %d exchanges of %.0f s, error in ms:\n%8s %12s %8s %8s %8s %8s\n", len(waits), float64(len(asker))/16000,
		"loss", "round trip", "found", "median", "largest", "not measurable")
	for _, x := range conditions {
		if x.err != nil {
			fmt.Printf("%7.0f%% %9d ms: %v\n", 100*x.loss, 2*x.delay.Milliseconds(), x.err)
			continue
		}
		rtt := float64(2 * x.delay.Milliseconds())
		got := waitsOf(t, set, x.all, evidence.FactPayload{Participant: "cand", Fact: evidence.FactNetwork, RTTMS: max(rtt, 0.1)})
		var errs []float64
		lost := 0
		for _, p := range got {
			if p.Reason != "" {
				lost++
				continue
			}
			at := (time.Duration(p.AtMS)*time.Millisecond - x.begun - x.delay).Seconds()
			if i := slices.IndexFunc(answers, func(s float64) bool { return math.Abs(s-at) < 1 }); i >= 0 {
				// What the candidate let wait is less than the script says by what
				// the question took to reach the candidate.
				errs = append(errs, 1000*p.Value-(1000*waits[i]-float64(x.delay.Milliseconds())))
			}
		}
		largest := 0.0
		for _, e := range errs {
			largest = max(largest, math.Abs(e))
		}
		slices.Sort(errs)
		middle := math.NaN()
		if len(errs) > 0 {
			middle = errs[len(errs)/2]
		}
		fmt.Printf("%7.0f%% %9.0f ms %8d %8.0f %8.0f %8d\n", 100*x.loss, rtt, len(got), middle, largest, lost)
	}
}
