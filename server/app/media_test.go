package app

import (
	"bytes"
	"image"
	"io/fs"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bonafide/server/api"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/vault"
)

const sec = time.Second

// flashing is 30 pictures a second and sound, which flash and beep together at
// the given times.
func flashing(t testing.TB, w, h int, length time.Duration, at []time.Duration) program {
	t.Helper()
	v, err := mediatest.Flashes(w, h, 30, length, sec, at)
	ok(t, err)
	a, err := mediatest.Beeps(length, at)
	ok(t, err)
	return program{media.SourceCamera: v, media.SourceMicrophone: a}
}

// wall is a video of a textured wall with nobody before it, sharp and light
// enough to be measured.
func wall(t testing.TB, length time.Duration) []mediatest.Frame {
	t.Helper()
	const w, h, fps = 320, 240, 15
	enc, err := codec.NewVP8Encoder(w, h, fps, 400)
	ok(t, err)
	defer enc.Close()
	r := rand.New(rand.NewPCG(3, 3))
	pic := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range pic.Cb {
		pic.Cb[i], pic.Cr[i] = 124, 132
	}
	var out []mediatest.Frame
	for n := range int(length * fps / sec) {
		for y := range h {
			for x := range w {
				v := 110 + 30*math.Sin(float64(x+n)/9)*math.Cos(float64(y)/13) + float64((x/16+y/16)%2*24)
				pic.Y[y*pic.YStride+x] = uint8(v) + uint8(r.IntN(6))
			}
		}
		data, err := enc.Encode(pic, n%fps == 0)
		ok(t, err)
		out = append(out, mediatest.Frame{At: time.Duration(n) * sec / fps, Duration: sec / fps, Key: data[0]&1 == 0, Data: data})
	}
	return out
}

// path is where a segment lies.
func (s *site) path(seg evidence.Segment) string {
	return filepath.Join(s.data, "media", filepath.FromSlash(seg.File))
}

// of are the segments of a participant, in order.
func of(r api.ReviewData, participant string) (out []evidence.Segment) {
	for _, s := range r.Segments {
		if s.Participant == participant {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b evidence.Segment) int { return a.N - b.N })
	return out
}

// plain copies what a segment holds, before encryption, to a file of its own.
func (s *site) plain(seg evidence.Segment) string {
	s.t.Helper()
	cfg := Config{Data: s.data}
	v, err := cfg.OpenVault(slog.New(slog.DiscardHandler))
	ok(s.t, err)
	root, err := os.OpenRoot(cfg.mediaDir())
	ok(s.t, err)
	defer root.Close()
	content, err := fs.ReadFile(v.FS(root), seg.File)
	ok(s.t, err)
	raw, err := os.ReadFile(s.path(seg))
	ok(s.t, err)
	if vault.PartOf(raw) != evidence.PartRecording || bytes.Contains(raw, []byte("webm")) {
		s.t.Errorf("%s lies on the disk as it was recorded", seg.File)
	}
	path := filepath.Join(s.t.TempDir(), filepath.Base(seg.File))
	ok(s.t, os.WriteFile(path, content, 0o600))
	return path
}

// content looks into a recording, and wants it to decode without an error.
func (s *site) content(seg evidence.Segment) mediatest.Content {
	s.t.Helper()
	c, err := mediatest.Find(s.plain(seg))
	ok(s.t, err)
	if c.Undecodable > 0 {
		s.t.Errorf("%s: %d pictures or packets cannot be decoded", seg.File, c.Undecodable)
	}
	return c
}

// shifted adds to times.
func shifted(ts []time.Duration, by time.Duration) []time.Duration {
	out := slices.Clone(ts)
	for i := range out {
		out[i] += by
	}
	return out
}

// near wants every time in want found in got, within a median error.
func near(t testing.TB, what string, want, got []time.Duration, most time.Duration) {
	t.Helper()
	errs, missing := mediatest.Errors(want, got)
	median := mediatest.MedianAbs(errs)
	t.Logf("%s: %d of %d found, median error %v", what, len(errs), len(want), median)
	if missing > 0 || median >= most {
		t.Errorf("%s: %d of %d missing (%v for %v), median error %v, limit %v", what, missing, len(want), got, want, median, most)
	}
}
