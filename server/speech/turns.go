package speech

import (
	"cmp"
	"slices"
)

// How turns are told from other speech, in milliseconds.
const (
	// joinMS: speech of one side with no longer silence between is one utterance.
	joinMS = 300
	// minTurnMS of speech take the floor by themselves. Shorter utterances are a
	// turn too ("Yes."), unless the other side holds the floor around them.
	minTurnMS = 1000
	// aroundMS: the other side holds the floor around a short utterance if it
	// speaks no longer than this before it and after it.
	aroundMS = 1000
)

// Turns tells from both sides' speech, each in order of time, who had the
// floor when. Short utterances while the other side goes on speaking
// ("mm-hm") are backchannels, not turns: they are left out. Utterances of one
// side are one turn until the other side takes the floor.
func Turns(candidate, asker []Span) []Turn {
	sides := [2][]Turn{utterances(candidate, Candidate), utterances(asker, Asker)}
	var all []Turn
	for side, own := range sides {
		for _, u := range own {
			if !backchannel(u, sides[1-side]) {
				all = append(all, u)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Turn) int {
		return cmp.Or(cmp.Compare(a.StartMS, b.StartMS), cmp.Compare(a.EndMS, b.EndMS))
	})
	var out []Turn
	for _, u := range all {
		n := len(out)
		if n == 0 || out[n-1].Side != u.Side {
			out = append(out, u)
			continue
		}
		out[n-1].EndMS = max(out[n-1].EndMS, u.EndMS)
		out[n-1].Speech = append(out[n-1].Speech, u.Speech...)
	}
	return out
}

// utterances joins speech of one side.
func utterances(speech []Span, side Side) (out []Turn) {
	for _, s := range speech {
		n := len(out)
		if n > 0 && s.StartMS-out[n-1].EndMS <= joinMS {
			out[n-1].EndMS = max(out[n-1].EndMS, s.EndMS)
			out[n-1].Speech = append(out[n-1].Speech, s)
			continue
		}
		out = append(out, Turn{Side: side, StartMS: s.StartMS, EndMS: s.EndMS, Speech: []Span{s}})
	}
	return out
}

// backchannel tells whether the other side held the floor around an utterance.
func backchannel(u Turn, other []Turn) bool {
	if u.SpokenMS() >= minTurnMS {
		return false
	}
	before, after := false, false
	for _, o := range other {
		before = before || o.StartMS < u.StartMS && o.EndMS > u.StartMS-aroundMS
		after = after || o.EndMS > u.EndMS && o.StartMS < u.EndMS+aroundMS
	}
	return before && after
}

// overlapMS is the time in which both lists have speech, each in order of time
// and without overlaps of its own.
func overlapMS(a, b []Span) (ms int64) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		ms += max(min(a[i].EndMS, b[j].EndMS)-max(a[i].StartMS, b[j].StartMS), 0)
		if a[i].EndMS < b[j].EndMS {
			i++
		} else {
			j++
		}
	}
	return ms
}

// union merges spans that touch or overlap into a list in order of time. State
// and reason of the earliest stay.
func union(spans []Span) []Span {
	slices.SortStableFunc(spans, func(a, b Span) int { return cmp.Compare(a.StartMS, b.StartMS) })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.StartMS <= out[n-1].EndMS {
			out[n-1].EndMS = max(out[n-1].EndMS, s.EndMS)
			continue
		}
		out = append(out, s)
	}
	return out
}

// within gives the time of the spans that lies between two instants, and the
// reason of the first that does.
func within(spans []Span, from, to int64) (ms int64, first Span) {
	for _, s := range spans {
		if d := min(s.EndMS, to) - max(s.StartMS, from); d > 0 {
			if ms == 0 {
				first = s
			}
			ms += d
		}
	}
	return ms, first
}
