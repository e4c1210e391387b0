package analysis

import "bonafide/server/evidence"

// damage remembers the seconds of an interview in which something of a
// participant's media was lost or damaged, so that findings can say so.
type damage map[int64]struct{}

// note marks the second that an instant lies in.
func (d damage) note(atMS int64) { d[max(atMS, 0)/1000] = struct{}{} }

// within tells how many seconds of a finding were damaged, if any were.
func (d damage) within(f evidence.Finding) []evidence.Measure {
	n := 0
	for s := f.StartMS / 1000; s <= f.EndMS/1000; s++ {
		if _, bad := d[s]; bad {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []evidence.Measure{{Name: "seconds with damaged media within", Value: float64(n), Unit: "s"}}
}
