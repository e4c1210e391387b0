package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// diskWatch knows whether the recordings' disk runs low.
type diskWatch struct {
	path  string
	least int64 // bytes below which it is low
	every time.Duration
	log   *slog.Logger
	// changed is called when the disk becomes low, or is no longer.
	changed func(low bool, free int64)
	// free is replaced by tests.
	free func(path string) (int64, error)

	low atomic.Bool
}

// freeBytes is what an unprivileged process may still write at path.
func freeBytes(path string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, fmt.Errorf("asking for the free space of %s: %w", path, err)
	}
	return int64(st.Bavail) * st.Bsize, nil
}

// Low reports what the last look found.
func (d *diskWatch) Low() bool { return d.low.Load() }

// run looks now and then until ctx ends.
func (d *diskWatch) run(ctx context.Context) error {
	t := time.NewTicker(d.every)
	defer t.Stop()
	for {
		d.look()
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (d *diskWatch) look() {
	free, err := d.free(d.path)
	if err != nil {
		d.log.Warn("free space unknown", "err", err)
		return
	}
	low := free < d.least
	if d.low.Swap(low) == low {
		return
	}
	if low {
		d.log.Warn("the disk runs low", "path", d.path, "free_bytes", free, "warn_below", d.least)
	} else {
		d.log.Info("the disk has room again", "path", d.path, "free_bytes", free)
	}
	d.changed(low, free)
}
