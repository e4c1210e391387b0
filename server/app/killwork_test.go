package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
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

// workUntilKilled appends, deletes parts and rotates the key in turn, and says
// on standard output what was acknowledged, one line each.
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
	for n := rand.IntN(7); ; n++ { // so that a kill meets each of the three
		switch n % 7 {
		case 3:
			t, err := rec.Delete(ctx, store.Deletion{Interview: id, Part: evidence.PartStills, By: auth.Command, Reason: evidence.DeletedByPerson})
			if err != nil {
				return err
			}
			fmt.Println("deleted", t.Seq)
			if err := keepStill(cfg, v, id, fmt.Sprint("still ", n)); err != nil {
				return err
			}
		case 5:
			if _, err := p.rotate(ctx, false); err != nil {
				return err
			}
			fmt.Println("rotated")
		default:
			e, err := s.Append(ctx, evidence.NewEntry{Interview: id, Actor: auth.Command, Kind: evidence.EntryAnnotation,
				Payload: evidence.AnnotationPayload{ID: fmt.Sprint(n)}, Part: evidence.NotePart{Text: fmt.Sprint("note ", n)}})
			if err != nil {
				return err
			}
			fmt.Println("appended", e[0].Seq, e[0].PartSHA256)
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
	during := map[string]int{} // by what was acknowledged last
	for round := range rounds {
		lines := killOnce(t, f.cfg.Data)
		last := "nothing"
		for _, l := range lines {
			var seq int64
			var commitment string
			switch last, _, _ = strings.Cut(l, " "); last {
			case "appended":
				_, err := fmt.Sscan(strings.TrimPrefix(l, "appended"), &seq, &commitment)
				ok(t, err)
				appended[seq] = commitment
			case "deleted":
				_, err := fmt.Sscan(strings.TrimPrefix(l, "deleted"), &seq)
				ok(t, err)
				deleted[seq] = true
			}
		}
		during[last]++
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
	t.Logf("%d kills: %d entries and %d deletions were acknowledged; the last word before a kill: %v", rounds, len(appended), len(deleted), during)
	if rounds >= 100 && (len(appended) == 0 || len(deleted) == 0) { // few kills on a busy machine may all come first
		t.Error("nothing was done before the kills")
	}
}

// killOnce runs a child for a random moment and gives what it said.
func killOnce(t *testing.T, dir string) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killDir+"="+dir)
	out, err := cmd.StdoutPipe()
	ok(t, err)
	var problems strings.Builder
	cmd.Stderr = &problems
	ok(t, cmd.Start())
	in := bufio.NewReader(out)
	first, err := in.ReadString('\n')
	if err != nil || first != "ready\n" {
		_ = cmd.Wait()
		t.Fatalf("the child does not work: %q, %v, %s", first, err, problems.String())
	}
	killed := time.AfterFunc(time.Duration(5+rand.IntN(150))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	defer killed.Stop()
	rest, err := io.ReadAll(in)
	ok(t, err)
	_ = cmd.Wait() // killed, or it said why not
	if problems.Len() > 0 {
		t.Fatalf("the child failed: %s", problems.String())
	}
	whole := string(rest)
	whole = whole[:strings.LastIndex("\n"+whole, "\n")] // a torn line was not said
	return strings.Split(strings.TrimSpace(whole), "\n")
}
