package signaling_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/relay/relaytest"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// flow writes to a stream until stop, so that something is there to forward.
func flow(w *world, s *relaytest.Stream) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-quit:
				return
			case <-time.After(5 * time.Millisecond):
				data := make([]byte, 300)
				data[0] = 1
				_ = s.Write(relaytest.Timed{At: time.Duration(i) * 5 * time.Millisecond, Data: data})
			}
		}
	}()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			close(quit)
			<-done
		}
	}
	w.t.Cleanup(stop)
	return stop
}

func TestWholeInterview(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host := w.interviewer("ivy")
	if v := host.Welcome(); v.Stage != signaling.StageLobby || v.You.ID != "p-ivy" || v.Interview.Place != "Lisbon" ||
		len(v.Interview.KindsOff) != 1 || v.Policy != interview.AllowUnrecorded || v.ServerMS == 0 || v.Interview.StartedMS != 0 {
		t.Errorf("interviewer's welcome %+v", v)
	}
	cand := w.candidate()
	if v := cand.Welcome(); v.Interview.Place != "" || v.Interview.TimeZone != "" || len(v.Interview.KindsOff) != 0 || v.Interview.CandidateName != "Ada" {
		t.Errorf("the candidate was shown %+v", v.Interview)
	}
	w.must(host.Enter(signaltest.AllConsents()))
	w.must(host.WaitStage(w.ctx, signaling.StageRoom))
	if err := cand.Send("enter", signaling.Enter{}); err != nil {
		t.Fatal(err)
	}
	if e, err := signaltest.Next[signaling.Error](w.ctx, cand, "error", nil); err != nil || e.Code != "conflict" || e.Field != "recording" || e.Fatal {
		t.Errorf("entering without answers: %+v, %v", e, err)
	}
	w.must(cand.Enter(signaltest.AllConsents()))
	w.must(cand.WaitStage(w.ctx, signaling.StageWaiting))
	_, err := signaltest.Next(w.ctx, host, "people", func(p signaling.People) bool {
		return len(p.People) == 2 && p.People[1].Stage == signaling.StageWaiting && p.People[1].Consents[evidence.ConsentGaze]
	})
	w.must(err)
	w.must(host.Send("annotate", signaling.Annotate{Text: "too early"}))
	if e, err := signaltest.Next[signaling.Error](w.ctx, host, "error", nil); err != nil || e.Code != "conflict" {
		t.Errorf("a note before the beginning: %+v, %v", e, err)
	}
	w.must(host.Send("admit", signaling.Admit{Participant: "candidate"}))
	w.must(cand.WaitStage(w.ctx, signaling.StageRoom))
	_, err = signaltest.Next(w.ctx, cand, "started", func(s signaling.Started) bool { return s.StartedMS > 0 })
	w.must(err)
	if epoch, ok := w.hub.Now("one"); !ok || time.Since(epoch) > time.Minute || time.Since(epoch) < 0 {
		t.Errorf("Now says %v, %v", epoch, ok)
	}

	camera, err := cand.Publish(w.ctx, media.SourceCamera)
	w.must(err)
	flow(w, camera)
	w.eventually("the interviewer to see the candidate", func() bool {
		return host.Peer() != nil && host.Peer().Received("candidate", media.SourceCamera).Packets > 10
	})
	w.eventually("the sink to get packets", func() bool { return w.counted("candidate/camera") > 10 })
	w.must(cand.Send("device", signaling.DeviceChanged{Source: "camera", Label: "HD camera", Width: 640, Height: 480, FrameRate: 30}))
	w.must(cand.Send("mute", signaling.Mute{Source: "camera", Muted: true}))
	_, err = signaltest.Next(w.ctx, host, "people", func(p signaling.People) bool {
		return len(p.People) == 2 && len(p.People[1].Sources) == 1 && p.People[1].Sources[0] == signaling.SourceState{Source: "camera", Muted: true}
	})
	w.must(err)
	w.eventually("the sink to hear of it", w.saw("candidate/camera muted=true"))

	w.must(host.Send("annotate", signaling.Annotate{Text: "  looks away "}))
	note, err := signaltest.Next[signaling.Annotated](w.ctx, host, "annotated", nil)
	w.must(err)
	if note.Text != "looks away" || note.By != "p-ivy" || note.Seq == 0 {
		t.Errorf("annotated %+v", note)
	}
	kept := w.store.kept(evidence.EntryAnnotation)
	if len(kept) != 1 || *kept[0].AtMS != note.AtMS || !strings.Contains(string(kept[0].Part), "looks away") || strings.Contains(string(kept[0].Payload), "looks") {
		t.Errorf("kept %+v", kept)
	}
	w.must(host.Send("question", signaling.Question{Phase: evidence.QuestionAsked, AtMS: evidence.At(1)}))
	if q, err := signaltest.Next[signaling.Questioned](w.ctx, host, "questioned", nil); err != nil || q.AtMS != 1 || q.Phase != evidence.QuestionAsked {
		t.Errorf("questioned %+v, %v", q, err)
	}
	w.must(host.Send("kinds", signaling.SetKinds{Off: []evidence.Kind{evidence.FaceAbsent, evidence.FaceAbsent}}))
	_, err = signaltest.Next(w.ctx, host, "interview", func(i signaling.InterviewChanged) bool { return len(i.Interview.KindsOff) == 1 })
	w.must(err)
	w.eventually("the hook", w.saw("kinds [face.absent]"))

	w.must(cand.Send("consent", signaling.SetConsent{Consent: evidence.ConsentRecording}))
	w.eventually("the withdrawal to close the sink", w.saw("candidate/camera closed"))
	w.eventually("the withdrawal to be kept", func() bool {
		list := w.store.kept(evidence.EntryConsent)
		p := payload[evidence.ConsentPayload](t, list[len(list)-1])
		return p.Withdrawn && !p.Granted && p.Consent == evidence.ConsentRecording
	})
	w.must(cand.Send("consent", signaling.SetConsent{Consent: evidence.ConsentRecording, Granted: true}))
	n := w.counted("candidate/camera")
	w.eventually("the sink to be back", func() bool { return w.counted("candidate/camera") > n+10 })

	w.must(host.Send("hangup", signaling.Hangup{}))
	for _, c := range []*signaltest.Client{host, cand} {
		if e, err := signaltest.Next[signaling.Ended](w.ctx, c, "ended", nil); err != nil || e.Reason != "hangup" {
			t.Errorf("ended %+v, %v", e, err)
		}
		if code, _, err := c.WaitClosed(w.ctx); err != nil || code != 1000 {
			t.Errorf("closed with %d, %v", code, err)
		}
	}
	checkLog(t, w)
	if _, err := w.tryDial(signaltest.Config{Join: signaling.Join{Link: "link"}}); err == nil {
		t.Error("an ended interview was joined")
	}
}

