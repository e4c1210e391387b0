//go:build !js

// Command verifypage makes verify.html: one page that checks the bundle of an
// interview in a browser, without a network and with nothing installed. It
// holds the same checks as the program of server/verify, compiled to
// WebAssembly.
//
//	verifypage OUT.html
//
// The page is made of this package itself: built for js/wasm it is the
// verifier (verifier_js.go), and page.html is what shows it.
package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed page.html
var page string

// The places in page.html that are filled in.
const (
	runtimeMark = "/*RUNTIME*/" // Go's own JavaScript for WebAssembly
	programMark = "@PROGRAM@"   // the verifier: WebAssembly, gzip, base64
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "verifypage: name the file to write, such as verify.html")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "verifypage:", err)
		os.Exit(1)
	}
}

func write(out string) error {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("asking for Go's root: %w", err)
	}
	runtime, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return fmt.Errorf("reading Go's runtime for WebAssembly: %w", err)
	}
	program, err := build()
	if err != nil {
		return err
	}
	text, err := fill(page, string(runtime), program)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return fmt.Errorf("making the page's folder: %w", err)
	}
	if err := os.WriteFile(out, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// build compiles this package for the browser.
func build() ([]byte, error) {
	dir, err := os.MkdirTemp("", "verifypage-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "verify.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "bonafide/server/verifypage")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling the verifier: %w\n%s", err, said)
	}
	return os.ReadFile(file)
}

// fill puts the runtime and the program into the page.
func fill(page, runtime string, program []byte) (string, error) {
	for _, mark := range []string{runtimeMark, programMark} {
		if n := strings.Count(page, mark); n != 1 {
			return "", fmt.Errorf("the page has %d places %s, must have one", n, mark)
		}
	}
	if strings.Contains(strings.ToLower(runtime), "</script") {
		return "", fmt.Errorf("Go's runtime would end the page's script early")
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := z.Write(program); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return strings.NewReplacer(runtimeMark, runtime, programMark, base64.StdEncoding.EncodeToString(packed.Bytes())).Replace(page), nil
}
