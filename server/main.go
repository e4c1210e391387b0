// Command bonafide is the whole product in one binary: the server, the
// offline analysis, and the commands that look after accounts and models.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"bonafide/server/app"
)

// cli is the command line; each field of it is a subcommand.
type cli struct {
	LogLevel slog.Level `help:"How much to log: debug, info, warn or error." default:"info" env:"BONAFIDE_LOG_LEVEL"`

	Serve   serveCmd   `cmd:"" help:"Run the server."`
	Analyze analyzeCmd `cmd:"" help:"Run the analysis over a recording, one of ours or a foreign one (WebM, MP4 and others)."`
	User    userCmd    `cmd:"" help:"Add, reset, deactivate and list accounts."`
	Models  modelsCmd  `cmd:"" help:"Fetch and check model files."`

	Export     exportCmd     `cmd:"" help:"Write the record of one interview as a bundle (zip) that can be verified offline."`
	Checkpoint checkpointCmd `cmd:"" help:"Sign the state of the evidence log, and print the checkpoint: keep it elsewhere."`
	VerifyLog  verifyLogCmd  `cmd:"" help:"Check every entry of the evidence log against its tree and checkpoints."`
	Backup     backupCmd     `cmd:"" help:"Copy the database, the recordings and the key store of a running server; only what is new is copied again."`
	Restore    restoreCmd    `cmd:"" help:"Make a data folder from a backup, delete in it again what was deleted since, and verify it."`
	Retention  retentionCmd  `cmd:"" help:"Delete what is due by the retention policies, or show what would be."`
	Keys       keysCmd       `cmd:"" help:"Look after the key that signs checkpoints, and the master key."`

	Witness witnessCmd `cmd:"" help:"Watch somebody else's evidence log: sign its checkpoints as long as it only grows. Run it on another machine, under somebody else's control."`

	Analyzer analyzerCmd `cmd:"" hidden:"" help:"The child process that analyses one live interview; started by serve."`
}

func main() {
	var c cli
	parser := kong.Parse(&c,
		kong.Name("bonafide"),
		kong.Description("Hosts, records and reviews verified video interviews."),
		kong.ShortUsageOnError(),
	)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parser.BindTo(ctx, (*context.Context)(nil))
	err := parser.Run(log)
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "bonafide:", err)
		stop()
		os.Exit(exitCode(err))
	}
}

// exitCode tells a mistake of the caller's (2) from everything else (1).
func exitCode(err error) int {
	if errors.Is(err, app.ErrUsage) {
		return 2
	}
	return 1
}
