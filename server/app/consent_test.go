package app

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// without are all consents but some.
func without(refused ...evidence.Consent) map[evidence.Consent]bool {
	m := maps.Clone(signaltest.AllConsents())
	for _, c := range refused {
		m[c] = false
	}
	return m
}

// files are the recordings that lie on the disk for an interview.
func (m *meeting) files() []string {
	m.t.Helper()
	all, err := filepath.Glob(filepath.Join(m.data, "media", m.id, "*.webm"))
	ok(m.t, err)
	return all
}

// TestRecordingRefused holds a call whose candidate does not want to be
// recorded: the call takes place, and no file of theirs is ever made.
func TestRecordingRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	m := s.plan()
	m.begin(without(evidence.ConsentRecording), signaltest.AllConsents())
	show := flashing(t, 160, 120, 3*sec, []time.Duration{sec})
	cand, host := m.publish(m.cand, show), m.publish(m.host, show)
	first, second := play(s.ctx, time.Now(), show, cand), play(s.ctx, time.Now(), show, host)
	first.wait()
	second.wait()
	if got := m.host.Peer().Received(m.cand.Welcome().You.ID, media.SourceCamera).Packets; got == 0 {
		t.Error("the candidate was not seen")
	}
	r := m.hangUp(5 * sec)
	if len(r.Segments) != 1 || r.Segments[0].Participant != m.host.Welcome().You.ID {
		t.Errorf("segments %+v, want one of the interviewer alone", r.Segments)
	}
	for _, f := range m.files() {
		if strings.Contains(f, m.cand.Welcome().You.ID) {
			t.Errorf("%s was recorded without consent", f)
		}
	}
}

// TestRecordingRequired refuses a candidate who does not want to be recorded
// where the operator's policy says so.
func TestRecordingRequired(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *Config) { c.Unrecorded = "refuse" })
	m := s.plan()
	ok(t, m.dialCandidate())
	defer m.cand.Close()
	ok(t, m.cand.Enter(without(evidence.ConsentRecording)))
	e, err := signaltest.Next[signaling.Error](s.ctx, m.cand, "error", nil)
	ok(t, err)
	if e.Code != "forbidden" || e.Field != "recording" || m.cand.Stage() != signaling.StageLobby {
		t.Errorf("error %+v at the stage %s, want forbidden for recording, in the lobby", e, m.cand.Stage())
	}
}

// TestRecordingWithdrawn withdraws the consent to be recorded in mid-call: the
// file ends there, and a new one begins when it is given again.
func TestRecordingWithdrawn(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	m := s.plan()
	m.begin(signaltest.AllConsents(), without(evidence.ConsentRecording))
	id := m.cand.Welcome().You.ID
	const length = 40 * sec
	show := program{media.SourceCamera: flashing(t, 160, 120, length, nil)[media.SourceCamera]}
	streams := m.publish(m.cand, show)
	done := play(s.ctx, time.Now(), show, streams)
	defer done.stop()
	growing := func(after int64) signaling.RecordingHealth {
		h, err := signaltest.Next(s.ctx, m.host, "recording", func(h signaling.RecordingHealth) bool { return h.Participant == id && h.Bytes > after })
		ok(t, err)
		return h
	}
	growing(20_000)
	ok(t, m.cand.Send("consent", signaling.SetConsent{Consent: evidence.ConsentRecording, Granted: false}))
	segments := func() []evidence.Segment { return entriesOf[evidence.Segment](m, evidence.EntryRecordingSegment) }
	s.until("the recording to end", 10*sec, func() bool { return len(segments()) == 1 })
	withdrawnAt := time.Since(m.epoch()).Milliseconds()

	heard := func() int { return m.host.Peer().Received(id, media.SourceCamera).Packets }
	before := heard()
	s.until("the call to go on", 10*sec, func() bool { return heard() > before+60 })
	if f := m.files(); len(f) != 1 {
		t.Errorf("files %v, want the one from before the withdrawal", f)
	}
	if info, err := os.Stat(s.path(segments()[0])); err != nil || info.Size() < segments()[0].Bytes {
		t.Errorf("the file grew after the withdrawal: %v %v", info, err)
	}
	againAt := time.Since(m.epoch()).Milliseconds()
	ok(t, m.cand.Send("consent", signaling.SetConsent{Consent: evidence.ConsentRecording, Granted: true}))
	s.until("the recording to begin again", 10*sec, func() bool { return len(m.files()) == 2 })
	before = heard()
	s.until("some of it", 10*sec, func() bool { return heard() > before+60 })
	r := m.hangUp(5 * sec)
	got := of(r, id)
	// A file ends with the time for which its last picture is shown.
	if len(got) != 2 || got[0].EndMS > withdrawnAt+50 || got[1].StartMS < againAt-500 {
		t.Errorf("segments %+v, want one up to %d ms and one from %d ms on", got, withdrawnAt, againAt)
	}
	var consents []evidence.ConsentPayload
	for _, c := range entriesOf[evidence.ConsentPayload](m, evidence.EntryConsent) {
		if c.Participant == id && c.Consent == evidence.ConsentRecording {
			consents = append(consents, c)
		}
	}
	if len(consents) != 3 || !consents[1].Withdrawn || consents[1].Granted || !consents[2].Granted {
		t.Errorf("consents %+v, want given, withdrawn, given", consents)
	}
}

