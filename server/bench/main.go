// Command bench measures what the relay and the analysis cost and prints the
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
	case len(args) == 2 && args[0] == analyzerArg:
		log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
		return analysis.RunChild(context.Background(), os.Stdin, os.Stdout, args[1], app.Detectors, log, app.Steps...)
	}
	return run(args, out)
}

func run(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := fs.String("only", "", "measure only this: relay or analysis")
	length := fs.Duration("dur", 8*time.Second, "how long each row is measured, 1s to 5m")
	quick := fs.Bool("quick", false, "a short run with the smallest loads, to see that the bench works")
	models := fs.String("models", "models/data", "folder of the model files")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if *only != "" && *only != "relay" && *only != "analysis" {
		return fmt.Errorf("-only %q: use relay or analysis, or leave it out for both", *only)
	}
	if *length < time.Second || *length > 5*time.Minute {
		return fmt.Errorf("-dur %v: use 1s to 5m", *length)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	shapes := relayShapes
	if *quick {
		shapes = []shape{{1, 2, 0}, {1, 2, 0.02}}
		*length = time.Second
	}
	if *only != "analysis" {
		if err := benchRelay(ctx, out, shapes, *length); err != nil {
			return err
		}
	}
	if *only != "relay" {
		return benchAnalysis(ctx, out, *models, *length, *quick)
	}
	return nil
}