// checkLog holds the entries of the whole interview against what was done.
func checkLog(t *testing.T, w *world) {
	t.Helper()
	for kind, want := range map[evidence.EntryKind]int{
		evidence.EntryParticipantJoined: 2, evidence.EntryParticipantWaiting: 1, evidence.EntryParticipantAdmit: 1,
		evidence.EntryInterviewStarted: 1, evidence.EntryConsent: 11, evidence.EntryTrackPublished: 1, evidence.EntryTrackEnded: 1,
		evidence.EntryTrackMute: 1, evidence.EntryDeviceChanged: 1, evidence.EntryAnnotation: 1, evidence.EntryQuestion: 1,
		evidence.EntryInterviewUpdated: 1, evidence.EntryInterviewEnded: 1, evidence.EntryParticipantLeft: 2,
	} {
		if got := len(w.store.kept(kind)); got != want {
			t.Errorf("%d entries %s, want %d", got, kind, want)
		}
	}
	if e := w.store.kept(evidence.EntryInterviewEnded)[0]; e.Actor.ID != "p-ivy" || e.AtMS == nil {
		t.Errorf("the end was kept as %+v", e)
	}
	if e := w.store.kept(evidence.EntryDeviceChanged)[0]; strings.Contains(string(e.Payload), "HD") || !strings.Contains(string(e.Part), "HD camera") {
		t.Errorf("the device was kept as %s and %s", e.Payload, e.Part)
	}
	if !w.saw("started one")() || !w.saw("ended one hangup")() || w.saw("left candidate")() {
		t.Errorf("hooks: %v", w.events)
	}
}

