package codec_test

import (
	"bytes"
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/server/codec"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/webm"
)

// gradient draws a picture whose planes all differ and reach the last row and
// column.
func gradient(w, h, shift int) *image.YCbCr {
	pic := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for y := range h {
		for x := range w {
			pic.Y[y*pic.YStride+x] = byte(60 + (x+y+shift)*120/(w+h))
		}
	}
	for y := range (h + 1) / 2 {
		for x := range (w + 1) / 2 {
			pic.Cb[y*pic.CStride+x] = byte(90 + y*60/h)
			pic.Cr[y*pic.CStride+x] = byte(170 - x*60/w)
		}
	}
	return pic
}

// worst gives the largest difference of any value in any plane.
func worst(a, b *image.YCbCr) int {
	most := 0
	for i, p := range [][]byte{a.Y, a.Cb, a.Cr} {
		q := [][]byte{b.Y, b.Cb, b.Cr}[i]
		for j := range p {
			d := int(p[j]) - int(q[j])
			most = max(most, d, -d)
		}
	}
	return most
}

func TestPicturesComeBack(t *testing.T) {
	for _, size := range []image.Point{{64, 48}, {1, 1}, {240, 135}, {17, 33}, {320, 240}} {
		enc, err := codec.NewVP8Encoder(size.X, size.Y, 30, 4000)
		if err != nil {
			t.Fatal(err)
		}
		defer enc.Close()
		dec, err := codec.NewVP8Decoder()
		if err != nil {
			t.Fatal(err)
		}
		defer dec.Close()
		for n := range 5 {
			want := gradient(size.X, size.Y, n)
			data, err := enc.Encode(want, n == 3)
			if err != nil {
				t.Fatal(err)
			}
			if w, h, key := media.VP8KeyFrame(data); key != (n == 0 || n == 3) || key && (w != size.X || h != size.Y) {
				t.Errorf("%v: picture %d: key frame %v of %dx%d", size, n, key, w, h)
			}
			got, corrupted, err := dec.Decode(data)
			if err != nil || corrupted || got == nil {
				t.Fatalf("%v: picture %d: %v, corrupted %v, %v", size, n, got == nil, corrupted, err)
			}
			if got.Rect != want.Rect || len(got.Cb) != len(want.Cb) {
				t.Fatalf("%v: picture is %v, chroma of %d values, want %d", size, got.Rect, len(got.Cb), len(want.Cb))
			}
			if d := worst(want, got); d > 16 {
				t.Errorf("%v: picture %d is off by up to %d of 255", size, n, d)
			}
		}
	}
}

