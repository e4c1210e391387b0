package analysis

import (
	"fmt"
	"log/slog"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/document"
	"bonafide/vision/identity"
	"bonafide/vision/mrz"
)

// DocumentConfig sets the check of a document that is held up to the camera.
// The zero value of a field takes its default.
type DocumentConfig struct {
	// Wanted is the number of sharp pictures of the document, default 5.
	Wanted int
	// MinPortrait is the height in pixels from which the face on it is compared,
	// default document.MinPortrait.
	MinPortrait float64
	// MinSharpness is the portrait's, as in vision.Face, default 6. MaxGlare is
	// the share of the document that may be saturated with light, default 0.05.
	MinSharpness, MaxGlare float64
	// MaxTurn is the degrees by which a document may be turned away, as far as
	// its portrait shows, default 25.
	MaxTurn float64
	// MaxSpeed is how far it may move in a second, in heights of its portrait,
	// default 1.5.
	MaxSpeed float64
	// Gate says which live faces are good enough to be compared with it.
	Gate identity.Gate
	// Finder says how its face is told from others in the room.
	Finder document.FinderConfig
	// Now is the wall clock, which tells whether a document has expired.
	Now func() time.Time
	// Log is told why zones are not read, if that is so; default slog.Default.
	Log *slog.Logger
}

// Timing of the check.
const (
	searchEvery = 500 * time.Millisecond // of the whole picture, for a document
	nearEvery   = 200 * time.Millisecond // around the portrait that is followed
	readEvery   = time.Second            // attempts to read the zone, at most
	keepEvery   = 300 * time.Millisecond // between pictures that are kept
	showAfter   = 3 * time.Second        // until a document is asked for again
	edgesEvery  = 400 * time.Millisecond // between searches for the document's edges
	sureEdges   = 2 * time.Second        // the same, once pictures agree on them
	// zoneTries on a document whose portrait is clear are enough to tell that
	// this side has no zone that can be read.
	zoneTries = 5
	// zoneVotes readings that agree, with all check digits right, end the reading,
	// if the name was read as the expected one and the number is sure, or zoneTries
	// did not do that. A name that is another one is told where as many readings
	// agree on it.
	zoneVotes = 2
)

// ShowID describes the check of the card that asks for an identity document.
func ShowID(c DocumentConfig) StepDescriptor {
	if c.Wanted == 0 {
		c.Wanted = 5
	}
	c.MinPortrait, c.MinSharpness = or(c.MinPortrait, document.MinPortrait), or(c.MinSharpness, 6)
	c.MaxGlare, c.MaxTurn, c.MaxSpeed = or(c.MaxGlare, 0.05), or(c.MaxTurn, 25), or(c.MaxSpeed, 1.5)
	c.Gate = c.Gate.Defaults()
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return StepDescriptor{
		Card: evidence.CardShowID, Consent: evidence.ConsentFace,
		New: func(o evidence.StepOrder) StepCheck { return newShowID(c, o) },
	}
}

// showID checks one side of a document. What the document says and the faces'
// embeddings are in memory only, until the result is given out.
type showID struct {
	cfg   DocumentConfig
	order evidence.StepOrder

	finder *document.Finder
	reader *document.Reader // nil where zones cannot be read
	noRead bool             // the reading failed, or was never possible
	vote   *mrz.Vote

	firstRoom, lastRoom time.Duration // faces of the room in view, without a gap

	next     time.Duration // when a search is due
	whole    time.Duration // when one of the whole picture is
	nextRead time.Duration
	lastKept time.Duration
	offered  *vision.Frame // the picture that is being read
	tries    int           // readings of pictures in which the portrait was clear
	clear    bool          // it was in the picture that is being read

	taken, searched, found int // readings, searches, and those with a document
	most                   int // faces beside the live one
	reasons                map[evidence.Reason]int
	faults                 map[evidence.Reason]int // of documents that were seen but not kept
	hint                   string

	kept     []keptView
	best     *stillView // the best picture of a document
	flat     *stillView // the best one in which its edges were found
	edges    document.OutlineVote
	nextEdge time.Duration
	zoneView *stillView // a picture whose zone was read
	any      *stillView // any picture, where no document is found
	enrolled identity.Vector
	noLive   evidence.Reason // why the newest live face could not be compared
}

// keptView is what is kept of one sharp picture.
type keptView struct {
	portrait, live identity.Vector // nil where they were not computed
	px             float64         // height of the portrait's face
	sharpness      float64
	glare          float64
	quality        float64
}

// stillView is a picture with what was found in it.
type stillView struct {
	frame          *vision.Frame
	portrait, live vision.Rect // empty without
	outline        document.Outline
	whole          document.Outline // as much as a document takes, whatever its edges
	score          float64
}

