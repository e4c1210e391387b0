package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media/mediatest"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// long skips a test that takes minutes unless it is asked for.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("BONAFIDE_LONG") == "" {
		t.Skip("takes minutes: run it by make test-long")
	}
}

// process is the real binary as it runs.
type process struct {
	cmd  *exec.Cmd
	out  sync.WaitGroup // readers of its output
	url  chan string
	code chan string

	mu    sync.Mutex
	lines []string // of its log
}

func buildBinary(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "bonafide")
	out, err := exec.Command("go", "build", "-tags", "gocv_specific_modules,gocv_calib3d", "-o", bin, "bonafide/server").CombinedOutput()
	if err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	return bin
}

// serve starts the program over a folder and waits until it listens.
func serve(t *testing.T, bin, dir string, udp int) *process {
	t.Helper()
	args := []string{"serve", "--addr", "127.0.0.1:0", "--data", dir, "--models", modelsDir, fmt.Sprintf("--udp-port=%d", udp), "--tcp-port=-1"}
	if !haveModels() {
		args = append(args, "--no-analysis")
	}
	p := &process{cmd: exec.Command(bin, args...), url: make(chan string, 1), code: make(chan string, 1)}
	stdout, err := p.cmd.StdoutPipe()
	ok(t, err)
	stderr, err := p.cmd.StderrPipe()
	ok(t, err)
	ok(t, p.cmd.Start())
	p.out.Go(func() { p.follow(stdout, "set-up token: ", p.code) })
	p.out.Go(func() { p.follow(stderr, "msg=listening url=", p.url) })
	return p
}

// follow keeps the lines, and gives the word after a mark once.
func (p *process) follow(r io.Reader, mark string, found chan<- string) {
	defer close(found)
	for sc := bufio.NewScanner(r); sc.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, sc.Text())
		p.mu.Unlock()
		if _, rest, ok := strings.Cut(sc.Text(), mark); ok {
			found <- strings.Fields(rest)[0]
		}
	}
}

// said counts the lines of the log with a text.
func (p *process) said(text string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lines {
		if strings.Contains(l, text) {
			n++
		}
	}
	return n
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	p.out.Wait()
	_ = p.cmd.Wait()
}

func await(t *testing.T, ctx context.Context, p *process, c <-chan string) string {
	t.Helper()
	select {
	case s, found := <-c:
		if found {
			return s
		}
	case <-time.After(60 * time.Second):
	case <-ctx.Done():
	}
	p.kill()
	t.Fatalf("the program does not start:\n%s", strings.Join(p.lines, "\n"))
	return ""
}

// killing is what the test of kills knows that must be there afterwards.
type killing struct {
	*meeting
	truth []time.Duration
	show  program
	acked map[int64]string // annotations that were acknowledged, by number
}

