package signaling

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
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
	costlyTokens = 5               // messages that a costly one counts as
	joinTokens   = 3               // entries that a join counts as: it and what follows from it
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

// refuse tells the client of an error that ends nothing: that a message of a type
// was not carried out, or of something else where that is "".
func (c *conn) refuse(of string, err error) {
	msg, known := explain(err)
	if !known {
		c.log.Error("carrying out a message", "type", of, "err", err)
	}
	msg.Of = of
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
