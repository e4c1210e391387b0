package analysis

import (
	"fmt"
	"image"
	"strconv"
	"strings"

	"bonafide/vision"
)

// Region is the part of a foreign file's pictures that is looked at, in percent
// of them: recordings of calls often show several people side by side, and who
// of them is meant only a person can say. The rest of the picture is not looked
// at, not even for further faces, and is in no still. The zero Region is the
// whole picture, in which the largest face is followed.
type Region struct{ X, Y, Width, Height int }

// The regions that have names.
var namedRegions = map[string]Region{"largest": {}, "left": {0, 0, 50, 100}, "right": {50, 0, 50, 100}}

// ParseRegion reads "largest" (or ""), "left", "right", or left edge, upper
// edge, width and height in percent of the picture, such as "50,0,50,50".
func ParseRegion(s string) (Region, error) {
	if r, ok := namedRegions[s]; ok || s == "" {
		return r, nil
	}
	var r Region
	parts := strings.Split(s, ",")
	for i, to := range []*int{&r.X, &r.Y, &r.Width, &r.Height} {
		n, err := 0, error(nil)
		if len(parts) == 4 {
			n, err = strconv.Atoi(strings.TrimSpace(parts[i]))
		}
		if len(parts) != 4 || err != nil {
			return r, fmt.Errorf("%q is no part of a picture: use largest, left, right, or four whole numbers, left edge, upper edge, width and height in percent, such as 50,0,50,50", s)
		}
		*to = n
	}
	if r.X < 0 || r.Y < 0 || r.Width < 10 || r.Height < 10 || r.X+r.Width > 100 || r.Y+r.Height > 100 {
		return r, fmt.Errorf("%q is no part of a picture: edges must be at least 0, width and height at least 10, and their sums at most 100 percent", s)
	}
	return r, nil
}

// All tells that it is the whole picture.
func (r Region) All() bool { return r == Region{} }

// String names a region as ParseRegion reads it.
func (r Region) String() string {
	for name, named := range namedRegions {
		if r == named {
			return name
		}
	}
	return fmt.Sprintf("%d,%d,%d,%d", r.X, r.Y, r.Width, r.Height)
}

// cut gives the region of a frame, on even pixels since there is one value of
// colour for four of them. The planes stay the frame's.
func (r Region) cut(f *vision.Frame) *vision.Frame {
	if r.All() {
		return f
	}
	b := f.Image.Rect
	at := func(percent, size int) int { return size * percent / 100 &^ 1 }
	part := image.Rect(at(r.X, b.Dx()), at(r.Y, b.Dy()), at(r.X+r.Width, b.Dx()), at(r.Y+r.Height, b.Dy())).Add(b.Min)
	if part.Dx() < 2 || part.Dy() < 2 {
		return f
	}
	cut := f.Image.SubImage(part).(*image.YCbCr)
	// Planes that begin at the region's corner: nothing else has to know of it.
	return &vision.Frame{At: f.At, Damaged: f.Damaged, Image: &image.YCbCr{
		Y: cut.Y, Cb: cut.Cb, Cr: cut.Cr, YStride: cut.YStride, CStride: cut.CStride,
		SubsampleRatio: cut.SubsampleRatio, Rect: image.Rect(0, 0, part.Dx(), part.Dy()),
	}}
}
