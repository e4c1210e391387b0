package audit

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"

	"bonafide/server/evidence"
)

// Options of CheckBundle.
type Options struct {
	Anchors  [][]byte // receipts or checkpoints that were kept elsewhere
	Keys     []string // verifiers that the log's key must be among, or lead from by rotation; empty accepts the bundle's own
	Progress func(done, total int64)
	// Witnesses and Roots are what is known of outsiders that may have vouched
	// for checkpoints: keys of witnesses, certificates of time-stamp authorities.
	Witnesses []WitnessKey
	Roots     *x509.CertPool
}

// checking is a bundle under examination.
type checking struct {
	ctx  context.Context
	opts Options
	v    *Verdict
	a    *archive

	manifest Manifest
	proofs   Proofs
	newest   Checkpoint
	signedBy []string
	earlier  []Checkpoint // those of proofs.Earlier that hold; zero where one does not
	entries  []evidence.Entry
	lines    [][]byte // canonical bytes of entries
	people   map[string]Person
	claims   claims
	parts    map[int64][]byte
	whole    bool     // every entry could be read
	later    []string // kinds of entries that only a newer version knows
}

// CheckBundle checks a bundle and says what holds. Whatever is wrong with the
// bundle is in the verdict; the error is only about the checking itself.
func CheckBundle(ctx context.Context, r io.ReaderAt, size int64, opts Options) (*Verdict, error) {
	c := &checking{ctx: ctx, opts: opts, v: &Verdict{}, parts: map[int64][]byte{}}
	err := c.run(r, size)
	return c.v, err
}

func (c *checking) run(r io.ReaderAt, size int64) error {
	t := &topic{v: c.v}
	if c.a = openArchive(r, size, t); c.a == nil {
		return nil
	}
	listed := c.a.object(fileManifest, &c.manifest, t)
	if listed && (c.manifest.Format != bundleFormat || c.manifest.Version != BundleVersion) {
		t.fail("The manifest says %q version %d; this program checks %q version %d.", clip(c.manifest.Format), c.manifest.Version, bundleFormat, BundleVersion)
		return nil
	}
	c.v.Interview = c.manifest.Interview
	hasProofs := c.a.object(fileProofs, &c.proofs, t)
	checkpoint := c.a.text(fileCheckpoint, t)
	lines := c.a.text(fileEntries, t)
	var parts []Part
	c.a.object(fileParts, &parts, t)
	c.a.object(filePeople, &c.people, t)
	c.a.text(fileSignature, t)
	if err := c.a.hash(c.ctx, t, c.opts.Progress); err != nil {
		return err
	}
	for _, f := range c.a.sums {
		c.v.Bytes += max(f.Bytes, 0)
	}
	if listed {
		c.a.compare(c.manifest, t)
	}
	t.done("All %d files are there, and none was changed, added or taken away since the bundle was written.", len(c.a.names))

	c.readEntries(lines)
	if hasProofs && c.checkSignatures(checkpoint) {
		c.checkGrowth()
		c.checkEntries()
		c.checkAnchors()
		c.checkVouchers()
	}
	c.checkMedia()
	c.checkParts(parts)
	c.checkReport()
	return nil
}

