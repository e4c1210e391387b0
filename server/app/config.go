package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// ErrUsage is wrapped by errors that the caller of a command can mend.
var ErrUsage = errors.New("usage")

// Config is everything that an operator can set. Its tags are the command
// line of `bonafide serve`; every flag can be given as an environment variable too.
type Config struct {
	Addr      string `help:"Address of the web server." default:":8080" env:"BONAFIDE_ADDR"`
	PublicURL string `help:"Where browsers reach this server, e.g. https://interview.example.org; candidate links begin with it. Default: the address that the request came to." env:"BONAFIDE_PUBLIC_URL"`
	TLSCert   string `help:"Certificate chain (PEM). With --tls-key, the server speaks HTTPS." type:"existingfile" env:"BONAFIDE_TLS_CERT"`
	TLSKey    string `help:"Private key (PEM) of the certificate." type:"existingfile" env:"BONAFIDE_TLS_KEY"`

	ACMEDomain    []string `name:"acme-domain" help:"Get a certificate for this name by ACME (Let's Encrypt), and keep it fresh. The web server must be reachable on port 443 under the name." env:"BONAFIDE_ACME_DOMAIN"`
	ACMEEmail     string   `name:"acme-email" help:"Where the certificate authority writes to." env:"BONAFIDE_ACME_EMAIL"`
	ACMEDirectory string   `name:"acme-directory" help:"Directory of another ACME certificate authority. Default: Let's Encrypt." env:"BONAFIDE_ACME_DIRECTORY"`
	ACMERoot      string   `name:"acme-root" help:"Certificates (PEM) by which the directory itself is trusted, where it is one of your own network. Default: those of the system." type:"existingfile" env:"BONAFIDE_ACME_ROOT"`

	OIDCIssuer     string `name:"oidc-issuer" help:"Let people sign in with this OpenID Connect provider, e.g. https://id.example.org. Accounts are made here all the same; the verified e-mail address links them." env:"BONAFIDE_OIDC_ISSUER"`
	OIDCClientID   string `name:"oidc-client-id" help:"This server's client identifier at the provider." env:"BONAFIDE_OIDC_CLIENT_ID"`
	OIDCSecretFile string `name:"oidc-client-secret-file" help:"File with the client's secret." type:"existingfile" env:"BONAFIDE_OIDC_CLIENT_SECRET_FILE"`

	Data      string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
	MasterKey string `help:"File of the master key, under which everything kept is encrypted; made at the first start. Default: master.key in the folder keys of the data folder. Back it up, apart from the rest." env:"BONAFIDE_MASTER_KEY"`
	KeyStore  string `help:"Folder of the keys of the parts of records, encrypted with the master key. Default: keystore in the data folder. Back it up apart from the rest, and keep only the newest copy: an older one brings back what was deleted." env:"BONAFIDE_KEY_STORE"`
	Models    string `help:"Folder of the model files." default:"models/data" env:"BONAFIDE_MODELS"`

	UDPPort  int      `name:"udp-port" help:"UDP port of all media; 0 picks a free one." default:"7882" env:"BONAFIDE_UDP_PORT"`
	TCPPort  int      `name:"tcp-port" help:"TCP port of media where UDP is blocked; 0 picks a free one, and --tcp-port=-1 (with the equals sign) switches it off." default:"7881" env:"BONAFIDE_TCP_PORT"`
	PublicIP []string `name:"public-ip" help:"Addresses that browsers reach this server under, where they differ from its own (NAT)." env:"BONAFIDE_PUBLIC_IP"`
	TURNPort int      `name:"turn-port" help:"Port of the embedded TURN server (UDP and TCP); 0 leaves it off." default:"0" env:"BONAFIDE_TURN_PORT"`

	Unrecorded        interview.RecordingPolicy `help:"What happens when a candidate refuses to be recorded: allow (the call goes on unrecorded) or refuse." enum:"allow,refuse" default:"allow" env:"BONAFIDE_UNRECORDED"`
	Operator          string                    `help:"Who runs this server; named in the consent text." env:"BONAFIDE_OPERATOR"`
	KeepDays          int                       `help:"How many days recordings are kept, told to candidates before they consent; 0 says: until the operator deletes them." default:"365" env:"BONAFIDE_KEEP_DAYS"`
	CandidateFindings bool                      `help:"Show candidates what was found in their interview, on their own page; they can answer each in words." env:"BONAFIDE_CANDIDATE_FINDINGS"`
	CandidateNames    bool                      `help:"Show candidates the names of those who saw their record; without it, only their roles." env:"BONAFIDE_CANDIDATE_NAMES"`

	LinkHours int `help:"How long a new candidate link is valid, in hours." default:"72" env:"BONAFIDE_LINK_HOURS"`

	DetectRate   float64 `help:"Face detections per second." default:"2" env:"BONAFIDE_DETECT_RATE"`
	LandmarkRate float64 `help:"Landmark measurements per second; below 10 the gaze is not measured." default:"12" env:"BONAFIDE_LANDMARK_RATE"`
	NoAnalysis   bool    `help:"Run without any analysis; coverage then says so." env:"BONAFIDE_NO_ANALYSIS"`

	TrustProxy bool `help:"Believe X-Forwarded-For and X-Forwarded-Proto: set it behind a reverse proxy that sets them, and only there." env:"BONAFIDE_TRUST_PROXY"`

	DiskLow      int64         `help:"Warn when fewer than this many bytes are free on the recordings' disk." default:"5000000000" env:"BONAFIDE_DISK_LOW"`
	Drain        time.Duration `help:"How long live rooms have, after SIGTERM, before they are closed." default:"20s" env:"BONAFIDE_DRAIN"`
	AbandonAfter time.Duration `help:"How long a live interview's room may be empty before the interview counts as ended." default:"30m" env:"BONAFIDE_ABANDON_AFTER"`
	SlotHold     time.Duration `help:"How long a participant who lost the connection keeps the place in the room." default:"30s" env:"BONAFIDE_SLOT_HOLD"`

	WitnessURL string `help:"Address of a witness (c2sp.org/tlog-witness), run by somebody else, that signs the log's checkpoints; 'bonafide witness' is one." env:"BONAFIDE_WITNESS_URL"`
	WitnessKey string `help:"Public key of that witness, name+fingerprint+base64." env:"BONAFIDE_WITNESS_KEY"`
	TSAURL     string `name:"tsa-url" help:"Address of a time-stamp authority (RFC 3161) that stamps the log's checkpoints." env:"BONAFIDE_TSA_URL"`

	// AnalyzerCommand replaces the child process of live analysis in tests.
	AnalyzerCommand []string `kong:"-"`
}

