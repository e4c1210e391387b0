package analysis

import (
	"errors"
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
}

// newEngine loads what the detectors need, at the pipeline's rates.
func newEngine(set *models.Set, cfg Config) (_ *engine, err error) {
	cfg = cfg.defaults()
	e := &engine{}
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

// models names what is loaded the way findings do.
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

// modelsOf are those of the models that a detector's findings rest on.
func modelsOf(d Descriptor, all []evidence.ModelRef) []evidence.ModelRef {
	if d.Faces == nil {
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
