package recorder

import (
	"encoding/json"
	"image"
	"os/exec"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
)

const sec = time.Second

func video(t *testing.T, w, h int, length time.Duration, flashes []time.Duration) []mediatest.Frame {
	t.Helper()
	f, err := mediatest.Flashes(w, h, 30, length, sec, flashes)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func audio(t *testing.T, length time.Duration, beeps []time.Duration) []mediatest.Frame {
	t.Helper()
	f, err := mediatest.Beeps(length, beeps)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// find looks into a recording and checks what must always hold.
func (r *rig) find(s evidence.Segment) mediatest.Content {
	r.t.Helper()
	c, err := mediatest.Find(r.path(s))
	if err != nil {
		r.t.Fatal(err)
	}
	if c.Undecodable > 0 || c.Damaged > 0 {
		r.t.Errorf("%s: %d pictures or packets cannot be decoded, %d are damaged", s.File, c.Undecodable, c.Damaged)
	}
	if c.Start.Milliseconds() != s.StartMS {
		r.t.Errorf("%s: begins at %v, reported %d ms", s.File, c.Start, s.StartMS)
	}
	out, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", r.path(s)).CombinedOutput()
	var p struct{ Format struct{ Duration string } }
	if err != nil || json.Unmarshal(out, &p) != nil {
		r.t.Fatalf("ffprobe %s: %v %s", s.File, err, out)
	}
	length, _ := strconv.ParseFloat(p.Format.Duration, 64)
	if got := float64(s.EndMS-s.StartMS) / 1000; length < got-0.002 || length > got+0.002 {
		r.t.Errorf("%s: ffprobe says %.3f s, reported %.3f", s.File, length, got)
	}
	return c
}

// only gives the single finished segment.
func (r *rig) only() evidence.Segment {
	r.t.Helper()
	if len(r.finished) != 1 {
		r.t.Fatalf("%d files were finished, want 1: %+v", len(r.finished), r.finished)
	}
	return r.finished[0]
}

// absolute turns times in a file to interview times.
func absolute(c mediatest.Content, ts []time.Duration) []time.Duration {
	out := slices.Clone(ts)
	for i := range out {
		out[i] += c.Start
	}
	return out
}

func shifted(ts []time.Duration, by time.Duration) []time.Duration {
	out := slices.Clone(ts)
	for i := range out {
		out[i] += by
	}
	return out
}

// near wants every time in want found in got, within a median error.
func near(t *testing.T, what string, want, got []time.Duration, most time.Duration) {
	t.Helper()
	errs, missing := mediatest.Errors(want, got)
	median := mediatest.MedianAbs(errs)
	t.Logf("%s: %d of %d found, median error %v", what, len(errs), len(want), median)
	if missing > 0 || median >= most || len(got) > len(want) {
		t.Errorf("%s: %d missing, %d found for %d, median error %v (limit %v)", what, missing, len(got), len(want), median, most)
	}
}

// TestTwoParticipantsOnOneClock records two people whose clocks have nothing in
// common and whose sound takes longer than their pictures.
func TestTwoParticipantsOnOneClock(t *testing.T) {
	r := newRig(t, nil)
	const length = 16 * sec
	truth := mediatest.Every(sec, 700*time.Millisecond, length)
	v, a := video(t, 160, 120, length, truth), audio(t, length, truth)
	r.send("alice", sender{source: media.SourceCamera, frames: video(t, 160, 120, length+sec, truth), from: 2 * sec, ssrc: 1, reports: 300 * time.Millisecond,
		net: network{delay: 20 * time.Millisecond, jitter: 25 * time.Millisecond}, ntpOff: -3 * time.Hour, skew: 2e-4})
	r.send("alice", sender{source: media.SourceMicrophone, frames: audio(t, length+sec, truth), from: 2 * sec, ssrc: 2, reports: 2 * sec,
		net: network{delay: 80 * time.Millisecond, jitter: 25 * time.Millisecond}, ntpOff: -3 * time.Hour, skew: 2e-4})
	r.send("bob", sender{source: media.SourceCamera, frames: v, from: 3 * sec, ssrc: 3, reports: 300 * time.Millisecond,
		net: network{delay: 5 * time.Millisecond, jitter: 40 * time.Millisecond}, ntpOff: 500 * time.Hour, skew: -1e-4})
	r.send("bob", sender{source: media.SourceMicrophone, frames: a, from: 3 * sec, ssrc: 4, reports: 2 * sec,
		net: network{delay: 15 * time.Millisecond, jitter: 40 * time.Millisecond}, ntpOff: 500 * time.Hour, skew: -1e-4})
	r.play()
	r.rec.FinishInterview("iv1")
	if len(r.finished) != 2 || len(r.started) != 2 {
		t.Fatalf("%d files begun and %d finished, want 2 each", len(r.started), len(r.finished))
	}
	var onClock [2][]time.Duration
	for _, s := range r.finished {
		i, from := 0, 2*sec
		if s.Participant == "bob" {
			i, from = 1, 3*sec
		}
		c := r.find(s)
		near(t, s.Participant+" flashes on the interview's clock", shifted(truth, from), absolute(c, c.Flashes), 40*time.Millisecond)
		near(t, s.Participant+" beeps against flashes", c.Flashes, c.Beeps, 40*time.Millisecond)
		onClock[i] = shifted(absolute(c, c.Flashes), -from)
		if !s.HasVideo || !s.HasAudio || s.SHA256 == "" || s.Repaired {
			t.Errorf("segment is %+v", s)
		}
	}
	near(t, "bob against alice", onClock[0], onClock[1], 40*time.Millisecond)
	if len(r.gaps) > 0 {
		t.Errorf("gaps on a clean line: %+v", r.gaps)
	}
}

func TestNetworksAndShapes(t *testing.T) {
	const length = 8 * sec
	truth := mediatest.Every(sec, 300*time.Millisecond, length)
	landscape, portrait := video(t, 160, 120, length, truth), video(t, 90, 161, length, truth)
	sound := audio(t, length, truth)
	changing := append(slices.Clone(landscape[:120]), portrait[120:]...) // both have a key frame at 4 s
	for _, c := range []struct {
		name         string
		video, audio []mediatest.Frame
		net          network
		sizes        []image.Point
		loss         bool
	}{
		{"clean", landscape, sound, network{}, []image.Point{{160, 120}}, false},
		{"5 % loss", landscape, sound, network{loss: 0.05, jitter: 10 * time.Millisecond}, []image.Point{{160, 120}}, true},
		{"reordering", landscape, sound, network{swap: 0.1}, []image.Point{{160, 120}}, false},
		{"portrait, odd sides", portrait, sound, network{}, []image.Point{{90, 161}}, false},
		{"resolution change", changing, sound, network{}, []image.Point{{160, 120}, {90, 161}}, false},
		{"video only", landscape, nil, network{}, []image.Point{{160, 120}}, false},
		{"audio only", nil, sound, network{}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			if c.video != nil {
				r.send("p", sender{source: media.SourceCamera, frames: c.video, ssrc: 1, net: c.net, reports: sec})
			}
			if c.audio != nil {
				r.send("p", sender{source: media.SourceMicrophone, frames: c.audio, ssrc: 2, net: c.net, reports: sec})
			}
			r.play()
			r.rec.Finish("iv1", "p")
			s := r.only()
			got := r.find(s)
			if !slices.Equal(got.Sizes, c.sizes) {
				t.Errorf("picture sizes are %v, want %v", got.Sizes, c.sizes)
			}
			if s.HasVideo != (c.video != nil) || s.HasAudio != (c.audio != nil) {
				t.Errorf("segment says video %v, audio %v", s.HasVideo, s.HasAudio)
			}
			if c.loss {
				checkLoss(t, r, c.video, got)
				return
			}
			if len(r.gaps) > 0 {
				t.Errorf("gaps without loss: %+v", r.gaps)
			}
			if got.Pictures != len(c.video) || got.Packets != len(c.audio) {
				t.Errorf("%d pictures and %d packets, want %d and %d", got.Pictures, got.Packets, len(c.video), len(c.audio))
			}
			if c.video != nil {
				near(t, "flashes", truth, absolute(got, got.Flashes), 40*time.Millisecond)
			}
			if c.audio != nil {
				near(t, "beeps", truth, absolute(got, got.Beeps), 40*time.Millisecond)
			}
		})
	}
}

// checkLoss wants every picture either in the file or within a gap, never both.
func checkLoss(t *testing.T, r *rig, sent []mediatest.Frame, got mediatest.Content) {
	t.Helper()
	gaps := r.gapsOf(media.SourceCamera)
	if len(gaps) == 0 || len(r.gapsOf(media.SourceMicrophone)) == 0 {
		t.Fatalf("%d gaps in video, %d in audio; want some in both", len(gaps), len(r.gapsOf(media.SourceMicrophone)))
	}
	inGap := 0
	for _, f := range sent {
		if slices.ContainsFunc(gaps, func(g media.Gap) bool {
			return f.At >= g.From-17*time.Millisecond && f.At < g.To-17*time.Millisecond
		}) {
			inGap++
		}
	}
	if d := got.Pictures + inGap - len(sent); d < -8 || d > 8 {
		t.Errorf("%d pictures in the file and %d within gaps, of %d sent", got.Pictures, inGap, len(sent))
	}
	for _, g := range gaps {
		if g.Cause != media.CauseLoss || g.Packets == 0 || g.To < g.From {
			t.Errorf("gap %+v, want loss with packets", g)
		}
	}
}

// TestMuteAndSilence tells silence that was meant from silence that was not.
func TestMuteAndSilence(t *testing.T) {
	const length = 10 * sec
	truth := mediatest.Every(sec, 300*time.Millisecond, length)
	cut := func(fs []mediatest.Frame) (out []mediatest.Frame) {
		for _, f := range fs {
			if f.At < 3*sec || f.At >= 6*sec {
				out = append(out, f)
			}
		}
		return out
	}
	v, a := cut(video(t, 160, 120, length, truth)), cut(audio(t, length, truth))
	for _, muted := range []bool{true, false} {
		r := newRig(t, nil)
		r.send("p", sender{source: media.SourceCamera, frames: v, ssrc: 1, reports: sec})
		r.send("p", sender{source: media.SourceMicrophone, frames: a, ssrc: 2, reports: sec})
		if muted {
			set := func(m bool, at time.Duration) func() {
				return func() {
					for _, s := range r.sinks {
						s.SetMuted(m, r.epoch.Add(at))
					}
				}
			}
			r.at(3*sec, set(true, 3*sec))
			r.at(6*sec-time.Millisecond, set(false, 6*sec-time.Millisecond))
		}
		r.play()
		r.rec.Finish("iv1", "p")
		c := r.find(r.only())
		want := slices.DeleteFunc(slices.Clone(truth), func(d time.Duration) bool { return d > 3*sec && d < 6*sec })
		near(t, "flashes", want, absolute(c, c.Flashes), 40*time.Millisecond)
		near(t, "beeps", want, absolute(c, c.Beeps), 40*time.Millisecond)
		for _, src := range []media.Source{media.SourceCamera, media.SourceMicrophone} {
			gaps := r.gapsOf(src)
			switch {
			case muted && len(gaps) > 0:
				t.Errorf("%s: gaps while muted: %+v", src, gaps)
			case !muted && (len(gaps) != 1 || gaps[0].Cause != media.CauseSilence):
				t.Errorf("%s: gaps are %+v, want one silence_on_wire", src, gaps)
			case !muted:
				near(t, "edges of the gap", []time.Duration{3 * sec, 6 * sec}, []time.Duration{gaps[0].From, gaps[0].To}, 20*time.Millisecond)
			}
		}
	}
}

// TestReconnect has a participant go and come back with new tracks.
func TestReconnect(t *testing.T) {
	truth := mediatest.Every(sec, 300*time.Millisecond, 4*sec)
	v, a := video(t, 160, 120, 4*sec, truth), audio(t, 4*sec, truth)
	r := newRig(t, nil)
	for i, from := range []time.Duration{sec, 9 * sec} {
		id := uint32(10 * i)
		r.send("p", sender{source: media.SourceCamera, frames: v, from: from, ssrc: id + 1, reports: sec, endsAfter: true})
		r.send("p", sender{source: media.SourceMicrophone, frames: a, from: from, ssrc: id + 2, reports: sec, endsAfter: true})
	}
	r.play()
	r.rec.Finish("iv1", "p")
	c := r.find(r.only())
	want := append(shifted(truth, sec), shifted(truth, 9*sec)...)
	near(t, "flashes", want, absolute(c, c.Flashes), 40*time.Millisecond)
	near(t, "beeps", want, absolute(c, c.Beeps), 40*time.Millisecond)
	for _, src := range []media.Source{media.SourceCamera, media.SourceMicrophone} {
		gaps := r.gapsOf(src)
		if len(gaps) != 1 || gaps[0].Cause != media.CauseDisconnected {
			t.Errorf("%s: gaps are %+v, want one disconnected", src, gaps)
			continue
		}
		near(t, "edges of the absence", []time.Duration{5 * sec, 9 * sec}, []time.Duration{gaps[0].From, gaps[0].To}, 30*time.Millisecond)
	}
}

// TestComingBackAfterTheEnd has participants whose recording was ended begin
// again: after leaving and after a restart of the program the time between is
// a gap, after a consent that was withdrawn it is not.
func TestComingBackAfterTheEnd(t *testing.T) {
	v, a := video(t, 160, 120, 2*sec, nil), audio(t, 2*sec, nil)
	r := newRig(t, nil)
	both := func(who string, from time.Duration, ssrc uint32) {
		r.send(who, sender{source: media.SourceCamera, frames: v, from: from, ssrc: ssrc, reports: sec, endsAfter: true})
		r.send(who, sender{source: media.SourceMicrophone, frames: a, from: from, ssrc: ssrc + 1, reports: sec, endsAfter: true})
	}
	for i, who := range []string{"leaver", "refuser"} {
		both(who, sec, uint32(10*i+1))
	}
	r.play()
	r.rec.Finish("iv1", "leaver")
	r.rec.Stop("iv1", "refuser")
	r.rec.Resume(evidence.Segment{Interview: "iv1", Participant: "restarted", Stream: StreamCamera, EndMS: 2000, HasVideo: true, HasAudio: true})
	r.rec.Resume(evidence.Segment{Interview: "iv1", Participant: "restarted", Stream: StreamCamera, EndMS: 3000, HasVideo: true})
	for i, who := range []string{"leaver", "refuser", "restarted"} {
		both(who, 40*sec, uint32(10*i+101))
	}
	r.play()
	r.rec.FinishInterview("iv1")
	found := map[string][]media.Gap{}
	for _, g := range r.gaps {
		who := g.track.Participant + " " + string(g.track.Source)
		found[who] = append(found[who], g.gap)
	}
	for who, from := range map[string]time.Duration{"leaver camera": 3 * sec, "leaver microphone": 3 * sec,
		"refuser camera": -1, "refuser microphone": -1, "restarted camera": 3 * sec, "restarted microphone": 2 * sec} {
		gaps := found[who]
		if from < 0 {
			if len(gaps) != 0 {
				t.Errorf("%s: gaps are %+v, want none", who, gaps)
			}
			continue
		}
		if len(gaps) != 1 || gaps[0].Cause != media.CauseDisconnected {
			t.Errorf("%s: gaps are %+v, want one disconnected", who, gaps)
			continue
		}
		near(t, who, []time.Duration{from, 40 * sec}, []time.Duration{gaps[0].From, gaps[0].To}, 50*time.Millisecond)
	}
}

// TestScreenShares gives each share a file that ends with it.
func TestScreenShares(t *testing.T) {
	v := video(t, 160, 120, 2*sec, nil)
	r := newRig(t, nil)
	r.send("p", sender{source: media.SourceScreen, frames: v, from: sec, ssrc: 1, endsAfter: true})
	r.at(5*sec, func() {
		r.wait("the first share's file", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.finished) == 1 })
	})
	r.send("p", sender{source: media.SourceScreen, frames: v, from: 6 * sec, ssrc: 2, endsAfter: true})
	r.send("p", sender{source: media.SourceCamera, frames: v, from: sec, ssrc: 3})
	r.play()
	if err := r.rec.Close(); err != nil {
		t.Error(err)
	}
	var names []string
	for _, s := range r.finished {
		names = append(names, s.File)
		if c := r.find(s); c.Pictures != len(v) {
			t.Errorf("%s: %d pictures, want %d", s.File, c.Pictures, len(v))
		}
	}
	slices.Sort(names)
	if want := []string{"iv1/p-camera-1.webm", "iv1/p-screen-1.webm", "iv1/p-screen-2.webm"}; !slices.Equal(names, want) {
		t.Errorf("files are %v, want %v", names, want)
	}
	if _, err := r.rec.Sink(media.Track{Interview: "iv1", Participant: "p", Source: media.SourceCamera}); err == nil {
		t.Error("a closed recorder took a track")
	}
}

