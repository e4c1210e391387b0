package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bonafide/server/interview"
)

// folding numbers the way in which fold writes; raising it makes the next
// start write what interviews are found by anew.
const folding = 1

// letters that have no decomposition in Unicode, as people type them who do not
// have them on their keyboard.
var letters = map[rune]string{
	'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'ħ': "h", 'ŧ': "t", 'ı': "i", 'ŋ': "n", 'ɨ': "i", 'ƀ': "b", 'ǥ': "g", 'ə': "e",
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ĳ': "ij",
}

// fold writes a text as it is searched: in small letters, without accents, and
// with plain letters for those of letters. So "Zabłocka" is found by
// "zablocka", and the other way round.
func fold(text string) string {
	if ascii(text) {
		return strings.ToLower(text)
	}
	var out strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch plain, ok := letters[r]; {
		case ok:
			out.WriteString(plain)
		case unicode.Is(unicode.Mn, r): // accents, now apart from their letters
		default:
			out.WriteRune(unicode.ToLower(r)) // the decomposition may give capitals, as that of ℌ does
		}
	}
	return out.String()
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// words are those of a search, folded.
func words(text string) []string { return strings.Fields(fold(text)) }

// searched is what a search for an interview looks through: the folded name, a
// line feed, and the folded role.
func searched(name, role string) string {
	oneLine := func(s string) string { return strings.ReplaceAll(fold(s), "\n", " ") }
	return oneLine(name) + "\n" + oneLine(role)
}

// refold writes what interviews are found by as fold writes it now, where that
// was done by an earlier version of the program.
func (s *Store) refold(ctx context.Context) error {
	for {
		rows, err := s.read.QueryContext(ctx, `SELECT id, candidate_name, role FROM interviews WHERE folding <> ? LIMIT 2000`, folding)
		old, err := collect(rows, err, func(rows *sql.Rows) (i interview.Interview, err error) {
			return i, rows.Scan(&i.ID, &i.CandidateName, &i.Role)
		})
		if err != nil || len(old) == 0 {
			return err
		}
		err = s.tx(ctx, func(tx *sql.Tx) error {
			for _, i := range old {
				// The name may have been deleted or changed meanwhile by another process.
				_, err := tx.ExecContext(ctx, `UPDATE interviews SET search = ?, folding = ? WHERE id = ? AND candidate_name = ? AND role = ?`,
					searched(i.CandidateName, i.Role), folding, i.ID, i.CandidateName, i.Role)
				if err != nil {
					return fmt.Errorf("folding the name of interview %q: %w", i.ID, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
