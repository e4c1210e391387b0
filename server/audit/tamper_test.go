package audit

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"bonafide/server/evidence"
)

// unpacked is a bundle's files by name.
type unpacked map[string][]byte

func unpack(t testing.TB, bundle []byte) unpacked {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	must(t, err)
	files := unpacked{}
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		files[f.Name], err = io.ReadAll(r)
		must(t, err)
		must(t, r.Close())
	}
	return files
}

func (u unpacked) pack(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	names := []string{}
	for n := range u {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		f, err := w.Create(n)
		must(t, err)
		_, err = f.Write(u[n])
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// relist makes the manifest list the files as they are now, and signs it with
// the log's key when there is one: what only the holder of the key can do.
func (u unpacked) relist(t testing.TB, sign func(string) ([]byte, error)) {
	t.Helper()
	var m Manifest
	must(t, json.Unmarshal(u[fileManifest], &m))
	m.Files = nil
	for n, b := range u {
		if n != fileManifest && n != fileSignature {
			sum := sha256.Sum256(b)
			m.Files = append(m.Files, File{n, int64(len(b)), hex.EncodeToString(sum[:])})
		}
	}
	slices.SortFunc(m.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	text, err := encode(m)
	must(t, err)
	u[fileManifest] = text
	if sign != nil {
		u[fileSignature], err = sign(signatureText(text))
		must(t, err)
	}
}

func (u unpacked) line(n int) []byte { return bytes.Split(u[fileEntries], []byte("\n"))[n] }

// flip changes one bit in the middle of a file.
func (u unpacked) flip(name string) {
	b := slices.Clone(u[name])
	b[len(b)/2] ^= 1
	u[name] = b
}

// swap replaces text that must be there.
func (u unpacked) swap(t testing.TB, name, old, text string) {
	t.Helper()
	if !bytes.Contains(u[name], []byte(old)) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	u[name] = bytes.Replace(u[name], []byte(old), []byte(text), 1)
}

// edit changes a JSON file.
func edit[T any](t testing.TB, u unpacked, name string, change func(*T)) {
	t.Helper()
	var v T
	must(t, json.Unmarshal(u[name], &v))
	change(&v)
	b, err := encode(v)
	must(t, err)
	u[name] = b
}

const video = "media/c-camera-1.webm"

// tampering is every class of change; want must be named at every level of
// what the attacker holds: nothing, the archive's manifest too, the key too.
// first is what the first level names beside it, if not that the file was changed.
var tampering = []struct {
	name   string
	change func(t testing.TB, u unpacked)
	file   string // that the manifest no longer describes; "" where it is another fault
	want   string // at every level
}{
	{"recording's byte", func(_ testing.TB, u unpacked) { u.flip(video) }, video, video + " is not the recording that entry 8 recorded"},
	{"recording cut short", func(_ testing.TB, u unpacked) { u[video] = u[video][:1000] }, video, video + " is not the recording that entry 8 recorded"},
	{"recordings swapped", func(_ testing.TB, u unpacked) {
		u[video], u["media/u-camera-1.webm"] = u["media/u-camera-1.webm"], u[video]
	}, video, video + " is not the recording that entry 8 recorded: it was changed or swapped"},
	{"recording missing", func(_ testing.TB, u unpacked) { delete(u, video) }, "", video + ", the recording of entry 8, is missing"},
	{"recording added", func(_ testing.TB, u unpacked) { u["media/x.webm"] = []byte("x") }, "", "media/x.webm: no entry speaks of this file"},
	{"still's byte", func(_ testing.TB, u unpacked) {
		for n := range u {
			if strings.HasPrefix(n, dirStills) {
				u.flip(n)
			}
		}
	}, "", "is not the still that entry 10 recorded"},
	{"entry's byte", func(t testing.TB, u unpacked) { u.swap(t, fileEntries, `"end_ms":20000`, `"end_ms":20001`) }, fileEntries, "Entry 10 (finding): its bytes and its proof do not lead"},
	{"entry's number", func(t testing.TB, u unpacked) { u.swap(t, fileEntries, `"seq":10,`, `"seq":11,`) }, fileEntries, "Entry 10 is missing, though its proof is there"},
	{"entry's interview", func(t testing.TB, u unpacked) {
		u.swap(t, fileEntries, `"interview":"interview-1"`, `"interview":"interview-2"`)
	}, fileEntries, `of another interview, "interview-2"`},
	{"entry left out", func(_ testing.TB, u unpacked) {
		u[fileEntries] = bytes.Replace(u[fileEntries], append(u.line(6), '\n'), nil, 1)
	}, fileEntries, "Entry 11 is missing, though its proof is there"},
	{"entry and its proof left out", func(t testing.TB, u unpacked) {
		u[fileEntries] = bytes.Replace(u[fileEntries], append(u.line(6), '\n'), nil, 1)
		edit(t, u, fileProofs, func(p *Proofs) { p.Entries = slices.Delete(p.Entries, 6, 7) })
	}, fileEntries, "(interview.sealed) says that 9 entries of the interview came before it; the bundle has 8"},
	{"last entries left out", func(t testing.TB, u unpacked) {
		lines := bytes.SplitAfter(u[fileEntries], []byte("\n"))
		u[fileEntries] = bytes.Join(lines[:5], nil)
		edit(t, u, fileProofs, func(p *Proofs) { p.Entries = p.Entries[:5] })
	}, fileEntries, "does not count the interview's entries"},
	{"entries' order", func(_ testing.TB, u unpacked) {
		lines := bytes.SplitAfter(u[fileEntries], []byte("\n"))
		lines[3], lines[4] = lines[4], lines[3]
		u[fileEntries] = bytes.Join(lines, nil)
	}, fileEntries, "the order was changed"},
	{"entry twice", func(_ testing.TB, u unpacked) {
		lines := bytes.SplitAfter(u[fileEntries], []byte("\n"))
		u[fileEntries] = bytes.Join(slices.Insert(lines, 3, lines[2]), nil)
	}, fileEntries, "the order was changed"},
	{"entries cut short", func(_ testing.TB, u unpacked) { u[fileEntries] = u[fileEntries][:len(u[fileEntries])-20] }, fileEntries, "its last line is not whole"},
	{"part's byte", func(t testing.TB, u unpacked) {
		edit(t, u, fileParts, func(p *[]Part) { (*p)[1].Content[5] ^= 1 })
	}, fileParts, "The part of entry 12 (what was typed or named) is not what the entry commits to"},
	{"part's salt", func(t testing.TB, u unpacked) {
		edit(t, u, fileParts, func(p *[]Part) { (*p)[1].Salt[5] ^= 1 })
	}, fileParts, "The part of entry 12 (what was typed or named) is not what the entry commits to"},
	{"part missing", func(t testing.TB, u unpacked) {
		edit(t, u, fileParts, func(p *[]Part) { *p = (*p)[1:] })
	}, fileParts, "The part of entry 4 (interview.created) is missing"},
	{"part of another entry", func(t testing.TB, u unpacked) {
		edit(t, u, fileParts, func(p *[]Part) { (*p)[1].Seq = 5 })
	}, fileParts, "a part of entry 5, which commits to none"},
	{"proof's hash", func(t testing.TB, u unpacked) {
		edit(t, u, fileProofs, func(p *Proofs) { p.Entries[5].Proof[1][3] ^= 1 })
	}, fileProofs, "Entry 10 (finding): its bytes and its proof do not lead"},
	{"proof cut short", func(t testing.TB, u unpacked) {
		edit(t, u, fileProofs, func(p *Proofs) { p.Entries[5].Proof = p.Entries[5].Proof[1:] })
	}, fileProofs, "Entry 10 (finding): its bytes and its proof do not lead"},
	{"proof of growth", func(t testing.TB, u unpacked) {
		edit(t, u, fileProofs, func(p *Proofs) { p.Earlier[0].Growth[0][3] ^= 1 })
	}, fileProofs, "does not begin with that of the earlier checkpoint"},
	{"earlier checkpoint's text", func(t testing.TB, u unpacked) {
		edit(t, u, fileProofs, func(p *Proofs) { p.Earlier[0].Note = strings.Replace(p.Earlier[0].Note, "\n1", "\n2", 1) })
	}, fileProofs, "Earlier checkpoint 1 of 2: a signature on it is wrong"},
	{"checkpoint's size", func(t testing.TB, u unpacked) {
		lines := strings.SplitN(string(u[fileCheckpoint]), "\n", 3)
		u[fileCheckpoint] = []byte(lines[0] + "\n9" + lines[1] + "\n" + lines[2])
	}, fileCheckpoint, "the newest checkpoint: a signature on it is wrong"},
	{"checkpoint's log", func(t testing.TB, u unpacked) { u.swap(t, fileCheckpoint, originPrefix, "bonafide-log/x") }, fileCheckpoint, "the newest checkpoint: a signature on it is wrong"},
	{"checkpoint's signature", func(_ testing.TB, u unpacked) {
		b := slices.Clone(u[fileCheckpoint])
		b[len(b)-20] ^= 3
		u[fileCheckpoint] = b
	}, fileCheckpoint, "the newest checkpoint: "},
	{"checkpoint missing", func(_ testing.TB, u unpacked) { delete(u, fileCheckpoint) }, "", "checkpoint.txt is missing"},
	{"an old checkpoint for the newest", func(t testing.TB, u unpacked) {
		var p Proofs
		must(t, json.Unmarshal(u[fileProofs], &p))
		u[fileCheckpoint] = []byte(p.Earlier[0].Note)
	}, fileCheckpoint, "Entry 20 (review): its bytes and its proof do not lead"},
	{"another key", func(t testing.TB, u unpacked) {
		_, k, err := newKey("bonafide-log/other")
		must(t, err)
		edit(t, u, fileProofs, func(p *Proofs) { p.Keys = []string{k.Verifier} })
	}, fileProofs, "the newest checkpoint: it bears no signature by a known key"},
	{"proofs missing", func(_ testing.TB, u unpacked) { delete(u, fileProofs) }, "", "proofs.json is missing"},
	{"entries missing", func(_ testing.TB, u unpacked) { delete(u, fileEntries) }, "", "entries.jsonl is missing"},
	{"report", func(t testing.TB, u unpacked) { u.swap(t, fileReport, "bent down", "cheated") }, fileReport, "report.html does not say what the entries say"},
	{"summary", func(t testing.TB, u unpacked) { u.swap(t, fileSummary, "bent down", "cheated") }, fileSummary, "summary.json does not say what the entries say"},
	{"names", func(t testing.TB, u unpacked) { u.swap(t, filePeople, "The interviewer", "Another") }, filePeople, "report.html does not say what the entries say"},
}

func TestTamperedBundle(t *testing.T) {
	r := newRig(t)
	r.interview()
	whole := r.bundle()
	if v := check(t, unpack(t, whole).pack(t), Options{}); !v.OK() {
		t.Fatalf("packed again without a change: %s", said(v, Fails))
	}
	for _, c := range tampering {
		for _, level := range []string{"file", "manifest", "key"} {
			u := unpack(t, whole)
			c.change(t, u)
			want := []string{c.want}
			switch level {
			case "file":
				if c.file != "" {
					want = append(want, c.file+" was changed: it is not the file that the manifest lists")
				}
			case "manifest":
				u.relist(t, nil)
				// Where no key of the log is left to check with, the keys are the fault.
				if u[fileProofs] != nil && u[fileCheckpoint] != nil && !strings.Contains(c.want, "newest checkpoint: ") {
					want = append(want, "manifest.json is not the manifest that was signed")
				}
			case "key":
				u.relist(t, r.SignText)
			}
			v := check(t, u.pack(t), Options{})
			for _, w := range want {
				if v.OK() || !strings.Contains(said(v, Fails), w) {
					t.Errorf("%s, with the %s: it says\n%s\nwant %q", c.name, level, said(v, Fails), w)
				}
			}
		}
	}
}

// TestTamperedFiles is about the manifest and the archive themselves.
func TestTamperedFiles(t *testing.T) {
	r := newRig(t)
	r.interview()
	whole := r.bundle()
	twice := func(t testing.TB) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for n, content := range unpack(t, whole) {
			for range 1 + strings.Count(n, fileReport) {
				f, err := w.Create(n)
				must(t, err)
				_, err = f.Write(content)
				must(t, err)
			}
		}
		must(t, w.Close())
		return b.Bytes()
	}
	changed := func(change func(u unpacked)) []byte {
		u := unpack(t, whole)
		change(u)
		return u.pack(t)
	}
	for _, c := range []struct {
		name   string
		bundle []byte
		want   string
	}{
		{"manifest's byte", changed(func(u unpacked) { u.swap(t, fileManifest, `"program": "test"`, `"program": "tast"`) }), "manifest.json is not the manifest that was signed"},
		{"manifest not JSON", changed(func(u unpacked) { u[fileManifest] = []byte("{") }), "manifest.json cannot be read"},
		{"manifest of another format", changed(func(u unpacked) { u.swap(t, fileManifest, `"version": 1`, `"version": 2`) }), "version 2; this program checks"},
		{"manifest with another field", changed(func(u unpacked) { u.swap(t, fileManifest, `"version": 1`, `"version": 1, "x": 2`) }), `unknown field "x"`},
		{"manifest missing", changed(func(u unpacked) { delete(u, fileManifest) }), "manifest.json is missing"},
		{"manifest's signature", changed(func(u unpacked) {
			b := slices.Clone(u[fileSignature])
			b[len(b)-20] ^= 3
			u[fileSignature] = b
		}), "manifest.note, the manifest's signature: "},
		{"signature missing", changed(func(u unpacked) { delete(u, fileSignature) }), "manifest.note is missing"},
		{"checkpoint as the manifest's signature", changed(func(u unpacked) { u[fileSignature] = u[fileCheckpoint] }), "manifest.json is not the manifest that was signed"},
		{"file added", changed(func(u unpacked) { u["note.txt"] = []byte("x") }), "note.txt was added"},
		{"file outside", changed(func(u unpacked) { u["../x"] = []byte("x") }), `"../x", which is not a plain file`},
		{"file missing", changed(func(u unpacked) { delete(u, fileReadme) }), "README.txt is missing"},
		{"file twice", twice(t), "two files named report.html"},
		{"not an archive", []byte("hello"), "not a whole zip archive"},
		{"empty", nil, "not a whole zip archive"},
	} {
		if v := check(t, c.bundle, Options{}); v.OK() || !strings.Contains(said(v, Fails), c.want) {
			t.Errorf("%s: it says\n%s\nwant %q", c.name, said(v, Fails), c.want)
		}
	}
	for _, n := range []int{1, 100, len(whole) / 2, len(whole) - 30, len(whole) - 1} {
		if v := check(t, whole[:n], Options{}); v.OK() || !strings.Contains(said(v, Fails), "cut off") {
			t.Errorf("cut off after %d of %d bytes: %s", n, len(whole), said(v, Fails))
		}
	}
}

// TestEveryRegion flips bits all over the archive: the verdict is bad, or the
// files are the same (the time stamps of the archive prove nothing).
func TestEveryRegion(t *testing.T) {
	r := newRig(t)
	r.interview()
	whole := r.bundle()
	files := unpack(t, whole)
	missed := 0
	for at := 0; at < len(whole); {
		b := slices.Clone(whole)
		b[at] ^= 1 << (at % 8)
		if v := check(t, b, Options{}); v.OK() {
			missed++
			for n, content := range unpack(t, b) {
				if !bytes.Equal(content, files[n]) {
					t.Fatalf("byte %d: %s differs, and the bundle holds", at, n)
				}
			}
		}
		if at < 2000 || at > len(whole)-12000 {
			at += 23 // headers and the small files
		} else {
			at += 997
		}
	}
	t.Logf("%d flips were without any effect on the files", missed)
}

// TestDeleted shows that what was deleted is named, and the rest holds.
func TestDeleted(t *testing.T) {
	r := newRig(t)
	receipt := r.interview()
	delete(r.media, iv+"/c-camera-1.webm")
	for i := range r.Records {
		r.Records[i].Part, r.Records[i].Salt = nil, nil
	}
	v := check(t, r.bundle(), Options{Anchors: [][]byte{receipt.Note}})
	for _, w := range []string{video + ", the recording of entry 8, is missing, and no entry says", "The part of entry 4 (interview.created) is missing, and no entry says"} {
		if v.OK() || !strings.Contains(said(v, Fails), w) {
			t.Errorf("without tombstones: %s\nwant %q", said(v, Fails), w)
		}
	}
	r.add(iv, evidence.EntryPartDeleted, evidence.DeletionPayload{Part: evidence.PartRecording, Reason: evidence.DeletedByPolicy, Policy: "promise", Files: 1}, nil)
	video1 := r.seq
	r.add(iv, evidence.EntryPartDeleted, evidence.DeletionPayload{Part: evidence.PartText, Reason: evidence.DeletedByRequest, Request: "q", Texts: 4}, evidence.NotePart{Text: "by <b>letter"})
	texts := r.seq
	r.add(iv, evidence.EntryExport, evidence.CountPayload{Entries: r.count}, nil)
	r.sign("export")
	v = check(t, r.bundle(), Options{Anchors: [][]byte{receipt.Note}})
	if !v.OK() {
		t.Errorf("after deletions: %s", said(v, Fails))
	}
	for _, w := range []string{video + ", the recording of entry 8, was deleted on ", fmt.Sprintf(`because the retention policy "promise" asked for it (entry %d)`, video1),
		fmt.Sprintf("because the candidate asked for it (entry %d). The entries stand", texts)} {
		if !strings.Contains(said(v, Lacks), w) {
			t.Errorf("what is gone: %s\nwant %q", said(v, Lacks), w)
		}
	}
}

// TestReportEscapes holds that nothing that a person typed becomes markup.
func TestReportEscapes(t *testing.T) {
	r := newRig(t)
	r.interview()
	report := string(unpack(t, r.bundle())[fileReport])
	for _, bad := range []string{"<script>alert", "<i>note", "<b>Candidate"} {
		if strings.Contains(report, bad) {
			t.Errorf("the report holds %s as it was typed", bad)
		}
	}
	for _, good := range []string{"Zoë &lt;script&gt;", "a &lt;i&gt;note", `src="media/c-camera-1.webm"`, "No face in view", "bent down", "0:00:10", string(evidence.Explained), "blazeface"} {
		if !strings.Contains(report, good) {
			t.Errorf("the report lacks %s", good)
		}
	}
	if strings.Contains(report, "http://") || strings.Contains(report, "https://") {
		t.Error("the report reaches for the network")
	}
}

// A verifier that is older than the bundle accuses nobody of what it cannot read.
func TestBundleOfANewerVersion(t *testing.T) {
	r := newRig(t)
	r.interview()
	r.add(iv, "of.later", map[string]string{"still": "new.jpg"}, map[string]string{"name": "somebody"})
	u := unpack(t, r.bundle())
	var parts []Part
	must(t, json.Unmarshal(u[fileParts], &parts))
	kept, err := encode(slices.DeleteFunc(parts, func(p Part) bool { return strings.Contains(string(p.Content), "somebody") }))
	must(t, err)
	u[fileParts], u[dirStills+"new.jpg"] = kept, []byte("a picture")
	newest := u[fileCheckpoint]
	u.relist(t, func(text string) ([]byte, error) { return r.keys.SignText(text, newest) })
	v := check(t, u.pack(t), Options{})
	if !v.OK() || v.Whole() {
		t.Errorf("holds %v, whole %v: %+v", v.OK(), v.Whole(), v.Lines)
	}
	unclear := 0
	for _, l := range v.Lines {
		if l.Status == Unclear {
			if unclear++; !strings.Contains(l.Text, "of.later") {
				t.Errorf("%q does not name the kind", l.Text)
			}
		}
	}
	if unclear != 2 {
		t.Errorf("%d lines about what could not be checked, want one of files and one of parts: %+v", unclear, v.Lines)
	}

	u[dirStills+"new.jpg"] = []byte("another picture") // what was signed for still must be there
	if v := check(t, u.pack(t), Options{}); v.OK() {
		t.Error("a file that was swapped passed because of a newer version's entries")
	}
}
