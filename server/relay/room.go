package relay

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
)

// RoomConfig describes a room.
type RoomConfig struct {
	ID string // the interview
	// Sinks is asked which sinks want a track: when it is published, when the
	// epoch is set, and on RefreshSinks. Of its answer, sinks that the track
	// already has (the same value: return the same pointer again) stay, new
	// ones are added, and those no longer in it are closed. Nil means none.
	Sinks media.SinkFactory
}

// Room is one interview's live media. Everybody in it receives everybody
// else's tracks. It is safe for concurrent use.
type Room struct {
	relay *Relay
	cfg   RoomConfig
	log   *slog.Logger

	// mu guards who is here and what they publish; the path of packets does
	// not take it.
	mu      sync.Mutex
	people  map[string]*Participant
	tracks  map[*Track]struct{}
	outlets map[outletKey]*outlet // of everybody who ever published here
	epoch   time.Time
	nextID  int
	closed  bool
}

// SetEpoch sets the instant of interview time zero (with a monotonic reading)
// and offers the tracks that are already there to the sinks: before it there
// is no interview time, so nothing is recorded or analysed.
func (m *Room) SetEpoch(epoch time.Time) {
	m.mu.Lock()
	m.epoch = epoch
	m.mu.Unlock()
	m.RefreshSinks("")
}

// Join connects a participant. One who is already there is replaced: the old
// connections are closed at once.
func (m *Room) Join(cfg ParticipantConfig) (*Participant, error) {
	p, err := newParticipant(m, cfg)
	if err != nil {
		return nil, fmt.Errorf("joining %s to room %s: %w", cfg.ID, m.cfg.ID, err)
	}
	m.mu.Lock()
	old := m.people[cfg.ID]
	refused := m.closed
	if !refused {
		m.people[cfg.ID] = p
	}
	m.mu.Unlock()
	if refused {
		p.Close()
		return nil, fmt.Errorf("joining %s to room %s: %w", cfg.ID, m.cfg.ID, ErrClosed)
	}
	if old != nil {
		old.Close()
	}
	p.start()
	return p, nil
}

// RefreshSinks asks the sink factory again for the tracks of one participant,
// or of everybody if participant is empty: call it when a consent was given or
// withdrawn.
func (m *Room) RefreshSinks(participant string) {
	m.mu.Lock()
	var list []*Track
	for t := range m.tracks {
		if participant == "" || t.info.Participant == participant {
			list = append(list, t)
		}
	}
	m.mu.Unlock()
	for _, t := range list {
		t.refreshSinks()
	}
}

// Tracks describes what is published and sent now.
func (m *Room) Tracks() []media.Track {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]media.Track, 0, len(m.tracks))
	for t := range m.tracks {
		if t.live.Load() {
			list = append(list, t.describe(m.epoch))
		}
	}
	return list
}

// Close disconnects everybody. Connections are closed in the background, and
// Relay.Close waits for them; sinks are closed when Close returns.
func (m *Room) Close() {
	m.mu.Lock()
	m.closed = true
	list := make([]*Participant, 0, len(m.people))
	for _, p := range m.people {
		list = append(list, p)
	}
	m.mu.Unlock()
	for _, p := range list {
		p.Close()
	}
	m.relay.forget(m)
}

// sinkEpoch is the epoch, zero before it is set.
func (m *Room) sinkEpoch() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.epoch
}

func (m *Room) trackID(participant string, s media.Source) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.nextID++
	return fmt.Sprintf("%s-%s-%d", participant, s, m.nextID)
}

// outlet returns the one outlet of a source of a participant.
func (m *Room) outlet(key outletKey, codec webrtc.RTPCodecCapability) (*outlet, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if o, ok := m.outlets[key]; ok {
		return o, nil
	}
	o, err := newOutlet(key, codec)
	if err != nil {
		return nil, err
	}
	m.outlets[key] = o
	return o, nil
}

// outletsFor are the outlets that a participant subscribes to.
func (m *Room) outletsFor(p *Participant) map[*outlet]struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	want := make(map[*outlet]struct{}, len(m.tracks))
	for t := range m.tracks {
		if t.info.Participant != p.cfg.ID {
			want[t.out] = struct{}{}
		}
	}
	return want
}

// addTracks adds tracks together, so that subscribers hear of them in one offer.
func (m *Room) addTracks(list []*Track) {
	if len(list) == 0 {
		return
	}
	m.mu.Lock()
	added := 0
	for _, t := range list {
		if t.ended.Load() { // closed meanwhile; somebody else may have its outlet
			continue
		}
		m.tracks[t] = struct{}{}
		t.out.take(t)
		added++
	}
	m.mu.Unlock()
	m.relay.stats.tracks.Add(int64(added))
	m.wakeSubscribers()
}

func (m *Room) removeTrack(t *Track) {
	m.mu.Lock()
	_, had := m.tracks[t]
	delete(m.tracks, t)
	t.out.release(t)
	m.mu.Unlock()
	if had {
		m.relay.stats.tracks.Add(-1)
		m.wakeSubscribers()
	}
}

func (m *Room) wakeSubscribers() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.people {
		p.sub.poke()
	}
}

func (m *Room) remove(p *Participant) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.people[p.cfg.ID] == p {
		delete(m.people, p.cfg.ID)
	}
}
