package place

import (
	"math"
	"time"

	"bonafide/server/evidence"
)

const radian = math.Pi / 180

// Elevation is the angle in degrees of the sun's centre above the horizon,
// without refraction. It follows the equations of the US National Oceanic and
// Atmospheric Administration's solar calculator (after J. Meeus, Astronomical
// Algorithms), which are good to about 0.01 degrees between 1800 and 2100.
// latitude and longitude are in degrees, north and east positive.
func Elevation(at time.Time, latitude, longitude float64) float64 {
	at = at.UTC()
	const j2000 = 946728000 // Unix time of 2000-01-01 12:00 UTC
	days := float64(at.UnixMilli())/86400e3 - j2000/86400.0
	t := days / 36525 // Julian centuries

	meanLongitude := math.Mod(280.46646+t*(36000.76983+t*0.0003032), 360)
	meanAnomaly := (357.52911 + t*(35999.05029-0.0001537*t)) * radian
	eccentricity := 0.016708634 - t*(0.000042037+0.0000001267*t)
	centre := math.Sin(meanAnomaly)*(1.914602-t*(0.004817+0.000014*t)) +
		math.Sin(2*meanAnomaly)*(0.019993-0.000101*t) + math.Sin(3*meanAnomaly)*0.000289
	node := (125.04 - 1934.136*t) * radian
	apparent := (meanLongitude + centre - 0.00569 - 0.00478*math.Sin(node)) * radian
	obliquity := (23 + (26+(21.448-t*(46.815+t*(0.00059-t*0.001813)))/60)/60 + 0.00256*math.Cos(node)) * radian
	declination := math.Asin(math.Sin(obliquity) * math.Sin(apparent))

	y := math.Tan(obliquity/2) * math.Tan(obliquity/2)
	l := meanLongitude * radian
	equation := 4 / radian * (y*math.Sin(2*l) - 2*eccentricity*math.Sin(meanAnomaly) +
		4*eccentricity*y*math.Sin(meanAnomaly)*math.Cos(2*l) - y*y/2*math.Sin(4*l) -
		1.25*eccentricity*eccentricity*math.Sin(2*meanAnomaly)) // of time, minutes

	minutes := float64(at.Hour()*60+at.Minute()) + float64(at.Second())/60
	hourAngle := ((minutes+equation+4*longitude)/4 - 180) * radian
	phi := latitude * radian
	sine := math.Sin(phi)*math.Sin(declination) + math.Cos(phi)*math.Cos(declination)*math.Cos(hourAngle)
	return math.Asin(max(-1, min(1, sine))) / radian
}

// Sunrise and sunset are at -0.833 degrees: the sun's upper edge, with the
// usual refraction. Civil twilight ends at -6 degrees.
const (
	horizon  = -0.833
	twilight = -6
)

// Light names the light outside for an elevation of the sun.
func Light(elevation float64) string {
	switch {
	case elevation >= horizon:
		return "day"
	case elevation >= twilight:
		return "twilight"
	}
	return "night"
}

// Daylight is what light to expect at a claimed zone's reference place; Place
// and Light are empty where the zone is not in the table.
func (t *Table) Daylight(zone string, at time.Time) evidence.Daylight {
	d := evidence.Daylight{Zone: zone, WallMS: at.UnixMilli()}
	p, ok := t.Find(zone)
	if !ok {
		return d
	}
	d.Place = p.Label()
	d.Elevation = math.Round(Elevation(at, p.Latitude, p.Longitude)*10) / 10
	d.Light = Light(d.Elevation)
	return d
}
