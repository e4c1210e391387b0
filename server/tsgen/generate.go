package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
)

// source is one Go package as it is turned into one TypeScript module.
type source struct {
	specs   []declared          // exported types in order of files and lines
	unions  map[string][]string // string type -> its constants' values
	consts  []string            // lines "export const …"
	imports map[string]bool     // packages that fields refer to
}

type declared struct {
	spec *ast.TypeSpec
	doc  string
}

// generate reads the named files of a folder (all but tests where none are
// named) and returns the TypeScript module of their exported types.
func generate(dir string, names []string) ([]byte, error) {
	if len(names) == 0 {
		all, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			if !strings.HasSuffix(f, "_test.go") {
				names = append(names, filepath.Base(f))
			}
		}
	}
	src := &source{unions: map[string][]string{}, imports: map[string]bool{}}
	fset := token.NewFileSet()
	for _, n := range names {
		path := filepath.Join(dir, n)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(fset, path, text, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		src.collect(file)
	}
	return src.render(filepath.Base(dir))
}

// collect takes the exported types and constants of one file.
func (s *source) collect(file *ast.File) {
	for _, d := range file.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() {
					doc := spec.Doc.Text()
					if doc == "" {
						doc = gen.Doc.Text()
					}
					s.specs = append(s.specs, declared{spec, doc})
				}
			case *ast.ValueSpec:
				if gen.Tok == token.CONST {
					s.constant(spec)
				}
			}
		}
	}
}

// constant takes typed string constants as members of a union, and exported
// literal constants as values.
func (s *source) constant(spec *ast.ValueSpec) {
	typ := ""
	if id, ok := spec.Type.(*ast.Ident); ok {
		typ = id.Name
	}
	for i, name := range spec.Names {
		if !name.IsExported() || i >= len(spec.Values) {
			continue
		}
		lit, ok := spec.Values[i].(*ast.BasicLit)
		if !ok {
			continue
		}
		annotation := ""
		if typ != "" {
			s.unions[typ] = append(s.unions[typ], lit.Value)
			annotation = ": " + typ
		}
		s.consts = append(s.consts, fmt.Sprintf("export const %s%s = %s;", name.Name, annotation, lit.Value))
	}
}

func (s *source) render(pkg string) ([]byte, error) {
	var body bytes.Buffer
	for _, d := range s.specs {
		if err := s.declare(&body, d); err != nil {
			return nil, fmt.Errorf("type %s: %w", d.spec.Name.Name, err)
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "// Generated from the Go package %s by server/tsgen; do not edit.\n", pkg)
	var imports []string
	for p := range s.imports {
		imports = append(imports, p)
	}
	sort.Strings(imports)
	for _, p := range imports {
		fmt.Fprintf(&out, "import type * as %s from \"./%s\";\n", p, p)
	}
	out.WriteString("\n")
	out.Write(body.Bytes())
	for _, c := range s.consts {
		out.WriteString(c + "\n")
	}
	return out.Bytes(), nil
}

func (s *source) declare(out *bytes.Buffer, d declared) error {
	name := d.spec.Name.Name
	switch t := d.spec.Type.(type) {
	case *ast.StructType:
		writeDoc(out, "", d.doc)
		base, err := s.embedded(t)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "export interface %s%s {\n", name, base)
		for _, f := range t.Fields.List {
			if err := s.field(out, f); err != nil {
				return err
			}
		}
		out.WriteString("}\n\n")
	case *ast.Ident:
		writeDoc(out, "", d.doc)
		if values := s.unions[name]; len(values) > 0 {
			fmt.Fprintf(out, "export type %s = %s;\n\n", name, strings.Join(values, " | "))
			return nil
		}
		ts, err := s.typescript(t)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "export type %s = %s;\n\n", name, ts)
	}
	return nil // interfaces and functions do not cross the wire
}

// embedded names the structs whose fields are this one's too: encoding/json
// writes them beside its own.
func (s *source) embedded(t *ast.StructType) (string, error) {
	var names []string
	for _, f := range t.Fields.List {
		if len(f.Names) > 0 || f.Tag != nil {
			continue
		}
		ts, err := s.typescript(f.Type)
		if err != nil {
			return "", fmt.Errorf("embedded struct: %w", err)
		}
		names = append(names, ts)
	}
	if len(names) == 0 {
		return "", nil
	}
	return " extends " + strings.Join(names, ", "), nil
}

// field writes one struct field. A slice, map or pointer may be null on the
// wire; with omitempty it is absent instead.
func (s *source) field(out *bytes.Buffer, f *ast.Field) error {
	if f.Tag == nil || len(f.Names) != 1 {
		return nil // no json tag: not a wire type's field
	}
	tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
	name, opts, _ := strings.Cut(tag, ",")
	if name == "" || name == "-" {
		return nil
	}
	ts, err := s.typescript(f.Type)
	if err != nil {
		return fmt.Errorf("field %s: %w", f.Names[0].Name, err)
	}
	mark := ""
	switch f.Type.(type) {
	case *ast.ArrayType, *ast.MapType, *ast.StarExpr:
		if !strings.Contains(opts, "omitempty") {
			ts += " | null"
		}
	}
	if strings.Contains(opts, "omitempty") {
		mark = "?"
	}
	doc := f.Doc.Text()
	if doc == "" {
		doc = f.Comment.Text()
	}
	writeDoc(out, "  ", doc)
	fmt.Fprintf(out, "  %s%s: %s;\n", name, mark, ts)
	return nil
}

func (s *source) typescript(e ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.Ident:
		switch e.Name {
		case "string":
			return "string", nil
		case "bool":
			return "boolean", nil
		case "int", "int32", "int64", "uint32", "float32", "float64", "uint8", "uint16":
			return "number", nil
		case "any":
			return "unknown", nil
		}
		return e.Name, nil
	case *ast.ArrayType:
		el, err := s.typescript(e.Elt)
		if strings.Contains(el, " ") {
			el = "(" + el + ")"
		}
		return el + "[]", err
	case *ast.MapType:
		k, err := s.typescript(e.Key)
		if err != nil {
			return "", err
		}
		v, err := s.typescript(e.Value)
		if k != "string" {
			return fmt.Sprintf("Partial<Record<%s, %s>>", k, v), err
		}
		return fmt.Sprintf("Record<%s, %s>", k, v), err
	case *ast.StarExpr:
		return s.typescript(e.X)
	case *ast.SelectorExpr:
		pkg := e.X.(*ast.Ident).Name
		if pkg == "json" && e.Sel.Name == "RawMessage" {
			return "unknown", nil
		}
		s.imports[pkg] = true
		return pkg + "." + e.Sel.Name, nil
	}
	return "", fmt.Errorf("%T has no TypeScript form here", e)
}

func writeDoc(out *bytes.Buffer, indent, doc string) {
	doc = strings.TrimSpace(strings.ReplaceAll(doc, "*/", "* /"))
	if doc == "" {
		return
	}
	lines := strings.Split(doc, "\n")
	if len(lines) == 1 {
		fmt.Fprintf(out, "%s/** %s */\n", indent, lines[0])
		return
	}
	fmt.Fprintf(out, "%s/**\n", indent)
	for _, l := range lines {
		fmt.Fprintf(out, "%s\n", strings.TrimRight(indent+" * "+l, " "))
	}
	fmt.Fprintf(out, "%s */\n", indent)
}
