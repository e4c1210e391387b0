package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"sort"
	"strings"
	"time"

	"bonafide/server/evidence"
)

// Record is an entry as it is kept.
type Record struct {
	Seq       int64
	Canonical []byte
	Salt      []byte // nil where there is no part, or no longer
	Part      []byte
}

// Source is what a bundle is made from.
type Source struct {
	Interview string
	Created   time.Time
	Program   string            // version of the program
	Records   []Record          // every entry of the interview, in order
	People    map[string]Person // by identifier: participants and accounts
	Newest    Signed            // a checkpoint that covers every record
	Earlier   []EarlierSigned   // oldest first; at least those of key rotations
	Anchors   []int64           // sizes of outside checkpoints to prove growth from
	Vouchers  []Voucher         // about Newest or one of Earlier
	Tree      HashReader
	Media     fs.FS // the recordings folder
	// SignText signs the manifest with the log's key.
	SignText func(text string) ([]byte, error)
}

// EarlierSigned is a checkpoint before the newest.
type EarlierSigned struct {
	Signed
	Reason string
	WallMS int64
}

// Written says what WriteBundle found while it wrote.
type Written struct {
	Files   int
	Bytes   int64    // of the files, before the archive
	Gone    []Gone   // what the log speaks of and does not exist any more
	Differs []string // files that are not what the log says; they are in the bundle as they are
}

// bundleWriter is a bundle being written.
type bundleWriter struct {
	ctx      context.Context
	zip      *zip.Writer
	created  time.Time
	manifest Manifest
	Written
}

// WriteBundle writes the bundle of one interview to w. What does not fit the
// log is written all the same and named in the result: to hide it is not the
// writer's business.
func WriteBundle(ctx context.Context, w io.Writer, s Source) (Written, error) {
	b := &bundleWriter{ctx: ctx, zip: zip.NewWriter(w), created: s.Created.UTC(), manifest: Manifest{Format: bundleFormat, Version: BundleVersion,
		Interview: s.Interview, CreatedMS: s.Created.UnixMilli(), Program: s.Program, Report: ReportID(), Gone: []Gone{}}}
	err := b.write(s)
	if err == nil {
		err = b.zip.Close()
	}
	if err != nil {
		return b.Written, fmt.Errorf("writing the bundle of interview %s: %w", s.Interview, err)
	}
	return b.Written, nil
}

func (b *bundleWriter) write(s Source) error {
	entries := make([]evidence.Entry, len(s.Records))
	var lines bytes.Buffer
	var parts []Part
	for i, r := range s.Records {
		var err error
		if entries[i], err = evidence.ParseEntry(r.Canonical); err != nil {
			return fmt.Errorf("entry %d: %w", r.Seq, err)
		}
		if bytes.IndexByte(r.Canonical, '\n') >= 0 {
			return fmt.Errorf("entry %d: its bytes hold a line break", r.Seq)
		}
		lines.Write(r.Canonical)
		lines.WriteByte('\n')
		if r.Part != nil && evidence.PartOf(entries[i].Kind) != evidence.PartTemplates { // a bundle never holds what a face is compared by
			entries[i].Part = r.Part
			parts = append(parts, Part{r.Seq, r.Salt, r.Part})
		} else if entries[i].PartSHA256 != "" && evidence.PartOf(entries[i].Kind) != evidence.PartTemplates {
			b.gone("part", "", r.Seq)
		}
	}
	c, err := claimsOf(entries)
	if err != nil {
		return err
	}
	if err := b.media(s.Media, c); err != nil {
		return err
	}
	proofs, err := prove(s)
	if err != nil {
		return err
	}
	summary, err := Summarize(s.Interview, entries, s.People, b.manifest.Gone)
	if err != nil {
		return err
	}
	report, err := summary.Report()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		path string
		v    any // bytes, or what is encoded as JSON
	}{{fileEntries, lines.Bytes()}, {fileParts, notNil(parts)}, {filePeople, s.People}, {fileProofs, proofs}, {fileCheckpoint, s.Newest.Note},
		{fileSummary, summary}, {fileReport, report}, {fileReadme, []byte(strings.ReplaceAll(readme, "\n", "\r\n"))}} {
		text, ok := f.v.([]byte)
		if !ok {
			if text, err = encode(f.v); err != nil {
				return fmt.Errorf("%s: %w", f.path, err)
			}
		}
		if err := b.file(f.path, bytes.NewReader(text), true); err != nil {
			return err
		}
	}
	return b.finish(s)
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// encode makes readable JSON that is the same for the same value.
func encode(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", " ")
	return append(b, '\n'), err
}

// finish writes the manifest and its signature.
func (b *bundleWriter) finish(s Source) error {
	b.Written.Gone = b.manifest.Gone
	sort.Slice(b.manifest.Files, func(i, j int) bool { return b.manifest.Files[i].Path < b.manifest.Files[j].Path })
	text, err := encode(b.manifest)
	if err != nil {
		return err
	}
	signature, err := s.SignText(signatureText(text))
	if err != nil {
		return err
	}
	if _, _, err := open(signature, s.Newest.Keys); err != nil {
		return fmt.Errorf("the log's key was replaced while the bundle was written; export again (%w)", err)
	}
	if err := b.file(fileManifest, bytes.NewReader(text), true); err != nil {
		return err
	}
	return b.file(fileSignature, bytes.NewReader(signature), true)
}

