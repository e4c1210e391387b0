package main

import (
	"context"
	"fmt"
	"log/slog"

	"bonafide/models"
)

// modelsCmd looks after the model files.
type modelsCmd struct {
	Fetch   modelsFetchCmd   `cmd:"" help:"Fetch, convert and check what is missing."`
	Samples modelsSamplesCmd `cmd:"" help:"Fetch the sample pictures that the project's tests use."`
	Check   modelsCheckCmd   `cmd:"" help:"Check every model file against its hash and load it."`
}

type modelsFetchCmd struct {
	Dir string `help:"Folder of the model files." default:"models/data" env:"BONAFIDE_MODELS"`
}

// Run is called by kong.
func (c *modelsFetchCmd) Run(ctx context.Context, log *slog.Logger) error {
	return models.Fetch(ctx, c.Dir, log)
}

type modelsSamplesCmd struct {
	Dir string `help:"Folder of the model files." default:"models/data" env:"BONAFIDE_MODELS"`
}

// Run is called by kong.
func (c *modelsSamplesCmd) Run(ctx context.Context, log *slog.Logger) error {
	return models.FetchSamples(ctx, c.Dir, log)
}

type modelsCheckCmd struct {
	Dir string `help:"Folder of the model files." default:"models/data" env:"BONAFIDE_MODELS"`
}

// Run is called by kong.
func (c *modelsCheckCmd) Run() error {
	set, err := models.Open(c.Dir)
	if err != nil {
		return err
	}
	defer set.Close()
	fmt.Println("every model file is as it should be")
	return nil
}
