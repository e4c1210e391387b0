package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"bonafide/server/analysis"
	"bonafide/server/app"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
)

// liveRow is what was measured of a number of live analyses; cpu, rss and
// readings are per interview.
type liveRow struct {
	readings, dropped, cpu, rss, idle float64
	refused                           int64
	slowed                            int // the longest step between readings that any came to
}

// started waits for the children.
type started struct {
	mu   sync.Mutex
	left int
	all  chan struct{}
	bad  chan string
}

// Started counts a child that is ready.
func (s *started) Started(string, evidence.AnalysisPayload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left--; s.left == 0 {
		close(s.all)
	}
}

// Outage ends the measurement: a child that failed is not a figure.
func (s *started) Outage(interview string, p evidence.AnalysisPayload) {
	select {
	case s.bad <- interview + ": " + p.Reason:
	default:
	}
}

// The other events are not measured.

// Finding does nothing.
func (s *started) Finding(evidence.Finding) {}

// Series does nothing.
func (s *started) Series([]evidence.Series) {}

// Coverage does nothing.
func (s *started) Coverage([]evidence.Coverage) {}

// Enrolled does nothing.
func (s *started) Enrolled(evidence.EnrolledPayload) {}

// Compared does nothing.
func (s *started) Compared(evidence.ComparedPayload) {}

// Template does nothing.
func (s *started) Template(evidence.FaceTemplate) {}

// StepHint does nothing.
func (s *started) StepHint(string, evidence.StepHint) {}

// StepResult does nothing.
func (s *started) StepResult(evidence.StepResult) {}

// Present does nothing.
func (s *started) Present(string, []evidence.Coverage) {}

// Finished does nothing.
func (s *started) Finished(string, evidence.AnalysisPayload) {}

func measureLive(ctx context.Context, modelsDir string, v *talkingHead, set string, n int, length time.Duration) (row liveRow, err error) {
	ctx, cancel := context.WithTimeout(ctx, length+2*time.Minute)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return row, fmt.Errorf("finding this program: %w", err)
	}
	dir, err := os.MkdirTemp("", "bonafide-bench-")
	if err != nil {
		return row, err
	}
	defer os.RemoveAll(dir)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	events := &started{left: n, all: make(chan struct{}), bad: make(chan string, 1)}
	cfg := (&app.Config{DetectRate: detectRate, LandmarkRate: landmarkRate}).Pipeline()
	cfg.Detectors = detectorsOf(set)
	m, err := analysis.New(analysis.ManagerConfig{Command: []string{self, analyzerArg, modelsDir, set}, Pipeline: cfg, MediaDir: dir}, log, events)
	if err != nil {
		return row, err
	}
	feeding, stop := context.WithCancel(ctx)
	feed, feeding := errgroup.WithContext(feeding)
	defer func() {
		stop()
		err = errors.Join(err, feed.Wait(), m.Close())
	}()
	epoch := time.Now()
	for i := range n {
		id := fmt.Sprintf("bench%d", i)
		gate := analysis.Gate{}
		for _, p := range voices {
			gate.Heard = append(gate.Heard, p.participant)
		}
		m.SetGate(id, gate)
		sink := m.Sink(media.Track{Interview: id, Participant: "candidate", Role: "candidate", ID: "t",
			Source: media.SourceCamera, MimeType: "video/VP8", ClockRate: 90000, Epoch: epoch, RequestKeyFrame: func() {}})
		feed.Go(func() error { return v.feed(feeding, sink, uint32(i+1)) })
		for k, p := range voices {
			sink := m.Sink(media.Track{Interview: id, Participant: p.participant, Role: p.role, ID: "s" + p.role,
				Source: media.SourceMicrophone, MimeType: "audio/opus", ClockRate: 48000, Epoch: epoch, RequestKeyFrame: func() {}})
			if sink == nil {
				continue // nobody of this set listens
			}
			feed.Go(func() error { return feedTalk(feeding, sink, uint32(100+i), k == 1) })
		}
	}
	if err := await(ctx, events, events.all); err != nil {
		return row, err
	}
	if err := await(ctx, events, time.After(3*time.Second)); err != nil { // until what came while models were loaded is over
		return row, err
	}
	before, err := readLive(m)
	if err != nil {
		return row, err
	}
	if err := await(ctx, events, time.After(length)); err != nil {
		return row, err
	}
	after, err := readLive(m)
	if err != nil {
		return row, err
	}
	return before.to(after, n)
}

// await waits for done, or for what ends a measurement.
func await[T any](ctx context.Context, s *started, done <-chan T) error {
	select {
	case <-done:
		return nil
	case bad := <-s.bad:
		return fmt.Errorf("an analysis process failed: %s", bad)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// feed sends the video over and over, in real time, until ctx ends.
func (v *talkingHead) feed(ctx context.Context, sink media.Sink, ssrc uint32) error {
	defer sink.Close()
	p, err := mediatest.NewPacketizer("video/VP8", ssrc, 1, 0)
	if err != nil {
		return err
	}
	return every(ctx, time.Second/videoFPS, func(n int, at, _ time.Duration) error {
		f := v.frames[n%len(v.frames)]
		f.At = at
		for _, pkt := range p.Packets(f) {
			sink.WriteRTP(pkt, time.Now())
		}
		return nil
	})
}

// feedTalk sends one side of the made talk over and over.
func feedTalk(ctx context.Context, sink media.Sink, ssrc uint32, second bool) error {
	defer sink.Close()
	talk, err := newTalk(second)
	if err != nil {
		return err
	}
	p, err := mediatest.NewPacketizer("audio/opus", ssrc, 1, 0)
	if err != nil {
		return err
	}
	return every(ctx, packetEvery, func(n int, at, _ time.Duration) error {
		f := talk[n%len(talk)]
		f.At = at
		for _, pkt := range p.Packets(f) {
			sink.WriteRTP(pkt, time.Now())
		}
		return nil
	})
}

// liveReading is what all analyses had done at an instant.
type liveReading struct {
	use   use // of the machine; cpu and rss of all children
	stats analysis.Stats
	lost  int64
}

func readLive(m *analysis.Manager) (liveReading, error) {
	var r liveReading
	for _, l := range m.Live() {
		u, err := readUse(l.PID)
		if err != nil {
			return r, err
		}
		u.cpu, u.rss = u.cpu+r.use.cpu, u.rss+r.use.rss
		r.use = u
		r.stats.Searched += l.Stats.Searched
		r.stats.Landmarks += l.Stats.Landmarks
		r.stats.Dropped += l.Stats.Dropped
		r.stats.Slowed = max(r.stats.Slowed, l.Stats.Slowed)
		r.lost += l.Dropped
	}
	return r, nil
}

func (r liveReading) to(s liveReading, n int) (liveRow, error) {
	took := s.use.at.Sub(r.use.at).Seconds()
	made := s.stats.Searched + s.stats.Landmarks - r.stats.Searched - r.stats.Landmarks
	dropped := s.stats.Dropped - r.stats.Dropped
	if made == 0 {
		return liveRow{}, errors.New("nothing was measured in the time")
	}
	return liveRow{
		readings: float64(made) / took / float64(n), dropped: 100 * float64(dropped) / float64(made+dropped), refused: s.lost - r.lost, slowed: max(r.stats.Slowed, s.stats.Slowed, 1),
		cpu: 100 * (s.use.cpu - r.use.cpu).Seconds() / took / float64(n), rss: float64(s.use.rss) / 1e6 / float64(n), idle: idle(r.use, s.use),
	}, nil
}
