package signaling

import (
	"encoding/json"
	"net"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/relay"
)

// join takes a socket in: as a new participant, as one who comes back, or in
// place of another socket of the same participant.
func (r *room) join(c *conn, iv interview.Interview, who interview.Participant) {
	if r.ending || r.over {
		c.fail(websocket.CloseTryAgainLater, unavailable("this room is closing; join again"))
		return
	}
	limits := r.limitsOf(who.ID)
	if !limits.entries.AllowN(time.Now(), joinTokens) {
		c.fail(websocket.CloseTryAgainLater, &problem{"unavailable", "", "you joined too often; wait some seconds"})
		return
	}
	r.refresh(iv)
	p, back := r.people[who.ID]
	if !back {
		var err error
		if p, err = r.place(who, limits); err != nil {
			c.fail(websocket.ClosePolicyViolation, err)
			return
		}
	} else {
		if p.conn != nil {
			p.conn.send("ended", Ended{Reason: "replaced"})
			p.conn.close(websocket.CloseNormalClosure, "replaced")
		}
		r.closeMedia(p)
		p.Name, p.Role = who.Name, who.Role
	}
	p.conn, p.until = c, time.Time{}
	c.limits.Store(p.limits)
	r.keep(r.entry(p.actor(), evidence.EntryParticipantJoined, evidence.ParticipantPayload{
		Participant: p.ID, Role: string(p.Role), Rejoined: back || p.stage == StageRoom,
	}, nil))
	r.loadCards()
	r.welcome(p)
	r.dirty = true
	if p.stage == StageRoom {
		r.openMedia(p)
	}
}

// limitsOf are a participant's rate limits. They last as long as the room, so
// that nobody gets new ones by leaving and coming back.
func (r *room) limitsOf(participant string) *limits {
	l, ok := r.limits[participant]
	if !ok {
		l = r.hub.cfg.newLimits()
		r.limits[participant] = l
	}
	return l
}

// refresh takes over what may have been edited elsewhere; what happens in
// rooms is known better here.
func (r *room) refresh(iv interview.Interview) {
	r.iv.CandidateName, r.iv.Role, r.iv.ScheduledMS = iv.CandidateName, iv.Role, iv.ScheduledMS
	r.iv.Place, r.iv.TimeZone, r.iv.Interviewers = iv.Place, iv.TimeZone, iv.Interviewers
	if len(r.people) == 0 {
		r.iv.KindsOff = iv.KindsOff
	}
}

// place makes a place for somebody new.
func (r *room) place(who interview.Participant, l *limits) (*person, error) {
	p := &person{
		Participant: who, stage: StageLobby, limits: l,
		tracks: map[media.Source]media.Track{}, muted: map[media.Source]bool{},
	}
	consents := map[evidence.Consent]bool{}
	for c, granted := range who.Consents {
		consents[c] = granted
	}
	p.Consents = consents
	if p.staff() {
		n := 0
		for _, other := range r.people {
			if other.staff() {
				n++
			}
		}
		if n >= interview.MaxInterviewers {
			return nil, conflict("", "the room is full: %d interviewers and observers are in it, as many as fit", n)
		}
	}
	// Who comes back to a begun interview with everything answered (the server
	// restarted, or the network was away for long) goes on where they were.
	if r.epoch.Load() != nil && p.Answered() && !r.removed[p.ID] && r.mayEnter(p) == nil {
		p.stage = StageRoom
	}
	r.people[p.ID] = p
	r.order = append(r.order, p.ID)
	return p, nil
}

func (r *room) welcome(p *person) {
	host, _, err := net.SplitHostPort(p.conn.req.Host)
	if err != nil {
		host = p.conn.req.Host
	}
	servers, err := r.hub.relay.ICEServers(host, p.ID)
	if err != nil {
		r.log.Error("making TURN credentials", "err", err)
	}
	ice := []ICEServer{}
	for _, s := range servers {
		ice = append(ice, ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential})
	}
	p.send("welcome", Welcome{
		You: p.copy(), Interview: r.describe(p), Policy: r.hub.cfg.Policy,
		ServerMS: time.Now().UnixMilli(), ICE: ice, Stage: p.stage,
	})
}

