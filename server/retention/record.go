package retention

import "bonafide/server/interview"

// Record is what the fate of an interview's parts depends on.
type Record struct {
	Interview string
	Role      string
	Outcome   interview.Outcome
	State     interview.State
	EndedMS   int64 // Unix ms of the end or of the cancelling; 0 before
	DecidedMS int64 // 0 while nobody decided
	CreatedMS int64 // for interviews that were not held and not cancelled: they count from the day planned for
	PlannedMS int64
	Held      bool
}

// end is when the record was made: the end of the call, the cancelling, or,
// where there was neither, the time that it was planned for.
func (r Record) end() int64 {
	if r.EndedMS > 0 {
		return r.EndedMS
	}
	return max(r.PlannedMS, r.CreatedMS)
}

// decided is when people decided, 0 while that is to come. Of an interview that
// was cancelled nobody needs to decide: then its cancelling counts.
func (r Record) decided() int64 {
	if r.DecidedMS == 0 && r.State == interview.Cancelled {
		return r.EndedMS
	}
	return r.DecidedMS
}
