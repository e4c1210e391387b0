package media

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

const ms = time.Millisecond

// line is one simulated track of a sender.
type line struct {
	clock    *TrackClock
	rate     float64
	base     uint32
	every    time.Duration // between packets
	delay    time.Duration // from capture to arrival, least
	reportIn time.Duration // first report after this time
	reports  time.Duration // then every
}

// world simulates a sender: its skewed clock, its line, and what goes wrong.
type world struct {
	skew    float64                                     // the sender's clocks run this much fast
	jitter  time.Duration                               // random delay on top
	ntpStep func(at time.Duration) time.Duration        // error of the sender's NTP clock
	held    func(at time.Duration) time.Duration        // extra delay of what was captured then
	paused  func(at time.Duration) bool                 // nothing is captured
	stopped func(l int, at time.Duration) time.Duration // how much the RTP clock of line l lags
	resync  time.Duration                               // tell the clocks of a pause that ends here
}

// run plays both lines for a time and gives, for captures after from, the
// worst error of interview time per line, and the worst difference between the
// errors of the two lines at one time. Interview time of a capture is the
// capture plus the least delay of all.
func (w world) run(t *testing.T, lines []*line, from, length time.Duration) (worst []time.Duration, apart time.Duration) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	least := lines[0].delay
	for _, l := range lines {
		least = min(least, l.delay)
	}
	worst = make([]time.Duration, len(lines))
	last := make([]time.Duration, len(lines)) // error
	lastOut := make([]time.Duration, len(lines))
	nextReport := make([]time.Duration, len(lines))
	for i, l := range lines {
		nextReport[i] = l.reportIn
	}
	busy := make([]time.Duration, len(lines))
	ntp0 := time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC)
	told := w.resync == 0
	for at := 2 * time.Second; at < length; at += 5 * ms {
		for i, l := range lines {
			if at%l.every != 0 || w.paused != nil && w.paused(at) {
				continue
			}
			lag := time.Duration(0)
			if w.stopped != nil {
				lag = w.stopped(i, at)
			}
			rtp := l.base + uint32(int64(math.Round(float64(at-lag)*(1+w.skew)*l.rate/1e9)))
			arrival := at + l.delay + time.Duration(rng.Float64()*float64(w.jitter))
			if w.held != nil {
				arrival += w.held(at)
			}
			arrival = max(arrival, busy[i])
			busy[i] = arrival
			if !told && at >= w.resync {
				told = true
				for _, o := range lines {
					o.clock.Resync()
				}
			}
			l.clock.Observe(rtp, arrival)
			if l.reports > 0 && at >= nextReport[i] {
				nextReport[i] += l.reports
				ntp := ntp0.Add(time.Duration(float64(at) * (1 + w.skew)))
				if w.ntpStep != nil {
					ntp = ntp.Add(w.ntpStep(at))
				}
				l.clock.SenderReport(rtp, ntp)
			}
			out := l.clock.At(rtp)
			if out < lastOut[i] {
				t.Fatalf("line %d: time ran back from %v to %v", i, lastOut[i], out)
			}
			lastOut[i] = out
			last[i] = out - at - least
			if at >= from {
				worst[i] = max(worst[i], abs(last[i]))
				apart = max(apart, abs(last[i]-last[0]))
			}
		}
	}
	return worst, apart
}

