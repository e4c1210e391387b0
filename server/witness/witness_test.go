package witness

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"bonafide/server/audit"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// tree is a log in memory with a key.
type tree struct {
	t      *testing.T
	keys   *audit.Keys
	hashes []audit.Hash
	size   int64
	newest []byte
}

func newTree(t *testing.T, keys *audit.Keys) *tree { return &tree{t: t, keys: keys} }

func (l *tree) read(positions []int64) ([]audit.Hash, error) {
	out := make([]audit.Hash, len(positions))
	for i, p := range positions {
		if p >= int64(len(l.hashes)) {
			return nil, fmt.Errorf("no hash %d", p)
		}
		out[i] = l.hashes[p]
	}
	return out, nil
}

// grow adds entries and signs.
func (l *tree) grow(n int, word string) audit.Signed {
	l.t.Helper()
	for range n {
		l.size++
		_, hashes, err := audit.NewHashes(l.size, audit.LeafHash(fmt.Appendf(nil, "%s %d", word, l.size)), l.read)
		ok(l.t, err)
		l.hashes = append(l.hashes, hashes...)
	}
	root, err := audit.Root(l.size, l.read)
	ok(l.t, err)
	s, err := l.keys.Sign(l.size, root, l.newest)
	ok(l.t, err)
	l.newest = s.Note
	return *s
}

func (l *tree) growth(old int64) []audit.Hash {
	l.t.Helper()
	p, err := audit.ProveGrowth(old, l.size, l.read)
	ok(l.t, err)
	return p
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWitness lets a witness see a log grow, and be rewritten.
func TestWitness(t *testing.T) {
	dir := t.TempDir()
	l := newTree(t, audit.NewKeys(filepath.Join(dir, "keys")))
	first := l.grow(3, "entry")
	open := func() *Server {
		s, err := Open(filepath.Join(dir, "witness"), "w", first.Keys, quiet)
		ok(t, err)
		return s
	}
	s := open()
	srv := httptest.NewServer(s)
	defer func() { srv.Close(); s.Close() }()
	ask := func(old int64, growth []audit.Hash, c audit.Signed) error {
		line, err := Ask(t.Context(), srv.URL, s.Key(), audit.AddCheckpoint{Old: old, Growth: growth, Note: c.Note}, c.Checkpoint)
		if err == nil && audit.SignatureName(line) != "w" {
			t.Errorf("it signed %q", line)
		}
		return err
	}
	ok(t, ask(0, nil, first))
	second := l.grow(4, "entry")
	var seen *SeenError
	if err := ask(0, nil, second); !errors.As(err, &seen) || seen.Size != 3 {
		t.Errorf("asked from the wrong size: %v", err)
	}
	if err := ask(3, nil, second); err == nil || !strings.Contains(err.Error(), "422") {
		t.Errorf("without a proof: %v", err)
	}
	ok(t, ask(3, l.growth(3), second))
	if err := ask(3, l.growth(3), first); !errors.As(err, &seen) || seen.Size != 7 {
		t.Errorf("an older checkpoint again: %v", err)
	}

	// The holder of the key rewrites the log, after the witness was started again.
	srv.Close()
	if _, err := Open(filepath.Join(dir, "witness"), "w", nil, quiet); !errors.Is(err, ErrBusy) {
		t.Errorf("a second witness on one folder: %v", err)
	}
	ok(t, s.Close())
	s = open()
	srv = httptest.NewServer(s)
	forged := newTree(t, l.keys)
	forged.newest = l.newest
	other := forged.grow(9, "other")
	if err := ask(7, forged.growth(7), other); err == nil || !strings.Contains(err.Error(), "does not contain what this witness saw before") {
		t.Errorf("a rewritten log: %v", err)
	}
	third := l.grow(1, "entry")
	ok(t, ask(7, l.growth(7), third))

	strange := newTree(t, audit.NewKeys(filepath.Join(dir, "others")))
	if err := ask(0, nil, strange.grow(1, "x")); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a log that it does not watch: %v", err)
	}
	changed := third
	changed.Note = []byte(strings.Replace(string(third.Note), "\n8\n", "\n9\n", 1))
	if err := ask(8, nil, changed); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a checkpoint that was changed: %v", err)
	}
}

// TestRequests sends what is no request.
func TestRequests(t *testing.T) {
	s, err := Open(t.TempDir(), "w", nil, quiet)
	ok(t, err)
	defer s.Close()
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/", "", 404},
		{"GET", "/add-checkpoint", "", 405},
		{"POST", "/add-checkpoint", "", 400},
		{"POST", "/add-checkpoint", "old x\n\nnote", 400},
		{"POST", "/add-checkpoint", "old 0\nAAAA\n\nnote", 400},
		{"POST", "/add-checkpoint", "old 0\n" + strings.Repeat("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 64) + "\nnote", 400},
		{"POST", "/add-checkpoint", strings.Repeat("x", maxBody+1), 400},
		{"POST", "/add-checkpoint", "old 0\n\nunknown\n1\n\n", 404},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if w.Code != c.status {
			t.Errorf("%s %s %.30q: %d, want %d", c.method, c.path, c.body, w.Code, c.status)
		}
	}
}

// TestFolder opens folders that are not in order.
func TestFolder(t *testing.T) {
	for name, c := range map[string]struct{ file, content, want string }{
		"a key that is none":     {keyFile, "x", "not a witness's private key"},
		"what was seen, cut off": {logsFile, `{"a":`, "could sign a log that was rewritten"},
	} {
		dir := t.TempDir()
		ok(t, os.WriteFile(filepath.Join(dir, c.file), []byte(c.content), 0o600))
		if _, err := Open(dir, "w", nil, quiet); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(t.TempDir(), "w", []string{"x"}, quiet); err == nil {
		t.Error("a key that is none was taken")
	}
}

// TestStamp asks an authority, and takes no answer that is not to the question.
func TestStamp(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "TSA"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ok(t, err)
	cert, err := x509.ParseCertificate(der)
	ok(t, err)
	mode := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		q, err := timestamp.ParseRequest(body)
		if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		stamp := timestamp.Timestamp{HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: time.Now(), Nonce: q.Nonce,
			Policy: asn1.ObjectIdentifier{1, 2, 3}, SerialNumber: big.NewInt(1), AddTSACertificate: true}
		switch mode {
		case "refuses":
			answer, _ := timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.BadRequest)
			w.Write(answer)
			return
		case "fails":
			http.Error(w, "out of order", http.StatusServiceUnavailable)
			return
		case "another nonce":
			stamp.Nonce = big.NewInt(1)
		case "another hash":
			stamp.HashedMessage = make([]byte, 32)
		case "nonsense":
			io.WriteString(w, "<html>")
			return
		}
		answer, err := stamp.CreateResponseWithOpts(cert, key, crypto.SHA256)
		if err != nil {
			t.Error(err)
		}
		w.Write(answer)
	}))
	defer srv.Close()
	token, err := Stamp(t.Context(), srv.URL, []byte("note"))
	ok(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	if at, by, err := audit.CheckTimestamp(token, []byte("note"), roots); err != nil || time.Since(at) > time.Minute || by != "CN=TSA" {
		t.Errorf("the token is of %v by %q: %v", at, by, err)
	}
	for _, m := range []string{"refuses", "fails", "another nonce", "another hash", "nonsense"} {
		mode = m
		if _, err := Stamp(t.Context(), srv.URL, []byte("note")); err == nil {
			t.Errorf("an authority that %s: its answer was taken", m)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Stamp(ctx, srv.URL, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
