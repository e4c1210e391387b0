package app

import (
	"log/slog"
	"maps"
	"slices"
	"sync"

	"bonafide/server/analysis"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
)

// takers are those who may receive a track beside the other people.
type takers interface {
	record(media.Track) (media.Sink, error)
	analyse(media.Track) media.Sink
	gate(interviewID string, g analysis.Gate)
}

// sinks decides, by what people consented to, who receives a track. The relay
// asks again whenever a consent changes, and expects the same sink for as long
// as the answer is the same.
type sinks struct {
	log *slog.Logger
	to  takers

	mu       sync.Mutex
	consents map[string]map[evidence.Consent]bool // by participant
	people   map[string]map[string]bool           // by interview: whose consents are known
	open     map[string]*trackSinks               // by track
}

// trackSinks are the sinks of one track that are open.
type trackSinks struct{ recording, analysis media.Sink }

func newSinks(to takers, log *slog.Logger) *sinks {
	return &sinks{log: log, to: to, consents: map[string]map[evidence.Consent]bool{}, people: map[string]map[string]bool{}, open: map[string]*trackSinks{}}
}

// consented keeps what a participant agreed to.
func (s *sinks) consented(p interview.Participant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.consents[p.ID] = maps.Clone(p.Consents)
	s.of(p)
}

// of notes whose interview somebody is in.
func (s *sinks) of(p interview.Participant) {
	if s.people[p.Interview] == nil {
		s.people[p.Interview] = map[string]bool{}
	}
	s.people[p.Interview][p.ID] = true
}

// recall takes over what was kept of people's answers. An answer heard since
// is newer than what was kept.
func (s *sinks) recall(people []interview.Participant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range people {
		s.of(p)
		if s.consents[p.ID] == nil {
			s.consents[p.ID] = maps.Clone(p.Consents)
		}
	}
}

// setGate tells the analysis what it may measure in an interview now.
func (s *sinks) setGate(iv interview.Interview) {
	s.mu.Lock()
	agreed := s.consents[iv.Candidate]
	g := gate(agreed, iv.KindsOff)
	for p := range s.people[iv.ID] {
		if s.consents[p][evidence.ConsentSpeech] {
			g.Heard = append(g.Heard, p)
		}
	}
	slices.Sort(g.Heard)
	s.mu.Unlock()
	s.to.gate(iv.ID, g)
}

// gate is what may not be measured, and why. Switching off by an interviewer
// is the stronger reason: it holds whatever the candidate agrees to.
func gate(agreed map[evidence.Consent]bool, off []evidence.Kind) analysis.Gate {
	g := analysis.Gate{Off: map[evidence.Kind]evidence.Reason{}, NoStills: !agreed[evidence.ConsentRecording], KeepTemplates: agreed[evidence.ConsentFace] && agreed[evidence.ConsentTemplates]}
	for _, k := range evidence.Kinds {
		if k.Consent != "" && !agreed[k.Consent] {
			g.Off[k.Kind] = evidence.ReasonNoConsent
		}
	}
	for _, k := range off {
		g.Off[k] = evidence.ReasonSwitchedOff
	}
	for _, c := range evidence.Consents {
		if !agreed[c] {
			g.Refused = append(g.Refused, c)
		}
	}
	return g
}

// factory is the relay's SinkFactory.
func (s *sinks) factory(t media.Track) []media.Sink {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := s.open[t.ID]
	if have == nil {
		have = &trackSinks{}
		s.open[t.ID] = have
	}
	if !s.consents[t.Participant][evidence.ConsentRecording] {
		have.recording = nil // the relay closes what is not in the answer
	} else if have.recording == nil {
		sink, err := s.to.record(t)
		if err != nil {
			s.log.Error("track is not recorded", "track", t.ID, "err", err)
		} else {
			have.recording = s.watched(t.ID, sink)
		}
	}
	if have.analysis == nil {
		if sink := s.to.analyse(t); sink != nil {
			have.analysis = s.watched(t.ID, sink)
		}
	}
	var out []media.Sink
	for _, sink := range []media.Sink{have.recording, have.analysis} {
		if sink != nil {
			out = append(out, sink)
		}
	}
	return out
}

// watchedSink forgets itself when the relay closes it.
type watchedSink struct {
	media.Sink
	closed func()
}

// Close closes the sink.
func (w *watchedSink) Close() {
	w.Sink.Close()
	w.closed()
}

func (s *sinks) watched(track string, sink media.Sink) media.Sink {
	w := &watchedSink{Sink: sink}
	w.closed = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		have := s.open[track]
		if have == nil {
			return
		}
		if have.recording == media.Sink(w) {
			have.recording = nil
		}
		if have.analysis == media.Sink(w) {
			have.analysis = nil
		}
		if have.recording == nil && have.analysis == nil {
			delete(s.open, track)
		}
	}
	return w
}

// forget drops what is known of an interview's people when it has ended.
func (s *sinks) forget(interviewID string, participants []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.people, interviewID)
	for _, p := range participants {
		delete(s.consents, p)
	}
}
