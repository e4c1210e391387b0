package analysis

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"bonafide/server/evidence"
)

// maxRestartPause is the longest pause before a restart.
const maxRestartPause = 30 * time.Second

// Why an outage began.
const (
	outageCrash = "crash"
	outageHang  = "hang"
	outageStart = "start" // no child could be started, or none loaded its models
	outageLate  = "late"  // the child was not done in time when the interview had ended
)

// run keeps a child running until the interview is finished.
func (s *session) run() {
	defer close(s.done)
	defer s.kill()
	pause := s.m.cfg.RestartAfter
	for {
		began := time.Now()
		why, err := s.child()
		if err == nil {
			break
		}
		s.log.Error("analysis process ended", "reason", why, "error", err, "lived", time.Since(began).Round(time.Millisecond))
		s.book.sources(s.sourceList())
		s.book.crashed()
		s.loseSteps()
		if s.pause(&pause, time.Since(began)) {
			s.restarts.Add(1)
			s.brief(true, why)
			continue
		}
		s.err = fmt.Errorf("analysis of interview %s was down at its end: %w", s.interview, err)
		s.book.outage(s.endTime(), why, s.gateNow())
		s.loseSteps()
		break
	}
	s.m.events.Finished(s.interview, evidence.AnalysisPayload{
		Run: evidence.RunLive, Participant: s.book.who, StartMS: s.book.start.Milliseconds(),
		EndMS: s.endTime().Milliseconds(), Models: s.models, Findings: s.book.findings,
	})
}

// pause waits before a restart. It is false if there is to be none.
func (s *session) pause(pause *time.Duration, lived time.Duration) bool {
	if lived > time.Minute {
		*pause = s.m.cfg.RestartAfter
	}
	timer := time.NewTimer(*pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		*pause = min(2**pause, maxRestartPause)
		return true
	case <-s.finishing:
	case <-s.killed.Done():
	}
	return false
}

// command is the child, started at lower priority where that is possible.
func (c *ManagerConfig) command(ctx context.Context) *exec.Cmd {
	argv := c.Command
	if nice, err := exec.LookPath("nice"); err == nil {
		argv = append([]string{nice, "-n", strconv.Itoa(c.Nice)}, argv...)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	// One thread each for inference and picture operations: more gain little,
	// and take the cores from the call.
	cmd.Env = append(os.Environ(), "OPENCV_FOR_THREADS_NUM=1")
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// child runs one child process from its start to its end. No error means that
// it gave out everything after finish.
func (s *session) child() (why string, err error) {
	ctx, cancel := context.WithCancel(s.killed)
	defer cancel()
	cmd := s.m.cfg.command(ctx)
	in, err := cmd.StdinPipe()
	if err != nil {
		return outageStart, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return outageStart, err
	}
	logs, err := cmd.StderrPipe()
	if err != nil {
		return outageStart, err
	}
	if err := cmd.Start(); err != nil {
		return outageStart, fmt.Errorf("starting %s: %w", s.m.cfg.Command[0], err)
	}
	s.pid.Store(int64(cmd.Process.Pid))
	defer s.pid.Store(0)

	w := &watch{}
	w.heard()
	var wg sync.WaitGroup
	wg.Go(func() { s.write(ctx, in); cancel() })
	wg.Go(func() { s.logLines(logs) })
	wg.Go(func() { s.clock(ctx, cancel, w) })
	err = s.read(out, w)
	cancel()
	wg.Wait()
	state := cmd.Wait()
	switch {
	case err == nil:
		return "", nil
	case w.hung.Load():
		return outageHang, fmt.Errorf("killed since it said nothing for too long")
	case !w.ready.Load():
		return outageStart, errors.Join(err, state)
	case s.killed.Err() != nil:
		return outageLate, errors.Join(err, state)
	}
	return outageCrash, errors.Join(err, state)
}

// watch is how a child is doing.
type watch struct {
	last  atomic.Int64 // Unix ns at which it was heard last
	busy  atomic.Bool  // its words wait for us
	ready atomic.Bool
	hung  atomic.Bool
}

func (w *watch) heard() { w.last.Store(time.Now().UnixNano()) }

// silent is for how long nothing was heard although we listened.
func (w *watch) silent() time.Duration {
	if w.busy.Load() {
		return 0
	}
	return time.Since(time.Unix(0, w.last.Load()))
}

// write hands the queue to the child.
func (s *session) write(ctx context.Context, in io.WriteCloser) {
	defer in.Close()
	w := bufio.NewWriterSize(in, 64<<10)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.queue.ready:
		}
		for _, it := range s.queue.take() {
			if writeMessage(w, it.kind, it.data) != nil {
				return // it is gone, or goes; read finds out why
			}
		}
		if w.Flush() != nil {
			return
		}
	}
}