// frames encodes n pictures with one key frame in front.
func frames(t testing.TB, w, h, n int) [][]byte {
	t.Helper()
	enc, err := codec.NewVP8Encoder(w, h, 30, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	var out [][]byte
	for i := range n {
		data, err := enc.Encode(gradient(w, h, 3*i), false)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

func TestDamageIsKnown(t *testing.T) {
	dec, err := codec.NewVP8Decoder()
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	a, b := frames(t, 64, 48, 20), frames(t, 90, 160, 5)
	if _, _, err := dec.Decode(a[1]); !errors.Is(err, codec.ErrInvalid) {
		t.Errorf("a picture before any key frame gave %v, want ErrInvalid", err)
	}
	decode := func(data []byte, damaged bool, size image.Point) {
		t.Helper()
		pic, corrupted, err := dec.Decode(data)
		if err != nil || pic == nil || corrupted != damaged || pic.Rect.Size() != size {
			t.Fatalf("corrupted %v, want %v; size %v, want %v; %v", corrupted, damaged, pic, size, err)
		}
	}
	for _, f := range a[:5] {
		decode(f, false, image.Pt(64, 48))
	}
	dec.Lost() // the sixth picture
	for _, f := range a[6:] {
		decode(f, true, image.Pt(64, 48))
	}
	for _, f := range b { // a key frame mends it, of another size too
		decode(f, false, image.Pt(90, 160))
	}
}

func TestGarbageDoesNotCrash(t *testing.T) {
	good := frames(t, 64, 48, 4)
	dec, err := codec.NewVP8Decoder()
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	huge := slices.Clone(good[0])
	huge[6], huge[7] = 0xff, 0x3f
	for name, data := range map[string][]byte{
		"nothing": nil, "one byte": {0}, "no start code": make([]byte, 100), "16383 pixels wide": huge, "key frame cut short": good[0][:9],
	} {
		if _, _, err := dec.Decode(data); !errors.Is(err, codec.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		data := slices.Clone(good[rng.IntN(len(good))])
		for range rng.IntN(10) {
			data[rng.IntN(len(data))] = byte(rng.Uint32())
		}
		data = data[:rng.IntN(len(data)+1)]
		if pic, _, err := dec.Decode(data); err != nil && pic != nil {
			t.Fatal("both a picture and an error")
		}
	}
	for i, f := range good {
		if pic, corrupted, err := dec.Decode(f); err != nil || pic == nil || corrupted {
			t.Errorf("good picture %d after garbage: corrupted %v, %v", i, corrupted, err)
		}
	}
}

// FuzzVP8 wants no input to crash the decoder.
func FuzzVP8(f *testing.F) {
	good := frames(f, 32, 32, 2)
	f.Add(good[0], good[1])
	f.Fuzz(func(t *testing.T, a, b []byte) {
		dec, err := codec.NewVP8Decoder()
		if err != nil {
			t.Fatal(err)
		}
		defer dec.Close()
		for _, data := range [][]byte{a, b} {
			if pic, _, err := dec.Decode(data); err != nil && pic != nil {
				t.Fatal("both a picture and an error")
			}
		}
	})
}

func TestClosedCodecs(t *testing.T) {
	key := frames(t, 32, 32, 1)[0]
	dec, err := codec.NewVP8Decoder()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if _, _, err := dec.Decode(key); err != nil && !errors.Is(err, codec.ErrClosed) {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() { dec.Close(); dec.Close() })
	wg.Wait()
	if _, _, err := dec.Decode(key); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("decoding after Close gave %v, want ErrClosed", err)
	}
	enc, err := codec.NewVP8Encoder(16, 16, 30, 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enc.Encode(gradient(16, 18, 0), false); err == nil {
		t.Error("a picture of another size was encoded")
	}
	enc.Close()
	enc.Close()
	if _, err := enc.Encode(gradient(16, 16, 0), false); !errors.Is(err, codec.ErrClosed) {
		t.Errorf("encoding after Close gave %v, want ErrClosed", err)
	}
	for _, bad := range [][4]int{{0, 1, 30, 100}, {1, 5000, 30, 100}, {16, 16, 0, 100}, {16, 16, 30, 0}} {
		if _, err := codec.NewVP8Encoder(bad[0], bad[1], bad[2], bad[3]); err == nil {
			t.Errorf("an encoder of %v was made", bad)
		}
	}
}

// TestSoundComesBack compares decoded sound with what was encoded.
func TestSoundComesBack(t *testing.T) {
	const rate = codec.OpusRate
	pcm := make([]float32, rate)
	for i := range pcm {
		pcm[i] = 0.4 * float32(math.Sin(2*math.Pi*440*float64(i)/rate))
	}
	packets, err := mediatest.EncodeOpus(pcm, false)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := codec.NewOpusDecoder()
	if err != nil {
		t.Fatal(err)
	}
	var got []float32
	for _, p := range packets {
		blocks, err := dec.Decode(p.Data, p.At)
		if err != nil || len(blocks) != 1 || blocks[0].Filled || blocks[0].Rate != rate || blocks[0].Duration() != p.Duration {
			t.Fatalf("packet at %v: %+v, %v", p.At, blocks, err)
		}
		got = append(got, blocks[0].PCM...)
	}
	best := 0.0
	for lag := range 1000 { // the codec delays by 6.5 ms
		var dot, a, b float64
		for i := rate / 4; i < rate*3/4; i++ {
			x, y := float64(pcm[i]), float64(got[i+lag])
			dot, a, b = dot+x*y, a+x*x, b+y*y
		}
		best = max(best, dot/math.Sqrt(a*b))
	}
	if best < 0.99 {
		t.Errorf("decoded sound correlates by %.3f with the original, want 0.99", best)
	}
}

func TestHolesInSound(t *testing.T) {
	packets, err := mediatest.Beeps(10*time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := codec.NewOpusDecoder()
	if err != nil {
		t.Fatal(err)
	}
	ms := time.Millisecond
	for _, c := range []struct {
		at    time.Duration
		fills time.Duration
	}{
		{0, 0}, {20 * ms, 0}, {43 * ms, 0}, {103 * ms, 40 * ms}, {123 * ms, 0}, {2143 * ms, 2000 * ms}, {9000 * ms, 0}, {9020 * ms, 0},
	} {
		blocks, err := dec.Decode(packets[0].Data, c.at)
		if err != nil {
			t.Fatal(err)
		}
		var filled time.Duration
		for _, b := range blocks {
			if b.Filled {
				filled += b.Duration()
			}
		}
		if last := blocks[len(blocks)-1]; filled != c.fills || last.At != c.at || last.Filled {
			t.Errorf("at %v: filled %v, want %v; sound at %v", c.at, filled, c.fills, last.At)
		}
	}
	if _, err := dec.Decode(nil, 0); !errors.Is(err, codec.ErrInvalid) {
		t.Errorf("an empty packet gave %v, want ErrInvalid", err)
	}
	rng := rand.New(rand.NewPCG(2, 2))
	for i := range 2000 {
		data := slices.Clone(packets[rng.IntN(len(packets))].Data)
		for range rng.IntN(6) {
			data[rng.IntN(len(data))] = byte(rng.Uint32())
		}
		if _, err := dec.Decode(data[:rng.IntN(len(data)+1)], time.Duration(i)*20*ms); err != nil && !errors.Is(err, codec.ErrInvalid) {
			t.Fatalf("garbage gave %v, want ErrInvalid or none", err)
		}
	}
}

func TestInt16(t *testing.T) {
	if got := codec.Int16([]float32{0, 1, -1, 2, -2, 0.5}); !slices.Equal(got, []int16{0, 32767, -32767, 32767, -32768, 16383}) {
		t.Errorf("got %v", got)
	}
}

func TestLevels(t *testing.T) {
	beeps := []time.Duration{500 * time.Millisecond, 1200 * time.Millisecond}
	packets, err := mediatest.Beeps(2*time.Second, beeps)
	if err != nil {
		t.Fatal(err)
	}
	var buf memFile
	w, err := webm.NewWriter(&buf, webm.Header{Tracks: []webm.Track{{Number: 2, Codec: webm.Opus, Channels: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets {
		if err := w.WriteBlock(webm.Block{Track: 2, At: p.At, Key: true, Data: p.Data}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.webm")
	if err := os.WriteFile(path, buf.data, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := codec.Levels(path)
	if err != nil || len(got) != 20 {
		t.Fatalf("%d levels, %v; want 20", len(got), err)
	}
	for i, db := range got {
		// A sine of amplitude 0.5 is at -9 dBFS, the hum at -63.
		loud := i == 5 || i == 12
		if loud && (db < -12 || db > -6) || !loud && i != 6 && i != 13 && db > -35 {
			t.Errorf("level %d is %.1f dBFS", i, db)
		}
	}
	if _, err := codec.Levels(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that does not exist has levels")
	}
}

// memFile is a file in memory.
type memFile struct{ data []byte }

func (f *memFile) WriteAt(b []byte, at int64) (int, error) {
	if grow := int(at) + len(b) - len(f.data); grow > 0 {
		f.data = append(f.data, make([]byte, grow)...)
	}
	return copy(f.data[at:], b), nil
}
func (f *memFile) Truncate(n int64) error { f.data = bytes.Clone(f.data[:n]); return nil }
func (f *memFile) Sync() error            { return nil }

// BenchmarkVP8Decode decodes one 640x480 picture, with its copy.
func BenchmarkVP8Decode(b *testing.B) {
	fs := frames(b, 640, 480, 60)
	dec, err := codec.NewVP8Decoder()
	if err != nil {
		b.Fatal(err)
	}
	defer dec.Close()
	for i := 0; b.Loop(); i++ {
		if _, _, err := dec.Decode(fs[i%len(fs)]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpusDecode decodes one packet of 20 ms.
func BenchmarkOpusDecode(b *testing.B) {
	packets, err := mediatest.Beeps(2*time.Second, mediatest.Every(200*time.Millisecond, 0, 2*time.Second))
	if err != nil {
		b.Fatal(err)
	}
	dec, err := codec.NewOpusDecoder()
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := dec.Decode(packets[i%len(packets)].Data, 0); err != nil {
			b.Fatal(err)
		}
	}
}

// TestDiscontinuousTransmission decodes what an encoder makes of silence.
func TestDiscontinuousTransmission(t *testing.T) {
	packets, err := mediatest.EncodeOpus(make([]float32, 2*codec.OpusRate), true)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := codec.NewOpusDecoder()
	if err != nil {
		t.Fatal(err)
	}
	small := 0
	for _, p := range packets {
		if len(p.Data) <= 2 {
			small++
		}
		blocks, err := dec.Decode(p.Data, p.At)
		if err != nil || len(blocks) != 1 || blocks[0].Filled || blocks[0].Duration() != p.Duration {
			t.Fatalf("packet of %d bytes at %v: %+v, %v", len(p.Data), p.At, blocks, err)
		}
	}
	if small < 50 {
		t.Errorf("%d of %d packets say that there is nothing to hear; too few to test that", small, len(packets))
	}
}
