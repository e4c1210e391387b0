package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/server/api"
	"bonafide/server/evidence"
	"bonafide/server/media/mediatest"
	"bonafide/server/signaling/signaltest"
)

// verified runs a verification by the HTTP interface and waits for its end.
func (s *site) verified(interviewID string) (v api.Verification) {
	s.t.Helper()
	s.do("POST", "/api/verification", api.VerifyRequest{Interview: interviewID}, &v)
	s.until("the verification is done", 20*time.Second, func() bool {
		s.do("GET", "/api/verification", nil, &v)
		return v.State != "running"
	})
	if v.State != "done" {
		s.t.Fatalf("the verification: %+v", v)
	}
	return v
}

// TestVerification: what is as it was logged holds; a changed and a missing
// file are named, and found by a search.
func TestVerification(t *testing.T) {
	s := newSite(t, func(c *Config) { c.NoAnalysis = true })
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	show := flashing(t, 160, 120, 2*sec, mediatest.Every(sec, 500*time.Millisecond, 2*sec))
	playing := play(s.ctx, time.Now().Add(100*time.Millisecond), show, m.publish(m.cand, show))
	playing.wait()
	review := m.hangUp(5 * sec)
	m.receipt()
	v := s.verified("")
	if len(v.Faults) != 0 || v.Files != len(review.Segments) || v.Files == 0 || v.Entries == 0 || v.Done != v.Total {
		t.Fatalf("a fresh record: %+v", v)
	}
	count := func(check string) (total int) {
		t.Helper()
		var list api.RecordList
		s.do("GET", "/api/records?check="+check, nil, &list)
		return list.Total
	}
	if count("holds") != 1 || count("differs") != 0 {
		t.Errorf("%d records hold, %d differ", count("holds"), count("differs"))
	}
	file := m.path(review.Segments[0])
	content, err := os.ReadFile(file)
	ok(t, err)
	content[len(content)/2] ^= 1
	ok(t, os.WriteFile(file, content, 0o600))
	if v = s.verified(m.id); len(v.Faults) != 1 || !strings.Contains(v.Faults[0], filepath.Base(file)) || v.Interview != m.id {
		t.Errorf("a changed recording: %+v", v)
	}
	var check api.RecordCheck
	s.do("GET", "/api/interviews/"+m.id+"/check", nil, &check)
	if check.Check != "differs" || len(check.Faults) != 1 || count("differs") != 1 {
		t.Errorf("what was found: %+v", check)
	}
	ok(t, os.Remove(file))
	if v = s.verified(""); len(v.Faults) != 1 || !strings.Contains(v.Faults[0], "is missing, and no entry says that it was deleted") {
		t.Errorf("a missing recording: %+v", v)
	}
	said := 0
	for _, e := range m.entries() {
		if e.Entry.Kind == evidence.EntryVerified {
			said++
		}
	}
	if said != 1 {
		t.Errorf("%d entries about verifying this interview, want 1", said)
	}
}

// TestSecretsStayOutOfLogs: what a server prints at its most talkative holds no
// password, session, link or code.
func TestSecretsStayOutOfLogs(t *testing.T) {
	out := &printed{}
	logTo = out
	t.Cleanup(func() { logTo = nil })
	s := newSite(t, nil)
	m := s.plan()
	const wrong = "sentinel of a wrong password"
	refused := func(path string, in any) {
		t.Helper()
		if err := s.try("POST", path, in, nil); err == nil {
			t.Fatalf("%s was not refused", path)
		}
	}
	refused("/api/session", api.SignInRequest{Email: s.me.User.Email, Password: wrong})
	s.do("POST", "/api/lobby", api.LobbyRequest{Link: m.secret}, nil)
	refused("/api/lobby", api.LobbyRequest{Link: "sentinel-of-a-link"})
	refused("/api/candidate", api.LobbyRequest{Link: m.secret})
	var begun api.SecondBegun
	s.do("POST", "/api/account/second", api.OwnPassword{Present: password}, &begun)
	refused("/api/account/second/confirm", api.SecondConfirm{Code: "918273"})
	ok(t, m.dialCandidate())
	ok(t, m.dialHost())
	secrets := []string{password, wrong, m.secret, "sentinel-of-a-link", begun.Secret, "918273"}
	for _, c := range m.cookies().Values("Cookie") {
		_, value, _ := strings.Cut(c, "=")
		secrets = append(secrets, value)
	}
	s.end()
	text := out.String()
	if !strings.Contains(text, "listening") || !strings.Contains(text, "DEBUG") {
		t.Fatalf("the log does not hold what a run prints:\n%.2000s", text)
	}
	for _, secret := range secrets {
		if len(secret) < 6 {
			t.Fatalf("%q is no secret", secret)
		}
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("the log holds a secret: %.200s", text[max(0, i-100):])
		}
	}
}

// printed collects what is written to it.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}
