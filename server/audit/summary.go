package audit

import (
	"encoding/json"
	"fmt"
	"path"

	"bonafide/server/evidence"
)

// Summary is what the entries of one interview say, put together. It adds
// nothing to them but people's names, and is made again from them when a
// bundle is checked.
type Summary struct {
	Interview   string `json:"interview"`
	Candidate   string `json:"candidate"` // "" where it was deleted
	Role        string `json:"role"`
	Place       string `json:"place"`
	TimeZone    string `json:"time_zone"`
	ScheduledMS int64  `json:"scheduled_ms"`
	StartedMS   int64  `json:"started_ms"` // Unix ms of interview time 0; 0 if it never began
	EndedMS     int64  `json:"ended_ms"`
	DurationMS  int64  `json:"duration_ms"`

	Cancelled *SummaryCancelled `json:"cancelled,omitempty"` // nil where it was not

	Recordings []SummaryRecording  `json:"recordings"`
	Findings   []SummaryFinding    `json:"findings"`
	Coverage   []SummaryCoverage   `json:"coverage"`
	Models     []evidence.ModelRef `json:"models"`
	Consents   []SummaryConsent    `json:"consents"`
	Notes      []SummaryNote       `json:"notes"`
	RunSheet   evidence.RunSheet   `json:"run_sheet"`
	Gaps       []evidence.Gap      `json:"gaps"`
	Log        []SummaryLine       `json:"log"`
	Gone       []Gone              `json:"gone"`
	Deletions  []SummaryDeletion   `json:"deletions"`

	people    map[string]Person
	byID      map[string]int // findings by identifier
	covered   map[string]int // coverage by run and kind
	intervals map[string]evidence.Coverage
	files     map[string]int
	models    map[evidence.ModelRef]bool
}

// SummaryCancelled tells that the interview was cancelled before it began.
type SummaryCancelled struct {
	WallMS int64  `json:"wall_ms"`
	By     string `json:"by"`
	Reason string `json:"reason"` // "" where it was deleted
}

// SummaryRecording is one recorded file.
type SummaryRecording struct {
	evidence.Segment
	Path string `json:"path"` // in the bundle
	Name string `json:"name"` // of the participant
	Gone bool   `json:"gone,omitempty"`
}

// SummaryFinding is a finding with what its kind means and what people decided.
type SummaryFinding struct {
	evidence.Finding
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Limits      string          `json:"limits"`
	Reviews     []SummaryReview `json:"reviews"`
}

// SummaryReview is one decision.
type SummaryReview struct {
	WallMS   int64             `json:"wall_ms"`
	By       string            `json:"by"`
	Decision evidence.Decision `json:"decision"`
	Note     string            `json:"note"`
}

// SummaryCoverage is how long a run measured a kind, in milliseconds.
type SummaryCoverage struct {
	Run           string        `json:"run"`
	Kind          evidence.Kind `json:"kind"`
	Title         string        `json:"title"`
	Measured      int64         `json:"measured_ms"`
	NotMeasurable int64         `json:"not_measurable_ms"`
	NotRun        int64         `json:"not_run_ms"`
	// Slowed is the time of the first two in which the analysis looked at fewer
	// pictures than it should; SlowedTo the lowest rate to which it went down,
	// in readings a second.
	Slowed   int64   `json:"slowed_ms,omitempty"`
	SlowedTo float64 `json:"slowed_to,omitempty"`
}

// SummaryConsent is an answer about one consent.
type SummaryConsent struct {
	WallMS int64  `json:"wall_ms"`
	Name   string `json:"name"`
	evidence.ConsentPayload
}

// SummaryNote is a note or a question mark of the call.
type SummaryNote struct {
	AtMS int64  `json:"at_ms"`
	By   string `json:"by"`
	Text string `json:"text"`
}

// SummaryLine is one entry for people.
type SummaryLine struct {
	Seq    int64              `json:"seq"`
	WallMS int64              `json:"wall_ms"`
	AtMS   *int64             `json:"at_ms,omitempty"`
	Kind   evidence.EntryKind `json:"kind"`
	By     string             `json:"by"`
}

