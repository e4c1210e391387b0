package analysis

import "time"

const (
	// companyFor is how much of the time before a step is remembered.
	companyFor = time.Minute
	// companyUntil is how long before a step it ends: who is about to be asked
	// for a document may hold it up already.
	companyUntil = 15 * time.Second
	// companyLeast is how much of it must have been searched for anything to be
	// said, companyShare the share of that in which others may have been seen: a
	// false box now and then is no company.
	companyLeast = 10 * time.Second
	companyShare = 0.05
)

// company remembers for how many of the last seconds there was anybody but the
// main face in view, steps left out.
type company struct {
	seconds []companySecond // in the order of time, those that were searched
}

type companySecond struct {
	at     time.Duration
	others bool
}

// take notes a reading outside of steps.
func (c *company) take(r FaceReading) {
	if !r.Detected || r.Reason != "" || len(r.Faces) == 0 {
		return
	}
	at := (time.Duration(r.AtMS) * time.Millisecond).Truncate(time.Second)
	if n := len(c.seconds); n == 0 || c.seconds[n-1].at < at {
		c.seconds = append(c.seconds, companySecond{at: at})
		if most := int((companyFor + companyUntil) / time.Second); n >= most {
			c.seconds = append(c.seconds[:0], c.seconds[n+1-most:]...)
		}
	}
	last := &c.seconds[len(c.seconds)-1]
	for i := range r.Faces[1:] {
		last.others = last.others || r.Faces[1+i].Confirmed()
	}
}

// alone tells that until companyUntil before a time nobody but the main face
// was in view. It is false where too little of that was seen.
func (c *company) alone(now time.Duration) bool {
	searched, others := 0, 0
	for _, s := range c.seconds {
		if s.at+companyUntil > now {
			break
		}
		searched++
		if s.others {
			others++
		}
	}
	return time.Duration(searched)*time.Second >= companyLeast && float64(others) <= companyShare*float64(searched)
}