func (b *bundleWriter) gone(what, path string, seq int64) {
	b.manifest.Gone = append(b.manifest.Gone, Gone{what, path, seq})
}

// media copies recordings and stills.
func (b *bundleWriter) media(dir fs.FS, c claims) error {
	for _, p := range c.files() {
		claim, _ := c.of(p)
		if !plainPath(claim.file) || !plainPath(p) {
			return fmt.Errorf("entry %d names a file outside the recordings folder: %q", claim.seq, clip(claim.file))
		}
		f, err := dir.Open(claim.file)
		if errors.Is(err, fs.ErrNotExist) {
			what := "media"
			if strings.HasPrefix(p, dirStills) {
				what = "still"
			}
			b.gone(what, p, claim.seq)
			continue
		}
		if err != nil {
			// Left out, and therefore missing for whoever checks: a damaged file
			// must not keep the rest of the record from being exported.
			b.Differs = append(b.Differs, fmt.Sprintf("%s cannot be opened: %v", claim.file, err))
			continue
		}
		content := &readable{r: f}
		err = b.file(p, content, false)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("%s: %w", claim.file, err)
		}
		if content.broken != nil {
			b.Differs = append(b.Differs, fmt.Sprintf("%s cannot be read to its end: %v", claim.file, content.broken))
		}
		if got := b.manifest.Files[len(b.manifest.Files)-1]; got.SHA256 != claim.sha256 {
			b.Differs = append(b.Differs, fmt.Sprintf("%s is not what entry %d recorded", claim.file, claim.seq))
		}
	}
	return nil
}

// file adds one file to the archive and to the manifest.
func (b *bundleWriter) file(path string, r io.Reader, pack bool) error {
	h := &zip.FileHeader{Name: path, Method: zip.Store, Modified: b.created}
	if pack {
		h.Method = zip.Deflate
	}
	w, err := b.zip.CreateHeader(h)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.CopyBuffer(&contextWriter{b.ctx, w, sum}, struct{ io.Reader }{r}, make([]byte, 256<<10))
	if err != nil {
		return err
	}
	b.Files++
	b.Bytes += n
	b.manifest.Files = append(b.manifest.Files, File{path, n, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// readable ends where its reader fails, and keeps why: what is left of a
// damaged file is exported, and found to differ.
type readable struct {
	r      io.Reader
	broken error
}

func (r *readable) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.broken, err = err, io.EOF
	}
	return n, err
}

// contextWriter hashes what it passes on, until its context ends.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
	sum hash.Hash
}

func (c *contextWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	c.sum.Write(p)
	return c.w.Write(p)
}

// prove makes the proofs of a bundle.
func prove(s Source) (Proofs, error) {
	p := Proofs{Keys: []string{}, Earlier: []Earlier{}, Entries: make([]EntryProof, len(s.Records)), Anchors: []AnchorGrowth{}, Vouchers: s.Vouchers}
	known := map[string]bool{}
	addKeys := func(keys []string) {
		for _, k := range keys {
			if !known[k] {
				known[k] = true
				p.Keys = append(p.Keys, k)
			}
		}
	}
	for _, e := range s.Earlier {
		growth, err := ProveGrowth(e.Size, s.Newest.Size, s.Tree)
		if err != nil {
			return p, err
		}
		addKeys(e.Keys)
		p.Earlier = append(p.Earlier, Earlier{e.Reason, e.WallMS, string(e.Note), notNil(growth)})
	}
	addKeys(s.Newest.Keys)
	for _, size := range s.Anchors {
		growth, err := ProveGrowth(size, s.Newest.Size, s.Tree)
		if err != nil {
			return p, err
		}
		p.Anchors = append(p.Anchors, AnchorGrowth{size, notNil(growth)})
	}
	for i, r := range s.Records {
		proof, err := ProveEntry(r.Seq, s.Newest.Size, s.Tree)
		if err != nil {
			return p, err
		}
		p.Entries[i] = EntryProof{r.Seq, notNil(proof)}
	}
	return p, nil
}

const readme = `This is the record of one video interview.

report.html    Open it in a browser: the recordings, the findings and the log, for people to read and to print.
media/         The recordings. stills/ holds the pictures kept with findings.
entries.jsonl  The log of the interview, one entry a line, byte for byte as it was hashed.
parts.json     What was typed or named, which may be deleted by itself; entries commit to it by salted hashes.
summary.json   What the entries say, put together for programs.
proofs.json    The proofs that connect the entries with signed checkpoints of the whole log.
checkpoint.txt The newest checkpoint.
manifest.json  Every file with its SHA-256; manifest.note is the signature.

To check that nothing was changed, run the program "verify" of the same project, which needs nothing else installed:

    verify FILE.zip
    verify --anchor receipt.txt FILE.zip

A receipt is a checkpoint that somebody else kept, such as the one that the candidate and the interviewer were given at the end
of the interview. A witness's key (--witness KEY) or the certificate of a time-stamp authority (--tsa FILE) serves as well, where
one vouched for the log. Without any of them the check protects against everyone but the holder of the log's key.
`
