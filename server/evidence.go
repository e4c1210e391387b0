package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"bonafide/server/app"
)

// exportCmd writes the bundle of one interview.
type exportCmd struct {
	ID     string   `arg:"" help:"The interview's identifier, as in the address of its page."`
	Out    string   `short:"o" help:"File to write. Default: interview-ID.zip." placeholder:"FILE"`
	Anchor []string `help:"A receipt or checkpoint that was kept elsewhere; the bundle then proves that the log only grew since." type:"existingfile" placeholder:"FILE"`
	Data   string   `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *exportCmd) Run(ctx context.Context, log *slog.Logger) error {
	if c.Out == "" {
		c.Out = "interview-" + filepath.Base(c.ID) + ".zip"
	}
	var receipts [][]byte
	for _, path := range c.Anchor {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%w: reading --anchor: %w", app.ErrUsage, err)
		}
		receipts = append(receipts, text)
	}
	// Written beside its place and moved there when it is whole.
	f, err := os.CreateTemp(filepath.Dir(c.Out), ".export-*.tmp")
	if err != nil {
		return fmt.Errorf("%w: writing --out: %w", app.ErrUsage, err)
	}
	done, err := app.ExportBundle(ctx, c.Data, c.ID, receipts, f, log)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), c.Out)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	fmt.Printf("wrote %s: %d files, %d bytes\n", c.Out, done.Files, done.Bytes)
	for _, g := range done.Gone {
		fmt.Printf("no longer kept: the %s %s of entry %d\n", g.What, g.Path, g.Seq)
	}
	for _, d := range done.Differs {
		fmt.Println("WARNING:", d)
	}
	return nil
}

// checkpointCmd prints a signed checkpoint of the log.
type checkpointCmd struct {
	Data string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *checkpointCmd) Run(ctx context.Context, log *slog.Logger) error {
	note, err := app.SignCheckpoint(ctx, c.Data, log)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(note)
	return err
}

// keysCmd looks after the key that signs checkpoints and after the master key.
type keysCmd struct {
	Rotate keysRotateCmd `cmd:"" help:"Replace the key that signs checkpoints; the checkpoint that introduces the new one is signed by both."`
	Rewrap keysRewrapCmd `cmd:"" help:"Replace the master key, with the server stopped: every key of the key store is encrypted with the new one."`
	Seal   keysSealCmd   `cmd:"" help:"Encrypt recordings that an earlier version of the program left as they were, with the server stopped."`
}

type keysRotateCmd struct {
	Lost bool   `help:"The present key is lost for good. Records from before the loss will be shown as signed by an unrelated key."`
	Data string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *keysRotateCmd) Run(ctx context.Context, log *slog.Logger) error {
	note, keys, err := app.RotateKey(ctx, c.Data, c.Lost, log)
	if err != nil {
		return err
	}
	fmt.Printf("%s\nThe log's public key is now:\n%s\nBack up the folder %s, apart from the database.\n", note, keys[len(keys)-1], filepath.Join(c.Data, "keys"))
	return nil
}

type keysRewrapCmd struct {
	Data string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *keysRewrapCmd) Run(ctx context.Context, log *slog.Logger) error {
	n, file, err := app.RewrapKeys(ctx, c.Data, log)
	if err != nil {
		return err
	}
	fmt.Printf("%d keys are encrypted with a new master key, %s.\nBack it up now, then make a backup: the copy of the key store is still encrypted with the old master key until then. "+
		"Destroy copies of the old master key after that.\n", n, file)
	return nil
}

type keysSealCmd struct {
	Data string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *keysSealCmd) Run(ctx context.Context, log *slog.Logger) error {
	n, faults, err := app.SealRecordings(ctx, c.Data, log)
	fmt.Printf("%d recordings and pictures are encrypted that were not.\n", n)
	for _, f := range faults {
		fmt.Println("FAIL:", f)
	}
	if err == nil && len(faults) > 0 {
		err = errors.New("not every file could be encrypted")
	}
	return err
}

// verifyLogCmd checks the whole log where it lies.
type verifyLogCmd struct {
	Data string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *verifyLogCmd) Run(ctx context.Context, log *slog.Logger) error {
	r, err := app.VerifyLog(ctx, c.Data, nil, log)
	if err != nil {
		return err
	}
	fmt.Printf("%d entries, %d parts (%d deleted), %d signed checkpoints, root %s\n", r.Size, r.Parts, r.Deleted, r.Checkpoints, r.Root)
	for _, f := range r.Faults {
		fmt.Println("FAIL:", f)
	}
	if r.Unnamed > 0 {
		fmt.Printf("FAIL: and %d more\n", r.Unnamed)
	}
	if len(r.Faults) > 0 {
		return errors.New("the log does not hold")
	}
	fmt.Println("The log holds: no entry was changed, added, left out or put in another place by anybody but the holder of its key.")
	return nil
}
