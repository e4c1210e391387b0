package place

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// Known heights: at noon of an equinox the sun stands 90 degrees less the
// latitude high, at a solstice 23.44 more or less; sunrises and sunsets are
// those of published almanacs, at which the sun stands at -0.833 degrees.
func TestElevation(t *testing.T) {
	for _, c := range []struct {
		name     string
		at       string
		lat, lon float64
		want     float64
		within   float64
	}{
		{"equator, equinox 2024, solar noon", "2024-03-20T12:07:25Z", 0, 0, 90, 0.2},
		{"Greenwich, June solstice, solar noon", "2024-06-20T12:01:50Z", 51.4779, 0, 90 - 51.4779 + 23.44, 0.05},
		{"Greenwich, December solstice, solar noon", "2024-12-21T11:58:00Z", 51.4779, 0, 90 - 51.4779 - 23.44, 0.05},
		{"Sydney, December solstice, solar noon", "2024-12-21T01:53:10Z", -33.8667, 151.2167, 90 - 33.8667 + 23.44, 0.1},
		{"London, sunset of 2024-06-20 (20:21 UTC)", "2024-06-20T20:21:30Z", 51.5074, -0.1278, horizon, 0.3},
		{"London, sunrise of 2024-12-21 (08:04 UTC)", "2024-12-21T08:04:00Z", 51.5074, -0.1278, horizon, 0.3},
		{"New York, sunrise of 2024-03-20 (10:59 UTC)", "2024-03-20T10:59:30Z", 40.7128, -74.006, horizon, 0.3},
		{"North Pole, June solstice", "2024-06-20T00:00:00Z", 90, 0, 23.44, 0.02},
		{"South Pole, June solstice", "2024-06-20T00:00:00Z", -90, 0, -23.44, 0.02},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := Elevation(at, c.lat, c.lon); math.Abs(got-c.want) > c.within {
			t.Errorf("%s: %.3f, want %.3f", c.name, got, c.want)
		}
		// The zone in which the instant is written must not matter.
		local := Elevation(at.In(time.FixedZone("", 9*3600)), c.lat, c.lon)
		if got := Elevation(at, c.lat, c.lon); math.Abs(local-got) > 1e-9 {
			t.Errorf("%s: %g in another zone, %g in UTC", c.name, local, got)
		}
	}
}

func TestLight(t *testing.T) {
	for elevation, want := range map[float64]string{45: "day", 0: "day", -0.8: "day", -0.9: "twilight", -6: "twilight", -6.1: "night", -40: "night"} {
		if got := Light(elevation); got != want {
			t.Errorf("%g is %s, want %s", elevation, got, want)
		}
	}
}

func TestParseCoordinates(t *testing.T) {
	for text, want := range map[string][2]float64{
		"+3843-00908":     {38 + 43/60.0, -(9 + 8/60.0)},
		"-690022+0393524": {-(69 + 22/3600.0), 39 + 35/60.0 + 24/3600.0},
		"+0000+00000":     {0, 0},
		"+9000-18000":     {90, -180},
	} {
		lat, lon, err := ParseCoordinates(text)
		if err != nil || math.Abs(lat-want[0]) > 1e-9 || math.Abs(lon-want[1]) > 1e-9 {
			t.Errorf("%s: %g, %g, %v; want %v", text, lat, lon, err, want)
		}
	}
	for _, text := range []string{"", "+", "+-", "3843-00908", "+384-00908", "+3843-0908", "+3860-00908", "+9001+00000", "+0000+18001", "+38a3-00908", "+3843", "+38433-009088"} {
		if lat, lon, err := ParseCoordinates(text); err == nil {
			t.Errorf("%q was read as %g, %g", text, lat, lon)
		}
	}
}

func TestParseZones(t *testing.T) {
	countries, err := ParseCountries(strings.NewReader("# codes\nPT\tPortugal\nBE\tBelgium\n"))
	if err != nil || countries["PT"] != "Portugal" {
		t.Fatal(countries, err)
	}
	places, err := ParseZones(strings.NewReader("#code\tcoordinates\tTZ\tcomments\nPT\t+3843-00908\tEurope/Lisbon\tPortugal (mainland)\n\nBE,XX\t+5050+00420\tEurope/Brussels\n"), countries)
	if err != nil || len(places) != 2 || places[0].Label() != "Lisbon, Portugal" || places[0].Comment != "Portugal (mainland)" || places[1].Label() != "Brussels, Belgium" {
		t.Errorf("%+v, %v", places, err)
	}
	for _, bad := range []string{"PT\t+3843-00908", "PT +3843-00908 Europe/Lisbon", "PT\tsomewhere\tEurope/Lisbon", "PT\t+3843-00908\t"} {
		_, err := ParseZones(strings.NewReader("PT\t+3843-00908\tEurope/Lisbon\n"+bad+"\n"), countries)
		if err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v; want an error about line 2", bad, err)
		}
	}
	for _, bad := range []string{"Portugal", "PRT\tPortugal", "PT\t"} {
		if _, err := ParseCountries(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was taken as a country", bad)
		}
	}
}

func TestLoad(t *testing.T) {
	empty, err := Load(t.TempDir())
	if err == nil || len(empty.Places()) != 0 {
		t.Errorf("a folder without tables gave %d places, %v", len(empty.Places()), err)
	}
	if d := empty.Daylight("Europe/Lisbon", time.Now()); d.Light != "" || d.Place != "" || d.Zone != "Europe/Lisbon" {
		t.Errorf("daylight without a table: %+v", d)
	}
	if _, err := os.Stat(DefaultDir + "/zone.tab"); err != nil {
		t.Skip("this machine has no zone table:", err)
	}
	table, err := Load(DefaultDir)
	if err != nil || len(table.Places()) < 300 {
		t.Fatalf("%d places, %v", len(table.Places()), err)
	}
	lisbon, ok := table.Find("Europe/Lisbon")
	if !ok || lisbon.Label() != "Lisbon, Portugal" || math.Abs(lisbon.Latitude-38.7167) > 0.001 {
		t.Errorf("Lisbon is %+v", lisbon)
	}
	noon := table.Daylight("Europe/Lisbon", time.Date(2024, 6, 20, 12, 30, 0, 0, time.UTC))
	night := table.Daylight("Europe/Lisbon", time.Date(2024, 6, 20, 0, 30, 0, 0, time.UTC))
	if noon.Light != "day" || noon.Elevation < 70 || night.Light != "night" || night.Elevation > -20 {
		t.Errorf("noon %+v, night %+v", noon, night)
	}
	if d := table.Daylight("", time.Now()); d.Light != "" {
		t.Errorf("no zone has the light %q", d.Light)
	}
}
