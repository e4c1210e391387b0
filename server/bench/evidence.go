package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"bonafide/server/audit"
	"bonafide/server/audit/audittest"
	"bonafide/server/evidence"
	"bonafide/server/store"
)

// bundleBytes is the media of an hour's interview: two recordings of 1.2 Mbit/s.
const bundleBytes = 2 * 1_200_000 / 8 * 3600

// benchEvidence measures the checking of a bundle beside the hashing of the
// same bytes, and how many entries the log takes.
func benchEvidence(ctx context.Context, out io.Writer, media int, length time.Duration) error {
	dir, err := os.MkdirTemp("", "bonafide-bench-")
	if err != nil {
		return fmt.Errorf("making a folder for the bench: %w", err)
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(out, "\nChecking a bundle with %.0f MB of recordings, and sha256sum over the same file (best of 3)\n", float64(media)/1e6)
	if err := benchCheck(ctx, out, dir, media); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nAppending to the log, each entry on disk and in the tree before it is acknowledged (%v each)\n", length)
	for _, callers := range []int{1, 32} {
		rate, err := appendRate(ctx, filepath.Join(dir, fmt.Sprint(callers)), callers, length)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %2d at a time: %6.0f entries/s\n", callers, rate)
	}
	return nil
}

func benchCheck(ctx context.Context, out io.Writer, dir string, media int) error {
	bundle, _, err := audittest.Bundle(dir, media)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "bundle.zip")
	if err := os.WriteFile(path, bundle, 0o600); err != nil {
		return fmt.Errorf("writing the bundle: %w", err)
	}
	check := func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		v, err := audit.CheckBundle(ctx, f, int64(len(bundle)), audit.Options{})
		if err == nil && !v.OK() {
			err = errors.New("the bundle does not hold")
		}
		return err
	}
	checking, err := best(3, check)
	if err != nil {
		return err
	}
	hashing, err := best(3, func() error { return exec.CommandContext(ctx, "sha256sum", path).Run() })
	if err != nil {
		return fmt.Errorf("running sha256sum: %w", err)
	}
	rate := func(d time.Duration) float64 { return float64(len(bundle)) / 1e6 / d.Seconds() }
	fmt.Fprintf(out, "  checking %v (%.0f MB/s), sha256sum %v (%.0f MB/s): %.2f times as long\n", checking.Round(time.Millisecond), rate(checking),
		hashing.Round(time.Millisecond), rate(hashing), checking.Seconds()/hashing.Seconds())
	return nil
}

// best is the shortest of several runs.
func best(n int, do func() error) (time.Duration, error) {
	var least time.Duration
	for i := range n {
		begun := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		if took := time.Since(begun); i == 0 || took < least {
			least = took
		}
	}
	return least, nil
}

// appendRate is how many entries per second several callers get acknowledged.
func appendRate(ctx context.Context, dir string, callers int, length time.Duration) (float64, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, fmt.Errorf("making a folder for the bench: %w", err)
	}
	s, err := store.Open(ctx, filepath.Join(dir, "bench.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	defer s.Close()
	entry := evidence.NewEntry{Interview: "i", AtMS: evidence.At(1), Actor: evidence.System, Kind: evidence.EntryAnnotation, Payload: evidence.AnnotationPayload{ID: "n"}, Part: evidence.NotePart{Text: "a note"}}
	counts, errs := make([]int, callers), make([]error, callers)
	begun := time.Now()
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for time.Since(begun) < length && errs[i] == nil {
				_, errs[i] = s.Append(ctx, entry)
				counts[i]++
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / time.Since(begun).Seconds(), errors.Join(errs...)
}
