package document

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

const (
	// stripsPerPicture bounds how many parts of one picture are recognised.
	stripsPerPicture = 3
	// maxFailures in a row end the reading.
	maxFailures = 3
	// maxReadings bounds the results that wait to be taken.
	maxReadings = 8
)

// Reading is what was recognised in one picture.
type Reading struct {
	At    time.Duration
	Texts []string // of each part that could be a zone, the likeliest first
	Took  time.Duration
}

// Reader reads zones beside the pipeline: one picture at a time, in a goroutine
// of its own, which Close ends and waits for. A picture that is offered while
// one is being read is left out.
type Reader struct {
	cancel context.CancelFunc
	jobs   chan job
	ended  sync.WaitGroup

	mu       sync.Mutex
	busy     bool
	readings []Reading
	err      error // why nothing more is read
}

// job is a picture to be read, with where the document lies in it.
type job struct {
	frame   *vision.Frame
	outline Outline
}

// NewReader starts a reader.
func NewReader(r *Recogniser) *Reader {
	ctx, cancel := context.WithCancel(context.Background())
	out := &Reader{cancel: cancel, jobs: make(chan job, 1)}
	out.ended.Go(func() { out.run(ctx, r) })
	return out
}

// Offer hands over a picture, of which it takes a copy, with the document's
// outline in it, as far as that is known, and tells whether it will be read.
func (r *Reader) Offer(f *vision.Frame, o Outline) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy || r.err != nil {
		return false
	}
	r.busy = true
	r.jobs <- job{f.Clone(), o} // there is room: nothing else is under way
	return true
}

// Busy tells that a picture is being read.
func (r *Reader) Busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.busy
}

// Take gives what was read since the last call, and why nothing more will be,
// if that is so.
func (r *Reader) Take() ([]Reading, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.readings
	r.readings = nil
	return out, r.err
}

// Close ends the reading of the picture under way and waits for its end.
func (r *Reader) Close() error {
	r.cancel()
	r.ended.Wait()
	return nil
}

func (r *Reader) run(ctx context.Context, rec *Recogniser) {
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-r.jobs:
			reading, err := readPicture(ctx, rec, j.frame, j.outline)
			r.mu.Lock()
			r.busy = false
			if err == nil {
				failures = 0
				if r.readings = append(r.readings, reading); len(r.readings) > maxReadings {
					r.readings = r.readings[1:]
				}
			} else if failures++; failures == maxFailures {
				r.err = err
			}
			r.mu.Unlock()
		}
	}
}

// readPicture recognises the parts of a picture that can be a zone: the lower
// part of the document, where its corners are known, and what has the shape of
// one.
func readPicture(ctx context.Context, rec *Recogniser, f *vision.Frame, o Outline) (Reading, error) {
	began := time.Now()
	p, err := opencv.FromFrame(f)
	if err != nil {
		return Reading{}, err
	}
	parts, err := zoneParts(p, o)
	if err = errors.Join(err, p.Close()); err != nil {
		return Reading{}, fmt.Errorf("reading a zone: %w", err)
	}
	out := Reading{At: f.At}
	for _, part := range parts {
		text, err := rec.Read(ctx, part)
		if err != nil {
			return Reading{}, err
		}
		out.Texts = append(out.Texts, text)
	}
	out.Took = time.Since(began)
	return out, nil
}

// zoneParts are the parts of a picture that are recognised, at most
// stripsPerPicture.
func zoneParts(p *opencv.Picture, o Outline) (out []*image.Gray, err error) {
	if o.Found {
		low, err := zoneOf(p, o.Quad)
		if err != nil {
			return nil, err
		}
		out = append(out, low)
	}
	strips, err := Strips(p, stripsPerPicture-len(out))
	if err != nil {
		return nil, err
	}
	for _, s := range strips {
		out = append(out, s.Image)
	}
	return out, nil
}
