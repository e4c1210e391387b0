package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"bonafide/server/analysis"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/signaling"
	"bonafide/server/store"
)

// addOthers adds what detectors of wider scope need beside the candidate's
// recording: the others' sound, question marks, what the page told, and when
// microphones were muted.
func addOthers(ctx context.Context, db *store.Store, opts *analysis.Options, mediaDir string, s evidence.Segment, people []interview.Participant) error {
	role := map[string]string{}
	for _, p := range people {
		role[p.ID] = string(p.Role)
	}
	segments, err := db.Segments(ctx, s.Interview)
	if err != nil {
		return err
	}
	for _, o := range segments {
		if o.Participant != s.Participant && o.Stream == "camera" && o.HasAudio && o.EndMS > s.StartMS && o.StartMS < s.EndMS {
			opts.Others = append(opts.Others, analysis.OtherSound{
				Path: filepath.Join(mediaDir, filepath.FromSlash(o.File)), Participant: o.Participant, Role: role[o.Participant],
				Offset: time.Duration(o.StartMS) * time.Millisecond,
			})
		}
	}
	entries, err := db.Entries(ctx, store.EntryQuery{Interview: s.Interview, Kinds: []evidence.EntryKind{evidence.EntryTrackMute,
		evidence.EntryTrackPublished, evidence.EntryTrackEnded, evidence.EntryQuestion, evidence.EntryFact, evidence.EntryDeviceChanged}})
	if err != nil {
		return err
	}
	var tracks []evidence.Entry
	labels := map[string]string{}
	for _, e := range entries {
		if e.AtMS == nil || *e.AtMS > s.EndMS {
			continue
		}
		r := analysis.SceneReading{AtMS: *e.AtMS, Participant: e.Actor.ID, Role: role[e.Actor.ID]}
		switch e.Kind {
		case evidence.EntryQuestion:
			var q evidence.QuestionPayload
			err = json.Unmarshal(e.Payload, &q)
			r.Mark = &analysis.MarkReading{AtMS: *e.AtMS, Phase: q.Phase}
			opts.Truth.Marks = append(opts.Truth.Marks, r)
		case evidence.EntryFact:
			r.Fact = &evidence.FactPayload{}
			err = json.Unmarshal(e.Payload, r.Fact)
			opts.Truth.Facts = append(opts.Truth.Facts, r)
		case evidence.EntryDeviceChanged:
			r.Fact, err = deviceFact(e, labels)
			opts.Truth.Facts = append(opts.Truth.Facts, r)
		default:
			tracks = append(tracks, e)
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.Seq, err)
		}
	}
	for _, p := range people {
		mutes, err := mutesOf(tracks, p.ID, media.SourceMicrophone, s.EndMS)
		if err != nil {
			return err
		}
		for _, m := range mutes {
			opts.Truth.VoiceMutes = append(opts.Truth.VoiceMutes, analysis.VoiceMute{Participant: p.ID, Span: m})
		}
	}
	return nil
}

// deviceFact is what the log says of a device, and whether it took the place of
// another: that is not known where a name was deleted. labels are the newest
// names.
func deviceFact(e evidence.Entry, labels map[string]string) (*evidence.FactPayload, error) {
	var d evidence.DevicePayload
	var part evidence.DevicePart
	if err := json.Unmarshal(e.Payload, &d); err != nil {
		return nil, err
	}
	if e.Part != nil {
		if err := json.Unmarshal(e.Part, &part); err != nil {
			return nil, err
		}
	}
	key := d.Participant + "|" + d.Source
	before := labels[key]
	labels[key] = part.Label
	return &evidence.FactPayload{Participant: d.Participant, Fact: evidence.FactDevice, Source: d.Source,
		Width: d.Width, Height: d.Height, FrameRate: d.FrameRate, Virtual: signaling.VirtualDevice(part.Label),
		Changed: before != "" && part.Label != "" && before != part.Label}, nil
}

// AnalyzeInterview runs Analyze over every recording of the candidate's camera
// in an interview, each under a run of its own: a candidate who came back has
// several. req.File is the interview's identifier.
func AnalyzeInterview(ctx context.Context, req AnalyzeRequest, log *slog.Logger) ([]AnalyzeReport, error) {
	db, _, err := req.Config.openStore(ctx, log)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	iv, err := db.Interview(ctx, req.File)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is neither a file nor an interview: %w", ErrUsage, req.File, err)
	}
	segments, err := db.Segments(ctx, iv.ID)
	if err != nil {
		return nil, err
	}
	var out []AnalyzeReport
	for _, s := range segments {
		if s.Participant != iv.Candidate || s.Stream != "camera" || !s.HasVideo {
			continue
		}
		one := req
		one.File = filepath.Join(req.Config.mediaDir(), filepath.FromSlash(s.File))
		r, err := Analyze(ctx, one, log)
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: interview %s has no finished recording of the candidate's camera", ErrUsage, iv.ID)
	}
	return out, nil
}
