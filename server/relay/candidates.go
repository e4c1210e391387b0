package relay

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// gatherWait is how long a description waits for the relay's own candidates.
// They are addresses of this machine and known within a millisecond or two; in
// the description they cannot reach a client before it, or after the next.
const gatherWait = 100 * time.Millisecond

// localCandidates gives the relay's candidates of one connection to the
// client: in the description, or after it where they come late.
type localCandidates struct {
	p      *Participant
	target Target

	mu   sync.Mutex
	open bool              // the description is out
	held []json.RawMessage // before it
}

func newLocalCandidates(p *Participant, target Target) *localCandidates {
	return &localCandidates{p: p, target: target}
}

// hold keeps candidates back until release: a new description is being made.
func (l *localCandidates) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = false
}

// settle waits until gathering is done, but not long. What is held then is in
// the description.
func (l *localCandidates) settle(gathered <-chan struct{}) {
	t := time.NewTimer(gatherWait)
	defer t.Stop()
	select {
	case <-gathered:
	case <-t.C:
	case <-l.p.done:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = nil
}

// release lets candidates out, once the client has the description.
func (l *localCandidates) release() {
	l.mu.Lock()
	held := l.held
	l.held, l.open = nil, true
	l.mu.Unlock()
	for _, c := range held {
		l.emit(c)
	}
}

// add takes a candidate from the connection, nil for the end of them.
func (l *localCandidates) add(c *webrtc.ICECandidate) {
	if c == nil {
		return
	}
	raw, err := json.Marshal(c.ToJSON())
	if err != nil {
		l.p.log.Error("encoding a candidate", "err", err)
		return
	}
	l.mu.Lock()
	open := l.open
	if !open {
		l.held = append(l.held, raw)
	}
	l.mu.Unlock()
	if open {
		l.emit(raw)
	}
}

func (l *localCandidates) emit(candidate json.RawMessage) {
	if f := l.p.cfg.Events.Candidate; f != nil && !l.p.isGone() {
		f(l.target, candidate)
	}
}
