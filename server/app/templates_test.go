package app

import (
	"bytes"
	"encoding/json"
	"image"
	"math"
	"net/http"
	"testing"
	"time"

	"bonafide/server/api"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/signaling/signaltest"
	"bonafide/vision/gaze/gazetest"
	"bonafide/vision/identity"
)

// swaying is 15 pictures a second of a real face that moves about in front of
// grey, with the noise of a camera.
func swaying(t *testing.T, length time.Duration) (out []mediatest.Frame) {
	t.Helper()
	const fps = 15
	enc, err := codec.NewVP8Encoder(640, 480, fps, 1200)
	ok(t, err)
	defer enc.Close()
	p, eyes, grain := sitter(t), gazetest.Talking(7, length), gazetest.NewGrain(5, 640*480)
	for i := range int(length * fps / sec) {
		at := time.Duration(i) * sec / fps
		data, err := enc.Encode(grain.Add(moved(p.Draw(eyes.At(at)), at)), i%(4*fps) == 0)
		ok(t, err)
		out = append(out, mediatest.Frame{At: at, Duration: sec / fps, Key: data[0]&1 == 0, Data: data})
	}
	return out
}

// moved shifts a picture by up to 12 pixels to the sides and 6 up and down.
func moved(m *image.YCbCr, at time.Duration) *image.YCbCr {
	dx, dy := int(6*math.Sin(at.Seconds()))*2, int(3*math.Sin(1.7*at.Seconds()))*2
	out := image.NewYCbCr(m.Rect, m.SubsampleRatio)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			sx, sy := min(max(x+dx, 0), m.Rect.Dx()-1), min(max(y+dy, 0), m.Rect.Dy()-1)
			out.Y[out.YOffset(x, y)] = m.Y[m.YOffset(sx, sy)]
			out.Cb[out.COffset(x, y)], out.Cr[out.COffset(x, y)] = m.Cb[m.COffset(sx, sy)], m.Cr[m.COffset(sx, sy)]
		}
	}
	return out
}

// TestLongTemplates holds an interview with a real face, and follows its template
// through the analysis process into the record, the comparison with a profile
// picture and the deletion; and holds one without the consent.
func TestLongTemplates(t *testing.T) {
	long(t)
	if !haveModels() {
		t.Skip("the models are not here (run: make models)")
	}
	const length = 60 * sec // the call ends when the face is enrolled
	show := program{media.SourceCamera: swaying(t, length)}
	without := signaltest.AllConsents()
	without[evidence.ConsentTemplates] = false
	for _, c := range []struct {
		name     string
		consents map[evidence.Consent]bool
		want     int
		why      api.MatchGap
	}{
		{"with consent", signaltest.AllConsents(), 1, ""},
		{"without", without, 0, api.GapNoConsent},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSiteFor(t, length+90*sec, func(c *Config) { c.NoAnalysis = false })
			m := s.plan()
			m.begin(c.consents, signaltest.AllConsents())
			playing := play(s.ctx, time.Now(), show, m.publish(m.cand, show))
			s.until("the face is enrolled", length, func() bool {
				return len(entriesOf[evidence.EnrolledPayload](m, evidence.EntryEnrolled)) > 0
			})
			m.hangUp(30 * sec)
			playing.stop()
			kept := entriesOf[evidence.FaceTemplatePayload](m, evidence.EntryTemplateKept)
			if len(kept) != c.want {
				t.Fatalf("templates in the log: %+v, want %d", kept, c.want)
			}
			var matches api.Matches
			s.do("GET", "/api/interviews/"+m.id+"/matches", nil, &matches)
			if matches.Why != c.why || (matches.Probe != nil) != (c.want > 0) {
				t.Fatalf("compared %+v, why %q, want %q", matches.Probe, matches.Why, c.why)
			}
			photo := samplePhoto(t, faceInSample)
			m.upload(photo, http.StatusCreated)
			s.do("GET", "/api/interviews/"+m.id+"/matches", nil, &matches)
			if c.want == 0 {
				if got := matches.Rounds[0].Picture; got.Why != api.GapNoConsent || got.Still == "" || len(entriesOf[evidence.FaceTemplatePayload](m, evidence.EntryTemplateKept)) != 0 {
					t.Errorf("a profile picture without consent: %+v", got)
				}
				return
			}
			// The call showed the person of the photograph.
			if got := matches.Rounds[0].Picture; got.Result != "alike" || got.Similarity < 0.6 {
				t.Errorf("the enrolled face and the profile picture: %+v", got)
			}
			direct, err := s.app.analysis.MeasurePicture(t.Context(), photo)
			ok(t, err)
			refs, err := s.app.store.LiveTemplates(t.Context())
			ok(t, err)
			ok(t, s.app.store.FaceTemplates(t.Context(), []int64{refs[0].Seq}, func(_ int64, kept evidence.FaceTemplate) error {
				if cos := identity.Cosine(kept.Vector, direct.Vector); len(kept.Vector) != identity.Size || kept.From != evidence.FromEnrolled || cos < 0.6 {
					t.Errorf("the template that was kept: %d values, from %s, cosine %.2f", len(kept.Vector), kept.From, cos)
				}
				return nil
			}))
			s.do("POST", "/api/interviews/"+m.id+"/deletions", api.DeletePartRequest{Parts: []evidence.RecordPart{evidence.PartTemplates}, Reason: "asked for", Confirm: "Cara Candidate"}, nil)
			gone := entriesOf[evidence.DeletionPayload](m, evidence.EntryPartDeleted)
			if len(gone) != 1 || gone[0].Part != evidence.PartTemplates || gone[0].Texts != 2 {
				t.Errorf("tombstones %+v, want one of two templates", gone)
			}
			s.do("GET", "/api/interviews/"+m.id+"/matches", nil, &matches)
			if matches.Why != api.GapDeleted {
				t.Errorf("after the deletion: %+v, why %q", matches.Probe, matches.Why)
			}
		})
	}
}

// upload sends a profile picture.
func (m *meeting) upload(file []byte, status int) {
	m.t.Helper()
	req, err := http.NewRequestWithContext(m.ctx, "POST", m.url+"/api/interviews/"+m.id+"/picture", bytes.NewReader(file))
	ok(m.t, err)
	resp, err := m.http.Do(req)
	ok(m.t, err)
	defer resp.Body.Close()
	var body json.RawMessage
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || resp.StatusCode != status {
		m.t.Fatalf("sending a profile picture: %s: %s %v, want %d", resp.Status, body, err, status)
	}
}