// Validate checks what flags alone cannot.
func (c *Config) Validate() error {
	usage := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrUsage, fmt.Sprintf(format, args...))
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return usage("--tls-cert and --tls-key go together; only one was given")
	}
	if (c.WitnessURL == "") != (c.WitnessKey == "") {
		return usage("--witness-url and --witness-key go together; only one was given")
	}
	for flag, url := range map[string]string{"--witness-url": c.WitnessURL, "--tsa-url": c.TSAURL} {
		if url != "" && !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
			return usage("%s %q does not begin with http:// or https://", flag, url)
		}
	}
	if len(c.ACMEDomain) > 0 && c.TLSCert != "" {
		return usage("--acme-domain and --tls-cert exclude each other")
	}
	if c.ACMERoot != "" && c.ACMEDirectory == "" {
		return usage("--acme-root is for a directory of your own: name it with --acme-directory")
	}
	for _, name := range c.ACMEDomain {
		if net.ParseIP(name) != nil || strings.ContainsAny(name, "/:* ") || !strings.Contains(name, ".") {
			return usage("--acme-domain %q is not a host name such as interviews.example.org", name)
		}
	}
	if c.OIDCIssuer != "" && (c.OIDCClientID == "" || c.OIDCSecretFile == "" || c.PublicURL == "") {
		return usage("--oidc-issuer needs --oidc-client-id, --oidc-client-secret-file and --public-url, to which the provider sends people back")
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return usage("--addr %q: %v; use host:port or :port", c.Addr, err)
	}
	if c.PublicURL != "" && !strings.HasPrefix(c.PublicURL, "http://") && !strings.HasPrefix(c.PublicURL, "https://") {
		return usage("--public-url %q does not begin with http:// or https://", c.PublicURL)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for _, ip := range c.PublicIP {
		if net.ParseIP(ip) == nil {
			return usage("--public-ip %q is not an IP address", ip)
		}
	}
	for _, p := range []struct {
		flag  string
		value int
		least int
	}{{"--udp-port", c.UDPPort, 0}, {"--tcp-port", c.TCPPort, -1}, {"--turn-port", c.TURNPort, 0}} {
		if p.value < p.least || p.value > 65535 {
			return usage("%s %d is not a port; use %d to 65535", p.flag, p.value, p.least)
		}
	}
	if c.DetectRate <= 0 || c.DetectRate > 30 || c.LandmarkRate <= 0 || c.LandmarkRate > 30 {
		return usage("--detect-rate and --landmark-rate are per second, above 0 and at most 30; got %g and %g", c.DetectRate, c.LandmarkRate)
	}
	if c.LinkHours < 1 || c.LinkHours > 720 {
		return usage("--link-hours %d: use 1 to 720", c.LinkHours)
	}
	if c.KeepDays < 0 || c.Drain < 0 || c.SlotHold < 0 || c.DiskLow < 0 {
		return usage("--keep-days, --drain, --slot-hold and --disk-low cannot be negative")
	}
	return nil
}

