package app

import (
	"log/slog"
	"maps"
	"slices"
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
	all := map[evidence.Consent]bool{evidence.ConsentRecording: true, evidence.ConsentFace: true, evidence.ConsentGaze: true, evidence.ConsentSpeech: true, evidence.ConsentTemplates: true}
	noFace := maps.Clone(all)
	noFace[evidence.ConsentFace] = false
	// without lists the kinds that need one of the consents.
	without := func(consents ...evidence.Consent) map[evidence.Kind]evidence.Reason {
		out := map[evidence.Kind]evidence.Reason{}
		for _, k := range evidence.Kinds {
			if slices.Contains(consents, k.Consent) {
				out[k.Kind] = evidence.ReasonNoConsent
			}
		}
		return out
	}
	switched := without(evidence.ConsentFace)
	if switched[evidence.FaceAbsent] == "" || switched[evidence.IdentityMismatch] == "" || switched[evidence.MediaFrozen] != "" {
		t.Fatalf("what needs the consent to face measurements: %v", switched)
	}
	switched[evidence.FaceAbsent], switched[evidence.MediaFrozen] = evidence.ReasonSwitchedOff, evidence.ReasonSwitchedOff
	cases := []struct {
		name    string
		agreed  map[evidence.Consent]bool
		off     []evidence.Kind
		want    map[evidence.Kind]evidence.Reason
		stills  bool
		refused []evidence.Consent
	}{
		{"all agreed", all, nil, map[evidence.Kind]evidence.Reason{}, true, nil},
		{"no face", noFace, nil, without(evidence.ConsentFace), true, []evidence.Consent{evidence.ConsentFace}},
		{"switched off wins", noFace, []evidence.Kind{evidence.FaceAbsent, evidence.MediaFrozen}, switched, true, []evidence.Consent{evidence.ConsentFace}},
		{"nothing answered", nil, nil, without(evidence.Consents...), false, evidence.Consents},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := gate(c.agreed, c.off)
			if !maps.Equal(g.Off, c.want) || g.NoStills == c.stills || !slices.Equal(g.Refused, c.refused) {
				t.Errorf("gate %+v, want off %v, stills %v, refused %v", g, c.want, c.stills, c.refused)
			}
		})
	}
}

// TestHeardAreThoseWhoAgreed: an interviewer is measured as a voice by their
// own consent, and by nobody else's.
func TestHeardAreThoseWhoAgreed(t *testing.T) {
	to := &fakeTakers{}
	s := newSinks(to, slog.New(slog.DiscardHandler))
	iv := interview.Interview{ID: "i1", Candidate: "c"}
	answer := func(id string, speech bool) {
		s.consented(interview.Participant{ID: id, Interview: "i1", Consents: map[evidence.Consent]bool{evidence.ConsentSpeech: speech}})
		s.setGate(iv)
	}
	s.recall([]interview.Participant{{ID: "other", Interview: "i2", Consents: map[evidence.Consent]bool{evidence.ConsentSpeech: true}}})
	answer("c", false)
	answer("host", true)
	answer("c", true)
	answer("host", false)
	var got [][]string
	for _, g := range to.gates {
		got = append(got, g.Heard)
	}
	want := [][]string{nil, {"host"}, {"c", "host"}, {"c"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("heard %v, want %v", got, want)
	}
	s.forget("i1", []string{"c", "host"})
	if len(s.people) != 1 || len(s.consents) != 1 {
		t.Errorf("after the end %v and %v are known, want those of the other interview alone", s.people, s.consents)
	}
}
