package evidence

// Entries that a candidate writes later, on their own page.
const (
	EntryAnswer EntryKind = "finding.answered" // the candidate's own words about a finding
)

// AnswerPayload goes with finding.answered; the words are a NotePart. They
// stand beside the finding and change nothing of it.
type AnswerPayload struct {
	Finding string `json:"finding"`
}