// TLS reports whether the server speaks HTTPS.
func (c *Config) TLS() bool { return c.TLSCert != "" || len(c.ACMEDomain) > 0 }

// The layout of the data folder; recordings/README.md describes it.

func (c *Config) databasePath() string { return filepath.Join(c.Data, "bonafide.db") }
func (c *Config) keysDir() string      { return filepath.Join(c.Data, "keys") }
func (c *Config) mediaDir() string     { return filepath.Join(c.Data, "media") }

// Commands beside the server have no flags for the keys; they take its environment.

func (c *Config) keyStoreDir() string {
	return cmp.Or(c.KeyStore, os.Getenv("BONAFIDE_KEY_STORE"), filepath.Join(c.Data, "keystore"))
}

func (c *Config) masterKeyFile() string {
	return cmp.Or(c.MasterKey, os.Getenv("BONAFIDE_MASTER_KEY"), filepath.Join(c.keysDir(), "master.key"))
}

// OpenVault opens the key store of this configuration.
func (c *Config) OpenVault(log *slog.Logger) (*vault.Vault, error) {
	return vault.Open(vault.Config{Dir: c.keyStoreDir(), Master: c.masterKeyFile()}, log)
}

// openStore opens the database with the key store of its parts.
func (c *Config) openStore(ctx context.Context, log *slog.Logger) (*store.Store, *vault.Vault, error) {
	v, err := c.OpenVault(log)
	if err != nil {
		return nil, nil, err
	}
	s, err := store.Open(ctx, c.databasePath(), log, store.WithVault(v))
	if err != nil {
		return nil, nil, errors.Join(err, v.Close())
	}
	if v.Resumed() > 0 {
		if err := masterReplaced(ctx, s, v.Resumed()); err != nil {
			return nil, nil, errors.Join(err, s.Close(), v.Close())
		}
	}
	return s, v, nil
}

// masterReplaced writes down that the master key was replaced.
func masterReplaced(ctx context.Context, s *store.Store, keys int) error {
	_, err := s.Append(ctx, evidence.NewEntry{Actor: auth.Command, Kind: evidence.EntryMasterKeyReplaced, Payload: evidence.MasterKeyPayload{Keys: keys}})
	if err != nil {
		return fmt.Errorf("writing down that the master key was replaced: %w", err)
	}
	return nil
}
