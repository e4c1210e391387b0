package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// maxListed bounds a list that is saved as a file.
const maxListed = 200_000

// getRecordsFile answers with all records that a search finds, as a file. That
// it was saved, and how many records it holds, is an entry of the log, written
// before the first byte goes out.
func (a *API) getRecordsFile(w http.ResponseWriter, r *http.Request, c call) error {
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return errCrossOrigin // a link on another site must not export
	}
	format := r.URL.Query().Get("format")
	if format != "csv" && format != "json" {
		return interview.Invalid("format", "%q is not one of csv, json", format)
	}
	q, err := queryOf(r.URL.Query())
	if err != nil {
		return err
	}
	f := q.filter()
	f.Limit = maxListed
	list, err := a.records(r.Context(), f)
	if err != nil {
		return err
	}
	_, err = a.Store.Append(r.Context(), evidence.NewEntry{Actor: c.account.Actor(), Kind: evidence.EntryAccessListed,
		Payload: evidence.ListedPayload{Format: format, Rows: len(list.Records), Roles: roleNames(c.account)}})
	if err != nil {
		return fmt.Errorf("logging that a list is saved: %w", err)
	}
	h := w.Header()
	h.Set("Content-Disposition", `attachment; filename="records.`+format+`"`)
	if format == "json" {
		h.Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(list.Records) // an error is a browser that has gone
		return nil
	}
	h.Set("Content-Type", "text/csv; charset=utf-8")
	_ = writeCSV(w, list.Records)
	return nil
}

// csvColumns is the first line of a list.
var csvColumns = []string{"interview", "candidate", "role", "scheduled", "state", "outcome", "interviewers", "findings", "without_decision", "recorded_seconds",
	"on_hold", "next_deletion", "last_check", "checked"}

func writeCSV(w io.Writer, list []FoundRecord) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return err
	}
	for _, r := range list {
		iv := r.Summary.Interview
		row := []string{iv.ID, iv.CandidateName, iv.Role, csvTime(iv.ScheduledMS), string(iv.State), r.Outcome, strings.Join(r.Summary.InterviewerNames, "; "),
			strconv.Itoa(r.Summary.Findings), strconv.Itoa(r.Summary.Unreviewed), strconv.FormatInt(r.Summary.RecordedMS/1000, 10), yesNo(r.Held), csvTime(r.DueMS), r.Check, csvTime(r.CheckedMS)}
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from taking a text for a formula: names and
// roles are typed by people. An apostrophe before it makes it a text
// (OWASP, CSV Injection).
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// csvTime writes Unix ms as a time that spreadsheets know, in UTC.
func csvTime(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
