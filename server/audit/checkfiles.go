package audit

import (
	"bytes"
	"strings"

	"bonafide/server/evidence"
)

// checkMedia holds recordings and stills against the hashes in the log.
func (c *checking) checkMedia() {
	if c.entries == nil {
		return
	}
	t := &topic{v: c.v}
	here, gone := 0, 0
	for _, p := range c.claims.files() {
		claim, _ := c.claims.of(p)
		noun := "recording"
		if strings.HasPrefix(p, dirStills) {
			noun = "still"
		}
		got, ok := c.a.sums[p]
		deletion, deleted := c.claims.gone.over(claim.part, claim.seq)
		switch {
		case !ok && deleted:
			gone++
			c.v.say(Lacks, "%s, the %s of entry %d, %s. Its hash stays in the log.", p, noun, claim.seq, deletion.why())
		case !ok:
			t.fail("%s, the %s of entry %d, is missing, and no entry says that it was deleted.", p, noun, claim.seq)
		case got.Bytes < 0: // damaged; said already
			t.fail("%s cannot be compared with entry %d.", p, claim.seq)
		case got.SHA256 != claim.sha256 || claim.bytes >= 0 && got.Bytes != claim.bytes:
			t.fail("%s is not the %s that entry %d recorded: it was changed or swapped.", p, noun, claim.seq)
		default:
			here++
		}
	}
	unread := 0
	for _, p := range append(c.a.below(dirMedia), c.a.below(dirStills)...) {
		if _, ok := c.claims.of(p); ok {
			continue
		}
		if len(c.later) > 0 {
			unread++
			continue
		}
		t.fail("%s: no entry speaks of this file.", clip(p))
	}
	if unread > 0 {
		c.v.say(Unclear, "%d recordings or stills are spoken of by no entry that this program can read. The log has entries of kinds that a newer version "+
			"writes (%s): check the bundle with the program of that version. The files are those that the manifest was signed for.", unread, strings.Join(c.later, ", "))
	}
	if here+gone > 0 {
		t.done("%d recordings and stills are byte for byte those that the log recorded.", here)
	} else {
		t.done("The log speaks of no recording and no still, and there are none.")
	}
}

// checkParts holds what was typed or named against the commitments in the log.
func (c *checking) checkParts(parts []Part) {
	if c.entries == nil {
		return
	}
	t := &topic{v: c.v}
	for _, p := range parts {
		want, ok := c.claims.parts[p.Seq]
		switch {
		case !ok:
			t.fail("%s has a part of entry %d, which commits to none.", fileParts, p.Seq)
		case c.parts[p.Seq] != nil:
			t.fail("%s has two parts of entry %d.", fileParts, p.Seq)
		case evidence.PartCommitment(p.Salt, p.Content) != want:
			t.fail("The part of entry %d (what was typed or named) is not what the entry commits to.", p.Seq)
		}
		c.parts[p.Seq] = p.Content
	}
	gone := map[int64]int{} // by tombstone
	templates, unread := 0, 0
	for _, e := range c.entries {
		if e.PartSHA256 == "" || c.parts[e.Seq] != nil {
			continue
		}
		if evidence.PartOf(e.Kind) == evidence.PartTemplates {
			templates++
			continue
		}
		if deletion, ok := c.claims.gone.over(evidence.PartOf(e.Kind), e.Seq); ok {
			gone[deletion.entry.Seq]++
		} else if !evidence.KnownEntry(e.Kind) {
			unread++
		} else {
			t.fail("The part of entry %d (%s) is missing, and no entry says that it was deleted.", e.Seq, e.Kind)
		}
	}
	for _, e := range c.entries {
		if n := gone[e.Seq]; n > 0 {
			deletion := c.claims.gone[deletedPart(e)]
			noun := "entries"
			if n == 1 {
				noun = "entry"
			}
			c.v.say(Lacks, "What was typed, named or read beside %d %s %s. The entries stand.", n, noun, deletion.why())
		}
	}
	if unread > 0 {
		c.v.say(Unclear, "What was typed, named or read beside %d entries is not here, and whether it may be missing only a newer version of this program knows (%s).",
			unread, strings.Join(c.later, ", "))
	}
	if templates > 0 {
		noun := "face templates"
		if templates == 1 {
			noun = "face template"
		}
		c.v.say(Notes, "The numbers of %d %s are never part of a bundle. The entries commit to them.", templates, noun)
	}
	t.done("%d texts and names are those that the entries commit to.", len(parts))
}

// checkReport makes the summary and the report again from the entries.
func (c *checking) checkReport() {
	t := &topic{v: c.v}
	if !c.whole || c.entries == nil {
		return
	}
	if c.manifest.Report != ReportID() {
		c.v.say(Notes, "%s and %s were written by another version of the program (%s); they are as they were signed, but were not compared with the entries.",
			fileReport, fileSummary, clip(c.manifest.Program))
		return
	}
	for i := range c.entries {
		c.entries[i].Part = c.parts[c.entries[i].Seq]
	}
	s, err := Summarize(c.manifest.Interview, c.entries, c.people, c.manifest.Gone)
	if err != nil {
		t.fail("The entries cannot be put together: %v.", err)
		return
	}
	summary, err := encode(s)
	if err != nil {
		t.fail("The entries cannot be put together: %v.", err)
		return
	}
	report, err := s.Report()
	if err != nil {
		t.fail("The entries cannot be put together: %v.", err)
		return
	}
	for name, want := range map[string][]byte{fileSummary: summary, fileReport: report} {
		if got := c.a.text(name, t); got != nil && !bytes.Equal(got, want) {
			t.fail("%s does not say what the entries say.", name)
		}
	}
	t.done("The report says what the entries say. People's names beside them are as the server knew them when the bundle was written.")
}
