package recorder

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
)

// Identifiers become parts of file names, so they are held to what is safe in
// every file system and URL.
var (
	nameRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)
	fileRule = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9_.-]{0,99})-(` + StreamCamera + `|` + StreamScreen + `)-([0-9]{1,6})\.webm$`)
)

func checkName(what, v string) error {
	if !nameRule.MatchString(v) {
		return fmt.Errorf("%s is %q, must be 1 to 100 letters, digits, dots, dashes and underscores, beginning with a letter or digit", what, v)
	}
	return nil
}

// fileName gives the slash path of a segment below the recordings folder.
func fileName(k key, n int) string {
	return fmt.Sprintf("%s/%s-%s-%d.webm", k.interview, k.participant, k.stream, n)
}

// parseFileName undoes fileName for a name within an interview's folder.
func parseFileName(interview, name string) (k key, n int, ok bool) {
	m := fileRule.FindStringSubmatch(name)
	if m == nil {
		return key{}, 0, false
	}
	n, err := strconv.Atoi(m[3])
	return key{interview, m[1], m[2]}, n, err == nil
}

// lastNumber gives the number of the newest segment that exists, 0 for none.
func lastNumber(root *os.Root, k key) (int, error) {
	entries, err := fs.ReadDir(root.FS(), k.interview)
	if err != nil {
		return 0, fmt.Errorf("listing the recordings of the interview: %w", err)
	}
	last := 0
	for _, e := range entries {
		if other, n, ok := parseFileName(k.interview, e.Name()); ok && other == k {
			last = max(last, n)
		}
	}
	return last, nil
}
