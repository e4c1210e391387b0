package signaling

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
	"unicode/utf8"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// maxConsentText bounds the text of a consent, in characters.
const maxConsentText = 4000

// shown is what a consent's entry says of the text that was answered: its hash
// in the payload, and the text itself as the part.
func shown(text string) (sum string, part any) {
	if text == "" {
		return "", nil
	}
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:]), evidence.NotePart{Text: text}
}

// consent takes an answer. A refusal or withdrawal holds at once; an agreement
// holds for recording and analysis when it is kept.
func (r *room) consent(p *person, m SetConsent) error {
	if asked := p.Role.Consents(); !slices.Contains(asked, m.Consent) {
		return invalid("consent", "%q is not asked of you; use one of %v", m.Consent, asked)
	}
	if n := utf8.RuneCountInString(m.Text); n > maxConsentText {
		return invalid("text", "has %d characters; at most %d fit", n, maxConsentText)
	}
	sum, part := shown(m.Text)
	was, answered := p.Consents[m.Consent]
	p.Consents[m.Consent] = m.Granted
	r.dirty = true
	tell := func() {
		if f := r.hub.hooks.Consent; f != nil {
			f(r.iv, p.copy())
		}
	}
	if !m.Granted {
		tell()
	}
	id := p.ID
	r.keepJob(job{
		save: func(ctx context.Context, e []evidence.NewEntry) error {
			return r.hub.backend.SaveConsent(ctx, id, m.Consent, m.Granted, e...)
		},
		entries: []evidence.NewEntry{r.entry(p.actor(), evidence.EntryConsent, evidence.ConsentPayload{
			Participant: p.ID, Consent: m.Consent, Granted: m.Granted, Withdrawn: was && !m.Granted, TextSHA256: sum,
		}, part)},
		done: func(r *room, _ []evidence.Entry, err error) {
			switch {
			case err != nil && m.Granted:
				// What is not written down was not given.
				if answered {
					p.Consents[m.Consent] = was
				} else {
					delete(p.Consents, m.Consent)
				}
				r.dirty = true
				p.fail("consent", err)
			case err != nil:
				p.fail("consent", err)
			case m.Granted && p.Consents[m.Consent]:
				tell()
			}
		},
	})
	if m.Consent == evidence.ConsentRecording && !m.Granted && p.stage != StageLobby && r.mayEnter(p) != nil {
		p.send("notice", Notice{Level: "warning", Code: "recording_required",
			Text: "This interview can only take place with a recording. You have left it; nothing more is recorded."})
		r.noticeStaff(Notice{Level: "warning", Code: "recording_withdrawn",
			Text: "The candidate withdrew the consent to recording, without which no interview takes place here."})
		r.goodbye(p, "removed", evidence.System)
	}
	return nil
}

// fail tells a person that their message of a type could not be carried out.
func (p *person) fail(of string, err error) {
	if p.conn != nil {
		p.conn.refuse(of, err)
	}
}

// enter ends the lobby.
func (r *room) enter(p *person, _ Enter) error {
	if p.stage != StageLobby {
		p.send("stage", StageChanged{Stage: p.stage})
		return nil
	}
	if err := r.mayEnter(p); err != nil {
		return err
	}
	if p.Role == interview.Candidate && (r.epoch.Load() == nil || r.removed[p.ID]) {
		r.keep(r.entry(p.actor(), evidence.EntryParticipantWaiting,
			evidence.ParticipantPayload{Participant: p.ID, Role: string(p.Role)}, nil))
		r.moveTo(p, StageWaiting)
		return nil
	}
	r.moveTo(p, StageRoom)
	return nil
}

// admit lets a waiting candidate in. The first admission begins the interview.
func (r *room) admit(p *person, m Admit) error {
	who := r.people[m.Participant]
	if who == nil {
		return &problem{"not_found", "participant", "nobody here has this identifier"}
	}
	if who.stage != StageWaiting {
		return conflict("participant", "is at the stage %s, not waiting", who.stage)
	}
	if r.starting {
		return nil // by another interviewer, at the same moment
	}
	r.starting = true
	by, first := p.actor(), r.epoch.Load() == nil
	if first { // once more: the role may have got other cards since the room was opened
		r.cards.known = false
		r.loadCards()
	}
	payload := evidence.ParticipantPayload{Participant: who.ID, Role: string(who.Role)}
	work := job{done: func(r *room, _ []evidence.Entry, err error) {
		r.starting = false
		if err != nil {
			p.fail("admit", err)
			return
		}
		r.letIn(who)
	}}
	admission := r.entry(by, evidence.EntryParticipantAdmit, payload, nil)
	if !first {
		work.entries = []evidence.NewEntry{admission}
		r.keepJob(work)
		return nil
	}
	var began time.Time
	work.save = func(ctx context.Context, e []evidence.NewEntry) (err error) {
		began, err = r.hub.backend.Start(ctx, r.id, e...)
		return err
	}
	start := r.entry(by, evidence.EntryInterviewStarted, evidence.InterviewPayload{}, nil)
	start.AtMS, admission.AtMS = evidence.At(0), evidence.At(0)
	work.entries = []evidence.NewEntry{start, admission}
	admitted := work.done
	work.done = func(r *room, e []evidence.Entry, err error) {
		if err == nil && !r.ending {
			r.begin(began)
			r.each(func(*person) bool { return true }, func(p *person) {
				p.send("started", Started{StartedMS: r.iv.StartedMS})
			})
		}
		admitted(r, e, err)
	}
	r.keepJob(work)
	return nil
}

func (r *room) letIn(who *person) {
	if r.ending || r.people[who.ID] != who || who.stage != StageWaiting {
		return // gone meanwhile
	}
	delete(r.removed, who.ID)
	r.moveTo(who, StageRoom)
}

// remove sends a participant out.
func (r *room) remove(p *person, m Remove) error {
	who := r.people[m.Participant]
	if who == nil {
		return &problem{"not_found", "participant", "nobody here has this identifier"}
	}
	if who == p {
		return invalid("participant", "is you; send leave to leave")
	}
	r.removed[who.ID] = true
	r.log.Info("participant removed", "participant", who.ID, "by", p.ID)
	r.goodbye(who, "removed", p.actor())
	return nil
}

// leave leaves the room; the interview goes on.
func (r *room) leave(p *person, _ Leave) error {
	r.goodbye(p, "leave", p.actor())
	return nil
}

// hangup ends the interview for everybody.
func (r *room) hangup(p *person, _ Hangup) error {
	if r.epoch.Load() == nil {
		return conflict("", "the interview has not begun; leave instead")
	}
	r.end("hangup", p.actor())
	return nil
}
