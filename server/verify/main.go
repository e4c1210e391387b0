// Command verify checks the bundle of an interview with nothing else
// installed, and says in plain words what holds and what does not. It is pure
// Go and runs on Linux, macOS and Windows.
//
//	verify [--anchor RECEIPT]... [--key KEY]... [--witness KEY]... [--tsa FILE]... BUNDLE.zip
//
// It ends with 0 when everything holds, 1 when something does not, and 2 when
// it could not check, such as for a wrong option, a file that cannot be
// opened or a bundle that a newer version wrote.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"bonafide/server/audit"
)

// The program's exit codes.
const (
	exitHolds = 0
	exitFails = 1
	exitUsage = 2
)

const usage = `verify checks that the record of an interview is unchanged.

    verify [options] BUNDLE.zip

  --anchor FILE   a receipt or checkpoint that was kept elsewhere, to compare with; may be repeated
  --key KEY       the log's public key (name+fingerprint+base64), as its operator publishes it; may be repeated
  --witness KEY   public key of a witness that may have signed the log's checkpoints; may be repeated
  --tsa FILE      certificates (PEM) of a time-stamp authority that may have stamped them; may be repeated
  --quiet         print only what does not hold

Exit codes: 0 everything holds, 1 something does not, 2 it could not be checked.
`

// list collects an option that may be repeated.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, problems io.Writer) int {
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(problems)
	flags.Usage = func() { fmt.Fprint(problems, usage) }
	var anchors, keys, witnesses, roots list
	flags.Var(&anchors, "anchor", "")
	flags.Var(&keys, "key", "")
	flags.Var(&witnesses, "witness", "")
	flags.Var(&roots, "tsa", "")
	quiet := flags.Bool("quiet", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitHolds
	} else if err != nil {
		return exitUsage
	}
	if flags.NArg() != 1 {
		fmt.Fprintf(problems, "verify: %d files were named; name one bundle\n\n%s", flags.NArg(), usage)
		return exitUsage
	}
	opts := audit.Options{Keys: keys}
	if err := outsiders(&opts, witnesses, roots); err != nil {
		fmt.Fprintf(problems, "verify: %v\n", err)
		return exitUsage
	}
	for _, k := range keys {
		if err := audit.CheckKey(k); err != nil {
			fmt.Fprintf(problems, "verify: --key %v\n", err)
			return exitUsage
		}
	}
	for _, path := range anchors {
		text, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintf(problems, "verify: reading --anchor: %v\n", err)
			return exitUsage
		}
		opts.Anchors = append(opts.Anchors, text)
	}
	return check(ctx, flags.Arg(0), opts, *quiet, out, problems)
}

// outsiders reads the keys of witnesses and the certificates of time-stamp
// authorities.
func outsiders(opts *audit.Options, witnesses, files list) error {
	for _, text := range witnesses {
		k, err := audit.ParseWitnessKey(text)
		if err != nil {
			return fmt.Errorf("--witness %w", err)
		}
		opts.Witnesses = append(opts.Witnesses, k)
	}
	var certificates []byte
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("reading --tsa: %w", err)
		}
		certificates = append(append(certificates, text...), '\n')
	}
	if len(files) == 0 {
		return nil
	}
	var err error
	if opts.Roots, err = audit.ParseRoots(certificates); err != nil {
		return fmt.Errorf("--tsa: %w", err)
	}
	return nil
}

func check(ctx context.Context, path string, opts audit.Options, quiet bool, out, problems io.Writer) int {
	f, err := os.Open(path)
	if err != nil {
		fmt.Fprintf(problems, "verify: opening the bundle: %v\n", err)
		return exitUsage
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		fmt.Fprintf(problems, "verify: %s is not a file (%v); name the zip file of a bundle\n", path, err)
		return exitUsage
	}
	begun := time.Now()
	v, err := audit.CheckBundle(ctx, f, info.Size(), opts)
	if err != nil {
		fmt.Fprintf(problems, "verify: %v\n", err)
		return exitUsage
	}
	return print(v, time.Since(begun), quiet, out)
}

// print says what was found.
func print(v *audit.Verdict, took time.Duration, quiet bool, out io.Writer) int {
	marks := map[audit.Status]string{audit.Holds: "  ok    ", audit.Fails: "  FAIL  ", audit.Lacks: "  gone  ", audit.Notes: "  note  ", audit.Unclear: "  ?     "}
	if !quiet {
		fmt.Fprintf(out, "Record of interview %s\n\n", v.Interview)
	}
	for _, l := range v.Lines {
		if !quiet || l.Status == audit.Fails || l.Status == audit.Unclear {
			fmt.Fprintf(out, "%s%s\n", marks[l.Status], wrap(printable(l.Text), 8))
		}
	}
	if !quiet {
		fmt.Fprintln(out)
		for _, k := range v.Keys {
			fmt.Fprintf(out, "Key: %s\n", printable(k))
		}
		if v.Newest.Origin != "" {
			fmt.Fprintf(out, "Newest checkpoint: %d entries, root %s\n", v.Newest.Size, v.Newest.Root)
		}
		fmt.Fprintf(out, "%d bytes checked in %s (%.0f MB/s)\n\n", v.Bytes, took.Round(time.Millisecond), float64(v.Bytes)/1e6/max(took.Seconds(), 1e-3))
	}
	if !v.OK() {
		fmt.Fprintln(out, "THIS RECORD DOES NOT HOLD. What is marked FAIL was changed, is missing, or cannot be shown to be what was recorded.")
		return exitFails
	}
	if !v.Whole() {
		fmt.Fprintln(out, "Nothing was found that does not hold, but this record was written by a newer version of this program: what is marked ? could not be checked. "+
			"Get the verifier of that version.")
		return exitUsage
	}
	if !quiet {
		fmt.Fprintf(out, "This record holds. %s\n", wrap(v.Worth(), 0))
	}
	return exitHolds
}

// printable keeps what a bundle says from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// wrap breaks text into lines of at most 110 characters, indented.
func wrap(s string, indent int) string {
	var b strings.Builder
	width := indent
	for i, w := range strings.Fields(s) {
		n := len([]rune(w))
		switch {
		case i == 0:
		case width+1+n > 110:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			width = indent
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(w)
		width += n
	}
	return b.String()
}
