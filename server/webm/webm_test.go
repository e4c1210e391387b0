package webm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/server/media/mediatest"
	"bonafide/server/webm"
)

var header = webm.Header{
	Start: 12345 * time.Millisecond,
	Wall:  time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	Tracks: []webm.Track{
		{Number: 1, Codec: webm.VP8, Width: 64, Height: 48},
		{Number: 2, Codec: webm.Opus, Channels: 1},
	},
}

// blocks makes a real recording's blocks in order of time.
func blocks(t testing.TB, length time.Duration) []webm.Block {
	t.Helper()
	video, err := mediatest.Flashes(64, 48, 15, length, time.Second, mediatest.Every(time.Second, 500*time.Millisecond, length))
	if err != nil {
		t.Fatal(err)
	}
	audio, err := mediatest.Beeps(length, mediatest.Every(time.Second, 500*time.Millisecond, length))
	if err != nil {
		t.Fatal(err)
	}
	var out []webm.Block
	for _, f := range video {
		out = append(out, webm.Block{Track: 1, At: f.At.Truncate(time.Millisecond), Key: f.Key, Data: f.Data})
	}
	for _, f := range audio {
		out = append(out, webm.Block{Track: 2, At: f.At, Key: true, Data: f.Data})
	}
	slices.SortStableFunc(out, func(a, b webm.Block) int { return int(a.At - b.At) })
	return out
}

// write writes blocks to a new file and leaves it unfinished unless told.
func write(t testing.TB, h webm.Header, bs []webm.Block, finish bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.webm")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := webm.NewWriter(f, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bs {
		if err := w.WriteBlock(b); err != nil {
			t.Fatal(err)
		}
	}
	if finish {
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// read gives all blocks of a file.
func read(t testing.TB, path string) (*webm.Reader, []webm.Block) {
	t.Helper()
	r, err := webm.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	var out []webm.Block
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r, out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
}

func same(a, b []webm.Block) bool {
	return slices.EqualFunc(a, b, func(x, y webm.Block) bool {
		return x.Track == y.Track && x.At == y.At && x.Key == y.Key && bytes.Equal(x.Data, y.Data)
	})
}

func TestRoundTrip(t *testing.T) {
	want := blocks(t, 3*time.Second)
	for _, finish := range []bool{false, true} {
		r, got := read(t, write(t, header, want, finish))
		if !same(got, want) {
			t.Errorf("finished %v: read %d blocks that differ from the %d written", finish, len(got), len(want))
		}
		if r.Finished() != finish || r.Torn() != "" {
			t.Errorf("Finished %v, Torn %q; want %v and none", r.Finished(), r.Torn(), finish)
		}
		h := r.Header()
		if h.Start != header.Start || !h.Wall.Equal(header.Wall) || !slices.Equal(h.Tracks, header.Tracks) {
			t.Errorf("header is %+v, want %+v", h, header)
		}
		wantDuration := time.Duration(0)
		if finish {
			wantDuration = 3 * time.Second
		}
		if d := h.Duration - wantDuration; d < -40*time.Millisecond || d > 40*time.Millisecond {
			t.Errorf("finished %v: duration is %v, want %v", finish, h.Duration, wantDuration)
		}
	}
}

// probe is what ffprobe says.
type probe struct {
	Streams []struct {
		CodecName string `json:"codec_name"`
		Packets   string `json:"nb_read_packets"`
		Width     int    `json:"width"`
	} `json:"streams"`
	Format struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

func ffprobe(t testing.TB, path string) probe {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-count_packets", "-show_streams", "-show_format", "-of", "json", path).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", path, err)
	}
	var p probe
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnIndependentReaderAgrees(t *testing.T) {
	all := blocks(t, 3*time.Second)
	only := func(track int) (out []webm.Block) {
		for _, b := range all {
			if b.Track == track {
				out = append(out, b)
			}
		}
		return out
	}
	for _, c := range []struct {
		name   string
		tracks []webm.Track
		blocks []webm.Block
		codecs []string
		counts []string
	}{
		{"both", header.Tracks, all, []string{"vp8", "opus"}, []string{"45", "150"}},
		{"video only", header.Tracks[:1], only(1), []string{"vp8"}, []string{"45"}},
		{"audio only", header.Tracks[1:], only(2), []string{"opus"}, []string{"150"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := header
			h.Tracks = c.tracks
			path := write(t, h, c.blocks, true)
			p := ffprobe(t, path)
			if len(p.Streams) != len(c.codecs) {
				t.Fatalf("ffprobe sees %d streams, want %d", len(p.Streams), len(c.codecs))
			}
			for i, s := range p.Streams {
				if s.CodecName != c.codecs[i] || s.Packets != c.counts[i] {
					t.Errorf("stream %d is %s with %s packets, want %s with %s", i, s.CodecName, s.Packets, c.codecs[i], c.counts[i])
				}
			}
			if !strings.HasPrefix(p.Format.Duration, "3.0") && !strings.HasPrefix(p.Format.Duration, "2.99") {
				t.Errorf("ffprobe says the file lasts %s s, want 3", p.Format.Duration)
			}
			if out, err := exec.Command("ffmpeg", "-v", "error", "-xerror", "-ss", "2.2", "-i", path, "-f", "null", "-").CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("ffmpeg cannot seek and decode: %v %s", err, out)
			}
		})
	}
}

