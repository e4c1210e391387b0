// Package audittest makes bundles for tests and measurements.
package audittest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing/fstest"
	"time"

	"bonafide/server/audit"
	"bonafide/server/evidence"
)

// Bundle makes the bundle of an interview with two recordings that have size
// bytes together, and the receipt of its end. The key goes below dir.
func Bundle(dir string, size int) (bundle, receipt []byte, err error) {
	l := &log{keys: audit.NewKeys(filepath.Join(dir, "keys"))}
	media := fstest.MapFS{}
	l.add("interview.created", evidence.InterviewPayload{}, map[string]any{"candidate_name": "Cara Candidate", "role": "Engineer"})
	noise := rand.NewChaCha8([32]byte{})
	for n := range 2 {
		content := make([]byte, size/2)
		noise.Read(content)
		sum := sha256.Sum256(content)
		name := fmt.Sprintf("i/c-camera-%d.webm", n+1)
		media[name] = &fstest.MapFile{Data: content}
		l.add(evidence.EntryRecordingSegment, evidence.Segment{Interview: "i", Participant: "c", Stream: "camera", N: n + 1, File: name,
			Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, nil)
	}
	for n := range 1000 {
		l.add(evidence.EntryAnnotation, evidence.AnnotationPayload{ID: fmt.Sprint(n)}, evidence.NotePart{Text: "a note"})
	}
	l.add(evidence.EntrySealed, evidence.CountPayload{Entries: int64(len(l.records))}, nil)
	closing := l.sign(nil)
	l.add(evidence.EntryExport, evidence.CountPayload{Entries: int64(len(l.records))}, nil)
	newest := l.sign(closing)
	if l.err != nil {
		return nil, nil, l.err
	}
	var b bytes.Buffer
	_, err = audit.WriteBundle(context.Background(), &b, audit.Source{Interview: "i", Created: time.UnixMilli(1700000000000), Program: "test", Records: l.records,
		People: map[string]audit.Person{"c": {Name: "Cara Candidate", Role: "candidate"}}, Newest: *newest,
		Earlier: []audit.EarlierSigned{{Signed: *closing, Reason: "interview"}}, Tree: l.read, Media: media,
		SignText: func(text string) ([]byte, error) { return l.keys.SignText(text, newest.Note) }})
	return b.Bytes(), audit.Receipt("Receipt", *closing), err
}

// log is a log in memory. Its first error stops it.
type log struct {
	keys    *audit.Keys
	hashes  []audit.Hash
	records []audit.Record
	err     error
}

func (l *log) read(positions []int64) ([]audit.Hash, error) {
	out := make([]audit.Hash, len(positions))
	for i, p := range positions {
		out[i] = l.hashes[p]
	}
	return out, nil
}

func (l *log) add(kind evidence.EntryKind, payload, part any) {
	if l.err != nil {
		return
	}
	l.err = func() error {
		e := evidence.Entry{Seq: int64(len(l.records) + 1), Version: evidence.EntryVersion, Interview: "i", WallMS: 1700000000000, Actor: evidence.System, Kind: kind}
		r := audit.Record{Seq: e.Seq}
		var err error
		if e.Payload, err = json.Marshal(payload); err != nil {
			return err
		}
		if part != nil {
			if r.Part, err = json.Marshal(part); err != nil {
				return err
			}
			if r.Salt, e.PartSHA256, err = evidence.CommitPart(r.Part); err != nil {
				return err
			}
		}
		if r.Canonical, err = e.Canonical(); err != nil {
			return err
		}
		_, hashes, err := audit.NewHashes(e.Seq, audit.LeafHash(r.Canonical), l.read)
		l.hashes, l.records = append(l.hashes, hashes...), append(l.records, r)
		return err
	}()
}

// sign makes the checkpoint after another.
func (l *log) sign(before *audit.Signed) *audit.Signed {
	if l.err != nil {
		return nil
	}
	size := int64(len(l.records))
	root, err := audit.Root(size, l.read)
	if err != nil {
		l.err = err
		return nil
	}
	var newest []byte
	if before != nil {
		newest = before.Note
	}
	s, err := l.keys.Sign(size, root, newest)
	l.err = err
	return s
}