func TestReloadResumesWhereItWas(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host, cand := w.live()
	camera, err := cand.Publish(w.ctx, media.SourceCamera)
	w.must(err)
	stop := flow(w, camera)
	seen := func() relaytest.Counts { return host.Peer().Received("candidate", media.SourceCamera) }
	w.eventually("the first picture", func() bool { return seen().Packets > 0 })
	stop()
	w.must(cand.Close())
	_, err = signaltest.Next(w.ctx, host, "people", func(p signaling.People) bool { return len(p.People) == 2 && !p.People[1].Connected })
	w.must(err)

	began := time.Now()
	again := w.candidate()
	if v := again.Welcome(); v.Stage != signaling.StageRoom || !v.You.Answered() || v.Interview.StartedMS == 0 {
		t.Errorf("welcomed back with %+v", v)
	}
	camera, err = again.Publish(w.ctx, media.SourceCamera)
	w.must(err)
	flow(w, camera)
	w.eventually("a picture after the reload", func() bool { return seen().Last.After(began) })
	d := seen().Last.Sub(began) // looked at every few milliseconds
	t.Logf("picture %v after the reload", d.Round(time.Millisecond))
	if d > 2*time.Second {
		t.Errorf("the picture came back after %v", d)
	}
	w.eventually("the entry", func() bool {
		list := w.store.kept(evidence.EntryParticipantJoined)
		return len(list) == 3 && payload[evidence.ParticipantPayload](t, list[2]).Rejoined
	})
	if len(w.store.kept(evidence.EntryParticipantWaiting)) != 1 || w.saw("left candidate")() {
		t.Error("the candidate had to wait again, or was taken for gone")
	}
}

func TestSecondSocketReplacesTheFirst(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	_, cand := w.live()
	second := w.candidate()
	if e, err := signaltest.Next[signaling.Ended](w.ctx, cand, "ended", nil); err != nil || e.Reason != "replaced" {
		t.Errorf("the first socket was told %+v, %v", e, err)
	}
	if code, text, err := cand.WaitClosed(w.ctx); err != nil || code != 1000 || text != "replaced" {
		t.Errorf("closed with %d %q, %v", code, text, err)
	}
	w.must(second.WaitStage(w.ctx, signaling.StageRoom))
	w.must(second.Send("mute", signaling.Mute{Source: "camera", Muted: true})) // still works
	w.eventually("the second socket to be heard", func() bool { return len(w.store.kept(evidence.EntryTrackMute)) == 1 })
}

func TestSlotIsHeldThenGivenUp(t *testing.T) {
	w := newWorld(t, signaling.Config{SlotHold: 200 * time.Millisecond}, nil)
	host, cand := w.live()
	dropped := time.Now()
	cand.Drop()
	w.eventually("the place to be given up", w.saw("left candidate"))
	if d := time.Since(dropped); d < 200*time.Millisecond {
		t.Errorf("given up after %v", d)
	}
	w.eventually("the entry", func() bool { return len(w.store.kept(evidence.EntryParticipantLeft)) == 1 })
	e := w.store.kept(evidence.EntryParticipantLeft)[0]
	if p := payload[evidence.ParticipantPayload](t, e); p.Reason != "disconnected" || e.Actor != evidence.System {
		t.Errorf("kept as %s by %v", e.Payload, e.Actor)
	}
	back := w.candidate()
	w.must(back.WaitStage(w.ctx, signaling.StageRoom)) // the interview is live: no second admission
	_ = host
}

