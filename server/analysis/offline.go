package analysis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/webm"
)

// Options says what AnalyzeFile is to measure and how to name it.
type Options struct {
	// Run names the run in its findings and their identifiers. The same run on
	// the same file with the same models gives the same result.
	Run string
	// Interview and Participant are what the file shows; Source is "camera" if
	// empty.
	Interview, Participant, Source string
	// Offset is the interview time of the file's beginning. At 0 it is taken
	// from the file where that says it, as our recordings do.
	Offset    time.Duration
	Config    Config
	Gate      Gate
	ModelsDir string
	// Truth is what the log knows of the recording. Without it a hole in the
	// pictures is taken for camera.off if the sound goes on or there is none,
	// and for packet loss if the sound has the same hole.
	Truth Truth
	// Others are the recordings of the other participants.
	Others []OtherSound
	// Sound says whose sound a foreign file holds; "" for recordings of ours.
	Sound FileSound
	// Region is the part of a foreign file's pictures that is looked at.
	Region Region
	// ShownAt is a time of a foreign file at which it shows who is to be measured,
	// should it be cut from person to person. 0: whoever is shown the longest is.
	ShownAt time.Duration
	// Open opens a recording; webm.Open if nil.
	Open func(path string) (*webm.Reader, error)
	// Progress is told how far the analysis is, a few times a second; total is
	// 0 where the file does not tell. It may be nil.
	Progress func(done, total time.Duration)
}

// Truth is what was logged of a live track, in interview time.
type Truth struct {
	Mutes []Span
	Gaps  []evidence.Gap // of this source
	// SoundGaps are those of the same participant's microphone.
	SoundGaps []evidence.Gap
	Gates     []GateChange // after Options.Gate, by time
	// What detectors of wider scope are told: marks and facts by time, and when
	// microphones were muted.
	Marks, Facts []SceneReading
	VoiceMutes   []VoiceMute
	// Steps of the run-sheet: they are checked again, and what they ask for is
	// not taken for anything else.
	Steps []StepSpan
}

// StepSpan is a step of the run-sheet and when it went on.
type StepSpan struct {
	Order evidence.StepOrder
	Span
}

// GateChange says what may be measured from an interview time on.
type GateChange struct {
	At   time.Duration
	Gate Gate
}

// VoiceMute is a time in which a participant's microphone was switched off.
type VoiceMute struct {
	Participant string
	Span
}

// Span is an interval of interview time.
type Span struct{ From, To time.Duration }

// Result is what AnalyzeFile found.
type Result struct {
	Findings []evidence.Finding // closed, by start
	Coverage []evidence.Coverage
	Series   []evidence.Series // by detector, in order of time
	Steps    []evidence.StepResult
	Enrolled []evidence.EnrolledPayload
	Compared []evidence.ComparedPayload
	Stills   map[string][]byte // JPEG by SHA-256
	Models   []evidence.ModelRef
	// Start and Duration tell the interval of interview time that was analysed.
	Start, Duration time.Duration
	Stats           Stats
	// Shots are the parts of a foreign recording between its cuts, and whom they
	// show. There is one where it is not cut.
	Shots []Shot
	// Truncated says why the file ended early, or is empty. What came before is
	// analysed like any other.
	Truncated string
	// Unmeasured says in sentences what could not be measured on the file.
	Unmeasured []string
}

// ErrNotVideo is wrapped by the errors of files that hold no video.
var ErrNotVideo = errors.New("not a video")

// offline is one run over a file.
type offline struct {
	opts    Options
	pipe    *Pipeline
	scene   *ScenePipeline // nil without detectors of wider scope
	voice   voiceDecoder   // of the candidate's sound
	others  []*soundFile
	foreign *foreignSound // nil without
	result  Result
	last    map[string]evidence.Finding
	events  []event

	failed    error // handing faces on
	measuring bool  // after the search for shots
	// resampled tells that the pictures were taken out of the file at even times.
	resampled bool
	start     time.Duration
	told      time.Time
}

// event is something the log knows, to be told when its time has come.
type event struct {
	at time.Duration
	do func(*Pipeline) error
}

