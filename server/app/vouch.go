package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bonafide/server/audit"
	"bonafide/server/store"
	"bonafide/server/witness"
)

// vouching has outsiders vouch for the log's checkpoints: a witness, a
// time-stamp authority, or both. What they say is kept beside the checkpoint
// and goes into bundles. Nothing waits for them.
type vouching struct {
	store   *store.Store
	log     *slog.Logger
	witness string // address; "" without one
	key     audit.WitnessKey
	tsa     string // address; "" without one
	wake    chan struct{}
}

// newVouching returns nil where nobody is to vouch.
func newVouching(cfg Config, s *store.Store, log *slog.Logger) (*vouching, error) {
	if cfg.WitnessURL == "" && cfg.TSAURL == "" {
		return nil, nil
	}
	v := &vouching{store: s, log: log, witness: cfg.WitnessURL, tsa: cfg.TSAURL, wake: make(chan struct{}, 1)}
	if cfg.WitnessURL == "" {
		return v, nil
	}
	var err error
	if v.key, err = audit.ParseWitnessKey(cfg.WitnessKey); err != nil {
		return nil, fmt.Errorf("%w: --witness-key %w", ErrUsage, err)
	}
	return v, nil
}

// nudge says that there may be a new checkpoint. It never waits.
func (v *vouching) nudge() {
	if v == nil {
		return
	}
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// run asks at every nudge, and again after a failure, until ctx ends.
func (v *vouching) run(ctx context.Context, again time.Duration) error {
	t := time.NewTicker(again)
	defer t.Stop()
	for {
		if err := v.once(ctx); err != nil && ctx.Err() == nil {
			v.log.Warn("nobody outside has vouched for the newest checkpoint; it is tried again", "after", again, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-v.wake:
		case <-t.C:
		}
	}
}

// once asks about the newest checkpoint whoever has not vouched for it.
func (v *vouching) once(ctx context.Context) error {
	newest, err := v.store.NewestCheckpoint(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(v.askWitness(ctx, newest), v.askTSA(ctx, newest))
}

func (v *vouching) askWitness(ctx context.Context, newest store.Checkpoint) error {
	if v.witness == "" {
		return nil
	}
	before, _, err := v.store.NewestVouched(ctx, audit.ByWitness, v.key.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if before.ID == newest.ID {
		return nil
	}
	signed, err := signedOf(newest)
	if err != nil {
		return err
	}
	line, err := v.prove(ctx, signed, before.Size)
	var seen *witness.SeenError
	if errors.As(err, &seen) {
		// It saw a checkpoint whose answer was lost, or was set up anew.
		line, err = v.prove(ctx, signed, seen.Size)
	}
	if err != nil {
		return err
	}
	return v.store.AddVoucher(ctx, store.Voucher{Checkpoint: newest.ID, Kind: audit.ByWitness, Source: v.key.Name, Content: []byte(line)})
}

// prove asks the witness, with the proof that the log only grew from a size.
func (v *vouching) prove(ctx context.Context, c audit.Signed, from int64) (string, error) {
	if from > c.Size {
		return "", fmt.Errorf("the witness has seen this log with %d entries, it has %d now: entries were lost, or the database was put back from a backup", from, c.Size)
	}
	growth, err := audit.ProveGrowth(from, c.Size, v.store.Tree(ctx))
	if err != nil {
		return "", err
	}
	return witness.Ask(ctx, v.witness, v.key, audit.AddCheckpoint{Old: from, Growth: growth, Note: c.Note}, c.Checkpoint)
}

func (v *vouching) askTSA(ctx context.Context, newest store.Checkpoint) error {
	if v.tsa == "" {
		return nil
	}
	before, _, err := v.store.NewestVouched(ctx, audit.ByTimestamp, v.tsa)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if before.ID == newest.ID {
		return nil
	}
	token, err := witness.Stamp(ctx, v.tsa, newest.Note)
	if err != nil {
		return err
	}
	return v.store.AddVoucher(ctx, store.Voucher{Checkpoint: newest.ID, Kind: audit.ByTimestamp, Source: v.tsa, Content: token})
}

// vouched finds, of everybody who vouched, the first checkpoint that covers an
// entry and the newest: they go into a bundle with what was said of them.
func vouched(ctx context.Context, s *store.Store, seq int64) ([]store.Checkpoint, []audit.Voucher, error) {
	sources, err := s.VoucherSources(ctx)
	if err != nil {
		return nil, nil, err
	}
	var checkpoints []store.Checkpoint
	var vouchers []audit.Voucher
	add := func(c store.Checkpoint, v store.Voucher, err error) (int64, error) {
		if errors.Is(err, store.ErrNotFound) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		checkpoints = append(checkpoints, c)
		vouchers = append(vouchers, audit.Voucher{Kind: v.Kind, Size: c.Size, WallMS: v.WallMS, Content: v.Content})
		return c.ID, nil
	}
	for _, source := range sources {
		c, v, err := s.Vouched(ctx, source.Kind, source.Source, seq)
		first, err := add(c, v, err)
		if err != nil {
			return nil, nil, err
		}
		if c, v, err = s.NewestVouched(ctx, source.Kind, source.Source); err == nil && c.ID == first {
			continue
		}
		if _, err = add(c, v, err); err != nil {
			return nil, nil, err
		}
	}
	return checkpoints, vouchers, nil
}

// OpenWitness opens the folder of a witness of other servers' logs.
func OpenWitness(dir, name string, logKeys []string, log *slog.Logger) (*witness.Server, error) {
	w, err := witness.Open(dir, name, logKeys, log)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return w, nil
}
