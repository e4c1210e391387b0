package app

import (
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/analysis"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
)

type nullSink struct{ closed bool }

func (*nullSink) WriteRTP(*rtp.Packet, time.Time)                {}
func (*nullSink) WriteSenderReport(uint32, time.Time, time.Time) {}
func (*nullSink) SetMuted(bool, time.Time)                       {}
func (s *nullSink) Close()                                       { s.closed = true }

type fakeTakers struct {
	recorded, analysed int
	gates              []analysis.Gate
}

func (f *fakeTakers) record(media.Track) (media.Sink, error) { f.recorded++; return &nullSink{}, nil }
func (f *fakeTakers) analyse(t media.Track) media.Sink {
	if t.Role != "candidate" {
		return nil
	}
	f.analysed++
	return &nullSink{}
}
func (f *fakeTakers) gate(_ string, g analysis.Gate) { f.gates = append(f.gates, g) }

func TestSinksFollowConsent(t *testing.T) {
	to := &fakeTakers{}
	s := newSinks(to, slog.New(slog.DiscardHandler))
	track := media.Track{ID: "t1", Participant: "p1", Role: "candidate", Source: media.SourceCamera}
	agree := func(recording bool) {
		s.consented(interview.Participant{ID: "p1", Consents: map[evidence.Consent]bool{evidence.ConsentRecording: recording}})
	}

	if got := s.factory(track); len(got) != 1 || to.recorded != 0 {
		t.Fatalf("without consent: %d sinks, %d recordings; want the analysis alone", len(got), to.recorded)
	}
	agree(true)
	first := s.factory(track)
	again := s.factory(track)
	if len(first) != 2 || len(again) != 2 || first[0] != again[0] || first[1] != again[1] {
		t.Fatalf("with consent: %v then %v; want the same two sinks", first, again)
	}
	agree(false)
	if got := s.factory(track); len(got) != 1 || got[0] != first[1] {
		t.Fatalf("after withdrawal: %v; want the analysis alone", got)
	}
	first[0].Close() // as the relay does
	agree(true)
	if got := s.factory(track); len(got) != 2 || got[0] == first[0] || to.recorded != 2 {
		t.Fatalf("given again: %v; want a new recording", got)
	}
	for _, sink := range s.factory(track) {
		sink.Close()
	}
	if len(s.open) != 0 {
		t.Errorf("%d tracks are still known after their sinks closed", len(s.open))
	}
}

func TestGate(t *testing.T) {
	all := map[evidence.Consent]bool{evidence.ConsentRecording: true, evidence.ConsentFace: true, evidence.ConsentGaze: true, evidence.ConsentSpeech: true}
	noFace := maps.Clone(all)
	noFace[evidence.ConsentFace] = false
	cases := []struct {
		name   string
		agreed map[evidence.Consent]bool
		off    []evidence.Kind
		want   map[evidence.Kind]evidence.Reason
		stills bool
	}{
		{"all agreed", all, nil, map[evidence.Kind]evidence.Reason{}, true},
		{"no face", noFace, nil, map[evidence.Kind]evidence.Reason{
			evidence.FaceAbsent: evidence.ReasonNoConsent, evidence.FaceMultiple: evidence.ReasonNoConsent, evidence.FaceTooSmall: evidence.ReasonNoConsent,
			evidence.IdentityMismatch: evidence.ReasonNoConsent, evidence.IdentityChanged: evidence.ReasonNoConsent}, true},
		{"switched off wins", noFace, []evidence.Kind{evidence.FaceAbsent, evidence.MediaFrozen}, map[evidence.Kind]evidence.Reason{
			evidence.FaceAbsent: evidence.ReasonSwitchedOff, evidence.FaceMultiple: evidence.ReasonNoConsent,
			evidence.FaceTooSmall: evidence.ReasonNoConsent, evidence.MediaFrozen: evidence.ReasonSwitchedOff,
			evidence.IdentityMismatch: evidence.ReasonNoConsent, evidence.IdentityChanged: evidence.ReasonNoConsent}, true},
		{"nothing answered", nil, nil, map[evidence.Kind]evidence.Reason{
			evidence.FaceAbsent: evidence.ReasonNoConsent, evidence.FaceMultiple: evidence.ReasonNoConsent, evidence.FaceTooSmall: evidence.ReasonNoConsent,
			evidence.IdentityMismatch: evidence.ReasonNoConsent, evidence.IdentityChanged: evidence.ReasonNoConsent}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := gate(c.agreed, c.off)
			if !maps.Equal(g.Off, c.want) || g.NoStills == c.stills {
				t.Errorf("gate %+v, want off %v, stills %v", g, c.want, c.stills)
			}
		})
	}
}
