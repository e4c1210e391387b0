package face

import (
	"errors"
	"fmt"
	"slices"

	"bonafide/models"
	"bonafide/vision"
	"bonafide/vision/opencv"
)

// ErrDamaged tells that a frame was not measured because the decoder lost data
// that it depends on.
var ErrDamaged = errors.New("frame is damaged")

// Stage finds and measures faces. It is not safe for concurrent use: one
// goroutine owns it. It keeps nothing between calls, so the same frames give
// the same numbers.
type Stage struct {
	cfg                 Config
	detector, meshModel *models.Session
	head                *headModel
}

// NewStage loads the detector and the landmark model.
func NewStage(set *models.Set, cfg Config) (_ *Stage, err error) {
	s := &Stage{cfg: cfg.Defaults()}
	if err := s.cfg.Validate(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.detector, err = set.Session(models.FaceDetect); err != nil {
		return nil, err
	}
	if s.meshModel, err = set.Session(models.FaceMesh); err != nil {
		return nil, err
	}
	b, err := set.Data(models.FaceGeometry)
	if err != nil {
		return nil, err
	}
	if s.head, err = parseHeadModel(b); err != nil {
		return nil, err
	}
	return s, nil
}

// Models names what measures: the detector, the landmark model.
func (s *Stage) Models() []models.Info {
	return []models.Info{s.detector.Info(), s.meshModel.Info()}
}

// Config is the configuration in use, defaults filled in.
func (s *Stage) Config() Config { return s.cfg }

// Close frees the models. It may be called again.
func (s *Stage) Close() error {
	var errs []error
	for _, m := range []*models.Session{s.detector, s.meshModel} {
		if m != nil {
			errs = append(errs, m.Close())
		}
	}
	return errors.Join(errs...)
}

// Detect searches the whole picture. It returns the faces that the landmark
// model confirms, with landmarks and quality, the main one (the largest) first.
//
// If it confirms none although the detector is sure of one (MainScore), that
// box alone is returned, without landmarks, its quality 0 for
// vision.ReasonUnconfirmed: there may be a face, but it cannot be measured. An
// empty result means that no face is visible.
func (s *Stage) Detect(f *vision.Frame) ([]vision.Face, error) {
	p, err := picture(f)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	faces, found, err := s.search(p, p)
	if err == nil && len(faces) == 0 {
		var lit *opencv.Picture
		if lit, err = p.Lifted(shadowGamma); err == nil {
			defer lit.Close()
			var more []vision.Scored
			faces, more, err = s.search(lit, p)
			found = append(found, more...)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("detecting faces: %w", err)
	}
	if len(faces) == 0 {
		for _, c := range found {
			if c.Score >= s.cfg.MainScore {
				return []vision.Face{{Box: c.Box, Score: c.Score,
					Quality: vision.Quality{Reasons: []vision.Reason{vision.ReasonUnconfirmed}}}}, nil
			}
		}
		return nil, nil
	}
	slices.SortStableFunc(faces, func(a, b vision.Face) int {
		switch {
		case a.Box.Area() > b.Box.Area():
			return -1
		case a.Box.Area() < b.Box.Area():
			return 1
		}
		return 0
	})
	return faces, nil
}

// search looks for faces in p, and once more with a wide border if there is
// none. as is the picture as it was taken: p itself, or what p was made from.
func (s *Stage) search(p, as *opencv.Picture) ([]vision.Face, []vision.Scored, error) {
	found, err := s.boxes(p, opencv.Border{})
	if err != nil {
		return nil, nil, err
	}
	faces, err := s.confirm(p, as, found)
	if err != nil || len(faces) > 0 {
		return faces, found, err
	}
	again, err := s.boxes(p, wide(p.Width(), p.Height()))
	if err != nil {
		return nil, nil, err
	}
	faces, err = s.confirm(p, as, again)
	return faces, append(found, again...), err
}

// confirm looks at each box with the landmark model.
func (s *Stage) confirm(p, as *opencv.Picture, found []vision.Scored) ([]vision.Face, error) {
	var faces []vision.Face
	for _, c := range found {
		face, err := s.settle(p, as, boxROI(c.Box))
		if err != nil {
			return nil, err
		}
		if face != nil {
			face.Box, face.Score = c.Box, c.Score
			faces = append(faces, *face)
		}
	}
	return faces, nil
}

// settle finds landmarks in a rough region, and once more in the region that
// they give. It returns nil where there is no face.
func (s *Stage) settle(p, as *opencv.Picture, roi vision.ROI) (*vision.Face, error) {
	points, presence, err := s.mesh(p, roi)
	if err != nil || presence < s.cfg.MinPresence {
		return nil, err
	}
	return s.measure(p, as, landmarkROI(points))
}

// Landmarks follows a face from an earlier frame, at less than half the cost of
// Detect. The result has the landmarks' bounds as its box and the score of
// prev. It is nil, without an error, where the face is no longer: search again.
func (s *Stage) Landmarks(f *vision.Frame, prev *vision.Face) (*vision.Face, error) {
	if prev == nil {
		return nil, errors.New("following a face: none was given; detect first")
	}
	as, err := picture(f)
	if err != nil {
		return nil, err
	}
	defer as.Close()
	p := as
	if prev.Landmarks != nil && s.cfg.Quality.Dark.score(prev.Brightness) < 1 {
		if p, err = as.Lifted(shadowGamma); err != nil {
			return nil, fmt.Errorf("following a face: %w", err)
		}
		defer p.Close()
	}
	var face *vision.Face
	if prev.Landmarks == nil {
		face, err = s.settle(p, as, boxROI(prev.Box))
	} else {
		face, err = s.measure(p, as, s.cfg.hold(prev.ROI, landmarkROI(prev.Landmarks)))
	}
	if err != nil {
		return nil, fmt.Errorf("following a face: %w", err)
	}
	if face != nil {
		face.Score = prev.Score
	}
	return face, nil
}

// shadowGamma brightens a picture in which nothing is found as it is: a face
// in a dark room, or in front of a window.
const shadowGamma = 0.45

// picture converts a frame that can be measured.
func picture(f *vision.Frame) (*opencv.Picture, error) {
	if f != nil && f.Damaged {
		return nil, ErrDamaged
	}
	return opencv.FromFrame(f)
}
