package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"bonafide/server/api"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/relay/relaytest"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// meeting is an interview with its candidate's link and the two clients.
type meeting struct {
	*site
	id, secret string
	cand, host *signaltest.Client
	candPeer   relaytest.PeerConfig
	hostPeer   relaytest.PeerConfig
}

// plan creates an interview and a link through the HTTP interface.
func (s *site) plan() *meeting {
	s.t.Helper()
	var iv api.InterviewDetail
	s.do("POST", "/api/interviews", api.InterviewRequest{
		CandidateName: "Cara Candidate", Role: "Engineer", ScheduledMS: time.Now().UnixMilli(), Place: "Lisbon",
		TimeZone: "Europe/Lisbon", Interviewers: []string{s.me.User.ID}, KindsOff: []evidence.Kind{},
	}, &iv)
	var link api.LinkCreated
	s.do("POST", "/api/interviews/"+iv.Interview.ID+"/links", api.LinkRequest{}, &link)
	_, secret, ok := strings.Cut(link.URL, "/join#")
	if !ok {
		s.t.Fatalf("the candidate's link is %q, want …/join#SECRET", link.URL)
	}
	return &meeting{site: s, id: iv.Interview.ID, secret: secret}
}

// dialCandidate and dialHost join; who was in the room before is there again.

func (m *meeting) dialCandidate() (err error) {
	m.cand, err = signaltest.Dial(m.ctx, signaltest.Config{URL: m.url + "/ws", Join: signaling.Join{Link: m.secret}, Peer: m.candPeer})
	return err
}

func (m *meeting) dialHost() (err error) {
	m.host, err = signaltest.Dial(m.ctx, signaltest.Config{URL: m.url + "/ws", Header: m.cookies(), Join: signaling.Join{Interview: m.id}, Peer: m.hostPeer})
	return err
}

// begin brings both into the room: lobby, consents, waiting room, admission.
func (m *meeting) begin(candidate, host map[evidence.Consent]bool) {
	m.t.Helper()
	ok(m.t, m.dialHost())
	ok(m.t, m.dialCandidate())
	m.t.Cleanup(func() { m.cand.Close(); m.host.Close() })
	ok(m.t, m.host.Enter(host))
	ok(m.t, m.host.WaitStage(m.ctx, signaling.StageRoom))
	ok(m.t, m.cand.Enter(candidate))
	ok(m.t, m.cand.WaitStage(m.ctx, signaling.StageWaiting))
	ok(m.t, m.host.Send("admit", signaling.Admit{Participant: m.cand.Welcome().You.ID}))
	ok(m.t, m.cand.WaitStage(m.ctx, signaling.StageRoom))
}

// epoch is interview time zero, to a millisecond.
func (m *meeting) epoch() time.Time {
	m.t.Helper()
	var iv api.InterviewDetail
	m.do("GET", "/api/interviews/"+m.id, nil, &iv)
	if iv.Interview.StartedMS == 0 {
		m.t.Fatal("the interview has not begun")
	}
	return time.UnixMilli(iv.Interview.StartedMS)
}

// review is what the review page is shown.
func (m *meeting) review() api.ReviewData {
	m.t.Helper()
	var r api.ReviewData
	m.do("GET", "/api/interviews/"+m.id+"/review", nil, &r)
	return r
}

// hangUp ends the interview and waits until the review is ready.
func (m *meeting) hangUp(within time.Duration) api.ReviewData {
	m.t.Helper()
	ok(m.t, m.host.Send("hangup", signaling.Hangup{}))
	at := time.Now()
	for {
		if r := m.review(); r.Ready {
			m.t.Logf("the review was ready %v after the hang-up", time.Since(at).Round(time.Millisecond))
			return r
		}
		if time.Since(at) > within {
			m.t.Fatalf("the review is not ready %v after the hang-up", within)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// entries reads the interview's whole log.
func (m *meeting) entries() (all []api.LogEntry) {
	m.t.Helper()
	for after := int64(0); ; {
		var page api.LogPage
		m.do("GET", fmt.Sprintf("/api/interviews/%s/log?after=%d&limit=1000", m.id, after), nil, &page)
		all = append(all, page.Entries...)
		if after = page.Next; after == 0 {
			return all
		}
	}
}

// entriesOf are the payloads of one kind of entry.
func entriesOf[T any](m *meeting, kind evidence.EntryKind) (out []T) {
	m.t.Helper()
	for _, e := range m.entries() {
		if e.Entry.Kind == kind {
			var v T
			ok(m.t, json.Unmarshal(e.Entry.Payload, &v))
			out = append(out, v)
		}
	}
	return out
}

// program is what somebody sends.
type program map[media.Source][]mediatest.Frame

func (m *meeting) publish(c *signaltest.Client, p program) map[media.Source]*relaytest.Stream {
	m.t.Helper()
	out := map[media.Source]*relaytest.Stream{}
	for source := range p {
		s, err := c.Publish(m.ctx, source)
		ok(m.t, err)
		out[source] = s
	}
	return out
}

// playing is media on its way.
type playing struct {
	done sync.WaitGroup
	end  context.CancelFunc
}

// wait waits until everything was sent, stop ends it before.
func (p *playing) wait() { p.done.Wait(); p.end() }
func (p *playing) stop() { p.end(); p.done.Wait() }

// play sends what was published, counted from begin.
func play(ctx context.Context, begin time.Time, p program, streams map[media.Source]*relaytest.Stream) *playing {
	ctx, cancel := context.WithCancel(ctx)
	out := &playing{end: cancel}
	for source, stream := range streams {
		var samples []relaytest.Timed
		for _, f := range p[source] {
			samples = append(samples, relaytest.Timed{At: f.At, Data: f.Data})
		}
		out.done.Go(func() { _ = stream.Play(ctx, begin, samples) }) // ends early with the connection
	}
	return out
}