func TestRestartedServerResumesTheClock(t *testing.T) {
	store := newMemory()
	first := newWorld(t, signaling.Config{}, store)
	host, cand := first.live()
	_, _ = host.Close(), cand.Close()
	store.set(func(m *memory) { m.ivs["one"].StartedMS -= 60_000 }) // as if a minute had passed
	w := newWorld(t, signaling.Config{}, store)
	cand = w.candidate()
	if v := cand.Welcome(); v.Stage != signaling.StageRoom || v.Interview.State != interview.Live {
		t.Errorf("welcomed with %+v", v)
	}
	epoch, ok := w.hub.Now("one")
	if d := time.Since(epoch); !ok || d < 60*time.Second || d > 70*time.Second {
		t.Errorf("interview time is %v after the restart, %v", d, ok)
	}
	w.eventually("the hook", w.saw("started one"))
	w.eventually("the entry", func() bool {
		list := w.store.kept(evidence.EntryParticipantJoined)
		p := payload[evidence.ParticipantPayload](t, list[len(list)-1])
		at := list[len(list)-1].AtMS
		return p.Rejoined && at != nil && *at >= 60_000
	})
}

// TestClockSetBackRepeatsNoTime restarts a server whose clock was set back by
// an hour: interview time goes on where the log ends.
func TestClockSetBackRepeatsNoTime(t *testing.T) {
	store := newMemory()
	first := newWorld(t, signaling.Config{}, store)
	host, cand := first.live()
	_, _ = host.Close(), cand.Close()
	store.set(func(m *memory) {
		m.ivs["one"].StartedMS += 3_600_000
		m.entries = append(m.entries, evidence.Entry{Interview: "one", Kind: evidence.EntryMediaGap, AtMS: evidence.At(90_000)})
	})
	w := newWorld(t, signaling.Config{}, store)
	w.candidate()
	epoch, ok := w.hub.Now("one")
	if d := time.Since(epoch); !ok || d < 90*time.Second || d > 100*time.Second {
		t.Errorf("interview time is %v after the restart, %v; the log ends at 90 s", d, ok)
	}
}

func TestDrain(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host, cand := w.live()
	done := make(chan error, 1)
	ctx, cancel := contextWithTimeout(w.ctx, 300*time.Millisecond)
	defer cancel()
	go func() { done <- w.hub.Drain(ctx) }()
	for _, c := range []*signaltest.Client{host, cand} {
		if n, err := signaltest.Next[signaling.Notice](w.ctx, c, "notice", nil); err != nil || n.Code != "draining" {
			t.Errorf("told %+v, %v", n, err)
		}
	}
	if _, err := w.tryDial(signaltest.Config{Join: signaling.Join{Link: "link2"}}); err == nil {
		t.Error("a new room was opened while draining")
	}
	for _, c := range []*signaltest.Client{host, cand} {
		if e, err := signaltest.Next[signaling.Ended](w.ctx, c, "ended", nil); err != nil || e.Reason != "drain" {
			t.Errorf("told %+v, %v", e, err)
		}
	}
	if err := <-done; err == nil {
		t.Error("Drain did not say that it had to end a room")
	}
	if s := w.store.ivs["one"].State; s != interview.Live {
		t.Errorf("the interview is %s after a drain, want live", s)
	}
	if !w.saw("ended one drain")() || len(w.hub.Live()) != 0 {
		t.Errorf("hooks %v, live %v", w.events, w.hub.Live())
	}
}

