package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

const maxWhy = 500 // characters of why somebody cannot comply

// cards is a room's run-sheet, as the log has it, and what is being changed.
type cards struct {
	sheet evidence.RunSheet
	known bool // sheet was read
	asked bool // it is being read
	busy  bool // a change is being kept; another has to wait for it
	hint  *evidence.StepHint
	shown Card // to the candidate
}

// loadCards reads the run-sheet; before the call that draws it. The journal
// keeps its jobs in order, so that a draw is durable before the interview begins.
func (r *room) loadCards() {
	if r.cards.known || r.cards.asked {
		return
	}
	r.cards.asked = true
	var sheet evidence.RunSheet
	r.keepJob(job{
		save: func(ctx context.Context, _ []evidence.NewEntry) (err error) {
			sheet, err = r.hub.backend.RunSheet(ctx, r.id)
			return err
		},
		done: func(r *room, _ []evidence.Entry, err error) {
			r.cards.asked = false
			if err != nil {
				r.log.Error("the run-sheet is not known", "err", err)
				r.noticeStaff(Notice{Level: "error", Code: "cards_failed", Text: "The run-sheet could not be read. It is tried again when somebody joins."})
				return
			}
			r.cards.sheet, r.cards.known = sheet, true
			// The server stopped in the middle of it, or before its end was written.
			switch on := r.cards.sheet.On(); {
			case on == nil || r.ending:
			case on.Result != nil:
				r.endStep(on, evidence.EndComplete, max(on.StartMS, on.Result.EndMS), evidence.System, "")
			default:
				r.endStep(on, evidence.EndInterrupted, max(on.StartMS, r.least.Milliseconds()), evidence.System, "")
			}
			r.showCards()
		},
	})
}

// ready says why a card cannot be dealt with now.
func (r *room) ready() error {
	switch {
	case !r.cards.known:
		return conflict("", "the run-sheet is not known yet; try again in a moment")
	case r.epoch.Load() == nil:
		return conflict("", "the interview has not begun; admit the candidate first")
	case r.cards.busy:
		return conflict("", "another change of the run-sheet is being kept; try again in a moment")
	}
	return nil
}

// note trims and checks a free text.
func note(field, text string, most int) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n > most {
		return "", invalid(field, "has %d characters; at most %d fit", n, most)
	}
	return text, nil
}

// notePart is a free text as the part of an entry; nil for none.
func notePart(text string) any {
	if text == "" {
		return nil
	}
	return evidence.NotePart{Text: text}
}

// deviation is an entry about a departure from the drawn run-sheet.
func (r *room) deviation(by evidence.Actor, d evidence.DeviationPayload, part evidence.DeviationPart) evidence.NewEntry {
	if part == (evidence.DeviationPart{}) {
		return r.entry(by, evidence.EntryCardsDeviation, d, nil)
	}
	return r.entry(by, evidence.EntryCardsDeviation, d, part)
}

func validReason(reason evidence.DeviationReason, why string) error {
	if reason == "" {
		return invalid("reason", "is missing: %s; give one of %s", why, reasonList())
	}
	if !reason.Valid() {
		return invalid("reason", "%q is none; give one of %s", reason, reasonList())
	}
	return nil
}

