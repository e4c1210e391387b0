package signaling

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

func (c *conn) read(ctx context.Context) {
	alive := func(string) error {
		select {
		case <-c.quit: // closing has a deadline of its own
			return nil
		default:
			return c.ws.SetReadDeadline(time.Now().Add(c.hub.cfg.PongWait))
		}
	}
	c.ws.SetPongHandler(alive)
	_ = c.ws.SetReadDeadline(time.Now().Add(c.hub.cfg.JoinWait))
	env, size, err := c.next()
	if err != nil {
		c.failRead(err)
		return
	}
	if err := c.join(ctx, env, size); err != nil {
		c.fail(closeCode(err), err)
		return
	}
	defer c.room.post(func(r *room) { r.disconnected(c) })
	_ = alive("")
	for {
		env, size, err := c.next()
		if err != nil {
			c.failRead(err)
			return
		}
		select {
		case <-c.quit:
			return
		default:
		}
		if err := c.dispatch(env, size); err != nil {
			c.fail(closeCode(err), err)
			return
		}
	}
}

// garbage is a message that no client of ours sends.
type garbage struct {
	code int
	problem
}

func (g *garbage) Unwrap() error { return &g.problem }

// closeCode is the code to close a socket with after an error: 1013 and 1011
// tell the client to try again, the others not to.
func closeCode(err error) int {
	var g *garbage
	if errors.As(err, &g) {
		return g.code
	}
	switch msg, known := explain(err); {
	case !known:
		return websocket.CloseInternalServerErr
	case msg.Code == "unavailable":
		return websocket.CloseTryAgainLater
	}
	return websocket.ClosePolicyViolation
}

func tooLarge(size int64, what string, limit int64) error {
	return &garbage{websocket.CloseMessageTooBig, problem{"too_large", "", fmt.Sprintf("%s has %d bytes or more; at most %d fit", what, size, limit)}}
}

// next reads one message and its envelope.
func (c *conn) next() (Envelope, int64, error) {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return Envelope{}, 0, err
	}
	limit := c.hub.cfg.MaxDescription
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return Envelope{}, 0, err
	}
	if int64(len(raw)) > limit {
		return Envelope{}, 0, tooLarge(limit+1, "the message", limit)
	}
	if kind != websocket.TextMessage {
		return Envelope{}, 0, &garbage{websocket.CloseInvalidFramePayloadData, problem{"invalid", "", "the message is binary; send JSON as text"}}
	}
	var env Envelope
	if err := decode(raw, &env); err != nil {
		return Envelope{}, 0, &garbage{websocket.CloseInvalidFramePayloadData, problem{"invalid", "", `the message is not {"type":…,"data":…}: ` + err.Error()}}
	}
	return env, int64(len(raw)), nil
}

// failRead ends a socket that could not be read: with a reason where the
// client is to blame and still there.
func (c *conn) failRead(err error) {
	var g *garbage
	var timeout net.Error
	switch {
	case errors.As(err, &g):
		c.fail(g.code, err)
	case errors.As(err, &timeout) && timeout.Timeout():
		code := websocket.CloseGoingAway // perhaps asleep: it may join again
		if c.room == nil {
			code = websocket.ClosePolicyViolation
		}
		c.close(code, "nothing was heard from you")
	default:
		c.close(websocket.CloseNormalClosure, "")
	}
}

func (c *conn) join(ctx context.Context, env Envelope, size int64) error {
	if env.Type != "join" {
		return invalid("type", "is %q; the first message must be join", env.Type)
	}
	if size > c.hub.cfg.MaxMessage {
		return tooLarge(size, "join", c.hub.cfg.MaxMessage)
	}
	var j Join
	if err := decode(env.Data, &j); err != nil {
		return err
	}
	if (j.Link == "") == (j.Interview == "") {
		return invalid("link", "send either link (a candidate) or interview (an interviewer)")
	}
	return c.hub.admit(ctx, c, j)
}

// dispatch hands a message to the room. An error closes the socket.
func (c *conn) dispatch(env Envelope, size int64) error {
	m, ok := messages[env.Type]
	if !ok {
		return &garbage{websocket.ClosePolicyViolation, problem{"invalid", "type", fmt.Sprintf("%q is not a message a client sends", env.Type)}}
	}
	if limit := c.hub.cfg.MaxMessage; size > limit && !m.description {
		return tooLarge(size, env.Type, limit)
	}
	l := c.limits.Load()
	tokens := 1
	if m.costly {
		tokens = costlyTokens
	}
	if !l.messages.AllowN(time.Now(), tokens) || m.entry && !l.entries.Allow() {
		if c.dropped++; c.dropped > floodLimit {
			return &garbage{websocket.ClosePolicyViolation, problem{"rate", "", "too many messages; slow down"}}
		}
		if c.dropped == 1 || env.Type == "consent" { // an answer must not be taken for kept
			c.refuse(env.Type, &problem{"rate", "", env.Type + " was not carried out: too many messages; slow down"})
		}
		return nil
	}
	c.dropped = 0
	act, err := m.decode(env.Data)
	if err != nil {
		c.refuse(env.Type, err)
		return nil
	}
	if !c.room.post(func(r *room) { r.act(c, env.Type, m, act) }) {
		return unavailable("this room is closing; join again")
	}
	return nil
}