// AnalyzeFile measures a kept or foreign recording with the pipeline of the
// live call. VP8 in WebM is read as it was recorded, unless it is a foreign file
// that is cut from person to person; everything else goes through ffmpeg at 10
// pictures a second, where a hole in the pictures shows as a frozen one. Every
// foreign file goes through ffmpeg once before that, in search of cuts.
func AnalyzeFile(ctx context.Context, path string, opts Options) (Result, error) {
	switch {
	case opts.Run == "" || opts.Run == evidence.RunLive:
		return Result{}, fmt.Errorf("analysing %s: Run is %q, must name this run", path, opts.Run)
	case opts.Sound == "" && !opts.Region.All():
		return Result{}, fmt.Errorf("analysing %s: Region is %v, must be the whole picture in a recording of ours, which shows one person", path, opts.Region)
	case opts.ShownAt < 0:
		return Result{}, fmt.Errorf("analysing %s: ShownAt is %v, must not be negative", path, opts.ShownAt)
	case opts.Offset < 0:
		return Result{}, fmt.Errorf("analysing %s: Offset is %v, must not be negative", path, opts.Offset)
	}
	if st, err := os.Stat(path); err != nil {
		return Result{}, fmt.Errorf("analysing: %w", err)
	} else if !st.Mode().IsRegular() || st.Size() == 0 {
		return Result{}, fmt.Errorf("analysing %s: %w: it must be a file that is not empty", path, ErrNotVideo)
	}
	if opts.Source == "" {
		opts.Source = string(media.SourceCamera)
	}
	set, err := models.Open(opts.ModelsDir)
	if err != nil {
		return Result{}, err
	}
	defer set.Close()
	e, err := newEngine(set, opts.Config)
	if err != nil {
		return Result{}, err
	}
	defer e.close()

	o := &offline{opts: opts, last: map[string]evidence.Finding{}}
	o.result.Stills = map[string][]byte{}
	o.result.Models = e.all()
	if opts.Sound != "" {
		if err := o.findShots(ctx, path, e); err != nil {
			return Result{}, fmt.Errorf("analysing %s: %w", path, err)
		}
	}
	err = o.webm(ctx, path, e)
	if errors.Is(err, errForeign) {
		err = o.ffmpeg(ctx, path, e)
	}
	if err != nil {
		return Result{}, fmt.Errorf("analysing %s: %w", path, err)
	}
	return o.finish(), nil
}

// begin makes the pipeline when the file's start is known.
func (o *offline) begin(e *engine, start time.Duration) (err error) {
	o.start, o.measuring = start, true
	o.result.Start = start
	if err := o.beginScene(e, start); err != nil {
		return err
	}
	emit := o.emit()
	if o.scene != nil {
		emit.Faces = func(r FaceReading) { o.failed = errors.Join(o.failed, o.scene.Faces(r)) }
	}
	o.pipe, err = NewPipeline(o.opts.Config, e.tracker(), evidence.Subject{
		Interview: o.opts.Interview, Participant: o.opts.Participant, Source: o.opts.Source, Run: o.opts.Run,
		Models: e.models(),
	}, o.opts.Gate, start, emit)
	if err != nil {
		return err
	}
	o.followShots(start)
	for _, m := range o.opts.Truth.Mutes {
		o.events = append(o.events,
			event{m.From, func(p *Pipeline) error { return p.SetMuted(true, m.From) }},
			event{m.To, func(p *Pipeline) error { return p.SetMuted(false, m.To) }})
	}
	for _, g := range o.opts.Truth.Gaps {
		why := gapReason(media.Cause(g.Cause))
		if why == "" {
			continue // nothing was sent: that is what camera.off measures
		}
		from, to := time.Duration(g.StartMS)*time.Millisecond, time.Duration(g.EndMS)*time.Millisecond
		o.events = append(o.events,
			event{from, func(p *Pipeline) error { return p.SetLost(why, from) }},
			event{to, func(p *Pipeline) error { return p.SetLost("", to) }})
	}
	for _, g := range o.opts.Truth.Gates {
		o.events = append(o.events, event{g.At, func(p *Pipeline) error {
			if o.scene != nil {
				if err := o.scene.SetGate(g.Gate, g.At); err != nil {
					return err
				}
			}
			return p.SetGate(g.Gate, g.At)
		}})
	}
	for _, s := range o.opts.Truth.Steps {
		o.events = append(o.events,
			event{s.From, func(p *Pipeline) error {
				if o.scene != nil {
					if err := o.scene.Step(s.Order, s.From); err != nil {
						return err
					}
				}
				return p.BeginStep(s.Order, s.From)
			}},
			event{s.To, func(p *Pipeline) error { return p.EndStep(s.Order.Step, s.To) }})
	}
	slices.SortStableFunc(o.events, func(a, b event) int { return int(a.at - b.at) })
	return nil
}

