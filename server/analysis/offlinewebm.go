package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/webm"
	"bonafide/vision"
)

// webmFile is a WebM file that is measured: the numbers of its tracks, 0 for
// none, and what gathers the seconds of its streams.
type webmFile struct {
	o            *offline
	header       webm.Header
	video, sound int
	decoder      *codec.VP8Decoder
	meters       []*streamMeter // of the camera, then of the microphone

	end      time.Duration // of what was read, in the file's time
	pictures int
}

// blocks measures the pictures and the sound of a WebM file.
func (o *offline) blocks(ctx context.Context, r *webm.Reader, e *engine) error {
	f := &webmFile{o: o, header: r.Header()}
	if err := f.pick(); err != nil {
		return err
	}
	start := o.opts.Offset
	if start == 0 {
		start = f.header.Start
	}
	if err := o.begin(e, start); err != nil {
		return err
	}
	defer o.closeOthers()
	if err := o.openOthers(); err != nil {
		return err
	}
	if err := f.openVoice(); err != nil {
		return err
	}
	var err error
	if f.decoder, err = codec.NewVP8Decoder(); err != nil {
		return err
	}
	defer f.decoder.Close()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = f.block(ctx, b)
		}
		if err != nil {
			return err
		}
	}
	if f.pictures == 0 && r.Torn() != "" {
		return fmt.Errorf("%w: no picture could be read (%s)", ErrNotVideo, r.Torn())
	}
	o.result.Truncated = r.Torn()
	return o.end(max(f.end, f.header.Duration))
}

// pick chooses the tracks. errForeign tells that ffmpeg has to read the file.
func (f *webmFile) pick() error {
	for _, t := range f.header.Tracks {
		switch {
		case !t.Video():
		case t.Codec != webm.VP8:
			return errForeign
		case f.video == 0:
			f.video = t.Number
		}
	}
	if f.video == 0 {
		return fmt.Errorf("%w: the file has sound only", ErrNotVideo)
	}
	if f.o.opts.Sound == SoundLeft || f.o.opts.Sound == SoundRight {
		return errForeign // sides are ffmpeg's
	}
	return nil
}

// openVoice opens the candidate's sound for the detectors of wider scope, and
// begins to gather the seconds of the streams.
func (f *webmFile) openVoice() (err error) {
	o := f.o
	if o.scene == nil {
		return nil
	}
	f.meters = append(f.meters, newFileMeter(o.opts.Source, o.start, o.opts.Sound == "", o.opts.Truth.Gaps))
	if f.sound = soundTrack(f.header); f.sound == 0 {
		return nil
	}
	f.meters = append(f.meters, newFileMeter(string(media.SourceMicrophone), o.start, o.opts.Sound == "", o.opts.Truth.SoundGaps))
	if o.voice.opus, err = codec.NewOpusDecoder(); err != nil {
		return err
	}
	if o.opts.Sound == SoundMixed {
		return o.scene.UnknownVoice(o.opts.Participant, roleCandidate, o.start)
	}
	return o.scene.OpenVoice(o.opts.Participant, roleCandidate, o.start)
}

// newFileMeter is the meter of a stream of a file. logged tells that the log
// knows what is missing of it.
func newFileMeter(source string, start time.Duration, logged bool, gaps []evidence.Gap) *streamMeter {
	m := newStreamMeter(source, false, 1000, start)
	m.logged = logged
	for _, g := range gaps {
		if gapReason(media.Cause(g.Cause)) == evidence.ReasonLoss {
			m.gaps = append(m.gaps, g)
		}
	}
	return m
}

// block measures one block of the file.
func (f *webmFile) block(ctx context.Context, b webm.Block) error {
	o := f.o
	at := o.start + b.At
	f.end = max(f.end, b.At)
	if o.scene != nil {
		for _, m := range f.meters {
			for _, r := range m.take(at - lag) {
				if err := o.scene.Stream(r); err != nil {
					return err
				}
			}
		}
		if err := o.sceneUpTo(ctx, at); err != nil {
			return err
		}
	}
	switch {
	case b.Track == f.video:
		return f.picture(b, at)
	case f.sound != 0 && b.Track == f.sound:
		if err := o.giveSound(&o.voice, o.opts.Participant, roleCandidate, b.Data, at); err != nil {
			return err
		}
	}
	// The sound may be written before pictures of the same time.
	if err := o.upTo(at - lag); err != nil {
		return err
	}
	if t, ok := f.header.Track(b.Track); ok && !t.Video() {
		o.pipe.Sound(at)
	}
	return o.pipe.Advance(at - lag)
}

// picture measures a picture.
func (f *webmFile) picture(b webm.Block, at time.Duration) error {
	o := f.o
	if err := o.upTo(at); err != nil {
		return err
	}
	pic, damaged, err := f.decoder.Decode(b.Data)
	if err != nil || pic == nil {
		return nil // the pictures after it are marked as damaged
	}
	f.pictures++
	frame := o.opts.Region.cut(&vision.Frame{Image: pic, At: at, Damaged: damaged})
	if len(f.meters) > 0 {
		f.meters[0].picture(at, damaged, NewPrint(frame.Image), pic.Rect.Dx(), pic.Rect.Dy())
	}
	if err := o.pipe.Frame(frame); err != nil {
		return err
	}
	o.progress(b.At, f.header.Duration, false)
	return nil
}
