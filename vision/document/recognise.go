// Package document measures an identity document that somebody holds up to the
// camera: where it is, how well it can be seen, the face on it, and what its
// machine-readable zone says. It is a visual presentation check. Nothing here
// tells whether a document is genuine.
package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Program is the program that recognises characters: Tesseract OCR, with its
// data for English, which are enough for the letters and digits of a zone.
const Program = "tesseract"

// ErrNoProgram tells that Program is not installed.
var ErrNoProgram = errors.New("the program tesseract is not installed (Debian: tesseract-ocr and tesseract-ocr-eng): machine-readable zones are not read")

const (
	// readTimeout bounds one recognition, which usually takes 0.1 to 0.4 s.
	readTimeout = 5 * time.Second
	// maxOutput bounds what is read from the program, in bytes.
	maxOutput = 16 << 10
)

// Recogniser runs Program, once for every picture.
type Recogniser struct{ path string }

// NewRecogniser finds the program; the error is ErrNoProgram without it.
func NewRecogniser() (*Recogniser, error) {
	path, err := exec.LookPath(Program)
	if err != nil {
		return nil, ErrNoProgram
	}
	return &Recogniser{path: path}, nil
}

// Read gives the text of a block of print of capital letters and digits.
func (r *Recogniser) Read(ctx context.Context, picture *image.Gray) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.path, "stdin", "stdout",
		"-l", "eng", "--psm", "6", "--dpi", "300", // one even block of text
		"-c", "tessedit_char_whitelist=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<",
		"-c", "load_system_dawg=0", "-c", "load_freq_dawg=0") // no dictionaries: a zone holds no words
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	cmd.Stdin = bytes.NewReader(greymap(picture))
	out, errs := &bounded{}, &bounded{}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("recognising characters: %w", ctx.Err())
		}
		first, _, _ := strings.Cut(errs.String(), "\n")
		return "", fmt.Errorf("recognising characters: %w: %.200s", err, first)
	}
	return out.String(), nil
}

// greymap is a picture in the PGM format.
func greymap(m *image.Gray) []byte {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := fmt.Appendf(nil, "P5\n%d %d\n255\n", w, h)
	for y := range h {
		at := m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y+y)
		out = append(out, m.Pix[at:at+w]...)
	}
	return out
}

// bounded keeps the first maxOutput bytes and takes the rest without keeping it.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), maxOutput-b.Len())])
	return len(p), nil
}
