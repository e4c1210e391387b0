package app

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/server/audit"
	"bonafide/server/evidence"
	"bonafide/server/store"
	"bonafide/server/witness"
)

// TestVouching has a witness sign the checkpoints of a running server's log,
// through an outage, and a bundle carry its word.
func TestVouching(t *testing.T) {
	s := newSite(t, nil)
	m := s.plan()
	ctx := s.ctx
	newest, err := s.app.store.NewestCheckpoint(ctx)
	ok(t, err)
	w, err := witness.Open(t.TempDir(), "w", newest.Keys, s.app.log)
	ok(t, err)
	var down atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(rw, "out of order", http.StatusBadGateway)
			return
		}
		w.ServeHTTP(rw, r)
	}))
	defer srv.Close()
	v, err := newVouching(Config{WitnessURL: srv.URL, WitnessKey: w.Key().String()}, s.app.store, s.app.log)
	ok(t, err)
	add := func() {
		_, err := s.app.store.Append(ctx, evidence.NewEntry{Interview: m.id, Actor: evidence.System, Kind: evidence.EntryAnnotation, Payload: evidence.AnnotationPayload{ID: "n"}})
		ok(t, err)
		_, err = s.app.proofs.checkpoint(ctx, store.AtDemand)
		ok(t, err)
	}
	ok(t, v.once(ctx))
	add()
	down.Store(true)
	if err := v.once(ctx); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("while the witness is down: %v", err)
	}
	down.Store(false)
	add()
	ok(t, v.once(ctx))
	ok(t, v.once(ctx)) // nothing new
	_, err = s.app.store.AppendCounted(ctx, m.id, evidence.EntrySealed, evidence.System)
	ok(t, err)
	_, err = s.app.proofs.checkpoint(ctx, store.AtInterview)
	ok(t, err)
	ok(t, v.once(ctx))

	var b bytes.Buffer
	_, err = s.app.proofs.export(ctx, m.id, evidence.System, nil, &b)
	ok(t, err)
	verdict, err := audit.CheckBundle(ctx, bytes.NewReader(b.Bytes()), int64(b.Len()), audit.Options{Witnesses: []audit.WitnessKey{w.Key()}})
	ok(t, err)
	if !verdict.OK() || verdict.Anchored == 0 || !strings.Contains(verdict.Worth(), "not even the holder") {
		t.Errorf("with the witness's key: holds %v, anchored %d: %+v", verdict.OK(), verdict.Anchored, verdict.Lines)
	}

	// A nudge is enough, and the end of the server ends the asking.
	done := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() { done <- v.run(running, time.Hour) }()
	add()
	v.nudge()
	m.until("the newest checkpoint is vouched for", 10*time.Second, func() bool {
		newest, err := s.app.store.NewestCheckpoint(ctx)
		ok(t, err)
		c, _, err := s.app.store.NewestVouched(ctx, audit.ByWitness, "w")
		return err == nil && c.ID == newest.ID
	})
	stop()
	ok(t, <-done)
}
