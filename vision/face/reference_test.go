package face

import (
	"image"
	"math"
	"testing"
)

// TestAgainstMediaPipe compares landmarks with those of MediaPipe itself:
// @mediapipe/face_mesh 0.4.1633559619 (refineLandmarks, fourth of four calls on
// the same picture, so that it tracks as we do) in Chromium's WebGL, fed with
// these pictures as PNG. Everything between picture and landmarks is covered:
// region, sampling, model, the order of the refined points, and the way back.
// What differs is the colour (we start from 4:2:0 video) and the arithmetic.
func TestAgainstMediaPipe(t *testing.T) {
	s := newStage(t)
	s.cfg.HoldShift, s.cfg.HoldScale, s.cfg.HoldAngle = 0, 0, 0 // MediaPipe's region follows every frame
	for name, c := range map[string]struct {
		picture *image.RGBA
		want    map[int][3]float64 // pixels
	}{
		"right": {paste(background(640, 480), head(t, 2), 200, 100), map[int][3]float64{
			4: {277.89, 255.28, -25.96}, 10: {299.24, 179.72, -22.53}, 33: {260.02, 214.18, 5.14}, 61: {259.78, 268.71, 12.67},
			133: {278.50, 222.12, -1.17}, 145: {267.82, 220.43, -0.66}, 152: {268.91, 307.32, 19.56}, 159: {268.32, 212.72, -2.56},
			234: {246.70, 218.24, 50.40}, 263: {324.54, 229.25, -3.34}, 291: {298.88, 276.55, 7.26}, 362: {301.92, 228.70, -4.90},
			374: {312.58, 231.90, -6.94}, 386: {316.69, 223.64, -9.09}, 454: {347.65, 241.98, 36.57}, 13: {276.03, 277.53, -1.88},
			14: {275.91, 277.51, -0.10}, 78: {261.11, 269.82, 11.00}, 308: {297.12, 277.00, 6.32}, 70: {253.73, 199.31, 3.76},
			300: {338.85, 217.65, -6.82}, 468: {270.13, 217.06, -0.06}, 469: {274.81, 218.34, -0.06}, 473: {314.84, 228.18, -6.30},
			474: {319.76, 229.00, -6.30},
		}},
		"left": {paste(background(640, 480), otherHead(t, 2), 300, 200), map[int][3]float64{
			4: {419.05, 342.21, -26.44}, 10: {405.75, 269.49, -22.74}, 33: {369.25, 314.22, -6.47}, 61: {393.46, 361.33, 4.58},
			133: {393.74, 315.64, -6.46}, 145: {382.07, 318.08, -9.44}, 152: {418.90, 390.10, 18.93}, 159: {379.55, 309.84, -11.72},
			234: {345.48, 324.54, 33.48}, 263: {440.44, 305.90, 9.01}, 291: {434.43, 356.70, 14.56}, 362: {421.29, 312.27, 0.44},
			374: {432.11, 311.85, 1.97}, 386: {432.34, 303.48, 0.04}, 454: {449.99, 312.66, 57.44}, 13: {416.95, 364.98, -1.97},
			14: {416.89, 364.98, -1.35}, 78: {395.39, 361.95, 3.85}, 308: {432.81, 357.73, 12.49}, 70: {358.76, 301.47, -10.54},
			300: {446.12, 293.77, 8.66}, 468: {379.06, 313.32, -8.77}, 469: {384.23, 312.84, -8.77}, 473: {430.53, 307.53, 2.58},
			474: {435.38, 306.85, 2.58},
		}},
	} {
		f := frame(c.picture)
		face := one(t, s, c.picture)
		for range 3 {
			next, err := s.Landmarks(f, &face)
			if err != nil || next == nil {
				t.Fatal(name, next, err)
			}
			face = *next
		}
		var mean, worst float64
		for i, want := range c.want {
			got := face.Landmarks[i]
			d := math.Hypot(got.X-want[0], got.Y-want[1]) / face.IOD
			mean, worst = mean+d/float64(len(c.want)), max(worst, d)
			if z := math.Abs(got.Z-want[2]) / face.IOD; d > 0.02 || z > 0.02 {
				t.Errorf("%s: landmark %d at %.2f, MediaPipe has %.2f", name, i, got, want)
			}
		}
		t.Logf("%s: mean difference %.2f %%, largest %.2f %% of the distance between the eyes", name, 100*mean, 100*worst)
		if mean > 0.006 {
			t.Errorf("%s: mean difference %.2f %% of the distance between the eyes, want at most 0.6", name, 100*mean)
		}
	}
}
