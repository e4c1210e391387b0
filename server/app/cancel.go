package app

import "context"

// cancelled sends away who waits for an interview that was cancelled, closes
// its log, and computes when its record goes.
func (a *App) cancelled(id string) {
	a.hub.Cancelled(id)
	a.background.Go(func() {
		if err := a.proofs.seal(context.Background(), id); err != nil {
			a.log.Error("the log of a cancelled interview could not be closed and signed; the next start does it", "interview", id, "err", err)
		}
		if err := a.records.Refresh(context.Background(), id); err != nil {
			a.log.Error("when the record of a cancelled interview goes; the next sweep computes it", "interview", id, "err", err)
		}
	})
}
