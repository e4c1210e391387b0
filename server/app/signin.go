package app

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"bonafide/server/auth"
)

// certificates gets certificates by ACME and keeps them fresh, or is nil where
// that was not asked for. The account's and the certificates' keys lie in the
// folder of keys.
func (c *Config) certificates() (*tls.Config, error) {
	if len(c.ACMEDomain) == 0 {
		return nil, nil
	}
	dir := filepath.Join(c.keysDir(), "acme")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of certificates: %w", err)
	}
	m := &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(dir), HostPolicy: autocert.HostWhitelist(c.ACMEDomain...), Email: c.ACMEEmail}
	if c.ACMEDirectory != "" {
		client, err := c.acmeClient()
		if err != nil {
			return nil, err
		}
		m.Client = &acme.Client{DirectoryURL: c.ACMEDirectory, HTTPClient: client}
	}
	return m.TLSConfig(), nil
}

// acmeClient trusts the authority's directory by the system's certificates, or
// by those that were named.
func (c *Config) acmeClient() (*http.Client, error) {
	if c.ACMERoot == "" {
		return http.DefaultClient, nil
	}
	pem, err := os.ReadFile(c.ACMERoot)
	if err != nil {
		return nil, fmt.Errorf("%w: reading --acme-root: %w", ErrUsage, err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%w: --acme-root %s holds no certificate in PEM", ErrUsage, c.ACMERoot)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return &http.Client{Transport: transport}, nil
}

// oidc is the other identity provider, or nil.
func (c *Config) oidc() (*auth.OIDC, error) {
	if c.OIDCIssuer == "" {
		return nil, nil
	}
	secret, err := os.ReadFile(c.OIDCSecretFile)
	if err != nil {
		return nil, fmt.Errorf("%w: reading --oidc-client-secret-file: %w", ErrUsage, err)
	}
	return auth.NewOIDC(auth.OIDCConfig{Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, ClientSecret: strings.TrimSpace(string(secret)),
		RedirectURL: c.PublicURL + "/api/oidc/callback"}), nil
}
