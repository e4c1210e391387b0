package api

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/place"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// Config is what the routes are built over.
type Config struct {
	Store     *store.Store
	Auth      *auth.Service
	Signaling http.Handler // serves /ws
	Web       fs.FS        // the built pages, index.html at the root
	MediaDir  string       // recordings and stills; must exist

	Policy   interview.RecordingPolicy
	KeepDays int    // told to candidates; 0 = until deleted
	Operator string // who runs the server; "" if not configured
	Version  string

	TLS        bool   // the server itself speaks HTTPS
	PublicURL  string // where browsers reach it, e.g. https://interview.example.org; "" = as requested
	TrustProxy bool   // believe X-Forwarded-Proto and X-Forwarded-For
	LinkHours  int    // how long a link is valid by default

	DiskLow func() bool // nil: never
	// Finishing tells whether the last entries of an interview that has ended
	// are still being written. nil: never.
	Finishing func(interviewID string) bool
	// Cancelled is told of an interview that was cancelled, to send those away
	// who wait for it. nil: nobody can.
	Cancelled func(interviewID string)
	// Levels gives the sound level of a recording, one value in dBFS for each
	// 100 ms from its beginning. nil: no levels are served.
	Levels func(recording io.ReaderAt, size int64) ([]float32, error)
	// Places are those that the interview's form offers; nil for none.
	Places *place.Table
	// Records deletes parts of records. nil: nothing is deleted.
	Records Records
	// Pictures keeps profile pictures. nil: none can be added.
	Pictures Pictures
	// Vault opens what is encrypted; nil serves plain files only.
	Vault *vault.Vault
	// Receipt gives the signed checkpoint that closed an interview's log; not
	// ready before there is one. nil: there are no receipts.
	Receipt func(context.Context, interview.Interview) (Receipt, error)
	// What candidates see of their own record beside what is kept of them.
	CandidateFindings bool // what was found
	CandidateNames    bool // the names of those who saw it; else only their roles
	// OIDC signs people in with another identity provider. nil: nobody is.
	OIDC *auth.OIDC
	// Verifier compares the log and the files with what was signed. nil: it
	// cannot be asked to.
	Verifier Verifier
	// Export logs and writes the bundle of an interview. nil: nothing is exported.
	Export func(ctx context.Context, interviewID string, by evidence.Actor, w io.Writer) error
}

// API is the server's HTTP interface, an http.Handler. Close it after the
// last request.
type API struct {
	Config
	log     *slog.Logger
	media   *os.Root
	now     func() time.Time
	handler http.Handler

	lobby     *auth.Limiter
	visits    visits
	faces     faceIndex
	reports   *auth.Limiter      // of what was played, by account
	computing singleflight.Group // levels, by file
	picturing chan struct{}      // holds one value for each picture that is being read
	decoding  chan struct{}      // holds one value while a recording is decoded for its levels
}

// New returns the handler of everything that the server serves.
func New(cfg Config, log *slog.Logger) (*API, error) {
	a, err := build(cfg, log)
	if err != nil {
		return nil, fmt.Errorf("building the HTTP interface: %w", err)
	}
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.method+" "+r.pattern, a.serve(r))
	}
	mux.Handle("/ws", cfg.Signaling)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, errNoRoute) })
	mux.Handle("/", a.pages())
	a.handler = a.headers(a.sameOrigin(mux))
	return a, nil
}

// ServeHTTP makes the API an http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Close closes the folder of recordings.
func (a *API) Close() error { return a.media.Close() }

// build checks the configuration.
func build(cfg Config, log *slog.Logger) (*API, error) {
	for name, missing := range map[string]bool{"Store": cfg.Store == nil, "Auth": cfg.Auth == nil, "Signaling": cfg.Signaling == nil, "Web": cfg.Web == nil} {
		if missing {
			return nil, fmt.Errorf("%s is missing", name)
		}
	}
	a := &API{Config: cfg, log: log, now: cfg.Store.Now, decoding: make(chan struct{}, 1), picturing: make(chan struct{}, maxPictures)}
	if cfg.LinkHours < 1 || cfg.LinkHours > maxLinkHours {
		return nil, fmt.Errorf("links valid for %d hours; use 1 to %d", cfg.LinkHours, maxLinkHours)
	}
	if a.DiskLow == nil {
		a.DiskLow = func() bool { return false }
	}
	var err error
	if a.media, err = os.OpenRoot(cfg.MediaDir); err != nil {
		return nil, fmt.Errorf("opening the folder of recordings: %w", err)
	}
	a.lobby = auth.NewLimiter(2*time.Second, 30, a.now)
	a.reports = auth.NewLimiter(2*time.Second, 30, a.now)
	return a, nil
}

