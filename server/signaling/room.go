package signaling

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/relay"
)

// roomQueue bounds what waits for a room's goroutine. Sockets wait when it is
// full; media does not pass through it.
const roomQueue = 256

// room is one interview's people. Its goroutine owns every field but in, done,
// epoch, feed and media; others send it functions.
type room struct {
	hub   *Hub
	id    string
	log   *slog.Logger
	media *relay.Room
	in    chan func(*room)
	done  chan struct{}
	epoch atomic.Pointer[time.Time] // interview time zero; nil before
	least time.Duration             // how far interview time had come before the room was opened
	feed  *feed

	retaken  *int64 // when the face was enrolled anew last, interview time
	iv       interview.Interview
	people   map[string]*person
	order    []string // of joining
	removed  map[string]bool
	limits   map[string]*limits
	journal  *journal
	cards    cards
	starting bool // an admission is being kept
	dirty    bool // people changed
	empty    time.Time
	checked  time.Time // when it was last asked who may stay
	ending   bool
	over     bool // nothing more is to come
}

// person is a participant's place in the room; it outlives sockets.
type person struct {
	interview.Participant
	stage  Stage
	conn   *conn     // nil while the place is held
	until  time.Time // when it is given up
	limits *limits
	media  *relay.Participant // nil outside the stage "room"
	tracks map[media.Source]media.Track
	muted  map[media.Source]bool
	page   page
}

func (p *person) staff() bool { return p.Role != interview.Candidate }

func (p *person) actor() evidence.Actor { return evidence.Actor{Type: "participant", ID: p.ID} }

// send reaches the person's socket, if there is one.
func (p *person) send(kind string, data any) {
	if p.conn != nil {
		p.conn.send(kind, data)
	}
}

func newRoom(h *Hub, iv interview.Interview, m *relay.Room, least time.Duration) *room {
	r := &room{
		hub: h, id: iv.ID, iv: iv, media: m, least: least, log: h.log.With("interview", iv.ID),
		in: make(chan func(*room), roomQueue), done: make(chan struct{}), feed: newFeed(),
		people: map[string]*person{}, removed: map[string]bool{}, limits: map[string]*limits{},
		cards: cards{sheet: evidence.NewRunSheet()},
	}
	r.journal = newJournal(r)
	return r
}

// post hands f to the room's goroutine. It reports false when the room is over.
func (r *room) post(f func(*room)) bool {
	select {
	case <-r.done:
		return false
	default:
	}
	select {
	case r.in <- f:
		return true
	case <-r.done:
		return false
	}
}

// run is the room's goroutine.
func (r *room) run() {
	tick := time.NewTicker(max(min(r.hub.cfg.SlotHold/10, time.Second), 10*time.Millisecond))
	defer tick.Stop()
	r.empty, r.checked = time.Now(), time.Now()
	if r.iv.State == interview.Live && r.iv.StartedMS > 0 {
		r.begin(time.UnixMilli(r.iv.StartedMS))
	}
	for !r.over {
		select {
		case f := <-r.in:
			f(r)
		case <-r.feed.wake:
			r.showUpdates()
		case <-tick.C:
			r.expire(time.Now())
		}
		if r.dirty {
			r.dirty = false
			r.showPeople()
		}
	}
	r.close()
}

// close ends the room's goroutine: what is being kept is kept first.
func (r *room) close() {
	r.hub.forget(r)
	r.media.Close()
	close(r.journal.jobs)
	for waiting := true; waiting; {
		select {
		case f := <-r.in:
			f(r)
		case <-r.journal.over:
			waiting = false
		}
	}
	close(r.done)
	// Sockets that were handed over at the last moment.
	for {
		select {
		case f := <-r.in:
			f(r)
		default:
			return
		}
	}
}

// expire gives up places nobody came back to, and ends a room nobody is in.
func (r *room) expire(now time.Time) {
	if r.ending {
		return
	}
	r.expireStep()
	for _, id := range slices.Clone(r.order) {
		if p := r.people[id]; p.conn == nil && now.After(p.until) {
			r.left(p, "disconnected", evidence.System)
		}
	}
	if now.Sub(r.checked) >= r.hub.cfg.RecheckEvery {
		r.checked = now
		r.recheck()
	}
	if len(r.people) > 0 || r.starting {
		r.empty = now
		return
	}
	if r.epoch.Load() == nil {
		if now.Sub(r.empty) > r.hub.cfg.SlotHold {
			r.over = true
		}
		return
	}
	if now.Sub(r.empty) > r.hub.cfg.EmptyEnd {
		r.end("timeout", evidence.System)
	}
}

