package signaling

import (
	"fmt"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// stopCard ends the step that goes on.
func (r *room) stopCard(p *person, m CardStop) error {
	on, err := r.onNow(m.Step)
	if err != nil {
		return err
	}
	r.endStep(on, evidence.EndStopped, *r.nowMS(), p.actor(), "")
	r.showCards()
	return nil
}

// onNow is the step that goes on, if it is the one that was named.
func (r *room) onNow(step string) (*evidence.Step, error) {
	on := r.cards.sheet.On()
	if on == nil || on.Step != step || r.epoch.Load() == nil {
		return nil, conflict("step", "%q is not on (any more)", step)
	}
	return on, nil
}

// cannot ends the step that goes on because the candidate cannot do it.
func (r *room) cannot(p *person, m CardCannot) error {
	on, err := r.onNow(m.Step)
	if err != nil {
		return err
	}
	if p.Role == interview.Candidate && on.Kind == evidence.CardQuestion {
		return conflict("step", "%q is not on (any more)", m.Step) // they were not told of it
	}
	why, err := note("why", m.Why, maxWhy)
	if err != nil {
		return err
	}
	if why == "" && p.staff() { // the candidate need not say why
		return invalid("why", "is empty; say in a few words why the candidate cannot do it")
	}
	r.endStep(on, evidence.EndCannot, *r.nowMS(), p.actor(), why)
	r.showCards()
	return nil
}

// skipCard leaves a card out.
func (r *room) skipCard(p *person, m CardSkip) error {
	if err := r.ready(); err != nil {
		return err
	}
	c := r.cards.sheet.Card(m.Card)
	switch {
	case c == nil:
		return &problem{"not_found", "card", fmt.Sprintf("the run-sheet has no card %q", m.Card)}
	case c.Skipped:
		return conflict("card", "was left out already")
	case r.cards.sheet.Attempts(c.Card) > 0:
		return conflict("card", "was begun already; it cannot be left out any more")
	}
	if err := validReason(m.Reason, "a card is left out"); err != nil {
		return err
	}
	text, err := note("note", m.Note, maxNote)
	if err != nil {
		return err
	}
	r.change(p, "card.skip", []evidence.NewEntry{r.deviation(p.actor(),
		evidence.DeviationPayload{Change: evidence.DeviationSkipped, Reason: m.Reason, Card: c.Card, Kind: c.Kind}, evidence.DeviationPart{Text: text})}, nil)
	return nil
}

// addCard adds a card that was not drawn.
func (r *room) addCard(p *person, m CardAdd) error {
	if err := r.ready(); err != nil {
		return err
	}
	limit := interview.LimitOf(m.Kind)
	if limit == 0 {
		return invalid("kind", "%q is not a kind of card", m.Kind)
	}
	if len(r.cards.sheet.Cards) >= 2*interview.MaxCards {
		return conflict("", "the run-sheet has %d cards; no more fit", len(r.cards.sheet.Cards))
	}
	question, err := note("question", m.Question, interview.MaxQuestion)
	if err != nil {
		return err
	}
	if (question != "") != (m.Kind == evidence.CardQuestion) {
		return invalid("question", "belongs to question cards; write 1 to %d characters there, and none on others", interview.MaxQuestion)
	}
	if err := validReason(m.Reason, "a card is added"); err != nil {
		return err
	}
	text, err := note("note", m.Note, maxNote)
	if err != nil {
		return err
	}
	n := 1
	for _, c := range r.cards.sheet.Cards {
		if c.Added {
			n++
		}
	}
	r.change(p, "card.add", []evidence.NewEntry{r.deviation(p.actor(),
		evidence.DeviationPayload{Change: evidence.DeviationAdded, Reason: m.Reason, Card: fmt.Sprintf("added_%d", n), Kind: m.Kind, LimitMS: int64(limit) * 1000},
		evidence.DeviationPart{Text: text, Question: question})}, nil)
	return nil
}

// verdict keeps an interviewer's judgement of a step.
func (r *room) verdict(p *person, m CardVerdict) error {
	if err := r.ready(); err != nil {
		return err
	}
	s := r.cards.sheet.Step(m.Step)
	switch {
	case s == nil:
		return &problem{"not_found", "step", fmt.Sprintf("there was no step %q", m.Step)}
	case s.Ended == "":
		return conflict("step", "still goes on; stop it first")
	case !m.Verdict.Fits(s.Kind) && s.Kind == evidence.CardShowID:
		return invalid("verdict", "%q is none for documents; use matches, does_not_match or unsure", m.Verdict)
	case !m.Verdict.Fits(s.Kind):
		return invalid("verdict", "%q is none for this card; use done, not_done or unsure", m.Verdict)
	}
	text, err := note("note", m.Note, maxNote)
	if err != nil {
		return err
	}
	if text == "" && s.Kind == evidence.CardShowID {
		return invalid("note", "is empty; say in a few words what you compared and saw")
	}
	r.change(p, "card.verdict", []evidence.NewEntry{r.entry(p.actor(), evidence.EntryStepVerdict,
		evidence.VerdictPayload{Step: s.Step, Card: s.Card, Kind: s.Kind, Verdict: m.Verdict}, notePart(text))}, nil)
	return nil
}

// expireStep ends a step whose time is over.
func (r *room) expireStep() {
	on, now := r.cards.sheet.On(), r.nowMS()
	if on == nil || now == nil || *now < on.StartMS+on.LimitMS {
		return
	}
	r.endStep(on, evidence.EndTime, on.StartMS+on.LimitMS, evidence.System, "")
	r.showCards()
}

// endCards ends the step that goes on with the interview or the room, and says
// which required cards were not reached.
func (r *room) endCards(how evidence.StepEnd) {
	now := r.nowMS()
	if !r.cards.known || now == nil {
		return
	}
	if on := r.cards.sheet.On(); on != nil {
		r.endStep(on, how, *now, evidence.System, "")
	}
	if how != evidence.EndHangup {
		return // the interview goes on elsewhere
	}
	for _, c := range r.cards.sheet.Cards {
		if c.Required && !c.Skipped && r.cards.sheet.Attempts(c.Card) == 0 {
			r.keep(r.deviation(evidence.System, evidence.DeviationPayload{
				Change: evidence.DeviationNotReached, Reason: evidence.ReasonEnded, Card: c.Card, Kind: c.Kind}, evidence.DeviationPart{}))
		}
	}
}

// prompt is what the candidate is asked for now.
func (r *room) prompt() Card {
	on := r.cards.sheet.On()
	if on == nil || on.Kind == evidence.CardQuestion { // questions are asked by people
		return Card{}
	}
	return Card{Step: on.Step, Kind: on.Kind, Side: on.Side, Phrase: on.Shown.Phrase, StartMS: on.StartMS, LimitMS: on.LimitMS}
}

// showCards shows the run-sheet to those who may see it, and the candidate
// what is asked for, where that changed.
func (r *room) showCards() {
	changed := r.prompt() != r.cards.shown
	r.cards.shown = r.prompt()
	r.each(inTheRoom, func(p *person) {
		if p.staff() || changed {
			r.showCardsTo(p)
		}
	})
}

// showCardsTo shows one person what they may see.
func (r *room) showCardsTo(p *person) {
	if !r.cards.known {
		return
	}
	if p.staff() {
		v := Cards{Sheet: r.cards.sheet, Daylight: r.daylight(), Rates: evidence.CheckRates}
		if next := r.cards.sheet.Next(); next != nil {
			v.Next = next.Card
		}
		p.send("cards", v)
	} else {
		p.send("card", r.prompt())
	}
	if r.cards.hint != nil {
		p.send("card.hint", CardHint{Hint: *r.cards.hint})
	}
}

// showSteps takes what the application told of steps since the last time.
func (r *room) showSteps(u update) {
	if len(u.checked) > 0 && r.cards.known {
		r.takeEntries(u.checked)
		if on := r.cards.sheet.On(); on != nil && on.Result != nil && on.Result.Outcome == evidence.StepDone && r.nowMS() != nil {
			r.endStep(on, evidence.EndComplete, *r.nowMS(), evidence.System, "")
		}
		r.showCards()
	}
	on := r.cards.sheet.On()
	if u.hint == nil || on == nil || u.hint.Step != on.Step {
		return
	}
	r.cards.hint = u.hint
	r.each(inTheRoom, func(p *person) {
		if p.staff() || on.Kind != evidence.CardQuestion {
			p.send("card.hint", CardHint{Hint: *u.hint})
		}
	})
}