// Summarize puts together what entries (with their parts, where they exist)
// say about an interview.
func Summarize(interview string, entries []evidence.Entry, people map[string]Person, gone []Gone) (*Summary, error) {
	s := &Summary{Interview: interview, Recordings: []SummaryRecording{}, Findings: []SummaryFinding{}, Coverage: []SummaryCoverage{},
		Models: []evidence.ModelRef{}, Consents: []SummaryConsent{}, Notes: []SummaryNote{}, RunSheet: evidence.NewRunSheet(), Gaps: []evidence.Gap{}, Log: []SummaryLine{}, Gone: notNil(gone), Deletions: []SummaryDeletion{},
		people: people, byID: map[string]int{}, covered: map[string]int{}, intervals: map[string]evidence.Coverage{}, files: map[string]int{}, models: map[evidence.ModelRef]bool{}}
	for _, e := range entries {
		s.Log = append(s.Log, SummaryLine{e.Seq, e.WallMS, e.AtMS, e.Kind, s.by(e.Actor)})
		if err := s.add(e); err != nil {
			return nil, fmt.Errorf("entry %d (%s): %w", e.Seq, e.Kind, err)
		}
	}
	s.nameJudges()
	for _, g := range gone {
		if i, ok := s.files[g.Path]; ok && g.What == "media" {
			s.Recordings[i].Gone = true
		}
	}
	return s, nil
}

// by names whoever caused an entry.
func (s *Summary) by(a evidence.Actor) string {
	if p, ok := s.people[a.ID]; ok {
		return p.Name
	}
	switch a.Type {
	case "system":
		return "the server"
	case "command":
		return "a command on the server"
	}
	return a.Type + " " + a.ID
}

func (s *Summary) name(id string) string {
	if p, ok := s.people[id]; ok {
		return p.Name
	}
	return id
}

func at(e evidence.Entry) int64 {
	if e.AtMS == nil {
		return 0
	}
	return *e.AtMS
}

// add takes what one entry says.
func (s *Summary) add(e evidence.Entry) error {
	if err := s.RunSheet.Add(e); err != nil {
		return err
	}
	switch e.Kind {
	case evidence.EntryStepChecked:
		var r evidence.StepResult
		if err := json.Unmarshal(e.Payload, &r); err != nil {
			return err
		}
		s.addModels(r.Models)
	case evidence.EntryInterviewCreated, evidence.EntryInterviewUpdated:
		return s.about(e.Part)
	case evidence.EntryInterviewStarted:
		s.StartedMS = e.WallMS
		if e.AtMS != nil {
			s.StartedMS -= *e.AtMS
		}
	case evidence.EntryInterviewEnded:
		s.EndedMS = e.WallMS
		s.DurationMS = max(s.DurationMS, at(e))
	case evidence.EntryInterviewCancelled:
		return s.cancelled(e)
	case evidence.EntryRecordingSegment:
		return s.recording(e)
	case evidence.EntryFinding:
		return s.finding(e)
	case evidence.EntryCoverage:
		return s.coverage(e)
	case evidence.EntryConsent:
		c := SummaryConsent{WallMS: e.WallMS}
		if err := json.Unmarshal(e.Payload, &c.ConsentPayload); err != nil {
			return err
		}
		c.Name = s.name(c.Participant)
		s.Consents = append(s.Consents, c)
	case evidence.EntryMediaGap:
		var g evidence.Gap
		if err := json.Unmarshal(e.Payload, &g); err != nil {
			return err
		}
		s.Gaps = append(s.Gaps, g)
	case evidence.EntryAnalysisStarted:
		var a evidence.AnalysisPayload
		if err := json.Unmarshal(e.Payload, &a); err != nil {
			return err
		}
		s.addModels(a.Models)
	case evidence.EntryAnnotation, evidence.EntryQuestion, evidence.EntryReview:
		return s.said(e)
	case evidence.EntryPartDeleted:
		return s.deletion(e)
	}
	return nil
}

// about takes the names and the plan of an interview from a part.
func (s *Summary) about(part []byte) error {
	if part == nil {
		return nil
	}
	var p struct {
		Candidate   string `json:"candidate_name"`
		Role        string `json:"role"`
		ScheduledMS int64  `json:"scheduled_ms"`
		Place       string `json:"place"`
		TimeZone    string `json:"time_zone"`
	}
	if err := json.Unmarshal(part, &p); err != nil {
		return fmt.Errorf("its part: %w", err)
	}
	if p.Candidate != "" { // a change of measurements only has no such part
		s.Candidate, s.Role, s.ScheduledMS, s.Place, s.TimeZone = p.Candidate, p.Role, p.ScheduledMS, p.Place, p.TimeZone
	}
	return nil
}

// cancelled takes who cancelled the interview, when and why.
func (s *Summary) cancelled(e evidence.Entry) error {
	var note evidence.NotePart
	if e.Part != nil {
		if err := json.Unmarshal(e.Part, &note); err != nil {
			return fmt.Errorf("its part: %w", err)
		}
	}
	s.Cancelled = &SummaryCancelled{WallMS: e.WallMS, By: s.by(e.Actor), Reason: note.Text}
	return nil
}

