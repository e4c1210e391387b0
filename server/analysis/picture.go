package analysis

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/identity"
	"bonafide/vision/opencv"
)

// pictureWithin is how long a child may take over one photograph, the loading
// of the models included.
const pictureWithin = 60 * time.Second

// cropWidth is the width in pixels of the face that is cut out of a photograph.
const cropWidth = 320

// MeasurePicture has a child process of its own find and measure the face in a
// photograph: native code never runs in the server's process. One photograph is
// measured at a time.
func (m *Manager) MeasurePicture(ctx context.Context, jpeg []byte) (evidence.PictureFace, error) {
	select {
	case m.pictures <- struct{}{}:
		defer func() { <-m.pictures }()
	case <-ctx.Done():
		return evidence.PictureFace{}, fmt.Errorf("measuring a picture: %w", ctx.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, pictureWithin)
	defer cancel()
	var in, out, said bytes.Buffer
	if err := writeMessage(&in, msgPicture, jpeg); err != nil {
		return evidence.PictureFace{}, fmt.Errorf("measuring a picture: %w", err)
	}
	cmd := m.cfg.command(ctx)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &said
	if err := cmd.Run(); err != nil {
		return evidence.PictureFace{}, fmt.Errorf("measuring a picture: the analysis process: %w: %.500s", errors.Join(err, ctx.Err()), said.String())
	}
	kind, payload, err := readMessage(bufio.NewReader(&out))
	if err != nil {
		return evidence.PictureFace{}, fmt.Errorf("measuring a picture: reading the result: %w", err)
	}
	var r result
	if err := json.Unmarshal(payload, &r); err != nil {
		return evidence.PictureFace{}, fmt.Errorf("measuring a picture: reading the result: %w", err)
	}
	if kind != msgResult || r.Picture == nil {
		return evidence.PictureFace{}, fmt.Errorf("measuring a picture: the analysis process answered %q of type %q, want %q", r.Say, kind, sayPicture)
	}
	return *r.Picture, nil
}

// picture measures one photograph in the child, and tells what it found.
func (c *child) picture(file []byte) error {
	found, err := measurePicture(c.set, file)
	if err != nil {
		return fmt.Errorf("analysis process: measuring a picture: %w", err)
	}
	c.say(result{Say: sayPicture, Picture: &found})
	return nil
}

// measurePicture finds the one face of a photograph. A face that cannot be
// compared is named with its reason.
func measurePicture(set *models.Set, file []byte) (out evidence.PictureFace, err error) {
	m, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		return out, err
	}
	stage, err := face.NewStage(set, face.Config{})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	embedder, err := identity.NewEmbedder(set)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, embedder.Close()) }()
	f := vision.FromImage(m, 0)
	faces, err := stage.Detect(f)
	if err != nil {
		return out, err
	}
	var one *vision.Face
	for i := range faces {
		// Weaker ones beside a sure one are knots in wood and prints on a shirt.
		if faces[i].Confirmed() && (i == 0 || faces[i].Score >= stage.Config().MainScore) {
			out.Faces++
			if one == nil {
				one = &faces[i]
			}
		}
	}
	switch {
	case one == nil:
		out.Reason = evidence.ReasonNoFace
		return out, nil
	case out.Faces > 1:
		out.Reason = evidence.ReasonManyFaces
		return out, nil
	}
	out.HeightPX, out.EyesPX, out.Sharpness = one.Box.Height(), one.IOD, one.Sharpness
	for _, info := range append(stage.Models(), embedder.Info()) {
		out.Models = append(out.Models, evidence.ModelRef{Name: info.Name, SHA256: info.SHA256})
	}
	gate := identity.Gate{}.Defaults()
	if why := gate.Check(one); why != "" {
		out.Reason = reasonOf(why)
		return out, nil
	}
	e, err := embedder.Embed(f, one, identity.Whole)
	if err != nil {
		return out, err
	}
	if why := gate.CheckEmbedding(e); why != "" {
		out.Reason = reasonOf(why)
		return out, nil
	}
	out.Model, out.Vector = embedder.Info().SHA256, e.Vector
	out.Crop, err = opencv.JPEG(cutFace(f, one), cropWidth, stillQuality)
	return out, err
}
