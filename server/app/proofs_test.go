package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/server/api"
	"bonafide/server/audit"
	"bonafide/server/evidence"
	"bonafide/server/media/mediatest"
	"bonafide/server/signaling/signaltest"
	"bonafide/server/store"
)

// bundle downloads the interview's bundle as its interviewer.
func (m *meeting) bundle() []byte {
	m.t.Helper()
	req, err := http.NewRequestWithContext(m.ctx, "GET", m.url+"/api/interviews/"+m.id+"/bundle", nil)
	ok(m.t, err)
	resp, err := m.http.Do(req)
	ok(m.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	ok(m.t, err)
	if resp.StatusCode != http.StatusOK || !strings.Contains(resp.Header.Get("Content-Disposition"), "interview-"+m.id+".zip") {
		m.t.Fatalf("the bundle: %s, %v, %.200s", resp.Status, resp.Header, b)
	}
	return b
}

func checked(t *testing.T, bundle []byte, receipts ...[]byte) *audit.Verdict {
	t.Helper()
	v, err := audit.CheckBundle(t.Context(), bytes.NewReader(bundle), int64(len(bundle)), audit.Options{Anchors: receipts})
	ok(t, err)
	return v
}

// receipt waits for the checkpoint that closes the interview's log.
func (m *meeting) receipt() api.Receipt {
	m.t.Helper()
	var r api.Receipt
	m.until("the receipt is ready", 10*time.Second, func() bool {
		m.do("GET", "/api/interviews/"+m.id+"/receipt", nil, &r)
		return r.Ready
	})
	return r
}

// TestProof takes a real call through everything that makes it provable.
func TestProof(t *testing.T) {
	s := newSite(t, nil)
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	show := flashing(t, 160, 120, 2*sec, mediatest.Every(sec, 500*time.Millisecond, 2*sec))
	var early api.Receipt
	m.do("GET", "/api/interviews/"+m.id+"/receipt", nil, &early)
	if early.Ready {
		t.Errorf("a receipt during the call: %+v", early)
	}
	playing := play(s.ctx, time.Now().Add(100*time.Millisecond), show, m.publish(m.cand, show))
	playing.wait()
	review := m.hangUp(5 * sec)
	receipt := m.receipt()
	var candidates api.Receipt
	m.do("POST", "/api/lobby/receipt", api.LobbyRequest{Link: m.secret}, &candidates)
	if candidates.Text != receipt.Text || candidates.Size == 0 {
		t.Errorf("the candidate's receipt\n%s\nis not the interviewer's\n%s", candidates.Text, receipt.Text)
	}
	var kinds []string
	for _, e := range m.entries() {
		if !strings.HasPrefix(string(e.Entry.Kind), "access.") { // who looked at it comes after the end too
			kinds = append(kinds, string(e.Entry.Kind))
		}
	}
	if n := len(kinds); n == 0 || kinds[n-1] != string(evidence.EntrySealed) || strings.Count(strings.Join(kinds, " "), string(evidence.EntryInterviewEnded)) != 1 {
		t.Errorf("the log ends otherwise than with its seal: %v", kinds)
	}

	v := checked(t, m.bundle(), []byte(receipt.Text))
	if !v.OK() || v.Anchored != receipt.Size || len(review.Segments) == 0 {
		t.Fatalf("the bundle of a fresh interview: %+v", v.Lines)
	}

	// Another process replaces the key; the running server signs with the new one.
	log := slog.New(slog.DiscardHandler)
	_, keys, err := RotateKey(t.Context(), s.data, false, log)
	ok(t, err)
	if v = checked(t, m.bundle(), []byte(receipt.Text)); !v.OK() || len(keys) != 2 || len(v.Keys) != 2 || v.Keys[1] != keys[1] {
		t.Errorf("after a rotation to %v: keys %v, %+v", keys, v.Keys, v.Lines)
	}

	file := m.path(review.Segments[0])
	content, err := os.ReadFile(file)
	ok(t, err)
	content[len(content)/2] ^= 1
	ok(t, os.WriteFile(file, content, 0o600))
	if v = checked(t, m.bundle()); v.OK() || !strings.Contains(texts(v), filepath.Base(file)+" is not the recording") {
		t.Errorf("a recording was changed on the disk: %s", texts(v))
	}
	ok(t, os.Remove(file))
	if v = checked(t, m.bundle()); v.OK() || !strings.Contains(texts(v), "is missing, and no entry says that it was deleted") {
		t.Errorf("a recording is gone: %s", texts(v))
	}

	s.end()
	r, err := VerifyLog(t.Context(), s.data, nil, log)
	if err != nil || len(r.Faults) > 0 || r.Checkpoints < 5 {
		t.Errorf("the whole log: %+v, %v", r, err)
	}
	ok(t, os.Remove(filepath.Join(s.data, "keys", "current.key")))
	if _, err := SignCheckpoint(t.Context(), s.data, log); !errors.Is(err, audit.ErrKeyMissing) {
		t.Errorf("without the key: %v", err)
	}
	if _, _, err := RotateKey(t.Context(), s.data, true, log); err != nil {
		t.Errorf("replacing a lost key: %v", err)
	}
	if _, err := SignCheckpoint(t.Context(), s.data, log); err != nil {
		t.Errorf("after that: %v", err)
	}
}

func texts(v *audit.Verdict) string {
	var b strings.Builder
	for _, l := range v.Lines {
		b.WriteString(string(l.Status) + ": " + l.Text + "\n")
	}
	return b.String()
}

// TestSealedAtStart ends an interview whose server dies before it is sealed.
func TestSealedAtStart(t *testing.T) {
	s := newSite(t, nil)
	m := s.plan()
	if _, err := s.app.store.EndInterview(s.ctx, m.id); err != nil {
		t.Fatal(err)
	}
	dir := s.data
	s.end()
	again := openSite(t, dir, time.Minute, nil)
	again.do("GET", "/api/server", nil, nil) // it serves
	iv, err := again.app.store.Interview(again.ctx, m.id)
	ok(t, err)
	if r, err := again.app.receipt(again.ctx, iv); err != nil || !r.Ready {
		t.Errorf("the receipt after a restart: %+v, %v", r, err)
	}
	if left, err := again.app.store.Unsealed(again.ctx); err != nil || len(left) != 0 {
		t.Errorf("unsealed: %v, %v", left, err)
	}
}

// TestCheckpointsInTime holds that the log is signed without anybody asking.
func TestCheckpointsInTime(t *testing.T) {
	s := newSite(t, nil)
	added, err := s.app.store.Append(s.ctx, entry("", 0, evidence.EntryError, evidence.ErrorPayload{Where: "test"}))
	ok(t, err)
	if _, err := s.app.store.CheckpointCovering(s.ctx, added[0].Seq); err == nil {
		t.Fatal("it is signed already")
	}
	ctx, stop := context.WithCancel(s.ctx)
	done := make(chan error)
	go func() { done <- s.app.proofs.every(ctx, 5*time.Millisecond) }()
	s.until("the entry is signed", 5*time.Second, func() bool {
		c, err := s.app.store.CheckpointCovering(s.ctx, added[0].Seq)
		return err == nil && c.Reason == store.AtHour
	})
	stop()
	ok(t, <-done)
	all, err := s.app.store.Checkpoints(s.ctx, store.AtHour)
	if err != nil || len(all) != 1 {
		t.Errorf("%d checkpoints of a log that did not grow, %v; want 1", len(all), err)
	}
}

func TestEndings(t *testing.T) {
	var e endings
	e.logged("before")
	if !e.wait("before", time.Second) {
		t.Error("an end that was written before is not seen")
	}
	go e.logged("after")
	if !e.wait("after", 5*time.Second) {
		t.Error("an end that is written while somebody waits is not seen")
	}
	if e.wait("never", time.Millisecond) || len(e.done) != 0 {
		t.Errorf("an end that never came; %d are still remembered", len(e.done))
	}
}