// emit keeps what is found.
func (o *offline) emit() Emit {
	return Emit{
		Finding:    func(f evidence.Finding) { o.last[f.ID] = f },
		Coverage:   func(cs []evidence.Coverage) { o.result.Coverage = append(o.result.Coverage, cs...) },
		Still:      func(s evidence.Still, jpeg []byte) { o.result.Stills[s.SHA256] = jpeg },
		Series:     func(all []evidence.Series) { o.result.Series = append(o.result.Series, all...) },
		Enrolled:   func(e evidence.EnrolledPayload) { o.result.Enrolled = append(o.result.Enrolled, e) },
		Compared:   func(e evidence.ComparedPayload) { o.result.Compared = append(o.result.Compared, e) },
		StepResult: func(r evidence.StepResult) { o.result.Steps = append(o.result.Steps, r) },
	}
}

// gapReason is why nothing can be measured in a gap of that cause.
func gapReason(c media.Cause) evidence.Reason {
	switch c {
	case media.CauseDisconnected:
		return evidence.ReasonDisconnected
	case media.CauseLoss, media.CauseQueue, media.CauseWrite:
		return evidence.ReasonLoss
	}
	return ""
}

// upTo tells the pipeline what the log knows up to this time.
func (o *offline) upTo(at time.Duration) error {
	for len(o.events) > 0 && o.events[0].at <= at {
		e := o.events[0]
		o.events = o.events[1:]
		if err := e.do(o.pipe); err != nil {
			return err
		}
	}
	return nil
}

// progress tells how far it is, not too often.
func (o *offline) progress(done, total time.Duration, last bool) {
	if o.opts.Progress == nil || (!last && time.Since(o.told) < 200*time.Millisecond) {
		return
	}
	o.told = time.Now()
	if o.measuring && o.opts.Sound != "" && total > 0 {
		done = time.Duration(float64(total)*shotsEffort + float64(done)*(1-shotsEffort))
	}
	o.opts.Progress(done, max(total, 0))
}

// end finishes the pipeline at a time of the file.
func (o *offline) end(length time.Duration) error {
	at := o.start + length
	if err := o.upTo(at); err != nil {
		return err
	}
	o.result.Duration = length
	o.progress(length, length, true)
	err := o.pipe.Finish(at)
	if o.scene != nil {
		err = errors.Join(err, o.scene.Finish(at))
	}
	return err
}

// finish puts the result in order.
func (o *offline) finish() Result {
	for _, f := range o.last {
		o.result.Findings = append(o.result.Findings, f)
	}
	slices.SortFunc(o.result.Findings, func(a, b evidence.Finding) int {
		if a.StartMS != b.StartMS {
			return int(a.StartMS - b.StartMS)
		}
		return strings.Compare(string(a.Kind), string(b.Kind))
	})
	o.result.Unmeasured = o.unmeasured()
	o.result.Stats = o.pipe.Stats()
	if o.scene != nil {
		o.result.Stats = o.result.Stats.plus(o.scene.Stats())
	}
	return o.result
}

// errForeign tells that a file is not VP8 in WebM.
var errForeign = errors.New("not VP8 in WebM")

// webm reads VP8 in WebM.
func (o *offline) webm(ctx context.Context, path string, e *engine) error {
	if s := o.result.Shots; len(s) > 1 || len(s) == 1 && len(s[0].seats) > 1 {
		return errForeign // the shots, and places in them, go by the times of ffmpeg
	}
	r, err := o.open(path)
	if errors.Is(err, webm.ErrNotWebM) {
		return errForeign
	}
	if err != nil {
		return err
	}
	defer r.Close()
	return o.blocks(ctx, r, e)
}
