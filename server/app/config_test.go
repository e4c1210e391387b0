package app

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestConfigRefuses(t *testing.T) {
	good := func() Config {
		return Config{Addr: ":0", DetectRate: 2, LandmarkRate: 12, LinkHours: 72}
	}
	c := good()
	if err := c.Validate(); err != nil {
		t.Fatalf("the configuration that the others are made of: %v", err)
	}
	for want, change := range map[string]func(*Config){
		"name it with --acme-directory":        func(c *Config) { c.ACMEDomain, c.ACMERoot = []string{"a.example.org"}, "root.pem" },
		"exclude each other":                   func(c *Config) { c.ACMEDomain, c.TLSCert, c.TLSKey = []string{"a.example.org"}, "c", "k" },
		`"192.0.2.1" is not a host name`:       func(c *Config) { c.ACMEDomain = []string{"192.0.2.1"} },
		`"https://a.org" is not a host name`:   func(c *Config) { c.ACMEDomain = []string{"https://a.org"} },
		`"*.example.org" is not a host name`:   func(c *Config) { c.ACMEDomain = []string{"*.example.org"} },
		"--oidc-issuer needs --oidc-client":    func(c *Config) { c.OIDCIssuer, c.PublicURL = "https://id.example.org", "https://a.org" },
		"--tls-cert and --tls-key go together": func(c *Config) { c.TLSCert = "x" },
	} {
		c := good()
		change(&c)
		if err := c.Validate(); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestCertificates: with a domain the server speaks HTTPS and answers the
// challenge of ACME on its own port; keys lie in a folder of their own.
func TestCertificates(t *testing.T) {
	c := Config{Data: t.TempDir(), ACMEDomain: []string{"interviews.example.org"}}
	tls, err := c.certificates()
	if err != nil || tls == nil || !slices.Contains(tls.NextProtos, "acme-tls/1") || tls.GetCertificate == nil || !c.TLS() {
		t.Fatalf("%+v, %v", tls, err)
	}
	info, err := os.Stat(filepath.Join(c.Data, "keys", "acme"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of certificates: %v, %v", info, err)
	}
	plain := Config{Data: t.TempDir()}
	if tls, err := plain.certificates(); tls != nil || err != nil || plain.TLS() {
		t.Errorf("without a domain: %v, %v", tls, err)
	}
}

func TestIdentityProvider(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("very secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{OIDCIssuer: "https://id.example.org", OIDCClientID: "us", OIDCSecretFile: file, PublicURL: "https://a.org"}
	if p, err := c.oidc(); err != nil || p == nil {
		t.Errorf("%v, %v", p, err)
	}
	c.OIDCSecretFile += ".gone"
	if _, err := c.oidc(); !errors.Is(err, ErrUsage) {
		t.Errorf("a secret that is not there: %v", err)
	}
	if p, err := (&Config{}).oidc(); p != nil || err != nil {
		t.Errorf("not configured: %v, %v", p, err)
	}
}