// access says who may call a route.
type access int

const (
	public    access = iota // anybody
	signedIn                // any active account
	permitted               // an account with one of the route's permissions
)

// scope says what the account must be allowed to do with the interview that
// the path names.
type scope func(auth.Account, interview.Interview) bool

// route is a line of the table of routes.
type route struct {
	method  string
	pattern string
	access  access
	need    []auth.Permission // any of them; with permitted
	scope   scope             // of interview {id}; nil for paths without one
	handle  func(*API, http.ResponseWriter, *http.Request, call) error
}

// call is what is known of a request before its handler runs.
type call struct {
	account   auth.Account        // zero on public routes
	interview interview.Interview // of {id}; zero on routes without a scope
}

// routes is everything under /api, and who may call it.
var routes = []route{
	{"GET", "/healthz", public, nil, nil, (*API).getHealth},
	{"GET", "/api/server", public, nil, nil, (*API).getServer},
	{"GET", "/api/kinds", public, nil, nil, (*API).getKinds},
	{"POST", "/api/setup", public, nil, nil, (*API).postSetup},
	{"POST", "/api/session", public, nil, nil, (*API).postSession},
	{"DELETE", "/api/session", public, nil, nil, (*API).deleteSession},
	{"GET", "/api/oidc", public, nil, nil, (*API).getOIDC},
	{"GET", "/api/oidc/callback", public, nil, nil, (*API).getOIDCCallback},
	{"POST", "/api/lobby", public, nil, nil, (*API).postLobby},
	{"POST", "/api/lobby/receipt", public, nil, nil, (*API).postLobbyReceipt},
	{"POST", "/api/candidate", public, nil, nil, (*API).postCandidate},
	{"POST", "/api/candidate/answers", public, nil, nil, (*API).postCandidateAnswer},
	{"POST", "/api/candidate/deletions", public, nil, nil, (*API).postCandidateDeletion},

	{"GET", "/api/session", signedIn, nil, nil, (*API).getSession},
	{"GET", "/api/account", signedIn, nil, nil, (*API).getAccount},
	{"POST", "/api/account/password", signedIn, nil, nil, (*API).postPassword},
	{"POST", "/api/account/second", signedIn, nil, nil, (*API).postSecond},
	{"POST", "/api/account/second/confirm", signedIn, nil, nil, (*API).postSecondConfirm},
	{"POST", "/api/account/second/remove", signedIn, nil, nil, (*API).postSecondRemove},
	{"DELETE", "/api/users/{user}/second", permitted, one(auth.ManageUsers), nil, (*API).deleteSecond},
	{"GET", "/api/users", permitted, one(auth.ManageUsers), nil, (*API).getUsers},
	{"POST", "/api/users", permitted, one(auth.ManageUsers), nil, (*API).postUser},
	{"PATCH", "/api/users/{user}", permitted, one(auth.ManageUsers), nil, (*API).patchUser},
	{"GET", "/api/people", permitted, one(auth.CreateInterview), nil, (*API).getPeople},

	{"GET", "/api/log", permitted, one(auth.ReadLog), nil, (*API).getServerLog},
	{"GET", "/api/records", permitted, searchers, nil, (*API).getRecords},
	{"GET", "/api/records/file", permitted, searchers, nil, (*API).getRecordsFile},
	{"GET", "/api/searches", permitted, searchers, nil, (*API).getSearches},
	{"POST", "/api/searches", permitted, searchers, nil, (*API).postSearch},
	{"DELETE", "/api/searches/{search}", permitted, searchers, nil, (*API).deleteSearch},
	{"GET", "/api/verification", permitted, one(auth.VerifyRecords), nil, (*API).getVerification},
	{"POST", "/api/verification", permitted, one(auth.VerifyRecords), nil, (*API).postVerification},
	{"GET", "/api/templates", permitted, one(auth.CreateInterview), nil, (*API).getTemplates},
	{"POST", "/api/templates", permitted, one(auth.EditTemplates), nil, (*API).postTemplate},
	{"PUT", "/api/templates/{template}", permitted, one(auth.EditTemplates), nil, (*API).putTemplate},
	{"DELETE", "/api/templates/{template}", permitted, one(auth.EditTemplates), nil, (*API).deleteTemplate},
	{"GET", "/api/places", permitted, one(auth.CreateInterview), nil, (*API).getPlaces},
	{"GET", "/api/retention", permitted, one(auth.ManageRetention), nil, (*API).getRetention},
	{"PUT", "/api/retention/policies/{policy}", permitted, one(auth.ManageRetention), nil, (*API).putPolicy},
	{"POST", "/api/retention/requests/{request}/answer", permitted, one(auth.ManageRetention), nil, (*API).postRequestAnswer},
	{"GET", "/api/interviews", permitted, readers, nil, (*API).getInterviews},
	{"POST", "/api/interviews", permitted, one(auth.CreateInterview), nil, (*API).postInterview},
	{"GET", "/api/interviews/{id}", permitted, readers, mayRead, (*API).getInterview},
	{"PUT", "/api/interviews/{id}", permitted, one(auth.CreateInterview), mayChange, (*API).putInterview},
	{"POST", "/api/interviews/{id}/cancel", permitted, one(auth.CancelInterview), mayChange, (*API).postCancel},
	{"POST", "/api/interviews/{id}/links", permitted, one(auth.CreateInterview), mayChange, (*API).postLink},
	{"DELETE", "/api/interviews/{id}/links/{link}", permitted, one(auth.CreateInterview), mayChange, (*API).deleteLink},

	{"GET", "/api/interviews/{id}/review", permitted, readers, mayRead, (*API).getReview},
	{"POST", "/api/interviews/{id}/reviews", permitted, one(auth.ReviewFindings), mayRead, (*API).postReview},
	{"POST", "/api/interviews/{id}/verdicts", permitted, one(auth.HostInterview), mayHost, (*API).postVerdict},
	{"GET", "/api/interviews/{id}/levels/{participant}", permitted, readers, mayRead, (*API).getLevels},
	{"GET", "/api/interviews/{id}/series", permitted, readers, mayRead, (*API).getSeries},
	{"GET", "/api/interviews/{id}/faces", permitted, readers, mayRead, (*API).getFaces},
	{"GET", "/api/interviews/{id}/matches", permitted, one(auth.SearchFaces), mayRead, (*API).getMatches},
	{"POST", "/api/interviews/{id}/picture", permitted, one(auth.AddPicture), mayRead, (*API).postPicture},
	{"POST", "/api/interviews/{id}/matches/verdicts", permitted, one(auth.JudgeMatches), mayRead, (*API).postMatchVerdict},
	{"GET", "/api/interviews/{id}/media/{file...}", permitted, readers, mayRead, (*API).getMedia},
	{"GET", "/api/interviews/{id}/stills/{sha256}", permitted, readers, mayRead, (*API).getStill},
	{"GET", "/api/interviews/{id}/log", permitted, one(auth.ReadLog), mayRead, (*API).getLog},
	{"GET", "/api/interviews/{id}/retention", permitted, readers, mayRead, (*API).getRecordRetention},
	{"POST", "/api/interviews/{id}/outcome", permitted, one(auth.DecideInterview), mayRead, (*API).postOutcome},
	{"POST", "/api/interviews/{id}/holds", permitted, one(auth.ManageRetention), mayRead, (*API).postHold},
	{"POST", "/api/interviews/{id}/holds/{hold}/release", permitted, one(auth.ManageRetention), mayRead, (*API).releaseHold},
	{"POST", "/api/interviews/{id}/deletions", permitted, one(auth.ManageRetention), mayRead, (*API).postPartDeletion},
	{"POST", "/api/interviews/{id}/requests", permitted, one(auth.ManageRetention), mayRead, (*API).postRequest},
	{"GET", "/api/interviews/{id}/receipt", permitted, readers, mayRead, (*API).getReceipt},
	{"GET", "/api/interviews/{id}/bundle", permitted, one(auth.ExportRecord), mayRead, (*API).getBundle},
	{"POST", "/api/interviews/{id}/played", permitted, readers, mayRead, (*API).postPlayed},
	{"GET", "/api/interviews/{id}/check", permitted, readers, mayRead, (*API).getCheck},
	{"GET", "/api/interviews/{id}/access", permitted, one(auth.ReadAccess), mayRead, (*API).getAccess},
}

