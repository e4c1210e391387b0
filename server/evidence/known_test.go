package evidence

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"
)

func TestEveryEntryKindIsKnown(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	look := func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, typed := spec.Type.(*ast.Ident); !typed || name.Name != "EntryKind" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if found++; !KnownEntry(EntryKind(text)) {
			t.Errorf("%s (%s) is not in knownKinds", spec.Names[0].Name, text)
		}
		return true
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, look)
	}
	if found != len(knownKinds) {
		t.Errorf("the package has %d kinds, knownKinds %d", found, len(knownKinds))
	}
	if KnownEntry("of.later") {
		t.Error("a kind that nothing writes is known")
	}
}
