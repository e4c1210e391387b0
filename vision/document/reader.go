package document

import (
	"context"
	"fmt"
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
	Texts []string // of each part that could be a zone
	Took  time.Duration
}

// Reader reads zones beside the pipeline: one picture at a time, in a goroutine
// of its own, which Close ends and waits for. A picture that is offered while
// one is being read is left out.
type Reader struct {
	cancel context.CancelFunc
	jobs   chan *vision.Frame
	ended  sync.WaitGroup

	mu       sync.Mutex
	busy     bool
	readings []Reading
	err      error // why nothing more is read
}

// NewReader starts a reader.
func NewReader(r *Recogniser) *Reader {
	ctx, cancel := context.WithCancel(context.Background())
	out := &Reader{cancel: cancel, jobs: make(chan *vision.Frame, 1)}
	out.ended.Go(func() { out.run(ctx, r) })
	return out
}

// Offer hands over a picture, of which it takes a copy, and tells whether it
// will be read.
func (r *Reader) Offer(f *vision.Frame) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy || r.err != nil {
		return false
	}
	r.busy = true
	r.jobs <- f.Clone() // there is room: nothing else is under way
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
		case f := <-r.jobs:
			reading, err := readPicture(ctx, rec, f)
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

// readPicture recognises the parts of a picture that can be a zone.
func readPicture(ctx context.Context, rec *Recogniser, f *vision.Frame) (Reading, error) {
	began := time.Now()
	p, err := opencv.FromFrame(f)
	if err != nil {
		return Reading{}, err
	}
	strips, err := Strips(p, stripsPerPicture)
	p.Close()
	if err != nil {
		return Reading{}, fmt.Errorf("reading a zone: %w", err)
	}
	out := Reading{At: f.At}
	for _, s := range strips {
		text, err := rec.Read(ctx, s.Image)
		if err != nil {
			return Reading{}, err
		}
		out.Texts = append(out.Texts, text)
	}
	out.Took = time.Since(began)
	return out, nil
}
