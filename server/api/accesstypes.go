package api

import "bonafide/server/evidence"

// PlayedRequest is POST /api/interviews/{id}/played: what the review page's
// player has played since it last told.
type PlayedRequest struct {
	Spans []evidence.Span `json:"spans"`
}

// AccessHistory answers GET /api/interviews/{id}/access: who saw what of the
// record, newest first.
type AccessHistory struct {
	Lines  []AccessLine   `json:"lines"`
	Played []PersonPlayed `json:"played"` // what each person played in all
}

// AccessLine is one visit, refusal, report of playing, or export.
type AccessLine struct {
	Seq    int64               `json:"seq"` // of the entry
	WallMS int64               `json:"wall_ms"`
	Kind   evidence.EntryKind  `json:"kind"`
	Actor  string              `json:"actor"` // "user", "participant" (the candidate), "command" (on the server's console)
	By     string              `json:"by"`    // a name; "" where there is none
	Roles  []string            `json:"roles"` // of the account at that time, where known; of an export, those that it has now
	What   evidence.AccessWhat `json:"what"`
	Object string              `json:"object"` // which file or picture; "" otherwise
	Spans  []evidence.Span     `json:"spans"`  // played; empty otherwise
}

// PersonPlayed is the union of what one person played.
type PersonPlayed struct {
	By    string          `json:"by"`
	Spans []evidence.Span `json:"spans"`
}
