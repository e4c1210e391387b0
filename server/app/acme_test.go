package app

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

const acmeDomain = "interviews.example.org"

// authority is an ACME certificate authority on the loopback device (Pebble, of
// those who make Let's Encrypt). It checks that whoever asks holds the domain by
// connecting to it, at this machine and a port of the test's.
type authority struct {
	directory string
	trust     string         // file with the certificate of its own web server
	roots     *x509.CertPool // by which what it issues is trusted
	orders    atomic.Int64
}

func newAuthority(t *testing.T, tlsPort int) *authority {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")      // by default it waits some seconds
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0") // percent of requests that have to be tried again, after a second or more
	quiet := log.New(io.Discard, "", 0)
	memory := db.NewMemoryStore()
	issuer := ca.New(quiet, memory, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "for tests", ValidityPeriod: 90 * 24 * 3600}})
	front := wfe.New(quiet, memory, va.New(quiet, 0, tlsPort, true, resolver(t), memory), issuer, []string{"authority.example.org"}, true, false, 0, 0)
	a := &authority{roots: x509.NewCertPool()}
	handler := front.Handler()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/order-plz" {
			a.orders.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a.directory, a.trust = server.URL+wfe.DirectoryPath, filepath.Join(t.TempDir(), "trust.pem")
	ok(t, os.WriteFile(a.trust, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	root, err := x509.ParseCertificate(issuer.GetRootCert(0).DER)
	ok(t, err)
	a.roots.AddCert(root)
	return a
}

// resolver is a name server that knows one address, this machine's, for every name.
func resolver(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	s := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		if len(q.Question) == 1 && q.Question[0].Qtype == dns.TypeA {
			m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1)}}
		}
		_ = w.WriteMsg(m)
	})}
	done := make(chan error, 1)
	go func() { done <- s.ActivateAndServe() }()
	t.Cleanup(func() {
		ok(t, l.Close())
		<-done
	})
	return l.Addr().String()
}

// TestACME gets a certificate from an authority as browsers' first visit makes
// the server do, and keeps it over a start.
func TestACME(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	a := newAuthority(t, l.Addr().(*net.TCPAddr).Port)
	cfg := Config{Data: t.TempDir(), ACMEDomain: []string{acmeDomain}, ACMEDirectory: a.directory, ACMERoot: a.trust, ACMEEmail: "operator@example.org"}
	visit := func(l net.Listener, name string) (*x509.Certificate, error) {
		c, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Minute}, "tcp", l.Addr().String(), &tls.Config{ServerName: name, RootCAs: a.roots})
		if err != nil {
			return nil, err
		}
		return c.ConnectionState().PeerCertificates[0], c.Close()
	}
	stop := serveTLS(t, cfg, l)
	first, err := visit(l, acmeDomain)
	if err != nil || first.VerifyHostname(acmeDomain) != nil || a.orders.Load() != 1 {
		t.Fatalf("the first visit: %v; %d orders", err, a.orders.Load())
	}
	if _, err := visit(l, "other.example.org"); err == nil || a.orders.Load() != 1 {
		t.Errorf("under a name that is not ours: %v; %d orders", err, a.orders.Load())
	}
	again, err := visit(l, acmeDomain)
	if err != nil || !again.Equal(first) {
		t.Errorf("the second visit got another certificate, or %v", err)
	}
	stop()
	// The next start takes it from its folder, which nobody else can read.
	if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	stop = serveTLS(t, cfg, l)
	if kept, err := visit(l, acmeDomain); err != nil || !kept.Equal(first) || a.orders.Load() != 1 {
		t.Errorf("after a start: %v; %d orders", err, a.orders.Load())
	}
	stop()
	files, err := filepath.Glob(filepath.Join(cfg.Data, "keys", "acme", "*"))
	if err != nil || len(files) < 2 {
		t.Errorf("kept in %q, %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
	}
	// An authority that is not trusted is not asked.
	cfg.ACMERoot = ""
	cfg.Data = t.TempDir()
	if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	stop = serveTLS(t, cfg, l)
	if _, err := visit(l, acmeDomain); err == nil {
		t.Error("an authority that nothing vouches for was asked")
	}
	stop()
	cfg.ACMERoot = files[0] + ".none"
	if _, err := cfg.certificates(); !errors.Is(err, ErrUsage) {
		t.Errorf("a file that does not exist: %v", err)
	}
}

// serveTLS serves as App does, until stop is called.
func serveTLS(t *testing.T, cfg Config, l net.Listener) (stop func()) {
	t.Helper()
	certificates, err := cfg.certificates()
	ok(t, err)
	s := &http.Server{Handler: http.NotFoundHandler(), TLSConfig: certificates, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	done := make(chan error, 1)
	go func() { done <- s.ServeTLS(l, "", "") }()
	return func() {
		ok(t, s.Close())
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serving: %v", err)
		}
	}
}
