package audit

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// VoucherKind is how somebody outside vouches for a checkpoint.
type VoucherKind string

// The kinds of voucher.
const (
	ByWitness   VoucherKind = "witness"   // a cosignature line
	ByTimestamp VoucherKind = "timestamp" // an RFC 3161 time-stamp token (DER) of the checkpoint's note
)

// Voucher is the word of somebody outside about one checkpoint. It is worth
// something to whoever knows that outsider's key or certificate from elsewhere.
type Voucher struct {
	Kind    VoucherKind `json:"kind"`
	Size    int64       `json:"size"`    // of the checkpoint
	WallMS  int64       `json:"wall_ms"` // when it came, by the server's clock
	Content []byte      `json:"content"` // base64 in JSON
}

// ParseRoots reads the certificates (PEM) of time-stamp authorities that an
// auditor trusts.
func ParseRoots(text []byte) (*x509.CertPool, error) {
	pool, n := x509.NewCertPool(), 0
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", n+1, err)
		}
		pool.AddCert(c)
		n++
	}
	if n == 0 {
		return nil, errors.New("there is no certificate in it; give PEM, as in -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// ErrUnknownAuthority says that a time-stamp is sound in itself, and that
// nobody given vouches for its signer.
var ErrUnknownAuthority = errors.New("its signer's certificate does not lead to one that was given")

// CheckTimestamp checks an RFC 3161 token about a note: that it is of these
// bytes, that its signature is right, and, where roots are given, that the
// signer's certificate leads to one of them and is one for time-stamps. It
// returns the time and who signed.
func CheckTimestamp(token, note []byte, roots *x509.CertPool) (at time.Time, by string, err error) {
	defer func() {
		if recover() != nil { // the parser works on data from outside
			err = errors.New("the time-stamp cannot be read")
		}
	}()
	if err := CheckDER(token); err != nil {
		return time.Time{}, "", fmt.Errorf("the time-stamp cannot be read: %w", err)
	}
	t, err := timestamp.Parse(token)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("the time-stamp cannot be read: %w", err)
	}
	sum := sha256.Sum256(note)
	if t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, sum[:]) {
		return time.Time{}, "", errors.New("the time-stamp is of something else")
	}
	signed, err := pkcs7.Parse(token)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("the time-stamp cannot be read: %w", err)
	}
	signer := signed.GetOnlySigner()
	if signer == nil {
		return time.Time{}, "", errors.New("the time-stamp does not carry its signer's certificate")
	}
	if err := signed.Verify(); err != nil {
		return time.Time{}, "", fmt.Errorf("the time-stamp's signature is wrong: %w", err)
	}
	by = clip(signer.Subject.String())
	between := x509.NewCertPool()
	for _, c := range signed.Certificates {
		between.AddCert(c)
	}
	if roots == nil {
		return t.Time, by, ErrUnknownAuthority
	}
	if _, err := signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: t.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}); err != nil {
		return t.Time, by, fmt.Errorf("%w (%v)", ErrUnknownAuthority, err)
	}
	return t.Time, by, nil
}

// checkVouchers holds the bundle's vouchers against the keys and certificates
// that were given. Without those they are only named.
func (c *checking) checkVouchers() {
	for i, v := range c.proofs.Vouchers {
		t := &topic{v: c.v}
		checkpoint, note := c.vouchedFor(v.Size)
		if checkpoint.Origin == "" {
			t.fail("Voucher %d of %d is about a checkpoint of %d entries, which is not in the bundle or does not hold.", i+1, len(c.proofs.Vouchers), v.Size)
			continue
		}
		switch v.Kind {
		case ByWitness:
			c.checkCosignature(t, checkpoint, string(v.Content))
		case ByTimestamp:
			c.checkTimestamp(t, checkpoint, note, v.Content)
		default:
			c.v.say(Notes, "The bundle has a voucher of the kind %q, which this program does not know.", clip(string(v.Kind)))
		}
	}
}

// vouchedFor finds a checkpoint of the bundle that holds, and its note.
func (c *checking) vouchedFor(size int64) (Checkpoint, []byte) {
	if c.newest.Size == size {
		return c.newest, c.a.text(fileCheckpoint, &topic{v: &Verdict{}})
	}
	for i, e := range c.earlier {
		if e.Size == size && e.Origin != "" {
			return e, []byte(c.proofs.Earlier[i].Note)
		}
	}
	return Checkpoint{}, nil
}

func (c *checking) checkCosignature(t *topic, about Checkpoint, line string) {
	name := SignatureName(line)
	for _, k := range c.opts.Witnesses {
		at, err := k.Verify(about, line)
		if errors.Is(err, ErrNoSignature) {
			continue
		}
		if err != nil {
			t.fail("The witness %s did not sign the checkpoint of %d entries as it is in the bundle: %v.", k.Name, about.Size, err)
			return
		}
		c.v.Anchored = max(c.v.Anchored, about.Size)
		t.done("The witness %s saw the log with %d entries on %s, by its own clock.", k.Name, about.Size, utc(at))
		return
	}
	c.v.say(Notes, "The checkpoint of %d entries bears a signature of the witness %q. Its key was not given (--witness), so nothing follows from it.", about.Size, clip(name))
}

func (c *checking) checkTimestamp(t *topic, about Checkpoint, note, token []byte) {
	at, by, err := CheckTimestamp(token, note, c.opts.Roots)
	switch {
	case errors.Is(err, ErrUnknownAuthority) && c.opts.Roots == nil:
		c.v.say(Notes, "The checkpoint of %d entries bears a time-stamp of %s by %s. Its certificate was not given (--tsa), so nothing follows from it.", about.Size, utc(at), by)
	case err != nil:
		t.fail("The time-stamp of the checkpoint of %d entries: %v.", about.Size, err)
	default:
		c.v.Anchored = max(c.v.Anchored, about.Size)
		t.done("The checkpoint of %d entries existed on %s, as %s certifies.", about.Size, utc(at), by)
	}
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 at 15:04:05 (UTC)") }
