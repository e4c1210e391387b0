package interview

// Outcome is what people decided about an interview as a whole. The program
// only keeps it: retention depends on it, nothing else does.
type Outcome string

// The outcomes.
const (
	Undecided   Outcome = ""             // nobody decided yet; not to be chosen
	Advanced    Outcome = "advanced"     // the candidate goes on to the next step
	NotAdvanced Outcome = "not_advanced" // the candidate does not
	Hired       Outcome = "hired"
	Withdrawn   Outcome = "withdrawn" // the candidate ended it
	Sanctions   Outcome = "sanctions" // referred to those who answer for sanctions rules
)

// Outcomes lists every outcome, in the order in which they are offered.
var Outcomes = []Outcome{Advanced, NotAdvanced, Hired, Withdrawn, Sanctions}

// Valid reports whether o is one of them.
func (o Outcome) Valid() bool {
	for _, k := range Outcomes {
		if o == k {
			return true
		}
	}
	return false
}

// NameDeleted stands where a candidate's name was deleted.
const NameDeleted = "(name deleted)"
