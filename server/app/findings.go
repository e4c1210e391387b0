package app

import (
	"context"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/signaling"
)

// analysisEvents turn what live analysis finds into entries and, once those
// are durable, into messages to the room.
type analysisEvents struct{ a *App }

// Started says that measuring began, with the models. Where an earlier run of
// the server measured the same interview, the time between was not measured.
func (e analysisEvents) Started(interviewID string, p evidence.AnalysisPayload) {
	e.a.journal.add(entry(interviewID, p.StartMS, evidence.EntryAnalysisStarted, p), nil)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	before, err := e.a.store.Coverage(ctx, interviewID)
	if err != nil {
		e.a.log.Error("earlier coverage is not known; its end is no entry", "interview", interviewID, "err", err)
		return
	}
	e.Coverage(outageBefore(before, p.Participant, p.StartMS))
}

// outageBefore covers the time from the end of a participant's earlier live
// coverage to an instant as not run.
func outageBefore(before []evidence.Coverage, participant string, untilMS int64) (out []evidence.Coverage) {
	type lane struct {
		source string
		kind   evidence.Kind
	}
	ends, order := map[lane]evidence.Coverage{}, []lane{}
	for _, c := range before {
		if c.Run != evidence.RunLive || c.Participant != participant {
			continue
		}
		l := lane{c.Source, c.Kind}
		last, known := ends[l]
		if !known {
			order = append(order, l)
		}
		if !known || c.EndMS > last.EndMS {
			ends[l] = c
		}
	}
	for _, l := range order {
		hole := ends[l]
		hole.State, hole.Reason, hole.Samples = evidence.NotRun, evidence.ReasonOutage, 0
		for hole.StartMS = hole.EndMS; hole.StartMS < untilMS; hole.StartMS = hole.EndMS {
			hole.EndMS = min(hole.StartMS+evidence.CoverageChunk.Milliseconds(), untilMS)
			out = append(out, hole)
		}
	}
	return out
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

// Series logs readings over time; the readings are the deletable part.
func (e analysisEvents) Series(all []evidence.Series) {
	for _, s := range all {
		e.a.journal.add(seriesEntry(s), nil)
	}
}

func seriesEntry(s evidence.Series) evidence.NewEntry {
	n := entry(s.Interview, s.EndMS, evidence.EntrySeries, s.SeriesPayload)
	n.Part = s.SeriesPart
	return n
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
			Interview: interviewID, Participant: candidate, Source: a.cfg.Pipeline().SourceOf(k.Kind), Run: evidence.RunLive, Kind: k.Kind,
			State: evidence.NotRun, Reason: evidence.ReasonNotAvailable, EndMS: endMS,
		}), nil)
	}
}
