package main

import (
	"errors"
	"fmt"

	"bonafide/server/analysis"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/gaze"
	"bonafide/vision/identity"
	"bonafide/vision/opencv"
)

// pictureStages are the stages of a camera's pictures. Those without a rate are
// parts of others, or run only while a card of the run-sheet asks for them.
type pictureStages struct {
	decode, print, detect, landmarks, gaze, embed, score, detectors *stageTimes
	convert, quality, tiles                                         *stageTimes

	followed *vision.Face
}

func newPictureStages() *pictureStages {
	return &pictureStages{
		decode:    &stageTimes{name: "decode pictures", rate: videoFPS},
		print:     &stageTimes{name: "prints of pictures (frozen, looped)", rate: videoFPS},
		detect:    &stageTimes{name: "detect faces (landmarks of new ones included)", rate: detectRate},
		landmarks: &stageTimes{name: "landmarks of the face followed", rate: landmarkRate},
		gaze:      &stageTimes{name: "gaze of a picture", rate: landmarkRate},
		embed:     &stageTimes{name: "compare the face", rate: rareRate},
		score:     &stageTimes{name: "does it look like a screen", rate: rareRate},
		detectors: &stageTimes{name: "other detectors on pictures, findings, coverage", rate: videoFPS},
		convert:   &stageTimes{name: "convert to BGR (within detection and landmarks)"},
		quality:   &stageTimes{name: "sharpness and light (within the same)"},
		tiles:     &stageTimes{name: "search for a document (twice a second while its card is on)"},
	}
}

// all lists those that add up to the whole first.
func (p *pictureStages) all() []*stageTimes {
	return []*stageTimes{p.decode, p.print, p.detect, p.landmarks, p.gaze, p.embed, p.score, p.detectors, p.convert, p.quality, p.tiles}
}

// faces finds or follows the face of a picture.
func (p *pictureStages) faces(stage *face.Stage, frame *vision.Frame, search bool) error {
	if p.followed != nil {
		if err := p.landmarks.time(func() (err error) { p.followed, err = stage.Landmarks(frame, p.followed); return err }); err != nil {
			return err
		}
	}
	if !search {
		return nil
	}
	var pic *opencv.Picture
	if err := p.convert.time(func() (err error) { pic, err = opencv.FromFrame(frame); return err }); err != nil {
		return err
	}
	var faces []vision.Face
	if err := p.detect.time(func() (err error) { faces, err = stage.Detect(frame); return err }); err != nil {
		return errors.Join(err, pic.Close())
	}
	if len(faces) != 1 || !faces[0].Confirmed() {
		return errors.Join(fmt.Errorf("%d faces were found at %v in a video of one", len(faces), frame.At), pic.Close())
	}
	err := p.quality.time(func() error { _, _, err := pic.Measure(faces[0].ROI); return err })
	if p.followed == nil {
		p.followed = &faces[0]
	}
	return errors.Join(err, pic.Close())
}

// more measures on the face that is followed what is not done at every picture.
func (p *pictureStages) more(r rare, stage *face.Stage, frame *vision.Frame, search bool) error {
	if p.followed == nil || p.followed.Landmarks == nil || !search {
		return nil
	}
	if err := p.embed.time(func() error { _, err := r.embedder.Embed(frame, p.followed, identity.Whole); return err }); err != nil {
		return err
	}
	if err := p.score.time(func() error { _, err := r.scorer.Score(frame, p.followed); return err }); err != nil {
		return err
	}
	return p.tiles.time(func() error { _, err := stage.Small(frame, p.followed, vision.Rect{}); return err })
}

// reading is what the detectors of wider scope get of the picture.
func (p *pictureStages) reading(frame *vision.Frame, search bool) analysis.FaceReading {
	r := analysis.FaceReading{AtMS: frame.At.Milliseconds(), Detected: search, Main: p.followed, Width: frame.Width(), Height: frame.Height()}
	if p.followed != nil {
		p.gaze.time(func() error {
			s := gaze.Config{}.Measure(p.followed, frame, frame.At)
			r.Gaze = &s
			return nil
		})
	}
	return r
}
