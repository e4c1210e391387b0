package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"bonafide/server/api"
	"bonafide/server/evidence"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// verification compares the whole log, and the files that it speaks of, with
// what was signed and logged. One runs at a time, in a goroutine that close
// ends and waits for.
type verification struct {
	store    *store.Store
	vault    *vault.Vault
	mediaDir string
	log      *slog.Logger

	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	status api.Verification
}

func newVerification(s *store.Store, v *vault.Vault, mediaDir string, log *slog.Logger) *verification {
	n := &verification{store: s, vault: v, mediaDir: mediaDir, log: log, status: api.Verification{State: "never", Faults: []string{}}}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n
}

// Status is how far the present one is, or what the last one found.
func (n *verification) Status() api.Verification {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.status
	out.Faults = append([]string{}, n.status.Faults...)
	return out
}

func (n *verification) change(f func(*api.Verification)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f(&n.status)
}

// Start begins one, or returns api.ErrVerifying.
func (n *verification) Start(interviewID string, by evidence.Actor) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.status.State == "running" {
		return api.ErrVerifying
	}
	if n.ctx.Err() != nil {
		return fmt.Errorf("starting a verification: %w", n.ctx.Err())
	}
	n.status = api.Verification{State: "running", Interview: interviewID, Phase: "log", StartedMS: n.store.Now().UnixMilli(), Faults: []string{}}
	n.running.Go(func() {
		err := n.run(n.ctx, interviewID, by)
		n.change(func(s *api.Verification) {
			s.State, s.FinishedMS = "done", n.store.Now().UnixMilli()
			if err != nil {
				n.log.Error("a verification could not be finished", "err", err)
				s.State, s.Error = "failed", "It could not be finished; why is in the server's own log."
			}
		})
	})
	return nil
}

// close ends a verification that runs and waits for it.
func (n *verification) close() {
	n.cancel()
	n.running.Wait()
}

func (n *verification) run(ctx context.Context, interviewID string, by evidence.Actor) error {
	report, err := n.store.VerifyLog(ctx, func(done, total int64) {
		n.change(func(s *api.Verification) { s.Done, s.Total = done, total })
	})
	if err != nil {
		return err
	}
	n.change(func(s *api.Verification) {
		s.Phase, s.Done, s.Total = "files", 0, 0
		s.Entries, s.Root = report.Size, base64.StdEncoding.EncodeToString(report.Root[:])
		s.Faults, s.Unnamed = append(s.Faults, report.Faults...), report.Unnamed
	})
	faults, err := n.byInterview(ctx, report)
	if err != nil {
		return err
	}
	media, err := os.OpenRoot(n.mediaDir)
	if err != nil {
		return fmt.Errorf("opening the folder of recordings: %w", err)
	}
	defer media.Close()
	files, err := n.store.LoggedFiles(ctx, interviewID)
	if err != nil {
		return err
	}
	n.change(func(s *api.Verification) {
		for _, f := range files {
			s.Total += f.Bytes
		}
	})
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		fault, err := n.compare(media, f)
		if err != nil {
			return err
		}
		n.change(func(s *api.Verification) {
			switch {
			case fault != "":
				s.Files++
				if len(s.Faults) < maxNamedFaults {
					s.Faults = append(s.Faults, fault)
				} else {
					s.Unnamed++
				}
			case f.Deleted:
				s.Gone++
			default:
				s.Files++
			}
		})
		if fault != "" {
			faults[f.Interview] = append(faults[f.Interview], fault)
		}
	}
	return n.keep(ctx, interviewID, by, report.Size, faults)
}

// maxNamedFaults bounds the faults that are shown.
const maxNamedFaults = 200

// byInterview sorts the log's faults by the interview that they are about.
// Those that are about none of them, such as a changed root, are about all: ""
// holds them.
func (n *verification) byInterview(ctx context.Context, r store.LogReport) (map[string][]string, error) {
	of := map[string][]string{}
	for i, fault := range r.Faults {
		interviewID := ""
		if seq := r.About[i]; seq > 0 {
			var err error
			if interviewID, err = n.store.InterviewOf(ctx, seq); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
		}
		of[interviewID] = append(of[interviewID], fault)
	}
	return of, nil
}

// keep writes what was found of each record, and the entry about it.
func (n *verification) keep(ctx context.Context, interviewID string, by evidence.Actor, size int64, faults map[string][]string) error {
	ids := []string{interviewID}
	if interviewID == "" {
		var err error
		if ids, err = n.store.InterviewIDs(ctx); err != nil {
			return err
		}
	}
	checks := make([]store.RecordCheck, len(ids))
	for i, id := range ids {
		checks[i] = store.RecordCheck{Interview: id, Faults: append(append([]string{}, faults[""]...), faults[id]...)}
	}
	if err := n.store.SaveChecks(ctx, size, checks); err != nil {
		return err
	}
	s := n.Status()
	_, err := n.store.Append(ctx, evidence.NewEntry{Interview: interviewID, Actor: by, Kind: evidence.EntryVerified,
		Payload: evidence.VerifiedPayload{Entries: size, Files: s.Files, Gone: s.Gone, Faults: len(s.Faults) + s.Unnamed}})
	return err
}

// compare hashes a file; fault says in plain words what is not as it was
// logged. What was deleted by an entry that says so is not missing.
func (n *verification) compare(media *os.Root, f store.LoggedFile) (fault string, err error) {
	c, err := n.vault.OpenMedia(media, f.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && f.Deleted:
		n.skip(f)
		return "", nil
	case errors.Is(err, fs.ErrNotExist):
		n.skip(f)
		return fmt.Sprintf("%s is missing, and no entry says that it was deleted", f.Name), nil
	case err != nil:
		n.log.Warn("a file could not be opened for its verification", "file", f.Name, "err", err)
		n.skip(f)
		return fmt.Sprintf("%s cannot be opened; it was damaged, or its key is missing", f.Name), nil
	}
	defer c.Close()
	h := sha256.New()
	_, err = io.Copy(h, &counted{c.Reader(), n})
	if n.ctx.Err() != nil {
		return "", n.ctx.Err()
	}
	if err != nil {
		n.log.Warn("a file could not be read for its verification", "file", f.Name, "err", err)
		return fmt.Sprintf("%s cannot be read whole: it was damaged", f.Name), nil
	}
	if hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
		return fmt.Sprintf("%s is not the file that was logged: its content was changed", f.Name), nil
	}
	return "", nil
}

// skip counts a file as done that is not read.
func (n *verification) skip(f store.LoggedFile) {
	n.change(func(s *api.Verification) { s.Done += f.Bytes })
}

// counted tells the verification how many bytes were read, and breaks off
// when it is to end.
type counted struct {
	r io.Reader
	n *verification
}

func (c *counted) Read(p []byte) (int, error) {
	if err := c.n.ctx.Err(); err != nil {
		return 0, err
	}
	k, err := c.r.Read(p)
	c.n.change(func(s *api.Verification) { s.Done += int64(k) })
	return k, err
}
