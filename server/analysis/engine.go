package analysis

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision/face"
	"bonafide/vision/identity"
)

// engine is the models of one process, which all its sources share in turn.
type engine struct {
	stage    *face.Stage
	embedder *identity.Embedder // nil where no detector compares faces
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
	return e, nil
}

func (e *engine) close() error {
	err := e.stage.Close()
	if e.embedder != nil {
		err = errors.Join(err, e.embedder.Close())
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
		return m.Name == models.FaceEmbed && !d.Embeds
	})
}

// tracker follows the faces of one source.
func (e *engine) tracker() Tracker {
	if e.embedder == nil {
		return face.NewTracker(e.stage)
	}
	return comparing{face.NewTracker(e.stage), e.embedder}
}

// comparing is a tracker that can compare faces too.
type comparing struct {
	*face.Tracker
	*identity.Embedder
}
