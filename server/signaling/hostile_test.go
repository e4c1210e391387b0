package signaling_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

func contextWithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

func TestGarbageIsClosedWithAReasonAndHurtsNobody(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host, _ := w.live()
	big := func(kind string, n int) []byte {
		raw, err := json.Marshal(map[string]any{"type": kind, "data": map[string]string{"text": strings.Repeat("x", n)}})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for _, c := range []struct {
		name  string
		frame int
		raw   []byte
		code  int
		text  string
	}{
		{"not JSON", websocket.TextMessage, []byte("}{"), 1007, "not {"},
		{"binary", websocket.BinaryMessage, []byte{0, 1, 2}, 1007, "binary"},
		{"not UTF-8 in JSON", websocket.TextMessage, []byte("[1,2"), 1007, "not {"},
		{"unknown type", websocket.TextMessage, []byte(`{"type":"dance"}`), 1008, "dance"},
		{"server's type", websocket.TextMessage, []byte(`{"type":"welcome","data":{}}`), 1008, "welcome"},
		{"two joins", websocket.TextMessage, []byte(`{"type":"join","data":{"link":"link"}}`), 1008, "join"},
		{"oversize", websocket.TextMessage, big("annotate", 70<<10), 1009, "65536"},
		{"huge", websocket.TextMessage, big("publish.offer", 3<<20), 1009, "262144"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := w.dial(signaltest.Config{Join: signaling.Join{Interview: "one"}, Header: http.Header{"User": {"bad"}}})
			_ = bad.SendRaw(c.frame, c.raw) // fails where the server closes half-way through
			code, text, err := bad.WaitClosed(w.ctx)
			if err != nil || code != c.code || !strings.Contains(text, c.text) {
				t.Errorf("closed with %d %q, %v; want %d %q", code, text, err, c.code, c.text)
			}
			e := signaltest.All[signaling.Error](bad, "error")
			if len(e) == 0 || !e[len(e)-1].Fatal || e[len(e)-1].Message == "" {
				t.Errorf("told %+v", e)
			}
		})
	}
	w.must(host.Send("annotate", signaling.Annotate{Text: "still here"}))
	_, err := signaltest.Next[signaling.Annotated](w.ctx, host, "annotated", nil)
	w.must(err)
}

func TestWrongMessagesAreExplained(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host, cand := w.live()
	for _, c := range []struct {
		who         *signaltest.Client
		kind, data  string
		code, field string
	}{
		{cand, "admit", `{"participant":"candidate"}`, "forbidden", "type"},
		{cand, "hangup", `{}`, "forbidden", "type"},
		{cand, "annotate", `{"text":"x"}`, "forbidden", "type"},
		{cand, "kinds", `{"off":[]}`, "forbidden", "type"},
		{cand, "mute", `{"source":"nose","muted":true}`, "invalid", "source"},
		{cand, "mute", `{"source":3}`, "invalid", "source"},
		{cand, "mute", `{"sauce":"camera"}`, "invalid", "sauce"},
		{cand, "device", `{"source":"camera","label":"` + strings.Repeat("x", 301) + `"}`, "invalid", "label"},
		{cand, "device", `{"source":"camera","label":"x","width":-1}`, "invalid", "width"},
		{cand, "consent", `{"consent":"soul","granted":true}`, "invalid", "consent"},
		{cand, "consent", `{"consent":"face","granted":true,"text":"` + strings.Repeat("x", 4001) + `"}`, "invalid", "text"},
		{cand, "publish.offer", `{"sdp":"nonsense","sources":{}}`, "invalid", "sdp"},
		{cand, "publish.offer", `{"sdp":"v=0","sources":{"0":"camera","1":"camera"}}`, "invalid", "sources"},
		{cand, "publish.offer", `{"sdp":"v=0","sources":{"0":"moon"}}`, "invalid", "sources"},
		{cand, "subscribe.answer", `{"sdp":"v=0"}`, "invalid", "sdp"},
		{cand, "candidate", `{"target":"publish","candidate":7}`, "invalid", "candidate"},
		{cand, "candidate", `{"target":"moon","candidate":{}}`, "invalid", "target"},
		{host, "annotate", `{"text":"  "}`, "invalid", "text"},
		{host, "annotate", `{"text":"` + strings.Repeat("x", 2001) + `"}`, "invalid", "text"},
		{host, "annotate", `{"text":"x","at_ms":99999999}`, "invalid", "at_ms"},
		{host, "question", `{"phase":"maybe"}`, "invalid", "phase"},
		{host, "kinds", `{"off":["aura"]}`, "invalid", "off"},
		{host, "admit", `{"participant":"nobody"}`, "not_found", "participant"},
		{host, "admit", `{"participant":"candidate"}`, "conflict", "participant"},
		{host, "remove", `{"participant":"p-ivy"}`, "invalid", "participant"},
	} {
		before := len(signaltest.All[signaling.Error](c.who, "error"))
		w.must(c.who.Send(c.kind, json.RawMessage(c.data)))
		w.eventually("an error for "+c.kind+" "+c.data, func() bool { return len(signaltest.All[signaling.Error](c.who, "error")) > before })
		of := c.kind
		if of == "subscribe.answer" {
			of = "" // the connection finds that out later
		}
		if e := signaltest.All[signaling.Error](c.who, "error")[before]; e.Of != of || e.Code != c.code || e.Field != c.field || e.Fatal {
			t.Errorf("%s %.60s: told %+v, want %s about %s", c.kind, c.data, e, c.code, c.field)
		}
	}
}

