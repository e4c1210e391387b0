package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"bonafide/server/analysis"
	"bonafide/server/app"
	"bonafide/server/evidence"
)

// analyzeCmd runs the pipeline of the live call over a file.
type analyzeCmd struct {
	File         string  `arg:"" help:"The recording, or the identifier of an interview: then every recording of the candidate's camera in it."`
	Data         string  `help:"Folder of the database and the recordings." default:"recordings" env:"BONAFIDE_DATA"`
	Models       string  `help:"Folder of the model files." default:"models/data" env:"BONAFIDE_MODELS"`
	DetectRate   float64 `help:"Face detections per second." default:"2" env:"BONAFIDE_DETECT_RATE"`
	LandmarkRate float64 `help:"Landmark measurements per second; below 10 the gaze is not measured." default:"12" env:"BONAFIDE_LANDMARK_RATE"`
	Sound        string  `help:"Of a foreign file: whose sound it is. mixed: several people's or not known, not measured; one: of the person in the picture alone; left, right: stereo, that person on this side and somebody else on the other." default:"mixed"`
	Face         string  `help:"Of a foreign file that shows several people: whom to measure. largest: whoever is shown the longest, larger faces before smaller ones; left, right: who is in that half of the picture; or a part of the picture in percent: left edge, upper edge, width, height, such as 50,0,50,50. Nothing outside is looked at." default:"largest"`
	ShownAt      string  `help:"Of a foreign file that is cut from person to person, as speaker view is: a time at which it shows who is to be measured, such as 1:23. Without it that is who is shown the longest. Shots of others are not measured."`
	DryRun       bool    `help:"Print what is found and keep nothing."`
}

// interviewID is what an interview's identifier looks like.
var interviewID = regexp.MustCompile(`^[a-z2-7]{20,32}$`)

// Run is called by kong.
func (c *analyzeCmd) Run(ctx context.Context, log *slog.Logger) error {
	bar := &progress{out: os.Stderr, live: isTerminal(os.Stderr)}
	req := app.AnalyzeRequest{
		Config: app.Config{Data: c.Data, Models: c.Models, DetectRate: c.DetectRate, LandmarkRate: c.LandmarkRate},
		File:   c.File, Sound: analysis.FileSound(c.Sound), Face: c.Face, ShownAt: c.ShownAt, DryRun: c.DryRun, Progress: bar.show,
	}
	var reports []app.AnalyzeReport
	_, err := os.Stat(c.File)
	if errors.Is(err, fs.ErrNotExist) && interviewID.MatchString(c.File) {
		reports, err = app.AnalyzeInterview(ctx, req, log)
	} else {
		reports = make([]app.AnalyzeReport, 1)
		reports[0], err = app.Analyze(ctx, req, log)
	}
	bar.end()
	if err != nil {
		return err
	}
	for _, r := range reports {
		printReport(os.Stdout, r)
	}
	return nil
}

// analyzerCmd is the child process of live analysis.
type analyzerCmd struct {
	Models string `help:"Folder of the model files." default:"models/data"`
}

// Run is called by kong. A signal that stops the server is often sent to its
// children too; this one measures on while the rooms are warned, and ends with
// its standard input.
func (c *analyzerCmd) Run(ctx context.Context, log *slog.Logger) error {
	return analysis.RunChild(context.WithoutCancel(ctx), os.Stdin, os.Stdout, c.Models, app.Detectors, log, app.Steps...)
}

func printReport(out io.Writer, r app.AnalyzeReport) {
	fmt.Fprintf(out, "%s: %s analysed, run %s\n", r.File, clock(r.Duration.Milliseconds()), r.Run)
	if r.Truncated != "" {
		fmt.Fprintf(out, "The file ended early: %s. What came before it was analysed.\n", r.Truncated)
	}
	for _, m := range r.Models {
		fmt.Fprintf(out, "model %s sha256:%s\n", m.Name, m.SHA256)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(r.Shots) > 1 {
		fmt.Fprintln(w, "\nSHOT\tFROM\tTO\tSHOWS")
		for i, s := range r.Shots {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", i+1, clock(s.From.Milliseconds()), clock(s.To.Milliseconds()), shows(s))
		}
	}
	fmt.Fprintln(w, "\nFINDING\tFROM\tTO\tQUALITY\tMEASURED")
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t%s\n", f.Kind, clock(f.StartMS), clock(f.EndMS), f.Quality, measures(f.Values))
	}
	if len(r.Findings) == 0 {
		fmt.Fprintln(w, "none\t\t\t\t")
	}
	fmt.Fprintln(w, "\nCOVERAGE\tMEASURED\tNOT MEASURABLE\tNOT RUN\t")
	for _, k := range evidence.Kinds {
		share := coverageOf(k.Kind, r.Coverage)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n", k.Kind, share[evidence.Measured], share[evidence.NotMeasurable], share[evidence.NotRun])
	}
	w.Flush()
	fmt.Fprintln(out, "\nNOT MEASURED")
	for _, s := range r.Unmeasured {
		fmt.Fprintln(out, "- "+s)
	}
	if r.Kept != "" {
		fmt.Fprintf(out, "\nkept in %s\n", r.Kept)
	}
}

