package mediatest

/*
#cgo pkg-config: opus
#include <opus.h>

// opus_encoder_ctl is variadic, which cgo cannot call.
static int bf_opus_bitrate(OpusEncoder *e, int bps) { return opus_encoder_ctl(e, OPUS_SET_BITRATE(bps)); }
static int bf_opus_dtx(OpusEncoder *e, int on) { return opus_encoder_ctl(e, OPUS_SET_DTX(on)); }
*/
import "C"

import (
	"fmt"
	"math"
	"time"
	"unsafe"

	"bonafide/server/codec"
)

// PacketLength is the length of sound in one packet.
const PacketLength = 20 * time.Millisecond

// BeepHz is the pitch of a beep.
const BeepHz = 1000

// Beeps makes Opus packets of 20 ms over the given length: near silence with a
// 1 kHz tone of 100 ms at each of the given times.
func Beeps(length time.Duration, beeps []time.Duration) ([]Frame, error) {
	pcm := make([]float32, length*codec.OpusRate/time.Second)
	for i := range pcm {
		pcm[i] = 0.001 * float32(math.Sin(float64(i)*0.05)) // a little hum, as any room has
	}
	n := int(BeepLength * codec.OpusRate / time.Second)
	for _, at := range beeps {
		first := int(at * codec.OpusRate / time.Second)
		for i := first; i < first+n && i < len(pcm); i++ {
			pcm[i] = 0.5 * float32(math.Sin(2*math.Pi*BeepHz*float64(i-first)/codec.OpusRate))
		}
	}
	return EncodeOpus(pcm, false)
}

// EncodeOpus encodes mono sound at 48 kHz to packets of 20 ms; the rest of a
// packet at the end is left out. With dtx, packets in silence shrink to one or
// two bytes, most of which a sender would not send.
func EncodeOpus(pcm []float32, dtx bool) ([]Frame, error) {
	var code C.int
	enc := C.opus_encoder_create(codec.OpusRate, 1, C.OPUS_APPLICATION_VOIP, &code)
	if code != C.OPUS_OK {
		return nil, fmt.Errorf("starting the Opus encoder: %s", C.GoString(C.opus_strerror(code)))
	}
	defer C.opus_encoder_destroy(enc)
	C.bf_opus_bitrate(enc, 32000)
	if dtx {
		C.bf_opus_dtx(enc, 1)
	}
	const n = int(PacketLength * codec.OpusRate / time.Second)
	buf := make([]byte, 1500)
	var out []Frame
	for i := 0; i+n <= len(pcm); i += n {
		size := C.opus_encode_float(enc, (*C.float)(unsafe.Pointer(&pcm[i])), C.int(n),
			(*C.uchar)(unsafe.Pointer(&buf[0])), C.opus_int32(len(buf)))
		if size < 0 {
			return nil, fmt.Errorf("encoding an Opus packet: %s", C.GoString(C.opus_strerror(C.int(size))))
		}
		out = append(out, Frame{
			At:       time.Duration(i) * time.Second / codec.OpusRate,
			Duration: PacketLength, Key: true, Data: append([]byte(nil), buf[:size]...),
		})
	}
	return out, nil
}