func TestAddTrack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.webm")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := header
	h.Tracks = header.Tracks[1:]
	w, err := webm.NewWriter(f, h)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range blocks(t, 2*time.Second) {
		if b.Track == 1 && i < 30 {
			continue // the camera comes later
		}
		if b.Track == 1 && len(w.Tracks()) == 1 {
			if err := w.AddTrack(header.Tracks[0]); err != nil {
				t.Fatal(err)
			}
			if err := w.AddTrack(header.Tracks[0]); err == nil {
				t.Error("the same track was added twice")
			}
		}
		if err := w.WriteBlock(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	if p := ffprobe(t, path); len(p.Streams) != 2 {
		t.Errorf("ffprobe sees %d streams, want 2", len(p.Streams))
	}
}

func TestBadInputIsNamed(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"empty", nil},
		{"text", []byte("hello, this is not a recording at all")},
		{"half a head", mustRead(t, write(t, header, blocks(t, time.Second), true))[:200]},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := webm.Open(path); !errors.Is(err, webm.ErrNotWebM) {
			t.Errorf("%s: Open gave %v, want ErrNotWebM", c.name, err)
		}
		if _, err := webm.Repair(path); !errors.Is(err, webm.ErrNotWebM) {
			t.Errorf("%s: Repair gave %v, want ErrNotWebM", c.name, err)
		}
		if !bytes.Equal(mustRead(t, path), c.data) {
			t.Errorf("%s: Repair changed a file that it could not repair", c.name)
		}
	}
	f, err := os.Create(filepath.Join(dir, "w"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, track := range []webm.Track{
		{Number: 0, Codec: webm.Opus, Channels: 1}, {Number: 127, Codec: webm.Opus, Channels: 1},
		{Number: 1, Codec: webm.VP8}, {Number: 1, Codec: webm.Opus, Channels: 3}, {Number: 1, Codec: "V_AV1", Width: 1, Height: 1},
	} {
		if _, err := webm.NewWriter(f, webm.Header{Tracks: []webm.Track{track}}); err == nil {
			t.Errorf("track %+v was accepted", track)
		}
	}
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestReadsForeignFiles reads what another program wrote.
func TestReadsForeignFiles(t *testing.T) {
	path := write(t, header, blocks(t, 2*time.Second), true)
	for _, args := range [][]string{{"-f", "webm"}, {"-f", "matroska"}, {"-f", "webm", "-live", "1"}} {
		out := filepath.Join(t.TempDir(), "out.webm")
		cmd := append(append([]string{"-v", "error", "-i", path, "-c", "copy"}, args...), out)
		if msg, err := exec.Command("ffmpeg", cmd...).CombinedOutput(); err != nil {
			t.Fatalf("ffmpeg %v: %v %s", args, err, msg)
		}
		r, got := read(t, out)
		if len(got) != 130 || r.Torn() != "" {
			t.Errorf("ffmpeg %v: read %d blocks, torn %q; want 130 and not torn", args, len(got), r.Torn())
		}
		if _, err := webm.Repair(out); err == nil && !r.Finished() {
			t.Errorf("ffmpeg %v: a foreign file was repaired", args)
		}
	}
}

// FuzzReader wants no input to crash the reader or make it claim memory.
func FuzzReader(f *testing.F) {
	f.Add(mustRead(f, write(f, header, blocks(f, 200*time.Millisecond), true)))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := webm.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for {
			if _, err := r.Next(); err != nil {
				return
			}
		}
	})
}
