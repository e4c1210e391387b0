package signaling

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"bonafide/server/evidence"
)

const (
	maxNote   = 2000 // characters of an annotation
	clockSkew = 2000 // ms by which a client's idea of now may be ahead of ours
)

// instant resolves the interview time a message speaks of.
func (r *room) instant(at *int64) (int64, error) {
	now := r.nowMS()
	if now == nil {
		return 0, conflict("at_ms", "the interview has not begun, so there is no instant to mark")
	}
	if at == nil {
		return *now, nil
	}
	if *at < 0 || *at > *now+clockSkew {
		return 0, invalid("at_ms", "%d ms is not within the interview, which is at %d ms", *at, *now)
	}
	return min(*at, *now), nil
}

// annotate keeps an interviewer's note; it is shown when it is kept.
func (r *room) annotate(p *person, m Annotate) error {
	text := strings.TrimSpace(m.Text)
	if n := utf8.RuneCountInString(text); n < 1 || n > maxNote {
		return invalid("text", "has %d characters; write 1 to %d", n, maxNote)
	}
	at, err := r.instant(m.AtMS)
	if err != nil {
		return err
	}
	var id [12]byte
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	e := r.entry(p.actor(), evidence.EntryAnnotation,
		evidence.AnnotationPayload{ID: hex.EncodeToString(id[:])}, evidence.NotePart{Text: text})
	e.AtMS = &at
	r.keepJob(job{entries: []evidence.NewEntry{e}, done: func(r *room, kept []evidence.Entry, err error) {
		if err != nil {
			p.fail("annotate", err)
			return
		}
		r.each(staffInRoom, func(to *person) {
			to.send("annotated", Annotated{Seq: seq(kept), AtMS: at, By: p.ID, Text: text})
		})
	}})
	return nil
}

// question keeps an interviewer's mark; it is shown when it is kept.
func (r *room) question(p *person, m Question) error {
	if m.Phase != evidence.QuestionAsked && m.Phase != evidence.QuestionAnswer {
		return invalid("phase", "%q is none; use asked or answer", m.Phase)
	}
	at, err := r.instant(m.AtMS)
	if err != nil {
		return err
	}
	if f := r.hub.hooks.Marked; f != nil {
		f(r.iv, p.ID, m.Phase, at)
	}
	e := r.entry(p.actor(), evidence.EntryQuestion, evidence.QuestionPayload{Phase: m.Phase}, nil)
	e.AtMS = &at
	r.keepJob(job{entries: []evidence.NewEntry{e}, done: func(r *room, kept []evidence.Entry, err error) {
		if err != nil {
			p.fail("question", err)
			return
		}
		r.each(staffInRoom, func(to *person) {
			to.send("questioned", Questioned{Seq: seq(kept), AtMS: at, By: p.ID, Phase: m.Phase})
		})
	}})
	return nil
}

func seq(kept []evidence.Entry) int64 {
	if len(kept) == 0 {
		return 0
	}
	return kept[0].Seq
}

// kinds switches measurements off, and others on again.
func (r *room) kinds(p *person, m SetKinds) error {
	off := []evidence.Kind{}
	seen := map[evidence.Kind]bool{}
	for _, k := range m.Off {
		if _, ok := evidence.Info(k); !ok {
			return invalid("off", "%q is not a measurement that exists", k)
		}
		if !seen[k] {
			seen[k] = true
			off = append(off, k)
		}
	}
	r.keepJob(job{
		save: func(ctx context.Context, e []evidence.NewEntry) error {
			return r.hub.backend.SaveKinds(ctx, r.id, off, e...)
		},
		entries: []evidence.NewEntry{r.entry(p.actor(), evidence.EntryInterviewUpdated, evidence.InterviewPayload{KindsOff: off}, nil)},
		done: func(r *room, _ []evidence.Entry, err error) {
			if err != nil {
				p.fail("kinds", err)
				return
			}
			r.iv.KindsOff = off
			if f := r.hub.hooks.Kinds; f != nil {
				f(r.iv)
			}
			r.each((*person).staff, func(to *person) {
				to.send("interview", InterviewChanged{Interview: r.describe(to)})
			})
		},
	})
	return nil
}
