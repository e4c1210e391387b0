package analysis

import (
	"math/rand/v2"
	"testing"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision/identity"
)

// portraitCheck is a step that compared a portrait.
type portraitCheck struct {
	StepCheck
	v identity.Vector
}

func (c portraitCheck) Portrait() (identity.Vector, int) { return c.v, 3 }

// templateRig is a pipeline that gives out templates, with those it gave.
func templateRig(t *testing.T, gate Gate) (*rig, *[]evidence.FaceTemplate) {
	t.Helper()
	out := &[]evidence.FaceTemplate{}
	c := &cast{acts: []act{{30 * sec, personA, nil, 0, false}, {60 * sec, personB, nil, 0, false}}, r: rand.New(rand.NewPCG(1, 2))}
	r := &rig{t: t, findings: map[string]evidence.Finding{}}
	sub := evidence.Subject{Interview: "i", Participant: "p", Source: "camera", Run: evidence.RunLive,
		Models: []evidence.ModelRef{{Name: "face_mesh", SHA256: "other"}, {Name: models.FaceEmbed, SHA256: "sum"}}}
	p, err := NewPipeline(Config{Detectors: []Descriptor{Identity(IdentityConfig{})}}, c, sub, gate, 0, Emit{
		Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}, Still: func(evidence.Still, []byte) {},
		Enrolled: func(evidence.EnrolledPayload) {}, Template: func(t evidence.FaceTemplate) { *out = append(*out, t) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Pipeline = p
	return r, out
}

// TestTemplatesNeedTheirConsent holds when a face's template leaves the
// analysis: at the end, with the consent that stands then.
func TestTemplatesNeedTheirConsent(t *testing.T) {
	keep := Gate{KeepTemplates: true}
	portrait := make(identity.Vector, identity.Size)
	portrait[personC] = 1
	for _, c := range []struct {
		name   string
		begin  Gate
		during func(r *rig) // at 20 s
		retake bool         // at 30 s, when somebody else sits there
		want   []evidence.TemplateFrom
		who    who
	}{
		{"agreed", keep, nil, false, []evidence.TemplateFrom{evidence.FromEnrolled, evidence.FromDocument}, personA},
		{"not agreed", Gate{}, nil, false, nil, 0},
		{"withdrawn", keep, func(r *rig) { r.must(r.SetGate(Gate{}, 20*sec)) }, false, nil, 0},
		{"face measurements withdrawn", keep, func(r *rig) {
			r.must(r.SetGate(Gate{KeepTemplates: true, Refused: []evidence.Consent{evidence.ConsentFace}}, 20*sec))
		}, false, nil, 0},
		{"agreed later, without the portrait of before", Gate{}, func(r *rig) { r.must(r.SetGate(keep, 20*sec)) }, false, []evidence.TemplateFrom{evidence.FromEnrolled}, personA},
		{"retaken", keep, nil, true, []evidence.TemplateFrom{evidence.FromEnrolled, evidence.FromDocument}, personB},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, out := templateRig(t, c.begin)
			r.frames(0, 10*sec, step)
			r.keepPortrait(portraitCheck{v: portrait}, evidence.StepResult{Stills: []evidence.StepStill{{Still: evidence.Still{SHA256: "pic"}, Shows: "portrait"}}})
			r.frames(10*sec, 20*sec, step)
			if c.during != nil {
				c.during(r)
			}
			r.frames(20*sec, 30*sec, step)
			if c.retake {
				r.Retake()
			}
			r.frames(30*sec, 45*sec, step)
			if len(*out) != 0 {
				t.Fatal("a template was given out before the end")
			}
			r.must(r.Finish(45 * sec))
			if len(*out) != len(c.want) {
				t.Fatalf("%d templates, want %v", len(*out), c.want)
			}
			for i, got := range *out {
				if got.From != c.want[i] || got.Interview != "i" || got.Participant != "p" || got.Model != "sum" || got.Frames < 3 || got.Still == "" {
					t.Errorf("template %+v", got.FaceTemplatePayload)
				}
				if got.From == evidence.FromEnrolled && got.Vector[c.who] < 0.7 {
					t.Errorf("the template is not of person %d: %.2f", c.who, got.Vector[c.who])
				}
			}
		})
	}
}

// TestTemplateWithoutPictures: where no picture may be kept the template names none.
func TestTemplateWithoutPictures(t *testing.T) {
	r, out := templateRig(t, Gate{KeepTemplates: true, NoStills: true})
	r.frames(0, 20*sec, step)
	r.must(r.Finish(20 * sec))
	if len(*out) != 1 || (*out)[0].Still != "" {
		t.Errorf("templates %+v, want one without a picture", *out)
	}
}
