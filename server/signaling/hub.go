package signaling

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/relay"
)

// Config holds the hub's limits. Zero values take the defaults named.
type Config struct {
	Policy interview.RecordingPolicy // what a candidate's refusal of recording means; default AllowUnrecorded
	// Sinks is asked which sinks want a track (see relay.RoomConfig); nil for none.
	Sinks media.SinkFactory

	SlotHold  time.Duration // a lost participant's place is kept; 30 s
	EmptyEnd  time.Duration // a begun interview without anybody ends; 15 min
	PingEvery time.Duration // 10 s
	PongWait  time.Duration // without any sign of life a socket is closed; 30 s
	JoinWait  time.Duration // for the first message; 10 s
	// RecheckEvery is how often it is asked whether accounts may still be in
	// their rooms; 15 s.
	RecheckEvery time.Duration

	MaxMessage     int64 // bytes of a message; 64 KiB
	MaxDescription int64 // bytes of a message with an SDP; 256 KiB
	MaxSockets     int   // open at once; 1000

	MessageRate  rate.Limit // messages per second and participant; 50
	MessageBurst int        // at once; 200
	EntryRate    rate.Limit // of those that make an entry; 5
	EntryBurst   int        // at once; 30
}

func (c Config) withDefaults() Config {
	setDuration := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	setDuration(&c.SlotHold, 30*time.Second)
	setDuration(&c.EmptyEnd, 15*time.Minute)
	setDuration(&c.PingEvery, 10*time.Second)
	setDuration(&c.PongWait, 30*time.Second)
	setDuration(&c.JoinWait, 10*time.Second)
	setDuration(&c.RecheckEvery, 15*time.Second)
	if c.Policy == "" {
		c.Policy = interview.AllowUnrecorded
	}
	if c.MaxMessage == 0 {
		c.MaxMessage = 64 << 10
	}
	if c.MaxDescription == 0 {
		c.MaxDescription = 256 << 10
	}
	if c.MaxSockets == 0 {
		c.MaxSockets = 1000
	}
	if c.MessageRate == 0 {
		c.MessageRate = 50
	}
	if c.MessageBurst == 0 {
		c.MessageBurst = 200
	}
	if c.EntryRate == 0 {
		c.EntryRate = 5
	}
	if c.EntryBurst == 0 {
		c.EntryBurst = 30
	}
	return c
}

// Hub holds the rooms and their sockets. It is the http.Handler of the socket.
type Hub struct {
	relay    *relay.Relay
	backend  Backend
	hooks    Hooks
	cfg      Config
	log      *slog.Logger
	upgrader websocket.Upgrader

	sockets sync.WaitGroup
	running sync.WaitGroup // rooms

	mu       sync.Mutex
	rooms    map[string]*room
	conns    map[*conn]struct{}
	draining bool
	closed   bool
}

// New returns a hub without rooms.
func New(r *relay.Relay, backend Backend, hooks Hooks, cfg Config, log *slog.Logger) *Hub {
	return &Hub{
		relay: r, backend: backend, hooks: hooks, cfg: cfg.withDefaults(), log: log,
		// The upgrader's own check of the origin asks for the same host.
		upgrader: websocket.Upgrader{ReadBufferSize: 4096, WriteBufferSize: 4096, HandshakeTimeout: 10 * time.Second},
		rooms:    map[string]*room{}, conns: map[*conn]struct{}{},
	}
}

// ServeHTTP speaks the protocol of PROTOCOL.md on one websocket, until it ends.
func (h *Hub) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	c := &conn{hub: h, req: req, log: h.log, out: make(chan []byte, sendQueue), quit: make(chan struct{})}
	h.mu.Lock()
	full := len(h.conns) >= h.cfg.MaxSockets
	if h.closed || full {
		h.mu.Unlock()
		http.Error(w, "no more connections can be taken; try again in a minute", http.StatusServiceUnavailable)
		return
	}
	h.conns[c] = struct{}{}
	h.sockets.Add(1)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.conns, c)
		h.mu.Unlock()
		h.sockets.Done()
	}()
	ws, err := h.upgrader.Upgrade(w, req, nil)
	if err != nil {
		h.log.Debug("websocket refused", "remote", req.RemoteAddr, "err", err)
		return // the upgrader has answered
	}
	c.ws = ws
	c.limits.Store(h.cfg.newLimits())
	c.serve(req.Context())
}

