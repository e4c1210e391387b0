package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"bonafide/server/api"
	"bonafide/server/audit"
	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// proofs makes the log provable: it signs checkpoints, closes the log of an
// ended interview, and exports bundles. Commands use it beside a running
// server: whatever touches the key runs while the log's write lock is held.
type proofs struct {
	store    *store.Store
	keys     *audit.Keys
	vault    *vault.Vault
	mediaDir string
	log      *slog.Logger
	// vouching is told of new checkpoints; nil where nobody vouches, and in commands.
	vouching *vouching
}

func newProofs(cfg Config, s *store.Store, v *vault.Vault, log *slog.Logger) *proofs {
	return &proofs{s, audit.NewKeys(cfg.keysDir()), v, cfg.mediaDir(), log, nil}
}

// checkpoint signs the log as it is; where nothing was added since the newest
// checkpoint, that one is returned.
func (p *proofs) checkpoint(ctx context.Context, reason store.CheckpointReason) (store.Checkpoint, error) {
	c, err := p.store.Checkpoint(ctx, reason, p.keys.Sign)
	if err == nil {
		p.vouching.nudge()
	}
	return c, err
}

// seal ends the log of an interview with an entry that counts its entries,
// and signs it. More may follow, such as reviews; they do not change the count.
func (p *proofs) seal(ctx context.Context, interviewID string) error {
	if _, err := p.store.AppendCounted(ctx, interviewID, evidence.EntrySealed, evidence.System); err != nil {
		return err
	}
	_, err := p.checkpoint(ctx, store.AtInterview)
	return err
}

// start seals what an earlier run left ended but not sealed, and checks that
// the key is there.
func (p *proofs) start(ctx context.Context) error {
	left, err := p.store.Unsealed(ctx)
	if err != nil {
		return err
	}
	for _, id := range left {
		if _, err := p.store.AppendCounted(ctx, id, evidence.EntrySealed, evidence.System); err != nil {
			return err
		}
	}
	_, err = p.checkpoint(ctx, store.AtStart)
	return err
}

// every signs the log each time that the interval has passed, until ctx ends.
func (p *proofs) every(ctx context.Context, interval time.Duration) error {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			if _, err := p.checkpoint(ctx, store.AtHour); err != nil && ctx.Err() == nil {
				p.log.Error("the hourly checkpoint could not be signed; it is tried again in an hour", "err", err)
			}
		}
	}
}

// receipt returns the checkpoint that closed an interview's log, or
// store.ErrNotFound while there is none.
func (p *proofs) receipt(ctx context.Context, iv interview.Interview) (store.Checkpoint, []byte, error) {
	sealed, err := p.store.Records(ctx, store.EntryQuery{Interview: iv.ID, Kinds: []evidence.EntryKind{evidence.EntrySealed}, Limit: 1})
	if err != nil {
		return store.Checkpoint{}, nil, err
	}
	if len(sealed) == 0 {
		return store.Checkpoint{}, nil, fmt.Errorf("the log of interview %s is not closed yet: %w", iv.ID, store.ErrNotFound)
	}
	c, err := p.store.CheckpointCovering(ctx, sealed[0].Seq)
	if err != nil {
		return store.Checkpoint{}, nil, err
	}
	what := "ended"
	if iv.State == interview.Cancelled {
		what = "was cancelled"
	}
	heading := fmt.Sprintf("Receipt for the interview %s, which %s on %s (UTC)", iv.ID, what, time.UnixMilli(iv.EndedMS).UTC().Format("2006-01-02 at 15:04"))
	s, err := signedOf(c)
	return c, audit.Receipt(heading, s), err
}

// signedOf opens a kept checkpoint with the keys kept beside it.
func signedOf(c store.Checkpoint) (audit.Signed, error) {
	opened, _, err := audit.Open(c.Note, c.Keys)
	if err != nil {
		return audit.Signed{}, fmt.Errorf("checkpoint %d, as it is kept: %w", c.ID, err)
	}
	return audit.Signed{Checkpoint: opened, Keys: c.Keys, Note: c.Note}, nil
}

// export writes the bundle of an interview, after an entry that says so.
// anchors are receipts to prove growth from.
func (p *proofs) export(ctx context.Context, interviewID string, by evidence.Actor, anchors [][]byte, w io.Writer) (audit.Written, error) {
	src := audit.Source{Interview: interviewID, Created: p.store.Now(), Program: Version, Tree: p.store.Tree(ctx)}
	for _, text := range anchors {
		c, err := audit.PeekReceipt(text)
		if err != nil {
			return audit.Written{}, fmt.Errorf("%w: the receipt: %w", ErrUsage, err)
		}
		src.Anchors = append(src.Anchors, c.Size)
	}
	if _, err := p.store.Interview(ctx, interviewID); err != nil {
		return audit.Written{}, err
	}
	if _, err := p.store.AppendCounted(ctx, interviewID, evidence.EntryExport, by); err != nil {
		return audit.Written{}, err
	}
	newest, err := p.checkpoint(ctx, store.AtExport)
	if err != nil {
		return audit.Written{}, err
	}
	if src.Newest, err = signedOf(newest); err != nil {
		return audit.Written{}, err
	}
	for _, size := range src.Anchors {
		if size > newest.Size {
			return audit.Written{}, fmt.Errorf("%w: the receipt is of %d entries, this log has %d: it is of another log, or entries were lost", ErrUsage, size, newest.Size)
		}
	}
	if err := p.gather(ctx, &src, newest); err != nil {
		return audit.Written{}, err
	}
	media, err := os.OpenRoot(p.mediaDir)
	if err != nil {
		return audit.Written{}, fmt.Errorf("opening the folder of recordings: %w", err)
	}
	defer media.Close()
	src.Media = p.vault.FS(media)
	src.SignText = func(text string) (signed []byte, err error) {
		return signed, errors.Join(p.store.WithNewestCheckpoint(ctx, func(newest []byte) error {
			signed, err = p.keys.SignText(text, newest)
			return err
		}))
	}
	return audit.WriteBundle(ctx, w, src)
}