// nameJudges puts names where the run-sheet has identifiers.
func (s *Summary) nameJudges() {
	for i := range s.RunSheet.Steps {
		if v := s.RunSheet.Steps[i].Verdict; v != nil {
			v.By = s.name(v.By)
		}
	}
	for i := range s.RunSheet.Deviations {
		if d := &s.RunSheet.Deviations[i]; d.By != "" {
			d.By = s.name(d.By)
		}
	}
}

func (s *Summary) recording(e evidence.Entry) error {
	var g evidence.Segment
	if err := json.Unmarshal(e.Payload, &g); err != nil {
		return err
	}
	r := SummaryRecording{Segment: g, Path: dirMedia + path.Base(g.File), Name: s.name(g.Participant)}
	if i, ok := s.files[r.Path]; ok {
		s.Recordings[i] = r
	} else {
		s.files[r.Path] = len(s.Recordings)
		s.Recordings = append(s.Recordings, r)
	}
	s.DurationMS = max(s.DurationMS, g.EndMS)
	return nil
}

// finding keeps the newest state of each.
func (s *Summary) finding(e evidence.Entry) error {
	var f SummaryFinding
	if err := json.Unmarshal(e.Payload, &f.Finding); err != nil {
		return err
	}
	s.addModels(f.Models)
	f.Title, f.Reviews = string(f.Kind), []SummaryReview{}
	if info, ok := evidence.Info(f.Kind); ok {
		f.Title, f.Description, f.Limits = info.Title, info.Description, info.Limits
	}
	if i, ok := s.byID[f.ID]; ok {
		f.Reviews = s.Findings[i].Reviews
		s.Findings[i] = f
		return nil
	}
	s.byID[f.ID] = len(s.Findings)
	s.Findings = append(s.Findings, f)
	return nil
}

func (s *Summary) addModels(all []evidence.ModelRef) {
	for _, m := range all {
		if !s.models[m] {
			s.models[m] = true
			s.Models = append(s.Models, m)
		}
	}
}

func (s *Summary) coverage(e evidence.Entry) error {
	var c evidence.Coverage
	if err := json.Unmarshal(e.Payload, &c); err != nil {
		return err
	}
	key := c.Run + " " + string(c.Kind)
	// An interval that grew was written again; only its newest length counts.
	interval := fmt.Sprint(key, " ", c.Participant, " ", c.Source, " ", c.StartMS)
	if old, again := s.intervals[interval]; again {
		s.Coverage[s.covered[key]].add(old, old.StartMS-old.EndMS)
	}
	s.intervals[interval] = c
	i, ok := s.covered[key]
	if !ok {
		i = len(s.Coverage)
		s.covered[key] = i
		title := string(c.Kind)
		if info, ok := evidence.Info(c.Kind); ok {
			title = info.Title
		}
		s.Coverage = append(s.Coverage, SummaryCoverage{Run: c.Run, Kind: c.Kind, Title: title})
	}
	s.Coverage[i].add(c, c.EndMS-c.StartMS)
	return nil
}

// add counts ms of an interval, less than 0 where it no longer counts.
func (c *SummaryCoverage) add(of evidence.Coverage, ms int64) {
	if of.SlowedTo > 0 {
		if c.Slowed += ms; c.SlowedTo == 0 || of.SlowedTo < c.SlowedTo {
			c.SlowedTo = of.SlowedTo
		}
	}
	switch of.State {
	case evidence.Measured:
		c.Measured += ms
	case evidence.NotMeasurable:
		c.NotMeasurable += ms
	case evidence.NotRun:
		c.NotRun += ms
	}
}

// said takes what a person noted, asked or decided.
func (s *Summary) said(e evidence.Entry) error {
	var note evidence.NotePart
	if e.Part != nil {
		if err := json.Unmarshal(e.Part, &note); err != nil {
			return fmt.Errorf("its part: %w", err)
		}
	} else if e.PartSHA256 != "" {
		note.Text = "(deleted)"
	}
	switch e.Kind {
	case evidence.EntryQuestion:
		var q evidence.QuestionPayload
		if err := json.Unmarshal(e.Payload, &q); err != nil {
			return err
		}
		note.Text = map[evidence.QuestionPhase]string{evidence.QuestionAsked: "question asked", evidence.QuestionAnswer: "answer begins"}[q.Phase]
	case evidence.EntryReview:
		var p evidence.ReviewPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return err
		}
		if i, ok := s.byID[p.Finding]; ok {
			s.Findings[i].Reviews = append(s.Findings[i].Reviews, SummaryReview{e.WallMS, s.by(e.Actor), p.Decision, note.Text})
		}
		return nil
	}
	s.Notes = append(s.Notes, SummaryNote{at(e), s.by(e.Actor), note.Text})
	return nil
}
