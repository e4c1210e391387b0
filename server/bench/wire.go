package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"bonafide/server/relay"
)

// request is a line on the relay child's standard input.
type request struct {
	Op        string            `json:"op"` // "join", "offer", "answer", "candidate", "stats", "had"
	Room      string            `json:"room,omitempty"`
	Peer      string            `json:"peer,omitempty"`
	SDP       string            `json:"sdp,omitempty"`
	Sources   map[string]string `json:"sources,omitempty"`
	Target    string            `json:"target,omitempty"`
	Candidate json.RawMessage   `json:"candidate,omitempty"`
	Asked     []asked           `json:"asked,omitempty"`
	UnderWay  time.Duration     `json:"under_way,omitempty"` // how long a request may have been on its way
}

// asked is a packet that the relay asked a publisher for again.
type asked struct {
	Peer   string `json:"peer"`
	Source string `json:"source"`
	Seq    uint16 `json:"seq"` // of RTP
	AtNS   int64  `json:"at"`  // Unix ns, when the publisher read the request
}

// reply is a line on the relay child's standard output.
type reply struct {
	Op        string          `json:"op"` // "ready", "answer", "offer", "candidate", "stats", "had", "error"
	Peer      string          `json:"peer,omitempty"`
	SDP       string          `json:"sdp,omitempty"`
	Tracks    []track         `json:"tracks,omitempty"`
	Target    string          `json:"target,omitempty"`
	Candidate json.RawMessage `json:"candidate,omitempty"`
	UDP       string          `json:"udp,omitempty"`
	Stats     *relay.Stats    `json:"stats,omitempty"`
	Held      int64           `json:"held,omitempty"` // packets that the stuck sinks threw away
	Had       int             `json:"had,omitempty"`
	Error     string          `json:"error,omitempty"`
}

type track struct {
	Mid         string `json:"mid"`
	Participant string `json:"participant"`
	Source      string `json:"source"`
}

// child is a process of this program that does what is measured.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser

	mu      sync.Mutex
	enc     *json.Encoder
	peers   map[string]func(reply)
	answers chan reply // to "stats" and "had", and "ready"
	failed  chan error // closed, after one error, when the output ends
}

// startRelay starts the relay in a process of its own and waits until its
// port is open, whose address it returns.
func startRelay() (*child, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", fmt.Errorf("finding this program: %w", err)
	}
	c := &child{cmd: exec.Command(self, relayArg), peers: map[string]func(reply){}, answers: make(chan reply, 1), failed: make(chan error, 1)}
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, "", fmt.Errorf("starting the relay: %w", err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, "", fmt.Errorf("starting the relay: %w", err)
	}
	c.enc = json.NewEncoder(c.in)
	if err := c.cmd.Start(); err != nil {
		return nil, "", fmt.Errorf("starting the relay: %w", err)
	}
	go c.read(out) // ends with the process, for which close waits
	r, err := c.wait()
	if err != nil {
		_ = c.close()
		return nil, "", err
	}
	return c, r.UDP, nil
}

func (c *child) read(out io.Reader) {
	defer close(c.failed)
	dec := json.NewDecoder(bufio.NewReaderSize(out, 1<<16))
	for {
		var r reply
		if err := dec.Decode(&r); err != nil {
			if !errors.Is(err, io.EOF) {
				c.failed <- fmt.Errorf("reading from the relay: %w", err)
			}
			return
		}
		switch r.Op {
		case "ready", "stats", "had":
			c.answers <- r
		case "error":
			fmt.Fprintln(os.Stderr, "bench: relay:", r.Peer, r.Error)
		default:
			c.mu.Lock()
			f := c.peers[r.Peer]
			c.mu.Unlock()
			if f != nil {
				f(r)
			}
		}
	}
}

// follow sets who hears what the relay says to a peer. f must not block.
func (c *child) follow(peer string, f func(reply)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peers[peer] = f
}

func (c *child) send(r request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.enc.Encode(r); err != nil {
		return fmt.Errorf("telling the relay to %s: %w", r.Op, err)
	}
	return nil
}

func (c *child) wait() (reply, error) {
	select {
	case r := <-c.answers:
		return r, nil
	case err := <-c.failed:
		if err == nil {
			err = errors.New("the relay ended by itself")
		}
		return reply{}, err
	}
}

// ask sends a request and waits for its answer. One goroutine uses it.
func (c *child) ask(r request) (reply, error) {
	if err := c.send(r); err != nil {
		return reply{}, err
	}
	return c.wait()
}

// close ends the child by the end of its input, and waits.
func (c *child) close() error {
	_ = c.in.Close()
	for range c.failed { // read to the end before Wait closes the pipe
	}
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("the relay's process: %w", err)
	}
	return nil
}