// TestLongKilledInMidCall kills the program 20 times in one interview, at
// random moments. Every time the recordings play up to the last second, every
// acknowledged entry is there, the next start says what it repaired, and the
// people come back into the same interview.
func TestLongKilledInMidCall(t *testing.T) {
	long(t)
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("BONAFIDE_SEED"); text != "" {
		_, err := fmt.Sscan(text, &seed)
		ok(t, err)
	}
	t.Logf("BONAFIDE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, seed))
	ctx, cancel := context.WithTimeout(context.Background(), 14*time.Minute)
	defer cancel()
	bin, dir, udp := buildBinary(t), t.TempDir(), freePort(t)
	p := serve(t, bin, dir, udp)
	s := &site{t: t, ctx: ctx, http: newBrowser(t), data: dir, url: await(t, ctx, p, p.url)}
	defer func() { p.kill() }()
	s.setup(await(t, ctx, p, p.code))
	k := &killing{meeting: s.plan(), truth: mediatest.Every(sec, 300*time.Millisecond, 30*sec), acked: map[int64]string{}}
	k.show = flashing(t, 160, 120, 30*sec, k.truth)
	k.begin(signaltest.AllConsents(), signaltest.AllConsents())

	for round := 1; round <= 20; round++ {
		begin, killed := k.talk(p, r)
		p = serve(t, bin, dir, udp)
		s.url = await(t, ctx, p, p.url)
		k.check(p, round, begin, killed)
		if t.Failed() {
			t.Fatalf("round %d, BONAFIDE_SEED=%d; the program said:\n%s", round, seed, strings.Join(p.lines, "\n"))
		}
		ok(t, k.dialHost())
		ok(t, k.dialCandidate())
		for _, c := range []*signaltest.Client{k.cand, k.host} {
			if c.Welcome().Stage != signaling.StageRoom || c.Welcome().Interview.ID != k.id {
				t.Fatalf("round %d: %s is back at the stage %s of %s", round, c.Welcome().You.Role, c.Welcome().Stage, c.Welcome().Interview.ID)
			}
		}
	}
	review := k.hangUp(5 * sec)
	if len(review.Annotations) < len(k.acked) {
		t.Errorf("%d annotations in the review, %d were acknowledged", len(review.Annotations), len(k.acked))
	}
	t.Logf("%d annotations were acknowledged, %d segments recorded", len(k.acked), len(review.Segments))
}

// talk sends media and notes until the program is killed. It gives when the
// media began, and when that was.
func (k *killing) talk(p *process, r *rand.Rand) (begin, killed time.Time) {
	k.t.Helper()
	cand, host := k.publish(k.cand, k.show), k.publish(k.host, k.show)
	begin = time.Now()
	one, two := play(k.ctx, begin, k.show, cand), play(k.ctx, begin, k.show, host)
	for _, id := range []string{k.cand.Welcome().You.ID, k.host.Welcome().You.ID} {
		_, err := signaltest.Next(k.ctx, k.host, "recording", func(h signaling.RecordingHealth) bool { return h.Participant == id && h.Bytes > 0 })
		ok(k.t, err)
	}
	noting, stop := context.WithCancel(k.ctx)
	var notes sync.WaitGroup
	notes.Go(func() {
		for tick := time.NewTicker(250 * time.Millisecond); ; {
			select {
			case <-noting.Done():
				tick.Stop()
				return
			case <-tick.C:
				if k.host.Send("annotate", signaling.Annotate{Text: fmt.Sprintf("note of %d", time.Now().UnixNano())}) != nil {
					<-noting.Done()
				}
			}
		}
	})
	select { // the random moment
	case <-time.After(200*time.Millisecond + time.Duration(r.Int64N(int64(3300*time.Millisecond)))):
	case <-k.ctx.Done():
	}
	killed = time.Now()
	_ = p.cmd.Process.Kill()
	stop()
	notes.Wait()
	one.stop()
	two.stop()
	p.kill()
	_, _, _ = k.host.WaitClosed(k.ctx) // then everything that was sent has been read
	for _, a := range signaltest.All[signaling.Annotated](k.host, "annotated") {
		k.acked[a.Seq] = a.Text
	}
	ok(k.t, k.cand.Close())
	ok(k.t, k.host.Close())
	return begin, killed
}

// check looks at what the kill left, after the next start.
func (k *killing) check(p *process, round int, begin, killed time.Time) {
	k.t.Helper()
	epoch := k.epoch()
	at := killed.Sub(epoch)
	notes := map[int64]string{}
	for _, e := range k.entries() {
		if e.Entry.Kind == evidence.EntryAnnotation {
			var note evidence.NotePart
			b, _ := json.Marshal(e.Part)
			ok(k.t, json.Unmarshal(b, &note))
			notes[e.Entry.Seq] = note.Text
		}
	}
	for seq, text := range k.acked {
		if notes[seq] != text {
			k.t.Errorf("entry %d was acknowledged as %q, the log has %q", seq, text, notes[seq])
		}
	}
	segments := k.review().Segments
	repaired := 0
	for _, id := range []string{k.cand.Welcome().You.ID, k.host.Welcome().You.ID} {
		var last evidence.Segment
		for _, seg := range segments {
			if seg.Participant == id && seg.N > last.N {
				last = seg
			}
		}
		if last.N != round || !last.Repaired {
			k.t.Errorf("the last segment of %s is %+v, want number %d, repaired", id, last, round)
			continue
		}
		repaired++
		k.checkFile(last)
		c := k.content(last)
		end := c.Start + max(c.LastPicture, c.LastPacket)
		k.t.Logf("round %d: killed %v after the beginning; %s misses the last %v", round, killed.Sub(begin).Round(time.Millisecond), last.File, (at - end).Round(time.Millisecond))
		if at-end > time.Second+100*time.Millisecond { // and a tenth for what was on its way
			k.t.Errorf("%s ends at %v, the kill was at %v", last.File, end, at)
		}
		var want []time.Duration
		for _, f := range shifted(k.truth, begin.Sub(epoch)) {
			// Pictures count from the first key frame on, which comes every second.
			if f > c.Start+1200*time.Millisecond && f < c.Start+c.LastPicture-mediatest.FlashLength {
				want = append(want, f)
			}
		}
		near(k.t, "flashes", want, shifted(c.Flashes, c.Start), 40*time.Millisecond)
	}
	if n := p.said("repaired a recording"); n != repaired {
		k.t.Errorf("the program said %d times that it repaired a recording, %d were", n, repaired)
	}
	if n := p.said("was live when the server stopped"); n != 1 {
		k.t.Errorf("the program said %d times that an interview was live, want once", n)
	}
	if n := len(entriesOf[evidence.RecordingPayload](k.meeting, evidence.EntryRecordingRepaired)); n != 2*round {
		k.t.Errorf("%d entries of repairs after %d rounds, want two each", n, round)
	}
}
