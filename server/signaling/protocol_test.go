package signaling

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The examples of PROTOCOL.md are what a client author copies: each is decoded
// as the server would, and no message goes without.
func TestProtocolExamples(t *testing.T) {
	raw, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	client, server, ok := strings.Cut(string(raw), "## Server to client")
	if !ok {
		t.Fatal("PROTOCOL.md has no section Server to client")
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z.]+)`[^|]*\\|[^|]*\\|(.*)$")
	example := regexp.MustCompile("`(\\{.*?\\})`")
	seen := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(client, -1) {
		kind := m[1]
		seen[kind] = true
		for _, ex := range example.FindAllStringSubmatch(m[2], -1) {
			text := strings.NewReplacer("9f…", strings.Repeat("9f", 32)).Replace(ex[1])
			if kind == "join" {
				if err := decode(json.RawMessage(text), &Join{}); err != nil {
					t.Errorf("%s: example %s: %v", kind, text, err)
				}
				continue
			}
			h, ok := messages[kind]
			if !ok {
				t.Errorf("%s is described but does not exist", kind)
				break
			}
			if _, err := h.decode(json.RawMessage(text)); err != nil {
				t.Errorf("%s: example %s: %v", kind, text, err)
			}
		}
	}
	for kind := range messages {
		if !seen[kind] {
			t.Errorf("the message %s is not in PROTOCOL.md", kind)
		}
	}
	types := serverMessages()
	for _, m := range row.FindAllStringSubmatch(server, -1) {
		v, ok := types[m[1]]
		if !ok {
			t.Errorf("%s is described but is no message of the server", m[1])
			continue
		}
		delete(types, m[1])
		for _, ex := range example.FindAllStringSubmatch(m[2], -1) {
			if strings.Contains(ex[1], "{…}") || strings.Contains(ex[1], "[…]") {
				continue // abridged
			}
			if err := decode(json.RawMessage(ex[1]), v); err != nil {
				t.Errorf("%s: example %s: %v", m[1], ex[1], err)
			}
		}
	}
	for kind := range types {
		t.Errorf("the message %s is not in PROTOCOL.md", kind)
	}
}

// serverMessages are all that the server sends, by name, each with a value to
// decode one into.
func serverMessages() map[string]any {
	return map[string]any{
		"welcome": &Welcome{}, "stage": &StageChanged{}, "people": &People{}, "publish.answer": &PublishAnswer{},
		"subscribe.offer": &SubscribeOffer{}, "candidate": &Candidate{}, "started": &Started{}, "interview": &InterviewChanged{},
		"finding": &FindingUpdate{}, "coverage": &CoverageUpdate{}, "recording": &RecordingHealth{}, "annotated": &Annotated{},
		"questioned": &Questioned{}, "cards": &Cards{}, "card": &Card{}, "card.hint": &CardHint{}, "enrolled": &Enrolled{}, "notice": &Notice{}, "error": &Error{}, "ended": &Ended{},
	}
}
