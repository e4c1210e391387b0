package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Migrations are numbered files, applied in order, each in a transaction, and
// never edited once shipped. Number 3 is a step in Go (fillTree).
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// ErrNewer says that a later version of the program wrote the database.
var ErrNewer = errors.New("the database was written by a newer version of this program; use that version, or a backup from before")

// migrations are all of them, over a database.
func migrations(db *sql.DB) (*goose.Provider, error) {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, sub,
		goose.WithGoMigrations(goose.NewGoMigration(3, &goose.GoFunc{RunTx: fillTree}, nil)))
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return p, nil
}

// migrate brings the tables up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	p, err := migrations(db)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading the version of the tables: %w", known(err))
	}
	if current > target {
		return fmt.Errorf("%w (tables %d, program %d)", ErrNewer, current, target)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", known(err))
	}
	return nil
}
