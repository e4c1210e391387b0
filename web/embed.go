// Package web holds the built front end, so that the server is one file.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist all:unbuilt
var files embed.FS

// FS returns the built pages with index.html at its root. Where the front end
// was not built (a fresh clone) it holds a single page that says how to.
func FS() fs.FS {
	for _, dir := range []string{"dist", "unbuilt"} {
		sub, err := fs.Sub(files, dir)
		if err != nil {
			continue // a constant path; cannot fail
		}
		if _, err := fs.Stat(sub, "index.html"); err == nil {
			return sub
		}
	}
	return files
}
