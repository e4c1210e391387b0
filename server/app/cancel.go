package app

import (
	"context"
	"time"
)

// cancelWait is how long the room of a cancelled interview may take to keep
// what it has to; its store is given up on earlier.
const cancelWait = time.Minute

// cancelled sends away who waits for an interview that was cancelled, closes
// its log when the room has written its last entry, and computes when its
// record goes.
func (a *App) cancelled(id string) {
	a.background.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cancelWait)
		defer cancel()
		if err := a.hub.Cancelled(ctx, id); err != nil {
			a.log.Error("the log of a cancelled interview is closed before its room is", "interview", id, "err", err)
		}
		if err := a.proofs.seal(context.Background(), id); err != nil {
			a.log.Error("the log of a cancelled interview could not be closed and signed; the next start does it", "interview", id, "err", err)
		}
		if err := a.records.Refresh(context.Background(), id); err != nil {
			a.log.Error("when the record of a cancelled interview goes could not be computed; the next sweep does it", "interview", id, "err", err)
		}
	})
}
