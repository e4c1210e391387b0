package webm

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// The codecs of a track.
const (
	VP8  = "V_VP8"
	Opus = "A_OPUS"
)

// Track is one stream of a file.
type Track struct {
	Number        int    // 1 to 126, unique within the file
	Codec         string // VP8, Opus, or another's Matroska name in a foreign file
	Width, Height int    // pixels of the first picture; 0 for sound
	Channels      int    // 1 or 2; 0 for video
}

// Video tells pictures from sound.
func (t Track) Video() bool { return len(t.Codec) > 0 && t.Codec[0] == 'V' }

// Header is what a file says about itself.
type Header struct {
	// Start is the time of the file's beginning on the clock of whoever wrote
	// it: for a recording, interview time. It is 0 for a foreign file.
	Start  time.Duration
	Wall   time.Time // wall clock at the file's beginning; zero if not said
	Tracks []Track
	// Duration of the whole file; 0 while it is being written.
	Duration time.Duration
}

// Track gives the track of a number.
func (h Header) Track(number int) (Track, bool) {
	for _, t := range h.Tracks {
		if t.Number == number {
			return t, true
		}
	}
	return Track{}, false
}

// The head of our files has a fixed layout, so that what is known only later
// (further tracks, the duration, the index) can be written in place:
//
//	EBML header | Segment | SeekHead, reserved | Info | Tracks, reserved | Tags | clusters … | Cues
const (
	seekHeadRoom = 96
	tracksRoom   = 512
	durationSize = 11 // Duration with its identifier and size
	appName      = "Bonafide"
	startTag     = "START_MS"
	scale        = time.Millisecond // of all times in the file
)

// Matroska counts dates from here.
var dateEpoch = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// layout holds where the parts of the head begin, counted from the file's start.
type layout struct {
	segmentSize, segmentData  int64
	seekHead, info, duration  int64
	tracks, tags, firstBlocks int64
}

// encodeHead makes the head of a file that has no blocks yet.
func encodeHead(h Header) ([]byte, layout, error) {
	tracks, err := encodeTracks(h.Tracks)
	if err != nil {
		return nil, layout{}, err
	}
	var l layout
	b := element(idEBML,
		uintElement(idEBMLVersion, 1), uintElement(idEBMLReadVersion, 1),
		uintElement(idEBMLMaxID, 4), uintElement(idEBMLMaxSize, 8),
		textElement(idDocType, "webm"), uintElement(idDocVersion, 4), uintElement(idDocReadVersion, 2))
	b = appendID(b, idSegment)
	l.segmentSize = int64(len(b))
	b = appendSizeN(b, unknownSize, 8)
	l.segmentData = int64(len(b))
	l.seekHead = l.segmentData
	b = append(b, void(seekHeadRoom)...)
	l.info = int64(len(b))
	info := element(idInfo,
		void(durationSize),
		uintElement(idTimestampScale, uint64(scale)),
		fixedElement(idDateUTC, uint64(h.Wall.Sub(dateEpoch))),
		textElement(idMuxingApp, appName), textElement(idWritingApp, appName))
	_, _, n, err := parseHead(info)
	if err != nil {
		return nil, layout{}, err
	}
	l.duration = l.info + int64(n)
	b = append(b, info...)
	l.tracks = int64(len(b))
	b = append(b, tracks...)
	l.tags = int64(len(b))
	b = append(b, element(idTags, element(idTag, element(idTargets),
		element(idSimpleTag, textElement(idTagName, startTag), textElement(idTagString, fmt.Sprintf("%015d", h.Start.Milliseconds())))))...)
	l.firstBlocks = int64(len(b))
	return b, l, nil
}

