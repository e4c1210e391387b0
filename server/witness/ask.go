package witness

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/digitorus/timestamp"

	"bonafide/server/audit"
)

// SeenError is a witness's answer that it saw another size of the log last.
type SeenError struct{ Size int64 }

func (e *SeenError) Error() string {
	return fmt.Sprintf("the witness saw the log with %d entries last", e.Size)
}

// client is used for both services; what they answer is small.
var client = &http.Client{Timeout: 20 * time.Second}

// Ask sends a checkpoint to the witness at url and returns its signature line,
// checked with its key. *SeenError says from which size the proof must lead.
func Ask(ctx context.Context, url string, key audit.WitnessKey, a audit.AddCheckpoint, c audit.Checkpoint) (line string, err error) {
	status, kind, body, err := post(ctx, strings.TrimRight(url, "/")+"/add-checkpoint", "text/plain; charset=utf-8", a.Text())
	if err != nil {
		return "", fmt.Errorf("asking the witness: %w", err)
	}
	switch {
	case status == http.StatusConflict && strings.HasPrefix(kind, "text/x.tlog.size"):
		size, err := strconv.ParseInt(strings.TrimSpace(string(body)), 10, 64)
		if err != nil || size < 0 {
			return "", fmt.Errorf("asking the witness: it answered with a size of %q", clip(body))
		}
		return "", &SeenError{size}
	case status != http.StatusOK:
		return "", fmt.Errorf("asking the witness: it answered %d: %s", status, clip(body))
	}
	for _, l := range strings.Split(strings.TrimSpace(string(body)), "\n") {
		if _, err = key.Verify(c, l); err == nil {
			return l + "\n", nil
		}
	}
	return "", fmt.Errorf("asking the witness: what it signed does not fit its key: %w", err)
}

// Stamp has a time-stamp authority stamp a checkpoint's note, and returns the
// token, checked to be of that note. Whether the authority's certificate is
// worth anything is the auditor's to say.
func Stamp(ctx context.Context, url string, note []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	sum := sha256.Sum256(note)
	request, err := (&timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Certificates: true, Nonce: nonce}).Marshal()
	if err != nil {
		return nil, fmt.Errorf("making a time-stamp request: %w", err)
	}
	status, _, body, err := post(ctx, url, "application/timestamp-query", request)
	if err != nil {
		return nil, fmt.Errorf("asking for a time-stamp: %w", err)
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("asking for a time-stamp: the authority answered %d: %s", status, clip(body))
	}
	t, err := parse(body)
	if err != nil {
		return nil, fmt.Errorf("asking for a time-stamp: %w", err)
	}
	if t.Nonce == nil || t.Nonce.Cmp(nonce) != 0 {
		return nil, errors.New("asking for a time-stamp: the answer is to another request")
	}
	if _, _, err := audit.CheckTimestamp(t.RawToken, note, nil); err != nil && !errors.Is(err, audit.ErrUnknownAuthority) {
		return nil, fmt.Errorf("asking for a time-stamp: %w", err)
	}
	return t.RawToken, nil
}

// parse reads an authority's answer, which may be anything.
func parse(body []byte) (t *timestamp.Timestamp, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the answer cannot be read")
		}
	}()
	if err := audit.CheckDER(body); err != nil {
		return nil, fmt.Errorf("the answer cannot be read: %w", err)
	}
	return timestamp.ParseResponse(body)
}

func post(ctx context.Context, url, kind string, body []byte) (status int, answered string, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	r.Header.Set("Content-Type", kind)
	got, err := client.Do(r)
	if err != nil {
		return 0, "", nil, err
	}
	defer got.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(got.Body, maxBody))
	return got.StatusCode, got.Header.Get("Content-Type"), answer, err
}

func clip(b []byte) string {
	return strconv.QuoteToASCII(string(b[:min(len(b), 120)]))
}