func TestClock(t *testing.T) {
	const s = time.Second
	step := func(after, by time.Duration) func(time.Duration) time.Duration {
		return func(at time.Duration) time.Duration {
			if at >= after {
				return by
			}
			return 0
		}
	}
	for _, c := range []struct {
		name         string
		w            world
		audioDelay   time.Duration
		noReports    bool
		from, length time.Duration
		worst, apart time.Duration
	}{
		{name: "quiet line", from: 3 * s, length: 20 * s, worst: ms, apart: ms},
		{name: "jitter", w: world{jitter: 40 * ms}, from: 5 * s, length: 40 * s, worst: 8 * ms, apart: 5 * ms},
		{name: "sound takes longer", audioDelay: 80 * ms, from: 12 * s, length: 40 * s, worst: 2 * ms, apart: 2 * ms},
		{name: "no reports at all", w: world{jitter: 10 * ms}, noReports: true, from: 5 * s, length: 40 * s, worst: 5 * ms, apart: 5 * ms},
		{name: "clock 200 ppm fast for an hour", w: world{skew: 2e-4, jitter: 20 * ms}, from: 10 * s, length: 3600 * s, worst: 15 * ms, apart: 5 * ms},
		{name: "clock 200 ppm slow for an hour", w: world{skew: -2e-4, jitter: 20 * ms}, from: 10 * s, length: 3600 * s, worst: 15 * ms, apart: 5 * ms},
		{name: "NTP clock set by an hour", w: world{ntpStep: step(20*s, -time.Hour)}, from: 3 * s, length: 60 * s, worst: 2 * ms, apart: 2 * ms},
		{name: "NTP clock set by 300 ms", w: world{ntpStep: step(20*s, 300*ms)}, from: 3 * s, length: 60 * s, worst: 2 * ms, apart: 2 * ms},
		{name: "network holds everything for 2 s", w: world{held: func(at time.Duration) time.Duration {
			if at >= 20*s && at < 22*s {
				return 22*s - at
			}
			return 0
		}}, from: 5 * s, length: 60 * s, worst: 2 * ms, apart: 2 * ms},
		{name: "pause with a running RTP clock", w: world{paused: func(at time.Duration) bool { return at > 20*s && at < 50*s }},
			from: 5 * s, length: 80 * s, worst: 2 * ms, apart: 2 * ms},
		{name: "sound's RTP clock stands still in an announced pause", w: world{
			paused:  func(at time.Duration) bool { return at > 20*s && at < 50*s },
			stopped: func(l int, at time.Duration) time.Duration { return time.Duration(l) * step(50*s, 30*s)(at) },
			resync:  50 * s,
		}, from: 5 * s, length: 80 * s, worst: 5 * ms, apart: 5 * ms},
		{name: "sound's RTP clock stands still in a pause that nobody announced", w: world{
			paused:  func(at time.Duration) bool { return at > 20*s && at < 50*s },
			stopped: func(l int, at time.Duration) time.Duration { return time.Duration(l) * step(50*s, 30*s)(at) },
		}, from: 51 * s, length: 80 * s, worst: 5 * ms, apart: 5 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			pc := NewParticipantClock()
			video := &line{clock: pc.Track(90000), rate: 90000, base: 0xFFFE0000, every: 35 * ms, delay: 20 * ms, reports: 210 * ms}
			audio := &line{clock: pc.Track(48000), rate: 48000, base: 0x7FFFFF00, every: 20 * ms, delay: 20*ms + c.audioDelay, reportIn: 5 * s, reports: 5 * s}
			if c.noReports {
				video.reports, audio.reports = 0, 0
			}
			worst, apart := c.w.run(t, []*line{video, audio}, c.from, c.length)
			t.Logf("worst error: video %v, sound %v; apart %v", worst[0], worst[1], apart)
			if worst[0] > c.worst || worst[1] > c.worst || apart > c.apart {
				t.Errorf("worst error: video %v, sound %v (limit %v); apart %v (limit %v)", worst[0], worst[1], c.worst, apart, c.apart)
			}
		})
	}
}

// TestClockIgnoresNonsense feeds reports that cannot be true.
func TestClockIgnoresNonsense(t *testing.T) {
	pc := NewParticipantClock()
	video, audio := pc.Track(90000), pc.Track(48000)
	ntp := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 1000 {
		at := time.Duration(i) * 20 * ms
		video.Observe(uint32(i*1800), at)
		audio.Observe(uint32(i*960), at)
		if i == 10 {
			video.SenderReport(uint32(i*1800), ntp)
			audio.SenderReport(uint32(i*960), ntp.Add(-40*time.Hour)) // another clock than the camera's
			audio.SenderReport(uint32(i*960), time.Time{})
		}
		for name, got := range map[string]time.Duration{"video": video.At(uint32(i * 1800)), "sound": audio.At(uint32(i * 960))} {
			if abs(got-at) > ms {
				t.Fatalf("%s captured at %v is placed at %v", name, at, got)
			}
		}
	}
	video.Close()
	audio.Close()
	if _, ok := pc.delay.min(); ok {
		t.Error("the delay of a sender who left is still known")
	}
}

func TestMinFilter(t *testing.T) {
	var f minFilter
	if _, ok := f.min(); ok {
		t.Error("an empty filter has a minimum")
	}
	for _, c := range []struct{ at, v, want time.Duration }{
		{0, 5, 5}, {time.Second, 9, 5}, {4 * time.Second, 3, 3}, {32 * time.Second, 7, 3}, {33 * time.Second, 8, 7},
		{2 * time.Second, 1, 7}, {time.Hour, 20, 20},
	} {
		f.add(c.at, c.v)
		if got, ok := f.min(); !ok || got != c.want {
			t.Errorf("after %v at %v: minimum %v, want %v", c.v, c.at, got, c.want)
		}
	}
	f.shift(-4)
	if got, _ := f.min(); got != 16 {
		t.Errorf("shifted minimum is %v, want 16ns", got)
	}
}
