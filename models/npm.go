package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// npmWait bounds one package's download.
const npmWait = 15 * time.Minute

// npmPack downloads a package's archive into dir without running any of its
// scripts, from whatever registry the npm client is set to use.
func npmPack(ctx context.Context, dir, pkg string) (archive string, err error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("fetching %s: the npm client is not installed (on Debian: apt-get install npm): %w", pkg, err)
	}
	ctx, cancel := context.WithTimeout(ctx, npmWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "pack", pkg, "--ignore-scripts", "--loglevel=error", "--pack-destination", dir)
	cmd.Dir = dir // not in our own tree: npm pack without a name would pack that
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("fetching package %s with npm: %w: %s", pkg, err, lastLines(stderr.String(), 5))
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm pack %s left %d archives, want 1", pkg, len(found))
	}
	return found[0], nil
}

// lastLines shortens a program's error output for a message.
func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "; ")
}

// extract reads the wanted files of a package's archive into memory; limits
// gives their greatest sizes in bytes, by path inside the package. Names in the
// archive are compared only, never used as a path.
func extract(archive string, limits map[string]int64) (map[string][]byte, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for tr := tar.NewReader(zr); len(files) < len(limits); {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		_, name, _ := strings.Cut(h.Name, "/") // npm puts all under one folder
		limit, wanted := limits[name]
		if !wanted || h.Typeflag != tar.TypeReg {
			continue
		}
		if h.Size > limit {
			return nil, fmt.Errorf("%s has %d bytes, want at most %d", name, h.Size, limit)
		}
		data := make([]byte, h.Size)
		if _, err := io.ReadFull(tr, data); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		files[name] = data
	}
	for name := range limits {
		if files[name] == nil {
			return nil, fmt.Errorf("there is no file %s in it", name)
		}
	}
	return files, nil
}
