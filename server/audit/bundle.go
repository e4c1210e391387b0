package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"

	"bonafide/server/evidence"
)

// The files of a bundle. Recordings are below media/, stills below stills/.
const (
	fileManifest   = "manifest.json" // every other file with its size and hash
	fileSignature  = "manifest.note" // the manifest's hash, signed with the log's key
	fileEntries    = "entries.jsonl" // canonical bytes of the interview's entries, one a line
	fileParts      = "parts.json"    // deletable content of entries that still exists, with salts
	fileProofs     = "proofs.json"   // what connects the entries with the checkpoints
	fileCheckpoint = "checkpoint.txt"
	filePeople     = "people.json"  // names, as the server knew them
	fileSummary    = "summary.json" // what the entries say, put together
	fileReport     = "report.html"  // the same for people
	fileReadme     = "README.txt"
	dirMedia       = "media/"
	dirStills      = "stills/"
)

// bundleFormat and BundleVersion begin every manifest.
const (
	bundleFormat  = "bonafide-bundle"
	BundleVersion = 1
)

// Manifest lists what a bundle holds, and what it does not hold any more.
type Manifest struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	Interview string `json:"interview"`
	CreatedMS int64  `json:"created_ms"` // Unix ms by the server's clock
	Program   string `json:"program"`    // version of the program that wrote it
	Report    string `json:"report"`     // ReportID of that program
	Files     []File `json:"files"`      // all but the manifest and its signature, by path
	Gone      []Gone `json:"gone"`       // what the log speaks of and was not kept
}

// File is one file of a bundle.
type File struct {
	Path   string `json:"path"` // with slashes, below the bundle's root
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Gone is something that the log commits to and that did not exist any more
// when the bundle was written.
type Gone struct {
	What string `json:"what"`           // "media", "still", "part"
	Path string `json:"path,omitempty"` // where it would be in the bundle
	Seq  int64  `json:"seq"`            // entry that commits to it
}

// Part is the deletable content of an entry.
type Part struct {
	Seq     int64  `json:"seq"`
	Salt    []byte `json:"salt"`    // base64
	Content []byte `json:"content"` // base64 of the JSON that was hashed
}

// Proofs connect the entries of a bundle with checkpoints.
type Proofs struct {
	Keys    []string       `json:"keys"`    // verifiers of the log's keys, oldest first
	Earlier []Earlier      `json:"earlier"` // checkpoints before the newest, oldest first
	Entries []EntryProof   `json:"entries"` // in the order of entries.jsonl
	Anchors []AnchorGrowth `json:"anchors"` // for checkpoints kept elsewhere that are not among these
	// Vouchers are the words of outsiders about Earlier checkpoints or the newest.
	Vouchers []Voucher `json:"vouchers,omitempty"`
}

// Earlier is a checkpoint before the newest, with the proof that the log only
// grew since.
type Earlier struct {
	Reason string `json:"reason"`
	WallMS int64  `json:"wall_ms"`
	Note   string `json:"note"`
	Growth []Hash `json:"growth"`
}

// EntryProof is the inclusion proof of an entry in the newest checkpoint.
type EntryProof struct {
	Seq   int64  `json:"seq"`
	Proof []Hash `json:"proof"`
}

// AnchorGrowth proves growth from a size for which an outside checkpoint exists.
type AnchorGrowth struct {
	Size   int64  `json:"size"`
	Growth []Hash `json:"growth"`
}

// Person is somebody who appears in the entries.
type Person struct {
	Name string `json:"name"`
	Role string `json:"role,omitempty"` // in the interview: candidate, interviewer, observer
}

// signatureText is what is signed over a manifest.
func signatureText(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return fmt.Sprintf("%s/v%d manifest\n%s\n", bundleFormat, BundleVersion, hex.EncodeToString(sum[:]))
}

// claims is what the entries of one interview say about files: what must have
// which hash.
type claims struct {
	media  map[string]claim // by path in the bundle
	stills map[string]claim
	parts  map[int64]string // commitment by entry
	gone   tombstones
}

// claim is a file's hash and size by the log; Bytes is -1 where the log does
// not know it.
type claim struct {
	seq    int64
	file   string // below the recordings folder
	sha256 string
	bytes  int64
	part   evidence.RecordPart
}

// claimsOf collects what entries claim. A later entry about a recording (its
// repair) takes the place of an earlier one.
func claimsOf(entries []evidence.Entry) (claims, error) {
	c := claims{media: map[string]claim{}, stills: map[string]claim{}, parts: map[int64]string{}}
	var err error
	if c.gone, err = tombstonesOf(entries); err != nil {
		return c, err
	}
	for _, e := range entries {
		if e.PartSHA256 != "" {
			c.parts[e.Seq] = e.PartSHA256
		}
		switch e.Kind {
		case evidence.EntryRecordingSegment:
			var s evidence.Segment
			if err := json.Unmarshal(e.Payload, &s); err != nil {
				return c, fmt.Errorf("entry %d (%s): %w", e.Seq, e.Kind, err)
			}
			c.media[dirMedia+path.Base(s.File)] = claim{e.Seq, s.File, s.SHA256, s.Bytes, evidence.PartRecording}
		case evidence.EntryFinding, evidence.EntryStepChecked, evidence.EntryEnrolled, evidence.EntryCompared, evidence.EntryPictureKept:
			part, sums, err := evidence.StillsOf(e)
			if err != nil {
				return c, fmt.Errorf("entry %d (%s): %w", e.Seq, e.Kind, err)
			}
			for _, sum := range sums {
				if _, known := c.stills[dirStills+sum+".jpg"]; !known {
					c.stills[dirStills+sum+".jpg"] = claim{e.Seq, path.Join(e.Interview, "stills", sum+".jpg"), sum, -1, part}
				}
			}
		}
	}
	return c, nil
}

// files are the claims of both kinds, by path.
func (c claims) files() []string {
	var all []string
	for p := range c.media {
		all = append(all, p)
	}
	for p := range c.stills {
		all = append(all, p)
	}
	sort.Strings(all)
	return all
}

func (c claims) of(p string) (claim, bool) {
	if f, ok := c.media[p]; ok {
		return f, true
	}
	f, ok := c.stills[p]
	return f, ok
}

// plainPath reports whether a name in an archive stays below its root.
func plainPath(name string) bool { return fs.ValidPath(name) && name != "." }
