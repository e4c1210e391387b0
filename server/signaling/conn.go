package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

const (
	sendQueue    = 256             // messages that wait for a client that reads slowly
	writeWait    = 5 * time.Second // for one message to leave
	closeWait    = time.Second     // for the client to take the closing message
	closeDiscard = 4 << 20         // bytes read and thrown away meanwhile
	floodLimit   = 200             // dropped messages in a row after which a socket is closed
)

// conn is one websocket. Its reading goroutine is that of the HTTP handler;
// a second one writes.
type conn struct {
	hub *Hub
	ws  *websocket.Conn
	req *http.Request
	log *slog.Logger

	out  chan []byte
	quit chan struct{} // closed by close
	once sync.Once
	code int
	text string

	participant string // set at join, before the room knows the conn
	room        *room
	limits      atomic.Pointer[limits]
	dropped     int // by the rate limits, in a row; the reader's
}

// limits hold over reconnects of the same participant.
type limits struct{ messages, entries *rate.Limiter }

func (c Config) newLimits() *limits {
	return &limits{
		messages: rate.NewLimiter(c.MessageRate, c.MessageBurst),
		entries:  rate.NewLimiter(c.EntryRate, c.EntryBurst),
	}
}

// send queues a message. It never blocks: a client that does not read is
// closed.
func (c *conn) send(kind string, data any) {
	raw, err := json.Marshal(data)
	if err == nil {
		raw, err = json.Marshal(Envelope{Type: kind, Data: raw})
	}
	if err != nil {
		c.log.Error("encoding a message", "type", kind, "err", err)
		return
	}
	select {
	case <-c.quit:
		return
	default:
	}
	select {
	case c.out <- raw:
	default:
		c.close(websocket.CloseTryAgainLater, "you read too slowly")
	}
}

// refuse tells the client of an error that ends nothing.
func (c *conn) refuse(err error) {
	msg, known := explain(err)
	if !known {
		c.log.Error("carrying out a message", "err", err)
	}
	c.send("error", msg)
}

// fail tells the client of an error and closes the socket.
func (c *conn) fail(code int, err error) {
	msg, known := explain(err)
	if !known {
		c.log.Error("closing a socket", "err", err)
	}
	msg.Fatal = true
	c.send("error", msg)
	c.close(code, msg.Message)
}

// close ends the socket after what is queued: the close frame holds the code
// and the reason, cut to the 123 bytes that fit (RFC 6455, section 5.5).
func (c *conn) close(code int, reason string) {
	c.once.Do(func() {
		for len(reason) > 123 {
			_, n := utf8.DecodeLastRuneInString(reason)
			reason = reason[:len(reason)-n]
		}
		c.code, c.text = code, reason
		close(c.quit)
	})
}

// serve runs the socket until it ends.
func (c *conn) serve(ctx context.Context) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write()
	}()
	c.read(ctx)
	c.close(websocket.CloseNormalClosure, "")
	<-written
	// With unread bytes waiting, closing would reset the connection and might
	// take the close frame with it.
	_ = c.ws.SetReadDeadline(time.Now().Add(closeWait))
	_, _ = io.CopyN(io.Discard, c.ws.NetConn(), closeDiscard)
	_ = c.ws.Close()
}

func (c *conn) write() {
	ping := time.NewTicker(c.hub.cfg.PingEvery)
	defer ping.Stop()
	for {
		select {
		case raw := <-c.out:
			if !c.put(raw) {
				return
			}
		case <-ping.C:
			if err := c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)); err != nil {
				c.abort()
				return
			}
		case <-c.quit:
			for {
				select {
				case raw := <-c.out:
					if !c.put(raw) {
						return
					}
					continue
				default:
				}
				break
			}
			frame := websocket.FormatCloseMessage(c.code, c.text)
			_ = c.ws.WriteControl(websocket.CloseMessage, frame, time.Now().Add(writeWait))
			// Wakes the reader, in case the client does not close.
			_ = c.ws.SetReadDeadline(time.Now().Add(closeWait))
			return
		}
	}
}

func (c *conn) put(raw []byte) bool {
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait))
	if err := c.ws.WriteMessage(websocket.TextMessage, raw); err != nil {
		c.abort()
		return false
	}
	return true
}

// abort wakes the reader of a socket that cannot be written to.
func (c *conn) abort() {
	c.close(websocket.CloseAbnormalClosure, "")
	_ = c.ws.SetReadDeadline(time.Now())
}

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
	if !l.messages.Allow() || m.entry && !l.entries.Allow() {
		if c.dropped++; c.dropped > floodLimit {
			return &garbage{websocket.ClosePolicyViolation, problem{"rate", "", "too many messages; slow down"}}
		}
		if c.dropped == 1 {
			c.refuse(&problem{"rate", "", env.Type + " was not carried out: too many messages; slow down"})
		}
		return nil
	}
	c.dropped = 0
	act, err := m.decode(env.Data)
	if err != nil {
		c.refuse(err)
		return nil
	}
	if !c.room.post(func(r *room) { r.act(c, env.Type, m, act) }) {
		return unavailable("this room is closing; join again")
	}
	return nil
}