// TestFaceConsentWithdrawn stops what measures faces, and nothing else, from
// the withdrawal on; coverage says so.
func TestFaceConsentWithdrawn(t *testing.T) {
	if !haveModels() {
		t.Skip("the models are not here (run: make models)")
	}
	s := newSite(t, func(c *Config) { c.NoAnalysis = false })
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	show := program{media.SourceCamera: loop(wall(t, 4*sec), 60*sec)}
	streams := m.publish(m.cand, show)
	done := play(s.ctx, time.Now(), show, streams)
	defer done.stop()
	_, err := signaltest.Next(s.ctx, m.host, "finding", func(f signaling.FindingUpdate) bool { return f.Finding.Kind == evidence.FaceAbsent })
	ok(t, err)
	at := time.Since(m.epoch()).Milliseconds()
	ok(t, m.cand.Send("consent", signaling.SetConsent{Consent: evidence.ConsentFace, Granted: false}))
	present := func(k evidence.Kind, state evidence.CoverageState, reason evidence.Reason) func(signaling.CoverageUpdate) bool {
		return func(u signaling.CoverageUpdate) bool {
			return slices.ContainsFunc(u.Coverage, func(c evidence.Coverage) bool {
				return c.Kind == k && c.State == state && c.Reason == reason && c.EndMS > at+1000
			})
		}
	}
	_, err = signaltest.Next(s.ctx, m.host, "coverage", present(evidence.FaceAbsent, evidence.NotRun, evidence.ReasonNoConsent))
	ok(t, err)
	_, err = signaltest.Next(s.ctx, m.host, "coverage", present(evidence.CameraOff, evidence.Measured, ""))
	ok(t, err)
	r := m.hangUp(5 * sec)
	notRun := int64(0)
	for _, c := range r.Coverage {
		switch {
		case c.Kind == evidence.FaceAbsent && c.State == evidence.NotRun && c.Reason == evidence.ReasonNoConsent:
			notRun += c.EndMS - c.StartMS
		case c.Kind == evidence.FaceAbsent && c.EndMS > at+1000:
			t.Errorf("coverage %+v after the withdrawal at %d ms", c, at)
		}
	}
	if notRun < 1000 {
		t.Errorf("%d ms are covered as not run for want of consent, coverage %+v", notRun, r.Coverage)
	}
	for _, f := range r.Findings {
		if f.Kind == evidence.FaceAbsent && (f.EndMS > at+1000 || f.Open) {
			t.Errorf("finding %+v goes on after the withdrawal at %d ms", f, at)
		}
	}
}

// loop repeats a video, which begins with a key frame, up to a length.
func loop(video []mediatest.Frame, length time.Duration) (out []mediatest.Frame) {
	last := video[len(video)-1]
	for turn := time.Duration(0); ; turn += last.At + last.Duration {
		for _, f := range video {
			if f.At += turn; f.At >= length {
				return out
			}
			out = append(out, f)
		}
	}
}
