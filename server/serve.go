package main

import (
	"context"
	"errors"
	"log/slog"

	"bonafide/server/app"
)

// serveCmd runs the server; its flags are the server's configuration.
type serveCmd struct {
	app.Config `embed:""`
}

// Run is called by kong.
func (c *serveCmd) Run(ctx context.Context, log *slog.Logger) error {
	a, err := app.New(ctx, c.Config, log)
	if err != nil {
		return err
	}
	return errors.Join(a.Run(ctx), a.Close())
}