// clock tells the child the time, and kills one that does not answer.
func (s *session) clock(ctx context.Context, cancel context.CancelFunc, w *watch) {
	t := time.NewTicker(s.m.cfg.TickEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		s.mu.Lock()
		if !s.ending {
			s.tell(control{Do: doTick, At: s.now()})
		}
		s.mu.Unlock()
		limit := s.m.cfg.HangAfter
		if !w.ready.Load() {
			limit = s.m.cfg.StartWithin
		}
		if w.silent() > limit || s.queue.overflown() {
			w.hung.Store(true)
			cancel()
			return
		}
	}
}

// maxLogLines bounds what one child's words may fill the log with: a crash in
// native code ends in the stacks of all its threads.
const maxLogLines = 60

// logLines passes on what the child writes to its standard error.
func (s *session) logLines(r io.Reader) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 4096), 64<<10)
	for n := 0; n < maxLogLines && sc.Scan(); n++ {
		s.log.Warn("analysis process says", "line", sc.Text())
	}
	io.Copy(io.Discard, r) // what is left must not stop the child
}

// read takes the child's results until it is finished.
func (s *session) read(r io.Reader, w *watch) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		kind, payload, err := readMessage(in)
		if err != nil {
			return fmt.Errorf("reading results: %w", err)
		}
		w.busy.Store(true)
		finished, err := s.take(kind, payload, w)
		w.heard()
		w.busy.Store(false)
		if err != nil || finished {
			return err
		}
	}
}

// take handles one result.
func (s *session) take(kind byte, payload []byte, w *watch) (finished bool, err error) {
	if kind == msgStill {
		s.still(payload)
		return false, nil
	}
	var r result
	if kind != msgResult {
		return false, fmt.Errorf("result of unknown type %q", kind)
	}
	if err := json.Unmarshal(payload, &r); err != nil {
		return false, fmt.Errorf("reading a result: %w", err)
	}
	switch r.Say {
	case sayReady:
		w.ready.Store(true)
		if s.models == nil {
			s.models = r.Models
			s.book.sources(s.sourceList())
			s.m.events.Started(s.interview, evidence.AnalysisPayload{
				Run: evidence.RunLive, Participant: s.book.who, StartMS: s.book.start.Milliseconds(), Models: r.Models,
			})
		}
	case sayFinding:
		if r.Finding != nil {
			s.book.finding(*r.Finding)
		}
	case sayCoverage:
		s.book.sources(s.sourceList())
		s.book.coverage(r.Coverage)
	case sayEnrolled:
		if r.Enrolled != nil {
			s.enrolled(*r.Enrolled)
		}
	case sayCompared:
		if r.Compared != nil && !s.book.lost[r.Compared.Still.SHA256] {
			s.m.events.Compared(*r.Compared)
		}
	case sayTemplate:
		if r.Template != nil {
			s.template(*r.Template)
		}
	case sayHint:
		if r.Hint != nil {
			s.m.events.StepHint(s.interview, *r.Hint)
		}
	case sayStep:
		if r.Step != nil {
			s.stepResult(*r.Step, r.Read)
		}
	case saySeries:
		s.m.events.Series(r.Series)
	case sayAlive:
		s.mu.Lock()
		s.stats = r.Stats
		s.mu.Unlock()
		if len(r.Coverage) > 0 {
			s.book.sources(s.sourceList())
			s.book.alive(r.Coverage)
		}
	case sayKeyFrame:
		s.requestKeyFrame(r.Track)
	case sayFinished:
		return true, nil
	default:
		return false, fmt.Errorf("unknown result %q", r.Say)
	}
	return false, nil
}
