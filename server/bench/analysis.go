package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"bonafide/models"
	"bonafide/server/analysis"
	"bonafide/server/app"
)

// liveSteps are the numbers of interviews that are tried, one after the other,
// until one is too many; then the one between is.
var liveSteps = []int{1, 2, 4, 6, 8, 10, 12, 16, 20}

// mayDrop is the share of measurements that may be left out, in percent.
const mayDrop = 1.0

// The sets of detectors that the live analysis is measured with, and the names
// under which its child processes are told of them.
const (
	allDetectors = "all"
	faceFacts    = "faces"
)

var setWords = map[string]string{allDetectors: "all", faceFacts: "faces and links only"}

// detectorsOf are those of a set. Faces and links are what the program measured
// before it compared faces, followed the gaze and listened.
func detectorsOf(set string) []analysis.Descriptor {
	if set != faceFacts {
		return app.Detectors
	}
	return slices.DeleteFunc(slices.Clone(app.Detectors), func(d analysis.Descriptor) bool {
		return d.Scope != analysis.ScopeTrack || d.Embeds || d.Scores
	})
}

func benchAnalysis(ctx context.Context, out io.Writer, modelsDir string, length time.Duration, quick bool) (err error) {
	set, err := models.Open(modelsDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	if err := benchStages(out, set, modelsDir, quick); err != nil {
		return err
	}
	fmt.Fprintf(out, `Analysis, live: one child process an interview, fed with the packets of a made video of 640x480 at %d pictures/s and of the
sound of two people; %d face searches and %d landmark readings a second each; %v a row on %d cores, with the feeding on them too.
A row in which readings were dropped or the analysis slowed itself down is one too many.

`, videoFPS, detectRate, landmarkRate, length, cores())
	v, err := newTalkingHead(modelsDir, 640, 480, videoSizes(true)[0].kbps)
	if err != nil {
		return err
	}
	t := newTable(out, "detectors", "interviews", "readings/s each", "dropped %", "slowed to every", "packets refused", "CPU % of a core each", "memory MB each", "idle %")
	var verdicts []string
	for _, set := range []string{faceFacts, allDetectors} {
		most, err := carried(quick, func(n int) (bool, error) {
			r, err := measureLive(ctx, modelsDir, v, set, n, length)
			if err != nil {
				return false, fmt.Errorf("analysing %d interviews: %w", n, err)
			}
			t.row(setWords[set], n, fmt.Sprintf("%.1f", r.readings), fmt.Sprintf("%.2f", r.dropped), r.slowed, r.refused,
				fmt.Sprintf("%.0f", r.cpu), fmt.Sprintf("%.0f", r.rss), fmt.Sprintf("%.0f", r.idle))
			return r.dropped < mayDrop && r.slowed <= 1, nil
		})
		if err != nil {
			return err
		}
		verdicts = append(verdicts, fmt.Sprintf("%s: %d live interviews with less than %g %% of the readings dropped.", setWords[set], most, mayDrop))
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, s := range verdicts {
		fmt.Fprintln(out, s)
	}
	return nil
}

// carried finds the greatest number of interviews that is not too many, to
// within one; 0 where one is.
func carried(quick bool, enough func(n int) (bool, error)) (most int, err error) {
	steps := liveSteps
	if quick {
		steps = steps[:1]
	}
	for _, n := range steps {
		ok, err := enough(n)
		if err != nil {
			return 0, err
		}
		if ok {
			most = n
			continue
		}
		for between := (most + n) / 2; between > most; between = (most + between) / 2 {
			if ok, err = enough(between); err != nil {
				return 0, err
			}
			if ok {
				return between, nil
			}
		}
		break
	}
	return most, nil
}
