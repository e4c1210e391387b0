package signaling

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"
)

// FuzzMessage reads what a client may send as the reader of a socket does:
// whatever comes, it is understood, or the client is told what is wrong with it.
func FuzzMessage(f *testing.F) {
	protocol, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z.]+)`.*?`(\\{.*?\\})`").FindAllSubmatch(protocol, -1) {
		f.Add([]byte(`{"type":"` + string(m[1]) + `","data":` + string(m[2]) + `}`))
	}
	for _, seed := range []string{"", "{", "[]", "null", `{"type":""}`, `{"type":"annotate"}`, `{"type":"annotate","data":null}`, `{"type":"annotate","data":{"text":7}}`,
		`{"type":"annotate","data":{"text":"x","more":1}}`, `{"type":"mute","data":{}} {}`, `{"type":"candidate","data":{"target":"publish","candidate":[[[[]]]]}}`,
		`{"type":"publish.offer","data":{"sdp":"v=0\\r\\n","sources":{"0":"camera","0":"screen"}}}`, "{\"type\":\"annotate\",\"data\":{\"text\":\"\xff\"}}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		told := func(err error) {
			if msg, known := explain(err); !known || msg.Code == "internal" || msg.Message == "" {
				t.Errorf("%q is answered with %+v for %v", raw, msg, err)
			}
		}
		var env Envelope
		if err := decode(raw, &env); err != nil {
			told(&garbage{1007, problem{"invalid", "", err.Error()}})
			return
		}
		if env.Type == "join" {
			if err := decode(env.Data, &Join{}); err != nil {
				told(err)
			}
			return
		}
		m, ok := messages[env.Type]
		if !ok {
			return
		}
		act, err := m.decode(env.Data)
		if err != nil {
			told(err)
		}
		if (err == nil) != (act != nil) {
			t.Errorf("%q gives both or neither of an action and an error: %v", raw, err)
		}
		// What was understood is written and understood again.
		if again, err := json.Marshal(env); err != nil || decode(again, &Envelope{}) != nil {
			t.Errorf("%q does not survive being written: %v", raw, err)
		}
	})
}
