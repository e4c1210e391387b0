package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
	"time"

	"bonafide/models"
	"bonafide/server/analysis"
	"bonafide/server/app"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/identity"
	"bonafide/vision/liveness"
)

// stageTimes are the times that one stage took, and how often a second it runs live.
type stageTimes struct {
	name  string
	rate  float64
	times []time.Duration // by the clock
	cpu   []time.Duration // of all threads of this process
}

func (s *stageTimes) time(f func() error) error {
	begin, cpu := time.Now(), cpuTime()
	err := f()
	s.cpu = append(s.cpu, cpuTime()-cpu)
	s.times = append(s.times, time.Since(begin))
	return err
}

// cpuTime is what this process has used, in user and system mode.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0 // does not happen for the process itself
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// benchStages measures each stage of the analysis of a picture, one after the
// other in one goroutine, as the live analysis of one candidate does.
func benchStages(out io.Writer, set *models.Set, modelsDir string, quick bool) error {
	fmt.Fprintln(out, "Analysis, stage by stage: one call after the other in one goroutine, by the clock and in CPU time of all threads.")
	fmt.Fprintln(out, `"CPU ms a second" is the mean CPU time times how often the stage runs in a second of a live call.`)
	fmt.Fprintln(out)
	t := newTable(out, "picture", "stage", "calls", "p50 ms", "p95 ms", "CPU ms", "a second", "CPU ms a second")
	for _, size := range videoSizes(quick) {
		v, err := newTalkingHead(modelsDir, size.w, size.h, size.kbps)
		if err != nil {
			return err
		}
		stages, err := measureStages(set, v)
		if err != nil {
			return fmt.Errorf("analysis of %dx%d: %w", size.w, size.h, err)
		}
		total := 0.0
		for _, s := range stages {
			if len(s.times) == 0 {
				return fmt.Errorf("analysis of %dx%d: %s did not run", size.w, size.h, s.name)
			}
			slices.Sort(s.times)
			p50, p95 := s.times[len(s.times)/2], s.times[len(s.times)*95/100]
			mean := 0.0
			for _, d := range s.cpu {
				mean += float64(d) / 1e6 / float64(len(s.cpu))
			}
			perSecond := mean * s.rate
			total += perSecond
			t.row(fmt.Sprintf("%dx%d", size.w, size.h), s.name, len(s.times), ms(p50), ms(p95), fmt.Sprintf("%.2f", mean), s.rate, fmt.Sprintf("%.1f", perSecond))
		}
		t.row(fmt.Sprintf("%dx%d", size.w, size.h), "all, % of a core", "", "", "", "", "", fmt.Sprintf("%.1f", total/10))
	}
	return t.flush()
}

type videoSize struct{ w, h, kbps int }

func videoSizes(quick bool) []videoSize {
	if quick {
		return []videoSize{{640, 480, 800}}
	}
	return []videoSize{{640, 480, 800}, {1280, 720, 1500}}
}

// The rates of a live call: the defaults of `bonafide serve`.
const (
	detectRate   = 2
	landmarkRate = 12
)

// measureStages measures everything that is done for one candidate who talks
// with one interviewer.
func measureStages(set *models.Set, v *talkingHead) ([]*stageTimes, error) {
	pictures, s, err := measurePictures(set, v)
	if err != nil {
		return nil, err
	}
	wide, err := measureWide(set, v, s)
	return append(wide, pictures...), err
}

// models of faces that are used now and then.
type rare struct {
	embedder *identity.Embedder
	scorer   *liveness.Scorer
}

func newRare(set *models.Set) (r rare, err error) {
	if r.embedder, err = identity.NewEmbedder(set); err != nil {
		return r, err
	}
	if r.scorer, err = liveness.NewScorer(set); err != nil {
		err = errors.Join(err, r.embedder.Close())
	}
	return r, err
}

func (r rare) close() error { return errors.Join(r.embedder.Close(), r.scorer.Close()) }

// rareRate is how often a second faces are compared, and scored.
const rareRate = 0.5

// measurePictures measures the stages of the camera's pictures.
func measurePictures(set *models.Set, v *talkingHead) (_ []*stageTimes, s seen, err error) {
	decoder, err := codec.NewVP8Decoder()
	if err != nil {
		return nil, s, err
	}
	defer decoder.Close()
	stage, err := face.NewStage(set, face.Config{})
	if err != nil {
		return nil, s, err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	now, err := newRare(set)
	if err != nil {
		return nil, s, err
	}
	defer func() { err = errors.Join(err, now.close()) }()
	p := newPictureStages()
	track := &canned{}
	pipe, err := analysis.NewPipeline((&app.Config{DetectRate: detectRate, LandmarkRate: landmarkRate}).Pipeline(), track,
		evidence.Subject{Interview: "bench", Participant: "candidate", Source: "camera", Run: evidence.RunLive},
		analysis.Gate{}, 0, analysis.Emit{Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}, Still: func(evidence.Still, []byte) {}})
	if err != nil {
		return nil, s, err
	}
	for n, f := range v.frames {
		frame := &vision.Frame{At: f.At}
		if err := p.decode.time(func() (err error) { frame.Image, frame.Damaged, err = decoder.Decode(f.Data); return err }); err != nil {
			return nil, s, err
		}
		err := p.print.time(func() error {
			s.prints = append(s.prints, analysis.StreamPicture{AtMS: f.At.Seconds() * 1000, Print: analysis.NewPrint(frame.Image)})
			return nil
		})
		if err != nil {
			return nil, s, err
		}
		if n%5 == 0 || n%5 == 2 { // twelve of thirty a second
			if err := p.faces(stage, frame, n%15 == 0); err != nil {
				return nil, s, err
			}
			if err := p.more(now, stage, frame, n%15 == 0); err != nil {
				return nil, s, err
			}
			s.faces = append(s.faces, p.reading(frame, n%15 == 0))
		}
		track.main = p.followed
		if err := p.detectors.time(func() error { return pipe.Frame(frame) }); err != nil {
			return nil, s, err
		}
	}
	return p.all(), s, pipe.Finish(videoLength)
}

// canned is a face tracker that knows the answer already, at the rates of a
// live call, so that what comes after it can be timed apart from it.
type canned struct {
	main               *vision.Face
	searched, followed int // how many were due so far
}

// Process gives the face where a measurement is due.
func (c *canned) Process(f *vision.Frame) (face.Result, bool, error) {
	if f.At < time.Duration(c.followed)*time.Second/landmarkRate || c.main == nil {
		return face.Result{}, false, nil
	}
	c.followed++
	r := face.Result{At: f.At, Main: c.main}
	if f.At >= time.Duration(c.searched)*time.Second/detectRate {
		c.searched++
		r.Searched = true
	}
	return r, true, nil
}

// Reset does nothing: there is nothing that is followed.
func (c *canned) Reset() {}
