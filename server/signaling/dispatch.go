package signaling

import (
	"encoding/json"
	"slices"

	"bonafide/server/interview"
)

// message says who may send a message when, and what it does.
type message struct {
	roles       []interview.Role // nil for everybody
	stages      []Stage          // nil for every stage
	description bool             // holds an SDP and may be as large as one
	entry       bool             // makes an entry or may, and has the tighter rate limit
	costly      bool             // makes connections negotiate, and counts as several messages
	decode      func(json.RawMessage) (action, error)
}

// action is a decoded message, to be carried out by the room's goroutine.
type action func(*room, *person) error

var (
	hosts      = []interview.Role{interview.Interviewer}
	candidates = []interview.Role{interview.Candidate}
	talk       = []interview.Role{interview.Candidate, interview.Interviewer}
	inRoom     = []Stage{StageRoom}
)

// messages are all that a client may send after "join".
var messages = map[string]message{
	"consent":           {entry: true, decode: on((*room).consent)},
	"enter":             {entry: true, decode: on((*room).enter)},
	"leave":             {decode: on((*room).leave)},
	"admit":             {roles: hosts, entry: true, decode: on((*room).admit)},
	"remove":            {roles: hosts, entry: true, decode: on((*room).remove)},
	"hangup":            {roles: hosts, decode: on((*room).hangup)},
	"publish.offer":     {stages: inRoom, description: true, entry: true, costly: true, decode: on((*room).publishOffer)},
	"subscribe.answer":  {stages: inRoom, description: true, decode: on((*room).subscribeAnswer)},
	"subscribe.restart": {stages: inRoom, costly: true, decode: on((*room).restartSubscribe)},
	"candidate":         {stages: inRoom, decode: on((*room).candidate)},
	"mute":              {roles: talk, stages: inRoom, entry: true, decode: on((*room).mute)},
	"device":            {roles: talk, entry: true, decode: on((*room).device)},
	"fact":              {roles: candidates, stages: inRoom, entry: true, decode: on((*room).fact)},
	"annotate":          {roles: hosts, stages: inRoom, entry: true, decode: on((*room).annotate)},
	"question":          {roles: hosts, stages: inRoom, entry: true, decode: on((*room).question)},
	"kinds":             {roles: hosts, entry: true, decode: on((*room).kinds)},
	"enrol.retake":      {roles: hosts, stages: inRoom, entry: true, decode: on((*room).retakeFace)},
	"card.start":        {roles: hosts, stages: inRoom, entry: true, decode: on((*room).startCard)},
	"card.stop":         {roles: hosts, stages: inRoom, entry: true, decode: on((*room).stopCard)},
	"card.skip":         {roles: hosts, stages: inRoom, entry: true, decode: on((*room).skipCard)},
	"card.add":          {roles: hosts, stages: inRoom, entry: true, decode: on((*room).addCard)},
	"card.cannot":       {roles: talk, stages: inRoom, entry: true, decode: on((*room).cannot)},
	"card.verdict":      {roles: hosts, stages: inRoom, entry: true, decode: on((*room).verdict)},
}

// on makes a handler of a method that takes one message type.
func on[T any](f func(*room, *person, T) error) func(json.RawMessage) (action, error) {
	return func(raw json.RawMessage) (action, error) {
		var m T
		if err := decode(raw, &m); err != nil {
			return nil, err
		}
		return func(r *room, p *person) error { return f(r, p, m) }, nil
	}
}

// act carries out a message if its sender may send it now.
func (r *room) act(c *conn, kind string, m message, do action) {
	p := r.people[c.participant]
	if p == nil || p.conn != c || r.ending {
		return // replaced, removed or over: the socket is being closed
	}
	var err error
	switch {
	case m.roles != nil && !slices.Contains(m.roles, p.Role):
		err = forbidden("type", "%s is not for the role %s", kind, p.Role)
	case m.stages != nil && !slices.Contains(m.stages, p.stage):
		err = conflict("type", "%s is for people in the room; you are at the stage %s", kind, p.stage)
	default:
		err = do(r, p)
	}
	if err != nil {
		c.refuse(kind, err)
	}
}
