package relay

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
)

// Target names one of a participant's two connections.
type Target string

// The two connections of a participant.
const (
	Publish   Target = "publish"   // the client offers
	Subscribe Target = "subscribe" // the relay offers
)

// maxCandidates bounds the remote candidates that wait for a description.
const maxCandidates = 64

// ErrInvalid is wrapped by errors about what a client sent.
var ErrInvalid = errors.New("invalid")

// Subscription says what a mid of the subscribe connection carries.
type Subscription struct {
	Mid         string
	Participant string
	Source      media.Source
}

// Events is how the relay talks back to a participant's client and to the
// room. They are called from the relay's goroutines (Answer from within Offer);
// all but Published and Ended must not block. None is called after Participant.Close returned,
// except that one already under way may finish. Nil functions are skipped.
type Events struct {
	Answer    func(sdp string)                               // to an offer for the publish connection
	Offer     func(sdp string, tracks []Subscription)        // an offer for the subscribe connection
	Candidate func(target Target, candidate json.RawMessage) // a local candidate (RTCIceCandidateInit), after the description it belongs to
	Published func(t media.Track)                            // a track began
	Ended     func(t media.Track)                            // a track ended while the participant stays
	Failed    func(target Target, err error)                 // an answer or candidate could not be used
}

// ParticipantConfig describes who joins.
type ParticipantConfig struct {
	ID     string
	Role   string // passed on to sinks
	Listen bool   // subscribes only; offers with tracks are refused
	Events Events
}

// Participant is one person's pair of connections. It is safe for concurrent use.
type Participant struct {
	room *Room
	cfg  ParticipantConfig
	log  *slog.Logger
	pub  *publisher
	sub  *subscriber

	done chan struct{} // closed by Close
	mu   sync.Mutex
	gone bool
	work sync.WaitGroup // goroutines of this participant
}

func newParticipant(m *Room, cfg ParticipantConfig) (*Participant, error) {
	p := &Participant{
		room: m, cfg: cfg, done: make(chan struct{}),
		log: m.log.With("participant", cfg.ID),
	}
	r := m.relay
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, ErrClosed
	}
	r.live.Add(1) // until close has finished
	r.mu.Unlock()
	conf := webrtc.Configuration{Certificates: r.certs, BundlePolicy: webrtc.BundlePolicyMaxBundle}
	pub, err := r.pubAPI.NewPeerConnection(conf)
	if err != nil {
		r.live.Done()
		return nil, fmt.Errorf("making the publish connection: %w", err)
	}
	sub, err := r.subAPI.NewPeerConnection(conf)
	if err != nil {
		_ = pub.Close()
		r.live.Done()
		return nil, fmt.Errorf("making the subscribe connection: %w", err)
	}
	p.pub = newPublisher(p, pub)
	p.sub = newSubscriber(p, sub)
	r.stats.people.Add(1)
	return p, nil
}

func (p *Participant) start() {
	p.run(p.sub.loop)
}

// run starts a goroutine that Close waits for. It reports false after Close.
func (p *Participant) run(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return false
	}
	p.work.Add(1)
	go func() {
		defer p.work.Done()
		f()
	}()
	return true
}

// enter counts the calling goroutine among those that Close waits for; the
// caller must call p.work.Done. It reports false after Close.
func (p *Participant) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return false
	}
	p.work.Add(1)
	return true
}

// Offer takes an offer for the publish connection and answers by Events.Answer.
// sources maps each mid that sends to what it carries; a mid without a source
// is not forwarded. An error that wraps ErrInvalid is the client's.
func (p *Participant) Offer(sdp string, sources map[string]media.Source) error {
	return p.pub.offer(sdp, sources)
}

// Answer takes the client's answer to the newest subscribe offer. What is
// wrong with it is told by Events.Failed.
func (p *Participant) Answer(sdp string) error { return p.sub.post(subscriberMessage{answer: sdp}) }

// RestartSubscribe makes an offer with an ICE restart on the subscribe connection.
func (p *Participant) RestartSubscribe() error { return p.sub.post(subscriberMessage{restart: true}) }

// AddCandidate takes a candidate (RTCIceCandidateInit) of the client.
func (p *Participant) AddCandidate(target Target, candidate json.RawMessage) error {
	var c webrtc.ICECandidateInit
	if err := json.Unmarshal(candidate, &c); err != nil {
		return fmt.Errorf("candidate: %w: %v; send an RTCIceCandidateInit", ErrInvalid, err)
	}
	switch target {
	case Publish:
		return p.pub.addCandidate(c)
	case Subscribe:
		return p.sub.post(subscriberMessage{candidate: &c})
	}
	return fmt.Errorf("target: %w: %q; use %q or %q", ErrInvalid, target, Publish, Subscribe)
}

// SetMuted tells the sinks of a source that it was muted or unmuted, also if
// its track is published later.
func (p *Participant) SetMuted(source media.Source, muted bool) { p.pub.setMuted(source, muted) }

// Close ends the participant's tracks and closes their sinks before it
// returns; the connections are closed in the background, for which
// Relay.Close waits. No event follows for the tracks that end with it.
func (p *Participant) Close() {
	p.mu.Lock()
	if p.gone {
		p.mu.Unlock()
		return
	}
	p.gone = true
	close(p.done)
	p.mu.Unlock()
	p.room.remove(p)
	for _, t := range p.pub.take() {
		t.left.Store(true)
		t.end()
	}
	r := p.room.relay
	r.stats.people.Add(-1)
	r.stats.closing.Add(1)
	go func() { // the relay waits for it through live
		defer r.live.Done()
		defer r.stats.closing.Add(-1)
		if err := errors.Join(p.pub.pc.Close(), p.sub.pc.Close()); err != nil {
			p.log.Debug("closing connections", "err", err)
		}
		p.work.Wait()
	}()
}

func (p *Participant) isGone() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
