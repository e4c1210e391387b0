package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"bonafide/server/relay/relaytest"
)

// shape is one row's load.
type shape struct {
	rooms, people int
	loss          float64 // share lost each way
}

// relayShapes are the rows of the table.
var relayShapes = []shape{
	{1, 2, 0}, {10, 2, 0}, {5, 3, 0}, {25, 2, 0},
	{1, 2, 0.02}, {10, 2, 0.02}, {5, 3, 0.02}, {25, 2, 0.02},
	{1, 2, 0.05}, {10, 2, 0.05},
}

// settle is how long a row runs before it is measured and, at its end, how
// long what was sent has to arrive.
const settle = time.Second

// benchRelay measures what the relay costs and prints a row per shape.
func benchRelay(ctx context.Context, out io.Writer, shapes []shape, length time.Duration) error {
	fmt.Fprintf(out, `Relay: %v a row, in a process of its own; load, proxy and subscribers share the machine (%d cores).
Everybody sends 1.2 Mbit/s of VP8 shape at 30 pictures/s and 50 Opus packets/s to everybody else of the room;
two sinks on every track never drain. Latency is from the publisher's write to the subscriber's read, retransmissions
included; only video is sent again. "duplicates" came again without having been asked for; "crossed" came again because
the subscriber's own request met them on the way. "asked" counts the relay's requests for lost packets, "had" those for
packets that it had received already. Where the machine is not idle any more, the load itself is late ("load late", at
worst), and loss and latency are the load's as well as the relay's.

`, length, cores())
	t := newTable(out, "rooms x people", "loss each way", "egress Mbit/s", "CPU % of a core", "us/packet out", "memory MB",
		"video missing %", "audio missing %", "duplicates", "crossed", "asked", "had", "p50 ms", "p99 ms", "max ms", "load late ms", "sinks dropped", "idle %")
	for _, s := range shapes {
		row, err := measureRelay(ctx, s, length)
		if err != nil {
			return fmt.Errorf("relay, %d rooms of %d at %.0f %% loss: %w", s.rooms, s.people, s.loss*100, err)
		}
		t.row(row...)
	}
	return t.flush()
}

// underWay is how long a request for a packet may be on its way, from the
// relay's decision to the publisher's note of it, on a machine that is not
// late: a third of the 180 ms over which a relay that does not notice what
// arrived would go on asking.
const underWay = 60 * time.Millisecond

func measureRelay(ctx context.Context, s shape, length time.Duration) (row []any, err error) {
	ctx, cancel := context.WithTimeout(ctx, length+90*time.Second)
	defer cancel()
	c, addr, err := startRelay()
	if err != nil {
		return nil, err
	}
	l := &loader{relay: c}
	if s.loss > 0 {
		target, err := net.ResolveUDPAddr("udp", addr)
		for i := 0; err == nil && i < s.rooms; i++ {
			var p *relaytest.Chaos
			if p, err = relaytest.NewChaos(target, uint64(i)); err == nil {
				l.proxies = append(l.proxies, p)
				defer p.Close()
			}
		}
		if err != nil {
			_ = c.close()
			return nil, err
		}
	}
	playing, stop := context.WithCancel(ctx)
	play, playing := errgroup.WithContext(playing)
	defer func() {
		stop()
		if e := play.Wait(); err == nil {
			err = e
		}
		if e := c.close(); err == nil {
			err = e
		}
		l.close()
	}()
	if err := l.join(playing, s.rooms, s.people, play); err != nil {
		return nil, err
	}
	for _, p := range l.proxies {
		p.Set(relaytest.Faults{LossUp: s.loss, LossDown: s.loss})
	}
	if err := pause(playing, settle); err != nil {
		return nil, err
	}
	return l.measureRow(playing, s, length)
}

// measureRow measures for the given time and makes the row.
func (l *loader) measureRow(ctx context.Context, s shape, length time.Duration) ([]any, error) {
	before, err := l.relay.ask(request{Op: "stats"})
	if err != nil {
		return nil, err
	}
	use0, err := readUse(l.relay.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	l.measure.Store(true)
	if err := pause(ctx, length); err != nil {
		return nil, err
	}
	l.measure.Store(false)
	use1, err := readUse(l.relay.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	after, err := l.relay.ask(request{Op: "stats"})
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, settle); err != nil { // for what is still to be asked for again
		return nil, err
	}
	l.mu.Lock()
	list, late := l.asked, l.late
	l.mu.Unlock()
	had, err := l.relay.ask(request{Op: "had", Asked: list, UnderWay: underWay + late})
	if err != nil {
		return nil, err
	}

	var want, got [2]int // by kind
	var duplicates, crossed, unmarked int
	var latencies []time.Duration
	for _, c := range l.people {
		for _, o := range l.people {
			if o != c && o.room == c.room {
				for kind := range want {
					want[kind] += int(o.sent[kind].Load())
				}
			}
		}
		c.tally.mu.Lock()
		for kind := range got {
			got[kind] += c.tally.unique[kind]
		}
		duplicates += c.tally.duplicates
		crossed += c.tally.crossed
		unmarked += c.tally.unmarked
		latencies = append(latencies, c.tally.latencies...)
		c.tally.mu.Unlock()
	}
	if got[markVideo] == 0 || got[markAudio] == 0 {
		return nil, fmt.Errorf("nothing was measured: %v packets (video, audio) were to arrive, %v did", want, got)
	}
	if unmarked > 0 {
		return nil, fmt.Errorf("%d packets arrived without a mark: the relay changes payloads", unmarked)
	}
	p50, p99, most := quantiles(latencies)
	took := use1.at.Sub(use0.at).Seconds()
	packets := float64(after.Stats.PacketsOut - before.Stats.PacketsOut)
	bits := float64(after.Stats.BytesOut-before.Stats.BytesOut) * 8
	cpu := (use1.cpu - use0.cpu).Seconds()
	return []any{
		fmt.Sprintf("%d x %d", s.rooms, s.people), fmt.Sprintf("%.0f %%", s.loss*100),
		fmt.Sprintf("%.1f", bits/took/1e6), fmt.Sprintf("%.1f", cpu/took*100), fmt.Sprintf("%.0f", cpu/packets*1e6),
		fmt.Sprintf("%.0f", float64(use1.rss)/1e6), missing(want, got, markVideo), missing(want, got, markAudio), duplicates, crossed,
		len(list), had.Had, ms(p50), ms(p99), ms(most), ms(late), after.Held - before.Held, fmt.Sprintf("%.0f", idle(use0, use1)),
	}, nil
}

func missing(want, got [2]int, kind int) string {
	return fmt.Sprintf("%.2f", 100*float64(want[kind]-got[kind])/float64(want[kind]))
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/1e6) }