func TestFlooding(t *testing.T) {
	w := newWorld(t, signaling.Config{EntryRate: 1, EntryBurst: 10, MessageRate: 10, MessageBurst: 50}, nil)
	host, cand := w.live()
	var err error
	for i := 0; i < 2000 && err == nil; i++ {
		err = cand.Send("mute", signaling.Mute{Source: "camera", Muted: i%2 == 0})
	}
	code, text, werr := cand.WaitClosed(w.ctx)
	if werr != nil || code != 1008 || !strings.Contains(text, "slow down") {
		t.Errorf("closed with %d %q, %v", code, text, werr)
	}
	if _, err := signaltest.Next(w.ctx, cand, "error", func(e signaling.Error) bool { return e.Code == "rate" && !e.Fatal }); err != nil {
		t.Error(err)
	}
	if n := len(w.store.kept(evidence.EntryTrackMute)); n > 15 {
		t.Errorf("%d entries came of it", n)
	}
	w.must(host.Send("question", signaling.Question{Phase: evidence.QuestionAnswer}))
	_, err = signaltest.Next[signaling.Questioned](w.ctx, host, "questioned", nil)
	w.must(err)
}

func TestWhoIsNotAdmitted(t *testing.T) {
	w := newWorld(t, signaling.Config{JoinWait: 300 * time.Millisecond}, nil)
	for _, j := range []signaling.Join{{Link: "wrong"}, {}, {Interview: "one"}, {Interview: "one", Link: "link"}} {
		c, err := w.tryDial(signaltest.Config{Join: j})
		var ce *websocket.CloseError
		if err == nil || !errors.As(err, &ce) || ce.Code != 1008 || ce.Text == "" {
			t.Errorf("%+v: %v, %v", j, c, err)
		}
	}
	_, err := w.tryDial(signaltest.Config{Join: signaling.Join{Interview: "none"}, Header: http.Header{"User": {"ivy"}}})
	if err == nil || !strings.Contains(err.Error(), "no such interview") {
		t.Errorf("an unknown interview: %v", err)
	}
	_, err = w.tryDial(signaltest.Config{Join: signaling.Join{Link: "link"}, Header: http.Header{"Origin": {"https://elsewhere.example"}}})
	if err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("another origin: %v", err)
	}
	ws, _, err := websocket.DefaultDialer.DialContext(w.ctx, "ws"+strings.TrimPrefix(w.server.URL, "http"), nil)
	w.must(err)
	defer ws.Close()
	_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, 1008) {
		t.Errorf("a silent socket ended with %v", err)
	}
}

