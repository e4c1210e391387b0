package signaling_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// receivers says for every message of the server who may get it: the candidate,
// an interviewer, an observer. "+" is one that the test below makes them get,
// "o" one that they may get, "-" one that they never do.
const receivers = `
welcome            + + +
stage              + + +
people             + + +
publish.answer     o o o
subscribe.offer    o o o
candidate          o o o
started            + + +
interview          - + +
finding            - + +
coverage           - + +
cards              - + +
card               + - -
enrolled           - + +
card.hint          + + +
recording          + + +
annotated          - + +
questioned         - + +
notice             o + +
error              + + +
ended              + + +
`

// TestReceivers runs an interview in which everything happens.
func TestReceivers(t *testing.T) {
	w := withDeck(t)
	obs := w.dial(signaltest.Config{Join: signaling.Join{Interview: "one", Observe: true}, Header: http.Header{"User": {"olga"}}})
	w.must(obs.Enter(nil))
	w.must(obs.WaitStage(w.ctx, signaling.StageRoom))
	host, cand := w.live()
	sheet(w, host, "the draw", func(s evidence.RunSheet) bool { return len(s.Cards) == 5 })
	w.hub.SendFinding("one", evidence.Finding{ID: "f", Kind: evidence.FaceAbsent})
	w.hub.SendCoverage("one", []evidence.Coverage{{Kind: evidence.FaceAbsent, State: evidence.Measured}})
	w.hub.SendEnrolled("one", evidence.EnrolledPayload{Interview: "one", Participant: "candidate", Frames: 7})
	w.hub.SendRecording("one", signaling.RecordingHealth{Participant: "candidate", Stream: "camera", Bytes: 77})
	w.hub.SendNotice("one", signaling.Notice{Level: "warning", Code: "disk_low", Text: "x"})
	w.must(host.Send("annotate", signaling.Annotate{Text: "a note"}))
	w.must(host.Send("question", signaling.Question{Phase: evidence.QuestionAsked}))
	w.must(host.Send("kinds", signaling.SetKinds{Off: []evidence.Kind{evidence.FaceAbsent}}))
	w.must(host.Send("card.start", signaling.CardStart{Card: "up"}))
	_, err := signaltest.Next(w.ctx, cand, "card", func(c signaling.Card) bool { return c.Step == "up-1" })
	w.must(err)
	w.hub.SendStepHint("one", evidence.StepHint{Step: "up-1", Hint: "hold_still"})
	for _, c := range []*signaltest.Client{host, cand, obs} {
		w.must(c.Send("admit", signaling.Admit{Participant: "nobody"})) // an error for each
	}

	people := []*signaltest.Client{cand, host, obs}
	rows := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(receivers), "\n") {
		f := strings.Fields(line)
		rows[f[0]] = f[1:]
	}
	known := signaling.ServerMessages()
	for kind, marks := range rows {
		if len(marks) != len(people) || !slices.Contains(known, kind) {
			t.Fatalf("%s has %d columns; is it a message? %v", kind, len(marks), slices.Contains(known, kind))
		}
		for i, c := range people {
			if marks[i] == "+" && kind != "ended" {
				if _, err := signaltest.Next[json.RawMessage](w.ctx, c, kind, nil); err != nil {
					t.Fatalf("%s does not reach column %d: %v", kind, i, err)
				}
			}
		}
	}
	w.must(host.Send("hangup", signaling.Hangup{}))
	for _, c := range people {
		_, err := signaltest.Next[signaling.Ended](w.ctx, c, "ended", nil)
		w.must(err)
	}
	for _, kind := range known {
		marks, ok := rows[kind]
		if !ok {
			t.Errorf("the message %s is not in the table of receivers", kind)
			continue
		}
		for i, c := range people {
			if got := signaltest.All[json.RawMessage](c, kind); marks[i] == "-" && len(got) > 0 {
				t.Errorf("column %d was sent %s: %s", i, kind, got)
			}
		}
	}
	if got := signaltest.All[signaling.Notice](cand, "notice"); len(got) > 0 {
		t.Errorf("the candidate was told what is for staff: %+v", got)
	}
}

// examples are one message of each kind that names, where it can, something of
// the interview "one".
var examples = map[string]string{
	"consent":           `{"consent":"recording","granted":true,"text":"x"}`,
	"enter":             `{}`,
	"leave":             `{}`,
	"admit":             `{"participant":"candidate"}`,
	"remove":            `{"participant":"candidate"}`,
	"hangup":            `{}`,
	"publish.offer":     `{"sdp":"v=0","sources":{"0":"camera"}}`,
	"subscribe.answer":  `{"sdp":"v=0"}`,
	"subscribe.restart": `{}`,
	"candidate":         `{"target":"publish","candidate":{"candidate":"","sdpMid":"0","sdpMLineIndex":0}}`,
	"mute":              `{"source":"camera","muted":true}`,
	"device":            `{"source":"camera","label":"x"}`,
	"fact":              `{"fact":"visible","state":"hidden"}`,
	"annotate":          `{"text":"from the other room"}`,
	"question":          `{"phase":"asked"}`,
	"kinds":             `{"off":["face.absent"]}`,
	"enrol.retake":      `{}`,
	"card.start":        `{"card":"id","reason":"other"}`,
	"card.stop":         `{"step":"up-1"}`,
	"card.skip":         `{"card":"id","reason":"other"}`,
	"card.add":          `{"kind":"look_up","reason":"other"}`,
	"card.cannot":       `{"step":"up-1","why":"x"}`,
	"card.verdict":      `{"step":"up-1","verdict":"done","note":"x"}`,
}

