package vault

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"bonafide/server/evidence"
)

var quiet = slog.New(slog.DiscardHandler)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *Vault {
	t.Helper()
	v, err := Open(Config{Dir: filepath.Join(dir, "keystore"), Master: filepath.Join(dir, "keys", "master.key")}, quiet)
	ok(t, err)
	return v
}

func TestSealAndUnseal(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	plain := []byte("a note about somebody")
	one, err := v.Seal("i1", evidence.PartText, plain)
	ok(t, err)
	two, err := v.Seal("i1", evidence.PartText, plain)
	ok(t, err)
	if bytes.Equal(one, two) || bytes.Contains(one, plain) || !Sealed(one) || PartOf(one) != evidence.PartText {
		t.Errorf("sealed twice: %x and %x", one, two)
	}
	again := open(t, dir) // as another process
	got, err := again.Unseal("i1", one)
	ok(t, err)
	if !bytes.Equal(got, plain) {
		t.Errorf("opened %q", got)
	}
	if _, err := v.Seal("i2", evidence.PartText, plain); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Unseal("i2", one); !errors.Is(err, ErrDamaged) {
		t.Errorf("opened under another interview: %v", err)
	}
	if _, err := again.Unseal("i3", one); !errors.Is(err, ErrNoKey) {
		t.Errorf("opened without a key: %v", err)
	}
	for i := range one {
		flipped := bytes.Clone(one)
		flipped[i] ^= 1
		if got, err := again.Unseal("i1", flipped); err == nil {
			t.Errorf("byte %d changed: opened %q", i, got)
		}
	}
}

