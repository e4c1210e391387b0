package analysis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"bonafide/server/durable"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/vault"
)

// ManagerConfig sets the live analysis. Zero means the default, where there is one.
type ManagerConfig struct {
	// Command starts the child: the program and its arguments. The program
	// calls RunChild on its standard input and output.
	Command []string
	// Pipeline is handed to the child; its Detectors must be the child's own.
	Pipeline Config
	// MediaDir is where stills are kept, as <interview>/stills/<sha256>.jpg.
	MediaDir string
	// Vault encrypts stills; nil keeps them plain.
	Vault *vault.Vault
	// QueueLen bounds the packets that wait for the child; default 256, two
	// seconds of a camera at 720 lines.
	QueueLen int
	// Nice is by how much the child's priority is lowered; default 10, so that
	// forwarding and recording go first.
	Nice int
	// TickEvery is how often the child is told the time; default 250 ms.
	TickEvery time.Duration
	// HangAfter is for how long a child may be silent before it is killed;
	// default 10 s. StartWithin is the same for loading models; default 30 s.
	HangAfter, StartWithin time.Duration
	// RestartAfter is the pause before a restart; default 500 ms. It doubles
	// with every child that does not live for a minute, up to 30 s.
	RestartAfter time.Duration
	// FinishWithin is how long Finish waits for the last findings; default 10 s.
	FinishWithin time.Duration
}

// Events takes what live analysis finds. The methods are called from one
// goroutine per interview, in order; a finding comes after its stills were
// written. While a method runs, the results of that interview wait.
type Events interface {
	// Started tells that the models are loaded and measuring begins.
	Started(interview string, p evidence.AnalysisPayload)
	// Finding is new, grew (Open) or was closed. The same ID replaces itself.
	Finding(f evidence.Finding)
	// Coverage is complete and final.
	Coverage(c []evidence.Coverage)
	// Series are readings over time, to be kept; they come before the finding
	// that rests on them.
	Series(all []evidence.Series)
	// Enrolled tells who was enrolled, Compared shows what was compared with that.
	Enrolled(p evidence.EnrolledPayload)
	Compared(p evidence.ComparedPayload)
	// Template is a face to be kept, at the end of an interview whose candidate
	// agreed to that.
	Template(t evidence.FaceTemplate)
	// StepHint is what the candidate should be told now, while a step goes on.
	StepHint(interview string, h evidence.StepHint)
	// StepResult is what the check of a step measured; it comes once for every
	// BeginStep.
	StepResult(r evidence.StepResult)
	// Present is the coverage going on of each kind, once a second: to be
	// shown, not kept. Coverage gives the same intervals when they end.
	Present(interview string, c []evidence.Coverage)
	// Outage tells that nothing was measured between StartMS and EndMS, since
	// the analysis process crashed, hung, did not start, or was not done in time
	// at the end (Reason "crash", "hang", "start", "late").
	Outage(interview string, p evidence.AnalysisPayload)
	// Finished comes last.
	Finished(interview string, p evidence.AnalysisPayload)
}

// Manager runs the analysis of live interviews, each in a child process of its
// own. It decodes nothing and loads no models itself.
type Manager struct {
	cfg    ManagerConfig
	log    *slog.Logger
	events Events
	ctx    context.Context
	stop   context.CancelFunc

	mu       sync.Mutex
	closed   bool
	sessions map[string]*session
	gates    map[string]Gate
	loose    sync.WaitGroup          // results of steps without a session
	pictures chan struct{}           // holds one value while a photograph is measured
	early    map[string][]*soundSink // of interviewers, before the candidate came
}

// New makes a manager.
func New(cfg ManagerConfig, log *slog.Logger, events Events) (*Manager, error) {
	if len(cfg.Command) == 0 {
		return nil, errors.New("analysis: Command is empty, must be the program and its arguments")
	}
	if cfg.MediaDir == "" {
		return nil, errors.New("analysis: MediaDir is empty, must be the folder in which stills are kept")
	}
	if err := cfg.Pipeline.Validate(); err != nil {
		return nil, err
	}
	cfg.QueueLen = or(cfg.QueueLen, 256)
	cfg.Nice = or(cfg.Nice, 10)
	cfg.TickEvery = or(cfg.TickEvery, 250*time.Millisecond)
	cfg.HangAfter = or(cfg.HangAfter, 10*time.Second)
	cfg.StartWithin = or(cfg.StartWithin, 30*time.Second)
	cfg.RestartAfter = or(cfg.RestartAfter, 500*time.Millisecond)
	cfg.FinishWithin = or(cfg.FinishWithin, 10*time.Second)
	ctx, stop := context.WithCancel(context.Background())
	return &Manager{
		cfg: cfg, log: log, events: events, ctx: ctx, stop: stop,
		sessions: map[string]*session{}, pictures: make(chan struct{}, 1), gates: map[string]Gate{}, early: map[string][]*soundSink{},
	}, nil
}