func TestObserver(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	w.live()
	obs := w.dial(signaltest.Config{Join: signaling.Join{Interview: "one", Observe: true}, Header: http.Header{"User": {"olga"}}})
	w.must(obs.Enter(nil))
	w.must(obs.WaitStage(w.ctx, signaling.StageRoom))
	w.eventually("media", func() bool { return obs.Peer() != nil })
	w.must(obs.Send("publish.offer", signaling.PublishOffer{SDP: "v=0", Sources: map[string]string{"0": "camera"}}))
	if e, err := signaltest.Next[signaling.Error](w.ctx, obs, "error", nil); err != nil || e.Code != "forbidden" {
		t.Errorf("an observer publishing was told %+v, %v", e, err)
	}
	w.must(obs.Send("annotate", signaling.Annotate{Text: "x"}))
	_, err := signaltest.Next(w.ctx, obs, "error", func(e signaling.Error) bool { return strings.Contains(e.Message, "annotate") && e.Code == "forbidden" })
	w.must(err)
}

func TestRefusedRecordingUnderRefusePolicy(t *testing.T) {
	w := newWorld(t, signaling.Config{Policy: interview.RefuseUnrecorded}, nil)
	cand := w.candidate()
	w.must(cand.Enter(map[evidence.Consent]bool{evidence.ConsentFace: true}))
	if e, err := signaltest.Next[signaling.Error](w.ctx, cand, "error", nil); err != nil || e.Code != "forbidden" || e.Field != "recording" {
		t.Errorf("told %+v, %v", e, err)
	}
	if cand.Stage() != signaling.StageLobby {
		t.Errorf("at the stage %s", cand.Stage())
	}
	host, cand := func() (h, c *signaltest.Client) { w.must(cand.Close()); return w.live() }()
	w.must(cand.Send("consent", signaling.SetConsent{Consent: evidence.ConsentRecording}))
	if e, err := signaltest.Next[signaling.Ended](w.ctx, cand, "ended", nil); err != nil || e.Reason != "removed" {
		t.Errorf("after the withdrawal: %+v, %v", e, err)
	}
	_, err := signaltest.Next(w.ctx, host, "notice", func(n signaling.Notice) bool { return n.Code == "recording_withdrawn" })
	w.must(err)
}

func TestCancelledWhileWaiting(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	cand := w.candidate()
	w.must(w.hub.Cancelled(w.ctx, "nothing")) // of which there is no room
	w.must(w.hub.Cancelled(w.ctx, "one"))
	if left := w.store.kept(evidence.EntryParticipantLeft); len(left) != 1 || !strings.Contains(string(left[0].Payload), `"reason":"cancelled"`) {
		t.Errorf("left, when the room is over: %+v", left)
	}
	if e, err := signaltest.Next[signaling.Ended](w.ctx, cand, "ended", nil); err != nil || e.Reason != "cancelled" {
		t.Errorf("who waited was told %+v, %v", e, err)
	}
}

// Who was looked up before the cancelling, or before the end, and comes to the
// room after it, does not wait there for nothing.
func TestOverWhileJoining(t *testing.T) {
	for state, want := range map[interview.State]string{interview.Cancelled: "was cancelled", interview.Ended: "has ended"} {
		w := newWorld(t, signaling.Config{}, nil)
		w.store.looked = func() {
			w.store.mu.Lock()
			w.store.ivs["one"].State = state
			w.store.mu.Unlock()
			if err := w.hub.Cancelled(w.ctx, "one"); err != nil { // there is no room yet
				t.Error(err)
			}
		}
		if _, err := w.tryDial(signaltest.Config{Join: signaling.Join{Link: "link"}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: joined with %v", state, err)
		}
		w.must(w.hub.Cancelled(w.ctx, "one")) // waits until the room is closed
		if n := len(w.store.kept(evidence.EntryParticipantJoined)); n != 0 {
			t.Errorf("%s: %d entries of joining", state, n)
		}
	}
}

func TestCancelledTooLate(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	_, cand := w.live()
	w.must(w.hub.Cancelled(w.ctx, "one"))
	w.must(cand.Send("leave", signaling.Leave{}))
	if e, err := signaltest.Next[signaling.Ended](w.ctx, cand, "ended", nil); err != nil || e.Reason != "left" {
		t.Errorf("who left a running interview was told %+v, %v", e, err)
	}
}
