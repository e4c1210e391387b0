package analysis

import (
	"image"
	"time"
)

// Limits of the search for cuts. A cut replaces the wall behind a person too:
// it changes most of the picture, where a person who moves, comes or goes
// changes the part that they fill (TestEvalShots prints both).
const (
	// cutCell is the change in grey levels from which a cell of a print has
	// changed, and cutShare the share of cells from which the picture has.
	cutCell  = 6
	cutShare = 0.6
	// cutLevels and fadeLevels are the mean change in grey levels besides, at once
	// and within cutWithin. Between 1009 pairs of clips of two people it is at
	// least 26, in 99 of 100 at least 33; light that comes up, or a head that fills
	// the picture and moves, changes as much of the picture, by less.
	cutLevels  = 25
	fadeLevels = 30
	// cutWithin is the time over which a change counts as one: some programs
	// fade from one person to the next for a third of a second.
	cutWithin = 500 * time.Millisecond
)

// cutFinder finds the instants at which a film is cut. Pictures come in the
// order of time, about ten a second.
type cutFinder struct {
	recent []timedPrint // of the time that a cut may take
	until  time.Duration
}

// timedPrint is a picture's print with its time.
type timedPrint struct {
	at    time.Duration
	print *Print
}

// add takes the next picture. ok tells that a cut lies between two times: those
// of pictures next to each other, or of the beginning and the end of a fade,
// during which no other is told.
func (c *cutFinder) add(m *image.YCbCr, at time.Duration) (from, to time.Duration, ok bool) {
	next := timedPrint{at, NewPrint(m)}
	drop := 0
	for drop < len(c.recent) && at-c.recent[drop].at > cutWithin {
		drop++
	}
	c.recent = append(c.recent[:0], c.recent[drop:]...)
	defer func() { c.recent = append(c.recent, next) }()
	if len(c.recent) == 0 || at < c.until {
		return 0, 0, false
	}
	newest := c.recent[len(c.recent)-1]
	switch {
	case next.print.replaces(newest.print, cutLevels):
		from = newest.at
	case next.print.replaces(c.recent[0].print, fadeLevels):
		// A fade, of which half is over.
		from, at = c.recent[0].at, at+cutWithin/2
	default:
		return 0, 0, false
	}
	c.recent = nil // what came before is of another shot
	c.until = at
	return from, at, true
}

// replaces tells that a print differs from an older one in most cells, and by so
// many grey levels in the mean.
func (p *Print) replaces(o *Print, levels float64) bool {
	return p.Difference(o) >= levels && p.changed(o) >= cutShare
}

// changed is the share of cells that differ in two prints.
func (p *Print) changed(o *Print) float64 {
	n := 0
	for i, v := range p {
		if d := int(v) - int(o[i]); max(d, -d) >= cutCell*printUnit {
			n++
		}
	}
	return float64(n) / float64(len(p))
}