// checkSignatures opens the newest checkpoint, holds the keys against each
// other and against those given, and checks the manifest's signature.
func (c *checking) checkSignatures(checkpoint []byte) bool {
	t := &topic{v: c.v}
	var err error
	if checkpoint == nil {
		return false
	}
	if c.newest, c.signedBy, err = Open(checkpoint, c.proofs.Keys); err != nil {
		t.fail("%s, the newest checkpoint: %v.", fileCheckpoint, err)
		return false
	}
	c.v.Newest, c.v.Keys = c.newest, c.proofs.Keys
	c.earlier = make([]Checkpoint, len(c.proofs.Earlier))
	by := make([][]string, len(c.proofs.Earlier))
	for i, e := range c.proofs.Earlier {
		if c.earlier[i], by[i], err = Open([]byte(e.Note), c.proofs.Keys); err != nil {
			t.fail("Earlier checkpoint %d of %d: %v.", i+1, len(c.proofs.Earlier), err)
			c.earlier[i] = Checkpoint{}
		}
	}
	for i := 1; i < len(c.proofs.Keys); i++ {
		old, next := c.proofs.Keys[i-1], c.proofs.Keys[i]
		if !slices.ContainsFunc(append(by, c.signedBy), func(s []string) bool { return slices.Contains(s, old) && slices.Contains(s, next) }) {
			t.fail("The key was replaced (%s) without the signature of the one before (%s).", KeyName(next), KeyName(old))
		}
	}
	if len(c.opts.Keys) > 0 && !slices.ContainsFunc(c.opts.Keys, func(k string) bool { return slices.Contains(c.proofs.Keys, k) }) {
		t.fail("The bundle is signed with %s, which is not the key that was given.", KeyName(c.signer()))
	}
	t.done("The newest checkpoint, of %d entries, is signed by %s; so are, by it or a key before it, the earlier ones (%d).", c.newest.Size, KeyName(c.signer()), len(c.earlier))

	t = &topic{v: c.v}
	manifest := c.a.text(fileManifest, t)
	if signature := c.a.text(fileSignature, t); manifest != nil && signature != nil {
		n, _, err := open(signature, c.proofs.Keys)
		switch {
		case err != nil:
			t.fail("%s, the manifest's signature: %v.", fileSignature, err)
		case n.Text != signatureText(manifest):
			t.fail("%s is not the manifest that was signed.", fileManifest)
		}
	}
	t.done("The manifest is signed with the same key.")
	return true
}

// signer is the newest of the log's keys that signed the newest checkpoint.
func (c *checking) signer() string {
	newest := ""
	for _, k := range c.proofs.Keys {
		if slices.Contains(c.signedBy, k) {
			newest = k
		}
	}
	return newest
}

// checkGrowth holds every earlier checkpoint against the newest.
func (c *checking) checkGrowth() {
	t := &topic{v: c.v}
	for i, e := range c.proofs.Earlier {
		old := c.earlier[i]
		if old.Origin == "" {
			continue // its signature failed
		}
		if old.Origin != c.newest.Origin {
			t.fail("Earlier checkpoint %d is of another log, %s.", i+1, clip(old.Origin))
		} else if err := CheckGrowth(e.Growth, old, c.newest); err != nil {
			t.fail("The log of the newest checkpoint does not begin with that of the earlier checkpoint of %d entries: %v.", old.Size, err)
			c.earlier[i] = Checkpoint{}
		}
	}
	if len(c.proofs.Earlier) > 0 {
		t.done("The log only grew: the newest checkpoint contains the earlier ones (%d), that of the interview's end among them where there is one.", len(c.proofs.Earlier))
	}
}

// checkEntries proves each entry, and that none was left out.
func (c *checking) checkEntries() {
	t := &topic{v: c.v}
	proof := map[int64][]Hash{}
	for _, p := range c.proofs.Entries {
		if _, twice := proof[p.Seq]; twice {
			t.fail("%s proves entry %d twice.", fileProofs, p.Seq)
		}
		proof[p.Seq] = p.Proof
	}
	for i, e := range c.entries {
		p, ok := proof[e.Seq]
		delete(proof, e.Seq)
		if !ok {
			t.fail("Entry %d (%s) has no proof.", e.Seq, e.Kind)
		} else if err := CheckEntry(p, e.Seq, c.newest.Size, c.newest.Root, LeafHash(c.lines[i])); err != nil {
			t.fail("Entry %d (%s): its bytes and its proof do not lead to the checkpoint's root; one of them was changed.", e.Seq, e.Kind)
		}
	}
	for _, p := range c.proofs.Entries {
		if _, left := proof[p.Seq]; left {
			t.fail("Entry %d is missing, though its proof is there.", p.Seq)
		}
	}
	t.done("All %d entries are in the log of the newest checkpoint, byte for byte.", len(c.entries))

	t = &topic{v: c.v}
	counted := false
	for i, e := range c.entries {
		if e.Kind != evidence.EntrySealed && e.Kind != evidence.EntryExport {
			continue
		}
		counted = true
		var n evidence.CountPayload
		if err := decode(e.Payload, &n); err != nil {
			t.fail("Entry %d (%s) cannot be read: %v.", e.Seq, e.Kind, err)
		} else if n.Entries != int64(i) {
			t.fail("Entry %d (%s) says that %d entries of the interview came before it; the bundle has %d.", e.Seq, e.Kind, n.Entries, i)
		}
	}
	if counted {
		t.done("No entry was left out: the log itself counts the interview's entries.")
	} else {
		t.fail("The log does not count the interview's entries, so it cannot be told whether some were left out.")
	}
}

