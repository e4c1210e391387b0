// Command bench measures what the relay, the analysis, searching and proving cost and prints the
// figures as tables. It asserts nothing; it fails only where it could not
// measure. What is measured runs in child processes, apart from the load.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"bonafide/server/analysis"
	"bonafide/server/app"
)

func main() {
	if err := dispatch(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// The first argument of the bench's own child processes.
const (
	relayArg    = "relay-child"
	analyzerArg = "analyzer-child"
)

// dispatch is main without the process: a child does what its parent says,
// anything else reads its flags.
func dispatch(args []string, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == relayArg:
		return relayChild(os.Stdin, os.Stdout)
	case len(args) == 3 && args[0] == analyzerArg:
		log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
		return analysis.RunChild(context.Background(), os.Stdin, os.Stdout, args[1], detectorsOf(args[2]), log, app.Steps...)
	}
	return run(args, out)
}

func run(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := fs.String("only", "", "measure only this: relay, analysis, search or evidence")
	length := fs.Duration("dur", 8*time.Second, "how long each row is measured, 1s to 5m")
	quick := fs.Bool("quick", false, "a short run with the smallest loads, to see that the bench works")
	interviews := fs.Int("interviews", 100_000, "how many interviews are made up to be searched, 1 to 1000000")
	records := fs.String("records", "", "folder for the made-up interviews, kept and used again; by default one that is deleted")
	models := fs.String("models", "models/data", "folder of the model files")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if !slices.Contains([]string{"", "relay", "analysis", "search", "evidence"}, *only) {
		return fmt.Errorf("-only %q: use relay, analysis, search or evidence, or leave it out for all", *only)
	}
	if *interviews < 1 || *interviews > 1_000_000 {
		return fmt.Errorf("-interviews %d: use 1 to 1000000", *interviews)
	}
	if *length < time.Second || *length > 5*time.Minute {
		return fmt.Errorf("-dur %v: use 1s to 5m", *length)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	shapes, media := relayShapes, bundleBytes
	if *quick {
		shapes = []shape{{1, 2, 0}, {1, 2, 0.02}}
		*length = time.Second
		media = 16 << 20
		*interviews = min(*interviews, 500)
	}
	if *only == "" || *only == "relay" {
		if err := benchRelay(ctx, out, shapes, *length); err != nil {
			return err
		}
	}
	if *only == "" || *only == "analysis" {
		if err := benchAnalysis(ctx, out, *models, *length, *quick); err != nil {
			return err
		}
	}
	if *only == "" || *only == "search" {
		if err := benchSearch(ctx, out, *records, *interviews); err != nil {
			return err
		}
	}
	if *only == "" || *only == "evidence" {
		return benchEvidence(ctx, out, media, *length)
	}
	return nil
}
