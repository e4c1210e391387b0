package analysis

import (
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/document"
	"bonafide/vision/identity"
	"bonafide/vision/mrz"
	"bonafide/vision/opencv"
)

// Result tells what was measured on the document, and pictures of it: the whole
// picture, the document, its portrait.
func (d *showID) Result(_, _ time.Duration) (evidence.StepResult, []StepPicture) {
	d.collect()
	r := evidence.StepResult{Values: d.values()}
	doc := &evidence.DocumentResult{Side: d.order.Document.Side, Frames: len(d.kept)}
	if doc.Side == "" {
		doc.Side = "front"
	}
	r.Document = doc
	zone := d.readZone(doc)
	switch {
	case d.found > 0:
		doc.Found = "second_face"
	case zone:
		doc.Found = "zone"
		doc.Frames = d.vote.Readings()
	}
	r.Outcome, r.Reason = d.outcome(zone)
	if d.found > 0 {
		d.comparePortrait(doc)
	} else {
		doc.Unread = append(doc.Unread, evidence.Unread{What: "portrait", Reason: evidence.ReasonNotFound})
	}
	var sum float64
	for _, k := range d.kept {
		sum += k.quality
	}
	if len(d.kept) > 0 {
		r.Quality = sum / float64(len(d.kept))
	}
	return r, d.pictures(doc)
}

// outcome tells whether a document was held up: done where it could be
// measured, not seen where good pictures show none. A zone alone is enough only
// where no portrait was seen: beside one that is too small it may be misread.
func (d *showID) outcome(zone bool) (evidence.StepOutcome, evidence.Reason) {
	switch {
	case len(d.kept) > 0, zone && d.found == 0:
		return evidence.StepDone, ""
	case d.found > 0:
		return evidence.StepNotMeasurable, mostOf(d.faults)
	case d.searched == 0 || 2*(d.taken-d.blind()) < d.taken:
		return evidence.StepNotMeasurable, mostOf(d.reasons)
	}
	return evidence.StepNotSeen, ""
}

// blind counts the readings without a picture.
func (d *showID) blind() int {
	n := 0
	for _, c := range d.reasons {
		n += c
	}
	return n
}

// mostOf is the reason that was given most often.
func mostOf(counts map[evidence.Reason]int) evidence.Reason {
	best := evidence.ReasonCameraOff
	most := 0
	for r, n := range counts {
		if r != "" && (n > most || (n == most && r < best)) {
			best, most = r, n
		}
	}
	return best
}

// values are the numbers behind the result.
func (d *showID) values() []evidence.Measure {
	out := []evidence.Measure{
		{Name: "pictures searched", Value: float64(d.searched)},
		{Name: "pictures with a document", Value: float64(d.found)},
		{Name: "sharp pictures kept", Value: float64(len(d.kept)), Threshold: float64(d.cfg.Wanted), Compare: ">="},
		{Name: "faces beside the live one (max)", Value: float64(d.most)},
	}
	if len(d.kept) == 0 {
		return out
	}
	var px, sharp, glare float64
	n := float64(len(d.kept))
	for _, k := range d.kept {
		px, sharp, glare = px+k.px/n, sharp+k.sharpness/n, glare+k.glare/n
	}
	return append(out,
		evidence.Measure{Name: "portrait's height", Value: px, Unit: "px", Threshold: d.cfg.MinPortrait, Compare: ">="},
		evidence.Measure{Name: "sharpness of the portrait", Value: sharp, Threshold: d.cfg.MinSharpness, Compare: ">="},
		evidence.Measure{Name: "share saturated with light", Value: 100 * glare, Unit: "%", Threshold: 100 * d.cfg.MaxGlare, Compare: "<="},
	)
}

// comparePortrait compares the pooled pictures of the portrait with the live
// face of the same pictures, and with the enrolled one.
func (d *showID) comparePortrait(doc *evidence.DocumentResult) {
	unread := func(what string, why evidence.Reason) {
		doc.Unread = append(doc.Unread, evidence.Unread{What: what, Reason: why})
	}
	if d.best != nil {
		doc.PortraitPX = int(d.best.portrait.Height() + 0.5)
	}
	if len(d.kept) == 0 {
		unread("portrait", mostOf(d.faults))
		return
	}
	var portraits, beside, live []identity.Vector
	height := 0.0
	for _, k := range d.kept {
		height += k.px / float64(len(d.kept))
		if k.portrait == nil {
			continue
		}
		portraits = append(portraits, k.portrait)
		if k.live != nil {
			beside, live = append(beside, k.portrait), append(live, k.live)
		}
	}
	if len(portraits) == 0 {
		unread("match", evidence.ReasonNotAvailable)
		return
	}
	if len(live) > 0 {
		doc.SameFrame = matchOf(identity.Cosine(identity.Pool(beside...), identity.Pool(live...)), height, len(live))
	} else {
		unread("match with the face in the same picture", d.noLive)
	}
	if d.enrolled != nil {
		doc.WithEnrolled = matchOf(identity.Cosine(identity.Pool(portraits...), d.enrolled), height, len(portraits))
	} else {
		unread("match with the enrolled face", evidence.ReasonNoBaseline)
	}
}

