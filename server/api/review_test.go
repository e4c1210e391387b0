package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/store"
)

// append writes entries about {mine}.
func (w *world) append(entries ...evidence.NewEntry) {
	w.t.Helper()
	for i := range entries {
		entries[i].Interview = w.fill("{mine}")
		if entries[i].Actor.Type == "" {
			entries[i].Actor = evidence.System
		}
	}
	if _, err := w.store.Append(w.t.Context(), entries...); err != nil {
		w.t.Fatal(err)
	}
}

// file writes a media file and returns its hash.
func (w *world) file(name, content string) string {
	w.t.Helper()
	path := filepath.Join(w.media, w.fill(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// segment is the entry of a finished recording of {mine}'s candidate.
func (w *world) segment(n int, sha string, startMS, endMS int64) evidence.NewEntry {
	return evidence.NewEntry{Kind: evidence.EntryRecordingSegment, Payload: evidence.Segment{Interview: w.fill("{mine}"), Participant: w.fill("{candidate of mine}"),
		Stream: "camera", N: n, File: w.fill("{mine}/c-camera-" + string(rune('0'+n)) + ".webm"), StartMS: startMS, EndMS: endMS, SHA256: sha, HasVideo: true, HasAudio: true}}
}

func TestReview(t *testing.T) {
	var finishing atomic.Bool
	finishing.Store(true)
	w := populated(t, func(c *Config) { c.Finishing = func(string) bool { return finishing.Load() } })
	if _, _, err := w.store.StartInterview(t.Context(), w.fill("{mine}")); err != nil {
		t.Fatal(err)
	}
	p, err := w.store.Participants(t.Context(), w.fill("{mine}"))
	if err != nil {
		t.Fatal(err)
	}
	by := evidence.Actor{Type: "user", ID: w.fill("{interviewer}")}
	finding := evidence.Finding{ID: "f1", Interview: w.fill("{mine}"), Participant: p[0].ID, Source: "camera", Run: evidence.RunLive, Kind: evidence.FaceAbsent, StartMS: 100, EndMS: 200}
	recording := evidence.RecordingPayload{Participant: p[0].ID, Stream: "camera", N: 1}
	failed := recording
	failed.N, failed.Error = 2, "disk_full"
	w.append(
		evidence.NewEntry{Kind: evidence.EntryFinding, Payload: finding},
		evidence.NewEntry{Kind: evidence.EntryCoverage, Payload: evidence.Coverage{Interview: w.fill("{mine}"), Participant: p[0].ID, Kind: evidence.FaceAbsent, Run: evidence.RunLive, State: evidence.Measured, EndMS: 900}},
		evidence.NewEntry{Kind: evidence.EntryMediaGap, Payload: evidence.Gap{Participant: p[0].ID, Cause: "loss", StartMS: 5, EndMS: 6}},
		evidence.NewEntry{Kind: evidence.EntryAnnotation, AtMS: evidence.At(150), Actor: by, Payload: evidence.AnnotationPayload{ID: "a"}, Part: evidence.NotePart{Text: "looked <away>"}},
		evidence.NewEntry{Kind: evidence.EntryQuestion, AtMS: evidence.At(160), Actor: evidence.Actor{Type: "participant", ID: p[0].ID}, Payload: evidence.QuestionPayload{Phase: evidence.QuestionAsked}},
		evidence.NewEntry{Kind: evidence.EntryRecordingStarted, Payload: recording},
		evidence.NewEntry{Kind: evidence.EntryRecordingStarted, Payload: failed},
		evidence.NewEntry{Kind: evidence.EntryRecordingFailed, Payload: failed},
	)
	w.now = w.now.Add(time.Second)
	review := "POST /api/interviews/{mine}/reviews"
	w.run([]scenario{
		{as: "interviewer", request: "GET /api/interviews/{mine}/review", status: 200, has: []string{`"duration_ms":1000`, `"ready":false`, `"reviews":[]`, `"values":[]`, `"id":"f1"`}},
		{name: "no note", as: "reviewer", request: review, body: `{"finding":"f1","decision":"explained","note":"  "}`, status: 400, has: []string{`"field":"note"`, "why the finding is explained"}},
		{name: "odd decision", as: "reviewer", request: review, body: `{"finding":"f1","decision":"guilty","note":"x"}`, status: 400, has: []string{`"field":"decision"`}},
		{name: "long note", as: "reviewer", request: review, body: `{"finding":"f1","decision":"dismissed","note":"` + strings.Repeat("é", 2001) + `"}`, status: 400, has: []string{`"field":"note"`, "2001 characters"}},
		{name: "no finding", as: "reviewer", request: review, body: `{"finding":"","decision":"confirmed","note":""}`, status: 400, has: []string{`"field":"finding"`}},
		{name: "unknown finding", as: "reviewer", request: review, body: `{"finding":"f2","decision":"confirmed","note":""}`, status: 404},
		{name: "another's finding", as: "reviewer", request: "POST /api/interviews/{other}/reviews", body: `{"finding":"f1","decision":"confirmed","note":""}`, status: 404},
		{name: "confirmed", as: "interviewer", request: review, body: `{"finding":"f1","decision":"confirmed","note":""}`, status: 201, has: []string{`"by":"The interviewer"`}},
		{name: "dismissed", as: "reviewer", request: review, body: `{"finding":"f1","decision":"dismissed","note":" a cat "}`, status: 201, has: []string{`"note":"a cat"`, `"by":"The reviewer"`}},
		{name: "counted", as: "reviewer", request: "GET /api/interviews?q=mine", status: 200, has: []string{`"findings":1,"unreviewed":0`}},
	})
	if _, err := w.store.EndInterview(t.Context(), w.fill("{mine}")); err != nil {
		t.Fatal(err)
	}
	d := ask[ReviewData](w, "reviewer", "GET /api/interviews/{mine}/review", "")
	if d.Ready {
		t.Error("ready although a recording is not finished")
	}
	w.append(w.segment(1, "x", 10, 1200))
	if d = ask[ReviewData](w, "reviewer", "GET /api/interviews/{mine}/review", ""); d.Ready {
		t.Error("ready although the last entries are not written")
	}
	finishing.Store(false)
	d = ask[ReviewData](w, "reviewer", "GET /api/interviews/{mine}/review", "")
	if !d.Ready || d.DurationMS != 1200 || len(d.Segments) != 1 || len(d.Coverage) != 1 || len(d.Gaps) != 1 || len(d.Participants) != 1 {
		t.Errorf("review %+v", d)
	}
	if want := []Annotation{{Seq: 4, AtMS: 150, By: "The interviewer", Text: "looked <away>"}}; !reflect.DeepEqual(d.Annotations, want) {
		t.Errorf("annotations %+v", d.Annotations)
	}
	if want := []Question{{Seq: 5, AtMS: 160, By: "Zoë mine", Phase: evidence.QuestionAsked}}; !reflect.DeepEqual(d.Questions, want) {
		t.Errorf("questions %+v", d.Questions)
	}
	ms := w.now.UnixMilli()
	if want := []Review{{10, ms, "The interviewer", "f1", evidence.Confirmed, ""}, {11, ms, "The reviewer", "f1", evidence.Dismissed, "a cat"}}; !reflect.DeepEqual(d.Reviews, want) {
		t.Errorf("reviews %+v, want %+v", d.Reviews, want)
	}
	// Deleting the text keeps the mark.
	if _, err := w.store.DeletePart(t.Context(), store.Deletion{Interview: w.fill("{mine}"), Part: evidence.PartText, By: evidence.System, Reason: evidence.DeletedByPolicy}); err != nil {
		t.Fatal(err)
	}
	if d = ask[ReviewData](w, "reviewer", "GET /api/interviews/{mine}/review", ""); len(d.Annotations) != 1 || d.Annotations[0].Text != "" {
		t.Errorf("after the deletion: %+v", d.Annotations)
	}
}

func TestLog(t *testing.T) {
	w := populated(t, nil)
	for i := range 5 {
		w.append(evidence.NewEntry{Kind: evidence.EntryAnnotation, AtMS: evidence.At(int64(i)), Actor: evidence.Actor{Type: "user", ID: w.fill("{interviewer}")}, Part: evidence.NotePart{Text: "note"}})
	}
	w.exec(`DELETE FROM parts WHERE seq = 2`)
	if _, err := w.store.Append(t.Context(), evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryUserChanged, Payload: evidence.UserPayload{User: w.fill("{reviewer}"), Change: "roles"}}); err != nil {
		t.Fatal(err)
	}
	w.run([]scenario{
		{name: "first page", as: "auditor", request: "GET /api/interviews/{mine}/log?limit=2", status: 200, has: []string{`"seq":1`, `"seq":2`, `"next":2}`, `"part":{"text":"note"},"by":"The interviewer"`, `"part_sha256":"`}, hasNot: []string{`"seq":3`}},
		{name: "last page", as: "auditor", request: "GET /api/interviews/{mine}/log?after=3&limit=3", status: 200, has: []string{`"seq":4`, `"seq":5`, `"seq":7`, `access.viewed`, `"next":0}`}, hasNot: []string{`"seq":3`}},
		{name: "deleted part", as: "auditor", request: "GET /api/interviews/{mine}/log?after=1&limit=1", status: 200, has: []string{`"seq":2`, `"part_sha256":"`}, hasNot: []string{`"part":`}},
		{name: "nothing but this look at it", as: "auditor", request: "GET /api/interviews/{other}/log", status: 200, has: []string{`{"entries":[{"entry":{"seq":8,`, `"kind":"access.viewed"`, `"next":0}`}},
		{name: "of no interview", as: "auditor", request: "GET /api/log", status: 200, has: []string{`"seq":6`, `"kind":"user.changed"`, `"next":0}`}, hasNot: []string{`"seq":1,`, `"interview":"`}},
		{name: "the newest", as: "auditor", request: "GET /api/log?newest=true&limit=1", status: 200, has: []string{`"seq":6`, `"next":0}`}},
		{name: "the newest of an interview, in order", as: "auditor", request: "GET /api/interviews/{mine}/log?newest=true&limit=2", status: 200, has: []string{`{"entries":[{"entry":{"seq":5`, `{"seq":7,`, `"next":0}`}, hasNot: []string{`"seq":4`}},
		{name: "of no interview, after", as: "auditor", request: "GET /api/log?after=6", status: 200, has: []string{`{"entries":[],"next":0}`}},
		{name: "after", as: "auditor", request: "GET /api/interviews/{mine}/log?after=x", status: 400, has: []string{`"field":"after"`}},
	})
}

func TestMedia(t *testing.T) {
	w := populated(t, nil)
	sum := w.file("{mine}/c-camera-1.webm", "0123456789")
	w.file("{mine}/unlisted.webm", "secret")
	w.file("secret.webm", "secret")
	still := w.file("{mine}/stills/x", "jpeg")
	w.file("{mine}/stills/"+still+".jpg", "jpeg")
	outside := w.segment(3, "", 0, 1)
	outside.Payload = evidence.Segment{Interview: w.fill("{mine}"), Participant: "p", Stream: "camera", N: 3, File: "../a.db"}
	w.append(w.segment(1, sum, 0, 1000), w.segment(2, "gone", 1000, 2000), outside)
	media := "GET /api/interviews/{mine}/media/"
	w.run([]scenario{
		{name: "whole", as: "interviewer", request: media + "c-camera-1.webm", status: 200,
			has: []string{"\n0123456789", "Content-Type: video/webm", "Accept-Ranges: bytes", `Etag: "` + sum + `"`, "Cache-Control: private", "Content-Length: 10"}, hasNot: []string{"public"}},
		{name: "by its whole path", as: "interviewer", request: media + "{mine}%2Fc-camera-1.webm", status: 200},
		{name: "range", as: "reviewer", request: media + "c-camera-1.webm", header: map[string]string{"Range": "bytes=3-5"}, status: 206, has: []string{"\n345", "Content-Range: bytes 3-5/10"}, hasNot: []string{"0123"}},
		{name: "to the end", as: "reviewer", request: media + "c-camera-1.webm", header: map[string]string{"Range": "bytes=8-"}, status: 206, has: []string{"\n89", "Content-Range: bytes 8-9/10"}},
		{name: "range of another version", as: "reviewer", request: media + "c-camera-1.webm", header: map[string]string{"Range": "bytes=3-5", "If-Range": `"other"`}, status: 200, has: []string{"0123456789"}},
		{name: "past the end", as: "reviewer", request: media + "c-camera-1.webm", header: map[string]string{"Range": "bytes=20-"}, status: 416},
		{name: "unchanged", as: "reviewer", request: media + "c-camera-1.webm", header: map[string]string{"If-None-Match": `"` + sum + `"`}, status: 304},
		{name: "not a segment", as: "admin", request: media + "unlisted.webm", status: 404, hasNot: []string{"secret"}},
		{name: "deleted", as: "admin", request: media + "c-camera-2.webm", status: 404, has: []string{`"code":"not_found"`, "Cache-Control: no-store"}},
		{name: "outside by path", as: "admin", request: media + "..%2Fsecret.webm", status: 404, hasNot: []string{"\nsecret"}},
		{name: "outside by a faulty segment", as: "admin", request: media + "a.db", status: 500, hasNot: []string{"SQLite"}},
		{name: "through another interview", as: "admin", request: "GET /api/interviews/{other}/media/c-camera-1.webm", status: 404},
		{name: "signed out", request: media + "c-camera-1.webm", status: 401},
		{name: "still", as: "interviewer", request: "GET /api/interviews/{mine}/stills/" + still, status: 200, has: []string{"\njpeg", "Content-Type: image/jpeg", "private"}},
		{name: "no such still", as: "interviewer", request: "GET /api/interviews/{mine}/stills/" + strings.Repeat("0", 64), status: 404},
		{name: "not a hash", as: "interviewer", request: "GET /api/interviews/{mine}/stills/..%2Fc-camera-1.webm", status: 404},
		{name: "still of another interview", as: "admin", request: "GET /api/interviews/{other}/stills/" + still, status: 404},
	})
}

func TestLevels(t *testing.T) {
	var computed atomic.Int32
	fail := errors.New("the recording is damaged")
	w := populated(t, func(c *Config) {
		c.Levels = func(recording io.ReaderAt, size int64) ([]float32, error) {
			computed.Add(1)
			b, err := io.ReadAll(io.NewSectionReader(recording, 0, size))
			if err != nil {
				return nil, err
			}
			switch string(b) {
			case "bad":
				return nil, fail
			case "silent":
				return nil, nil
			}
			return []float32{-20.04, -30, float32(-len(b))}, nil
		}
	})
	one := w.file("{mine}/c-camera-1.webm", "1234567890")
	two := w.file("{mine}/c-camera-2.webm", "12345")
	w.append(w.segment(1, one, 0, 300), w.segment(2, two, 540, 800), w.segment(3, "deleted", 900, 1000))
	levels := "GET /api/interviews/{mine}/levels/{candidate of mine}"
	if err := w.api.PrepareLevels(t.Context(), w.fill("{mine}")); err == nil || !strings.Contains(err.Error(), "c-camera-3.webm") {
		t.Errorf("preparing ahead: %v, want an error about the deleted one only", err)
	}
	if n := computed.Load(); n != 2 {
		t.Errorf("%d files were prepared, want 2", n)
	}
	want := `{"step_ms":100,"dbfs":[-20,-30,-10,-100,-100,-20,-30,-5]}`
	for range 2 {
		w.run([]scenario{{as: "reviewer", request: levels, status: 200, has: []string{want}}})
	}
	if n := computed.Load(); n != 2 {
		t.Errorf("levels were computed %d times, want once for each file", n)
	}
	// A repaired file has another hash: what was kept no longer counts.
	w.append(w.segment(2, w.file("{mine}/c-camera-2.webm", "1234567"), 540, 800))
	w.run([]scenario{
		{name: "repaired", as: "reviewer", request: levels, status: 200, has: []string{`-20,-30,-7]`}},
		{name: "nobody", as: "reviewer", request: "GET /api/interviews/{mine}/levels/nobody", status: 404},
		{name: "of another interview", as: "reviewer", request: "GET /api/interviews/{other}/levels/{candidate of mine}", status: 404},
		{name: "no recording", as: "reviewer", request: "GET /api/interviews/{other}/levels/{candidate of other}", status: 200, has: []string{`"dbfs":[]`}},
	})
	w.append(w.segment(2, w.file("{mine}/c-camera-2.webm", "silent"), 540, 800))
	w.run([]scenario{{name: "silent", as: "reviewer", request: levels, status: 200, has: []string{`[-20,-30,-10,-100,-100]`}}})
	w.append(w.segment(2, w.file("{mine}/c-camera-2.webm", "bad"), 540, 800))
	w.run([]scenario{{name: "damaged", as: "reviewer", request: levels, status: 500, has: []string{"Internal error"}}})
	files, err := os.ReadDir(filepath.Join(w.media, w.fill("{mine}")))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".tmp") {
			t.Errorf("%s was left", f.Name())
		}
	}
}