// encodeTracks makes the Tracks element, filled up to its reserved room.
func encodeTracks(tracks []Track) ([]byte, error) {
	var entries []byte
	for _, t := range tracks {
		entry := [][]byte{
			uintElement(idTrackNumber, uint64(t.Number)), uintElement(idTrackUID, uint64(t.Number)),
			uintElement(idFlagLacing, 0), textElement(idCodecID, t.Codec),
		}
		switch {
		case t.Number < 1 || t.Number > 126:
			return nil, fmt.Errorf("track number is %d, must be 1 to 126", t.Number)
		case t.Codec == VP8 && t.Width > 0 && t.Height > 0:
			entry = append(entry, uintElement(idTrackType, 1),
				element(idVideo, uintElement(idPixelWidth, uint64(t.Width)), uintElement(idPixelHeight, uint64(t.Height))))
		case t.Codec == VP8:
			return nil, fmt.Errorf("track %d: picture size is %dx%d, must be at least 1x1", t.Number, t.Width, t.Height)
		case t.Codec == Opus && (t.Channels == 1 || t.Channels == 2):
			entry = append(entry, uintElement(idTrackType, 2),
				// Opus wants 80 ms of preceding sound after a seek (RFC 7845, section 4.6).
				uintElement(idSeekPreRoll, uint64(80*time.Millisecond)),
				element(idCodecPrivate, opusHead(t.Channels)),
				element(idAudio, floatElement(idSamplingFreq, 48000), uintElement(idChannels, uint64(t.Channels))))
		case t.Codec == Opus:
			return nil, fmt.Errorf("track %d: has %d channels, must be 1 or 2", t.Number, t.Channels)
		default:
			return nil, fmt.Errorf("track %d: codec is %q, must be %s or %s", t.Number, t.Codec, VP8, Opus)
		}
		entries = append(entries, element(idTrackEntry, entry...)...)
	}
	b, ok := fill(element(idTracks, entries), tracksRoom)
	if !ok {
		return nil, fmt.Errorf("%d tracks do not fit into the file's head", len(tracks))
	}
	return b, nil
}

// opusHead is the identification header (RFC 7845, section 5.1). RTP carries no
// pre-skip, and times are those of capture, so none is given.
func opusHead(channels int) []byte {
	b := append([]byte("OpusHead"), 1, byte(channels), 0, 0)
	b = binary.LittleEndian.AppendUint32(b, 48000)
	return append(b, 0, 0, 0)
}

// parseTracks reads the content of a Tracks element.
func parseTracks(b []byte) []Track {
	var out []Track
	children(b, func(id uint32, entry []byte) {
		if id != idTrackEntry {
			return
		}
		var t Track
		children(entry, func(id uint32, v []byte) {
			switch id {
			case idTrackNumber:
				t.Number = int(parseUint(v))
			case idCodecID:
				t.Codec = string(v)
			case idVideo, idAudio:
				children(v, func(id uint32, v []byte) {
					switch id {
					case idPixelWidth:
						t.Width = int(parseUint(v))
					case idPixelHeight:
						t.Height = int(parseUint(v))
					case idChannels:
						t.Channels = int(parseUint(v))
					}
				})
			}
		})
		out = append(out, t)
	})
	return out
}

// parseInfo reads the content of an Info element into h and gives the length of
// one tick.
func parseInfo(b []byte, h *Header) (tick time.Duration, app string) {
	tick = time.Millisecond
	var ticks float64
	children(b, func(id uint32, v []byte) {
		switch id {
		case idTimestampScale:
			if s := parseUint(v); s > 0 && s <= uint64(time.Second) {
				tick = time.Duration(s)
			}
		case idDuration:
			ticks = parseFloat(v)
		case idDateUTC:
			h.Wall = dateEpoch.Add(time.Duration(int64(parseUint(v))))
		case idWritingApp:
			app = string(v)
		}
	})
	if ticks > 0 && ticks < 1e12 {
		h.Duration = time.Duration(ticks * float64(tick))
	}
	return tick, app
}

// parseTags reads the start time out of the content of a Tags element.
func parseTags(b []byte, h *Header) {
	children(b, func(_ uint32, tag []byte) {
		children(tag, func(_ uint32, simple []byte) {
			var name, value string
			children(simple, func(id uint32, v []byte) {
				switch id {
				case idTagName:
					name = string(v)
				case idTagString:
					value = string(v)
				}
			})
			if ms, err := strconv.ParseInt(value, 10, 64); name == startTag && err == nil {
				h.Start = time.Duration(ms) * time.Millisecond
			}
		})
	})
}