// gather reads from the database what a bundle holds.
func (p *proofs) gather(ctx context.Context, src *audit.Source, newest store.Checkpoint) error {
	records, err := p.store.Records(ctx, store.EntryQuery{Interview: src.Interview})
	if err != nil {
		return err
	}
	src.People = map[string]audit.Person{}
	people, err := p.store.Participants(ctx, src.Interview)
	if err != nil {
		return err
	}
	var ids []string
	sealed := int64(0)
	for _, r := range records {
		if r.Seq > newest.Size {
			break // written since the checkpoint
		}
		src.Records = append(src.Records, audit.Record{Seq: r.Seq, Canonical: r.Canonical, Salt: r.Salt, Part: r.Part})
		e, err := evidence.ParseEntry(r.Canonical)
		if err != nil {
			return err
		}
		if e.Kind == evidence.EntrySealed && sealed == 0 {
			sealed = e.Seq
		}
		ids = append(ids, e.Actor.ID)
	}
	names, err := p.store.Names(ctx, ids)
	if err != nil {
		return err
	}
	for id, name := range names {
		src.People[id] = audit.Person{Name: name}
	}
	for _, person := range people {
		src.People[person.ID] = audit.Person{Name: person.Name, Role: string(person.Role)}
	}
	return p.earlier(ctx, src, newest, sealed)
}

// earlier adds the checkpoints that a bundle shows to be contained in the
// newest: those where the key was replaced, the one that closed the interview,
// for which receipts were given, and those that outsiders vouched for.
func (p *proofs) earlier(ctx context.Context, src *audit.Source, newest store.Checkpoint, sealed int64) error {
	all, err := p.store.Checkpoints(ctx, store.AtRotation)
	if err != nil {
		return err
	}
	if sealed > 0 {
		closing, err := p.store.CheckpointCovering(ctx, sealed)
		if err != nil {
			return err
		}
		all = append(all, closing)
	}
	said, vouchers, err := vouched(ctx, p.store, max(sealed, 1))
	if err != nil {
		return err
	}
	for _, v := range vouchers {
		if v.Size <= newest.Size {
			src.Vouchers = append(src.Vouchers, v)
		}
	}
	all = append(all, said...)
	slices.SortFunc(all, func(a, b store.Checkpoint) int { return cmp.Compare(a.ID, b.ID) })
	all = slices.CompactFunc(all, func(a, b store.Checkpoint) bool { return a.ID == b.ID })
	for _, c := range all {
		if c.ID >= newest.ID {
			continue
		}
		s, err := signedOf(c)
		if err != nil {
			return err
		}
		src.Earlier = append(src.Earlier, audit.EarlierSigned{Signed: s, Reason: string(c.Reason), WallMS: c.WallMS})
	}
	return nil
}

// rotate replaces the key.
func (p *proofs) rotate(ctx context.Context, lost bool) (store.Checkpoint, error) {
	c, err := p.store.RotateKey(ctx, auth.Command, lost, func(newest []byte) (string, store.SignFunc, error) {
		verifier, sign, err := p.keys.Rotate(newest, lost)
		return verifier, func(size int64, root audit.Hash, _ []byte) (*audit.Signed, error) { return sign(size, root) }, err
	})
	if err != nil {
		return c, err
	}
	return c, p.store.WithNewestCheckpoint(ctx, p.keys.Settle)
}

// endings tell when the entry that ends an interview is in the log: the room
// writes it in its own time, after the recordings were told to finish.
type endings struct {
	mu   sync.Mutex
	done map[string]chan struct{}
}

func (e *endings) of(id string) chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done == nil {
		e.done = map[string]chan struct{}{}
	}
	c, ok := e.done[id]
	if !ok {
		c = make(chan struct{}, 1)
		e.done[id] = c
	}
	return c
}

// logged says that the entry is in the log.
func (e *endings) logged(id string) {
	select {
	case e.of(id) <- struct{}{}:
	default:
	}
}

// wait returns when the entry is in the log, or false when it takes too long.
func (e *endings) wait(id string, atMost time.Duration) bool {
	defer func() {
		e.mu.Lock()
		delete(e.done, id)
		e.mu.Unlock()
	}()
	select {
	case <-e.of(id):
		return true
	case <-time.After(atMost):
		return false
	}
}

// receipt and export are what the HTTP interface needs.

func (a *App) receipt(ctx context.Context, iv interview.Interview) (api.Receipt, error) {
	c, text, err := a.proofs.receipt(ctx, iv)
	if errors.Is(err, store.ErrNotFound) {
		return api.Receipt{}, nil
	}
	if err != nil {
		return api.Receipt{}, err
	}
	return api.Receipt{Ready: true, File: "receipt-" + iv.ID + ".txt", Text: string(text), Size: c.Size, WallMS: c.WallMS}, nil
}

func (a *App) export(ctx context.Context, interviewID string, by evidence.Actor, w io.Writer) error {
	done, err := a.proofs.export(ctx, interviewID, by, nil, w)
	for _, d := range done.Differs {
		a.log.Error("a file differs from the log", "interview", interviewID, "what", d)
	}
	return err
}
