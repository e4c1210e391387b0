package analysis

import (
	"encoding/json"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
)

// TestMicrophonesByConsent looks at what would be written to the child.
func TestMicrophonesByConsent(t *testing.T) {
	m, err := New(ManagerConfig{Command: []string{"true"}, MediaDir: t.TempDir(), QueueLen: 2, Pipeline: Config{Detectors: []Descriptor{{
		Name: "ear", Scope: ScopeInterview, Rules: []evidence.Rule{{Kind: evidence.SpeechPause, Measure: "x", On: 2, Off: 2, MaxStep: time.Second}},
		Scene: func(*models.Set) (Detector[SceneReading], error) { return &ear{}, nil },
	}}}}, slog.New(slog.DiscardHandler), &notes{findings: map[string]evidence.Finding{}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	epoch := time.Now()
	track := func(who, role string) media.Track {
		return media.Track{Interview: "i", Participant: who, Role: role, Source: media.SourceMicrophone, MimeType: "audio/opus", ClockRate: 48000, Epoch: epoch}
	}
	if m.Sink(track("o", "observer")) != nil {
		t.Error("an observer's microphone has a sink")
	}
	early, ok := m.Sink(track("h", roleInterviewer)).(*soundSink)
	if !ok || m.sessions["i"] != nil {
		t.Fatal("an interviewer who comes first must wait with a sink, and start nothing")
	}
	s := newSession(m, "i", epoch, Gate{Heard: []string{"c"}})
	s.queue.take()
	candidate := &soundSink{track: track("c", roleCandidate)}
	arrival := epoch // does not move: what is told now and then is told once
	packet := func(to *soundSink, n int) {
		for i := range n {
			to.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i)}, Payload: []byte{1, 2, 3}}, arrival)
		}
	}
	told := func() (out []string) {
		for _, it := range s.queue.take() {
			var c control
			if it.kind == msgSound {
				out = append(out, "sound")
			} else if err := json.Unmarshal(it.data, &c); err != nil {
				t.Fatal(err)
			} else {
				out = append(out, c.Do)
			}
		}
		return out
	}
	want := func(name string, list ...string) {
		t.Helper()
		if got := told(); !slices.Equal(got, list) {
			t.Errorf("%s: %v, want %v", name, got, list)
		}
	}

	packet(early, 3)
	want("before the candidate came")
	early.attach(s)
	candidate.attach(s)
	want("opened", doOpen, doOpen)
	packet(early, 3)
	want("an interviewer without consent")
	packet(candidate, 3)
	want("the candidate with consent", doSound, "sound", "sound", "sound")
	s.setGate(Gate{Heard: []string{"h"}})
	want("the gate changed", doGate)
	packet(candidate, 2)
	packet(early, 2)
	want("the other way round", "sound", "sound")

	packet(early, maxSoundPackets+5)
	if got := told(); len(got) != maxSoundPackets {
		t.Errorf("%d wait, want the %d that fit", len(got), maxSoundPackets)
	}
	packet(early, 1)
	want("after packets were dropped", "sound", doDropped)
	packet(early, maxSoundPackets)
	arrival = arrival.Add(droppedEvery)
	packet(early, 3)
	if got := told(); len(got) != maxSoundPackets+1 || got[maxSoundPackets] != doDropped {
		t.Errorf("while packets are dropped: %d messages, want %d and one that says so", len(got), maxSoundPackets)
	}
	packet(early, 1)
	want("after that", "sound", doDropped)
	if s.dropped.Load() != 8 {
		t.Errorf("%d dropped, want 8", s.dropped.Load())
	}
	candidate.SetMuted(true, time.Now())
	want("muted", doSoundEnd, doMute)
	early.Close()
	packet(early, 1)
	want("closed", doClose)
}

// TestPicturesAreDroppedBeforeSound fills the queue with both.
func TestPicturesAreDroppedBeforeSound(t *testing.T) {
	q := newQueue(10)
	pictures, sounds := 0, 0
	for range 100 {
		if q.put(item{kind: msgRTP}) {
			pictures++
		}
		if q.put(item{kind: msgSound}) {
			sounds++
		}
	}
	if pictures != 10 || sounds != 100 || !q.put(item{kind: msgControl}) {
		t.Errorf("%d pictures and %d runs of sound fit, want 10 and 100, and controls still", pictures, sounds)
	}
	if n := len(q.take()); n != 111 {
		t.Errorf("%d items were taken, want 111", n)
	}
}
