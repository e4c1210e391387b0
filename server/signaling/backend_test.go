package signaling_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/relay"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// memory is a Backend that keeps everything in memory. A candidate's link is
// "link", or "link2" for a second interview; an interviewer is named by the
// header "User".
type memory struct {
	mu      sync.Mutex
	ivs     map[string]*interview.Interview
	people  map[string]*interview.Participant
	entries []evidence.Entry
	parts   []string
	fail    error // of Append
	refused int   // calls of Append
	barred  map[string]bool
	looked  func()               // called at the end of Admission, if set
	removed []string             // who was sent out before the server was started
	slow    chan struct{}        // Append waits for it, if set
	deck    []evidence.DrawnCard // of every interview
	unread  error                // of RunSheet
}

// RunSheet folds what was kept; with a deck and nothing drawn it draws.
func (m *memory) RunSheet(ctx context.Context, id string) (evidence.RunSheet, error) {
	sheet := evidence.NewRunSheet()
	m.mu.Lock()
	if m.unread != nil {
		m.mu.Unlock()
		return sheet, m.unread
	}
	draw, entries := len(m.deck) > 0 && m.ivs[id].State == interview.Planned, append([]evidence.Entry{}, m.entries...)
	for _, e := range entries {
		draw = draw && (e.Kind != evidence.EntryCardsDrawn || e.Interview != id)
	}
	m.mu.Unlock()
	if draw {
		kept, err := m.Append(ctx, evidence.NewEntry{Interview: id, Actor: evidence.System, Kind: evidence.EntryCardsDrawn,
			Payload: evidence.CardsDrawnPayload{Template: "t", Cards: m.deck}, Part: evidence.CardsDrawnPart{Questions: map[string]string{"q": "Where do you shop?"}}})
		if err != nil {
			return sheet, err
		}
		entries = append(entries, kept...)
	}
	for _, e := range entries {
		if e.Interview == id {
			if err := sheet.Add(e); err != nil {
				return sheet, err
			}
		}
	}
	return sheet, nil
}

func (m *memory) Daylight(zone string, at time.Time) evidence.Daylight {
	return evidence.Daylight{Zone: zone, WallMS: at.UnixMilli(), Light: "day"}
}

func newMemory() *memory {
	m := &memory{ivs: map[string]*interview.Interview{}, people: map[string]*interview.Participant{}}
	for _, id := range []string{"one", "two"} {
		m.ivs[id] = &interview.Interview{
			ID: id, CandidateName: "Ada", Role: "Engineer", Place: "Lisbon", TimeZone: "Europe/Lisbon",
			State: interview.Planned, KindsOff: []evidence.Kind{evidence.FaceMultiple},
		}
	}
	return m
}

func (m *memory) Admission(_ context.Context, r *http.Request, j signaling.Join) (interview.Interview, interview.Participant, error) {
	m.mu.Lock()
	defer func() {
		looked := m.looked
		m.mu.Unlock()
		if looked != nil {
			looked()
		}
	}()
	var p interview.Participant
	switch {
	case j.Link == "link":
		p = interview.Participant{ID: "candidate", Interview: "one", Name: "Ada", Role: interview.Candidate}
	case j.Link == "link2":
		p = interview.Participant{ID: "candidate2", Interview: "two", Name: "Bo", Role: interview.Candidate}
	case j.Link != "":
		return interview.Interview{}, p, fmt.Errorf("link: %w", signaling.ErrForbidden)
	case r.Header.Get("User") == "":
		return interview.Interview{}, p, signaling.ErrForbidden
	default:
		user := r.Header.Get("User")
		p = interview.Participant{ID: "p-" + user, Interview: j.Interview, User: user, Name: user, Role: interview.Interviewer}
		if j.Observe {
			p.Role = interview.Observer
		}
	}
	iv, ok := m.ivs[p.Interview]
	if !ok {
		return interview.Interview{}, p, signaling.ErrNotFound
	}
	if known, ok := m.people[p.ID]; ok {
		p.Consents = known.Consents
	}
	copied := map[evidence.Consent]bool{}
	for c, g := range p.Consents {
		copied[c] = g
	}
	p.Consents = copied
	kept := p
	m.people[p.ID] = &kept
	out := p
	out.Consents = map[evidence.Consent]bool{}
	for c, g := range copied {
		out.Consents[c] = g
	}
	return *iv, out, nil
}