// Portrait is the mean of the kept pictures of the portrait.
func (d *showID) Portrait() (identity.Vector, int) {
	var all []identity.Vector
	for _, k := range d.kept {
		if k.portrait != nil {
			all = append(all, k.portrait)
		}
	}
	if len(all) == 0 {
		return nil, 0
	}
	return identity.Pool(all...), len(all)
}

func matchOf(similarity, height float64, frames int) *evidence.Match {
	return &evidence.Match{
		Similarity: similarity, Threshold: document.MatchThreshold, Unsure: document.MatchUnsure,
		Frames: frames, Result: document.Judge(similarity, height),
	}
}

// readZone fills in what the machine-readable zone says, and tells whether
// there is one.
func (d *showID) readZone(doc *evidence.DocumentResult) bool {
	unread := func(what string, why evidence.Reason) {
		doc.Unread = append(doc.Unread, evidence.Unread{What: what, Reason: why})
	}
	zone, agree, ok := d.vote.Result()
	if !ok {
		if d.noRead {
			unread("zone", evidence.ReasonNotAvailable)
		} else {
			unread("zone", evidence.ReasonNotFound)
		}
		return false
	}
	doc.Zone, doc.Votes = string(zone.Format), agree
	doc.CheckDigits, doc.Checked = zone.Right()
	doc.Read = &evidence.DocumentPart{
		Lines: zone.Lines, Surname: zone.Name.Surname, GivenNames: zone.Name.GivenNames, Number: zone.Number,
		Issuer: zone.Issuer, Nationality: zone.Nationality, Sex: zone.Sex,
	}
	for _, c := range zone.Checks {
		if !c.OK {
			unread(c.Of+" of the zone", evidence.ReasonCheckDigit)
			continue
		}
		switch c.Of {
		case "number":
			switch d.vote.Number(zone) {
			case mrz.NumberMixed:
				unread("number of the zone", evidence.ReasonUnsteady)
			case mrz.NumberFew:
				unread("number of the zone", evidence.ReasonTooShort)
			}
		case "birth date":
			doc.Read.BirthDate = zone.Birth.String()
		case "expiry date":
			if doc.Read.ExpiryDate = zone.Expiry.String(); doc.Read.ExpiryDate != "" {
				doc.Expired = "valid"
				if zone.Expiry.Before(d.cfg.Now()) {
					doc.Expired = "expired"
				}
			}
		}
	}
	doc.Name = d.compareName(zone, unread)
	return true
}

// compareName tells how like the name in the zone is to the candidate's. That
// it is another one takes readings that agree: one that is misread is another.
func (d *showID) compareName(zone mrz.Document, unread func(string, evidence.Reason)) string {
	like, err := mrz.Compare(zone.Name, d.order.Document.Name)
	if err != nil {
		d.cfg.Log.Info("the name on the document is not compared", "step", d.order.Step, "err", err)
		unread("name", evidence.ReasonNotAvailable)
		return ""
	}
	if often, _ := d.vote.Names(); often < zoneVotes && (like == mrz.NamePartly || like == mrz.NameDifferent) {
		unread("name", evidence.ReasonUnsteady)
		return ""
	}
	return string(like)
}

// whyNoEdges is why a document is not straightened, of which the edges were found
// in so many pictures; agree tells that they were so in the same place.
func whyNoEdges(found int, agree bool) evidence.Reason {
	switch {
	case found == 0, agree: // with agree: not in the picture that is kept, which is far better
		return evidence.ReasonNotFound
	case found <= document.MinAgree:
		return evidence.ReasonTooShort
	}
	return evidence.ReasonUnsteady
}

// pictures are the stills of a result: of the best picture with a document, of
// the one whose zone was read, or of any, so that people can look for
// themselves.
func (d *showID) pictures(doc *evidence.DocumentResult) []StepPicture {
	view := d.shown()
	if view == nil {
		view = d.zoneView
	}
	if view == nil {
		view = d.any
	}
	if view == nil {
		return nil
	}
	out := []StepPicture{{Shows: "frame", Frame: view.frame}}
	doc.Rectified = view.outline.Found
	if view.portrait.Area() == 0 {
		return out
	}
	if !doc.Rectified {
		doc.Unread = append(doc.Unread, evidence.Unread{What: "edges", Reason: whyNoEdges(d.edges.Found(), d.edgesSure())})
	}
	p, err := opencv.FromFrame(view.frame)
	if err != nil {
		d.cfg.Log.Error("cutting out the document", "step", d.order.Step, "err", err)
		return out
	}
	defer p.Close()
	for _, cut := range []struct {
		shows string
		make  func() (*vision.Frame, error)
	}{
		{"document", func() (*vision.Frame, error) { return view.outline.Cut(p) }},
		{"portrait", func() (*vision.Frame, error) { return document.CutPortrait(p, view.portrait) }},
	} {
		f, err := cut.make()
		if err != nil {
			d.cfg.Log.Error("cutting out of the document", "step", d.order.Step, "shows", cut.shows, "err", err)
			continue
		}
		f.At = view.frame.At
		out = append(out, StepPicture{Shows: cut.shows, Frame: f})
	}
	return out
}
