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
	"bonafide/vision/opencv"
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
	landmarkRate = 10
)

func measureStages(set *models.Set, v *talkingHead) (_ []*stageTimes, err error) {
	decoder, err := codec.NewVP8Decoder()
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	stage, err := face.NewStage(set, face.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	var (
		decode    = &stageTimes{name: "decode", rate: videoFPS}
		convert   = &stageTimes{name: "convert to BGR (within the two below)"}
		detect    = &stageTimes{name: "detect faces (landmarks of new ones included)", rate: detectRate}
		landmarks = &stageTimes{name: "landmarks of the face followed", rate: landmarkRate}
		quality   = &stageTimes{name: "sharpness and light (within the two above)"}
		detectors = &stageTimes{name: "detectors, findings, coverage", rate: videoFPS}
		track     = &canned{}
	)
	pipe, err := analysis.NewPipeline((&app.Config{DetectRate: detectRate, LandmarkRate: landmarkRate}).Pipeline(), track,
		evidence.Subject{Interview: "bench", Participant: "candidate", Source: "camera", Run: evidence.RunLive},
		analysis.Gate{}, 0, analysis.Emit{Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}, Still: func(evidence.Still, []byte) {}})
	if err != nil {
		return nil, err
	}
	var followed *vision.Face
	for n, f := range v.frames {
		frame := &vision.Frame{At: f.At}
		if err := decode.time(func() (err error) { frame.Image, frame.Damaged, err = decoder.Decode(f.Data); return err }); err != nil {
			return nil, err
		}
		if n%5 == 0 {
			var pic *opencv.Picture
			if err := convert.time(func() (err error) { pic, err = opencv.FromFrame(frame); return err }); err != nil {
				return nil, err
			}
			var faces []vision.Face
			if err := detect.time(func() (err error) { faces, err = stage.Detect(frame); return err }); err != nil {
				return nil, err
			}
			if len(faces) != 1 || !faces[0].Confirmed() {
				return nil, fmt.Errorf("%d faces were found at %v in a video of one", len(faces), f.At)
			}
			if err := quality.time(func() error { _, _, err := pic.Measure(faces[0].ROI); return err }); err != nil {
				return nil, err
			}
			if err := pic.Close(); err != nil {
				return nil, err
			}
			if followed == nil {
				followed = &faces[0]
			}
		} else if followed != nil && n%2 == 0 {
			if err := landmarks.time(func() (err error) { followed, err = stage.Landmarks(frame, followed); return err }); err != nil {
				return nil, err
			}
		}
		track.main = followed
		if err := detectors.time(func() error { return pipe.Frame(frame) }); err != nil {
			return nil, err
		}
	}
	if err := pipe.Finish(videoLength); err != nil {
		return nil, err
	}
	return []*stageTimes{decode, detect, landmarks, detectors, convert, quality}, nil
}

// canned is a face tracker that knows the answer already, at the rates of a
// live call, so that what comes after it can be timed apart from it.
type canned struct {
	main             *vision.Face
	search, landmark time.Duration // when they are due next
}

// Process gives the face where a measurement is due.
func (c *canned) Process(f *vision.Frame) (face.Result, bool, error) {
	if f.At < c.landmark || c.main == nil {
		return face.Result{}, false, nil
	}
	c.landmark = f.At + time.Second/landmarkRate
	r := face.Result{At: f.At, Main: c.main}
	if f.At >= c.search {
		c.search, r.Searched = f.At+time.Second/detectRate, true
	}
	return r, true, nil
}

// Reset does nothing: there is nothing that is followed.
func (c *canned) Reset() {}
