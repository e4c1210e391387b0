package app

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// killDir names the data folder of a child that works until it is killed.
const killDir = "BONAFIDE_TEST_KILL_DIR"

// works are what a child does, one after the other, until it is killed.
var works = []string{"append", "delete", "rotate"}

// workUntilKilled appends, deletes parts and rotates the key in turn. It says on
// standard output what it begins and what was acknowledged, one line each.
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
	for n := 0; ; n++ {
		work := works[n%len(works)]
		fmt.Println("begin", work)
		switch work {
		case "append":
			e, err := s.Append(ctx, evidence.NewEntry{Interview: id, Actor: auth.Command, Kind: evidence.EntryAnnotation,
				Payload: evidence.AnnotationPayload{ID: fmt.Sprint(n)}, Part: evidence.NotePart{Text: fmt.Sprint("note ", n)}})
			if err != nil {
				return err
			}
			fmt.Println("append", e[0].Seq, e[0].PartSHA256)
		case "delete":
			t, err := rec.Delete(ctx, store.Deletion{Interview: id, Part: evidence.PartStills, By: auth.Command, Reason: evidence.DeletedByPerson})
			if err != nil {
				return err
			}
			fmt.Println("delete", t.Seq)
			if err := keepStill(cfg, v, id, fmt.Sprint("still ", n)); err != nil {
				return err
			}
		case "rotate":
			if _, err := p.rotate(ctx, false); err != nil {
				return err
			}
			fmt.Println("rotate")
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
		lines, at := killOnce(t, f.cfg.Data, works[round%len(works)])
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
		if least := rounds / 10; rounds >= 100 && during[work] < least { // a third is aimed at each; some come too late
			t.Errorf("%d of %d kills came in the middle of the work %q, want %d", during[work], rounds, work, least)
		}
	}
}

// killOnce runs a child and kills it while it does the named work: at a random
// moment of most of the time that this took it before. It gives what the child said, and
// the work that it had begun and not acknowledged; "between" for none.
func killOnce(t *testing.T, dir, aim string) (lines []string, during string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killDir+"="+dir)
	out, err := cmd.StdoutPipe()
	ok(t, err)
	var problems strings.Builder
	cmd.Stderr = &problems
	ok(t, cmd.Start())
	in := bufio.NewReader(out)
	if first, err := in.ReadString('\n'); err != nil || first != "ready\n" {
		_ = cmd.Wait()
		t.Fatalf("the child does not work: %q, %v, %s", first, err, problems.String())
	}
	during = "between"
	var begun time.Time
	var took time.Duration
	for left := 2 + rand.IntN(2); ; { // how often the work is begun before the kill
		line, err := in.ReadString('\n')
		if err != nil { // a torn line was not said
			break
		}
		line = strings.TrimSpace(line)
		lines = append(lines, line)
		work, isBegin := strings.CutPrefix(line, "begin ")
		during = "between"
		switch {
		case isBegin && work == aim:
			begun, during = time.Now(), work
			if left--; left == 0 {
				killed := time.AfterFunc(rand.N(took*2/3+1), func() { _ = cmd.Process.Kill() })
				defer killed.Stop()
			}
		case isBegin:
			during = work
		case strings.HasPrefix(line, aim):
			took = time.Since(begun)
		}
	}
	_ = cmd.Wait() // killed, or it said why not
	if problems.Len() > 0 {
		t.Fatalf("the child failed: %s", problems.String())
	}
	return lines, during
}
