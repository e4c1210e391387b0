package auth

import (
	"slices"

	"bonafide/server/interview"
)

// Owns reports whether the interview is one of the account's own: created by
// it, or with it as an interviewer.
func (a Account) Owns(iv interview.Interview) bool {
	return iv.CreatedBy == a.ID || slices.Contains(iv.Interviewers, a.ID)
}

// MayRead reports whether the account may know of the interview at all.
func (a Account) MayRead(iv interview.Interview) bool {
	return a.Can(ReadAll) || a.Can(ReadOwn) && a.Owns(iv)
}

// MayChange reports whether the account may edit the interview and its links:
// its own, or any as an administrator.
func (a Account) MayChange(iv interview.Interview) bool {
	return a.Can(CreateInterview) && (a.Owns(iv) || a.Can(ManageUsers))
}

// MayHost reports whether the account may enter the interview's room.
func (a Account) MayHost(iv interview.Interview) bool {
	return a.Can(HostInterview) && a.Owns(iv)
}
