package gaze

import (
	"math"

	"bonafide/vision"
)

// EyeGain makes up for landmarks that follow an iris only part of the way:
// irises moved by known angles within real eyes gave a slope of 0.46 to 0.85,
// 0.67 on average, monotone to 20° to either side.
const EyeGain = 1.5

// Sizes of a head in centimetres. The irises turn about a point EyeDepth
// behind the middle between the corners of the lids, at EyeRadius; corners is
// the distance between those middles in MediaPipe's canonical face (vertices
// 33, 133, 362 and 263).
const (
	EyeDepth  = 1.0
	EyeRadius = 1.05
	corners   = 6.302
)

// eyeLandmarks are those of one eye.
type eyeLandmarks struct {
	outer, inner, iris int
	lids               [3][2]int // upper and lower, opposite each other
}

var (
	rightEye = eyeLandmarks{vision.RightEyeOuter, vision.RightEyeInner, vision.RightIrisCenter,
		[3][2]int{{160, 144}, {159, 145}, {158, 153}}}
	leftEye = eyeLandmarks{vision.LeftEyeOuter, vision.LeftEyeInner, vision.LeftIrisCenter,
		[3][2]int{{387, 373}, {386, 374}, {385, 380}}}
)

// look is the direction of both eyes in the head, in degrees, > 0 towards the
// picture's right side, and how far the lids are open.
type look struct {
	right, left float64
	opening     float64 // gap between the lids as a share of the eye's width
}

// lookOf measures the eyes of a face with all its landmarks. ok is false where
// the landmarks coincide.
func lookOf(f *vision.Face) (look, bool) {
	px := PixelsPerCM(f)
	if px <= 0 {
		return look{}, false
	}
	rot := rotation(f.Pose)
	var out look
	out.right = rightEye.yaw(f.Landmarks, px, rot)
	out.left = leftEye.yaw(f.Landmarks, px, rot)
	out.opening = (rightEye.opening(f.Landmarks) + leftEye.opening(f.Landmarks)) / 2
	return out, !math.IsNaN(out.right + out.left + out.opening)
}

// PixelsPerCM is how many pixels of the picture one centimetre at the face's
// distance takes, from the distance of the eyes with its depth; 0 where the
// landmarks coincide.
func PixelsPerCM(f *vision.Face) float64 {
	r, l := rightEye.middle(f.Landmarks), leftEye.middle(f.Landmarks)
	return math.Sqrt((r.X-l.X)*(r.X-l.X)+(r.Y-l.Y)*(r.Y-l.Y)+(r.Z-l.Z)*(r.Z-l.Z)) / corners
}

// middle is the point between the corners of the lids.
func (e eyeLandmarks) middle(p []vision.Point3) vision.Point3 {
	a, b := p[e.outer], p[e.inner]
	return vision.Point3{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2, Z: (a.Z + b.Z) / 2}
}

// axes are the head's own right-hand (towards the picture's right), up and
// forward directions in the camera's frame: x right, y up, z to the camera.
type axes [3][3]float64

// rotation rebuilds the head's axes from its angles.
func rotation(p vision.Pose) axes {
	const rad = math.Pi / 180
	sy, cy := math.Sincos(p.Yaw * rad)
	sp, cp := math.Sincos(p.Pitch * rad)
	sr, cr := math.Sincos(p.Roll * rad)
	forward := [3]float64{sy * cp, sp, cy * cp}
	// The side axis has the direction (cos roll, −sin roll) in the picture and
	// is perpendicular to forward.
	side := [3]float64{cr, -sr, -(cr*forward[0] - sr*forward[1]) / forward[2]}
	n := math.Sqrt(side[0]*side[0] + side[1]*side[1] + side[2]*side[2])
	for i := range side {
		side[i] /= n
	}
	up := [3]float64{
		forward[1]*side[2] - forward[2]*side[1],
		forward[2]*side[0] - forward[0]*side[2],
		forward[0]*side[1] - forward[1]*side[0],
	}
	return axes{side, up, forward}
}

// yaw is the eye's horizontal direction in the head: from the centre of the
// eyeball, EyeDepth behind the lids' middle, to the iris on the sphere around it.
func (e eyeLandmarks) yaw(p []vision.Point3, px float64, rot axes) float64 {
	middle, iris, forward := e.middle(p), p[e.iris], rot[2]
	dx := (iris.X-middle.X)/px + EyeDepth*forward[0]
	dy := -(iris.Y-middle.Y)/px + EyeDepth*forward[1]
	out := dx*dx + dy*dy
	// An iris measured beyond the sphere's edge is at the edge.
	g := [3]float64{dx, dy, math.Sqrt(max(EyeRadius*EyeRadius-out, 0.01))}
	var in [3]float64
	for i, axis := range rot {
		in[i] = axis[0]*g[0] + axis[1]*g[1] + axis[2]*g[2]
	}
	return math.Atan2(in[0], in[2]) * 180 / math.Pi
}

// opening is the mean gap between the lids as a share of the eye's width.
func (e eyeLandmarks) opening(p []vision.Point3) float64 {
	a, b := p[e.outer], p[e.inner]
	width := math.Sqrt((a.X-b.X)*(a.X-b.X) + (a.Y-b.Y)*(a.Y-b.Y) + (a.Z-b.Z)*(a.Z-b.Z))
	sum := 0.0
	for _, l := range e.lids {
		sum += p[l[0]].XY().Dist(p[l[1]].XY())
	}
	return sum / float64(len(e.lids)) / width
}

// saturated is the luma (video range, 16 to 235) from which a pixel says
// nothing but that it is lit.
const saturated = 225

// glareOf is the larger share of saturated pixels in the square around either
// iris, of one iris' diameter (1.17 cm) to a side.
func glareOf(face *vision.Face, f *vision.Frame) float64 {
	worst, half := 0.0, int(PixelsPerCM(face)*1.17/2)
	m := f.Image
	for _, e := range []eyeLandmarks{rightEye, leftEye} {
		c := face.Landmarks[e.iris]
		var lit, n int
		for y := int(c.Y) - half; y <= int(c.Y)+half; y++ {
			for x := int(c.X) - half; x <= int(c.X)+half; x++ {
				if x < 0 || y < 0 || x >= f.Width() || y >= f.Height() {
					continue
				}
				n++
				if m.Y[m.YOffset(m.Rect.Min.X+x, m.Rect.Min.Y+y)] >= saturated {
					lit++
				}
			}
		}
		if n > 0 {
			worst = max(worst, float64(lit)/float64(n))
		}
	}
	return worst
}
