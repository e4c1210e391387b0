package gaze

import (
	"image"
	"testing"
	"time"

	"bonafide/vision"
	"bonafide/vision/gaze/gazetest"
)

// BenchmarkSecond is what a second of a call costs beside the landmarks: ten
// samples, one scored window, one look at the places.
func BenchmarkSecond(b *testing.B) {
	f := synthetic(vision.Pose{Yaw: 5}, 4, 0.3)
	frame := vision.FromImage(image.NewGray(image.Rect(0, 0, 640, 480)), 0)
	trace := gazetest.Talking(1, time.Minute).Wander(1, 0.5, 1)
	var follow Follower
	var places Places
	var kept []Sample
	at := time.Duration(0)
	for b.Loop() {
		for range Rate {
			s := Config{}.Measure(f, frame, at)
			s.Horizontal = trace.At(at)
			kept = append(kept, follow.Add(s)...)
			at += Step
		}
		if n := len(kept); n > 350 {
			kept = kept[n-350:]
		}
		signal, _, _ := Resample(kept, at-Window, at)
		Read(signal.X)
		places.Add(Fixations(kept[max(len(kept)-100, 0):]))
		places.Away(at - time.Minute)
	}
}
