package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bonafide/server/analysis"
	"bonafide/server/api"
)

// TestMain makes the test binary the analysis process of the servers that the
// tests run, as the program itself is: it is called with the same arguments.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		fmt.Fprintln(os.Stderr, workUntilKilled(dir))
		os.Exit(1)
	}
	if len(os.Args) == 4 && os.Args[1] == "analyzer" {
		log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
		if err := analysis.RunChild(context.Background(), os.Stdin, os.Stdout, os.Args[3], Detectors, log, Steps...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// modelsDir is where `make models` puts the model files.
var modelsDir = filepath.Join("..", "..", "models", "data")

// haveModels tells whether analysis can run; its tests are skipped without.
func haveModels() bool {
	_, err := os.Stat(filepath.Join(modelsDir, "fr_detect.onnx"))
	return err == nil
}

// site is a server as its users know it: an address and an account.
type site struct {
	t    testing.TB
	ctx  context.Context
	url  string
	http *http.Client
	me   api.Me
	app  *App // nil where the server is another process
	data string
	end  func() // stops the server and waits; may be called again
}

const password = "correct horse battery staple 9"

// newSite runs an App on free ports with folders of its own.
func newSite(t *testing.T, change func(*Config)) *site {
	t.Helper()
	return newSiteFor(t, 100*time.Second, change)
}

// newSiteFor is newSite for a test that may take the given time.
func newSiteFor(t *testing.T, most time.Duration, change func(*Config)) *site {
	t.Helper()
	s := openSite(t, t.TempDir(), most, change)
	token, err := s.app.auth.SetupToken(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	s.setup(token)
	return s
}

// logTo takes what the servers that a test opens print, at their most
// talkative; nil for the console. It must be safe for concurrent use.
var logTo io.Writer

// openSite runs an App over a folder that may have been used before.
func openSite(t *testing.T, dir string, most time.Duration, change func(*Config)) *site {
	t.Helper()
	cfg := Config{
		Addr: "127.0.0.1:0", Data: dir, Models: modelsDir, UDPPort: freePort(t), TCPPort: -1, Unrecorded: "allow", KeepDays: 30, LinkHours: 1,
		DetectRate: 2, LandmarkRate: 12, NoAnalysis: true, Drain: 10 * time.Millisecond, AbandonAfter: time.Hour, SlotHold: 20 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	level := slog.LevelError
	if os.Getenv("BONAFIDE_TEST_LOG") != "" {
		level = slog.LevelDebug
	}
	out := io.Writer(os.Stderr)
	if logTo != nil {
		out, level = logTo, slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
	ctx, cancel := context.WithTimeout(context.Background(), most)
	a, err := New(ctx, cfg, log)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- a.Run(running) }()
	s := &site{t: t, ctx: ctx, url: a.URL(), app: a, data: dir, http: newBrowser(t)}
	s.end = sync.OnceFunc(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("running: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	t.Cleanup(func() { s.end(); cancel() })
	return s
}

// freePort is a UDP port that nobody has just now.
func freePort(t testing.TB) int {
	t.Helper()
	c, err := net.ListenUDP("udp", nil)
	ok(t, err)
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

func newBrowser(t testing.TB) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 20 * time.Second}
}

// try sends a request and reads the answer into out, if that is not nil.
func (s *site) try(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(s.ctx, method, s.url+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(b, out)
}

func (s *site) do(method, path string, in, out any) {
	s.t.Helper()
	if err := s.try(method, path, in, out); err != nil {
		s.t.Fatal(err)
	}
}

// setup makes the first account with the console's token.
func (s *site) setup(token string) {
	s.t.Helper()
	s.do("POST", "/api/setup", api.SetupRequest{Token: token, Name: "Ina", Email: "ina@example.org", Password: password}, &s.me)
}

// cookies are what the socket of a signed-in browser sends.
func (s *site) cookies() http.Header {
	u, err := url.Parse(s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	h := http.Header{}
	for _, c := range s.http.Jar.Cookies(u) {
		h.Add("Cookie", c.Name+"="+c.Value)
	}
	return h
}

// until waits for a condition that is looked at again and again.
func (s *site) until(what string, within time.Duration, cond func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(within); !cond(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %v in vain for %s", within, what)
		}
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
