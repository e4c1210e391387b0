// Package signaltest is a client of the websocket protocol, for tests,
// benchmarks and load: it joins, answers consents, waits, publishes given
// media through a relaytest.Peer and keeps every message it was sent.
package signaltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/relay/relaytest"
	"bonafide/server/signaling"
)

// Config says how to reach the server and as whom.
type Config struct {
	URL    string // ws://… or http://… of the socket
	Header http.Header
	Join   signaling.Join
	Peer   relaytest.PeerConfig
	// NoMedia keeps the client from making peer connections.
	NoMedia bool
	// Log, if set, is told of every message, "<" received and ">" sent.
	Log func(direction, kind string, data json.RawMessage)
}

// Client is one participant on one socket.
type Client struct {
	cfg  Config
	ws   *websocket.Conn
	work sync.WaitGroup

	write sync.Mutex

	mu       sync.Mutex
	peer     *relaytest.Peer
	messages []signaling.Envelope
	changed  chan struct{}
	closed   error // why reading ended
	stage    signaling.Stage
	welcome  signaling.Welcome
	faults   []error // of the peer
}

// Dial connects, joins and waits for the welcome.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	url := cfg.URL
	if rest, ok := strings.CutPrefix(url, "http"); ok {
		url = "ws" + rest
	}
	ws, resp, err := websocket.DefaultDialer.DialContext(ctx, url, cfg.Header)
	if err != nil {
		if resp != nil {
			err = fmt.Errorf("%w (HTTP %d)", err, resp.StatusCode)
		}
		return nil, fmt.Errorf("dialling %s: %w", url, err)
	}
	c := &Client{cfg: cfg, ws: ws, changed: make(chan struct{})}
	c.work.Add(1)
	go c.read()
	if err := c.Send("join", cfg.Join); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if _, err := Next[signaling.Welcome](ctx, c, "welcome", nil); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Welcome is the server's answer to the join.
func (c *Client) Welcome() signaling.Welcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.welcome
}

// Stage is the stage the server last named.
func (c *Client) Stage() signaling.Stage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stage
}

// Peer is the media side, nil before the stage "room".
func (c *Client) Peer() *relaytest.Peer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peer
}

// Faults are errors of the media side.
func (c *Client) Faults() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.faults...)
}

// Send sends one message.
func (c *Client) Send(kind string, data any) error {
	raw, err := json.Marshal(data)
	if err == nil {
		if c.cfg.Log != nil {
			c.cfg.Log(">", kind, raw)
		}
		raw, err = json.Marshal(signaling.Envelope{Type: kind, Data: raw})
	}
	if err != nil {
		return fmt.Errorf("encoding %s: %w", kind, err)
	}
	return c.SendRaw(websocket.TextMessage, raw)
}

// SendRaw sends a frame as it is.
func (c *Client) SendRaw(frame int, raw []byte) error {
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
	return c.ws.WriteMessage(frame, raw)
}

// Enter answers every consent that is asked of its role and finishes the lobby.
func (c *Client) Enter(consents map[evidence.Consent]bool) error {
	for _, name := range c.Welcome().You.Role.Consents() {
		if err := c.Send("consent", signaling.SetConsent{Consent: name, Granted: consents[name]}); err != nil {
			return err
		}
	}
	return c.Send("enter", signaling.Enter{})
}

// AllConsents agrees to everything.
func AllConsents() map[evidence.Consent]bool {
	m := map[evidence.Consent]bool{}
	for _, c := range evidence.Consents {
		m[c] = true
	}
	return m
}

// WaitStage waits until the server has put the client at a stage.
func (c *Client) WaitStage(ctx context.Context, s signaling.Stage) error {
	return c.Wait(ctx, "the stage "+string(s), func() bool { return c.stage == s })
}

// Publish publishes a source once the client is in the room, and waits until
// the connection is up.
func (c *Client) Publish(ctx context.Context, source media.Source) (*relaytest.Stream, error) {
	if err := c.Wait(ctx, "the media connection", func() bool { return c.peer != nil }); err != nil {
		return nil, err
	}
	p := c.Peer()
	s, err := p.Publish(ctx, source)
	if err != nil {
		return nil, err
	}
	return s, p.WaitPublishing(ctx)
}

// Wait waits until cond holds; it is called with the client locked, after
// every message. It fails when the socket ends.
func (c *Client) Wait(ctx context.Context, what string, cond func() bool) error {
	for {
		c.mu.Lock()
		ok, changed, closed := cond(), c.changed, c.closed
		c.mu.Unlock()
		switch {
		case ok:
			return nil
		case closed != nil:
			return fmt.Errorf("waiting for %s: the socket ended: %w", what, closed)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		}
	}
}

// Next waits for a message of a kind that fits (nil for any), from the first
// one received on.
func Next[T any](ctx context.Context, c *Client, kind string, fits func(T) bool) (T, error) {
	var found T
	at := 0
	err := c.Wait(ctx, "the message "+kind, func() bool {
		for ; at < len(c.messages); at++ {
			m := c.messages[at]
			var v T
			if m.Type != kind || json.Unmarshal(m.Data, &v) != nil {
				continue
			}
			if fits == nil || fits(v) {
				found = v
				return true
			}
		}
		return false
	})
	return found, err
}

// All returns every message of a kind received so far.
func All[T any](c *Client, kind string) []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []T
	for _, m := range c.messages {
		var v T
		if m.Type == kind && json.Unmarshal(m.Data, &v) == nil {
			list = append(list, v)
		}
	}
	return list
}

// WaitClosed waits until the server closed the socket, and returns the close
// code and text.
func (c *Client) WaitClosed(ctx context.Context) (code int, text string, err error) {
	err = c.Wait(ctx, "the socket to close", func() bool { return c.closed != nil })
	var ce *websocket.CloseError
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.As(c.closed, &ce) {
		return ce.Code, ce.Text, err
	}
	return 0, "", err
}

// Drop cuts the socket without a word, as a lost network does; media stays.
func (c *Client) Drop() { _ = c.ws.NetConn().Close() }

// Close leaves without a message, as a closed tab does, and waits.
func (c *Client) Close() error {
	_ = c.ws.Close()
	c.work.Wait()
	c.mu.Lock()
	p := c.peer
	c.mu.Unlock()
	if p != nil {
		return p.Close()
	}
	return nil
}
