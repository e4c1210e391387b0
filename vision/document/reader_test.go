package document

import (
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/vision"
	"bonafide/vision/document/doctest"
	"bonafide/vision/mrz"
)

var zone = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}

// program puts a script in the place of the recognising program.
func program(t *testing.T, script string) *Recogniser {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, Program), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	r, err := NewRecogniser()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecogniser(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 40, 20))
	out, err := program(t, "cat >/dev/null; yes ABC\n").Read(shortly(t), grey)
	if err == nil || len(out) > maxOutput {
		t.Errorf("endless output: %d bytes, %v", len(out), err)
	}
	if out, err := program(t, "head -c 12\n").Read(context.Background(), grey); err != nil || out != "P5\n40 20\n255" {
		t.Errorf("the program is given %q, %v", out, err)
	}
	if _, err := program(t, "echo out of memory >&2; exit 3\n").Read(context.Background(), grey); err == nil || !strings.Contains(err.Error(), "out of memory") {
		t.Errorf("a failure: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := NewRecogniser(); !errors.Is(err, ErrNoProgram) {
		t.Errorf("without the program: %v", err)
	}
}

func shortly(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// drain waits until the reader has done what it was given.
func drain(t *testing.T, r *Reader) ([]Reading, error) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); r.Busy(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the reader is still busy after 20 s")
		}
	}
	return r.Take()
}

func TestReader(t *testing.T) {
	rec, err := NewRecogniser()
	if err != nil {
		t.Skip(err)
	}
	r := NewReader(rec)
	defer r.Close()
	room := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	m := doctest.Hold(room, doctest.Card(1000, nil, zone), doctest.Pose{X: 640, Y: 360, Width: 640, Roll: 0.1, Noise: 2, Quality: 80})
	f := vision.FromImage(m, time.Second)
	if !r.Offer(f, Outline{}) {
		t.Fatal("an idle reader takes no picture")
	}
	clear(f.Image.Y) // it took a copy
	if r.Offer(f, Outline{}) {
		t.Error("a busy reader took another picture")
	}
	readings, err := drain(t, r)
	if err != nil || len(readings) != 1 || readings[0].At != time.Second {
		t.Fatalf("%+v %v", readings, err)
	}
	v := mrz.NewVote(time.Now(), "")
	for _, text := range readings[0].Texts {
		v.Add(text)
	}
	if d, _, ok := v.Result(); !ok || d.Number != "L898902C3" {
		t.Errorf("read %q", readings[0].Texts)
	}
}

// Pictures of all shapes, and a program that fails, neither stop nor break it.
func TestReaderEndures(t *testing.T) {
	rec, err := NewRecogniser()
	if err != nil {
		t.Skip(err)
	}
	r := NewReader(rec)
	for _, size := range []image.Point{{1, 1}, {2, 2}, {3, 700}, {4000, 2}, {161, 119}, {3001, 1999}} {
		r.Offer(vision.FromImage(image.NewGray(image.Rectangle{Max: size}), 0), Outline{})
		if _, err := drain(t, r); err != nil && size.X > 1 {
			t.Errorf("%v: %v", size, err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	card := vision.FromImage(doctest.Card(900, nil, zone), 0)
	r = NewReader(program(t, "exit 1\n"))
	for range maxFailures {
		r.Offer(card, Outline{})
		drain(t, r)
	}
	if _, err := r.Take(); err == nil || r.Offer(card, Outline{}) {
		t.Errorf("after %d failures: %v", maxFailures, err)
	}
	r.Close()
	r = NewReader(program(t, "sleep 60\n"))
	r.Offer(card, Outline{})
	began := time.Now()
	if r.Close(); time.Since(began) > 3*time.Second {
		t.Errorf("Close waited %v for a program that hangs", time.Since(began))
	}
}
