package codec

/*
#include "vpx.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"image"
	"sync"
	"unsafe"
)

// VP8Encoder encodes pictures for tests and test cameras; recordings are never
// encoded. Frames use error-resilient mode and no automatic key frames, so a
// key frame comes when asked for and at no other time but the first.
type VP8Encoder struct {
	mu            sync.Mutex
	enc           *C.bf_encoder
	width, height int
}

// NewVP8Encoder makes an encoder for pictures of width by height pixels at fps
// pictures a second and about kbps kilobits a second.
func NewVP8Encoder(width, height, fps, kbps int) (*VP8Encoder, error) {
	if width < 1 || height < 1 || width > MaxSide || height > MaxSide {
		return nil, fmt.Errorf("picture size is %dx%d, must be 1 to %d pixels a side", width, height, MaxSide)
	}
	if fps < 1 || fps > 240 || kbps < 1 {
		return nil, fmt.Errorf("frame rate is %d and bit rate %d kbit/s, must be 1 to 240 and at least 1", fps, kbps)
	}
	enc := C.bf_encoder_new(C.int(width), C.int(height), C.int(fps), C.int(kbps))
	if enc == nil {
		return nil, errors.New("starting the libvpx VP8 encoder: out of memory or wrong library version")
	}
	return &VP8Encoder{enc: enc, width: width, height: height}, nil
}

// Encode encodes one picture, which must have the encoder's size and be 4:2:0,
// and gives the frame, which the caller owns.
func (e *VP8Encoder) Encode(pic *image.YCbCr, key bool) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.enc == nil {
		return nil, ErrClosed
	}
	if pic.Rect.Dx() != e.width || pic.Rect.Dy() != e.height || pic.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		return nil, fmt.Errorf("picture is %dx%d %v, must be %dx%d 4:2:0", pic.Rect.Dx(), pic.Rect.Dy(), pic.SubsampleRatio, e.width, e.height)
	}
	cw, ch := (e.width+1)/2, (e.height+1)/2
	for i, src := range [][]byte{pic.Y, pic.Cb, pic.Cr} {
		w, h, stride := cw, ch, pic.CStride
		if i == 0 {
			w, h, stride = e.width, e.height, pic.YStride
		}
		C.bf_encoder_plane(e.enc, C.int(i), (*C.uint8_t)(unsafe.Pointer(&src[0])), C.int(stride), C.int(w), C.int(h))
	}
	var data unsafe.Pointer
	var n C.size_t
	var flag C.int
	if key {
		flag = 1
	}
	if msg := C.bf_encoder_encode(e.enc, flag, &data, &n); msg != nil {
		return nil, fmt.Errorf("encoding a VP8 frame: %s", C.GoString(msg))
	}
	if n == 0 {
		return nil, errors.New("encoding a VP8 frame: the encoder gave nothing")
	}
	return C.GoBytes(data, C.int(n)), nil
}

// Close frees the encoder. It may be called more than once.
func (e *VP8Encoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.enc != nil {
		C.bf_encoder_free(e.enc)
		e.enc = nil
	}
	return nil
}
