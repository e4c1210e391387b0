package retention

import "bonafide/server/interview"

// Record is what the fate of an interview's parts depends on.
type Record struct {
	Interview string
	Role      string
	Outcome   interview.Outcome
	State     interview.State
	EndedMS   int64 // Unix ms; 0 while it has not ended
	DecidedMS int64 // 0 while nobody decided
	CreatedMS int64 // for interviews that never took place: they count from the day planned for
	PlannedMS int64
	Held      bool
}

// end is when the record was made: the end of the call, or, where there was
// none, the time that it was planned for.
func (r Record) end() int64 {
	if r.EndedMS > 0 {
		return r.EndedMS
	}
	return max(r.PlannedMS, r.CreatedMS)
}
