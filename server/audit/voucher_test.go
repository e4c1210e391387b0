package audit

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
)

// authority is a time-stamp authority with a certificate of its own.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t testing.TB, usage x509.ExtKeyUsage) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "A time-stamp authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{usage}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return authority{key, cert}
}

func (a authority) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// stamp is the token that the authority gives for a note.
func (a authority) stamp(t testing.TB, note []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(note)
	response, err := (&timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: time.Now().UTC().Truncate(time.Second),
		Policy: asn1.ObjectIdentifier{1, 2, 3}, SerialNumber: big.NewInt(7), AddTSACertificate: true}).CreateResponseWithOpts(a.cert, a.key, crypto.SHA256)
	must(t, err)
	parsed, err := timestamp.ParseResponse(response)
	must(t, err)
	return parsed.RawToken
}

func newWitness(t testing.TB, name string) Witness {
	t.Helper()
	w, err := NewWitness(name)
	must(t, err)
	return w
}

// TestVouchers checks what outsiders' words are worth, with and without what
// an auditor knows of them.
func TestVouchers(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	w, stranger := newWitness(t, "witness.example.org/1"), newWitness(t, "witness.example.org/1")
	tsa, other := newAuthority(t, x509.ExtKeyUsageTimeStamping), newAuthority(t, x509.ExtKeyUsageTimeStamping)
	web := newAuthority(t, x509.ExtKeyUsageServerAuth)
	r := newRig(t)
	receipt := r.interview()
	line := w.Cosign(receipt.Checkpoint, at)
	elsewhere := receipt.Checkpoint
	elsewhere.Root[0] ^= 1
	vouch := func(kind VoucherKind, content []byte) Voucher {
		return Voucher{Kind: kind, Size: receipt.Size, Content: content}
	}
	for _, c := range []struct {
		name     string
		voucher  Voucher
		opts     Options
		ok       bool
		anchored bool
		want     string
	}{
		{"a witness", vouch(ByWitness, []byte(line)), Options{Witnesses: []WitnessKey{w.Key}}, true, true, "saw the log with 14 entries on 2026-03-04 at 05:06:07 (UTC)"},
		{"a witness whose key is not given", vouch(ByWitness, []byte(line)), Options{}, true, false, `the witness "witness.example.org/1". Its key was not given`},
		{"another witness of the same name", vouch(ByWitness, []byte(line)), Options{Witnesses: []WitnessKey{stranger.Key}}, true, false, "Its key was not given"},
		{"a signature of another checkpoint", vouch(ByWitness, []byte(w.Cosign(elsewhere, at))), Options{Witnesses: []WitnessKey{w.Key}}, false, false, "did not sign the checkpoint of 14 entries"},
		{"a time-stamp", vouch(ByTimestamp, tsa.stamp(t, receipt.Note)), Options{Roots: tsa.roots()}, true, true, "as CN=A time-stamp authority certifies"},
		{"a time-stamp whose certificate is not given", vouch(ByTimestamp, tsa.stamp(t, receipt.Note)), Options{}, true, false, "Its certificate was not given"},
		{"a time-stamp of another authority", vouch(ByTimestamp, other.stamp(t, receipt.Note)), Options{Roots: tsa.roots()}, false, false, "does not lead to one that was given"},
		{"a certificate that is not for time-stamps", vouch(ByTimestamp, web.stamp(t, receipt.Note)), Options{Roots: web.roots()}, false, false, "does not lead to one that was given"},
		{"a time-stamp of something else", vouch(ByTimestamp, tsa.stamp(t, []byte("x"))), Options{Roots: tsa.roots()}, false, false, "is of something else"},
		{"no time-stamp", vouch(ByTimestamp, []byte("x")), Options{}, false, false, "cannot be read"},
		{"a checkpoint that is not there", Voucher{Kind: ByWitness, Size: 3, Content: []byte(line)}, Options{}, false, false, "is not in the bundle"},
		{"a kind of the future", vouch("satellite", nil), Options{}, true, false, `kind "satellite"`},
	} {
		r.Vouchers = []Voucher{c.voucher}
		v := check(t, r.bundle(), c.opts)
		var text strings.Builder
		for _, l := range v.Lines {
			text.WriteString(l.Text + "\n")
		}
		if v.OK() != c.ok || (v.Anchored > 0) != c.anchored || !strings.Contains(text.String(), c.want) {
			t.Errorf("%s: holds %v, anchored %d; want %v, %v and %q in\n%s", c.name, v.OK(), v.Anchored, c.ok, c.anchored, c.want, text.String())
		}
	}
}