func (m *memory) State(_ context.Context, id string) (interview.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ivs[id].State, nil
}

func (m *memory) MayStay(_ context.Context, _, user string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.barred[user], nil
}

func (m *memory) LastMS(_ context.Context, id string) (last int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.entries {
		if e.Interview == id && e.AtMS != nil {
			last = max(last, *e.AtMS)
		}
	}
	return last, nil
}

func (m *memory) Removed(_ context.Context, _ string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.removed, nil
}

func (m *memory) Start(ctx context.Context, id string, list ...evidence.NewEntry) (time.Time, error) {
	if _, err := m.Append(ctx, list...); err != nil {
		return time.Time{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	iv := m.ivs[id]
	if iv.StartedMS == 0 {
		iv.StartedMS, iv.State = time.Now().UnixMilli(), interview.Live
	}
	return time.UnixMilli(iv.StartedMS), nil
}

func (m *memory) End(ctx context.Context, id string, list ...evidence.NewEntry) error {
	if _, err := m.Append(ctx, list...); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ivs[id].State = interview.Ended
	return nil
}

func (m *memory) SaveConsent(ctx context.Context, p string, c evidence.Consent, granted bool, list ...evidence.NewEntry) error {
	if _, err := m.Append(ctx, list...); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.people[p].Consents[c] = granted
	return nil
}

func (m *memory) SaveKinds(ctx context.Context, id string, off []evidence.Kind, list ...evidence.NewEntry) error {
	if _, err := m.Append(ctx, list...); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ivs[id].KindsOff = off
	return nil
}

func (m *memory) Append(ctx context.Context, list ...evidence.NewEntry) ([]evidence.Entry, error) {
	m.mu.Lock()
	slow := m.slow
	m.mu.Unlock()
	if slow != nil {
		select {
		case <-slow:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		m.refused++
		return nil, m.fail
	}
	var out []evidence.Entry
	for _, n := range list {
		raw, err := json.Marshal(n.Payload)
		if err != nil {
			return nil, err
		}
		part, err := json.Marshal(n.Part)
		if err != nil {
			return nil, err
		}
		e := evidence.Entry{Seq: int64(len(m.entries) + 1), Interview: n.Interview, AtMS: n.AtMS, Actor: n.Actor, Kind: n.Kind, Payload: raw, Part: part}
		m.entries = append(m.entries, e)
		out = append(out, e)
	}
	return out, nil
}

func (m *memory) set(f func(*memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m)
}

// all returns every entry.
func (m *memory) all() []evidence.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries)
}

// kept returns the entries of a kind.
func (m *memory) kept(kind evidence.EntryKind) []evidence.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []evidence.Entry
	for _, e := range m.entries {
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

func payload[T any](t *testing.T, e evidence.Entry) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(e.Payload, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// world is a relay, a hub and its server.
type world struct {
	t      *testing.T
	ctx    context.Context
	store  *memory
	relay  *relay.Relay
	hub    *signaling.Hub
	server *httptest.Server

	mu     sync.Mutex
	events []string
	sinks  map[string]bool // tracks that may have a sink, by participant
	count  map[string]int  // packets per source at sinks
}

func (w *world) event(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, fmt.Sprintf(format, args...))
}

func (w *world) saw(event string) func() bool {
	return func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, e := range w.events {
			if e == event {
				return true
			}
		}
		return false
	}
}

func testLog() *slog.Logger {
	level := slog.LevelError + 4
	if os.Getenv("SIGNALING_DEBUG") != "" {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

func newWorld(t *testing.T, cfg signaling.Config, store *memory) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	if store == nil {
		store = newMemory()
	}
	w := &world{t: t, ctx: ctx, store: store, sinks: map[string]bool{}, count: map[string]int{}}
	var err error
	if w.relay, err = relay.New(relay.Config{UDPAddr: "127.0.0.1:0"}, testLog()); err != nil {
		t.Fatal(err)
	}
	if cfg.Sinks == nil {
		cfg.Sinks = w.sinksFor
	}
	w.hub = signaling.New(w.relay, store, signaling.Hooks{
		Consent: func(iv interview.Interview, p interview.Participant) {
			w.event("consent %s recording=%v", p.ID, p.Consents[evidence.ConsentRecording])
			w.mu.Lock()
			w.sinks[p.ID] = p.Consents[evidence.ConsentRecording]
			w.mu.Unlock()
			w.hub.RefreshSinks(iv.ID)
		},
		Kinds:   func(iv interview.Interview) { w.event("kinds %v", iv.KindsOff) },
		Started: func(iv interview.Interview, _ time.Time) { w.event("started %s", iv.ID) },
		Left:    func(_ interview.Interview, p interview.Participant) { w.event("left %s", p.ID) },
		Retake:  func(iv interview.Interview) { w.event("retake %s", iv.ID) },
		StepBegan: func(_ interview.Interview, o evidence.StepOrder, _ int64) {
			w.event("step %s begins, %s for %d ms, %q %s", o.Step, o.Card, o.LimitMS, o.Document.Name, o.Document.Side)
		},
		StepOver: func(_ interview.Interview, s evidence.StepPayload) { w.event("step %s over: %s", s.Step, s.Ended) },
		Ended:    func(iv interview.Interview, reason string) { w.event("ended %s %s", iv.ID, reason) },
	}, cfg, testLog())
	w.server = httptest.NewServer(w.hub)
	t.Cleanup(func() {
		if err := w.hub.Close(); err != nil {
			t.Error(err)
		}
		w.server.Close()
		if err := w.relay.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) dial(cfg signaltest.Config) *signaltest.Client {
	w.t.Helper()
	c, err := w.tryDial(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) tryDial(cfg signaltest.Config) (*signaltest.Client, error) {
	cfg.URL = w.server.URL
	c, err := signaltest.Dial(w.ctx, cfg)
	if err == nil {
		w.t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

func (w *world) candidate() *signaltest.Client {
	w.t.Helper()
	return w.dial(signaltest.Config{Join: signaling.Join{Link: "link"}})
}

func (w *world) interviewer(user string) *signaltest.Client {
	w.t.Helper()
	return w.dial(signaltest.Config{Join: signaling.Join{Interview: "one"}, Header: http.Header{"User": {user}}})
}

func (w *world) eventually(what string, cond func() bool) {
	w.t.Helper()
	for !cond() {
		select {
		case <-w.ctx.Done():
			w.t.Fatalf("waiting for %s: %v", what, w.ctx.Err())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// live brings an interviewer and a candidate into the room.
func (w *world) live() (host, cand *signaltest.Client) {
	w.t.Helper()
	host, cand = w.interviewer("ivy"), w.candidate()
	w.must(host.Enter(signaltest.AllConsents()))
	w.must(host.WaitStage(w.ctx, signaling.StageRoom))
	w.must(cand.Enter(signaltest.AllConsents()))
	w.must(cand.WaitStage(w.ctx, signaling.StageWaiting))
	w.must(host.Send("admit", signaling.Admit{Participant: "candidate"}))
	w.must(cand.WaitStage(w.ctx, signaling.StageRoom))
	return host, cand
}

// counter is a sink that counts.
type counter struct {
	w   *world
	key string
}

func (w *world) sinksFor(t media.Track) []media.Sink {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.sinks[t.Participant] || t.Epoch.IsZero() {
		return nil
	}
	return []media.Sink{counter{w, t.Participant + "/" + string(t.Source)}}
}

func (c counter) WriteRTP(*rtp.Packet, time.Time) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.count[c.key]++
}

func (c counter) WriteSenderReport(uint32, time.Time, time.Time) {}

func (c counter) SetMuted(muted bool, _ time.Time) { c.w.event("%s muted=%v", c.key, muted) }

func (c counter) Close() { c.w.event("%s closed", c.key) }

func (w *world) counted(key string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count[key]
}
