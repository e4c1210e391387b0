package analysis

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/server/codec"
)

// evalRate and the size are what clips are read at for the search for loops.
const (
	evalRate   = 25
	evalWidth  = 480
	evalHeight = 360
)

// clipPictures reads at most n pictures of a clip.
func clipPictures(path string, n int) ([]*image.YCbCr, error) {
	cmd := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-an", "-vf",
		fmt.Sprintf("fps=%d,scale=%d:%d,format=yuv420p", evalRate, evalWidth, evalHeight), "-frames:v", fmt.Sprint(n), "-f", "rawvideo", "-")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var all []*image.YCbCr
	r := bufio.NewReaderSize(out, 1<<20)
	for {
		pic := image.NewYCbCr(image.Rect(0, 0, evalWidth, evalHeight), image.YCbCrSubsampleRatio420)
		for _, plane := range [][]byte{pic.Y, pic.Cb, pic.Cr} {
			if _, err = io.ReadFull(r, plane); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
		all = append(all, pic)
	}
	return all, cmd.Wait()
}

// coded sends pictures through VP8 at a call's rate and gives their prints.
func coded(pics []*image.YCbCr) ([]*Print, error) {
	b := pics[0].Rect
	enc, err := codec.NewVP8Encoder(b.Dx(), b.Dy(), evalRate, 600)
	if err != nil {
		return nil, err
	}
	defer enc.Close()
	dec, err := codec.NewVP8Decoder()
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	var out []*Print
	for _, pic := range pics {
		data, err := enc.Encode(pic, false)
		if err != nil {
			return nil, err
		}
		if got, _, err := dec.Decode(data); err == nil && got != nil {
			out = append(out, NewPrint(got))
		}
	}
	return out, nil
}

// loopSeconds gives, for each second of pictures, the share that comes again;
// -1 where that cannot be told.
func loopSeconds(prints []*Print) (shares []float64, lagMS float64) {
	var f loopFinder
	for i, p := range prints {
		f.add(StreamPicture{AtMS: float64(i) * 1000 / evalRate, Print: p})
		if (i+1)%evalRate != 0 {
			continue
		}
		s := f.state()
		if !s.known {
			shares = append(shares, -1)
			continue
		}
		shares = append(shares, s.share)
		if s.share >= 0.9 {
			lagMS = s.lagMS
		}
	}
	return shares, lagMS
}

// TestEvalLoops prints how often pictures of people that do not come again are
// taken to do so, and how often clips that are played three times are found,
// after VP8 at 600 kbit/s.
func TestEvalLoops(t *testing.T) {
	dir := evaluationData(t)
	var clips []string
	err := filepath.WalkDir(filepath.Join(dir, "videos"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && slices.Contains([]string{".mp4", ".mpg", ".mkv", ".webm"}, filepath.Ext(path)) {
			clips = append(clips, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var once, wrong, unknown, looped, found int
	for _, clip := range clips {
		pics, err := clipPictures(clip, 12*evalRate)
		if err != nil || len(pics) < 5*evalRate {
			continue
		}
		prints, err := coded(pics)
		if err != nil {
			t.Fatal(err)
		}
		shares, _ := loopSeconds(prints)
		for _, s := range shares {
			once++
			switch {
			case s < 0:
				unknown++
			case s >= 0.9:
				wrong++
			}
		}
		again, err := coded(slices.Concat(pics, pics, pics))
		if err != nil {
			t.Fatal(err)
		}
		shares, lag := loopSeconds(again)
		want := float64(len(pics)) * 1000 / evalRate
		hit, told := 0, 0
		for _, s := range shares[len(pics)/evalRate+5:] {
			if s >= 0 {
				told++
			}
			if s >= 0.9 {
				hit++
			}
		}
		if told < 3 {
			continue // nothing in it moves
		}
		looped++
		ok := hit >= 3 && math.Abs(lag-want) < 100
		if ok {
			found++
		} else {
			fmt.Printf("not found: %s, %d of %d seconds, after %.2f s, is %.2f s\n", strings.TrimPrefix(clip, dir+"/videos/"), hit, told, lag/1000, want/1000)
		}
	}
	fmt.Printf("played once: %v, of which %v cannot be told, and %v are taken to come again\n",
		time.Duration(once)*time.Second, time.Duration(unknown)*time.Second, time.Duration(wrong)*time.Second)
	fmt.Printf("played three times: %d of %d clips found, with the right length\n", found, looped)
}
