package signaltest

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
	"bonafide/server/relay/relaytest"
	"bonafide/server/signaling"
)

func (c *Client) read() {
	defer c.work.Done()
	for {
		_, raw, err := c.ws.ReadMessage()
		var m signaling.Envelope
		if err == nil {
			err = json.Unmarshal(raw, &m)
		}
		if err == nil && c.cfg.Log != nil {
			c.cfg.Log("<", m.Type, m.Data)
		}
		if err == nil {
			c.follow(m)
		}
		c.mu.Lock()
		if err != nil {
			c.closed = err
		} else {
			c.messages = append(c.messages, m)
		}
		close(c.changed)
		c.changed = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// follow does what a client does by itself.
func (c *Client) follow(m signaling.Envelope) {
	var err error
	switch m.Type {
	case "welcome":
		var w signaling.Welcome
		err = json.Unmarshal(m.Data, &w)
		c.mu.Lock()
		c.welcome = w
		c.mu.Unlock()
		err = errors.Join(err, c.moveTo(w.Stage))
	case "stage":
		var s signaling.StageChanged
		err = json.Unmarshal(m.Data, &s)
		err = errors.Join(err, c.moveTo(s.Stage))
	case "publish.answer":
		var a signaling.PublishAnswer
		if err = json.Unmarshal(m.Data, &a); err == nil && c.Peer() != nil {
			err = c.Peer().HandleAnswer(a.SDP)
		}
	case "subscribe.offer":
		var o signaling.SubscribeOffer
		if err = json.Unmarshal(m.Data, &o); err == nil && c.Peer() != nil {
			var list []relaytest.Subscription
			for _, t := range o.Tracks {
				list = append(list, relaytest.Subscription{Mid: t.Mid, Participant: t.Participant, Source: media.Source(t.Source)})
			}
			err = c.Peer().HandleOffer(o.SDP, list)
		}
	case "candidate":
		var k signaling.Candidate
		if err = json.Unmarshal(m.Data, &k); err == nil && c.Peer() != nil {
			err = c.Peer().HandleCandidate(string(k.Target), k.Candidate)
		}
	}
	if err != nil {
		c.mu.Lock()
		c.faults = append(c.faults, fmt.Errorf("%s: %w", m.Type, err))
		c.mu.Unlock()
	}
}

func (c *Client) moveTo(s signaling.Stage) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stage = s
	if s != signaling.StageRoom || c.peer != nil || c.cfg.NoMedia {
		return nil
	}
	cfg := c.cfg.Peer
	for _, server := range c.welcome.ICE {
		cfg.ICEServers = append(cfg.ICEServers, webrtc.ICEServer{
			URLs: server.URLs, Username: server.Username, Credential: server.Credential,
		})
	}
	p, err := relaytest.NewPeer(cfg, signals{c})
	if err != nil {
		return err
	}
	c.peer = p
	return nil
}

// signals sends a peer's side of the negotiation.
type signals struct{ c *Client }

func (s signals) SendOffer(sdp string, sources map[string]string) error {
	return s.c.Send("publish.offer", signaling.PublishOffer{SDP: sdp, Sources: sources})
}

func (s signals) SendAnswer(sdp string) error {
	return s.c.Send("subscribe.answer", signaling.SubscribeAnswer{SDP: sdp})
}

func (s signals) SendCandidate(target string, candidate json.RawMessage) error {
	return s.c.Send("candidate", signaling.Candidate{Target: signaling.Target(target), Candidate: candidate})
}