func TestRoomIsFull(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	for i := range 5 {
		w.dial(signaltest.Config{NoMedia: true, Join: signaling.Join{Interview: "one", Observe: i%2 == 0}, Header: http.Header{"User": {fmt.Sprint(i)}}})
	}
	_, err := w.tryDial(signaltest.Config{Join: signaling.Join{Interview: "one"}, Header: http.Header{"User": {"six"}}})
	if err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("the sixth: %v", err)
	}
	w.candidate() // does not count
}

// TestDeactivatedAccountsAreSentOut has two interviewers, one of whose accounts
// is deactivated in mid-call.
func TestDeactivatedAccountsAreSentOut(t *testing.T) {
	w := newWorld(t, signaling.Config{RecheckEvery: 20 * time.Millisecond, SlotHold: 200 * time.Millisecond}, nil)
	host, cand := w.live()
	other := w.interviewer("other")
	w.store.set(func(m *memory) { m.barred = map[string]bool{"other": true} })
	if e, err := signaltest.Next[signaling.Ended](w.ctx, other, "ended", nil); err != nil || e.Reason != "removed" {
		t.Errorf("told %+v, %v", e, err)
	}
	w.eventually("the entry", func() bool { return len(w.store.kept(evidence.EntryParticipantLeft)) == 1 })
	w.must(host.Send("annotate", signaling.Annotate{Text: "still here"}))
	_, err := signaltest.Next(w.ctx, host, "annotated", func(a signaling.Annotated) bool { return a.Text == "still here" })
	w.must(err)
	if e := signaltest.All[signaling.Ended](cand, "ended"); len(e) != 0 {
		t.Errorf("the candidate was told %+v", e)
	}
}

func TestLogFailureIsToldAndTheCallGoesOn(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host, cand := w.live()
	w.store.set(func(m *memory) { m.fail = errors.New("disk full") })
	w.must(host.Send("annotate", signaling.Annotate{Text: "lost?"}))
	if e, err := signaltest.Next[signaling.Error](w.ctx, host, "error", nil); err != nil || e.Of != "annotate" || e.Code != "internal" || strings.Contains(e.Message, "disk") {
		t.Errorf("the author was told %+v, %v", e, err)
	}
	_, err := signaltest.Next(w.ctx, host, "notice", func(n signaling.Notice) bool { return n.Code == "log_failed" && n.Level == "error" })
	w.must(err)
	if n := signaltest.All[signaling.Annotated](host, "annotated"); len(n) != 0 {
		t.Errorf("a note that was not kept was shown: %+v", n)
	}
	if n := signaltest.All[signaling.Notice](cand, "notice"); len(n) != 0 {
		t.Errorf("the candidate was told %+v", n)
	}
	// What nobody waits for is written when that is possible again, in order.
	w.must(cand.Send("device", signaling.DeviceChanged{Source: "camera", Label: "first"}))
	w.must(cand.Send("device", signaling.DeviceChanged{Source: "camera", Label: "second"}))
	refused := func() bool {
		w.store.mu.Lock()
		defer w.store.mu.Unlock()
		return w.store.refused >= 3
	}
	w.eventually("both to be refused", refused)
	w.store.set(func(m *memory) { m.fail = nil })
	w.must(host.Send("annotate", signaling.Annotate{Text: "again"}))
	_, err = signaltest.Next(w.ctx, host, "annotated", func(a signaling.Annotated) bool { return a.Text == "again" })
	w.must(err)
	var labels []string
	for _, e := range w.store.kept(evidence.EntryDeviceChanged) {
		labels = append(labels, string(e.Part))
	}
	if len(labels) != 2 || labels[0] != `{"label":"first"}` || labels[1] != `{"label":"second"}` {
		t.Errorf("the changes of device that were refused at first are kept as %q, want both in order", labels)
	}
	w.must(host.Send("hangup", signaling.Hangup{}))
	_, err = signaltest.Next[signaling.Ended](w.ctx, cand, "ended", nil)
	w.must(err)
}