func newShowID(c DocumentConfig, o evidence.StepOrder) *showID {
	d := &showID{
		cfg: c, order: o, finder: document.NewFinder(c.Finder), vote: mrz.NewVote(c.Now(), o.Document.Name), hint: "show",
		reasons: map[evidence.Reason]int{}, faults: map[evidence.Reason]int{},
	}
	rec, err := document.NewRecogniser()
	if err != nil {
		c.Log.Warn("machine-readable zones are not measurable: not_available", "err", err)
		d.noRead = true
		return d
	}
	d.reader = document.NewReader(rec)
	return d
}

// Take looks for the document and keeps what is sharp.
func (d *showID) Take(in FaceReading) error {
	at := time.Duration(in.AtMS) * time.Millisecond
	d.collect()
	d.taken++
	if in.Reason != "" || in.Picture == nil {
		d.reasons[in.Reason]++
		if in.Reason == evidence.ReasonDark {
			d.hint = "more_light"
		}
		return nil
	}
	if at < d.next {
		return nil
	}
	others, everywhere, err := d.search(in, at)
	if err != nil {
		return fmt.Errorf("looking for a document: %w", err)
	}
	d.searched++
	d.most = max(d.most, len(others))
	live, portrait := d.finder.Look(at, in.Main, others, everywhere)
	d.next = at + nearEvery
	if portrait == nil {
		return d.without(in, at, live)
	}
	if !d.finder.Sure() {
		return nil
	}
	d.found++
	return d.with(in, at, live, portrait)
}

// RoomEmpty tells it that nobody but the main face was in view until shortly
// before the step.
func (d *showID) RoomEmpty() { d.finder.RoomEmpty() }

// search looks around the portrait that is followed, and now and then, or where
// there is none, everywhere.
func (d *showID) search(in FaceReading, at time.Duration) (others []vision.Face, everywhere bool, err error) {
	near := d.finder.Near()
	if in.Small == nil {
		if len(in.Faces) > 0 {
			return in.Faces[1:], true, nil
		}
		return nil, false, nil
	}
	if near.Area() > 0 {
		found, err := in.Small(near)
		if err != nil || len(found) > 0 {
			return found, false, err
		}
	}
	if at < d.whole {
		return nil, false, nil
	}
	d.whole = at + searchEvery
	others, err = in.Small(vision.Rect{})
	return others, true, err
}

// without takes a picture in which no portrait was found: it may show the side
// of a document that has none.
func (d *showID) without(in FaceReading, at time.Duration, live *vision.Face) error {
	if d.found == 0 || at-d.lastKept > 2*time.Second {
		d.hint = "show"
		switch {
		case d.order.Document.Side == "back":
			d.hint = "turn_over"
		case d.inRoom(at):
			d.hint = "show_again"
		}
	}
	if d.any == nil || d.taken%20 == 0 {
		d.any = &stillView{frame: in.Picture.Clone(), live: boxOf(live)}
	}
	d.offer(in.Picture, at, false, document.Outline{})
	return nil
}

// inRoom tells that for showAfter there has been a face of the room in view, and
// no document: it may be one that was held up too early to be told from the room.
func (d *showID) inRoom(at time.Duration) bool {
	if d.finder.InRoom() {
		if d.lastRoom = at; d.firstRoom == 0 {
			d.firstRoom = at
		}
	}
	if at-d.lastRoom > 2*searchEvery {
		d.firstRoom = 0
	}
	return d.firstRoom > 0 && at-d.firstRoom >= showAfter
}

// Hint is what would help now.
func (d *showID) Hint() evidence.StepHint {
	h := evidence.StepHint{Step: d.order.Step, Hint: d.hint, Kept: len(d.kept), Wanted: d.cfg.Wanted}
	if d.zoneOnly() {
		h.Kept, h.Wanted = min(d.vote.Readings(), zoneVotes), zoneVotes
	}
	if d.Complete() {
		h.Hint = "done"
	}
	return h
}

// zoneOnly tells that a side without a portrait is asked for.
func (d *showID) zoneOnly() bool { return d.order.Document.Side == "back" && d.found == 0 }

// Complete tells that there are enough sharp pictures, and that the zone was
// read or tried often enough.
func (d *showID) Complete() bool {
	if d.zoneDone() && (d.zoneOnly() || len(d.kept) >= d.cfg.Wanted) {
		return true
	}
	over := d.noRead || d.tries >= zoneTries
	return len(d.kept) >= d.cfg.Wanted && over && d.order.Document.Side != "back"
}

// Close ends the reader and forgets everything.
func (d *showID) Close() error {
	var err error
	if d.reader != nil {
		err = d.reader.Close()
	}
	d.kept, d.best, d.flat, d.zoneView, d.any, d.enrolled, d.offered = nil, nil, nil, nil, nil, nil, nil
	d.vote = mrz.NewVote(d.cfg.Now(), "")
	return err
}

func boxOf(f *vision.Face) vision.Rect {
	if f == nil {
		return vision.Rect{}
	}
	return f.Box
}
