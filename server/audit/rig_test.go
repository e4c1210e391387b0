package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"bonafide/server/evidence"
)

// rig is a log in memory, of one interview among entries of others, with the
// recordings that it speaks of.
type rig struct {
	t      testing.TB
	keys   *Keys
	hashes []Hash
	seq    int64
	count  int64 // entries of the interview
	Source
	media fstest.MapFS
}

const iv = "interview-1"

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, keys: NewKeys(t.TempDir()), media: fstest.MapFS{}}
	r.Source = Source{Interview: iv, Created: time.UnixMilli(1700000000000), Program: "test", Tree: r.read, Media: r.media,
		People: map[string]Person{"c": {"Zoë <b>Candidate</b>", "candidate"}, "u": {"The interviewer", "interviewer"}}}
	return r
}

func (r *rig) read(positions []int64) ([]Hash, error) {
	out := make([]Hash, len(positions))
	for i, p := range positions {
		if p >= int64(len(r.hashes)) {
			return nil, fmt.Errorf("no hash %d", p)
		}
		out[i] = r.hashes[p]
	}
	return out, nil
}

// add appends an entry to the log.
func (r *rig) add(interview string, kind evidence.EntryKind, payload, part any) {
	r.t.Helper()
	r.seq++
	p, err := json.Marshal(payload)
	must(r.t, err)
	e := evidence.Entry{Seq: r.seq, Version: evidence.EntryVersion, Interview: interview, WallMS: 1700000000000 + r.seq*1000, AtMS: evidence.At(r.seq * 1000),
		Actor: evidence.Actor{Type: "user", ID: "u"}, Kind: kind, Payload: p}
	rec := Record{Seq: r.seq}
	if part != nil {
		rec.Part, err = json.Marshal(part)
		must(r.t, err)
		rec.Salt, e.PartSHA256, err = evidence.CommitPart(rec.Part)
		must(r.t, err)
	}
	rec.Canonical, err = e.Canonical()
	must(r.t, err)
	first, hashes, err := NewHashes(r.seq, LeafHash(rec.Canonical), r.read)
	must(r.t, err)
	if first != int64(len(r.hashes)) {
		r.t.Fatalf("hashes begin at %d, %d are stored", first, len(r.hashes))
	}
	r.hashes = append(r.hashes, hashes...)
	if interview == iv {
		r.count++
		r.Records = append(r.Records, rec)
	}
}

// noise adds entries of other interviews.
func (r *rig) noise(n int) {
	for i := range n {
		r.add("another", evidence.EntryAnnotation, evidence.AnnotationPayload{ID: fmt.Sprint(i)}, nil)
	}
}

func (r *rig) recording(name string, content []byte) {
	sum := sha256.Sum256(content)
	r.media[iv+"/"+name] = &fstest.MapFile{Data: content}
	r.add(iv, evidence.EntryRecordingSegment, evidence.Segment{Interview: iv, Participant: "c", Stream: "camera", N: 1, File: iv + "/" + name,
		EndMS: 60000, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), HasVideo: true}, nil)
}

// sign makes a checkpoint; the newest so far becomes an earlier one.
func (r *rig) sign(reason string) Signed {
	r.t.Helper()
	root, err := Root(r.seq, r.read)
	must(r.t, err)
	s, err := r.keys.Sign(r.seq, root, r.Newest.Note)
	must(r.t, err)
	if s == nil {
		return r.Newest
	}
	r.keep(*s, reason)
	return *s
}

func (r *rig) keep(s Signed, reason string) {
	if r.Newest.Note != nil {
		r.Earlier = append(r.Earlier, EarlierSigned{r.Newest, reason, 1700000000000})
	}
	r.Newest = s
	r.SignText = func(text string) ([]byte, error) { return r.keys.SignText(text, s.Note) }
}

func (r *rig) rotate(lost bool) {
	r.t.Helper()
	root, err := Root(r.seq, r.read)
	must(r.t, err)
	_, sign, err := r.keys.Rotate(r.Newest.Note, lost)
	must(r.t, err)
	s, err := sign(r.seq, root)
	must(r.t, err)
	r.keep(*s, "rotation")
	must(r.t, r.keys.Settle(s.Note))
}

// interview adds a whole interview with everything that a bundle can hold, and
// returns the receipt of its end.
func (r *rig) interview() Signed {
	r.noise(3)
	still := []byte("a picture")
	sum := sha256.Sum256(still)
	name := hex.EncodeToString(sum[:])
	r.media[iv+"/stills/"+name+".jpg"] = &fstest.MapFile{Data: still}
	r.add(iv, evidence.EntryInterviewCreated, evidence.InterviewPayload{}, map[string]any{"candidate_name": "Zoë <script>alert(1)</script>", "role": "Pilot", "place": "Lisbon"})
	r.add(iv, evidence.EntryConsent, evidence.ConsentPayload{Participant: "c", Consent: evidence.ConsentFace, Granted: true}, nil)
	r.add(iv, evidence.EntryInterviewStarted, evidence.InterviewPayload{}, nil)
	r.noise(1)
	r.recording("c-camera-1.webm", bytes.Repeat([]byte("the candidate's video "), 5000))
	r.recording("u-camera-1.webm", bytes.Repeat([]byte("the interviewer's video "), 4000))
	r.add(iv, evidence.EntryFinding, evidence.Finding{ID: "f", Interview: iv, Participant: "c", Source: "camera", Run: "live", Kind: evidence.FaceAbsent, Severity: evidence.SeverityNotice,
		StartMS: 10000, EndMS: 20000, Values: []evidence.Measure{{Name: "share", Value: 0.9, Threshold: 0.6, Compare: ">="}},
		Models: []evidence.ModelRef{{Name: "blazeface", SHA256: "ab"}}, Stills: []evidence.Still{{AtMS: 10000, SHA256: name}}}, nil)
	r.add(iv, evidence.EntryCoverage, evidence.Coverage{Interview: iv, Run: "live", Kind: evidence.FaceAbsent, State: evidence.Measured, EndMS: 60000}, nil)
	r.add(iv, evidence.EntryAnnotation, evidence.AnnotationPayload{ID: "n"}, evidence.NotePart{Text: "a <i>note</i>"})
	r.add(iv, evidence.EntryInterviewEnded, evidence.InterviewPayload{Reason: "hangup"}, nil)
	r.add(iv, evidence.EntrySealed, evidence.CountPayload{Entries: r.count}, nil)
	receipt := r.sign("interview")
	r.noise(5)
	r.add(iv, evidence.EntryReview, evidence.ReviewPayload{Finding: "f", Decision: evidence.Explained}, evidence.NotePart{Text: "bent down"})
	r.sign("hour")
	return receipt
}

// bundle exports the interview.
func (r *rig) bundle() []byte {
	r.t.Helper()
	r.add(iv, evidence.EntryExport, evidence.CountPayload{Entries: r.count}, nil)
	r.sign("export")
	var b bytes.Buffer
	w, err := WriteBundle(context.Background(), &b, r.Source)
	must(r.t, err)
	if len(w.Differs) > 0 {
		r.t.Logf("differs: %v", w.Differs)
	}
	return b.Bytes()
}

func check(t testing.TB, bundle []byte, opts Options) *Verdict {
	t.Helper()
	v, err := CheckBundle(context.Background(), bytes.NewReader(bundle), int64(len(bundle)), opts)
	must(t, err)
	return v
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
