package analysis

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision/identity"
)

// photo is a JPEG of a piece of a sample photograph, scaled to a width.
func photo(t *testing.T, name string, piece image.Rectangle, width int) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join(models.Dir(), name))
	if err != nil {
		t.Fatalf("%v (run: make samples)", err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if piece.Empty() {
		piece = m.Bounds()
	}
	out := image.NewRGBA(image.Rect(0, 0, width, width*piece.Dy()/piece.Dx()))
	draw.CatmullRom.Scale(out, out.Rect, m, piece, draw.Src, nil)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The faces of two people in the sample photographs, with what is around them.
var (
	womanIn6 = image.Rect(150, 420, 550, 860)
	manIn1   = image.Rect(1374, 102, 1774, 542)
)

// TestPictureIsMeasured measures photographs, the first in a process of its
// own: of one face there are the numbers, which tell two people apart; of all
// else the reason.
func TestPictureIsMeasured(t *testing.T) {
	m, _, _ := newManager(t, nil)
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	defer set.Close()
	measured := func(file []byte) evidence.PictureFace {
		t.Helper()
		got, err := measurePicture(set, file)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one, err := m.MeasurePicture(t.Context(), photo(t, "sample6.jpg", womanIn6, 500))
	if err != nil {
		t.Fatal(err)
	}
	again := measured(photo(t, "sample6.jpg", womanIn6, 250))
	other := measured(photo(t, "sample1.jpg", manIn1, 400))
	for name, got := range map[string]evidence.PictureFace{"large": one, "smaller": again, "of another": other} {
		size, err := jpeg.DecodeConfig(bytes.NewReader(got.Crop))
		if got.Reason != "" || got.Faces != 1 || len(got.Vector) != identity.Size || len(got.Model) != 64 || len(got.Models) != 3 || got.EyesPX < 35 || err != nil || size.Width > cropWidth {
			t.Fatalf("%s: %d faces, reason %q, %d values, %v", name, got.Faces, got.Reason, len(got.Vector), err)
		}
	}
	if same, two := identity.Cosine(one.Vector, again.Vector), identity.Cosine(one.Vector, other.Vector); same < 0.6 || two > 0.333 {
		t.Errorf("one face in two sizes %.2f, two people %.2f", same, two)
	}
	for name, c := range map[string]struct {
		file []byte
		want evidence.Reason
	}{
		"many":   {photo(t, "sample6.jpg", image.Rectangle{}, 1280), evidence.ReasonManyFaces},
		"nobody": {photo(t, "sample6.jpg", image.Rect(0, 0, 120, 120), 300), evidence.ReasonNoFace},
		"small":  {photo(t, "sample6.jpg", womanIn6, 120), evidence.ReasonSmall},
	} {
		if got := measured(c.file); got.Reason != c.want || got.Vector != nil || got.Crop != nil {
			t.Errorf("%s: %d faces, reason %q, want %q", name, got.Faces, got.Reason, c.want)
		}
	}
	if _, err := m.MeasurePicture(t.Context(), []byte("no picture")); err == nil || !strings.Contains(err.Error(), "measuring a picture") {
		t.Errorf("of what is no picture: %v", err)
	}
}
