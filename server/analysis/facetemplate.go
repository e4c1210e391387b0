package analysis

import (
	"slices"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/vision/identity"
)

// portraitSource is a step's check that has compared the portrait of a document.
type portraitSource interface {
	// Portrait is the mean of the portrait's embeddings and of how many pictures
	// it is made; nil without.
	Portrait() (v identity.Vector, frames int)
}

// templates is what a pipeline may give out at its end of the faces that it
// compared. Until then it is in memory only, so that a withdrawn consent or a
// retake leaves nothing behind.
type templates struct {
	still    string // of whom the template of the detector shows
	portrait *evidence.FaceTemplate
}

// keepPortrait keeps the portrait that a step compared until the end.
func (p *Pipeline) keepPortrait(check StepCheck, r evidence.StepResult) {
	source, ok := check.(portraitSource)
	if !ok || !p.gate.KeepTemplates {
		return
	}
	v, frames := source.Portrait()
	if v == nil {
		return
	}
	t := p.templateOf(evidence.FromDocument, v, frames)
	for _, still := range r.Stills {
		if still.Shows == "portrait" {
			t.Still = still.SHA256
		}
	}
	p.templates.portrait = t
}

// forgetTemplates drops what is kept until the end where that is no longer
// agreed to.
func (p *Pipeline) forgetTemplates() {
	if !p.gate.KeepTemplates || p.gate.refuses(evidence.ConsentFace) {
		p.templates.portrait = nil
	}
}

// giveTemplates gives out the faces' templates, if the candidate agreed to that.
func (p *Pipeline) giveTemplates() {
	if p.emit.Template == nil || !p.gate.KeepTemplates || p.gate.refuses(evidence.ConsentFace) || p.sub.Source != string(media.SourceCamera) {
		return
	}
	for _, d := range p.faces {
		e, ok := d.(enroller)
		if !ok {
			continue
		}
		if t, ok := e.Template(); ok {
			out := p.templateOf(evidence.FromEnrolled, t.Vector, t.Frames)
			out.Still = p.templates.still
			p.emit.Template(*out)
		}
	}
	if t := p.templates.portrait; t != nil {
		p.emit.Template(*t)
	}
}

func (p *Pipeline) templateOf(from evidence.TemplateFrom, v identity.Vector, frames int) *evidence.FaceTemplate {
	t := &evidence.FaceTemplate{Vector: slices.Clone(v)}
	t.Interview, t.Participant, t.From, t.Frames = p.sub.Interview, p.sub.Participant, from, frames
	for _, m := range p.sub.Models {
		if m.Name == models.FaceEmbed {
			t.Model = m.SHA256
		}
	}
	return t
}