func TestMasterKey(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	_, err := v.Seal("i", evidence.PartText, []byte("x"))
	ok(t, err)
	master := filepath.Join(dir, "keys", "master.key")
	info, err := os.Stat(master)
	ok(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the master key has mode %o", info.Mode().Perm())
	}
	cfg := Config{Dir: filepath.Join(dir, "keystore"), Master: master}
	ok(t, os.Chmod(master, 0o640))
	if _, err := Open(cfg, quiet); !errors.Is(err, ErrMaster) {
		t.Errorf("a key that others read was taken: %v", err)
	}
	ok(t, os.Rename(master, master+".old"))
	if _, err := Open(cfg, quiet); !errors.Is(err, ErrMaster) {
		t.Errorf("missing: %v", err)
	}
	other := open(t, t.TempDir())
	_ = other
	ok(t, os.WriteFile(master, []byte(masterHead+"\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), 0o600))
	if _, err := Open(cfg, quiet); !errors.Is(err, ErrMaster) {
		t.Errorf("wrong: %v", err)
	}
	ok(t, os.WriteFile(master, []byte("nonsense"), 0o600))
	if _, err := Open(cfg, quiet); !errors.Is(err, ErrMaster) {
		t.Errorf("nonsense: %v", err)
	}
}

// TestDestroy shows that what a destroyed key sealed cannot be opened, also by
// a process that held the key, and that what is added later can.
func TestDestroy(t *testing.T) {
	dir := t.TempDir()
	v, beside := open(t, dir), open(t, dir)
	sealed, err := v.Seal("i", evidence.PartStills, []byte("before"))
	ok(t, err)
	_, err = beside.Unseal("i", sealed)
	ok(t, err)
	n, err := v.Retire("i", evidence.PartStills)
	ok(t, err)
	later, err := beside.Seal("i", evidence.PartStills, []byte("after"))
	ok(t, err)
	ok(t, v.Destroy("i", evidence.PartStills, n, Gone{Reason: evidence.DeletedByPolicy, Policy: "p"}))
	ok(t, v.Destroy("i", evidence.PartStills, n, Gone{Reason: evidence.DeletedByPolicy, Policy: "p"}))
	for name, v := range map[string]*Vault{"destroyer": v, "beside": beside, "new": open(t, dir)} {
		if _, err := v.Unseal("i", sealed); !errors.Is(err, ErrDestroyed) {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := v.Unseal("i", later); err != nil || string(got) != "after" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	gone, err := v.Gone()
	ok(t, err)
	if len(gone) != 1 || gone[0].N != 1 || gone[0].Policy != "p" || gone[0].GoneMS == 0 {
		t.Errorf("gone: %+v", gone)
	}
	if n, err := v.Retire("never", evidence.PartText); n != 0 || err != nil {
		t.Errorf("retired nothing: %d, %v", n, err)
	}
}

// TestDestroyInterrupted leaves a key beside the note that it is gone.
func TestDestroyInterrupted(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	sealed, err := v.Seal("i", evidence.PartText, []byte("x"))
	ok(t, err)
	key := filepath.Join(dir, "keystore", "i", "text.1.key")
	b, err := os.ReadFile(key)
	ok(t, err)
	ok(t, v.Destroy("i", evidence.PartText, 1, Gone{Reason: evidence.DeletedByPerson}))
	ok(t, os.WriteFile(key, b, 0o600))
	if _, err := v.Unseal("i", sealed); !errors.Is(err, ErrDestroyed) {
		t.Errorf("with the key back: %v", err)
	}
	open(t, dir)
	if _, err := os.Stat(key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the key is still there: %v", err)
	}
}

// model is a sealed file beside the plaintext that it must hold.
type model struct {
	t     *testing.T
	v     *Vault
	path  string
	file  *File
	plain []byte
}

func newModel(t *testing.T) *model {
	m := &model{t: t, v: open(t, t.TempDir()), path: filepath.Join(t.TempDir(), "f")}
	f, err := os.Create(m.path)
	ok(t, err)
	m.file, err = m.v.CreateFile("i", evidence.PartRecording, f)
	ok(t, err)
	return m
}

func (m *model) write(p []byte, at int) {
	m.t.Helper()
	if n, err := m.file.WriteAt(p, int64(at)); err != nil || n != len(p) {
		m.t.Fatalf("wrote %d of %d: %v", n, len(p), err)
	}
	m.plain = append(m.plain[:at], append(bytes.Clone(p), m.plain[min(at+len(p), len(m.plain)):]...)...)
}

func (m *model) cut(n int) {
	ok(m.t, m.file.Truncate(int64(n)))
	m.plain = m.plain[:n]
}

func (m *model) reopen() *File {
	m.t.Helper()
	f, err := os.OpenFile(m.path, os.O_RDWR, 0)
	ok(m.t, err)
	info, err := f.Stat()
	ok(m.t, err)
	x, err := m.v.OpenFile("i", f, info.Size())
	ok(m.t, err)
	return x
}

func (m *model) check(x *File) {
	m.t.Helper()
	if x.Size() != int64(len(m.plain)) {
		m.t.Fatalf("%d bytes, want %d", x.Size(), len(m.plain))
	}
	got, err := io.ReadAll(io.NewSectionReader(x, 0, x.Size()))
	ok(m.t, err)
	if !bytes.Equal(got, m.plain) {
		m.t.Fatal("the plaintext differs")
	}
	ok(m.t, iotest.TestReader(io.NewSectionReader(x, 0, x.Size()), m.plain))
}

// TestFile writes at random and compares, with and without the index.
func TestFile(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := newModel(t)
		for range 120 {
			p := make([]byte, 1+r.IntN(9000))
			for i := range p {
				p[i] = byte(r.Uint32())
			}
			switch at := len(m.plain); {
			case at > 0 && r.IntN(4) == 0:
				m.write(p, r.IntN(at))
			case at > 0 && r.IntN(15) == 0:
				m.cut(at - r.IntN(min(at, 30000)))
			default:
				m.write(p, at)
			}
		}
		m.check(m.file)
		unfinished, err := os.ReadFile(m.path)
		ok(t, err)
		if bytes.Contains(unfinished, m.plain[:40]) {
			t.Error("the plaintext lies in the file")
		}
		m.check(m.reopen())
		ok(t, m.file.Close())
		x := m.reopen()
		if x.changed || x.torn {
			t.Error("the index was not found")
		}
		m.check(x)
		// Going on after the index was written.
		m.file = x
		m.write([]byte("more"), len(m.plain))
		m.write([]byte("patched"), 0)
		ok(t, m.file.Close())
		m.check(m.reopen())
	}
}

// TestFileTorn cuts an unfinished file anywhere: what was wholly written is there.
func TestFileTorn(t *testing.T) {
	m := newModel(t)
	ends := []int64{m.file.end}
	for i := range 8 {
		m.write(bytes.Repeat([]byte{byte('a' + i)}, 30), len(m.plain))
		ends = append(ends, m.file.end)
	}
	whole, err := os.ReadFile(m.path)
	ok(t, err)
	if int64(len(whole)) <= m.file.end {
		t.Error("no room is reserved")
	}
	if x := m.reopen(); x.Torn() || x.Size() != 240 {
		t.Errorf("what is reserved is taken for a record: torn %v, %d bytes", x.Torn(), x.Size())
	}
	whole = whole[:m.file.end]
	for cut := int(ends[0]); cut <= len(whole); cut++ {
		ok(t, os.WriteFile(m.path, whole[:cut], 0o600))
		x := m.reopen()
		n := 0
		for n+1 < len(ends) && ends[n+1] <= int64(cut) {
			n++
		}
		if x.Size() != int64(30*n) || x.Torn() != (ends[n] != int64(cut)) {
			t.Fatalf("cut at %d: %d bytes, torn %v; want %d", cut, x.Size(), x.Torn(), 30*n)
		}
		if _, err := x.WriteAt([]byte("goes on"), x.Size()); err != nil {
			t.Fatal(err)
		}
		ok(t, x.Close())
		again := m.reopen()
		got := make([]byte, 7)
		if _, err := again.ReadAt(got, int64(30*n)); err != nil || string(got) != "goes on" || again.Size() != int64(30*n+7) {
			t.Fatalf("cut at %d: then %q, %v", cut, got, err)
		}
	}
}

// TestFileTampered changes a finished file: it is noticed wherever it is read.
func TestFileTampered(t *testing.T) {
	m := newModel(t)
	for i := range 4 {
		m.write(bytes.Repeat([]byte{byte('a' + i)}, 50), len(m.plain))
	}
	m.write([]byte("HEAD"), 0)
	end := m.file.end
	ok(t, m.file.Close())
	whole, err := os.ReadFile(m.path)
	ok(t, err)
	for i := headSize; i < int(end); i++ {
		b := bytes.Clone(whole)
		b[i] ^= 0x10
		ok(t, os.WriteFile(m.path, b, 0o600))
		f, err := os.Open(m.path)
		ok(t, err)
		x, err := m.v.OpenFile("i", f, int64(len(b)))
		if err != nil {
			continue
		}
		got, err := io.ReadAll(io.NewSectionReader(x, 0, x.Size()))
		if err == nil && bytes.Equal(got, m.plain) {
			t.Fatalf("byte %d was changed and nobody noticed", i)
		}
	}
	// Two records of the same length change places.
	b := bytes.Clone(whole)
	const n = recordExtra + 50
	copy(b[firstRecord:], whole[firstRecord+n:firstRecord+2*n])
	copy(b[firstRecord+n:], whole[firstRecord:firstRecord+n])
	ok(t, os.WriteFile(m.path, b, 0o600))
	if _, err := m.reopen().ReadAt(make([]byte, 10), 0); !errors.Is(err, ErrDamaged) {
		t.Errorf("records changed places: %v", err)
	}
}

func TestFileRefuses(t *testing.T) {
	m := newModel(t)
	m.write([]byte("abc"), 0)
	if _, err := m.file.WriteAt([]byte("x"), 4); err == nil {
		t.Error("a hole was written")
	}
	if err := m.file.Truncate(4); err == nil {
		t.Error("made longer by cutting")
	}
	if _, err := m.file.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("read before the beginning")
	}
}

func TestOpenMedia(t *testing.T) {
	v, dir := open(t, t.TempDir()), t.TempDir()
	ok(t, os.MkdirAll(filepath.Join(dir, "i"), 0o700))
	ok(t, os.WriteFile(filepath.Join(dir, "i", "plain"), []byte("from before"), 0o600))
	f, err := os.Create(filepath.Join(dir, "i", "file"))
	ok(t, err)
	x, err := v.CreateFile("i", evidence.PartRecording, f)
	ok(t, err)
	_, err = x.WriteAt([]byte("recorded"), 0)
	ok(t, err)
	ok(t, x.Close())
	still, err := v.Seal("i", evidence.PartStills, []byte("picture"))
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, "i", "still"), still, 0o600))
	root, err := os.OpenRoot(dir)
	ok(t, err)
	for name, want := range map[string]string{"i/plain": "from before", "i/file": "recorded", "i/still": "picture"} {
		b, err := fs.ReadFile(v.FS(root), name)
		if err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", name, b, err)
		}
		var none *Vault
		if _, err := none.OpenMedia(root, name); (err == nil) != (name == "i/plain") {
			t.Errorf("%s without a vault: %v", name, err)
		}
	}
	ok(t, v.Destroy("i", evidence.PartRecording, 1, Gone{}))
	for _, name := range []string{"i/file", "i/none", "i"} {
		if _, err := v.OpenMedia(root, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkFile(b *testing.B) {
	v, err := Open(Config{Dir: filepath.Join(b.TempDir(), "k"), Master: filepath.Join(b.TempDir(), "m")}, quiet)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "f")
	f, _ := os.Create(path)
	x, err := v.CreateFile("i", evidence.PartRecording, f)
	if err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 5000)
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(p)))
		for b.Loop() {
			if _, err := x.WriteAt(p, x.Size()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(x.Size())
		for b.Loop() {
			if _, err := io.Copy(io.Discard, io.NewSectionReader(x, 0, x.Size())); err != nil {
				b.Fatal(err)
			}
		}
	})
}