// TestOtherInterviewsAreOutOfReach: whatever the people of one interview send,
// nobody in another is told anything, and nothing is written about it. A card is
// on in the other one, so that there is something to stop.
func TestOtherInterviewsAreOutOfReach(t *testing.T) {
	store := withDeckOf("one", "two")
	w := newWorld(t, signaling.Config{MessageRate: 1000, MessageBurst: 1000, EntryRate: 1000, EntryBurst: 1000}, store)
	host, cand := w.live()
	w.must(host.Send("card.start", signaling.CardStart{Card: "up"}))
	_, err := signaltest.Next(w.ctx, cand, "card", func(c signaling.Card) bool { return c.Step == "up-1" })
	w.must(err)

	inOne := func() (n int) {
		for _, e := range store.all() {
			if e.Interview == "one" {
				n++
			}
		}
		return n
	}
	// settled waits until everything before it was written and sent, and counts.
	settled := func(round int64) (entries int, sent map[string]int) {
		w.must(host.Send("question", signaling.Question{Phase: evidence.QuestionAsked}))
		w.eventually("the mark", func() bool { return len(signaltest.All[signaling.Questioned](host, "questioned")) == int(round) })
		w.hub.SendRecording("one", signaling.RecordingHealth{Participant: "candidate", Stream: "camera", Bytes: round})
		sent = map[string]int{}
		for name, c := range map[string]*signaltest.Client{"host": host, "candidate": cand} {
			_, err := signaltest.Next(w.ctx, c, "recording", func(h signaling.RecordingHealth) bool { return h.Bytes == round })
			w.must(err)
			for _, kind := range signaling.ServerMessages() {
				sent[name+" "+kind] = len(signaltest.All[json.RawMessage](c, kind))
			}
		}
		return inOne(), sent
	}
	entries, sent := settled(1)

	other := func(join signaling.Join, user string) *signaltest.Client {
		c := w.dial(signaltest.Config{Join: join, Header: http.Header{"User": {user}}, NoMedia: true})
		w.must(c.Enter(signaltest.AllConsents()))
		return c
	}
	host2 := other(signaling.Join{Interview: "two"}, "ike")
	w.must(host2.WaitStage(w.ctx, signaling.StageRoom))
	cand2 := other(signaling.Join{Link: "link2"}, "")
	w.must(cand2.WaitStage(w.ctx, signaling.StageWaiting))
	w.must(host2.Send("admit", signaling.Admit{Participant: "candidate2"}))
	w.must(cand2.WaitStage(w.ctx, signaling.StageRoom))
	obs2 := other(signaling.Join{Interview: "two", Observe: true}, "oda")
	w.must(obs2.WaitStage(w.ctx, signaling.StageRoom))
	for _, c := range []*signaltest.Client{host2, cand2, obs2} {
		for _, kind := range signaling.ClientMessages() {
			data, ok := examples[kind]
			if !ok {
				t.Fatalf("there is no example of %s", kind)
			}
			if kind != "leave" && kind != "hangup" {
				w.must(c.Send(kind, json.RawMessage(data)))
			}
		}
		// What was sent is answered by now: an error about a message that exists nowhere.
		w.must(c.Send("consent", signaling.SetConsent{Consent: "last"}))
		_, err := signaltest.Next(w.ctx, c, "error", func(e signaling.Error) bool { return strings.Contains(e.Message, `"last"`) })
		w.must(err)
	}
	w.must(obs2.Send("leave", signaling.Leave{}))
	w.must(host2.Send("hangup", signaling.Hangup{}))
	for _, c := range []*signaltest.Client{host2, cand2, obs2} {
		_, err := signaltest.Next[signaling.Ended](w.ctx, c, "ended", nil)
		w.must(err)
	}

	after, sentAfter := settled(2)
	if after != entries+1 { // the mark
		t.Errorf("the log of interview one grew from %d to %d entries", entries, after)
	}
	for kind, n := range sentAfter {
		want := sent[kind]
		if kind == "host questioned" || strings.HasSuffix(kind, " recording") {
			want++
		}
		if n != want {
			t.Errorf("%s: %d messages, want %d", kind, n, want)
		}
	}
	for kind, n := range map[evidence.EntryKind]int{evidence.EntryAnnotation: 1, evidence.EntryDeviceChanged: 2, evidence.EntryRetake: 1} {
		if got := len(store.kept(kind)); got != n {
			t.Errorf("%d entries %s, want %d: the messages were not carried out in interview two either", got, kind, n)
		}
	}
	// A link of the other interview does not open this one.
	for _, join := range []signaling.Join{{Link: "link2", Interview: "one"}, {Link: "none"}, {Interview: "one"}, {Interview: "three"}} {
		if _, err := w.tryDial(signaltest.Config{Join: join}); err == nil {
			t.Errorf("let in by %+v", join)
		}
	}
}
