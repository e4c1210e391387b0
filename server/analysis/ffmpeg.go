package analysis

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"bonafide/vision"
)

// foreignRate is the number of pictures a second that a foreign file is read
// at: that of the landmarks.
const foreignRate = 10

// maxForeignSide is the side in pixels to which larger pictures are scaled.
const maxForeignSide = 1920

// probe is what ffprobe tells of a file.
type probe struct {
	Streams []struct {
		Type     string `json:"codec_type"`
		Codec    string `json:"codec_name"`
		Width    int    `json:"width"`
		Height   int    `json:"height"`
		Start    string `json:"start_time"`
		Duration string `json:"duration"`
	} `json:"streams"`
	Format struct {
		Name     string `json:"format_name"`
		Start    string `json:"start_time"`
		Duration string `json:"duration"`
	} `json:"format"`
}

// ffmpeg measures the pictures of any file that ffmpeg can read, turned the
// way its metadata says and brought to BT.601 video range.
func (o *offline) ffmpeg(ctx context.Context, path string, e *engine) error {
	total, delay, err := probeVideo(ctx, path)
	if err != nil {
		return err
	}
	o.resampled = true
	if err := o.begin(e, o.opts.Offset); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer o.closeForeignSound()
	defer cancel()
	if err := o.openForeignSound(ctx, path); err != nil {
		return err
	}
	pictures, said, err := decodeForeign(ctx, path, func(n int, frame *vision.Frame) error {
		done := delay + time.Duration(n)*time.Second/foreignRate
		frame.At = o.start + done
		if err := o.upTo(frame.At); err != nil {
			return err
		}
		if err := o.foreignUpTo(frame.At); err != nil {
			return err
		}
		if err := o.resampledSecond(frame.At, n); err != nil {
			return err
		}
		if err := o.pipe.Frame(o.opts.Region.cut(frame)); err != nil {
			return err
		}
		o.progress(done, total, false)
		return nil
	})
	if err != nil {
		return err
	}
	o.result.Truncated = said
	return o.end(delay + time.Duration(pictures)*time.Second/foreignRate)
}

// decodeForeign gives the pictures of any file that ffmpeg can read, numbered
// from 0, foreignRate a second, turned the way its metadata says and brought to
// BT.601 video range. A frame is give's until it returns. said is why the file
// ended early.
func decodeForeign(ctx context.Context, path string, give func(n int, frame *vision.Frame) error) (pictures int, said string, err error) {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	scale := fmt.Sprintf("scale=w='min(iw,%[1]d)':h='min(ih,%[1]d)':force_original_aspect_ratio=decrease:out_color_matrix=bt601:out_range=tv", maxForeignSide)
	cmd := exec.CommandContext(running, "ffmpeg", "-v", "error", "-nostdin", "-i", "file:"+path, "-map", "0:v:0", "-an", "-sn",
		"-vf", fmt.Sprintf("fps=%d,%s,format=yuv420p", foreignRate, scale), "-f", "yuv4mpegpipe", "-")
	var words bytes.Buffer
	cmd.Stderr = &words
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, "", err
	}
	if err := cmd.Start(); err != nil {
		return 0, "", fmt.Errorf("starting ffmpeg: %w", err)
	}
	pictures, readErr := y4m(bufio.NewReaderSize(out, 1<<20), give)
	if readErr != nil {
		cancel()
		io.Copy(io.Discard, out)
	}
	waitErr := cmd.Wait()
	switch {
	case readErr != nil && !errors.Is(readErr, errPipe):
		return pictures, "", readErr
	case ctx.Err() != nil: // broken off by the caller, which is no end of the file
		return pictures, "", ctx.Err()
	case pictures == 0:
		return 0, "", fmt.Errorf("%w: ffmpeg gave no picture: %s", ErrNotVideo, lastLine(words.String()))
	}
	if waitErr != nil || words.Len() > 0 {
		said = lastLine(words.String())
	}
	return pictures, said, nil
}

