package signaling

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bonafide/server/interview"
)

// senders says for every message of a client who may send it when. Columns: the
// candidate in the lobby, waiting, and in the room; an interviewer in the lobby
// and in the room; an observer in the lobby and in the room. "+" reaches the
// handler, "x" is refused because of the role, "s" because of the stage.
const senders = `
consent            + + +   + +   + +
enter              + + +   + +   + +
leave              + + +   + +   + +
admit              x x x   + +   x x
remove             x x x   + +   x x
hangup             x x x   + +   x x
publish.offer      s s +   s +   s +
subscribe.answer   s s +   s +   s +
subscribe.restart  s s +   s +   s +
candidate          s s +   s +   s +
mute               s s +   s +   x x
device             + + +   + +   x x
fact               s s +   x x   x x
annotate           x x x   s +   x x
question           x x x   s +   x x
kinds              x x x   + +   x x
enrol.retake       x x x   s +   x x
card.start         x x x   s +   x x
card.stop          x x x   s +   x x
card.skip          x x x   s +   x x
card.add           x x x   s +   x x
card.cannot        s s +   s +   x x
card.verdict       x x x   s +   x x
`

var places = []struct {
	role  interview.Role
	stage Stage
}{
	{interview.Candidate, StageLobby}, {interview.Candidate, StageWaiting}, {interview.Candidate, StageRoom},
	{interview.Interviewer, StageLobby}, {interview.Interviewer, StageRoom},
	{interview.Observer, StageLobby}, {interview.Observer, StageRoom},
}

// TestSenders holds every message against the table, and the table against the
// messages that there are.
func TestSenders(t *testing.T) {
	known := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(senders), "\n") {
		f := strings.Fields(line)
		kind, marks := f[0], f[1:]
		m, ok := messages[kind]
		if known[kind] = true; !ok || len(marks) != len(places) {
			t.Errorf("%s: is it a message (%v), and has it %d columns?", kind, ok, len(places))
			continue
		}
		for i, at := range places {
			if got := tried(t, kind, m, at.role, at.stage); got != marks[i] {
				t.Errorf("%s from the role %s at the stage %s: %s, want %s", kind, at.role, at.stage, got, marks[i])
			}
		}
	}
	for kind := range messages {
		if !known[kind] {
			t.Errorf("the message %s is not in the table of senders", kind)
		}
	}
}

// tried is what becomes of a message from somebody, as a mark of the table.
func tried(t *testing.T, kind string, m message, role interview.Role, stage Stage) string {
	t.Helper()
	c := &conn{participant: "p", out: make(chan []byte, 1), quit: make(chan struct{}), log: slog.New(slog.DiscardHandler)}
	p := &person{Participant: interview.Participant{ID: "p", Role: role}, stage: stage, conn: c}
	r := &room{people: map[string]*person{"p": p}}
	reached := false
	handle := func(*room, *person) error { reached = true; return nil }
	r.act(c, kind, m, handle)
	mark := "+"
	if !reached {
		var e struct {
			Type string
			Data Error
		}
		if err := json.Unmarshal(<-c.out, &e); err != nil || e.Type != "error" || e.Data.Field != "type" {
			t.Errorf("%s was answered with %+v, %v", kind, e, err)
		}
		mark = map[string]string{"forbidden": "x", "conflict": "s"}[e.Data.Code]
	}
	// Nothing is done for a socket that another one replaced, for somebody who
	// was removed, or in a room that ends.
	reached = false
	r.act(&conn{participant: "p"}, kind, m, handle)
	r.act(&conn{participant: "gone"}, kind, m, handle)
	r.ending = true
	r.act(c, kind, m, handle)
	if reached {
		t.Errorf("%s from the role %s reaches its handler from a socket that is over", kind, role)
	}
	return mark
}

// TestServerMessagesAreKnown finds every message that the code sends in
// serverMessages, which PROTOCOL.md and the table of receivers are held against.
func TestServerMessagesAreKnown(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	sent, all := regexp.MustCompile(`\.send\("([^"]*)"`), serverMessages()
	found := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range sent.FindAllStringSubmatch(string(source), -1) {
			if found[m[1]] = true; all[m[1]] == nil {
				t.Errorf("%s sends %s, which is not among serverMessages", name, m[1])
			}
		}
	}
	for kind := range all {
		if !found[kind] {
			t.Errorf("nothing sends %s", kind)
		}
	}
}
