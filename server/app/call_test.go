package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path"
	"slices"
	"testing"
	"time"

	"bonafide/server/api"
	"bonafide/server/evidence"
	"bonafide/server/media/mediatest"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// TestWholeCall holds an interview from the set-up to the review: the
// recordings must hold what was sent when it was sent, the log what happened.
func TestWholeCall(t *testing.T) {
	s := newSite(t, func(c *Config) { c.NoAnalysis = !haveModels() })
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	const length = 10 * sec
	truth := mediatest.Every(sec, 700*time.Millisecond, length)
	show := flashing(t, 160, 120, length, truth)
	cand, host := m.publish(m.cand, show), m.publish(m.host, show)
	begin := time.Now().Add(300 * time.Millisecond)
	first, second := play(s.ctx, begin, show, cand), play(s.ctx, begin, show, host)

	_, err := signaltest.Next(s.ctx, m.host, "recording", func(h signaling.RecordingHealth) bool {
		return h.Participant == m.cand.Welcome().You.ID && h.Bytes > 0 && h.LastFlushMS >= 0 && h.LastFlushMS < 3000
	})
	ok(t, err)
	note := signaling.Annotate{Text: "looks to the left"}
	ok(t, m.host.Send("annotate", note))
	noted, err := signaltest.Next[signaling.Annotated](s.ctx, m.host, "annotated", nil)
	ok(t, err)
	ok(t, m.host.Send("question", signaling.Question{Phase: evidence.QuestionAsked}))
	ok(t, m.cand.Send("mute", signaling.Mute{Source: "microphone", Muted: true}))
	ok(t, m.cand.Send("mute", signaling.Mute{Source: "microphone", Muted: false}))
	first.wait()
	second.wait()
	offset := begin.Sub(m.epoch())
	r := m.hangUp(5 * sec)
	ok(t, m.cand.Faults())
	ok(t, m.host.Faults())

	var seen [2][]time.Duration
	for i, c := range []*signaltest.Client{m.cand, m.host} {
		segments := of(r, c.Welcome().You.ID)
		if len(segments) != 1 {
			t.Fatalf("%d segments of %s, want 1", len(segments), c.Welcome().You.Role)
		}
		seg := segments[0]
		found := s.content(seg)
		seen[i] = shifted(found.Flashes, found.Start)
		near(t, seg.File+" flashes", shifted(truth, offset), seen[i], 40*time.Millisecond)
		near(t, seg.File+" beeps", shifted(truth, offset), shifted(found.Beeps, found.Start), 40*time.Millisecond)
		near(t, seg.File+" sound against picture", found.Flashes, found.Beeps, 40*time.Millisecond)
		m.checkFile(seg)
	}
	near(t, "the two on one clock", seen[0], seen[1], 40*time.Millisecond)

	if len(r.Annotations) != 1 || r.Annotations[0].Text != note.Text || r.Annotations[0].Seq != noted.Seq {
		t.Errorf("annotations %+v, want the one that was acknowledged as %d", r.Annotations, noted.Seq)
	}
	if len(r.Questions) != 1 || len(r.Gaps) != 0 {
		t.Errorf("%d questions and %d gaps, want 1 and 0", len(r.Questions), len(r.Gaps))
	}
	m.checkLog(!s.app.cfg.NoAnalysis)
	if !s.app.cfg.NoAnalysis && len(r.Coverage) == 0 {
		t.Error("no coverage although analysis ran")
	}
}

// checkFile compares a segment with the file, and both with what is served.
func (m *meeting) checkFile(seg evidence.Segment) {
	m.t.Helper()
	file, err := os.ReadFile(m.plain(seg))
	ok(m.t, err)
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != seg.SHA256 || int64(len(file)) != seg.Bytes {
		m.t.Errorf("%s: the file has %d bytes and hash %x, the log says %d and %s", seg.File, len(file), sum, seg.Bytes, seg.SHA256)
	}
	req, err := http.NewRequestWithContext(m.ctx, "GET", m.url+"/api/interviews/"+m.id+"/media/"+path.Base(seg.File), nil)
	ok(m.t, err)
	req.Header.Set("Range", "bytes=1000-1999")
	resp, err := m.http.Do(req)
	ok(m.t, err)
	defer resp.Body.Close()
	part, err := io.ReadAll(resp.Body)
	ok(m.t, err)
	if resp.StatusCode != http.StatusPartialContent || !bytes.Equal(part, file[1000:2000]) {
		m.t.Errorf("%s: a range of it is answered with %s and %d bytes that are not the file's", seg.File, resp.Status, len(part))
	}
}