// errPipe tells that ffmpeg's output is no whole picture.
var errPipe = errors.New("ffmpeg's output ended early")

// y4m reads pictures in the YUV4MPEG2 format: a header line with width and
// height, then for each picture a line and its three planes.
func y4m(r *bufio.Reader, give func(n int, frame *vision.Frame) error) (pictures int, err error) {
	head, err := r.ReadString('\n')
	if err != nil {
		return 0, errPipe
	}
	w, h := 0, 0
	for _, field := range strings.Fields(head) {
		switch field[0] {
		case 'W':
			w, _ = strconv.Atoi(field[1:])
		case 'H':
			h, _ = strconv.Atoi(field[1:])
		}
	}
	if w < 1 || h < 1 || w > maxForeignSide || h > maxForeignSide {
		return 0, fmt.Errorf("reading ffmpeg's output: header %q", strings.TrimSpace(head))
	}
	cw, ch := (w+1)/2, (h+1)/2
	buf := make([]byte, w*h+2*cw*ch)
	pic := &image.YCbCr{
		Y: buf[:w*h], Cb: buf[w*h : w*h+cw*ch], Cr: buf[w*h+cw*ch:], YStride: w, CStride: cw,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, w, h),
	}
	for ; ; pictures++ {
		if _, err := r.ReadSlice('\n'); errors.Is(err, io.EOF) {
			return pictures, nil
		} else if err != nil {
			return pictures, errPipe
		}
		if _, err := io.ReadFull(r, buf); err != nil {
			return pictures, errPipe
		}
		if err := give(pictures, &vision.Frame{Image: pic}); err != nil {
			return pictures, err
		}
	}
}

// resampledSecond tells the detectors of wider scope, once a second, that there
// are pictures, and that their times are not their own.
func (o *offline) resampledSecond(at time.Duration, pictures int) error {
	if o.scene == nil || pictures%foreignRate != foreignRate-1 {
		return nil
	}
	const length = time.Second
	return o.scene.Stream(StreamReading{
		AtMS: max(at-length, o.start).Milliseconds(), LengthMS: length.Milliseconds(), Source: o.opts.Source, Resampled: true,
	})
}

// probeVideo gives the length of a file and by how much its pictures begin
// after it does.
func probeVideo(ctx context.Context, path string) (total, delay time.Duration, err error) {
	cmd := exec.CommandContext(ctx, "ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", "file:"+path)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return 0, 0, errors.New("ffprobe is not installed; it comes with the package ffmpeg")
	}
	if err != nil {
		if ctx.Err() != nil {
			return 0, 0, ctx.Err()
		}
		return 0, 0, fmt.Errorf("%w: %s", ErrNotVideo, lastLine(said.String()))
	}
	var p probe
	if err := json.Unmarshal(out, &p); err != nil {
		return 0, 0, fmt.Errorf("reading ffprobe's answer: %w", err)
	}
	if strings.HasPrefix(p.Format.Name, "image2") || strings.HasSuffix(p.Format.Name, "_pipe") || p.Format.Name == "tty" {
		return 0, 0, fmt.Errorf("%w: ffprobe takes it for %s", ErrNotVideo, p.Format.Name)
	}
	for _, s := range p.Streams {
		if s.Type != "video" {
			continue
		}
		total = seconds(p.Format.Duration)
		if total == 0 {
			total = seconds(s.Duration)
		}
		return total, min(max(seconds(s.Start)-seconds(p.Format.Start), 0), time.Hour), nil
	}
	return 0, 0, fmt.Errorf("%w: no video stream among %d", ErrNotVideo, len(p.Streams))
}

// seconds reads a decimal number of seconds; 0 where there is none.
func seconds(s string) time.Duration {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > 1e7 {
		return 0
	}
	return time.Duration(f * float64(time.Second))
}

// lastLine is the end of what a program said.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