// copy is safe to hand to others.
func (p *person) copy() interview.Participant {
	out := p.Participant
	out.Consents = map[evidence.Consent]bool{}
	for c, granted := range p.Consents {
		out.Consents[c] = granted
	}
	return out
}

// mayEnter says why somebody cannot go on from the lobby.
func (r *room) mayEnter(p *person) error {
	if p.Role != interview.Candidate {
		return nil
	}
	for _, c := range p.Role.Consents() {
		if _, ok := p.Consents[c]; !ok {
			return conflict(string(c), "this consent is not answered yet; answer each with yes or no first")
		}
	}
	if r.hub.cfg.Policy == interview.RefuseUnrecorded && !p.Consents[evidence.ConsentRecording] {
		return forbidden("recording", "this interview can only take place with a recording; agree to it, or contact the organiser")
	}
	return nil
}

// moveTo changes a person's stage and tells them.
func (r *room) moveTo(p *person, s Stage) {
	p.stage = s
	r.dirty = true
	p.send("stage", StageChanged{Stage: s})
	if s == StageRoom {
		r.openMedia(p)
	}
}

// openMedia connects a person to the relay and shows what there is to see.
func (r *room) openMedia(p *person) {
	c := p.conn
	if c == nil {
		return // on the way back: join opens it
	}
	part, err := r.media.Join(relay.ParticipantConfig{
		ID: p.ID, Role: string(p.Role), Listen: p.Role == interview.Observer,
		Events: relay.Events{
			Answer: func(sdp string) { c.send("publish.answer", PublishAnswer{SDP: sdp}) },
			Offer: func(sdp string, list []relay.Subscription) {
				tracks := []SubscribedTrack{}
				for _, s := range list {
					tracks = append(tracks, SubscribedTrack{Mid: s.Mid, Participant: s.Participant, Source: string(s.Source)})
				}
				c.send("subscribe.offer", SubscribeOffer{SDP: sdp, Tracks: tracks})
			},
			Candidate: func(t relay.Target, raw json.RawMessage) {
				c.send("candidate", Candidate{Target: Target(t), Candidate: raw})
			},
			Published: func(t media.Track) { r.post(func(r *room) { r.trackPublished(c, t) }) },
			Ended:     func(t media.Track) { r.post(func(r *room) { r.trackEnded(t) }) },
			Failed:    func(_ relay.Target, err error) { c.refuse("", err) },
		},
	})
	if err != nil {
		c.refuse("", err)
		return
	}
	p.media = part
	r.show(p, r.feed.all())
	r.showCardsTo(p)
}

// closeMedia disconnects a person from the relay.
func (r *room) closeMedia(p *person) {
	if p.media == nil {
		return
	}
	p.media.Close()
	p.media = nil
	for _, t := range p.tracks {
		r.keep(r.entry(p.actor(), evidence.EntryTrackEnded, trackPayload(t, false), nil))
	}
	clear(p.tracks)
	clear(p.muted)
	r.dirty = true
}

// disconnected holds the place of a person whose socket went away. Their media
// goes on: it may have found another way than the socket.
func (r *room) disconnected(c *conn) {
	p := r.people[c.participant]
	if p == nil || p.conn != c {
		return
	}
	p.conn = nil
	p.until = time.Now().Add(r.hub.cfg.SlotHold)
	r.dirty = true
}

// left takes a person out for good; by is who or what did it.
func (r *room) left(p *person, reason string, by evidence.Actor) {
	r.closeMedia(p)
	delete(r.people, p.ID)
	r.order = slices.DeleteFunc(r.order, func(id string) bool { return id == p.ID })
	r.dirty = true
	r.keep(r.entry(by, evidence.EntryParticipantLeft, evidence.ParticipantPayload{
		Participant: p.ID, Role: string(p.Role), Reason: reason,
	}, nil))
	if f := r.hub.hooks.Left; f != nil && !r.ending {
		f(r.iv, p.copy())
	}
}

// goodbye takes a person out and closes their socket.
func (r *room) goodbye(p *person, reason string, by evidence.Actor) {
	c := p.conn
	p.conn = nil
	r.left(p, reason, by)
	if c != nil {
		if reason == "leave" {
			reason = "left"
		}
		c.send("ended", Ended{Reason: reason})
		c.close(websocket.CloseNormalClosure, reason)
	}
}
