package app

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// TestAnalysisKilled kills the analysis process in mid-call, as a crash in
// native code would: the call and its recording go on, the hole is covered as
// not run, and measuring begins again by itself.
func TestAnalysisKilled(t *testing.T) {
	if !haveModels() {
		t.Skip("the models are not here (run: make models)")
	}
	s := newSite(t, func(c *Config) { c.NoAnalysis = false })
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	id := m.cand.Welcome().You.ID
	show := program{media.SourceCamera: loop(wall(t, 4*sec), 80*sec)}
	streams := m.publish(m.cand, show)
	done := play(s.ctx, time.Now(), show, streams)
	defer done.stop()
	absentAfter := func(ms int64) evidence.Finding {
		f, err := signaltest.Next(s.ctx, m.host, "finding", func(f signaling.FindingUpdate) bool {
			return f.Finding.Kind == evidence.FaceAbsent && f.Finding.StartMS > ms
		})
		ok(t, err)
		return f.Finding
	}
	absentAfter(-1)

	live := s.app.analysis.Live()
	if len(live) != 1 || live[0].PID == 0 {
		t.Fatalf("analyses going on: %+v, want one with a process", live)
	}
	killedAt := time.Since(m.epoch()).Milliseconds()
	ok(t, syscall.Kill(live[0].PID, syscall.SIGKILL))
	before := m.host.Peer().Received(id, media.SourceCamera)
	_, err := signaltest.Next(s.ctx, m.host, "notice", func(n signaling.Notice) bool { return n.Code == "analysis_outage" })
	ok(t, err)
	again := absentAfter(killedAt)
	if now := s.app.analysis.Live(); len(now) != 1 || now[0].PID == live[0].PID || now[0].PID == 0 {
		t.Errorf("the process that measures is %+v, was %d", now, live[0].PID)
	}
	after := m.host.Peer().Received(id, media.SourceCamera)
	if after.Missing != before.Missing || after.Packets-before.Packets < 15 || after.Tracks != 1 {
		t.Errorf("the call was disturbed: %+v, then %+v", before, after)
	}
	r := m.hangUp(5 * sec)
	if len(of(r, id)) != 1 || len(r.Gaps) != 0 {
		t.Errorf("the recording was disturbed: segments %+v, gaps %+v", r.Segments, r.Gaps)
	}
	outages := entriesOf[evidence.AnalysisPayload](m, evidence.EntryAnalysisOutage)
	if len(outages) != 1 || outages[0].Reason != "crash" || outages[0].StartMS > killedAt+500 || outages[0].EndMS < killedAt {
		t.Errorf("outages %+v, want one crash around %d ms", outages, killedAt)
	}
	hole := slices.IndexFunc(r.Coverage, func(c evidence.Coverage) bool {
		return c.Kind == evidence.FaceAbsent && c.State == evidence.NotRun && c.Reason == evidence.ReasonOutage &&
			c.StartMS <= killedAt+500 && c.EndMS > killedAt && c.EndMS <= again.StartMS+1500
	})
	if hole < 0 {
		t.Errorf("no coverage says that nothing was measured around %d ms: %+v", killedAt, r.Coverage)
	}
	for _, f := range r.Findings {
		if f.Open {
			t.Errorf("finding %+v is still open after the end", f)
		}
	}
}