// readEntries decodes entries.jsonl.
func (c *checking) readEntries(text []byte) {
	t := &topic{v: c.v}
	c.whole = text != nil
	if len(text) > 0 && text[len(text)-1] != '\n' {
		t.fail("%s was cut off: its last line is not whole.", fileEntries)
		c.whole = false
	}
	last := int64(0)
	for n, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		if len(text) == 0 {
			break
		}
		e, err := evidence.ParseEntry(line)
		if err != nil {
			t.fail("Line %d of %s is not an entry: %v.", n+1, fileEntries, err)
			c.whole = false
			continue
		}
		switch {
		case e.Seq <= last:
			t.fail("Entry %d stands after entry %d in %s: the order was changed.", e.Seq, last, fileEntries)
		case e.Interview != c.manifest.Interview:
			t.fail("Entry %d is of another interview, %q.", e.Seq, clip(e.Interview))
		}
		if !evidence.KnownEntry(e.Kind) && !slices.Contains(c.later, clip(string(e.Kind))) {
			c.later = append(c.later, clip(string(e.Kind)))
		}
		last = e.Seq
		c.entries, c.lines = append(c.entries, e), append(c.lines, line)
	}
	if len(c.entries) == 0 && c.whole {
		t.fail("%s holds no entry.", fileEntries)
	}
	var err error
	if c.claims, err = claimsOf(c.entries); err != nil {
		t.fail("%s: %v.", fileEntries, err)
		c.whole = false
	}
}

// checkAnchors holds the log against checkpoints that were kept elsewhere.
func (c *checking) checkAnchors() {
	for i, text := range c.opts.Anchors {
		t := &topic{v: c.v}
		name := "The outside checkpoint"
		if len(c.opts.Anchors) > 1 {
			name = fmt.Sprintf("Outside checkpoint %d", i+1)
		}
		size, err := c.anchor(text)
		if err != nil {
			t.fail("%s: %v.", name, err)
			continue
		}
		c.v.Anchored = max(c.v.Anchored, size)
		t.done("%s, of %d entries, is a part of this log.", name, size)
	}
}

func (c *checking) anchor(text []byte) (int64, error) {
	signed, err := ReadReceipt(text)
	if err != nil {
		return 0, err
	}
	old, _, err := Open(signed, append(slices.Clone(c.proofs.Keys), c.opts.Keys...))
	switch {
	case errors.Is(err, ErrNoSignature):
		return 0, errors.New("it is signed with another key: the bundle is not of the log that it came from")
	case err != nil:
		return 0, err
	case old.Origin != c.newest.Origin:
		return 0, fmt.Errorf("it is of another log, %s", clip(old.Origin))
	case old.Size > c.newest.Size:
		return 0, fmt.Errorf("it is of %d entries and so younger than the bundle, which knows %d; export the interview again and check that bundle", old.Size, c.newest.Size)
	case old == c.newest:
		return old.Size, nil
	}
	for _, e := range c.earlier {
		if e.Size == old.Size && e.Origin != "" {
			if e.Root != old.Root {
				return 0, fmt.Errorf("its %d entries are not those of this bundle's log: the log was rewritten", old.Size)
			}
			return old.Size, nil
		}
	}
	for _, a := range c.proofs.Anchors {
		if a.Size == old.Size {
			if err := CheckGrowth(a.Growth, old, c.newest); err != nil {
				return 0, fmt.Errorf("its %d entries are not those of this bundle's log: the log was rewritten", old.Size)
			}
			return old.Size, nil
		}
	}
	if old.Size == 0 || old.Size == c.newest.Size {
		return 0, fmt.Errorf("its %d entries are not those of this bundle's log", old.Size)
	}
	return 0, fmt.Errorf("the bundle has no proof for its %d entries; export the interview again with: bonafide export --anchor RECEIPT", old.Size)
}
