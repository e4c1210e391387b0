package retention

import (
	"fmt"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

const dayMS = 24 * 3600 * 1000

// Fate is what becomes of one part of a record, and why.
type Fate struct {
	Part evidence.RecordPart `json:"part"`
	// KeepMS is until when rules want it kept, 0 for no such rule; KeepBy is the policy.
	KeepMS int64  `json:"keep_ms"`
	KeepBy string `json:"keep_by"`
	// DueMS is when it goes by policy, 0 for never; DueBy is the policy. While
	// the record is on hold it does not go, whatever DueMS says.
	DueMS int64  `json:"due_ms"`
	DueBy string `json:"due_by"`
	Held  bool   `json:"held"`
	// Why says in sentences why it still exists.
	Why []string `json:"why"`
}

// Due tells that the part goes now.
func (f Fate) Due(now time.Time) bool {
	return !f.Held && f.DueMS > 0 && now.UnixMilli() >= f.DueMS
}

// Fates says what becomes of every part of a record.
func Fates(r Record, policies []Policy) []Fate {
	out := make([]Fate, 0, len(evidence.Parts))
	for _, p := range evidence.Parts {
		out = append(out, fateOf(r, p.Part, policies))
	}
	return out
}

func fateOf(r Record, part evidence.RecordPart, policies []Policy) Fate {
	f := Fate{Part: part, Held: r.Held, Why: []string{}}
	if r.State == interview.Live {
		f.Why = append(f.Why, "The interview is going on.")
		return f
	}
	var keep, goes *Policy
	waiting := ""
	for i, p := range policies {
		if !p.applies(r, part) {
			continue
		}
		switch p.Action {
		case Keep:
			if until := max(r.end(), r.DecidedMS) + int64(p.Days)*dayMS; keep == nil || until > f.KeepMS {
				keep, f.KeepMS, f.KeepBy = &policies[i], until, p.ID
			}
		case Delete:
			from := r.end()
			if p.Origin == FromDecision {
				from = r.decided()
			}
			if from == 0 {
				waiting = p.Name
			} else if due := from + int64(p.Days)*dayMS; goes == nil || due < f.DueMS {
				goes, f.DueMS, f.DueBy = &policies[i], due, p.ID
			}
		}
	}
	if r.Held {
		f.Why = append(f.Why, "It is on legal hold; nothing is deleted before the hold is released.")
	}
	if keep != nil {
		f.Why = append(f.Why, fmt.Sprintf("%s: kept until %s (%s).", keep.Name, day(f.KeepMS), keep.Rule))
	}
	switch {
	case goes == nil && waiting != "":
		f.Why = append(f.Why, fmt.Sprintf("%s: counts from the decision about the interview, which has not been entered.", waiting))
	case goes == nil:
		f.Why = append(f.Why, "No policy deletes it: it stays until a person deletes it.")
	case f.KeepMS > f.DueMS:
		f.Why = append(f.Why, fmt.Sprintf("%s: would be deleted on %s, but has to be kept longer; it is deleted on %s.", goes.Name, day(f.DueMS), day(f.KeepMS)))
		f.DueMS = f.KeepMS
	default:
		f.Why = append(f.Why, fmt.Sprintf("%s: deleted on %s (%s).", goes.Name, day(f.DueMS), goes.Rule))
	}
	return f
}

func day(ms int64) string { return time.UnixMilli(ms).UTC().Format("2 January 2006") }

// RequestDue is until when a request for the deletion of parts is to be answered.
func RequestDue(r Record, parts []evidence.RecordPart, askedMS int64, policies []Policy) int64 {
	due := int64(0)
	for _, p := range policies {
		if p.Action != OnRequest {
			continue
		}
		for _, part := range parts {
			if at := askedMS + int64(p.Days)*dayMS; p.applies(r, part) && (due == 0 || at < due) {
				due = at
			}
		}
	}
	if due == 0 {
		due = askedMS + 30*dayMS // where no policy says: a month, as most laws on personal data have it
	}
	return due
}
