package retention

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// at is noon of a day in UTC, in Unix ms.
func at(t *testing.T, date string) int64 {
	t.Helper()
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return d.Add(12 * time.Hour).UnixMilli()
}

func fate(t *testing.T, r Record, policies []Policy, part evidence.RecordPart) Fate {
	t.Helper()
	for _, f := range Fates(r, policies) {
		if f.Part == part {
			return f
		}
	}
	t.Fatalf("no fate of %s", part)
	return Fate{}
}

func TestFates(t *testing.T) {
	ended, decided := at(t, "2025-01-10"), at(t, "2025-03-01")
	over := Record{Interview: "i", Role: "Engineer", State: interview.Ended, EndedMS: ended}
	done := over
	done.Outcome, done.DecidedMS = interview.NotAdvanced, decided
	sanctions := done
	sanctions.Outcome = interview.Sanctions
	held := done
	held.Held = true
	live := over
	live.State, live.EndedMS = interview.Live, 0
	never := Record{Interview: "i", State: interview.Planned, CreatedMS: at(t, "2025-01-01"), PlannedMS: at(t, "2025-02-01")}
	cancelled := Record{Interview: "i", State: interview.Cancelled, EndedMS: ended, PlannedMS: at(t, "2025-06-01")}
	withdrawn := cancelled
	withdrawn.Outcome, withdrawn.DecidedMS = interview.Withdrawn, decided
	own := Policy{ID: "own", Name: "Engineers", Rule: "Ours", Action: Delete, Parts: []evidence.RecordPart{evidence.PartRecording}, Role: " engineer", Origin: FromEnd, Days: 10, Active: true}
	own.Role = "engineer"
	off := own
	off.Active = false
	other := own
	other.Role = "Cook"
	for _, c := range []struct {
		name     string
		record   Record
		policies []Policy
		part     evidence.RecordPart
		keep     string // date, "" for none
		due      string
		by       string
		why      string
	}{
		{"what candidates were told, and a year", over, Defaults(100), evidence.PartRecording, "2026-01-11", "2026-01-11", "promise", "has to be kept longer; it is deleted on 11 January 2026"},
		{"a year from the decision", done, Defaults(365), evidence.PartRecording, "2026-03-02", "2026-03-02", "promise", "29 CFR 1602.14"},
		{"two years were told", done, Defaults(730), evidence.PartText, "2026-03-02", "2027-01-10", "promise", "deleted on 10 January 2027"},
		{"no promise", done, Defaults(0), evidence.PartText, "2026-03-02", "", "", "until a person deletes it"},
		{"ten years", sanctions, Defaults(365), evidence.PartRecording, "2035-03-02", "2035-03-02", "promise", "31 CFR 501.601"},
		{"templates once decided", done, Defaults(365), evidence.PartTemplates, "", "2025-03-01", "bipa-purpose", "740 ILCS 14/15(a)"},
		{"templates before a decision", over, Defaults(0), evidence.PartTemplates, "", "2028-01-10", "bipa-limit", "three years"},
		{"templates of sanctions go too", sanctions, Defaults(365), evidence.PartTemplates, "", "2025-03-01", "bipa-purpose", ""},
		{"waits for a decision", over, Defaults(0)[3:4], evidence.PartTemplates, "", "", "", "counts from the decision"},
		{"a cancelled one waits for no decision", cancelled, Defaults(0)[3:4], evidence.PartTemplates, "", "2025-01-10", "bipa-purpose", ""},
		{"a cancelled one counts from its cancelling", cancelled, Defaults(30)[2:3], evidence.PartText, "", "2025-02-09", "promise", ""},
		{"a cancelled one that was decided about", withdrawn, Defaults(0)[3:4], evidence.PartTemplates, "", "2025-03-01", "bipa-purpose", ""},
		{"role in any case", done, []Policy{own}, evidence.PartRecording, "", "2025-01-20", "own", ""},
		{"another part", done, []Policy{own}, evidence.PartText, "", "", "", "until a person deletes it"},
		{"switched off", done, []Policy{off}, evidence.PartRecording, "", "", "", ""},
		{"another role", done, []Policy{other}, evidence.PartRecording, "", "", "", ""},
		{"live", live, Defaults(1), evidence.PartRecording, "", "", "", "going on"},
		{"never took place", never, Defaults(30)[2:3], evidence.PartText, "", "2025-03-03", "promise", ""},
		{"held", held, Defaults(365), evidence.PartTemplates, "", "2025-03-01", "bipa-purpose", "legal hold"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fate(t, c.record, c.policies, c.part)
			date := func(ms int64) string {
				if ms == 0 {
					return ""
				}
				return time.UnixMilli(ms).UTC().Format(time.DateOnly)
			}
			if date(f.KeepMS) != c.keep || date(f.DueMS) != c.due || f.DueBy != c.by || !strings.Contains(strings.Join(f.Why, "\n"), c.why) || len(f.Why) == 0 {
				t.Errorf("kept until %s, due %s by %s, because %q; want %s, %s, %s, %q", date(f.KeepMS), date(f.DueMS), f.DueBy, f.Why, c.keep, c.due, c.by, c.why)
			}
			late := time.UnixMilli(at(t, "2100-01-01"))
			if f.Due(late) != (c.due != "" && !c.record.Held) {
				t.Errorf("due in the end: %v", f.Due(late))
			}
			if f.DueMS > 0 && f.Due(time.UnixMilli(f.DueMS-1)) {
				t.Error("due a millisecond early")
			}
		})
	}
}

func TestRequestDue(t *testing.T) {
	asked := at(t, "2025-01-01")
	r := Record{State: interview.Ended, EndedMS: asked}
	parts := []evidence.RecordPart{evidence.PartRecording}
	if due := RequestDue(r, parts, asked, Defaults(365)); due != at(t, "2025-01-31") {
		t.Errorf("due %v", time.UnixMilli(due).UTC())
	}
	short := Policy{ID: "s", Action: OnRequest, Parts: parts, Origin: FromRequest, Days: 7, Active: true}
	if due := RequestDue(r, parts, asked, append(Defaults(365), short)); due != at(t, "2025-01-08") {
		t.Errorf("with a shorter one: %v", time.UnixMilli(due).UTC())
	}
	if due := RequestDue(r, parts, asked, nil); due != at(t, "2025-01-31") {
		t.Errorf("without a policy: %v", time.UnixMilli(due).UTC())
	}
}

func TestValidate(t *testing.T) {
	for _, p := range Defaults(365) {
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
	good := Defaults(365)[0]
	for field, change := range map[string]func(*Policy){
		"name":    func(p *Policy) { p.Name = "  " },
		"rule":    func(p *Policy) { p.Rule = strings.Repeat("x", 501) },
		"role":    func(p *Policy) { p.Role = strings.Repeat("x", 201) },
		"action":  func(p *Policy) { p.Action = "burn" },
		"origin":  func(p *Policy) { p.Origin = FromRequest },
		"outcome": func(p *Policy) { p.Outcome = "loved" },
		"days":    func(p *Policy) { p.Days = -1 },
		"parts":   func(p *Policy) { p.Parts = []evidence.RecordPart{evidence.PartText, evidence.PartText} },
	} {
		p := good
		change(&p)
		var wrong *interview.FieldError
		if err := p.Validate(); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
