package relay

import (
	"fmt"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// subscriber is the connection on which a client receives. Its loop owns the
// negotiation: at most one offer is out, and whatever changed meanwhile goes
// into the next.
type subscriber struct {
	p     *Participant
	pc    *webrtc.PeerConnection
	local *localCandidates
	wake  chan struct{}          // the room's tracks changed
	in    chan subscriberMessage // from the client

	// The loop's own.
	senders map[*outlet]*webrtc.RTPSender
	unsent  []*outlet // offered, answer not yet here
	waiting []webrtc.ICECandidateInit
	leftAt  time.Time        // since when outlets of somebody gone stay offered
	pause   <-chan time.Time // over when they are taken away
	offered bool             // an offer is out
	restart bool             // the next offer restarts ICE
}

// subscriberMessage is one of: an answer, a candidate, a wish to restart, news
// that the connection is up.
type subscriberMessage struct {
	answer    string
	candidate *webrtc.ICECandidateInit
	restart   bool
	up        bool
}

func newSubscriber(p *Participant, pc *webrtc.PeerConnection) *subscriber {
	s := &subscriber{
		p: p, pc: pc, wake: make(chan struct{}, 1), in: make(chan subscriberMessage, 2*maxCandidates),
		senders: map[*outlet]*webrtc.RTPSender{}, local: newLocalCandidates(p, Subscribe),
	}
	s.poke()
	pc.OnICECandidate(s.local.add)
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		p.log.Debug("subscribe connection", "state", state.String())
		if state == webrtc.PeerConnectionStateConnected {
			_ = s.post(subscriberMessage{up: true})
		}
	})
	return s
}

// poke makes the loop look at the room's tracks.
func (s *subscriber) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *subscriber) post(m subscriberMessage) error {
	select {
	case <-s.p.done:
		return ErrClosed
	default:
	}
	select {
	case s.in <- m:
		return nil
	default:
		return fmt.Errorf("subscribe: %w: too many messages wait; send fewer", ErrInvalid)
	}
}

func (s *subscriber) loop() {
	for {
		select {
		case <-s.p.done:
			for o := range s.senders {
				o.subs.Add(-1)
			}
			return
		case <-s.wake:
		case <-s.pause:
		case m := <-s.in:
			s.handle(m)
		}
		// A browser that leaves closes its connection before its socket says so.
		if !s.offered && s.pc.ConnectionState() != webrtc.PeerConnectionStateClosed {
			if err := s.negotiate(); err != nil && !s.p.isGone() {
				s.p.log.Error("offering tracks", "err", err)
				s.fail(err)
			}
		}
	}
}

func (s *subscriber) fail(err error) {
	if f := s.p.cfg.Events.Failed; f != nil && !s.p.isGone() {
		f(Subscribe, err)
	}
}

func (s *subscriber) handle(m subscriberMessage) {
	switch {
	case m.restart:
		s.restart = true
	case m.up:
		for o := range s.senders {
			o.requestKeyFrame()
		}
	case m.candidate != nil:
		s.addCandidate(*m.candidate)
	default:
		s.answer(m.answer)
	}
}

func (s *subscriber) addCandidate(c webrtc.ICECandidateInit) {
	if s.pc.RemoteDescription() == nil {
		if len(s.waiting) >= maxCandidates {
			s.fail(fmt.Errorf("candidate: %w: %d wait for an answer already; send subscribe.answer first", ErrInvalid, maxCandidates))
			return
		}
		s.waiting = append(s.waiting, c)
		return
	}
	if err := s.pc.AddICECandidate(c); err != nil {
		s.fail(fmt.Errorf("candidate: %w: %v", ErrInvalid, err))
	}
}

