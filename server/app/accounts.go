package app

import (
	"context"
	"log/slog"

	"bonafide/server/auth"
	"bonafide/server/store"
)

// WithAccounts opens the database of a data folder for a command on the
// console, beside a running server or without one.
func WithAccounts(ctx context.Context, data string, log *slog.Logger, do func(*store.Store, *auth.Service) error) error {
	cfg := Config{Data: data}
	s, _, err := cfg.openStore(ctx, log)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s, auth.New(s, log))
}
