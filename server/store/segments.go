package store

import (
	"context"
	"database/sql"
	"fmt"
)

// AllSegmentFiles lists the files of every finished segment, of all
// interviews, as slash paths below the recordings folder.
func (s *Store) AllSegmentFiles(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT file FROM segments`)
	files, err := collect(rows, err, func(rows *sql.Rows) (f string, err error) { return f, rows.Scan(&f) })
	if err != nil {
		return nil, fmt.Errorf("listing recorded files: %w", err)
	}
	return files, nil
}
