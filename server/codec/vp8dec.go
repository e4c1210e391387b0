package codec

/*
#cgo pkg-config: vpx
#include "vpx.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"image"
	"sync"
	"unsafe"

	"bonafide/server/media"
)

// MaxSide is the largest picture side that is decoded, in pixels. A frame
// header can claim up to 16383, for which libvpx would reserve 400 MB.
const MaxSide = 4096

// VP8Decoder decodes one VP8 stream. It is safe for concurrent use, though
// frames must come in their order.
type VP8Decoder struct {
	mu     sync.Mutex
	dec    *C.bf_decoder
	gotKey bool
	lost   bool // a frame is missing since the last key frame
}

// NewVP8Decoder makes a decoder with one thread.
func NewVP8Decoder() (*VP8Decoder, error) {
	dec := C.bf_decoder_new()
	if dec == nil {
		return nil, errors.New("starting the libvpx VP8 decoder: out of memory or wrong library version")
	}
	return &VP8Decoder{dec: dec}, nil
}

// Lost tells the decoder that a frame is missing before the next one. VP8
// frames carry no numbers, so it cannot know by itself; pictures from here to
// the next key frame are then reported as corrupted.
func (d *VP8Decoder) Lost() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lost = true
}

// Decode decodes one frame, whole as it was sent. The picture is a fresh copy
// that the caller owns, I420 (4:2:0), with the chroma of odd sizes rounded up;
// it is nil without an error for a frame that is decoded but not shown.
// corrupted tells that the picture is damaged or rests on a damaged one.
// Data that is not a VP8 frame, or comes before the first key frame, gives an
// error that wraps ErrInvalid; decoding goes on with the next key frame.
func (d *VP8Decoder) Decode(data []byte) (pic *image.YCbCr, corrupted bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dec == nil {
		return nil, false, ErrClosed
	}
	if len(data) < 3 {
		return nil, false, fmt.Errorf("VP8 frame has %d bytes, its header alone has 3: %w", len(data), ErrInvalid)
	}
	w, h, key := media.VP8KeyFrame(data)
	switch {
	case key && (w > MaxSide || h > MaxSide):
		return nil, false, fmt.Errorf("VP8 key frame is %dx%d pixels, the limit is %d a side: %w", w, h, MaxSide, ErrInvalid)
	case !key && data[0]&1 == 0:
		return nil, false, fmt.Errorf("VP8 key frame without a start code or size: %w", ErrInvalid)
	case !key && !d.gotKey:
		return nil, false, fmt.Errorf("VP8 picture before the first key frame: %w", ErrInvalid)
	}
	var out C.bf_picture
	if msg := C.bf_decoder_decode(d.dec, (*C.uint8_t)(unsafe.Pointer(&data[0])), C.uint(len(data)), &out); msg != nil {
		d.lost = true
		return nil, false, fmt.Errorf("decoding a VP8 frame of %d bytes: %s: %w", len(data), C.GoString(msg), ErrInvalid)
	}
	if key {
		d.gotKey, d.lost = true, false
	}
	if out.corrupted != 0 {
		d.lost = true
	}
	if out.present == 0 {
		return nil, d.lost, nil
	}
	return copyPicture(&out), d.lost, nil
}

// copyPicture copies the decoder's planes.
func copyPicture(p *C.bf_picture) *image.YCbCr {
	w, h := int(p.width), int(p.height)
	pic := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	cw, ch := (w+1)/2, (h+1)/2
	for i, dst := range [][]byte{pic.Y, pic.Cb, pic.Cr} {
		width, height, stride := cw, ch, pic.CStride
		if i == 0 {
			width, height, stride = w, h, pic.YStride
		}
		C.bf_copy_plane((*C.uint8_t)(unsafe.Pointer(&dst[0])), C.int(stride), p.plane[i], p.stride[i], C.int(width), C.int(height))
	}
	return pic
}

// Close frees the decoder. It may be called more than once, and while another
// goroutine decodes, which then finishes first.
func (d *VP8Decoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dec != nil {
		C.bf_decoder_free(d.dec)
		d.dec = nil
	}
	return nil
}
