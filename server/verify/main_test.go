package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/server/audit"
	"bonafide/server/audit/audittest"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRun goes through the program's exit codes and what it prints.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		ok(t, os.WriteFile(path, content, 0o600))
		return path
	}
	bundle, receipt, err := audittest.Bundle(dir, 1<<20)
	ok(t, err)
	good := put("good.zip", bundle)
	bad := bytes.Clone(bundle)
	bad[len(bad)/3] ^= 1
	changed := put("changed.zip", bad)
	anchor := put("receipt.txt", receipt)
	v, err := audit.CheckBundle(t.Context(), bytes.NewReader(bundle), int64(len(bundle)), audit.Options{})
	ok(t, err)
	for _, c := range []struct {
		name string
		args []string
		code int
		want string // printed, on either
	}{
		{"holds", []string{good}, exitHolds, "but the holder of the log's key. The holder of the key could have"},
		{"with a receipt", []string{"--anchor", anchor, good}, exitHolds, "not even the holder"},
		{"with the key", []string{"--key", v.Keys[0], good}, exitHolds, "This record holds"},
		{"quiet", []string{"--quiet", good}, exitHolds, ""},
		{"changed", []string{changed}, exitFails, "THIS RECORD DOES NOT HOLD"},
		{"changed, quietly", []string{"--quiet", changed}, exitFails, "FAIL"},
		{"a receipt that is none", []string{"--anchor", good, good}, exitFails, "FAIL"},
		{"help", []string{"--help"}, exitHolds, "Exit codes"},
		{"no file named", nil, exitUsage, "0 files were named"},
		{"two files named", []string{good, good}, exitUsage, "2 files were named"},
		{"no such file", []string{good + "x"}, exitUsage, "no such file"},
		{"a folder", []string{dir}, exitUsage, "is not a file"},
		{"no such receipt", []string{"--anchor", good + "x", good}, exitUsage, "reading --anchor"},
		{"not a key", []string{"--key", "x", good}, exitUsage, `"x" is not a verification key`},
		{"no such option", []string{"--what", good}, exitUsage, "not defined"},
	} {
		var out bytes.Buffer
		code := run(t.Context(), c.args, &out, &out)
		if text := strings.Join(strings.Fields(out.String()), " "); code != c.code || !strings.Contains(text, c.want) || c.name == "quiet" && text != "" {
			t.Errorf("%s: exit code %d, want %d; it printed\n%s", c.name, code, c.code, out.String())
		}
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("a\x1b[2Jb\nc\u009bd é"); got != "a?[2Jb?c?d é" {
		t.Errorf("%q", got)
	}
}

// BenchmarkVerify is the whole check beside the hashing of the same bytes; the
// second is what sha256sum does.
func BenchmarkVerify(b *testing.B) {
	const size = 256 << 20
	dir := b.TempDir()
	bundle, _, err := audittest.Bundle(dir, size)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(dir, "b.zip")
	if err := os.WriteFile(path, bundle, 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("verify", func(b *testing.B) {
		b.SetBytes(int64(len(bundle)))
		for b.Loop() {
			var out bytes.Buffer
			if code := run(b.Context(), []string{path}, &out, &out); code != exitHolds {
				b.Fatal(out.String())
			}
		}
	})
}