// admit resolves a join and hands the socket to its room.
func (h *Hub) admit(ctx context.Context, c *conn, j Join) error {
	// A room may end between the look-up of the interview and the hand-over:
	// then the look-up is out of date.
	for range 3 {
		look, cancel := context.WithTimeout(ctx, journalWait)
		iv, p, err := h.backend.Admission(look, c.req, j)
		var last int64
		var removed []string
		if err == nil && iv.State == interview.Live && h.find(iv.ID) == nil {
			if last, err = h.backend.LastMS(look, iv.ID); err == nil {
				removed, err = h.backend.Removed(look, iv.ID)
			}
		}
		cancel()
		if err != nil {
			return fmt.Errorf("joining: %w", err)
		}
		if err := over(iv.State); err != nil {
			return err
		}
		r, err := h.room(iv, time.Duration(last)*time.Millisecond, removed)
		if err != nil {
			return err
		}
		if err := h.overSince(ctx, r); err != nil {
			return err
		}
		c.participant, c.room = p.ID, r
		c.log = r.log.With("participant", p.ID)
		taken := make(chan struct{})
		if !r.post(func(r *room) { r.join(c, iv, p); close(taken) }) {
			continue
		}
		select {
		case <-taken:
			return nil
		case <-r.done:
			return unavailable("this room is closing; join again")
		}
	}
	return fmt.Errorf("joining: %w", relay.ErrClosed)
}

// over says why nobody can join an interview that is over.
func over(s interview.State) error {
	switch s {
	case interview.Ended:
		return conflict("", "this interview has ended")
	case interview.Cancelled:
		return conflict("", "this interview was cancelled")
	}
	return nil
}

// overSince tells whether an interview came to be over since it was looked up:
// then there may have been no room yet to be told, and r is closed. What comes
// later, r is told.
func (h *Hub) overSince(ctx context.Context, r *room) error {
	ctx, cancel := context.WithTimeout(ctx, journalWait)
	defer cancel()
	state, err := h.backend.State(ctx, r.id)
	switch {
	case err != nil:
		return fmt.Errorf("joining: %w", err)
	case state == interview.Cancelled:
		r.post(func(r *room) { r.cancelled() })
	case state == interview.Ended:
		r.post(func(r *room) { r.drain() })
	}
	return over(state)
}

// room returns the interview's room, opening it if needed; least is how far
// its clock has come by then, removed are those who were sent out of it.
func (h *Hub) room(iv interview.Interview, least time.Duration, removed []string) (*room, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r, ok := h.rooms[iv.ID]; ok {
		return r, nil
	}
	if h.draining || h.closed {
		return nil, ErrDraining
	}
	media, err := h.relay.NewRoom(relay.RoomConfig{ID: iv.ID, Sinks: h.cfg.Sinks})
	if err != nil {
		return nil, err
	}
	r := newRoom(h, iv, media, least)
	for _, participant := range removed {
		r.removed[participant] = true
	}
	h.rooms[iv.ID] = r
	h.running.Add(1)
	go func() {
		defer h.running.Done()
		r.run()
	}()
	return r, nil
}

func (h *Hub) forget(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[r.id] == r {
		delete(h.rooms, r.id)
	}
}

func (h *Hub) find(interviewID string) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[interviewID]
}

func (h *Hub) all() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*room, 0, len(h.rooms))
	for _, r := range h.rooms {
		list = append(list, r)
	}
	return list
}

// Drain opens no more rooms, tells those that are open that the server will
// stop, waits until every begun interview is over or ctx ends, and ends what
// is left with the reason "drain". Such interviews stay live: their people may
// rejoin when the server runs again.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	text := "The server is about to restart. Please finish; you can rejoin by the same link afterwards."
	if at, ok := ctx.Deadline(); ok {
		text = fmt.Sprintf("The server restarts in %d s. Please finish; you can rejoin by the same link afterwards.",
			int(time.Until(at).Round(time.Second).Seconds()))
	}
	h.SendNotice("", Notice{Level: "warning", Code: "draining", Text: text})
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(h.Live()) > 0 {
		select {
		case <-ctx.Done():
			h.endRooms()
			return fmt.Errorf("draining: %w", ctx.Err())
		case <-tick.C:
		}
	}
	h.endRooms()
	return nil
}

func (h *Hub) endRooms() {
	for _, r := range h.all() {
		r.post(func(r *room) { r.drain() })
	}
	h.running.Wait()
}

// Close ends every room as Drain does at its deadline, closes every socket and
// waits for them.
func (h *Hub) Close() error {
	h.mu.Lock()
	h.draining, h.closed = true, true
	h.mu.Unlock()
	h.endRooms()
	h.mu.Lock()
	for c := range h.conns {
		c.close(websocket.CloseGoingAway, "the server stops")
	}
	h.mu.Unlock()
	h.sockets.Wait()
	return nil
}
