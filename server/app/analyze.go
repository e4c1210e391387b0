package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/server/analysis"
	"bonafide/server/auth"
	"bonafide/server/durable"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/store"
	"bonafide/server/vault"
	"bonafide/server/webm"
)

// AnalyzeRequest is one run of `bonafide analyze`.
type AnalyzeRequest struct {
	Config   Config // Data, Models and the rates count
	File     string
	Sound    analysis.FileSound // whose sound a foreign file holds
	Face     string             // the part of a foreign file's pictures that is looked at, as analysis.ParseRegion reads it
	ShownAt  string             // when a foreign file that is cut shows who is measured, as m:ss; "": see analysis.Options.ShownAt
	DryRun   bool               // print only, keep nothing
	Progress func(done, total time.Duration)
}

// AnalyzeReport is what a run found and where it was kept.
type AnalyzeReport struct {
	Run       string
	File      string
	Interview string // "" for a foreign recording
	Kept      string // where: "the evidence log", a path, or "" for a dry run
	analysis.Result
}

// Analyze runs the pipeline of the live call over a file. What it finds in one
// of our own recordings goes into the evidence log beside the live findings,
// under a run of its own, and obeys the candidate's consents; what it finds in
// a foreign file is kept as a report below the data folder.
func Analyze(ctx context.Context, req AnalyzeRequest, log *slog.Logger) (AnalyzeReport, error) {
	if st, err := os.Stat(req.File); err != nil {
		return AnalyzeReport{}, fmt.Errorf("%w: the file to analyse: %w", ErrUsage, err)
	} else if st.IsDir() {
		return AnalyzeReport{}, fmt.Errorf("%w: %s is a folder; name a recording, such as a WebM or MP4 file", ErrUsage, req.File)
	}
	opts := analysis.Options{Run: auth.NewID(), Config: req.Config.Pipeline(), ModelsDir: req.Config.Models, Progress: req.Progress}
	rel, own := ownFile(req.Config.mediaDir(), req.File)
	if !own {
		opts.Interview, opts.Participant = "foreign", "foreign"
		if opts.Sound = req.Sound; opts.Sound == "" {
			opts.Sound = analysis.SoundMixed
		}
		if !slices.Contains(analysis.FileSounds, opts.Sound) {
			return AnalyzeReport{}, fmt.Errorf("%w: --sound is %q, must be one of %q", ErrUsage, opts.Sound, analysis.FileSounds)
		}
		var err error
		if opts.Region, err = analysis.ParseRegion(req.Face); err != nil {
			return AnalyzeReport{}, fmt.Errorf("%w: --face: %w", ErrUsage, err)
		}
		if opts.ShownAt, err = parseClock(req.ShownAt); err != nil {
			return AnalyzeReport{}, fmt.Errorf("%w: --shown-at: %w", ErrUsage, err)
		}
		// Who gives the program a file answers for the consents of who is in it.
		opts.Gate.Heard = []string{"foreign", "other"}
		return analyzeForeign(ctx, req, opts)
	}
	if req.Face != "" && req.Face != "largest" {
		return AnalyzeReport{}, fmt.Errorf("%w: --face is %q, which is for foreign files: a recording of ours shows one person", ErrUsage, req.Face)
	}
	if req.ShownAt != "" {
		return AnalyzeReport{}, fmt.Errorf("%w: --shown-at is %q, which is for foreign files: a recording of ours shows one person", ErrUsage, req.ShownAt)
	}
	db, v, err := req.Config.openStore(ctx, log)
	if err != nil {
		return AnalyzeReport{}, err
	}
	defer db.Close()
	return analyzeOwn(ctx, req, opts, db, v, rel)
}

// parseClock reads a time of a file as seconds, m:ss or h:mm:ss, with decimals;
// 0 for "".
func parseClock(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	total := 0.0
	parts := strings.Split(s, ":")
	for i, part := range parts {
		v, err := strconv.ParseFloat(part, 64)
		last := i == len(parts)-1
		if err != nil || !(v >= 0) || v > 1e6 || i > 0 && v >= 60 || !last && v != math.Trunc(v) || len(parts) > 3 {
			return 0, fmt.Errorf("%q is no time: give hours, minutes and seconds, such as 1:23 or 1:02:03", s)
		}
		total = 60*total + v
	}
	if total == 0 {
		return 0, fmt.Errorf("%q is the file's beginning: give a time after it at which the person is seen, such as 0:01", s)
	}
	return time.Duration(total * float64(time.Second)), nil
}