func TestSlowLogDelaysNoSignalling(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host, cand := w.live()
	gate := make(chan struct{})
	w.store.set(func(m *memory) { m.slow = gate })
	w.must(host.Send("annotate", signaling.Annotate{Text: "first"}))
	w.must(host.Send("annotate", signaling.Annotate{Text: "second"}))
	w.must(cand.Send("mute", signaling.Mute{Source: "microphone", Muted: true}))
	w.must(cand.Send("leave", signaling.Leave{}))
	_, err := signaltest.Next(w.ctx, host, "people", func(p signaling.People) bool { return len(p.People) == 1 })
	w.must(err)
	if n := signaltest.All[signaling.Annotated](host, "annotated"); len(n) != 0 {
		t.Errorf("shown before it was kept: %+v", n)
	}
	w.store.set(func(m *memory) { m.slow = nil })
	close(gate)
	w.eventually("both notes", func() bool { return len(signaltest.All[signaling.Annotated](host, "annotated")) == 2 })
	if n := signaltest.All[signaling.Annotated](host, "annotated"); n[0].Text != "first" || n[0].Seq >= n[1].Seq {
		t.Errorf("out of order: %+v", n)
	}
}

func TestUpdatesReachInterviewersAlsoLate(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host, cand := w.live()
	w.hub.SendFinding("one", evidence.Finding{ID: "f", Kind: evidence.FaceAbsent, StartMS: 10, Open: true})
	w.hub.SendFinding("one", evidence.Finding{ID: "f", Kind: evidence.FaceAbsent, StartMS: 10, EndMS: 900})
	w.hub.SendCoverage("one", []evidence.Coverage{{Kind: evidence.FaceAbsent, State: evidence.Measured}})
	w.hub.SendRecording("one", signaling.RecordingHealth{Participant: "candidate", Stream: "camera", Bytes: 77})
	w.hub.SendNotice("", signaling.Notice{Level: "warning", Code: "disk_low", Text: "x"})
	w.hub.SendFinding("none", evidence.Finding{ID: "g"}) // no room: nothing happens
	late := w.interviewer("late")
	w.must(late.Enter(nil))
	for _, c := range []*signaltest.Client{host, late} {
		_, err := signaltest.Next(w.ctx, c, "finding", func(f signaling.FindingUpdate) bool { return f.Finding.EndMS == 900 })
		w.must(err)
		_, err = signaltest.Next(w.ctx, c, "coverage", func(f signaling.CoverageUpdate) bool { return len(f.Coverage) == 1 })
		w.must(err)
		_, err = signaltest.Next(w.ctx, c, "recording", func(h signaling.RecordingHealth) bool { return h.Bytes == 77 })
		w.must(err)
	}
	_, err := signaltest.Next[signaling.Notice](w.ctx, host, "notice", nil)
	w.must(err)
	_, err = signaltest.Next[signaling.RecordingHealth](w.ctx, cand, "recording", nil)
	w.must(err)
	for _, kind := range []string{"finding", "coverage", "annotated", "questioned", "interview"} {
		if n := len(signaltest.All[json.RawMessage](cand, kind)); n != 0 {
			t.Errorf("the candidate was sent %d messages %s", n, kind)
		}
	}
	for _, p := range signaltest.All[signaling.People](cand, "people") {
		for _, who := range p.People {
			if who.ID != "candidate" && who.Consents != nil {
				t.Errorf("the candidate was shown the consents of %s", who.ID)
			}
		}
	}
}

