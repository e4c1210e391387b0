package relaytest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/webrtc/v4"
)

// A peer behind a proxy must not find a way around it: it tells the server
// none of its candidates (the server learns the proxy's from the first check)
// and puts the proxy's address in place of the server's.

func (p *Peer) proxied() bool { return p.cfg.Proxy != nil || p.cfg.TCPProxy != nil }

func (p *Peer) localCandidate(target string, c *webrtc.ICECandidate) {
	if c == nil || p.proxied() {
		return
	}
	raw, err := json.Marshal(c.ToJSON())
	if err == nil {
		_ = p.sig.SendCandidate(target, raw) // a server that went away is noticed elsewhere
	}
}

// HandleCandidate takes a candidate of the server.
func (p *Peer) HandleCandidate(target string, raw json.RawMessage) error {
	var c webrtc.ICECandidateInit
	if err := json.Unmarshal(raw, &c); err != nil {
		return fmt.Errorf("candidate: %w", err)
	}
	line, ok := p.redirectCandidate(c.Candidate)
	if !ok {
		return nil
	}
	c.Candidate = line
	pc := p.pub
	if target == "subscribe" {
		pc = p.sub
	}
	p.mu.Lock()
	if pc.RemoteDescription() == nil {
		p.waiting[target] = append(p.waiting[target], c)
		p.mu.Unlock()
		return nil
	}
	p.mu.Unlock()
	return pc.AddICECandidate(c)
}

func (p *Peer) flush(target string, pc *webrtc.PeerConnection) error {
	p.mu.Lock()
	list := p.waiting[target]
	delete(p.waiting, target)
	p.mu.Unlock()
	for _, c := range list {
		if err := pc.AddICECandidate(c); err != nil {
			return fmt.Errorf("candidate: %w", err)
		}
	}
	return nil
}

// hide takes the peer's candidates out of its description.
func (p *Peer) hide(sdp string) string {
	if !p.proxied() {
		return sdp
	}
	var out []string
	for _, line := range strings.SplitAfter(sdp, "\n") {
		if !strings.HasPrefix(line, "a=candidate:") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// redirect puts the proxy into the candidates of a description.
func (p *Peer) redirect(sdp string) string {
	if !p.proxied() {
		return sdp
	}
	var out []string
	for _, line := range strings.SplitAfter(sdp, "\n") {
		if rest, ok := strings.CutPrefix(line, "a="); ok && strings.HasPrefix(rest, "candidate:") {
			moved, ok := p.redirectCandidate(strings.TrimSpace(rest))
			if !ok {
				continue
			}
			line = "a=" + moved + "\r\n"
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}

// redirectCandidate rewrites address and port: fields 4 and 5 of
// "candidate:foundation component transport priority address port …"
// (RFC 8839, section 5.1). It reports false for one that is not to be used.
func (p *Peer) redirectCandidate(line string) (string, bool) {
	f := strings.Fields(line)
	if !p.proxied() || len(f) < 6 {
		return line, line != ""
	}
	switch strings.ToLower(f[2]) {
	case "udp":
		if p.cfg.Proxy == nil {
			return "", false
		}
		a := p.cfg.Proxy.Addr()
		f[4], f[5] = a.IP.String(), strconv.Itoa(a.Port)
	case "tcp":
		if p.cfg.TCPProxy == nil {
			return "", false
		}
		a := p.cfg.TCPProxy.Addr()
		f[4], f[5] = a.IP.String(), strconv.Itoa(a.Port)
	}
	return strings.Join(f, " "), true
}
