package speech

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/media"
)

// evalDir is the folder of evaluation material; the test is skipped without it.
func evalDir(t *testing.T) string {
	dir := os.Getenv("BONAFIDE_EVAL")
	if dir == "" {
		t.Skip("BONAFIDE_EVAL is not set: no evaluation material")
	}
	return dir
}

func openVAD(t testing.TB) *VAD {
	t.Helper()
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Skipf("no models: %v", err)
	}
	v, err := NewVAD(set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close(); set.Close() })
	return v
}

// readWAV reads the first channel of a WAV file of 16-bit or float values.
func readWAV(t testing.TB, path string) (pcm []float32, rate int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	format, channels, bits := 0, 1, 16
	for at := 12; at+8 <= len(b); {
		id, n := string(b[at:at+4]), int(binary.LittleEndian.Uint32(b[at+4:]))
		body := b[at+8 : min(at+8+n, len(b))]
		switch id {
		case "fmt ":
			format, channels = int(binary.LittleEndian.Uint16(body)), int(binary.LittleEndian.Uint16(body[2:]))
			rate, bits = int(binary.LittleEndian.Uint32(body[4:])), int(binary.LittleEndian.Uint16(body[14:]))
			if format == 0xFFFE {
				format = int(binary.LittleEndian.Uint16(body[24:]))
			}
		case "data":
			step := channels * bits / 8
			for i := 0; i+step <= len(body); i += step {
				switch {
				case format == 3 && bits == 32:
					pcm = append(pcm, math.Float32frombits(binary.LittleEndian.Uint32(body[i:])))
				case format == 1 && bits == 16:
					pcm = append(pcm, float32(int16(binary.LittleEndian.Uint16(body[i:])))/32768)
				default:
					t.Fatalf("%s: format %d of %d bits is not read", path, format, bits)
				}
			}
		}
		at += 8 + n + n%2
	}
	return pcm, rate
}

// timit is the labelled sentences: 16 kHz, with the time of their speech.
type labelled struct {
	name   string
	pcm    []float32
	speech []Span
}

func timit(t *testing.T) (out []labelled) {
	names, _ := filepath.Glob(filepath.Join(evalDir(t), "speech", "timit_vad", "*.json"))
	for _, name := range names {
		var l struct {
			Wav    string       `json:"wav"`
			Speech [][2]float64 `json:"speech_segments_s"`
		}
		b, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(b, &l)
		}
		if err != nil {
			t.Fatal(err)
		}
		pcm, rate := readWAV(t, filepath.Join(filepath.Dir(name), l.Wav))
		if rate != Rate {
			t.Fatalf("%s has %d values per second", l.Wav, rate)
		}
		one := labelled{name: l.Wav, pcm: pcm}
		for _, s := range l.Speech {
			one.speech = append(one.speech, Span{int64(s[0] * 1000), int64(s[1] * 1000), Speaking, ""})
		}
		out = append(out, one)
	}
	return out
}

// hear gives the frames of a piece of sound that begins at 0.
func hear(t testing.TB, v *VAD, pcm []float32, rate int) (out []Frame) {
	t.Helper()
	v.Reset()
	step := rate / 50
	for i := 0; i+step <= len(pcm); i += step {
		at := time.Duration(i) * time.Second / time.Duration(rate)
		frames, err := v.Add(media.Block{At: at, Rate: rate, PCM: pcm[i : i+step]})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, frames...)
	}
	return out
}

// spansOf makes the final spans of frames.
func spansOf(frames []Frame) []Span {
	v := NewVoice(VoiceConfig{})
	for _, f := range frames {
		v.Add(f)
	}
	return v.Finish()
}

