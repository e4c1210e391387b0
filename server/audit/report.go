package audit

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"time"

	"bonafide/server/evidence"
)

//go:embed report.html
var reportText string

var reportPage = template.Must(template.New("report").Funcs(template.FuncMap{
	"clock":  clock,
	"wall":   func(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05") },
	"number": func(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) },
}).Parse(reportText))

// clock writes milliseconds as hours, minutes and seconds. It takes a number
// or a pointer to one.
func clock(v any) string {
	r := reflect.Indirect(reflect.ValueOf(v))
	ms := r.Int()
	return fmt.Sprintf("%d:%02d:%02d", ms/3600000, ms/60000%60, ms/1000%60)
}

// ReportID names the form of summaries and reports that this program writes:
// two programs with the same one make the same report of the same entries.
func ReportID() string {
	kinds, err := json.Marshal(evidence.Kinds)
	if err != nil {
		panic(fmt.Sprintf("encoding the table of kinds: %v", err)) // a literal of strings
	}
	h := sha256.New()
	h.Write([]byte(reportText))
	h.Write(kinds)
	return "1-" + hex.EncodeToString(h.Sum(nil)[:8])
}

// Report is the summary as a page that opens without a network.
func (s *Summary) Report() ([]byte, error) {
	var b bytes.Buffer
	err := reportPage.Execute(&b, struct {
		*Summary
		Lanes *lanes
	}{s, s.lanes()})
	if err != nil {
		return nil, fmt.Errorf("writing the report: %w", err)
	}
	return b.Bytes(), nil
}

// lanes is the drawing of findings over time. The titles are no part of the
// drawings, so that they stay readable on a phone.
type lanes struct {
	Rows []lane
}

type lane struct {
	Title string
	Bars  []bar
}

type bar struct {
	X, Width float64 // thousandths of the interview
	Color    string
	Label    string
}

// Severities differ in lightness too, so that they can be told apart in print.
var colors = map[evidence.Severity]string{evidence.SeverityInfo: "#9fb3c8", evidence.SeverityNotice: "#4a78b5", evidence.SeverityAttention: "#8a1c1c"}

func (s *Summary) lanes() *lanes {
	if s.DurationMS <= 0 || len(s.Findings) == 0 {
		return nil
	}
	const width = 1000
	l := &lanes{}
	rows := map[evidence.Kind]int{}
	for _, f := range s.Findings {
		i, ok := rows[f.Kind]
		if !ok {
			i = len(l.Rows)
			rows[f.Kind] = i
			l.Rows = append(l.Rows, lane{Title: f.Title})
		}
		from := min(max(float64(f.StartMS)/float64(s.DurationMS), 0), 1)
		to := min(max(float64(f.EndMS)/float64(s.DurationMS), from), 1)
		l.Rows[i].Bars = append(l.Rows[i].Bars, bar{width * from, max(width*(to-from), 2), colors[f.Severity], f.Title + " " + clock(f.StartMS) + " to " + clock(f.EndMS)})
	}
	return l
}
