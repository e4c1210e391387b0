package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"bonafide/server/evidence"
)

// The environment of a child that replaces the master key in a folder and kills
// itself before a step, counted from 1.
const (
	rewrapDir  = "VAULT_TEST_REWRAP_DIR"
	rewrapKill = "VAULT_TEST_REWRAP_KILL"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(rewrapDir); dir != "" {
		kill, err := strconv.Atoi(os.Getenv(rewrapKill))
		step := 0
		if err == nil {
			_, err = rewrap(configOf(dir), quiet, func(name string) {
				if step++; step == kill {
					fmt.Println(name)
					_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
					select {}
				}
			})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func configOf(dir string) Config {
	return Config{Dir: filepath.Join(dir, "keystore"), Master: filepath.Join(dir, "keys", "master.key")}
}

// filled is a key store with several keys, of which one is destroyed.
func filled(t *testing.T, dir string) (sealed map[string][]byte) {
	t.Helper()
	v := open(t, dir)
	sealed = map[string][]byte{}
	for _, id := range []string{"i1", "i2", ""} {
		b, err := v.Seal(id, evidence.PartText, []byte("text of "+id))
		ok(t, err)
		sealed[id] = b
	}
	_, err := v.Seal("i1", evidence.PartStills, []byte("a picture"))
	ok(t, err)
	ok(t, v.Destroy("i1", evidence.PartStills, 1, Gone{}))
	ok(t, v.Close())
	return sealed
}

// reads opens the key store and everything that was sealed.
func reads(t *testing.T, dir string, sealed map[string][]byte) *Vault {
	t.Helper()
	v := open(t, dir)
	for id, b := range sealed {
		if got, err := v.Unseal(id, b); err != nil || string(got) != "text of "+id {
			t.Errorf("the text of %q reads %q, %v", id, got, err)
		}
	}
	if _, err := v.Seal("i3", evidence.PartText, []byte("later")); err != nil {
		t.Errorf("sealing something new: %v", err)
	}
	return v
}

func TestRewrap(t *testing.T) {
	dir := t.TempDir()
	sealed := filled(t, dir)
	cfg := configOf(dir)
	old, err := os.ReadFile(cfg.Master)
	ok(t, err)
	v := open(t, dir)
	if _, err := Rewrap(cfg, quiet); !errors.Is(err, ErrBusy) {
		t.Errorf("beside somebody who uses it: %v", err)
	}
	ok(t, v.Close())
	n, err := Rewrap(cfg, quiet)
	if err != nil || n != 3 {
		t.Fatalf("%d keys, %v", n, err)
	}
	fresh, err := os.ReadFile(cfg.Master)
	ok(t, err)
	if string(old) == string(fresh) {
		t.Fatal("the master key is what it was")
	}
	v = reads(t, dir, sealed)
	if v.Resumed() != 0 {
		t.Errorf("there was nothing to complete, and %d keys were", v.Resumed())
	}
	ok(t, v.Close())
	if earlier, err := Earlier(cfg.Dir); err != nil || len(earlier) != 1 {
		t.Errorf("the earlier check files: %q, %v", earlier, err)
	}
	// The old master key opens nothing any more.
	ok(t, os.WriteFile(cfg.Master, old, 0o600))
	if _, err := Open(cfg, quiet); !errors.Is(err, ErrMaster) {
		t.Errorf("with the old master key: %v", err)
	}
	ok(t, os.WriteFile(cfg.Master, fresh, 0o600))
	ok(t, reads(t, dir, sealed).Close())
}

// TestLeftovers destroys what a crash left of a file being written: it may be a
// copy of a key, or a second name of one.
func TestLeftovers(t *testing.T) {
	for name, clean := range map[string]func(cfg Config) error{
		"open":    func(cfg Config) error { return open(t, filepath.Dir(cfg.Dir)).Close() },
		"replace": func(cfg Config) error { _, err := Rewrap(cfg, quiet); return err },
	} {
		dir := t.TempDir()
		sealed := filled(t, dir)
		cfg := configOf(dir)
		key, copied := filepath.Join(cfg.Dir, "i1", "text.1.key"), filepath.Join(cfg.Dir, "i1", ".new-1")
		linked := filepath.Join(cfg.Dir, "i2", ".new-2")
		b, err := os.ReadFile(key)
		ok(t, err)
		ok(t, os.WriteFile(copied, b, 0o600))
		ok(t, os.Link(filepath.Join(cfg.Dir, "i2", "text.1.key"), linked))
		f, err := os.Open(copied) // shows what becomes of the bytes
		ok(t, err)
		other, err := lock(cfg.Dir, false)
		ok(t, err)
		ok(t, open(t, dir).Close())
		for _, path := range []string{copied, linked} {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: beside somebody who may be writing it: %v", name, err)
			}
		}
		ok(t, other.Close())
		ok(t, clean(cfg))
		for _, path := range []string{copied, linked} {
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %s is still there: %v", name, path, err)
			}
		}
		left := make([]byte, len(b))
		_, err = f.ReadAt(left, 0)
		ok(t, errors.Join(err, f.Close()))
		if strings.Trim(string(left), "\x00") != "" {
			t.Errorf("%s: the copy of a key was removed, but not overwritten", name)
		}
		ok(t, reads(t, dir, sealed).Close())
	}
}

// TestRewrapRefuses leaves everything as it was where it cannot be done.
func TestRewrapRefuses(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, cfg Config){
		"no key store":  func(t *testing.T, cfg Config) { ok(t, os.RemoveAll(cfg.Dir)) },
		"no master key": func(t *testing.T, cfg Config) { ok(t, os.Remove(cfg.Master)) },
		"another master key": func(t *testing.T, cfg Config) {
			ok(t, os.Remove(cfg.Master))
			_, _, err := makeMaster(cfg.Master)
			ok(t, err)
		},
		"a damaged part key": func(t *testing.T, cfg Config) {
			ok(t, os.WriteFile(filepath.Join(cfg.Dir, "i1", "text.1.key"), []byte("{}"), 0o600))
		},
		"a new master key that is none": func(t *testing.T, cfg Config) { ok(t, os.WriteFile(cfg.Master+nextEnd, []byte("no key"), 0o600)) },
	} {
		dir := t.TempDir()
		filled(t, dir)
		cfg := configOf(dir)
		spoil(t, cfg)
		check, _ := os.ReadFile(filepath.Join(cfg.Dir, checkFile))
		if _, err := Rewrap(cfg, quiet); err == nil {
			t.Errorf("%s: replaced", name)
		}
		if after, _ := os.ReadFile(filepath.Join(cfg.Dir, checkFile)); string(after) != string(check) {
			t.Errorf("%s: the check file was changed", name)
		}
	}
}