// noisy adds noise at a signal-to-noise ratio in dB, of the speech's own level.
func noisy(pcm, noise []float32, speech []Span, snr float64) []float32 {
	power, n := 0.0, 0
	for _, s := range speech {
		for i := int(s.StartMS) * 16; i < min(int(s.EndMS)*16, len(pcm)); i++ {
			power += float64(pcm[i]) * float64(pcm[i])
			n++
		}
	}
	np := 0.0
	for _, x := range noise {
		np += float64(x) * float64(x)
	}
	gain := math.Sqrt(power / float64(max(n, 1)) / (np / float64(len(noise))) / math.Pow(10, snr/10))
	out := make([]float32, len(pcm))
	for i, x := range pcm {
		out[i] = x + float32(gain)*noise[i%len(noise)]
	}
	return out
}

// TestEvalVAD prints the frame error of voice activity detection against
// labelled sentences, clean and with noise, and how far its edges are off.
func TestEvalVAD(t *testing.T) {
	sentences := timit(t)
	v := openVAD(t)
	noise, rate := readWAV(t, filepath.Join(evalDir(t), "speech", "speechbrain", "ESC50_audio_5-156999-C-19.wav"))
	if rate == 44100 { // to 16 kHz, by the nearest value: it is noise
		var out []float32
		for i := 0; i*44100/Rate < len(noise); i++ {
			out = append(out, noise[i*44100/Rate])
		}
		noise = out
	}
	fmt.Printf("VAD against labels, %d sentences:\n%-12s %8s %8s %8s %10s %10s\n", len(sentences),
		"noise", "frames", "miss", "false", "onset ms", "end ms")
	for _, snr := range []float64{100, 20, 10, 5, 0} {
		frames, miss, wrong := 0, 0, 0
		speechFrames := 0
		var onset, end []float64
		for _, s := range sentences {
			spans := spansOf(hear(t, v, noisy(s.pcm, noise, s.speech, snr), Rate))
			for at := int64(0); at < int64(len(s.pcm)/16)-40; at += 10 {
				want, _ := within(s.speech, at, at+10)
				var got int64
				for _, x := range spans {
					if x.State == Speaking {
						d, _ := within([]Span{x}, at, at+10)
						got += d
					}
				}
				frames++
				if want >= 5 {
					speechFrames++
				}
				switch {
				case want >= 5 && got < 5:
					miss++
				case want < 5 && got >= 5:
					wrong++
				}
			}
			var talk []Span
			for _, x := range spans {
				if x.State == Speaking {
					talk = append(talk, x)
				}
			}
			if len(talk) > 0 && len(s.speech) > 0 {
				onset = append(onset, float64(talk[0].StartMS-s.speech[0].StartMS))
				end = append(end, float64(talk[len(talk)-1].EndMS-s.speech[len(s.speech)-1].EndMS))
			}
		}
		name := fmt.Sprintf("%.0f dB", snr)
		if snr == 100 {
			name = "none"
		}
		fmt.Printf("%-12s %8d %7.1f%% %7.1f%% %4.0f ±%4.0f %4.0f ±%4.0f\n", name, frames,
			100*float64(miss)/float64(speechFrames), 100*float64(wrong)/float64(frames-speechFrames),
			median(onset), spread(onset), median(end), spread(end))
	}
}

// spread is the median absolute deviation.
func spread(x []float64) float64 {
	m := median(x)
	off := make([]float64, len(x))
	for i := range x {
		off[i] = math.Abs(x[i] - m)
	}
	return median(off)
}

// conversation is who spoke when in a call, from an RTTM file.
func conversation(t *testing.T, path string) map[string][]Span {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]Span{}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 8 || f[0] != "SPEAKER" {
			continue
		}
		from, _ := strconv.ParseFloat(f[3], 64)
		long, _ := strconv.ParseFloat(f[4], 64)
		out[f[7]] = append(out[f[7]], Span{int64(from * 1000), int64((from + long) * 1000), Speaking, ""})
	}
	for who := range out {
		out[who] = union(out[who])
	}
	return out
}

