// Package place knows where claimed places are and how high the sun stands
// there: the reference places of time zones, from the table of the operating
// system's time zone data, and the position of the sun.
package place

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Place is the reference place of a time zone: where its clocks were taken
// from, usually its largest town.
type Place struct {
	Zone      string  // IANA name, e.g. "Europe/Lisbon"
	Name      string  // e.g. "Lisbon"
	Country   string  // e.g. "Portugal"; several are divided by ", "; "" if not known
	Comment   string  // e.g. "Portugal (mainland)"
	Latitude  float64 // degrees, north is positive
	Longitude float64 // degrees, east is positive
}

// Label is how the place is shown and kept: "Lisbon, Portugal".
func (p Place) Label() string {
	if p.Country == "" {
		return p.Name
	}
	return p.Name + ", " + p.Country
}

// Table is the reference places of all zones.
type Table struct {
	places []Place
	byZone map[string]int
}

// DefaultDir is where Debian's package tzdata puts its tables.
const DefaultDir = "/usr/share/zoneinfo"

// Load reads the tables zone.tab (a place a country and zone), zone1970.tab
// (the same for zones that agree since 1970, for what zone.tab lacks) and
// iso3166.tab (names of countries) of a folder. Where the folder has none of
// the first two, the table is empty, and the error says so.
func Load(dir string) (*Table, error) {
	countries := map[string]string{}
	if err := readTable(filepath.Join(dir, "iso3166.tab"), func(r io.Reader) (err error) {
		countries, err = ParseCountries(r)
		return err
	}); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &Table{}, err
	}
	t := &Table{byZone: map[string]int{}}
	for _, name := range []string{"zone.tab", "zone1970.tab"} {
		err := readTable(filepath.Join(dir, name), func(r io.Reader) error {
			places, err := ParseZones(r, countries)
			for _, p := range places {
				if _, known := t.byZone[p.Zone]; !known {
					t.byZone[p.Zone] = len(t.places)
					t.places = append(t.places, p)
				}
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return t, err
		}
	}
	if len(t.places) == 0 {
		return t, fmt.Errorf("reading places: %s has neither zone.tab nor zone1970.tab; install the package tzdata", dir)
	}
	slices.SortFunc(t.places, func(a, b Place) int { return strings.Compare(a.Label(), b.Label()) })
	for i, p := range t.places {
		t.byZone[p.Zone] = i
	}
	return t, nil
}

func readTable(path string, parse func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading places: %w", err)
	}
	defer f.Close()
	if err := parse(f); err != nil {
		return fmt.Errorf("reading places from %s: %w", path, err)
	}
	return nil
}

// Places lists the places by label.
func (t *Table) Places() []Place { return t.places }

// Find returns the reference place of a zone.
func (t *Table) Find(zone string) (Place, bool) {
	i, ok := t.byZone[zone]
	if !ok {
		return Place{}, false
	}
	return t.places[i], true
}

// ParseCountries reads lines of a two-letter code, a tab and a name.
func ParseCountries(r io.Reader) (map[string]string, error) {
	out := map[string]string{}
	err := eachLine(r, func(fields []string) error {
		if len(fields) != 2 || len(fields[0]) != 2 || fields[1] == "" {
			return fmt.Errorf("want a code of two letters, a tab and a name")
		}
		out[fields[0]] = fields[1]
		return nil
	})
	return out, err
}

// ParseZones reads lines of country codes (divided by commas), coordinates as
// in ISO 6709, a zone's name and perhaps a comment, divided by tabs.
func ParseZones(r io.Reader, countries map[string]string) ([]Place, error) {
	var out []Place
	err := eachLine(r, func(fields []string) error {
		if len(fields) < 3 || fields[2] == "" {
			return fmt.Errorf("want country codes, coordinates and a zone, divided by tabs")
		}
		p := Place{Zone: fields[2]}
		if len(fields) > 3 {
			p.Comment = fields[3]
		}
		var names []string
		for _, code := range strings.Split(fields[0], ",") {
			if name, ok := countries[code]; ok {
				names = append(names, name)
			}
		}
		p.Country = strings.Join(names, ", ")
		p.Name = strings.ReplaceAll(p.Zone[strings.LastIndex(p.Zone, "/")+1:], "_", " ")
		var err error
		p.Latitude, p.Longitude, err = ParseCoordinates(fields[1])
		if err == nil {
			out = append(out, p)
		}
		return err
	})
	return out, err
}

// eachLine calls f with the fields of every line that is no comment.
func eachLine(r io.Reader, f func(fields []string) error) error {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := f(strings.Split(line, "\t")); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return lines.Err()
}

// ParseCoordinates reads ISO 6709 as the tables write it: ±DDMM±DDDMM or
// ±DDMMSS±DDDMMSS, latitude first.
func ParseCoordinates(text string) (latitude, longitude float64, err error) {
	second := -1
	if len(text) > 1 {
		second = strings.LastIndexAny(text, "+-")
	}
	if second < 1 {
		return 0, 0, fmt.Errorf("coordinates %q are not of the form ±DDMM±DDDMM", text)
	}
	if latitude, err = degrees(text[:second], 2, 90); err != nil {
		return 0, 0, fmt.Errorf("latitude of %q: %w", text, err)
	}
	if longitude, err = degrees(text[second:], 3, 180); err != nil {
		return 0, 0, fmt.Errorf("longitude of %q: %w", text, err)
	}
	return latitude, longitude, nil
}

// degrees reads a sign, digits of degrees (so many), two of minutes and
// perhaps two of seconds.
func degrees(text string, width int, most float64) (float64, error) {
	digits := text[1:]
	if n := len(digits) - width; n != 2 && n != 4 {
		return 0, fmt.Errorf("%q has %d digits; want %d or %d", text, len(digits), width+2, width+4)
	}
	if text[0] != '+' && text[0] != '-' || strings.Trim(digits, "0123456789") != "" {
		return 0, fmt.Errorf("%q is not a sign and digits", text)
	}
	number := func(s string) (n float64) {
		for _, c := range s {
			n = n*10 + float64(c-'0')
		}
		return n
	}
	v := number(digits[:width])
	minutes, seconds := number(digits[width:width+2]), number(digits[width+2:])
	if minutes > 59 || seconds > 59 {
		return 0, fmt.Errorf("%q has more than 59 minutes or seconds", text)
	}
	v += minutes/60 + seconds/3600
	if v > most {
		return 0, fmt.Errorf("%q is beyond %g degrees", text, most)
	}
	if text[0] == '-' {
		v = -v
	}
	return v, nil
}
