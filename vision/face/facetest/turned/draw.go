package main

import (
	"cmp"
	"image"
	"math"
	"slices"

	xdraw "golang.org/x/image/draw"

	"bonafide/vision"
)

// box is the least box around points.
func box(mesh []vision.Point3) (low, high vision.Point3) {
	low, high = mesh[0], mesh[0]
	for _, p := range mesh {
		low = vision.Point3{X: min(low.X, p.X), Y: min(low.Y, p.Y), Z: min(low.Z, p.Z)}
		high = vision.Point3{X: max(high.X, p.X), Y: max(high.Y, p.Y), Z: max(high.Z, p.Z)}
	}
	return low, high
}

// turn rotates the points of a face about their middle, first up by pitch, then
// to the picture's right side by yaw; radians. Z grows away from the camera.
func turn(mesh []vision.Point3, yaw, pitch float64) []vision.Point3 {
	low, high := box(mesh)
	middle := vision.Point3{X: (low.X + high.X) / 2, Y: (low.Y + high.Y) / 2, Z: (low.Z + high.Z) / 2}
	out := make([]vision.Point3, len(mesh))
	for i, p := range mesh {
		x, y, near := p.X-middle.X, p.Y-middle.Y, middle.Z-p.Z
		y, near = y*math.Cos(pitch)-near*math.Sin(pitch), near*math.Cos(pitch)+y*math.Sin(pitch)
		x, near = x*math.Cos(yaw)+near*math.Sin(yaw), near*math.Cos(yaw)-x*math.Sin(yaw)
		out[i] = vision.Point3{X: middle.X + x, Y: middle.Y + y, Z: middle.Z - near}
	}
	return out
}

// draw lays the face of a photo, whose points are from, to where they are now,
// the far triangles first. Where it was, there is hair: the colour beside it.
func draw(photo *image.RGBA, from, to []vision.Point3, triangles [][3]int) *image.RGBA {
	out := image.NewRGBA(photo.Rect)
	xdraw.Copy(out, image.Point{}, photo, photo.Rect, xdraw.Src, nil)
	low, high := box(from)
	beside := vision.Point3{X: low.X - (high.X-low.X)/8, Y: (low.Y + high.Y) / 2}
	hair := [3]vision.Point3{beside, beside, beside}
	for _, t := range triangles {
		patch(out, photo, hair, [3]vision.Point3{from[t[0]], from[t[1]], from[t[2]]})
	}
	depth := func(t [3]int) float64 { return to[t[0]].Z + to[t[1]].Z + to[t[2]].Z }
	sorted := slices.Clone(triangles)
	slices.SortStableFunc(sorted, func(a, b [3]int) int { return cmp.Compare(depth(b), depth(a)) })
	for _, t := range sorted {
		a, b := area(from[t[0]], from[t[1]], from[t[2]]), area(to[t[0]], to[t[1]], to[t[2]])
		if a*b > 0 { // else its back is turned to the camera
			patch(out, photo, [3]vision.Point3{from[t[0]], from[t[1]], from[t[2]]}, [3]vision.Point3{to[t[0]], to[t[1]], to[t[2]]})
		}
	}
	return out
}

// area is twice the area of a triangle in the picture, with a sign for its
// direction.
func area(a, b, c vision.Point3) float64 {
	return (b.X-a.X)*(c.Y-a.Y) - (c.X-a.X)*(b.Y-a.Y)
}

// patch draws one triangle of the photo as another one.
func patch(out, photo *image.RGBA, from, to [3]vision.Point3) {
	whole := area(to[0], to[1], to[2])
	x0, x1 := min(to[0].X, to[1].X, to[2].X), max(to[0].X, to[1].X, to[2].X)
	y0, y1 := min(to[0].Y, to[1].Y, to[2].Y), max(to[0].Y, to[1].Y, to[2].Y)
	const edge = -0.02 // neighbours overlap a little, so that no seam is left open
	for y := max(int(y0), 0); y <= min(int(y1)+1, out.Rect.Max.Y-1); y++ {
		for x := max(int(x0), 0); x <= min(int(x1)+1, out.Rect.Max.X-1); x++ {
			p := vision.Point3{X: float64(x) + 0.5, Y: float64(y) + 0.5}
			a, b := area(p, to[1], to[2])/whole, area(to[0], p, to[2])/whole
			c := 1 - a - b
			if a < edge || b < edge || c < edge {
				continue
			}
			u := a*from[0].X + b*from[1].X + c*from[2].X - 0.5
			v := a*from[0].Y + b*from[1].Y + c*from[2].Y - 0.5
			blend(out, x, y, photo, u, v)
		}
	}
}

// blend sets a pixel to the photo's colour between pixels, the edge repeated.
func blend(out *image.RGBA, x, y int, photo *image.RGBA, u, v float64) {
	u, v = min(max(u, 0), float64(photo.Rect.Max.X-1)), min(max(v, 0), float64(photo.Rect.Max.Y-1))
	i, j := int(u), int(v)
	right, below := min(i+1, photo.Rect.Max.X-1), min(j+1, photo.Rect.Max.Y-1)
	fx, fy := u-float64(i), v-float64(j)
	to := out.PixOffset(x, y)
	for k := range 3 {
		at := func(px, py int) float64 { return float64(photo.Pix[photo.PixOffset(px, py)+k]) }
		top := at(i, j)*(1-fx) + at(right, j)*fx
		bottom := at(i, below)*(1-fx) + at(right, below)*fx
		out.Pix[to+k] = uint8(top*(1-fy) + bottom*fy + 0.5)
	}
}