// checkLog wants the entries of an undisturbed call, in order.
func (m *meeting) checkLog(analysed bool) {
	m.t.Helper()
	var kinds []evidence.EntryKind
	count := map[evidence.EntryKind]int{}
	last := int64(0)
	for _, e := range m.entries() {
		kinds = append(kinds, e.Entry.Kind)
		count[e.Entry.Kind]++
		if e.Entry.Seq <= last {
			m.t.Errorf("entry %d follows %d", e.Entry.Seq, last)
		}
		last = e.Entry.Seq
		if b, err := json.Marshal(e.Entry); err != nil || bytes.Contains(b, []byte("Cara")) || bytes.Contains(b, []byte("looks to")) {
			m.t.Errorf("entry %d holds a name or a text outside its part: %s %v", e.Entry.Seq, b, err)
		}
	}
	at := -1
	for _, k := range []evidence.EntryKind{
		evidence.EntryInterviewCreated, evidence.EntryLinkCreated, evidence.EntryParticipantJoined, evidence.EntryConsent,
		evidence.EntryParticipantWaiting, evidence.EntryInterviewStarted, evidence.EntryParticipantAdmit,
		evidence.EntryTrackPublished, evidence.EntryRecordingStarted, evidence.EntryAnnotation, evidence.EntryInterviewEnded,
	} {
		i := slices.Index(kinds[at+1:], k)
		if i < 0 {
			m.t.Fatalf("%s is missing after entry %d of %v", k, at+1, kinds)
		}
		at += 1 + i
	}
	want := map[evidence.EntryKind]int{
		evidence.EntryParticipantJoined: 2, evidence.EntryConsent: 9, evidence.EntryInterviewStarted: 1, evidence.EntryParticipantAdmit: 1,
		evidence.EntryTrackPublished: 4, evidence.EntryTrackMute: 2, evidence.EntryRecordingStarted: 2, evidence.EntryRecordingSegment: 2,
		evidence.EntryAnnotation: 1, evidence.EntryQuestion: 1, evidence.EntryInterviewEnded: 1, evidence.EntryParticipantLeft: 2,
		evidence.EntryError: 0, evidence.EntryRecordingFailed: 0, evidence.EntryAnalysisOutage: 0,
	}
	if analysed {
		want[evidence.EntryAnalysisStarted], want[evidence.EntryAnalysisFinished] = 1, 1
	}
	for k, n := range want {
		if count[k] != n {
			m.t.Errorf("%d entries %s, want %d, in %v", count[k], k, n, kinds)
		}
	}
}

// TestStrangersSeeNothing tries what only people of the interview may do.
func TestStrangersSeeNothing(t *testing.T) {
	s := newSite(t, nil)
	m := s.plan()
	stranger := &site{t: t, ctx: s.ctx, url: s.url, http: newBrowser(t)}
	for _, p := range []string{"/api/interviews", "/api/interviews/" + m.id, "/api/interviews/" + m.id + "/review", "/api/interviews/" + m.id + "/log", "/api/users"} {
		if err := stranger.try("GET", p, nil, nil); err == nil {
			t.Errorf("a stranger may read %s", p)
		}
	}
	for name, join := range map[string]signaling.Join{"no session": {Interview: m.id}, "a made-up link": {Link: m.secret + "x"}} {
		if c, err := signaltest.Dial(s.ctx, signaltest.Config{URL: s.url + "/ws", Join: join}); err == nil {
			t.Errorf("%s is let in", name)
			_ = c.Close()
		}
	}
	if err := stranger.try("POST", "/api/setup", api.SetupRequest{Token: "guess", Name: "X", Email: "x@example.org", Password: password}, nil); err == nil {
		t.Error("a second set-up is possible")
	}
}