var readers = []auth.Permission{auth.ReadOwn, auth.ReadAll}

func one(p auth.Permission) []auth.Permission { return []auth.Permission{p} }

var (
	mayRead   scope = auth.Account.MayRead
	mayChange scope = auth.Account.MayChange
	mayHost   scope = auth.Account.MayHost
)

// serve wraps a route: who is asking, whether they may, and what an error
// becomes.
func (a *API) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Answers are about one person's session unless a handler says more.
		w.Header().Set("Cache-Control", "no-store")
		c, err := a.admit(r.Context(), rt, r)
		if wasRefused(err) {
			a.refused(r.Context(), rt, r, c)
		}
		if what, ok := shows[rt.method+" "+rt.pattern]; ok && err == nil {
			err = a.seen(r.Context(), c, what, "")
		}
		if err == nil {
			err = rt.handle(a, w, r, c)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

// admit checks a route's access, permissions and scope. An interview that the
// account may not even read does not exist for it. What is known of the caller
// is returned with an error too.
func (a *API) admit(ctx context.Context, rt route, r *http.Request) (call, error) {
	if rt.access == public {
		return call{}, nil
	}
	account, err := a.Auth.Authenticate(ctx, r)
	if err != nil {
		return call{}, err
	}
	c := call{account: account}
	if rt.access == permitted {
		may := false
		for _, p := range rt.need {
			may = may || account.Can(p)
		}
		if !account.Enrolled() {
			return c, auth.ErrMustEnrol
		}
		if !may {
			return c, auth.ErrForbidden
		}
	}
	if rt.scope != nil {
		if c.interview, err = a.Store.Interview(ctx, r.PathValue("id")); err != nil {
			return call{}, err
		}
		if !account.MayRead(c.interview) {
			return c, errNotYours
		}
		if !rt.scope(account, c.interview) {
			return c, auth.ErrForbidden
		}
	}
	return c, nil
}

// getHealth answers GET /healthz, for monitors: 503 when the database fails.
func (a *API) getHealth(w http.ResponseWriter, r *http.Request, _ call) error {
	h, status := Health{Status: "ok", Database: "ok", Disk: "ok", Version: a.Version}, http.StatusOK
	if a.DiskLow() {
		h.Disk = "low"
	}
	if err := a.Store.Ping(r.Context()); err != nil {
		a.log.Error("the database does not answer", "error", err)
		h.Status, h.Database, status = "failing", "failing", http.StatusServiceUnavailable
	}
	return answer(w, status, h)
}

func (a *API) getServer(w http.ResponseWriter, r *http.Request, _ call) error {
	needed, err := a.Auth.SetupNeeded(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, ServerInfo{SetupNeeded: needed, Policy: a.Policy, KeepDays: a.KeepDays, Operator: a.Operator,
		Secure: a.cameraAllowed(r), DiskLow: a.DiskLow(), OIDC: a.OIDC != nil, Version: a.Version, Kinds: evidence.Kinds})
}

func (a *API) getKinds(w http.ResponseWriter, _ *http.Request, _ call) error {
	return answer(w, http.StatusOK, evidence.Kinds)
}

// https reports whether the browser reached us over HTTPS.
func (a *API) https(r *http.Request) bool {
	if a.TLS || r.TLS != nil {
		return true
	}
	if host, ok := strings.CutPrefix(a.PublicURL, "https://"); ok && host == r.Host {
		return true // a proxy in front speaks it
	}
	return a.TrustProxy && r.Header.Get("X-Forwarded-Proto") == "https"
}

// cameraAllowed reports whether browsers open the camera on this origin:
// over HTTPS, or on the machine itself.
func (a *API) cameraAllowed(r *http.Request) bool {
	switch hostname(r.Host) {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	return a.https(r)
}

// baseURL is where browsers reach the server, without a slash at the end.
func (a *API) baseURL(r *http.Request) string {
	if a.PublicURL != "" {
		return strings.TrimRight(a.PublicURL, "/")
	}
	if a.https(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
