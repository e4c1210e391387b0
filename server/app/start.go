package app

import (
	"context"
	"fmt"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/recorder"
	"bonafide/server/retention"
	"bonafide/server/signaling"
	"bonafide/server/store"
)

// repair finishes what an earlier run left: files whose writer was killed and
// findings that were still open. It says on the console and in the log what
// it did.
func (a *App) repair(ctx context.Context) error {
	known, err := a.knownSegments(ctx)
	if err != nil {
		return err
	}
	reports, err := recorder.RepairDir(ctx, a.cfg.mediaDir(), a.vault, func(file string) bool { return known[file] })
	if err != nil {
		return err
	}
	for _, r := range reports {
		s := r.Segment
		if r.Err != nil {
			a.log.Error("a recording could not be repaired; it is left as it is", "file", s.File, "err", r.Err)
			a.journal.add(evidence.NewEntry{Interview: s.Interview, Actor: evidence.System, Kind: evidence.EntryRecordingFailed,
				Payload: evidence.RecordingPayload{Participant: s.Participant, Stream: s.Stream, N: s.N, Error: "write_failed"}}, nil)
			continue
		}
		if s.Repaired {
			a.log.Warn("repaired a recording that was not closed", "file", s.File, "length_ms", s.EndMS-s.StartMS,
				"bytes", s.Bytes, "torn_bytes_dropped", r.LostBytes, "why", r.Torn, "took", r.Took.Round(time.Millisecond))
			a.journal.add(entry(s.Interview, s.EndMS, evidence.EntryRecordingRepaired,
				evidence.RecordingPayload{Participant: s.Participant, Stream: s.Stream, N: s.N, LostBytes: r.LostBytes}), nil)
		}
		a.journal.add(entry(s.Interview, s.EndMS, evidence.EntryRecordingSegment, s), nil)
	}
	done, err := a.store.RepairInterviews(ctx)
	if err != nil {
		return err
	}
	for _, f := range done.Closed {
		a.log.Warn("closed a finding that was left open", "interview", f.Interview, "kind", f.Kind, "finding", f.ID)
	}
	for _, iv := range done.Live {
		a.log.Warn("an interview was live when the server stopped; its people can come back", "interview", iv.ID)
	}
	a.journal.flush(ctx)
	return nil
}

// resume tells the recorder what an earlier run recorded in the interviews that
// are live, so that the time until their people are recorded again is a gap in
// the log.
func (a *App) resume(ctx context.Context) error {
	_, live, err := a.store.Interviews(ctx, store.InterviewFilter{State: interview.Live})
	if err != nil {
		return err
	}
	for _, iv := range live {
		people, err := a.store.Participants(ctx, iv.Interview.ID)
		if err != nil {
			return err
		}
		agreed := map[string]bool{} // who does not agree is left out on purpose
		for _, p := range people {
			agreed[p.ID] = p.Consents[evidence.ConsentRecording]
		}
		segments, err := a.store.Segments(ctx, iv.Interview.ID)
		if err != nil {
			return err
		}
		for _, s := range segments {
			if agreed[s.Participant] {
				a.recorder.Resume(s)
			}
		}
	}
	return nil
}

// knownSegments are the files that the log already knows as finished.
func (a *App) knownSegments(ctx context.Context) (map[string]bool, error) {
	all, err := a.store.AllSegmentFiles(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(all))
	for _, f := range all {
		known[f] = true
	}
	return known, nil
}

// endAbandoned ends interviews that are live but whose room has been empty
// for a while: nobody came back after a crash, or everybody just left.
func (a *App) endAbandoned(ctx context.Context, every, after time.Duration) error {
	empty := map[string]time.Time{}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		_, list, err := a.store.Interviews(ctx, store.InterviewFilter{State: interview.Live})
		if err != nil {
			a.log.Error("looking for abandoned interviews", "err", err)
			continue
		}
		occupied := map[string]bool{}
		for _, id := range a.hub.Live() {
			occupied[id] = true
		}
		still := map[string]time.Time{}
		for _, s := range list {
			id := s.Interview.ID
			if occupied[id] {
				continue
			}
			since, known := empty[id]
			if !known {
				since = time.Now()
			}
			if time.Since(since) < after {
				still[id] = since
				continue
			}
			ended := entry(id, time.Now().UnixMilli()-s.Interview.StartedMS, evidence.EntryInterviewEnded, evidence.InterviewPayload{Reason: "timeout"})
			if now, err := a.store.EndInterview(ctx, id, ended); err != nil {
				a.log.Error("ending an abandoned interview", "interview", id, "err", err)
			} else if now {
				if err := a.proofs.seal(ctx, id); err != nil {
					a.log.Error("closing the log of an abandoned interview; the next start does it", "interview", id, "err", err)
				}
			}
		}
		empty = still
	}
}

// logFailing tells the rooms that the log takes no entries, or takes them again.
func (a *App) logFailing(bad bool, err error) {
	if a.hub == nil {
		return
	}
	n := signaling.Notice{Level: "info", Code: "log_recovered", Text: "The evidence log is being written again; nothing was lost."}
	if bad {
		n = signaling.Notice{Level: "error", Code: "log_failed",
			Text: "The evidence log cannot be written; what happens is kept in memory and tried again; notes must be made again. The call goes on."}
	}
	a.hub.SendNotice("", n)
}

// diskChanged warns the rooms when the disk runs low.
func (a *App) diskChanged(low bool, free int64) {
	if !low {
		a.hub.SendNotice("", signaling.Notice{Level: "info", Code: "disk_ok", Text: "The recordings' disk has room again."})
		return
	}
	a.hub.SendNotice("", signaling.Notice{Level: "warning", Code: "disk_low",
		Text: fmt.Sprintf("The recordings' disk runs low: %.1f GB are free. When it is full, recording stops; the call goes on.", float64(free)/1e9)})
	a.journal.add(evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryDiskLow,
		Payload: evidence.DiskPayload{FreeBytes: free, ThresholdBytes: a.cfg.DiskLow}}, nil)
}

// openRecords finishes deletions that a crash interrupted, adds the policies
// that a new server has, and says once in the log which recordings lie there
// unencrypted.
func (a *App) openRecords(ctx context.Context) (err error) {
	if a.records, err = newRecords(a.cfg, a.store, a.vault, a.proofs, a.log); err != nil {
		return err
	}
	if err := a.records.resume(ctx); err != nil {
		return err
	}
	if err := a.store.SeedPolicies(ctx, retention.Defaults(a.cfg.KeepDays)); err != nil {
		return err
	}
	n, err := a.records.plainRecordings(ctx)
	if err != nil || n == 0 {
		return err
	}
	a.log.Warn("recordings of an earlier version are not encrypted; they play and are deleted like others, but a backup that holds them keeps them; stop the server and run: bonafide keys seal", "recordings", n)
	told, err := a.store.Records(ctx, store.EntryQuery{Outside: true, Kinds: []evidence.EntryKind{evidence.EntryStoragePlain}, Limit: 1})
	if err != nil || len(told) > 0 {
		return err
	}
	_, err = a.store.Append(ctx, evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryStoragePlain, Payload: evidence.StoragePayload{Recordings: n}})
	return err
}
