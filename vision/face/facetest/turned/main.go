// Command turned draws a photo's face as it would be seen turned, as a series
// of PNGs in which it turns and comes back, for tests whose cameras are films.
// The face is the landmark model's mesh with the photo on it, so that nose and
// cheeks hide one another as they should; what is around it stays.
//
//	turned -photo face.jpg -cut 440,170,930,800 -yaw 45 -frames 36 -out folder
package main

import (
	"errors"
	"flag"
	"fmt"
	"image"
	_ "image/jpeg" // the photos' format
	"image/png"
	"math"
	"os"
	"path/filepath"

	xdraw "golang.org/x/image/draw"
	"google.golang.org/protobuf/encoding/protowire"

	"bonafide/models"
	"bonafide/vision"
	"bonafide/vision/face"
)

func main() {
	photo := flag.String("photo", "", "JPEG photo that shows one face from ahead")
	cut := flag.String("cut", "", "the part of the photo to draw: left,top,right,bottom in pixels")
	yaw := flag.Float64("yaw", 0, "degrees to turn to the picture's right side; -80 to 80")
	pitch := flag.Float64("pitch", 0, "degrees to turn up; -80 to 80")
	frames := flag.Int("frames", 36, "pictures of one turn and the way back; 4 to 999")
	folder := flag.String("models", models.Dir(), "folder of the model files")
	out := flag.String("out", "", "folder for the PNGs, which are called 001.png and so on")
	flag.Parse()
	if err := run(*photo, *cut, *folder, *out, *yaw, *pitch, *frames); err != nil {
		fmt.Fprintln(os.Stderr, "turned:", err)
		os.Exit(1)
	}
}

// run draws the series.
func run(photo, cut, folder, out string, yaw, pitch float64, frames int) error {
	if math.Abs(yaw) > 80 || math.Abs(pitch) > 80 {
		return fmt.Errorf("-yaw is %g and -pitch %g, want -80 to 80 degrees", yaw, pitch)
	}
	if frames < 4 || frames > 999 {
		return fmt.Errorf("-frames is %d, want 4 to 999", frames)
	}
	m, err := read(photo, cut)
	if err != nil {
		return err
	}
	mesh, triangles, err := meshOf(m, folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("making -out: %w", err)
	}
	for i := range frames {
		share := along(float64(i) / float64(frames))
		turned := turn(mesh, share*yaw*math.Pi/180, share*pitch*math.Pi/180)
		if err := write(filepath.Join(out, fmt.Sprintf("%03d.png", i+1)), draw(m, mesh, turned, triangles)); err != nil {
			return err
		}
	}
	return nil
}

// along is how far the turn has come, 0 to 1, at a share of the series' time: a
// fifth to turn, two fifths to hold, a fifth to come back, a fifth to rest.
func along(t float64) float64 {
	ease := func(x float64) float64 { return (1 - math.Cos(math.Pi*min(max(x, 0), 1))) / 2 }
	return ease(5*t) - ease(5*t-3)
}

// read gives a part of a photo.
func read(photo, cut string) (*image.RGBA, error) {
	var r image.Rectangle
	if _, err := fmt.Sscanf(cut, "%d,%d,%d,%d", &r.Min.X, &r.Min.Y, &r.Max.X, &r.Max.Y); err != nil {
		return nil, fmt.Errorf("-cut is %q, want left,top,right,bottom in pixels: %w", cut, err)
	}
	f, err := os.Open(photo)
	if err != nil {
		return nil, fmt.Errorf("opening -photo: %w", err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("reading -photo %s: %w", photo, err)
	}
	if r.Empty() || !r.In(m.Bounds()) {
		return nil, fmt.Errorf("-cut is %v, want a part of the photo, which is %v", r, m.Bounds())
	}
	part := image.NewRGBA(image.Rectangle{Max: r.Size()})
	xdraw.Copy(part, image.Point{}, m, r, xdraw.Src, nil)
	return part, nil
}

// meshOf finds the face's landmarks and the triangles between them.
func meshOf(m *image.RGBA, folder string) (_ []vision.Point3, _ [][3]int, err error) {
	set, err := models.Open(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the models (make models fetches them): %w", err)
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	stage, err := face.NewStage(set, face.Config{})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	faces, err := stage.Detect(vision.FromImage(m, 0))
	if err != nil {
		return nil, nil, err
	}
	if len(faces) == 0 || faces[0].Landmarks == nil {
		return nil, nil, errors.New("no face with landmarks was found in that part of the photo")
	}
	geometry, err := set.Data(models.FaceGeometry)
	if err != nil {
		return nil, nil, err
	}
	triangles, err := trianglesOf(geometry)
	return faces[0].Landmarks[:vision.MeshPoints], triangles, err
}

// trianglesOf reads the triangles of MediaPipe's canonical face: field 4 of
// field 1 of GeometryPipelineMetadata, three indices for each.
func trianglesOf(b []byte) ([][3]int, error) {
	var corners []int
	err := fields(b, 1, func(sub []byte, _ uint64) error {
		return fields(sub, 4, func(_ []byte, v uint64) error {
			if v >= vision.MeshPoints {
				return fmt.Errorf("reading the canonical face: point %d of %d", v, vision.MeshPoints)
			}
			corners = append(corners, int(v))
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	if len(corners) == 0 || len(corners)%3 != 0 {
		return nil, fmt.Errorf("reading the canonical face: %d corners of triangles", len(corners))
	}
	out := make([][3]int, len(corners)/3)
	for i := range out {
		out[i] = [3]int(corners[3*i : 3*i+3])
	}
	return out, nil
}

// fields calls f with every field of a number in a protobuf message.
func fields(b []byte, want protowire.Number, f func(sub []byte, v uint64) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var sub []byte
		var v uint64
		switch kind {
		case protowire.BytesType:
			sub, n = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if num == want {
			if err := f(sub, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// write keeps a picture as a PNG.
func write(path string, m image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("creating a picture: %w", err)
	}
	if err := png.Encode(f, m); err != nil {
		f.Close()
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return f.Close()
}