// ownFile gives the slash path of a file below the media folder.
func ownFile(mediaDir, file string) (string, bool) {
	base, err1 := filepath.EvalSymlinks(mediaDir)
	path, err2 := filepath.EvalSymlinks(file)
	if err1 != nil || err2 != nil {
		return "", false
	}
	base, err1 = filepath.Abs(base)
	path, err2 = filepath.Abs(path)
	if err1 != nil || err2 != nil {
		return "", false
	}
	rel, err := filepath.Rel(base, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

func analyzeForeign(ctx context.Context, req AnalyzeRequest, opts analysis.Options) (AnalyzeReport, error) {
	r, err := analysis.AnalyzeFile(ctx, req.File, opts)
	report := AnalyzeReport{Run: opts.Run, File: req.File, Result: r}
	if errors.Is(err, analysis.ErrShownAt) {
		err = fmt.Errorf("%w: --shown-at: %w", ErrUsage, err)
	}
	if err != nil || req.DryRun {
		return report, err
	}
	dir := filepath.Join(req.Config.Data, "analyses", opts.Run)
	if err := writeStills(filepath.Join(dir, "stills"), r.Stills); err != nil {
		return report, err
	}
	shots := make([]map[string]any, 0, len(r.Shots))
	for _, s := range r.Shots {
		shots = append(shots, map[string]any{"start_ms": s.From.Milliseconds(), "end_ms": s.To.Milliseconds(), "shows": s.Shows, "several_people": s.Several})
	}
	text, err := json.MarshalIndent(map[string]any{
		"run": opts.Run, "file": filepath.Base(req.File), "models": r.Models, "truncated": r.Truncated,
		"start_ms": r.Start.Milliseconds(), "duration_ms": r.Duration.Milliseconds(),
		"findings": r.Findings, "coverage": r.Coverage, "series": r.Series,
		"sound": opts.Sound, "face": opts.Region.String(), "not_measured": r.Unmeasured, "shots": shots,
	}, "", "  ")
	if err != nil {
		return report, fmt.Errorf("encoding the report: %w", err)
	}
	report.Kept = filepath.Join(dir, "report.json")
	if err := os.WriteFile(report.Kept, text, 0o640); err != nil {
		return report, fmt.Errorf("keeping the report: %w", err)
	}
	return report, nil
}

func analyzeOwn(ctx context.Context, req AnalyzeRequest, opts analysis.Options, db *store.Store, v *vault.Vault, rel string) (AnalyzeReport, error) {
	iv, segment, err := segmentOf(ctx, db, rel)
	if err != nil {
		return AnalyzeReport{}, err
	}
	if segment.Participant != iv.Candidate || segment.Stream != "camera" {
		return AnalyzeReport{}, fmt.Errorf("%w: %s is not a recording of the candidate's camera; only that is analysed", ErrUsage, rel)
	}
	candidate, err := db.Participant(ctx, iv.Candidate)
	if err != nil {
		return AnalyzeReport{}, err
	}
	opts.Interview, opts.Participant, opts.Source = iv.ID, segment.Participant, string(media.SourceCamera)
	opts.Offset = time.Duration(segment.StartMS) * time.Millisecond
	if opts.Truth, err = truthOf(ctx, db, segment); err != nil {
		return AnalyzeReport{}, err
	}
	sheet, err := db.RunSheet(ctx, iv.ID)
	if err != nil {
		return AnalyzeReport{}, err
	}
	opts.Truth.Steps = stepsOf(sheet, segment)
	entries, err := db.Entries(ctx, store.EntryQuery{Interview: iv.ID, Kinds: []evidence.EntryKind{evidence.EntryConsent}})
	if err != nil {
		return AnalyzeReport{}, err
	}
	people, err := db.Participants(ctx, iv.ID)
	if err != nil {
		return AnalyzeReport{}, err
	}
	if opts.Gate, opts.Truth.Gates, err = gatesOf(entries, candidate, iv.KindsOff, people...); err != nil {
		return AnalyzeReport{}, err
	}
	if err := addOthers(ctx, db, &opts, req.Config.mediaDir(), segment, people); err != nil {
		return AnalyzeReport{}, err
	}
	folder, err := os.OpenRoot(req.Config.mediaDir())
	if err != nil {
		return AnalyzeReport{}, fmt.Errorf("opening the folder of recordings: %w", err)
	}
	defer folder.Close()
	opts.Open = func(path string) (*webm.Reader, error) {
		rel, own := ownFile(req.Config.mediaDir(), path)
		if !own {
			return webm.Open(path)
		}
		content, err := v.OpenMedia(folder, rel)
		if err != nil {
			return nil, err
		}
		return webm.NewReadCloser(content, content.Bytes)
	}
	report := AnalyzeReport{Run: opts.Run, File: req.File, Interview: iv.ID}
	if report.Result, err = analysis.AnalyzeFile(ctx, req.File, opts); err != nil || req.DryRun {
		return report, err
	}
	for sum, jpeg := range report.Stills {
		sealed, err := v.Seal(iv.ID, evidence.PartStills, jpeg)
		if err == nil {
			err = analysis.WriteStill(req.Config.mediaDir(), iv.ID, sum, sealed)
		}
		if err != nil {
			return report, err
		}
	}
	report.Kept = "the evidence log"
	_, err = db.Append(ctx, runEntries(iv.ID, opts, report.Result)...)
	return report, err
}

// runEntries are the lines of the log that a run leaves.
func runEntries(id string, opts analysis.Options, r analysis.Result) []evidence.NewEntry {
	end := (r.Start + r.Duration).Milliseconds()
	about := evidence.AnalysisPayload{Run: opts.Run, Participant: opts.Participant, StartMS: r.Start.Milliseconds(), EndMS: end, Models: r.Models}
	out := []evidence.NewEntry{entry(id, about.StartMS, evidence.EntryAnalysisStarted, about)}
	for _, f := range r.Findings {
		out = append(out, entry(id, f.EndMS, evidence.EntryFinding, f))
	}
	for _, c := range r.Coverage {
		out = append(out, entry(id, c.EndMS, evidence.EntryCoverage, c))
	}
	for _, s := range r.Series {
		out = append(out, seriesEntry(s))
	}
	for _, e := range r.Enrolled {
		out = append(out, entry(id, e.ToMS, evidence.EntryEnrolled, e))
	}
	for _, e := range r.Compared {
		out = append(out, entry(id, e.AtMS, evidence.EntryCompared, e))
	}
	about.Findings = len(r.Findings)
	out = append(out, entry(id, end, evidence.EntryAnalysisFinished, about))
	for i := range out {
		out[i].Actor = auth.Command
	}
	return out
}

// segmentOf finds the logged segment of a file of ours.
func segmentOf(ctx context.Context, db *store.Store, rel string) (interview.Interview, evidence.Segment, error) {
	id, _, _ := strings.Cut(rel, "/")
	iv, err := db.Interview(ctx, id)
	if err != nil {
		return interview.Interview{}, evidence.Segment{}, fmt.Errorf("the interview of %s: %w", rel, err)
	}
	all, err := db.Segments(ctx, id)
	if err != nil {
		return iv, evidence.Segment{}, err
	}
	for _, s := range all {
		if s.File == rel {
			return iv, s, nil
		}
	}
	return iv, evidence.Segment{}, fmt.Errorf("%w: %s is not a finished recording of the log; a running interview is analysed live", ErrUsage, rel)
}

// stepsOf are the steps that went on during a recording: what a card asks for is
// not to be taken for anything else.
func stepsOf(sheet evidence.RunSheet, s evidence.Segment) (out []analysis.StepSpan) {
	for _, one := range sheet.Steps {
		if one.Ended == "" || one.EndMS <= s.StartMS || one.StartMS >= s.EndMS {
			continue
		}
		out = append(out, analysis.StepSpan{
			Order: evidence.StepOrder{Step: one.Step, Card: one.Kind, LimitMS: one.EndMS - one.StartMS},
			Span:  analysis.Span{From: time.Duration(one.StartMS) * time.Millisecond, To: time.Duration(one.EndMS) * time.Millisecond},
		})
	}
	return out
}

// truthOf reads from the log when the camera was muted and where packets were
// lost, so that a hole in the file is not taken for the wrong thing.
func truthOf(ctx context.Context, db *store.Store, s evidence.Segment) (analysis.Truth, error) {
	var truth analysis.Truth
	gaps, err := db.Gaps(ctx, s.Interview)
	if err != nil {
		return truth, err
	}
	for _, g := range gaps {
		switch {
		case g.Participant != s.Participant:
		case g.Source == string(media.SourceCamera):
			truth.Gaps = append(truth.Gaps, g)
		case g.Source == string(media.SourceMicrophone):
			truth.SoundGaps = append(truth.SoundGaps, g)
		}
	}
	entries, err := db.Entries(ctx, store.EntryQuery{Interview: s.Interview,
		Kinds: []evidence.EntryKind{evidence.EntryTrackMute, evidence.EntryTrackPublished, evidence.EntryTrackEnded}})
	if err != nil {
		return truth, err
	}
	truth.Mutes, err = mutesOf(entries, s.Participant, media.SourceCamera, s.EndMS)
	return truth, err
}

// gatesOf gives what may be measured at first and from when on something else:
// what the candidate agreed to at that time and still does, and the sound of
// those people who did. What is switched off now is not measured at all.
func gatesOf(entries []evidence.Entry, candidate interview.Participant, off []evidence.Kind, people ...interview.Participant) (first analysis.Gate, later []analysis.GateChange, err error) {
	now, still := map[string]map[evidence.Consent]bool{}, map[string]map[evidence.Consent]bool{}
	for _, p := range append(people, candidate) {
		now[p.ID], still[p.ID] = map[evidence.Consent]bool{}, p.Consents
	}
	present := func() analysis.Gate {
		g := gate(now[candidate.ID], off)
		for p := range now {
			if now[p][evidence.ConsentSpeech] {
				g.Heard = append(g.Heard, p)
			}
		}
		slices.Sort(g.Heard)
		return g
	}
	first = present()
	for _, e := range entries {
		var c evidence.ConsentPayload
		if err := json.Unmarshal(e.Payload, &c); err != nil {
			return first, nil, fmt.Errorf("entry %d: %w", e.Seq, err)
		}
		if now[c.Participant] == nil {
			continue
		}
		now[c.Participant][c.Consent] = c.Granted && still[c.Participant][c.Consent]
		if e.AtMS == nil {
			first = present()
			continue
		}
		later = append(later, analysis.GateChange{At: time.Duration(*e.AtMS) * time.Millisecond, Gate: present()})
	}
	return first, later, nil
}

// mutesOf gives the times in which a participant's source was muted, up to an
// end. A mute ends with its track: who comes back says again what is muted.
func mutesOf(entries []evidence.Entry, participant string, source media.Source, endMS int64) (mutes []analysis.Span, err error) {
	from := int64(-1)
	for _, e := range entries {
		var p evidence.TrackPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Seq, err)
		}
		if p.Participant != participant || p.Source != string(source) || e.AtMS == nil {
			continue
		}
		muted := p.Muted && e.Kind != evidence.EntryTrackEnded
		switch {
		case muted && from < 0:
			from = *e.AtMS
		case !muted && from >= 0:
			mutes = append(mutes, span(from, *e.AtMS))
			from = -1
		}
	}
	if from >= 0 && from < endMS {
		mutes = append(mutes, span(from, endMS))
	}
	return mutes, nil
}

func span(fromMS, toMS int64) analysis.Span {
	return analysis.Span{From: time.Duration(fromMS) * time.Millisecond, To: time.Duration(toMS) * time.Millisecond}
}

// writeStills keeps pictures under their hashes.
func writeStills(dir string, stills map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("keeping stills: %w", err)
	}
	for sum, jpeg := range stills {
		path := filepath.Join(dir, sum+".jpg")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if err := durable.Write(path, jpeg); err != nil {
				return fmt.Errorf("keeping stills: %w", err)
			}
		}
	}
	return nil
}
