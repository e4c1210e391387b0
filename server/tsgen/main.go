// Command tsgen writes the front end's types from the Go types that the server
// encodes, one TypeScript file a package, so that the two cannot drift apart.
//
//	go run ./server/tsgen          writes web/src/gen/*.ts
//	go run ./server/tsgen -check   fails if a file there is not what it would write
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// packages are the Go packages whose exported types cross the wire, in order
// of dependency, and the folder of each.
var packages = []struct{ name, dir string }{
	{"evidence", "server/evidence"},
	{"interview", "server/interview"},
	{"retention", "server/retention"},
	{"auth", "server/auth"},
	{"signaling", "server/signaling"},
	{"api", "server/api"},
}

// files says which files of a package hold wire types; a package that is not
// named here is read whole.
var files = map[string][]string{
	"signaling": {"messages.go", "cardmessages.go", "factmessages.go", "enrolmessages.go"},
	"auth":      {"roles.go"},
	"retention": {"policy.go", "fate.go"},
	"api":       {"types.go", "cardtypes.go", "accesstypes.go", "audittypes.go", "candidatetypes.go", "secondtypes.go", "seriestypes.go", "facestypes.go", "matchestypes.go", "retentiontypes.go"},
	"evidence":  {"kind.go", "finding.go", "entry.go", "payload.go", "series.go", "fact.go", "access.go", "candidate.go", "step.go", "checkrate.go", "enrolled.go", "cards.go", "runsheet.go", "part.go", "template.go", "picture.go"},
}

func main() {
	check := flag.Bool("check", false, "compare instead of writing; exit 1 where a file is stale")
	out := flag.String("out", "web/src/gen", "folder of the generated files")
	flag.Parse()
	if err := run(*out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "tsgen:", err)
		os.Exit(1)
	}
}

func run(out string, check bool) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, p := range packages {
		text, err := generate(p.dir, files[p.name])
		if err != nil {
			return fmt.Errorf("generating from %s: %w", p.dir, err)
		}
		path := filepath.Join(out, p.name+".ts")
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, text) {
			continue
		}
		if check {
			return fmt.Errorf("%s is not what the Go types say; run: make generate", path)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", path)
	}
	return nil
}