func TestBadTracksAreRefused(t *testing.T) {
	r := newRig(t, nil)
	good := media.Track{Interview: "iv1", Participant: "p", Source: media.SourceCamera, MimeType: "video/VP8", ClockRate: 90000, Epoch: r.epoch}
	for name, spoil := range map[string]func(*media.Track){
		"path in the interview":   func(t *media.Track) { t.Interview = "../x" },
		"empty interview":         func(t *media.Track) { t.Interview = "" },
		"path in the participant": func(t *media.Track) { t.Participant = "a/b" },
		"hidden participant":      func(t *media.Track) { t.Participant = ".p" },
		"codec":                   func(t *media.Track) { t.MimeType = "video/H264" },
		"clock":                   func(t *media.Track) { t.ClockRate = 0 },
	} {
		bad := good
		spoil(&bad)
		if _, err := r.rec.Sink(bad); err == nil {
			t.Errorf("%s: the track was accepted", name)
		}
	}
}

// TestKeyFramesAreAskedFor counts requests: at a steady pace, and at once when
// pictures are missing, which are then withheld until one comes.
func TestKeyFramesAreAskedFor(t *testing.T) {
	frames, err := mediatest.Flashes(64, 48, 30, 10*sec, 0, nil) // one key frame, the first
	if err != nil {
		t.Fatal(err)
	}
	key, err := mediatest.Flashes(64, 48, 30, sec, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range key {
		key[i].At += 10 * sec
	}
	for name, c := range map[string]struct {
		frames    []mediatest.Frame
		lose      time.Duration // the picture of this time
		least     int64
		most      int64
		pictures  int
		gapsEnd   time.Duration
		wantsGaps int
	}{
		"steady":        {frames, 0, 2, 3, 300, 0, 0},
		"picture lost":  {slices.Concat(frames, key), frames[150].At, 8, 14, 180, 10 * sec, 1},
		"no first part": {slices.Concat(frames[30:], key), 0, 15, 24, 30, 10 * sec, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			r := newRig(t, nil)
			r.send("p", sender{source: media.SourceCamera, frames: c.frames, ssrc: 1, keyAsked: &asked, lose: c.lose})
			r.play()
			r.rec.Finish("iv1", "p")
			if n := asked.Load(); n < c.least || n > c.most {
				t.Errorf("key frames were asked for %d times, want %d to %d", n, c.least, c.most)
			}
			if got := r.find(r.only()); got.Pictures != c.pictures {
				t.Errorf("%d pictures in the file, want %d", got.Pictures, c.pictures)
			}
			gaps := r.gapsOf(media.SourceCamera)
			if len(gaps) != c.wantsGaps {
				t.Fatalf("gaps are %+v, want %d", gaps, c.wantsGaps)
			}
			for _, g := range gaps {
				near(t, "end of the gap", []time.Duration{c.gapsEnd}, []time.Duration{g.To}, 40*time.Millisecond)
			}
		})
	}
}