// TestRewrapKilled kills the replacement before every one of its steps. The
// next start, or the next try, completes it, and everything can be read.
func TestRewrapKilled(t *testing.T) {
	wanted := []string{"draw", "wrap", "wrap", "wrap", "note", "check", "shred", "place", ""} // "" is the end
	for _, again := range []string{"start", "command", "killed start"} {
		for i, step := range wanted {
			dir := t.TempDir()
			sealed := filled(t, dir)
			cfg := configOf(dir)
			old, err := os.ReadFile(cfg.Master)
			ok(t, err)
			if got := rewrapUntil(t, dir, i+1); got != step {
				t.Fatalf("kill %d came before %q, want %q", i+1, got, step)
			}
			switch again {
			case "command":
				if _, err := Rewrap(cfg, quiet); err != nil {
					t.Fatalf("killed before %q, tried again: %v", step, err)
				}
			case "killed start": // is killed before every step that is left, too
				for rewrapUntil(t, dir, 3) != "" {
				}
			}
			v := reads(t, dir, sealed)
			if begun := i > 0 && step != ""; again == "start" && (v.Resumed() > 0) != begun {
				t.Errorf("killed before %q: the start says it completed %d keys", step, v.Resumed())
			}
			ok(t, v.Close())
			now, err := os.ReadFile(cfg.Master)
			ok(t, err)
			if replaced := string(now) != string(old); !replaced && (i > 0 || again != "start") {
				t.Errorf("killed before %q (%s): the master key is what it was", step, again)
			}
			if left, _ := filepath.Glob(cfg.Master + "?*"); len(left) > 0 {
				t.Errorf("killed before %q (%s): %q is left", step, again, left)
			}
			if earlier, err := Earlier(cfg.Dir); err != nil || i > 0 && again == "start" && len(earlier) != 1 {
				t.Errorf("killed before %q: the earlier check files are %q, %v", step, earlier, err)
			}
		}
	}
}

// rewrapUntil runs a replacement that kills itself before a step, and tells
// which that was; "" where it came to its end.
func rewrapUntil(t *testing.T, dir string, step int) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), rewrapDir+"="+dir, rewrapKill+"="+strconv.Itoa(step))
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return strings.TrimSpace(string(out))
	}
	if err != nil {
		t.Fatalf("the child failed: %v, %s", err, exit.Stderr)
	}
	return ""
}
