package analysis

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/identity"
	"bonafide/vision/liveness"
)

// engine is the models of one process, which all its sources share in turn.
type engine struct {
	stage    *face.Stage
	embedder *identity.Embedder // nil where no detector compares faces
	scorer   *liveness.Scorer   // nil where no detector scores them
	set      *models.Set
	wide     map[string]evidence.ModelRef // those of detectors of wider scope, by name
}

// newEngine loads what the detectors need, at the pipeline's rates.
func newEngine(set *models.Set, cfg Config) (_ *engine, err error) {
	cfg = cfg.defaults()
	e := &engine{set: set, wide: map[string]evidence.ModelRef{}}
	for _, d := range cfg.Detectors {
		for _, name := range d.Models {
			info, err := set.Info(name)
			if err != nil {
				return nil, fmt.Errorf("detector %q: %w", d.Name, err)
			}
			e.wide[name] = evidence.ModelRef{Name: info.Name, SHA256: info.SHA256}
		}
	}
	e.stage, err = face.NewStage(set, face.Config{
		DetectEvery: cfg.DetectEvery, LandmarksEvery: cfg.LandmarksEvery, MinLight: cfg.MinLight,
	})
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(cfg.Detectors, func(d Descriptor) bool { return d.Embeds }) {
		if e.embedder, err = identity.NewEmbedder(set); err != nil {
			return nil, errors.Join(err, e.stage.Close())
		}
	}
	if slices.ContainsFunc(cfg.Detectors, func(d Descriptor) bool { return d.Scores }) {
		if e.scorer, err = liveness.NewScorer(set); err != nil {
			return nil, errors.Join(err, e.close())
		}
	}
	return e, nil
}

func (e *engine) close() error {
	err := e.stage.Close()
	if e.embedder != nil {
		err = errors.Join(err, e.embedder.Close())
	}
	if e.scorer != nil {
		err = errors.Join(err, e.scorer.Close())
	}
	return err
}

// all names every model that the detectors use.
func (e *engine) all() []evidence.ModelRef {
	out := e.models()
	for _, name := range slices.Sorted(maps.Keys(e.wide)) {
		out = append(out, e.wide[name])
	}
	return out
}

// modelsOf are those that a detector's findings rest on.
func (e *engine) modelsOf(d Descriptor) []evidence.ModelRef {
	out := modelsOf(d, e.models())
	for _, name := range d.Models {
		out = append(out, e.wide[name])
	}
	return out
}

// models names what is loaded for faces, the way findings do.
func (e *engine) models() []evidence.ModelRef {
	infos := e.stage.Models()
	if e.embedder != nil {
		infos = append(infos, e.embedder.Info())
	}
	if e.scorer != nil {
		infos = append(infos, e.scorer.Info())
	}
	out := make([]evidence.ModelRef, 0, len(infos))
	for _, m := range infos {
		out = append(out, evidence.ModelRef{Name: m.Name, SHA256: m.SHA256})
	}
	return out
}

// modelsOf are those of the models of faces that a detector's findings rest on.
func modelsOf(d Descriptor, all []evidence.ModelRef) []evidence.ModelRef {
	if d.Faces == nil && !d.Sees {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(m evidence.ModelRef) bool {
		return (m.Name == models.FaceEmbed && !d.Embeds) || (m.Name == models.FaceLiveness && !d.Scores)
	})
}

// tracker follows the faces of one source.
func (e *engine) tracker() Tracker {
	t := face.NewTracker(e.stage)
	switch {
	case e.embedder != nil && e.scorer != nil:
		return judging{comparing{t, e.embedder}, scoring{e.scorer}}
	case e.embedder != nil:
		return comparing{t, e.embedder}
	case e.scorer != nil:
		return struct {
			*face.Tracker
			scoring
		}{t, scoring{e.scorer}}
	}
	return t
}

// judging is a tracker that can compare faces and score them.
type judging struct {
	comparing
	scoring
}

// scoring is a scorer without its other methods.
type scoring struct{ scorer *liveness.Scorer }

// Score is liveness.Scorer.Score.
func (s scoring) Score(f *vision.Frame, face *vision.Face) (float64, error) {
	return s.scorer.Score(f, face)
}

// comparing is a tracker that can compare faces too.
type comparing struct {
	*face.Tracker
	*identity.Embedder
}
