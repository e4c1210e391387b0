package analysis

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/document"
	"bonafide/vision/identity"
	"bonafide/vision/mrz"
	"bonafide/vision/opencv"
)

// with takes a picture that shows a document's portrait.
func (d *showID) with(in FaceReading, at time.Duration, live, portrait *vision.Face) (err error) {
	p, err := opencv.FromFrame(in.Picture)
	if err != nil {
		return fmt.Errorf("measuring a document: %w", err)
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	view := &stillView{portrait: portrait.Box, live: boxOf(live)}
	view.whole = document.AroundPortrait(p, portrait.Box, view.live)
	if view.outline, err = d.outline(p, at, portrait, view.live); err != nil {
		return fmt.Errorf("measuring a document: %w", err)
	}
	_, glare, err := p.Surface(view.outline.Around)
	if err != nil {
		return fmt.Errorf("measuring a document: %w", err)
	}
	_, onFace, err := p.Surface(portrait.Box)
	if err != nil {
		return fmt.Errorf("measuring a document: %w", err)
	}
	glare = max(glare, onFace)
	fault, hint := d.judge(portrait, glare)
	d.hint = hint
	view.score = portrait.Box.Height() * math.Sqrt(portrait.Sharpness) * (1 - min(glare, 0.9))
	if fault != "" {
		d.faults[fault]++
		view.score /= 1000 // better than nothing
	}
	best, flat := d.best == nil || view.score > d.best.score, d.flatter(view)
	if best || flat {
		view.frame = in.Picture.Clone()
	}
	if best {
		d.best = view
	}
	if flat {
		d.flat = view
	}
	d.offer(in.Picture, at, fault == "", view.outline)
	if fault != "" || at-d.lastKept < keepEvery || len(d.kept) >= d.cfg.Wanted {
		return nil
	}
	d.lastKept = at
	return d.keep(in, live, portrait, glare)
}

// flatter tells that the edges were found in a view, and that it is to be kept
// rather than the one before: one that others agree with goes first.
func (d *showID) flatter(view *stillView) bool {
	if !view.outline.Found || d.flat == nil {
		return view.outline.Found
	}
	now, before := d.edges.Agrees(view.outline), d.edges.Agrees(d.flat.outline)
	if now != before {
		return now
	}
	return view.score > d.flat.score
}

// edgesSure tells that the edges were found where other pictures show them too.
func (d *showID) edgesSure() bool { return d.flat != nil && d.edges.Agrees(d.flat.outline) }

// outline looks for the document's edges, if it is time.
func (d *showID) outline(p *opencv.Picture, at time.Duration, portrait *vision.Face, live vision.Rect) (document.Outline, error) {
	if at < d.nextEdge && !(d.readDue(at) && !d.reader.Busy()) { // a zone is read best where the edges are known
		return document.AroundPortrait(p, portrait.Box, live), nil
	}
	d.nextEdge = at + edgesEvery
	if d.edgesSure() {
		d.nextEdge = at + sureEdges
	}
	o, err := document.OutlineOf(p, portrait, live)
	d.edges.Add(portrait, o)
	return o, err
}

// shown is the picture that is kept: the best one in which the edges were
// found where other pictures show them too, or else the best one, as it is.
func (d *showID) shown() *stillView {
	if d.edgesSure() && d.flat.score > d.best.score/2 {
		return d.flat
	}
	if d.best == nil {
		return nil
	}
	v := *d.best
	v.outline = v.whole
	return &v
}

// judge names what is wrong with a view of a document, and what would help.
func (d *showID) judge(portrait *vision.Face, glare float64) (evidence.Reason, string) {
	switch turn := max(math.Abs(portrait.Pose.Yaw), math.Abs(portrait.Pose.Pitch)); {
	case portrait.Box.Height() < d.cfg.MinPortrait:
		return evidence.ReasonSmall, "closer"
	case glare > d.cfg.MaxGlare:
		return evidence.ReasonGlare, "less_glare"
	case d.finder.Speed() > d.cfg.MaxSpeed:
		return evidence.ReasonBlur, "hold_still"
	case portrait.Brightness < d.cfg.Gate.MinBrightness:
		return evidence.ReasonDark, "more_light"
	case turn > d.cfg.MaxTurn:
		return evidence.ReasonTurned, "flatter"
	case portrait.Sharpness < d.cfg.MinSharpness:
		return evidence.ReasonBlur, "hold_still"
	case d.finder.Hidden():
		return "", "beside_face"
	}
	return "", "good"
}

// keep computes what is compared of a sharp picture.
func (d *showID) keep(in FaceReading, live, portrait *vision.Face, glare float64) error {
	k := keptView{px: portrait.Box.Height(), sharpness: portrait.Sharpness, glare: glare, quality: portrait.Quality.Score}
	if in.EmbedFace != nil {
		e, err := in.EmbedFace(portrait, identity.Whole)
		if err != nil {
			return fmt.Errorf("comparing the portrait: %w", err)
		}
		k.portrait = e.Vector
		switch {
		case live == nil:
			d.noLive = evidence.ReasonNoFace
		default:
			if why := d.cfg.Gate.Check(live); why != "" {
				d.noLive = reasonOf(why)
				break
			}
			e, err := in.EmbedFace(live, identity.Whole)
			if err != nil {
				return fmt.Errorf("comparing the live face: %w", err)
			}
			k.live = e.Vector
		}
	}
	if in.Enrolled != nil {
		if t, ok := in.Enrolled(); ok {
			d.enrolled = t.Vector
		}
	}
	d.kept = append(d.kept, k)
	return nil
}

// readDue tells that another picture is wanted for its zone.
func (d *showID) readDue(at time.Duration) bool {
	return d.reader != nil && !d.noRead && at >= d.nextRead && !d.zoneDone()
}

// offer hands a picture to the reader, if it is time. clear tells that the
// document was well to be seen in it.
func (d *showID) offer(f *vision.Frame, at time.Duration, clear bool, o document.Outline) {
	if d.readDue(at) && d.reader.Offer(f, o) {
		d.nextRead, d.clear = at+readEvery, clear
		d.offered = f.Clone()
	}
}

// collect takes what was read meanwhile.
func (d *showID) collect() {
	if d.reader == nil {
		return
	}
	readings, err := d.reader.Take()
	if err != nil && !d.noRead {
		d.noRead = true
		d.cfg.Log.Error("machine-readable zones are not measurable: reading failed", "err", err)
	}
	for _, r := range readings {
		read := d.vote.Add(strings.Join(r.Texts, "\n")) // one vote for every picture
		if d.clear || read {
			d.tries++
		}
		if read && d.offered != nil && d.offered.At == r.At {
			d.zoneView = &stillView{frame: d.offered}
		}
	}
}

// zoneDone tells that a zone was read well enough.
func (d *showID) zoneDone() bool {
	doc, agree, ok := d.vote.Result()
	right, of := doc.Right()
	_, like := d.vote.Names()
	settled := like == mrz.NameSame && d.vote.Number(doc) == mrz.NumberSure
	return ok && agree >= zoneVotes && right == of && (settled || d.tries >= zoneTries)
}