// TestDrain stops the server in mid-call: the people are warned and sent out
// with the recordings whole, and after the next start they come back into the
// same interview, whose recording goes on.
func TestDrain(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *Config) { c.Drain = 1500 * time.Millisecond })
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	id := m.cand.Welcome().You.ID
	show := flashing(t, 160, 120, 20*sec, nil)
	done := play(s.ctx, time.Now(), show, m.publish(m.cand, show))
	defer done.stop()
	recorded := func() {
		_, err := signaltest.Next(s.ctx, m.host, "recording", func(h signaling.RecordingHealth) bool { return h.Participant == id && h.Bytes > 20_000 })
		ok(t, err)
	}
	recorded()
	stopped := make(chan struct{})
	go func() { s.end(); close(stopped) }()
	for who, c := range map[string]*signaltest.Client{"the interviewer": m.host, "the candidate": m.cand} {
		if _, err := signaltest.Next(s.ctx, c, "notice", func(n signaling.Notice) bool { return n.Code == "draining" }); err != nil {
			t.Errorf("%s is not warned: %v", who, err)
		}
		if e, err := signaltest.Next[signaling.Ended](s.ctx, c, "ended", nil); err != nil || e.Reason != "drain" {
			t.Errorf("%s is sent out with %+v, %v", who, e, err)
		}
	}
	<-stopped
	done.stop()

	again := openSite(t, s.data, 100*time.Second, nil)
	again.http, again.me = s.http, s.me
	m.site = again
	s = again
	r := m.review()
	if first := of(r, id); len(first) != 1 || first[0].Repaired || first[0].EndMS-first[0].StartMS < 1000 {
		t.Fatalf("segments after the stop %+v, want a whole one", first)
	}
	s.content(r.Segments[0])
	ok(t, m.dialHost())
	ok(t, m.dialCandidate())
	ok(t, m.host.WaitStage(s.ctx, signaling.StageRoom))
	ok(t, m.cand.WaitStage(s.ctx, signaling.StageRoom))
	second := play(s.ctx, time.Now(), show, m.publish(m.cand, show))
	defer second.stop()
	recorded()
	r = m.hangUp(5 * sec)
	if got := of(r, id); len(got) != 2 || got[1].N != 2 || got[1].StartMS < got[0].EndMS {
		t.Errorf("segments %+v, want a second one after the first", got)
	}
	if !slices.ContainsFunc(r.Gaps, func(g evidence.Gap) bool {
		return g.Participant == id && g.Source == string(media.SourceCamera) && g.Cause == string(media.CauseDisconnected) &&
			len(of(r, id)) == 2 && g.StartMS <= of(r, id)[0].EndMS && g.EndMS >= of(r, id)[1].StartMS
	}) {
		t.Errorf("no gap tells of the time in which the server was down: %+v", r.Gaps)
	}
	if repaired := entriesOf[evidence.RecordingPayload](m, evidence.EntryRecordingRepaired); len(repaired) != 0 {
		t.Errorf("%+v were repaired after a stop in order", repaired)
	}
}

// TestRecordingFailureIsShown takes away the folder that recordings go to: the
// interviewer is told at once, the log says so, the call goes on, and recording
// begins by itself when it can.
func TestRecordingFailureIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	m := s.plan()
	obstacle := filepath.Join(s.data, "media", m.id) // a file where the interview's folder would be
	ok(t, os.WriteFile(obstacle, nil, 0o600))
	m.begin(signaltest.AllConsents(), without(evidence.ConsentRecording))
	id := m.cand.Welcome().You.ID
	show := flashing(t, 160, 120, 60*sec, nil)
	done := play(s.ctx, time.Now(), show, m.publish(m.cand, show))
	defer done.stop()
	n, err := signaltest.Next(s.ctx, m.host, "notice", func(n signaling.Notice) bool { return n.Code == "recording_failed" })
	ok(t, err)
	if n.Level != "error" {
		t.Errorf("notice %+v, want an error", n)
	}
	if got := signaltest.All[signaling.Notice](m.cand, "notice"); len(got) != 0 {
		t.Errorf("the candidate is shown %+v", got)
	}
	s.until("the entry", 5*sec, func() bool {
		f := entriesOf[evidence.RecordingPayload](m, evidence.EntryRecordingFailed)
		return len(f) > 0 && f[0].Participant == id && f[0].Error == "write_failed"
	})
	before := m.host.Peer().Received(id, media.SourceCamera).Packets
	s.until("the call to go on", 10*sec, func() bool { return m.host.Peer().Received(id, media.SourceCamera).Packets > before+30 })
	ok(t, os.Remove(obstacle))
	_, err = signaltest.Next(s.ctx, m.host, "recording", func(h signaling.RecordingHealth) bool {
		return h.Participant == id && h.Bytes > 20_000 && h.Failed == ""
	})
	ok(t, err)
	r := m.hangUp(5 * sec)
	if got := of(r, id); len(got) != 1 {
		t.Errorf("segments %+v, want the one after the failure", got)
	}
}