// A socket that is never read from is closed, and the others get what is theirs.
func TestSocketThatNeverReads(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	w.live()
	var seen atomic.Int64 // findings that a second interviewer was shown
	host := w.dial(signaltest.Config{
		Join: signaling.Join{Interview: "one"}, Header: http.Header{"User": {"ida"}}, NoMedia: true,
		Log: func(direction, kind string, _ json.RawMessage) {
			if direction == "<" && kind == "finding" {
				seen.Add(1)
			}
		},
	})
	w.must(host.Enter(nil))
	w.must(host.WaitStage(w.ctx, signaling.StageRoom))
	deaf, _, err := websocket.DefaultDialer.DialContext(w.ctx, "ws"+strings.TrimPrefix(w.server.URL, "http"), http.Header{"User": {"deaf"}})
	w.must(err)
	defer deaf.Close()
	w.must(deaf.WriteJSON(map[string]any{"type": "join", "data": signaling.Join{Interview: "one"}}))
	w.must(deaf.WriteJSON(map[string]any{"type": "enter", "data": signaling.Enter{}}))
	here := func(connected bool) func(signaling.People) bool {
		return func(list signaling.People) bool {
			for _, p := range list.People {
				if p.ID == "p-deaf" && p.Stage == signaling.StageRoom {
					return p.Connected == connected
				}
			}
			return false
		}
	}
	_, err = signaltest.Next(w.ctx, host, "people", here(true))
	w.must(err)
	name := strings.Repeat("x", 64<<10)
	gone := make(chan error, 1)
	go func() {
		_, err := signaltest.Next(w.ctx, host, "people", here(false))
		gone <- err
	}()
	for i := 0; ; i++ {
		w.hub.SendFinding("one", evidence.Finding{ID: "f", EndMS: int64(i), Values: []evidence.Measure{{Name: name}}})
		w.eventually("the finding", func() bool { return seen.Load() > int64(i) })
		select {
		case err := <-gone:
			w.must(err)
			t.Logf("closed after %d messages of 64 KiB", i)
			return
		default:
		}
	}
}

func TestJoiningTooOften(t *testing.T) {
	w := newWorld(t, signaling.Config{EntryRate: 0.1, EntryBurst: 9}, nil)
	var err error
	for range 4 {
		_, err = w.tryDial(signaltest.Config{Join: signaling.Join{Link: "link"}})
	}
	var ce *websocket.CloseError
	if !errors.As(err, &ce) || ce.Code != 1013 || !strings.Contains(ce.Text, "too often") {
		t.Errorf("the fourth join in a row: %v", err)
	}
}

func TestRemovedCandidateWaitsAgain(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	host, cand := w.live()
	w.must(host.Send("remove", signaling.Remove{Participant: "candidate"}))
	if e, err := signaltest.Next[signaling.Ended](w.ctx, cand, "ended", nil); err != nil || e.Reason != "removed" {
		t.Errorf("told %+v, %v", e, err)
	}
	w.eventually("the entry", func() bool { return len(w.store.kept(evidence.EntryParticipantLeft)) == 1 })
	if e := w.store.kept(evidence.EntryParticipantLeft)[0]; e.Actor.ID != "p-ivy" {
		t.Errorf("removed by %v", e.Actor)
	}
	again := w.candidate()
	if s := again.Welcome().Stage; s != signaling.StageLobby {
		t.Errorf("came back at the stage %s", s)
	}
	w.must(again.Send("enter", signaling.Enter{}))
	w.must(again.WaitStage(w.ctx, signaling.StageWaiting))
	w.must(host.Send("admit", signaling.Admit{Participant: "candidate"}))
	w.must(again.WaitStage(w.ctx, signaling.StageRoom))
	if n := len(w.store.kept(evidence.EntryInterviewStarted)); n != 1 {
		t.Errorf("the interview began %d times", n)
	}
}

func TestRemovedBeforeARestart(t *testing.T) {
	w := newWorld(t, signaling.Config{}, nil)
	w.store.set(func(m *memory) {
		iv := m.ivs["one"]
		iv.State, iv.StartedMS = interview.Live, time.Now().UnixMilli()-60_000
		m.removed = []string{"candidate"}
	})
	cand := w.candidate()
	w.must(cand.Enter(signaltest.AllConsents()))
	w.must(cand.WaitStage(w.ctx, signaling.StageWaiting))
}
