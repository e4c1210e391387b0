package api

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// plainHost is a Host header that can be repeated in a policy.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.\-]+(:[0-9]+)?$|^\[[0-9a-fA-F:]+\](:[0-9]+)?$`)

// policy is the Content-Security-Policy of every answer. Inline styles are
// what the component library sets; scripts come from files only.
func policy(host string) string {
	connect := "'self'"
	if plainHost.MatchString(host) {
		connect += " ws://" + host + " wss://" + host // older Safari does not count sockets as 'self'
	}
	return "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; " +
		"img-src 'self' data: blob:; media-src 'self' blob:; connect-src " + connect + "; worker-src 'self' blob:; manifest-src 'self'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

// headers adds the security headers to every answer.
func (a *API) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy(r.Host))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()")
		if a.https(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses requests that change something and come from another
// site's page.
func (a *API) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if guard.Check(r) != nil {
			a.fail(w, r, errCrossOrigin)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// pages serves the built front end. A path that is not a file is a page of
// the single-page application, unless it looks like a file.
func (a *API) pages() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		err := fs.ErrNotExist
		if name != "" {
			err = a.page(w, r, name)
		}
		if errors.Is(err, fs.ErrNotExist) && path.Ext(name) == "" {
			err = a.page(w, r, "index.html")
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = errNoRoute
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

// verifierPage checks bundles without this server: it is there to be kept, and
// its scripts are its own, which the policy of our pages would not run.
const verifierPage = "verify.html"

// page serves one file. The names of files below assets/ contain a hash of
// their content, so they may be kept for good.
func (a *API) page(w http.ResponseWriter, r *http.Request, name string) error {
	f, err := a.Web.Open(name)
	if err != nil {
		if errors.Is(err, fs.ErrInvalid) {
			return fs.ErrNotExist
		}
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	content, ok := f.(io.ReadSeeker)
	if info.IsDir() || !ok {
		return fs.ErrNotExist
	}
	cache := "no-cache"
	if strings.HasPrefix(name, "assets/") {
		cache = "public, max-age=31536000, immutable"
	}
	w.Header().Set("Cache-Control", cache)
	if name == verifierPage {
		w.Header().Set("Content-Disposition", `attachment; filename="`+verifierPage+`"`)
	}
	http.ServeContent(w, r, name, time.Time{}, content)
	return nil
}