// TestEvalBaseline prints how often real conversation goes beyond people's own
// baseline, by floor: each speaker of a call is taken as the candidate once.
func TestEvalBaseline(t *testing.T) {
	dir := evalDir(t)
	for _, set := range []string{"callhome_rttm", "ami_rttm"} {
		files, _ := filepath.Glob(filepath.Join(dir, "speech", set, "*.rttm"))
		var waits, pauses []float64
		hours := 0.0
		type excess struct{ wait, pause []float64 } // those beyond the own limit without a floor
		over := map[float64]*excess{3: {}, 5: {}, 8: {}}
		withBase, all := 0, 0
		for _, file := range files {
			talk := conversation(t, file)
			for _, who := range slices.Sorted(mapKeys(talk)) {
				var other []Span
				for o, s := range talk {
					if o != who {
						other = append(other, s...)
					}
				}
				h := hearing{speech: [2][]Span{talk[who], union(other)}, upTo: math.MaxInt64 / 2}
				found := h.exchanges()
				if len(found) == 0 {
					continue
				}
				all++
				base := NewBaseline(BaselineConfig{})
				base.Begin(found[0].QuestionEndMS)
				last := found[len(found)-1].EndMS
				for _, e := range found {
					if base.Learning(e.AnswerStartMS) {
						base.AddWait(e.WaitMS / 1000)
						for _, p := range e.Pauses {
							base.AddPause(float64(p.EndMS-p.StartMS) / 1000)
						}
					}
				}
				_, ok := base.Waits()
				if !ok {
					continue
				}
				withBase++
				hours += float64(last-base.fromMS)/3.6e6 - 0.025
				for _, e := range found {
					if base.Learning(e.AnswerStartMS) {
						continue
					}
					waits = append(waits, e.WaitMS/1000)
					for k, x := range over {
						c := BaselineConfig{Spread: k, FloorWait: 0.01, FloorPause: 0.01}.Defaults()
						b := &Baseline{cfg: c, waits: base.waits, pauses: base.pauses}
						u, _ := b.Waits()
						if w := e.WaitMS / 1000; w >= u.Limit {
							x.wait = append(x.wait, w)
						}
						if u, ok := b.Pauses(); ok {
							for _, p := range e.Pauses {
								if s := float64(p.EndMS-p.StartMS) / 1000; s >= u.Limit {
									x.pause = append(x.pause, s)
								}
							}
						}
					}
					for _, p := range e.Pauses {
						pauses = append(pauses, float64(p.EndMS-p.StartMS)/1000)
					}
				}
			}
		}
		slices.Sort(waits)
		slices.Sort(pauses)
		at := func(v []float64, p float64) float64 {
			if len(v) == 0 {
				return 0
			}
			return v[min(int(p*float64(len(v))), len(v)-1)]
		}
		fmt.Printf("%s: %d speakers, %d with a baseline, %.1f h; waits %d: 50%% %.2f 90%% %.2f 99%% %.2f s; pauses %d: 50%% %.2f 90%% %.2f 99%% %.2f s\n",
			set, all, withBase, hours, len(waits), at(waits, .5), at(waits, .9), at(waits, .99), len(pauses), at(pauses, .5), at(pauses, .9), at(pauses, .99))
		fmt.Printf("%-22s", "beyond per hour, floor")
		floors := []float64{0, 2, 2.5, 3, 4, 5, 6, 8, 10}
		for _, f := range floors {
			fmt.Printf("%7.1f", f)
		}
		fmt.Println()
		for _, k := range slices.SortedFunc(mapKeys(over), func(a, b float64) int { return cmp.Compare(a, b) }) {
			for name, v := range map[string][]float64{"wait": over[k].wait, "pause": over[k].pause} {
				fmt.Printf("%-6s spread %2.0f       ", name, k)
				for _, f := range floors {
					n := 0
					for _, x := range v {
						if x >= f {
							n++
						}
					}
					fmt.Printf("%7.2f", float64(n)/hours)
				}
				fmt.Println()
			}
		}
	}
}

func mapKeys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
