package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"bonafide/server/codec"
	"bonafide/server/webm"
	"bonafide/vision"
)

// blocks measures the pictures of a WebM file.
func (o *offline) blocks(ctx context.Context, r *webm.Reader, e *engine) error {
	h := r.Header()
	video := 0
	for _, t := range h.Tracks {
		switch {
		case !t.Video():
		case t.Codec != webm.VP8:
			return errForeign
		case video == 0:
			video = t.Number
		}
	}
	if video == 0 {
		return fmt.Errorf("%w: the file has sound only", ErrNotVideo)
	}
	if o.opts.Sound == SoundLeft || o.opts.Sound == SoundRight {
		return errForeign // sides are ffmpeg's
	}
	start := o.opts.Offset
	if start == 0 {
		start = h.Start
	}
	if err := o.begin(e, start); err != nil {
		return err
	}
	defer o.closeOthers()
	if err := o.openOthers(); err != nil {
		return err
	}
	sound := 0
	if o.scene != nil {
		sound = soundTrack(h)
	}
	if sound != 0 {
		var err error
		if o.voice.opus, err = codec.NewOpusDecoder(); err != nil {
			return err
		}
		open := o.scene.OpenVoice
		if o.opts.Sound == SoundMixed {
			open = o.scene.UnknownVoice
		}
		if err := open(o.opts.Participant, roleCandidate, start); err != nil {
			return err
		}
	}
	dec, err := codec.NewVP8Decoder()
	if err != nil {
		return err
	}
	defer dec.Close()

	meter := newStreamMeter(o.opts.Source, false, 90000, start)
	end, pictures := time.Duration(0), 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		at := start + b.At
		end = max(end, b.At)
		if o.scene != nil {
			for _, r := range meter.take(at - lag) {
				if err := o.scene.Stream(r); err != nil {
					return err
				}
			}
			if err := o.sceneUpTo(ctx, at); err != nil {
				return err
			}
		}
		if sound != 0 && b.Track == sound {
			if err := o.giveSound(&o.voice, o.opts.Participant, roleCandidate, b.Data, at); err != nil {
				return err
			}
		}
		if b.Track != video {
			// The sound may be written before pictures of the same time.
			if err := o.upTo(at - lag); err != nil {
				return err
			}
			if t, ok := h.Track(b.Track); ok && !t.Video() {
				o.pipe.Sound(at)
			}
			if err := o.pipe.Advance(at - lag); err != nil {
				return err
			}
			continue
		}
		if err := o.upTo(at); err != nil {
			return err
		}
		pic, damaged, err := dec.Decode(b.Data)
		if err != nil || pic == nil {
			continue // the pictures after it are marked as damaged
		}
		pictures++
		if o.scene != nil {
			meter.picture(at, damaged, NewPrint(pic), pic.Rect.Dx(), pic.Rect.Dy())
		}
		if err := o.pipe.Frame(&vision.Frame{Image: pic, At: at, Damaged: damaged}); err != nil {
			return err
		}
		o.progress(b.At, h.Duration, false)
	}
	if pictures == 0 && r.Torn() != "" {
		return fmt.Errorf("%w: no picture could be read (%s)", ErrNotVideo, r.Torn())
	}
	o.result.Truncated = r.Torn()
	return o.end(max(end, h.Duration))
}
