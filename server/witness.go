package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"bonafide/server/app"
)

// witnessCmd runs a witness of other servers' logs.
type witnessCmd struct {
	Addr string   `help:"Address to serve on." default:":8090" env:"BONAFIDE_WITNESS_ADDR"`
	Name string   `help:"Name of the witness in its signatures, such as witness.example.org/1; used when its key is made." default:"bonafide-witness" env:"BONAFIDE_WITNESS_NAME"`
	Dir  string   `help:"Folder of the witness's key and of what it has seen." default:"witness" env:"BONAFIDE_WITNESS_DIR"`
	Log  []string `name:"log-key" help:"Public key of a log to watch (name+fingerprint+base64), as the verifying program prints it; may be repeated. After a rotation give the new key too." placeholder:"KEY"`
}

// Run is called by kong.
func (c *witnessCmd) Run(ctx context.Context, log *slog.Logger) (err error) {
	w, err := app.OpenWitness(c.Dir, c.Name, c.Log, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	fmt.Println("This witness's public key, for --witness-key of the servers and --witness of verify:")
	fmt.Println(w.Key())
	return w.Run(ctx, c.Addr)
}
