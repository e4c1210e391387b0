package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGenerate(t *testing.T) {
	dir := t.TempDir()
	src := "package p\n\n" +
		"// Colour is a colour.\ntype Colour string\n\n" +
		"const (\n\tRed Colour = \"red\"\n\tBlue Colour = \"blue\"\n\thidden = 1\n\tMax = 5\n)\n\n" +
		"// Box is a box.\ntype Box struct {\n" +
		"\tA int `json:\"a\"` // a side\n" +
		"\tB []string `json:\"b\"`\n" +
		"\tC *Colour `json:\"c,omitempty\"`\n" +
		"\tD map[Colour]bool `json:\"d\"`\n" +
		"\tE q.Thing `json:\"e\"`\n" +
		"\tF string `json:\"-\"`\n" +
		"\tG func()\n}\n\n" +
		"// Lid is a box too.\ntype Lid struct {\n\tBox\n\tH int `json:\"h\"`\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := generate(dir, []string{"p.go"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"export type Colour = \"red\" | \"blue\";",
		"import type * as q from \"./q\";",
		"  /** a side */\n  a: number;",
		"  b: string[] | null;",
		"  c?: Colour;",
		"  d: Partial<Record<Colour, boolean>> | null;",
		"  e: q.Thing;",
		"export const Red: Colour = \"red\";",
		"export const Max = 5;",
		"export interface Lid extends Box {\n  h: number;",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("missing %q in:\n%s", want, got)
		}
	}
	for _, no := range []string{"hidden", "F", "G"} {
		if strings.Contains(string(got), "  "+no) || strings.Contains(string(got), "const "+no) {
			t.Errorf("%q should not be there:\n%s", no, got)
		}
	}
}

// TestFilesAreCurrent is what keeps the committed TypeScript true.
func TestFilesAreCurrent(t *testing.T) {
	t.Chdir("../..")
	if err := run("web/src/gen", true); err != nil {
		t.Error(err)
	}
}