// Sink gives the sink of a new track, or nil if it is not analysed: the
// candidate's camera is measured, and the microphones of those whom the gate
// lets be heard, if there are detectors for them. The candidate's microphone is
// taken as a sign that the link is alive in any case. The candidate's first
// track starts the interview's process. Call it after SetGate.
func (m *Manager) Sink(t media.Track) media.Sink {
	candidate, microphone := t.Role == roleCandidate, t.Source == media.SourceMicrophone
	if !(candidate && (t.Source == media.SourceCamera || microphone)) && !(t.Role == roleInterviewer && microphone && m.cfg.Pipeline.wide()) {
		return nil
	}
	if err := checkName(t.Interview); err != nil {
		m.log.Error("track is not analysed", "error", err)
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[t.Interview]
	if s == nil && m.closed {
		return nil
	}
	if microphone && s == nil && !candidate {
		sink := &soundSink{track: t}
		m.early[t.Interview] = append(m.early[t.Interview], sink)
		return sink
	}
	if s == nil {
		s = newSession(m, t.Interview, t.Epoch, m.gates[t.Interview])
		m.sessions[t.Interview] = s
		go s.run() // waited for by Finish and Close
		defer func() {
			for _, sink := range m.early[t.Interview] {
				sink.attach(s)
			}
			delete(m.early, t.Interview)
		}()
	}
	if microphone {
		sink := &soundSink{track: t}
		sink.attach(s)
		if candidate {
			s.expectCamera(t)
		}
		return sink
	}
	if sink := s.openTrack(t); sink != nil {
		return sink
	}
	return nil
}

// Fact hands over what a participant's page told at an interview time.
func (m *Manager) Fact(interview string, f evidence.FactPayload, at time.Duration) {
	m.pass(interview, control{Do: doFact, Fact: &f, At: at})
}

// Mark hands over an interviewer's question mark at an interview time.
func (m *Manager) Mark(interview, participant string, phase evidence.QuestionPhase, at time.Duration) {
	m.pass(interview, control{Do: doMark, Open: &openTrack{Participant: participant, Role: roleInterviewer}, Mark: phase, At: at})
}

// pass tells an interview's process something for detectors of wider scope.
func (m *Manager) pass(interview string, c control) {
	m.mu.Lock()
	s := m.sessions[interview]
	m.mu.Unlock()
	if s != nil && m.cfg.Pipeline.wide() {
		s.tell(c)
	}
}

// SetGate says what is measured in an interview, from now on or, before its
// first track, from the beginning.
func (m *Manager) SetGate(interview string, g Gate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gates[interview] = g
	if s := m.sessions[interview]; s != nil {
		s.setGate(g)
	}
}

// Finish ends the analysis of an interview and waits for its last findings. It
// gives an error if they did not come in time; what was known then was closed.
// An interview without analysis is finished at once.
func (m *Manager) Finish(interview string) error {
	m.mu.Lock()
	s := m.sessions[interview]
	delete(m.gates, interview)
	delete(m.early, interview)
	m.mu.Unlock()
	if s == nil {
		return nil
	}
	err := s.finish(m.cfg.FinishWithin)
	m.mu.Lock()
	delete(m.sessions, interview)
	m.mu.Unlock()
	return err
}

// Live counts what is going on in one interview's analysis.
type Live struct {
	Interview string
	PID       int   // of the child; 0 while there is none
	Dropped   int64 // packets that found the queue full
	Restarts  int
	Stats     Stats // of the present child, a second old at most
}

// Live tells how the analyses going on are doing.
func (m *Manager) Live() []Live {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Live, 0, len(m.sessions))
	for _, s := range m.sessions {
		out = append(out, s.live())
	}
	return out
}

// Close finishes every interview's analysis, at once, and waits.
func (m *Manager) Close() error {
	m.mu.Lock()
	m.closed = true
	names := make([]string, 0, len(m.sessions))
	for name := range m.sessions {
		names = append(names, name)
	}
	m.mu.Unlock()
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { errs[i] = m.Finish(name) })
	}
	wg.Wait()
	m.loose.Wait()
	m.stop()
	return errors.Join(errs...)
}

var nameRE = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// checkName refuses interviews that cannot name a folder.
func checkName(interview string) error {
	if !nameRE.MatchString(interview) {
		return fmt.Errorf("analysis: interview %q must be 1 to 64 letters, digits, - or _", interview)
	}
	return nil
}

// WriteStill keeps a still, encrypted or not, as
// <dir>/<interview>/stills/<sha256>.jpg, whole or not at all; the hash is of
// the picture itself. One that is there already is left as it is.
func WriteStill(dir, interview, sha256 string, jpeg []byte) error {
	if err := checkName(interview); err != nil {
		return err
	}
	if !nameRE.MatchString(sha256) {
		return fmt.Errorf("analysis: still %q is not named by a SHA-256", sha256)
	}
	path := stillPath(dir, interview, sha256)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("keeping a still: %w", err)
	}
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return replaceStill(path, jpeg)
}

func stillPath(dir, interview, sha256 string) string {
	return filepath.Join(dir, interview, "stills", sha256+".jpg")
}

// replaceStill writes the file of a still, whole or not at all.
func replaceStill(path string, kept []byte) error {
	if err := durable.Write(path, kept); err != nil {
		return fmt.Errorf("keeping a still: %w", err)
	}
	return nil
}
