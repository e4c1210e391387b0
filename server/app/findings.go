package app

import (
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/signaling"
)

// analysisEvents turn what live analysis finds into entries and, once those
// are durable, into messages to the room.
type analysisEvents struct{ a *App }

// Started says that measuring began, with the models.
func (e analysisEvents) Started(interviewID string, p evidence.AnalysisPayload) {
	e.a.journal.add(entry(interviewID, p.StartMS, evidence.EntryAnalysisStarted, p), nil)
}

// Finding logs a finding and shows it.
func (e analysisEvents) Finding(f evidence.Finding) {
	e.a.journal.add(entry(f.Interview, f.EndMS, evidence.EntryFinding, f), func(evidence.Entry) {
		e.a.hub.SendFinding(f.Interview, f)
	})
}

// Coverage logs finished intervals of coverage.
func (e analysisEvents) Coverage(all []evidence.Coverage) {
	for _, c := range all {
		e.a.journal.add(entry(c.Interview, c.EndMS, evidence.EntryCoverage, c), nil)
	}
}

// Present shows the coverage that is going on.
func (e analysisEvents) Present(interviewID string, all []evidence.Coverage) {
	e.a.hub.SendCoverage(interviewID, all)
}

// Outage logs and shows that nothing was measured for a while.
func (e analysisEvents) Outage(interviewID string, p evidence.AnalysisPayload) {
	e.a.journal.add(entry(interviewID, p.EndMS, evidence.EntryAnalysisOutage, p), nil)
	e.a.hub.SendNotice(interviewID, signaling.Notice{Level: "warning", Code: "analysis_outage",
		Text: "Measuring stopped for a moment and was started again. The call and its recording were not affected."})
}

// Finished logs that the last finding is in.
func (e analysisEvents) Finished(interviewID string, p evidence.AnalysisPayload) {
	e.a.journal.add(entry(interviewID, p.EndMS, evidence.EntryAnalysisFinished, p), nil)
}

// notAnalysed says of a whole interview that nothing was measured, where the
// server runs without analysis: silence must not look like "nothing found".
func (a *App) notAnalysed(interviewID, candidate string, endMS int64) {
	for _, k := range evidence.Kinds {
		a.journal.add(entry(interviewID, endMS, evidence.EntryCoverage, evidence.Coverage{
			Interview: interviewID, Participant: candidate, Source: string(media.SourceCamera), Run: evidence.RunLive, Kind: k.Kind,
			State: evidence.NotRun, Reason: evidence.ReasonNotAvailable, EndMS: endMS,
		}), nil)
	}
}
