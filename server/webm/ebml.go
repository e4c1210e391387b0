// Package webm writes, reads and repairs recordings. The writer puts every
// block on disk as it comes, in a file that plays at any time; finishing it
// fills in its length and seek index in place; repairing does the same for a
// file whose writer was killed. It knows WebM with one VP8 and one Opus track,
// nothing of RTP or interviews. It is pure Go and imports nothing of ours.
package webm

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// Element identifiers (RFC 8794 for EBML, RFC 9559 for Matroska).
const (
	idEBML            = 0x1A45DFA3
	idEBMLVersion     = 0x4286
	idEBMLReadVersion = 0x42F7
	idEBMLMaxID       = 0x42F2
	idEBMLMaxSize     = 0x42F3
	idDocType         = 0x4282
	idDocVersion      = 0x4287
	idDocReadVersion  = 0x4285
	idVoid            = 0xEC
	idCRC32           = 0xBF
	idSegment         = 0x18538067
	idSeekHead        = 0x114D9B74
	idSeek            = 0x4DBB
	idSeekID          = 0x53AB
	idSeekPosition    = 0x53AC
	idInfo            = 0x1549A966
	idTimestampScale  = 0x2AD7B1
	idDuration        = 0x4489
	idDateUTC         = 0x4461
	idMuxingApp       = 0x4D80
	idWritingApp      = 0x5741
	idTracks          = 0x1654AE6B
	idTrackEntry      = 0xAE
	idTrackNumber     = 0xD7
	idTrackUID        = 0x73C5
	idTrackType       = 0x83
	idFlagLacing      = 0x9C
	idCodecID         = 0x86
	idCodecPrivate    = 0x63A2
	idSeekPreRoll     = 0x56BB
	idVideo           = 0xE0
	idPixelWidth      = 0xB0
	idPixelHeight     = 0xBA
	idAudio           = 0xE1
	idSamplingFreq    = 0xB5
	idChannels        = 0x9F
	idTags            = 0x1254C367
	idTag             = 0x7373
	idTargets         = 0x63C0
	idSimpleTag       = 0x67C8
	idTagName         = 0x45A3
	idTagString       = 0x4487
	idCluster         = 0x1F43B675
	idTimestamp       = 0xE7
	idPosition        = 0xA7
	idPrevSize        = 0xAB
	idSimpleBlock     = 0xA3
	idBlockGroup      = 0xA0
	idBlock           = 0xA1
	idBlockDuration   = 0x9B
	idReferenceBlock  = 0xFB
	idDiscardPadding  = 0x75A2
	idCues            = 0x1C53BB6B
	idCuePoint        = 0xBB
	idCueTime         = 0xB3
	idCuePositions    = 0xB7
	idCueTrack        = 0xF7
	idCueCluster      = 0xF1
	idChapters        = 0x1043A770
	idAttachments     = 0x1941A469
)

// unknownSize is the size of an element whose end is not known yet.
const unknownSize = -1

// errShort tells that an element's head does not fit into the data.
var errShort = errors.New("data ends within an element")

// appendID appends an identifier, which carries its own length.
func appendID(b []byte, id uint32) []byte {
	n := (bits.Len32(id) + 7) / 8
	for i := n - 1; i >= 0; i-- {
		b = append(b, byte(id>>(8*i)))
	}
	return b
}

// appendSize appends a size in as few bytes as it fits.
func appendSize(b []byte, size int) []byte {
	n := 1
	for n < 8 && uint64(size) >= 1<<(7*n)-1 {
		n++
	}
	return appendSizeN(b, int64(size), n)
}

// appendSizeN appends a size in n bytes, or the unknown size.
func appendSizeN(b []byte, size int64, n int) []byte {
	v := uint64(size)
	if size == unknownSize {
		v = 1<<(7*n) - 1
	}
	v |= 1 << (7 * n)
	for i := n - 1; i >= 0; i-- {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

// element makes a whole element.
func element(id uint32, parts ...[]byte) []byte {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	b := appendSize(appendID(make([]byte, 0, size+12), id), size)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func uintElement(id uint32, v uint64) []byte {
	n := max((bits.Len64(v)+7)/8, 1)
	return element(id, binary.BigEndian.AppendUint64(nil, v)[8-n:])
}

func fixedElement(id uint32, v uint64) []byte {
	return element(id, binary.BigEndian.AppendUint64(nil, v))
}

func floatElement(id uint32, v float64) []byte {
	return fixedElement(id, math.Float64bits(v))
}

func textElement(id uint32, s string) []byte {
	return element(id, []byte(s))
}

// void makes a filler of exactly n bytes, which must be 2 to 127 or 10 and more.
func void(n int) []byte {
	if n < 10 {
		return append(appendSizeN(appendID(nil, idVoid), int64(n-2), 1), make([]byte, n-2)...)
	}
	return append(appendSizeN(appendID(nil, idVoid), int64(n-9), 8), make([]byte, n-9)...)
}

// fill pads b to n bytes with a filler.
func fill(b []byte, n int) ([]byte, bool) {
	rest := n - len(b)
	if rest == 0 {
		return b, true
	}
	if rest < 2 {
		return nil, false
	}
	return append(b, void(rest)...), true
}

// parseHead reads an element's identifier and size (or unknownSize) and says
// how many bytes they took.
func parseHead(b []byte) (id uint32, size int64, n int, err error) {
	if len(b) == 0 {
		return 0, 0, 0, errShort
	}
	idLen := bits.LeadingZeros8(b[0]) + 1
	if idLen > 4 {
		return 0, 0, 0, errors.New("not an element identifier")
	}
	if len(b) < idLen+1 {
		return 0, 0, 0, errShort
	}
	for _, c := range b[:idLen] {
		id = id<<8 | uint32(c)
	}
	sizeLen := bits.LeadingZeros8(b[idLen]) + 1
	if sizeLen > 8 {
		return 0, 0, 0, errors.New("not an element size")
	}
	if len(b) < idLen+sizeLen {
		return 0, 0, 0, errShort
	}
	v, ones := uint64(b[idLen])&(1<<(8-sizeLen)-1), uint64(1)<<(7*sizeLen)-1
	for _, c := range b[idLen+1 : idLen+sizeLen] {
		v = v<<8 | uint64(c)
	}
	size = int64(v)
	if v == ones {
		size = unknownSize
	}
	return id, size, idLen + sizeLen, nil
}

// children calls f for each element within b until it ends or is malformed.
func children(b []byte, f func(id uint32, data []byte)) {
	for len(b) > 0 {
		id, size, n, err := parseHead(b)
		if err != nil || size == unknownSize || size > int64(len(b)-n) {
			return
		}
		f(id, b[n:n+int(size)])
		b = b[n+int(size):]
	}
}

// parseUint reads an unsigned value of up to 8 bytes.
func parseUint(b []byte) uint64 {
	var v uint64
	for _, c := range b[:min(len(b), 8)] {
		v = v<<8 | uint64(c)
	}
	return v
}

// parseFloat reads a value of 4 or 8 bytes.
func parseFloat(b []byte) float64 {
	switch len(b) {
	case 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return 0
}