func reasonList() string {
	var names []string
	for _, r := range evidence.DeviationReasons {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// departure tells how starting a card departs from the drawn order; "" if it
// does not. The other side of a document belongs to its card.
func (r *room) departure(c *evidence.RunCard, side string) evidence.DeviationChange {
	sheet := &r.cards.sheet
	if sheet.Attempts(c.Card) > 0 {
		for _, s := range sheet.Steps {
			if s.Card == c.Card && (c.Kind != evidence.CardShowID || s.Side == side) {
				return evidence.DeviationRepeated
			}
		}
		return ""
	}
	if next := sheet.Next(); next != nil && next.Card != c.Card && !c.Added {
		return evidence.DeviationOrder
	}
	return ""
}

// startCard begins a step. The candidate is asked when its entry is durable.
func (r *room) startCard(p *person, m CardStart) error {
	if err := r.ready(); err != nil {
		return err
	}
	c := r.cards.sheet.Card(m.Card)
	if c == nil {
		return &problem{"not_found", "card", fmt.Sprintf("the run-sheet has no card %q", m.Card)}
	}
	if on := r.cards.sheet.On(); on != nil {
		return conflict("card", "another card is on; stop it first")
	}
	side, err := sideOf(c.Kind, m.Side)
	if err != nil {
		return err
	}
	if who := r.people[r.iv.Candidate]; who == nil || who.stage != StageRoom {
		return conflict("", "the candidate is not in the room")
	}
	text, err := note("note", m.Note, maxNote)
	if err != nil {
		return err
	}
	var entries []evidence.NewEntry
	if change := r.departure(c, side); change != "" {
		if err := validReason(m.Reason, departureWords[change]); err != nil {
			return err
		}
		entries = append(entries, r.deviation(p.actor(),
			evidence.DeviationPayload{Change: change, Reason: m.Reason, Card: c.Card, Kind: c.Kind}, evidence.DeviationPart{Text: text}))
	}
	shown, err := r.shown(c)
	if err != nil {
		return err
	}
	attempt := r.cards.sheet.Attempts(c.Card) + 1
	step := evidence.StepPayload{Step: fmt.Sprintf("%s-%d", c.Card, attempt), Card: c.Card, Kind: c.Kind, Attempt: attempt,
		Side: side, StartMS: *r.nowMS(), LimitMS: c.LimitMS}
	entries = append(entries, r.entry(p.actor(), evidence.EntryStepStarted, step, shown))
	r.change(p, "card.start", entries, func(r *room) {
		if f := r.hub.hooks.StepBegan; f != nil {
			f(r.iv, evidence.StepOrder{Step: step.Step, Card: step.Kind, LimitMS: step.LimitMS,
				Document: evidence.DocumentHint{Name: r.iv.CandidateName, Side: side}}, step.StartMS)
		}
	})
	return nil
}

var departureWords = map[evidence.DeviationChange]string{
	evidence.DeviationRepeated: "this card was done before",
	evidence.DeviationOrder:    "another card comes before this one",
}

func sideOf(k evidence.CardKind, side string) (string, error) {
	switch {
	case k != evidence.CardShowID && side != "":
		return "", invalid("side", "is for documents; leave it out")
	case k != evidence.CardShowID:
		return "", nil
	case side == "" || side == "front":
		return "front", nil
	case side == "back":
		return "back", nil
	}
	return "", invalid("side", "%q is none; use front or back", side)
}

// shown is what a card shows to people beside its words: the part of the entry.
func (r *room) shown(c *evidence.RunCard) (any, error) {
	part := evidence.StepPart{Question: c.Question}
	switch c.Kind {
	case evidence.CardSpokenCode:
		phrase, err := interview.Phrase()
		if err != nil {
			return nil, err
		}
		part.Phrase = phrase
	case evidence.CardWindow:
		part.Daylight = r.daylight()
	}
	if part == (evidence.StepPart{}) {
		return nil, nil
	}
	return part, nil
}

// daylight is what to expect now at the claimed place; nil without a time zone.
func (r *room) daylight() *evidence.Daylight {
	if r.iv.TimeZone == "" {
		return nil
	}
	d := r.hub.backend.Daylight(r.iv.TimeZone, time.Now())
	return &d
}

// change keeps entries about the run-sheet, which a message of a type asked for,
// then takes them over and shows them.
func (r *room) change(p *person, of string, entries []evidence.NewEntry, then func(*room)) {
	r.cards.busy = true
	r.keepJob(job{entries: entries, done: func(r *room, kept []evidence.Entry, err error) {
		r.cards.busy = false
		if err != nil {
			p.fail(of, err)
			return
		}
		r.takeEntries(kept)
		if on := r.cards.sheet.On(); r.ending && on != nil {
			r.endStep(on, evidence.EndHangup, on.StartMS, evidence.System, "") // nobody was asked any more
		}
		if r.ending {
			return
		}
		if then != nil {
			then(r)
		}
		r.showCards()
	}})
}

// takeEntries folds entries into the run-sheet.
func (r *room) takeEntries(entries []evidence.Entry) {
	for _, e := range entries {
		if err := r.cards.sheet.Add(e); err != nil {
			r.log.Error("an entry about the run-sheet", "err", err)
		}
	}
}

// endStep ends a step at once; its entry is kept and, where the log refuses
// it, tried again: a step must not go on because a disk is full.
func (r *room) endStep(s *evidence.Step, how evidence.StepEnd, atMS int64, by evidence.Actor, why string) {
	over := evidence.StepPayload{Step: s.Step, Card: s.Card, Kind: s.Kind, Attempt: s.Attempt, Side: s.Side,
		StartMS: s.StartMS, EndMS: atMS, LimitMS: s.LimitMS, Ended: how}
	n := r.entry(by, evidence.EntryStepEnded, over, notePart(why))
	r.keep(n)
	e := evidence.Entry{Interview: n.Interview, AtMS: n.AtMS, Actor: n.Actor, Kind: n.Kind}
	var err error
	if e.Payload, err = json.Marshal(over); err == nil && n.Part != nil {
		e.Part, err = json.Marshal(n.Part)
	}
	if err != nil {
		r.log.Error("encoding the end of a step", "err", err) // structs of strings and numbers
		return
	}
	r.takeEntries([]evidence.Entry{e})
	r.cards.hint = nil
	if f := r.hub.hooks.StepOver; f != nil {
		f(r.iv, over)
	}
}
