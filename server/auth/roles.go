// Package auth decides who may do what: accounts and their roles, sessions,
// candidate links, and the one table that maps roles to permissions.
package auth

// Role is what an account is for. An account may have several.
type Role string

// The roles of accounts.
const (
	Interviewer Role = "interviewer" // plans and hosts interviews, reads those they are part of
	Reviewer    Role = "reviewer"    // the hiring manager: reads every interview and decides on findings
	Auditor     Role = "auditor"     // reads everything, the whole log included, and changes nothing
	Admin       Role = "admin"       // manages accounts and the server
)

// Roles lists every role.
var Roles = []Role{Interviewer, Reviewer, Auditor, Admin}

// Permission is one thing that a route or a page may require.
type Permission string

// The permissions.
const (
	CreateInterview Permission = "interview.create"   // plan, edit, send and revoke links
	CancelInterview Permission = "interview.cancel"   // cancel planned interviews that one may change
	HostInterview   Permission = "interview.host"     // enter the rooms of one's own interviews
	ReadOwn         Permission = "interview.read_own" // read interviews one is part of or created
	ReadAll         Permission = "interview.read_all" // read every interview
	ReviewFindings  Permission = "finding.review"     // decide on findings of what one may read
	ReadLog         Permission = "log.read"           // read the evidence log of what one may read
	ManageUsers     Permission = "user.manage"        // add, change, deactivate accounts
	EditTemplates   Permission = "template.edit"      // edit the run-sheets that roles get
	ReadAccess      Permission = "access.read"        // see who saw what of the records one may read
	SearchRecords   Permission = "record.search"      // search every record and its notes, and save lists of records
	VerifyRecords   Permission = "record.verify"      // compare the log and the files with what was signed
	ManageRetention Permission = "retention.manage"   // set policies, hold, delete, answer requests
	DecideInterview Permission = "interview.decide"   // enter what was decided about the interview as a whole
	ExportRecord    Permission = "record.export"      // take a whole record, its log included, out of the server
	SearchFaces     Permission = "gallery.search"     // compare a candidate's kept face with other interviews
	AddPicture      Permission = "picture.add"        // add the candidate's profile picture to what one may read
	JudgeMatches    Permission = "gallery.judge"      // say whether two pictures show the same person
)

// Table is the one place that says which role may do what. The HTTP routes,
// the socket and the pages are all held against it.
var Table = map[Role][]Permission{
	Interviewer: {CreateInterview, CancelInterview, HostInterview, ReadOwn, ReviewFindings, DecideInterview, AddPicture},
	Reviewer:    {ReadAll, ReviewFindings, DecideInterview, ReadAccess, SearchRecords, ExportRecord, SearchFaces, AddPicture, JudgeMatches},
	Auditor:     {ReadAll, ReadLog, ReadAccess, SearchRecords, VerifyRecords, ExportRecord, SearchFaces},
	Admin:       {CreateInterview, CancelInterview, HostInterview, ReadOwn, ReadAll, ReviewFindings, DecideInterview, ManageRetention, ReadLog, ManageUsers, EditTemplates, ReadAccess, SearchRecords, VerifyRecords, ExportRecord, SearchFaces, AddPicture, JudgeMatches},
}

// Permissions is the union of what the roles may do, in declared order,
// without repeats.
func Permissions(roles []Role) []Permission {
	all := []Permission{CreateInterview, CancelInterview, HostInterview, ReadOwn, ReadAll, ReviewFindings, DecideInterview, ManageRetention, ReadLog, ManageUsers, EditTemplates, ReadAccess, SearchRecords, VerifyRecords, ExportRecord, SearchFaces, AddPicture, JudgeMatches}
	var out []Permission
	for _, p := range all {
		if Can(roles, p) {
			out = append(out, p)
		}
	}
	return out
}

// Can reports whether any of the roles has the permission.
func Can(roles []Role, p Permission) bool {
	for _, r := range roles {
		for _, q := range Table[r] {
			if p == q {
				return true
			}
		}
	}
	return false
}

// ValidRole reports whether r exists.
func ValidRole(r Role) bool { _, ok := Table[r]; return ok }
