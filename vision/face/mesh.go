package face

import (
	"math"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

// meshSize is the side of the landmark model's input in pixels, and the unit
// of its outputs.
const meshSize = 192

// The landmark model refines the lips and the region of each eye. These are
// the landmarks that each refinement replaces, in the order of its output; the
// same lists are in the model, as the points it crops by.
var (
	lips = [80]int{
		61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
		78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
		76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
		62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
	}
	// rightEye is the person's right eye, on the picture's left side; the model
	// calls it left. The first 16 are the eye's contour.
	rightEye = [71]int{
		33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173,
		130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232, 233, 244, 113,
		225, 224, 223, 222, 221, 189, 35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245,
		156, 70, 63, 105, 66, 107, 55, 193,
	}
	leftEye = [71]int{
		263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398,
		359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449, 450, 451, 452, 453, 464, 342,
		445, 444, 443, 442, 441, 413, 265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465,
		383, 300, 293, 334, 296, 336, 285, 417,
	}
)

const eyeContour = 16

// Outputs of the landmark model, in the manifest's order.
const (
	outMesh = iota
	outLips
	outRightEye
	outLeftEye
	outRightIris
	outLeftIris
	outFlag
)

// mesh runs the landmark model on one region: 478 landmarks in pixels of the
// picture, and the probability that the region shows a face.
func (s *Stage) mesh(p *opencv.Picture, roi vision.ROI) ([]vision.Point3, float64, error) {
	if err := p.Region(s.meshModel.Input(0), roi, meshSize, opencv.Norm{Order: opencv.RGB, Scale: 1.0 / 255}); err != nil {
		return nil, 0, err
	}
	out, err := s.meshModel.Run()
	if err != nil {
		return nil, 0, err
	}
	return assemble(out, roi), 1 / (1 + math.Exp(-float64(out[outFlag][0]))), nil
}

// assemble joins the mesh and its refinements: x and y of the refined points
// replace those of the mesh, z stays; an iris takes the mean z of its eye's
// contour.
func assemble(out [][]float32, roi vision.ROI) []vision.Point3 {
	points := make([]vision.Point3, vision.LandmarkCount)
	for i := range vision.MeshPoints {
		v := out[outMesh][3*i:]
		points[i] = vision.Point3{X: float64(v[0]), Y: float64(v[1]), Z: float64(v[2])}
	}
	replace := func(list []int, v []float32) {
		for i, to := range list {
			points[to].X, points[to].Y = float64(v[2*i]), float64(v[2*i+1])
		}
	}
	replace(lips[:], out[outLips])
	replace(rightEye[:], out[outRightEye])
	replace(leftEye[:], out[outLeftEye])
	iris := func(first int, contour []int, v []float32) {
		var z float64
		for _, i := range contour {
			z += points[i].Z / float64(len(contour))
		}
		for i := range 5 {
			points[first+i] = vision.Point3{X: float64(v[2*i]), Y: float64(v[2*i+1]), Z: z}
		}
	}
	iris(vision.RightIrisCenter, rightEye[:eyeContour], out[outRightIris])
	iris(vision.LeftIrisCenter, leftEye[:eyeContour], out[outLeftIris])
	for i, p := range points {
		q := roi.At(p.X/meshSize, p.Y/meshSize)
		points[i] = vision.Point3{X: q.X, Y: q.Y, Z: p.Z / meshSize * roi.Side}
	}
	return points
}

// boxROI is the region in which to look for landmarks first, given a box of
// the detector. Its constants make the region match the one that landmarks
// themselves give; one pass more from there settles it.
func boxROI(b vision.Rect) vision.ROI {
	c := b.Center()
	return vision.ROI{Center: vision.Point{X: c.X, Y: c.Y + 0.02*b.Height()}, Side: 1.45 * b.Height()}
}

// landmarkROI is the region for the next frame: 1.5 times the larger side of
// the landmarks' bounds, turned so that the eyes' outer corners are level. It
// is what the model was trained to be given (MediaPipe's face landmark graph).
func landmarkROI(points []vision.Point3) vision.ROI {
	b := vision.BoundsOf(points)
	r, l := points[vision.RightEyeOuter], points[vision.LeftEyeOuter]
	return vision.ROI{
		Center: b.Center(),
		Side:   1.5 * max(b.Width(), b.Height()),
		Angle:  math.Atan2(l.Y-r.Y, l.X-r.X),
	}
}

// hold keeps the old region while the new one is nearly the same.
func (c Config) hold(old, next vision.ROI) vision.ROI {
	turn := math.Abs(math.Remainder(next.Angle-old.Angle, 2*math.Pi))
	if old.Side > 0 && old.Center.Dist(next.Center) <= c.HoldShift*old.Side &&
		math.Abs(next.Side/old.Side-1) <= c.HoldScale && turn <= c.HoldAngle {
		return old
	}
	return next
}