// recheck sends out those whose account may not be here any more.
func (r *room) recheck() {
	for _, id := range r.order {
		p, stay := r.people[id], true
		if !p.staff() {
			continue
		}
		work := job{save: func(ctx context.Context, _ []evidence.NewEntry) error {
			may, err := r.hub.backend.MayStay(ctx, r.id, p.User)
			if err != nil {
				r.log.Warn("asking who may stay", "participant", p.ID, "err", err)
			}
			stay = may || err != nil
			return nil
		}}
		work.done = func(r *room, _ []evidence.Entry, _ error) {
			if !stay && !r.ending && r.people[p.ID] == p {
				r.log.Info("account may not be here any more", "participant", p.ID)
				r.goodbye(p, "removed", evidence.System)
			}
		}
		r.keepJob(work)
	}
}

// begin sets interview time zero from the wall clock of its first instant.
func (r *room) begin(wall time.Time) {
	now := time.Now()
	// Only the difference is taken by wall clock: the epoch keeps now's
	// monotonic reading, so that a clock that is set later moves nothing. One
	// that was set back while the server was down must not repeat any time.
	epoch := now.Add(-max(now.Round(0).Sub(wall.Round(0)), r.least))
	r.epoch.Store(&epoch)
	r.iv.State = interview.Live
	r.iv.StartedMS = wall.UnixMilli()
	if f := r.hub.hooks.Started; f != nil {
		f(r.iv, epoch)
	}
	r.media.SetEpoch(epoch)
}

// nowMS is interview time, nil before the interview began.
func (r *room) nowMS() *int64 {
	e := r.epoch.Load()
	if e == nil {
		return nil
	}
	return evidence.At(time.Since(*e).Milliseconds())
}

// each calls f for everybody connected whom the filter admits.
func (r *room) each(filter func(*person) bool, f func(*person)) {
	for _, id := range r.order {
		if p := r.people[id]; p.conn != nil && filter(p) {
			f(p)
		}
	}
}

func inTheRoom(p *person) bool   { return p.stage == StageRoom }
func staffInRoom(p *person) bool { return p.stage == StageRoom && p.staff() }

func (r *room) noticeStaff(n Notice) {
	r.each((*person).staff, func(p *person) { p.send("notice", n) })
}

// showPeople tells everybody who is here: interviewers see all, with their
// consents; the candidate sees who is in the room, and of consents their own.
func (r *room) showPeople() {
	r.each(func(p *person) bool { return p.staff() || inTheRoom(p) }, func(to *person) {
		list := []Person{}
		for _, id := range r.order {
			p := r.people[id]
			if !to.staff() && p != to && p.stage != StageRoom {
				continue
			}
			v := Person{ID: p.ID, Name: p.Name, Role: p.Role, Stage: p.stage, Connected: p.conn != nil, Sources: []SourceState{}}
			for _, s := range slices.Sorted(maps.Keys(p.tracks)) {
				v.Sources = append(v.Sources, SourceState{Source: string(s), Muted: p.muted[s]})
			}
			if to.staff() || p == to {
				v.Consents = maps.Clone(p.Consents)
			}
			list = append(list, v)
		}
		to.send("people", People{People: list})
	})
}

// showUpdates sends what the application told since the last time.
func (r *room) showUpdates() {
	u := r.feed.take()
	r.each(inTheRoom, func(p *person) { r.show(p, u) })
	r.showSteps(u)
	for _, n := range u.notices {
		if n.Code == "draining" {
			r.each(func(*person) bool { return true }, func(p *person) { p.send("notice", n) })
		} else {
			r.noticeStaff(n)
		}
	}
}

// show sends one person what is for them of an update, notices excepted.
func (r *room) show(p *person, u update) {
	for _, h := range u.recording {
		p.send("recording", h)
	}
	if !p.staff() {
		return
	}
	for _, f := range u.findings {
		p.send("finding", FindingUpdate{Finding: f})
	}
	if u.enrolled != nil {
		p.send("enrolled", *u.enrolled)
	}
	if u.coverage != nil {
		p.send("coverage", CoverageUpdate{Coverage: u.coverage})
	}
}

// describe is what one person sees of the interview.
func (r *room) describe(to *person) RoomInterview {
	v := RoomInterview{
		ID: r.iv.ID, CandidateName: r.iv.CandidateName, Role: r.iv.Role, ScheduledMS: r.iv.ScheduledMS,
		State: r.iv.State, StartedMS: r.iv.StartedMS, KindsOff: []evidence.Kind{},
	}
	if to.staff() {
		v.Place, v.TimeZone = r.iv.Place, r.iv.TimeZone
		v.KindsOff = append(v.KindsOff, r.iv.KindsOff...)
	}
	return v
}
