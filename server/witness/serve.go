// Package witness is both ends of vouching for a log: the service that watches
// somebody else's log grow and signs its checkpoints, and what asks such a
// service, or a time-stamp authority, for its word.
//
// The protocol of witnesses is https://c2sp.org/tlog-witness, that of
// time-stamps RFC 3161 over HTTP.
package witness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"bonafide/server/audit"
	"bonafide/server/durable"
)

// The files of a witness's folder.
const (
	keyFile  = "witness.key"  // the private key
	logsFile = "watched.json" // the newest checkpoint seen of each log
	lockFile = ".lock"        // held by the process that uses the folder
)

// ErrBusy says that another process uses a witness's folder: each would not
// know what the other signs.
var ErrBusy = errors.New("another witness uses this folder; stop it first, or give this one a folder of its own")

// maxBody bounds a request in bytes: a proof of 63 hashes and a note.
const maxBody = 64 << 10

// watched is a log as it was seen last.
type watched struct {
	Keys []string `json:"keys"` // the log's verifiers, oldest first
	Size int64    `json:"size"`
	Root string   `json:"root"`
}

// Server is a witness. It signs nothing that contradicts what it signed before.
type Server struct {
	dir string
	log *slog.Logger
	now func() time.Time
	own audit.Witness

	lock *os.File // held for as long as the folder is open

	mu   sync.Mutex
	logs map[string]watched // by origin
}

// Open opens a witness's folder, and makes it with a new key of this name where
// it is empty. keys are the verifiers of the logs that it watches, beside those
// that the folder knows. ErrBusy where another process has it open.
func Open(dir, name string, keys []string, log *slog.Logger) (_ *Server, err error) {
	s := &Server{dir: dir, log: log, now: time.Now, logs: map[string]watched{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the witness's folder: %w", err)
	}
	s.lock, err = durable.Take(filepath.Join(dir, lockFile))
	if errors.Is(err, durable.ErrTaken) {
		return nil, fmt.Errorf("%s: %w", dir, ErrBusy)
	}
	if err != nil {
		return nil, fmt.Errorf("locking the witness's folder: %w", err)
	}
	if err := s.read(name, keys); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close gives up the folder. Nothing is to be signed afterwards.
func (s *Server) Close() error { return s.lock.Close() }

// read takes the key and what was seen from the folder, and adds the keys.
func (s *Server) read(name string, keys []string) error {
	if err := s.openKey(name); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(s.dir, logsFile))
	if err == nil {
		err = json.Unmarshal(text, &s.logs)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading what the witness has seen: %w; without it the witness could sign a log that was rewritten", err)
	}
	for _, k := range keys {
		if err := audit.CheckKey(k); err != nil {
			return err
		}
		origin, _, _ := strings.Cut(k, "+")
		w := s.logs[origin]
		if !slices.Contains(w.Keys, k) {
			w.Keys = append(w.Keys, k)
		}
		s.logs[origin] = w
	}
	return s.save()
}

func (s *Server) openKey(name string) error {
	path := filepath.Join(s.dir, keyFile)
	text, err := os.ReadFile(path)
	if err == nil {
		if s.own, err = audit.ParseWitness(string(text)); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the witness's key: %w", err)
	}
	if s.own, err = audit.NewWitness(name); err != nil {
		return err
	}
	return durable.Write(path, []byte(s.own.Secret()))
}

// Key is the witness's public key, for auditors and for the log's operator.
func (s *Server) Key() audit.WitnessKey { return s.own.Key }

// refusal is an answer other than a signature.
type refusal struct {
	status int
	text   string
	kind   string // Content-Type; "" is plain text
}

func (r *refusal) Error() string { return r.text }

// ServeHTTP answers POST /add-checkpoint, as the protocol has it: 200 with a
// signature, 400 for what cannot be read, 403 for a wrong signature, 404 for a
// log that is not watched, 409 with the size that was seen last, and 422 for a
// proof that does not hold.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/add-checkpoint" {
		http.Error(w, "this is a witness; it answers POST /add-checkpoint", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the request is too long or was cut off", http.StatusBadRequest)
		return
	}
	line, err := s.add(body)
	var no *refusal
	switch {
	case errors.As(err, &no):
		if no.kind != "" {
			w.Header().Set("Content-Type", no.kind)
			w.WriteHeader(no.status)
			io.WriteString(w, no.text)
			return
		}
		s.log.Warn("a checkpoint was refused", "reason", no.text)
		http.Error(w, no.text, no.status)
	case err != nil:
		s.log.Error("a checkpoint could not be signed", "err", err)
		http.Error(w, "the witness could not keep what it saw", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, line)
	}
}

// add checks a checkpoint against what was seen before, keeps it, and signs.
func (s *Server) add(body []byte) (string, error) {
	a, err := audit.ParseAddCheckpoint(body)
	if err != nil {
		return "", &refusal{status: http.StatusBadRequest, text: err.Error()}
	}
	origin, _, _ := strings.Cut(string(a.Note), "\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, ok := s.logs[origin]
	if !ok {
		return "", &refusal{status: http.StatusNotFound, text: "this witness does not watch that log"}
	}
	c, _, err := audit.Open(a.Note, seen.Keys)
	switch {
	case err != nil:
		return "", &refusal{status: http.StatusForbidden, text: "the checkpoint: " + err.Error()}
	case a.Old > c.Size:
		return "", &refusal{status: http.StatusBadRequest, text: "the old size is larger than the checkpoint's"}
	case a.Old != seen.Size:
		return "", &refusal{status: http.StatusConflict, text: fmt.Sprintf("%d\n", seen.Size), kind: "text/x.tlog.size"}
	}
	if seen.Size > 0 {
		root, err := audit.ParseRoot(seen.Root)
		if err != nil {
			return "", fmt.Errorf("reading what was seen of %s: %w", origin, err)
		}
		if err := audit.CheckGrowth(a.Growth, audit.Checkpoint{Origin: origin, Size: seen.Size, Root: root}, c); err != nil {
			return "", &refusal{status: http.StatusUnprocessableEntity, text: "the log does not contain what this witness saw before: " + err.Error()}
		}
	}
	seen.Size, seen.Root = c.Size, c.Root.String()
	before := s.logs[origin]
	s.logs[origin] = seen
	if err := s.save(); err != nil {
		s.logs[origin] = before
		return "", err
	}
	return s.own.Cosign(c, s.now()), nil
}

// save keeps what was seen before a signature is given out.
func (s *Server) save() error {
	text, err := json.MarshalIndent(s.logs, "", " ")
	if err != nil {
		return fmt.Errorf("keeping what the witness has seen: %w", err)
	}
	return durable.Write(filepath.Join(s.dir, logsFile), append(text, '\n'))
}

// Run serves a witness on an address until ctx ends.
func (s *Server) Run(ctx context.Context, addr string) error {
	srv := &http.Server{Addr: addr, Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.ListenAndServe() }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving the witness: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := srv.Shutdown(stop)
	<-failed
	return err
}