// TestWitnessKey writes and reads keys, and refuses what is none.
func TestWitnessKey(t *testing.T) {
	w := newWitness(t, "w")
	again, err := ParseWitness(w.Secret())
	must(t, err)
	k, err := ParseWitnessKey(w.Key.String())
	must(t, err)
	c := Checkpoint{Origin: "log", Size: 3}
	if at, err := k.Verify(c, again.Cosign(c, time.Unix(99, 0))); err != nil || at.Unix() != 99 {
		t.Errorf("a key that was written and read verifies %v, %v", at, err)
	}
	for _, bad := range []string{"", "w", "w+00000000+AAAA", strings.Replace(w.Key.String(), "w+", "v+", 1), w.Key.String()[:len(w.Key.String())-1]} {
		if _, err := ParseWitnessKey(bad); err == nil {
			t.Errorf("%q is a witness's key", bad)
		}
	}
	for _, bad := range []string{"", "w", "w\nzz", w.Secret()[:20]} {
		if _, err := ParseWitness(bad); err == nil {
			t.Errorf("%q is a witness's private key", bad)
		}
	}
	for _, bad := range []string{"", "a b", "a+b", strings.Repeat("x", 201)} {
		if _, err := NewWitness(bad); err == nil {
			t.Errorf("a witness is called %q", bad)
		}
	}
	// The example of https://c2sp.org/tlog-cosignature signs with a key that is
	// not published; its line can be read all the same.
	if name := SignatureName("— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"); name != "witness.example.com/w1" {
		t.Errorf("the signature is of %q", name)
	}
}

// TestRoots reads certificates.
func TestRoots(t *testing.T) {
	a := newAuthority(t, x509.ExtKeyUsageTimeStamping)
	good := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if _, err := ParseRoots(append([]byte("A comment\n"), good...)); err != nil {
		t.Error(err)
	}
	for _, bad := range [][]byte{nil, []byte("x"), good[:100], pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})} {
		if _, err := ParseRoots(bad); err == nil {
			t.Errorf("%q holds certificates", bad)
		}
	}
}

// FuzzAddCheckpoint feeds requests to a witness's reader: what is accepted
// reads the same when it is written again.
func FuzzAddCheckpoint(f *testing.F) {
	f.Add(AddCheckpoint{Old: 3, Growth: []Hash{{1}, {2}}, Note: []byte("note\n")}.Text())
	f.Add([]byte("old 0\n\nx"))
	f.Add([]byte("old -1\n\n"))
	f.Add([]byte("old 1\nAAAA\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := ParseAddCheckpoint(body)
		if err == nil && !bytes.Equal(a.Text(), body) && len(a.Growth) == 0 {
			t.Errorf("%q reads back as %q", body, a.Text())
		}
	})
}

// TestTimestampsThatAreNotDER: a parser that takes them could be kept busy for
// as long as somebody likes by a token of a few bytes.
func TestTimestampsThatAreNotDER(t *testing.T) {
	a := newAuthority(t, x509.ExtKeyUsageTimeStamping)
	good := a.stamp(t, []byte("note"))
	if err := CheckDER(good); err != nil {
		t.Errorf("a good one: %v", err)
	}
	nested := bytes.Repeat([]byte{0x30, 0x80, 0x30, 0x02}, 100)
	deep := []byte{0x04, 0}
	for range maxDepth {
		deep = append([]byte{0x30, byte(len(deep))}, deep...)
	}
	for name, token := range map[string][]byte{
		"empty": nil, "too long": make([]byte, maxToken+1), "one byte": {0x30}, "lengths left open": nested, "a length left open": {0x30, 0x80, 0, 0},
		"too deep": deep, "longer than there is": {0x30, 0x03, 0x02, 0x01}, "longer than its holder": {0x30, 0x02, 0x30, 0x02, 0x05, 0x00},
		"a length with zeros": {0x30, 0x82, 0x00, 0x80}, "a long length that is short": {0x04, 0x81, 0x01, 0x00}, "a huge length": {0x30, 0x84, 0x7f, 0xff, 0xff, 0xff},
		"a long tag": {0x3f, 0x81, 0x01, 0x00}, "cut off": good[:len(good)-1],
	} {
		if err := CheckDER(token); err == nil {
			t.Errorf("%s: taken", name)
		}
		if _, _, err := CheckTimestamp(token, []byte("note"), a.roots()); err == nil {
			t.Errorf("%s: the time-stamp holds", name)
		}
	}
}

// FuzzTimestamp feeds tokens from outside: none is of a note that was never stamped.
func FuzzTimestamp(f *testing.F) {
	a := newAuthority(f, x509.ExtKeyUsageTimeStamping)
	f.Add(a.stamp(f, []byte("another")))
	f.Add([]byte{0x30, 0x80})
	f.Add(bytes.Repeat([]byte{0x30, 0x80, 0x30, 0x02}, 30))
	f.Fuzz(func(t *testing.T, token []byte) {
		if _, _, err := CheckTimestamp(token, []byte("note"), a.roots()); err == nil {
			t.Error("a time-stamp that was never given holds")
		}
	})
}
