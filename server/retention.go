package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bonafide/server/app"
)

// retentionCmd is the daily sweep of the server, run by hand.
type retentionCmd struct {
	DryRun bool   `help:"Only show what would be deleted."`
	Days   int    `help:"With --dry-run: what would be deleted within so many days." default:"0" placeholder:"N"`
	Data   string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *retentionCmd) Run(ctx context.Context, log *slog.Logger) error {
	if c.Days < 0 || c.Days > 0 && !c.DryRun {
		return fmt.Errorf("%w: --days %d: use it with --dry-run, and not negative", app.ErrUsage, c.Days)
	}
	done, err := app.SweepRetention(ctx, c.Data, c.DryRun, time.Now().AddDate(0, 0, c.Days), log)
	var failed []error
	for _, d := range done {
		verb := "would delete"
		switch {
		case d.Deleted:
			verb = "deleted"
		case d.Err != nil:
			verb = "could not delete"
			failed = append(failed, d.Err)
		}
		fmt.Printf("%s the %s of interview %s: due %s by the policy %s\n", verb, d.Part, d.Interview, time.UnixMilli(d.DueMS).Format("2006-01-02"), d.Policy)
	}
	if err == nil && len(done) == 0 {
		fmt.Println("Nothing is due.")
	}
	return errors.Join(append(failed, err)...)
}