func (s *subscriber) answer(sdp string) {
	if !s.offered {
		s.fail(fmt.Errorf("sdp: %w: no offer waits for an answer", ErrInvalid))
		return
	}
	err := s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp})
	if err != nil {
		// The offer stays open: the client may send a better answer.
		s.fail(fmt.Errorf("sdp: %w: %v", ErrInvalid, err))
		return
	}
	s.offered = false
	for _, c := range s.waiting {
		if err := s.pc.AddICECandidate(c); err != nil {
			s.p.log.Debug("candidate not used", "err", err)
		}
	}
	s.waiting = nil
	// A late subscriber can show nothing before a key frame. While the
	// connection is not up one would be lost, and the next held back by the
	// throttle: then news of the connection asks.
	if s.pc.ConnectionState() == webrtc.PeerConnectionStateConnected {
		for _, o := range s.unsent {
			o.requestKeyFrame()
		}
	}
	s.unsent = nil
}

// onlyLeft tells that nothing changed but that tracks ended whose participants
// are gone.
func (s *subscriber) onlyLeft(want map[*outlet]struct{}) bool {
	left := false
	for o := range s.senders {
		if _, ok := want[o]; ok {
			continue
		}
		if !o.left.Load() {
			return false
		}
		left = true
	}
	for o := range want {
		if _, ok := s.senders[o]; !ok {
			return false
		}
	}
	return left && !s.restart
}

// negotiate makes the connection's senders those of the room's outlets and
// offers them, if anything changed.
func (s *subscriber) negotiate() error {
	want := s.p.room.outletsFor(s.p)
	if s.onlyLeft(want) {
		pause := s.p.room.relay.cfg.LeftPause
		if s.leftAt.IsZero() {
			s.leftAt, s.pause = time.Now(), time.After(pause)
		}
		if time.Since(s.leftAt) < pause {
			return nil
		}
	}
	s.leftAt, s.pause = time.Time{}, nil
	changed := s.restart
	for o, sender := range s.senders {
		if _, ok := want[o]; ok {
			continue
		}
		if err := s.pc.RemoveTrack(sender); err != nil {
			return fmt.Errorf("removing %s: %w", o.local.ID(), err)
		}
		delete(s.senders, o)
		o.subs.Add(-1)
		changed = true
	}
	for o := range want {
		if _, ok := s.senders[o]; ok {
			continue
		}
		sender, err := s.pc.AddTrack(o.local)
		if err != nil {
			return fmt.Errorf("adding %s: %w", o.local.ID(), err)
		}
		s.senders[o] = sender
		o.subs.Add(1)
		s.unsent = append(s.unsent, o)
		s.p.run(func() { s.readFeedback(o, sender) })
		changed = true
	}
	if !changed {
		return nil
	}
	s.local.hold() // candidates of an ICE restart belong to this offer
	offer, err := s.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: s.restart && s.pc.RemoteDescription() != nil})
	if err != nil {
		return fmt.Errorf("making an offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetLocalDescription(offer); err != nil {
		return fmt.Errorf("applying an offer: %w", err)
	}
	s.local.settle(gathered)
	s.offered, s.restart = true, false
	if f := s.p.cfg.Events.Offer; f != nil && !s.p.isGone() {
		f(s.pc.LocalDescription().SDP, s.subscriptions())
	}
	s.local.release()
	return nil
}

func (s *subscriber) subscriptions() []Subscription {
	mids := map[*webrtc.RTPSender]string{}
	for _, t := range s.pc.GetTransceivers() {
		if sender := t.Sender(); sender != nil {
			mids[sender] = t.Mid()
		}
	}
	list := make([]Subscription, 0, len(s.senders))
	for o, sender := range s.senders {
		list = append(list, Subscription{Mid: mids[sender], Participant: o.participant, Source: o.source})
	}
	return list
}

// readFeedback reads a subscriber's RTCP for one outlet. Requests for lost
// packets are answered by the interceptors on the way here; requests for a key
// frame go on to the publisher.
func (s *subscriber) readFeedback(o *outlet, sender *webrtc.RTPSender) {
	buf := make([]byte, mtu)
	for {
		n, _, err := sender.Read(buf)
		if err != nil {
			return
		}
		list, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		for _, r := range list {
			switch r.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				o.requestKeyFrame()
			}
		}
	}
}