// shows says whom a shot shows.
func shows(s analysis.Shot) string {
	words := map[analysis.Shown]string{
		analysis.ShownPerson: "the person", analysis.ShownOther: "somebody else: not measured", analysis.ShownUnclear: "nobody who was recognised: not measured",
	}[s.Shows]
	if s.Several {
		words += ", several people"
	}
	return words
}

// coverageOf sums a kind's intervals by state, with the reasons.
func coverageOf(k evidence.Kind, all []evidence.Coverage) map[evidence.CoverageState]string {
	var total int64
	sum := map[evidence.CoverageState]int64{}
	reasons := map[evidence.CoverageState][]string{}
	slowed := map[evidence.CoverageState]float64{} // the lowest rate
	for _, c := range all {
		if c.Kind != k {
			continue
		}
		if low := slowed[c.State]; c.SlowedTo > 0 && (low == 0 || c.SlowedTo < low) {
			slowed[c.State] = c.SlowedTo
		}
		total += c.EndMS - c.StartMS
		sum[c.State] += c.EndMS - c.StartMS
		if r := string(c.Reason); r != "" && !strings.Contains(strings.Join(reasons[c.State], " "), r) {
			reasons[c.State] = append(reasons[c.State], r)
		}
	}
	out := map[evidence.CoverageState]string{}
	for _, s := range []evidence.CoverageState{evidence.Measured, evidence.NotMeasurable, evidence.NotRun} {
		if total == 0 {
			out[s] = "-"
			continue
		}
		out[s] = fmt.Sprintf("%.0f %%", 100*float64(sum[s])/float64(total))
		if slowed[s] > 0 {
			reasons[s] = append(reasons[s], fmt.Sprintf("slowed to %.3g readings/s", slowed[s]))
		}
		if len(reasons[s]) > 0 {
			out[s] += " (" + strings.Join(reasons[s], ", ") + ")"
		}
	}
	return out
}

func measures(values []evidence.Measure) string {
	var parts []string
	for _, v := range values {
		s := fmt.Sprintf("%s %.3g %s", v.Name, v.Value, v.Unit)
		if v.Compare != "" {
			s += fmt.Sprintf(" (%s %.3g)", v.Compare, v.Threshold)
		}
		parts = append(parts, strings.TrimSpace(s))
	}
	return strings.Join(parts, "; ")
}

// clock writes interview time as minutes, seconds and tenths.
func clock(ms int64) string {
	return fmt.Sprintf("%d:%04.1f", ms/60000, float64(ms%60000)/1000)
}

// progress draws one line that grows, on a terminal; elsewhere it says
// something every tenth.
type progress struct {
	out   io.Writer
	live  bool
	tenth int
	drawn bool
}

func (p *progress) show(done, total time.Duration) {
	if total <= 0 {
		if p.live {
			fmt.Fprintf(p.out, "\r%s analysed", clock(done.Milliseconds()))
			p.drawn = true
		}
		return
	}
	share := min(1, done.Seconds()/total.Seconds())
	if p.live {
		const width = 40
		full := int(share * width)
		fmt.Fprintf(p.out, "\r[%s%s] %3.0f %%  %s of %s", strings.Repeat("#", full), strings.Repeat(".", width-full),
			100*share, clock(done.Milliseconds()), clock(total.Milliseconds()))
		p.drawn = true
		return
	}
	if t := int(share * 10); t > p.tenth {
		p.tenth = t
		fmt.Fprintf(p.out, "%d %% analysed\n", 10*t)
	}
}

func (p *progress) end() {
	if p.drawn {
		fmt.Fprintln(p.out)
	}
}

func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
