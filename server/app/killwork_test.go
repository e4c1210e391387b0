package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// killDir names the data folder of a child that works until it is killed, killAim
// the work in the middle of which that happens.
const (
	killDir = "BONAFIDE_TEST_KILL_DIR"
	killAim = "BONAFIDE_TEST_KILL_AIM"
)

// works are what a child does, one after the other, until it is killed.
var works = []string{"append", "delete", "rotate"}

// workUntilKilled appends, deletes parts and rotates the key in turn. It says on
// standard output what it begins and what was acknowledged, one line each. When
// it has done what killAim names once or twice, it is killed during the next, at
// a random moment of the time that this took before. The signal comes from a
// thread of its own: from another process it would come too late for an append.
func workUntilKilled(dir string) error {
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	cfg := Config{Data: dir}
	s, v, err := cfg.openStore(ctx, log)
	if err != nil {
		return err
	}
	p := newProofs(cfg, s, v, log)
	rec, err := newRecords(cfg, s, v, p, log)
	if err != nil {
		return err
	}
	if err := rec.resume(ctx); err != nil {
		return err
	}
	if _, err := p.checkpoint(ctx, store.AtStart); err != nil {
		return err
	}
	page, err := s.RetentionRecords(ctx, "", 1)
	if err != nil {
		return err
	}
	id := page[0].Interview
	fmt.Println("ready")
	var took time.Duration
	left := 2 + rand.IntN(2)
	for n := 0; ; n++ {
		work, begun := works[n%len(works)], time.Now()
		fmt.Println("begin", work)
		if work == os.Getenv(killAim) {
			if left--; left == 0 {
				time.AfterFunc(rand.N(took+1), func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
			}
		}
		acknowledged := func(said ...any) {
			fmt.Println(append([]any{work}, said...)...)
			if work == os.Getenv(killAim) {
				took = time.Since(begun)
			}
		}
		switch work {
		case "append":
			e, err := s.Append(ctx, evidence.NewEntry{Interview: id, Actor: auth.Command, Kind: evidence.EntryAnnotation,
				Payload: evidence.AnnotationPayload{ID: fmt.Sprint(n)}, Part: evidence.NotePart{Text: fmt.Sprint("note ", n)}})
			if err != nil {
				return err
			}
			acknowledged(e[0].Seq, e[0].PartSHA256)
		case "delete":
			t, err := rec.Delete(ctx, store.Deletion{Interview: id, Part: evidence.PartStills, By: auth.Command, Reason: evidence.DeletedByPerson})
			if err != nil {
				return err
			}
			acknowledged(t.Seq)
			if err := keepStill(cfg, v, id, fmt.Sprint("still ", n)); err != nil {
				return err
			}
		case "rotate":
			if _, err := p.rotate(ctx, false); err != nil {
				return err
			}
			acknowledged()
		}
	}
}

// keepStill adds a picture for the next deletion to remove.
func keepStill(cfg Config, v *vault.Vault, id, content string) error {
	sealed, err := v.Seal(id, evidence.PartStills, []byte(content))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(cfg.mediaDir(), id, "stills", sum(content)+".jpg"), sealed, 0o600)
}

// TestKilledAtWork kills a program that appends, deletes and rotates keys.
// Afterwards the log and the tree agree, nothing that was acknowledged is
// lost, and what was deleted is gone.
func TestKilledAtWork(t *testing.T) { killAtWork(t, 5) }

// TestLongKilledAtWork does so 200 times.
func TestLongKilledAtWork(t *testing.T) {
	long(t)
	killAtWork(t, 200)
}

func killAtWork(t *testing.T, rounds int) {
	f := newFolder(t)
	f.close()
	appended, deleted := map[int64]string{}, map[int64]bool{}
	during := map[string]int{} // kills by the work that was going on
	for round := range rounds {
		aim := slices.MinFunc(works, func(a, b string) int { return during[a] - during[b] }) // met least so far: some kills come too late
		lines, at := killOnce(t, f.cfg.Data, aim)
		during[at]++
		for _, l := range lines {
			var seq int64
			var commitment string
			switch work, said, _ := strings.Cut(l, " "); work {
			case "append":
				_, err := fmt.Sscan(said, &seq, &commitment)
				ok(t, err)
				appended[seq] = commitment
			case "delete":
				_, err := fmt.Sscan(said, &seq)
				ok(t, err)
				deleted[seq] = true
			}
		}
		f.open()
		ok(t, f.rec.resume(t.Context()))
		_, err := newProofs(f.cfg, f.store, f.vault, f.log).checkpoint(t.Context(), store.AtStart)
		ok(t, err)
		r, err := f.store.VerifyLog(t.Context(), nil)
		if err != nil || len(r.Faults) > 0 {
			t.Fatalf("round %d: the log does not hold: %+v, %v", round, r, err)
		}
		records, err := f.store.Entries(t.Context(), store.EntryQuery{Interview: f.iv.ID})
		ok(t, err)
		there := map[int64]evidence.Entry{}
		for _, e := range records {
			there[e.Seq] = e
		}
		for seq, commitment := range appended {
			if e := there[seq]; e.PartSHA256 != commitment || e.Part == nil {
				t.Fatalf("round %d: entry %d was acknowledged; the log has %+v", round, seq, e)
			}
		}
		for seq := range deleted {
			if there[seq].Kind != evidence.EntryPartDeleted {
				t.Fatalf("round %d: the deletion %d was acknowledged; the log has %+v", round, seq, there[seq])
			}
		}
		left, err := f.store.Unfinished(t.Context())
		if err != nil || len(left) > 0 {
			t.Fatalf("round %d: deletions are not finished: %+v, %v", round, left, err)
		}
		files, err := f.rec.files(t.Context(), f.iv.ID)
		ok(t, err)
		for _, k := range files {
			if _, err := f.rec.hash(k.name); err != nil {
				t.Fatalf("round %d: %s is there and cannot be read: %v", round, k.name, err)
			}
		}
		f.close()
	}
	t.Logf("%d kills: %d entries and %d deletions were acknowledged; what was going on: %v", rounds, len(appended), len(deleted), during)
	for _, work := range works {
		if least := rounds / 8; rounds >= 100 && during[work] < least {
			t.Errorf("%d of %d kills came in the middle of the work %q, want %d", during[work], rounds, work, least)
		}
	}
}

// killOnce runs a child that is killed while it does the named work. It gives
// what the child said, and the work that it had begun and not acknowledged;
// "between" for none.
func killOnce(t *testing.T, dir, aim string) (lines []string, during string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killDir+"="+dir, killAim+"="+aim)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child was not killed: %v, %s", err, problems.String())
	}
	whole := string(out)
	whole = whole[:strings.LastIndex("\n"+whole, "\n")] // a torn line was not said
	lines = strings.Split(strings.TrimSpace(whole), "\n")
	if lines[0] != "ready" {
		t.Fatalf("the child does not work: %q", lines)
	}
	work, begun := strings.CutPrefix(lines[len(lines)-1], "begin ")
	if !begun {
		return lines, "between"
	}
	return lines, work
}
