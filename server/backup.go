package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"bonafide/server/app"
)

// backupCmd copies a data folder.
type backupCmd struct {
	Dir  string `arg:"" help:"Folder of the backup; made if missing, brought up to date if there."`
	Keys string `help:"Folder for the copy of the key store: not in the backup, and never an old copy. Default: the backup's folder with -keystore behind." placeholder:"DIR"`
	Data string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *backupCmd) Run(ctx context.Context, log *slog.Logger) error {
	r, err := app.Backup(ctx, app.Config{Data: c.Data}, c.Dir, c.Keys, log)
	if err != nil {
		return err
	}
	fmt.Printf("%d entries, root %s\n%d files, %d of them copied now (%d bytes), %d removed whose keys are destroyed\n", r.Entries, r.Root, r.Manifest.Files, r.New, r.Copied.Bytes, r.Pruned)
	fmt.Printf("The key store is in %s: keep only this newest copy. The keys in the folder keys (master key, signing key) are not in the backup: keep a copy of them elsewhere.\n", r.KeyStore)
	return nil
}

// restoreCmd makes a data folder from a backup.
type restoreCmd struct {
	Dir  string `arg:"" help:"Folder of the backup." type:"existingdir"`
	Keys string `help:"Folder of the newest copy of the key store. Default: the backup's folder with -keystore behind." placeholder:"DIR"`
	Data string `help:"Folder to make; the folder keys with the master key and the signing key must be in it already." default:"recordings" env:"BONAFIDE_DATA"`
}

// Run is called by kong.
func (c *restoreCmd) Run(ctx context.Context, log *slog.Logger) error {
	r, err := app.Restore(ctx, app.Config{Data: c.Data}, c.Dir, c.Keys, log)
	if err != nil {
		return err
	}
	for _, t := range r.Again {
		fmt.Printf("deleted again: the %s of interview %s (entry %d)\n", t.Part, t.Interview, t.Seq)
	}
	fmt.Printf("%d entries, %d signed checkpoints, %d recordings and stills are what the log says\n", r.Log.Size, r.Log.Checkpoints, r.Files)
	for _, f := range append(r.Log.Faults, r.Faults...) {
		fmt.Println("FAIL:", f)
	}
	if r.Lacking > 0 {
		fmt.Printf("FAIL: the names of %d records cannot be opened: the key store lacks their keys\n", r.Lacking)
	}
	if len(r.Log.Faults)+len(r.Faults)+r.Lacking > 0 {
		return errors.New("what was restored does not hold")
	}
	fmt.Println("What was restored holds. What was recorded after the backup is not in it: a receipt from after it cannot be checked against this log.")
	return nil
}
