package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"bonafide/server/app"
	"bonafide/server/auth"
	"bonafide/server/store"
)

// userCmd looks after accounts on the console, beside a running server or
// without one.
type userCmd struct {
	Data string `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`

	Add        userAddCmd        `cmd:"" help:"Add an account."`
	Reset      userResetCmd      `cmd:"" help:"Set a new password; ends the account's sessions."`
	Forget     userForgetCmd     `cmd:"" name:"forget-second" help:"Take an account's second factor away, whose owner lost it; ends its sessions."`
	Roles      userRolesCmd      `cmd:"" help:"Replace an account's roles."`
	Deactivate userDeactivateCmd `cmd:"" help:"Forbid an account to sign in; ends its sessions."`
	Activate   userActivateCmd   `cmd:"" help:"Allow a deactivated account to sign in again."`
	List       userListCmd       `cmd:"" help:"List the accounts."`
}

// password is how a command that needs one is given it.
type password struct {
	PasswordStdin bool `help:"Read the password from standard input; without this one is drawn and printed."`
}

// get returns the password, and whether it was drawn here and must be shown.
func (p password) get() (string, bool, error) {
	if !p.PasswordStdin {
		return strings.ToLower(rand.Text()), true, nil
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", false, fmt.Errorf("%w: --password-stdin was given, but standard input holds no line (%v)", app.ErrUsage, err)
	}
	return line, false, nil
}

type userAddCmd struct {
	Email string      `arg:"" help:"E-mail address; the person signs in with it."`
	Name  string      `required:"" help:"Name of the person."`
	Role  []auth.Role `required:"" help:"interviewer, reviewer, auditor or admin; several with commas."`
	password
}

// Run is called by kong.
func (c *userAddCmd) Run(ctx context.Context, log *slog.Logger, u *userCmd) error {
	pw, drawn, err := c.get()
	if err != nil {
		return err
	}
	return app.WithAccounts(ctx, u.Data, log, func(_ *store.Store, s *auth.Service) error {
		a, err := s.CreateUser(ctx, auth.Command, auth.NewAccount{Name: c.Name, Email: c.Email, Password: pw, Roles: c.Role})
		if err != nil {
			return err
		}
		fmt.Printf("added %s (%s)\n", a.Email, a.ID)
		show(pw, drawn)
		return nil
	})
}

type userResetCmd struct {
	Email string `arg:"" help:"E-mail address of the account."`
	password
}

// Run is called by kong.
func (c *userResetCmd) Run(ctx context.Context, log *slog.Logger, u *userCmd) error {
	pw, drawn, err := c.get()
	if err != nil {
		return err
	}
	if err := change(ctx, log, u, c.Email, auth.Change{Password: &pw}); err != nil {
		return err
	}
	fmt.Println("the password was changed")
	show(pw, drawn)
	return nil
}

type userForgetCmd struct {
	Email string `arg:"" help:"E-mail address of the account."`
}

// Run is called by kong.
func (c *userForgetCmd) Run(ctx context.Context, log *slog.Logger, u *userCmd) error {
	return app.WithAccounts(ctx, u.Data, log, func(_ *store.Store, s *auth.Service) error {
		a, err := s.AccountOf(ctx, c.Email)
		if err != nil {
			return err
		}
		return s.ResetSecond(ctx, auth.Command, a.ID)
	})
}

type userRolesCmd struct {
	Email string      `arg:"" help:"E-mail address of the account."`
	Role  []auth.Role `arg:"" help:"The new roles."`
}

// Run is called by kong.
func (c *userRolesCmd) Run(ctx context.Context, log *slog.Logger, u *userCmd) error {
	return change(ctx, log, u, c.Email, auth.Change{Roles: &c.Role})
}

type userDeactivateCmd struct {
	Email string `arg:"" help:"E-mail address of the account."`
}

// Run is called by kong.
func (c *userDeactivateCmd) Run(ctx context.Context, log *slog.Logger, u *userCmd) error {
	active := false
	return change(ctx, log, u, c.Email, auth.Change{Active: &active})
}

type userActivateCmd struct {
	Email string `arg:"" help:"E-mail address of the account."`
}

// Run is called by kong.
func (c *userActivateCmd) Run(ctx context.Context, log *slog.Logger, u *userCmd) error {
	active := true
	return change(ctx, log, u, c.Email, auth.Change{Active: &active})
}

type userListCmd struct{}

// Run is called by kong.
func (c *userListCmd) Run(ctx context.Context, log *slog.Logger, u *userCmd) error {
	return app.WithAccounts(ctx, u.Data, log, func(db *store.Store, _ *auth.Service) error {
		all, err := db.Accounts(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "E-MAIL\tNAME\tROLES\tACTIVE\tCREATED")
		for _, a := range all {
			roles := make([]string, len(a.Roles))
			for i, r := range a.Roles {
				roles[i] = string(r)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%v\t%s\n", a.Email, a.Name, strings.Join(roles, ","), a.Active,
				time.UnixMilli(a.CreatedMS).Format(time.DateOnly))
		}
		return w.Flush()
	})
}

func change(ctx context.Context, log *slog.Logger, u *userCmd, email string, c auth.Change) error {
	return app.WithAccounts(ctx, u.Data, log, func(_ *store.Store, s *auth.Service) error {
		a, err := s.AccountOf(ctx, email)
		if err != nil {
			return err
		}
		_, err = s.ChangeUser(ctx, auth.Command, a.ID, c)
		return err
	})
}

func show(password string, drawn bool) {
	if drawn {
		fmt.Println("password:", password)
	}
}
