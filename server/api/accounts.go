package api

import (
	"net/http"

	"bonafide/server/auth"
)

func userOf(a auth.Account) User {
	return User{ID: a.ID, Name: a.Name, Email: a.Email, Roles: a.Roles, Active: a.Active, CreatedMS: a.CreatedMS, SecondFactor: a.HasSecond, SecondRequired: a.RequireSecond}
}

func meOf(a auth.Account) Me {
	return Me{User: userOf(a), Permissions: a.Permissions(), MustEnrol: !a.Enrolled()}
}

// postSetup creates the first account and signs it in.
func (a *API) postSetup(w http.ResponseWriter, r *http.Request, _ call) error {
	var in SetupRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	account, err := a.Auth.Setup(r.Context(), in.Token, a.address(r), auth.NewAccount{Name: in.Name, Email: in.Email, Password: in.Password})
	if err != nil {
		return err
	}
	token, err := a.Auth.StartSession(r.Context(), account)
	if err != nil {
		return err
	}
	auth.SetCookie(w, token, a.https(r))
	return answer(w, http.StatusCreated, meOf(account))
}

func (a *API) postSession(w http.ResponseWriter, r *http.Request, _ call) error {
	var in SignInRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	account, token, err := a.Auth.SignIn(r.Context(), in.Email, in.Password, in.Code, a.address(r), auth.Token(r))
	if err != nil {
		return err
	}
	auth.SetCookie(w, token, a.https(r))
	return answer(w, http.StatusOK, meOf(account))
}

func (a *API) getSession(w http.ResponseWriter, _ *http.Request, c call) error {
	return answer(w, http.StatusOK, meOf(c.account))
}

// deleteSession signs out; without a session there is nothing to do.
func (a *API) deleteSession(w http.ResponseWriter, r *http.Request, _ call) error {
	if err := a.Auth.SignOut(r.Context(), auth.Token(r)); err != nil {
		return err
	}
	auth.ClearCookie(w, a.https(r))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) getUsers(w http.ResponseWriter, r *http.Request, _ call) error {
	accounts, err := a.Store.Accounts(r.Context())
	if err != nil {
		return err
	}
	out := make([]User, len(accounts))
	for i, u := range accounts {
		out[i] = userOf(u)
	}
	return answer(w, http.StatusOK, out)
}

func (a *API) postUser(w http.ResponseWriter, r *http.Request, c call) error {
	var in UserRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	n := auth.NewAccount{Name: deref(in.Name), Email: deref(in.Email), Password: deref(in.Password), Roles: deref(in.Roles)}
	account, err := a.Auth.CreateUser(r.Context(), c.account.Actor(), n)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, userOf(account))
}

// patchUser changes the fields that are given. Nobody deactivates the account
// they are using: it is nearly always a mistake.
func (a *API) patchUser(w http.ResponseWriter, r *http.Request, c call) error {
	var in UserRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	id := r.PathValue("user")
	if id == c.account.ID && in.Active != nil && !*in.Active {
		return errKeepOwn
	}
	account, err := a.Auth.ChangeUser(r.Context(), c.account.Actor(), id,
		auth.Change{Name: in.Name, Email: in.Email, Password: in.Password, Roles: in.Roles, Active: in.Active, RequireSecond: in.SecondRequired})
	if err != nil {
		return err
	}
	if id == c.account.ID && (in.Password != nil || in.Roles != nil) {
		if err := a.newSession(w, r, account); err != nil {
			return err
		}
	}
	return answer(w, http.StatusOK, userOf(account))
}

// getPeople lists who can be chosen as an interviewer, without addresses.
func (a *API) getPeople(w http.ResponseWriter, r *http.Request, _ call) error {
	accounts, err := a.Store.Accounts(r.Context())
	if err != nil {
		return err
	}
	out := []PersonChoice{}
	for _, u := range accounts {
		if u.Can(auth.HostInterview) {
			out = append(out, PersonChoice{ID: u.ID, Name: u.Name})
		}
	}
	return answer(w, http.StatusOK, out)
}

// deref is what p points to, or the zero value.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
