package analysis

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"bonafide/server/evidence"
)

// What goes between the server and its analysis child, both ways: a type byte,
// the payload's length as four bytes, most significant first, and the payload.
const (
	msgSound   = 'a' // to the child: as msgRTP, of a microphone
	msgRTP     = 'r' // to the child: rtpHeader, then the packet
	msgControl = 'c' // to the child: a control as JSON
	msgPicture = 'p' // to the child, alone: a photograph as JPEG, to be measured instead of a call
	msgStill   = 's' // from the child: a JPEG, named by its SHA-256
	msgResult  = 'o' // from the child: a result as JSON
)

const (
	headerSize = 5
	rtpHeader  = 10      // track (2), arrival in interview time as ns (8)
	maxMessage = 8 << 20 // bytes; a still of 960 pixels has about 0.1 MB
)

// control is everything but packets that the child is told.
type control struct {
	Order *evidence.StepOrder `json:"order,omitempty"`
	Step  string              `json:"step,omitempty"`

	Do    string        `json:"do"`
	At    time.Duration `json:"at,omitempty"` // interview time
	Track uint16        `json:"track,omitempty"`

	Hello   *hello                 `json:"hello,omitempty"`
	Gate    *Gate                  `json:"gate,omitempty"`
	Open    *openTrack             `json:"open,omitempty"`
	Muted   bool                   `json:"muted,omitempty"`
	Fact    *evidence.FactPayload  `json:"fact,omitempty"`
	Mark    evidence.QuestionPhase `json:"mark,omitempty"`
	N       int                    `json:"n,omitempty"`
	RTPTime uint32                 `json:"rtp_time,omitempty"`
	NTP     time.Time              `json:"ntp,omitzero"`
}

// The controls.
const (
	doHello    = "hello"     // first of all: Hello
	doGate     = "gate"      // Gate, At
	doSource   = "source"    // Open, At: covered from now on, without a track yet
	doOpen     = "open"      // Track, Open, Muted, At
	doClose    = "close"     // Track, At
	doMute     = "mute"      // Track, Muted, At
	doReport   = "report"    // Track, RTPTime, NTP: a sender report
	doDropped  = "dropped"   // Track, N, At: packets dropped before the child
	doSound    = "sound"     // At: the microphone sent something
	doSoundEnd = "sound_end" // At: the microphone may be silent on purpose
	doFact     = "fact"      // Fact, At: a participant's page told something
	doMark     = "mark"      // Open (who), Mark, At: a question mark
	doStep     = "step"      // Order, At: a step of the run-sheet begins
	doStepEnd  = "step_end"  // Step, At
	doRetake   = "retake"    // At: enrol anew
	doTick     = "tick"      // At: it is now this time
	doFinish   = "finish"    // At: give out everything and exit
)

// hello tells a new child what it works for.
type hello struct {
	Interview string `json:"interview"`
	Run       string `json:"run"`
	Config    Config `json:"config"`
	Gate      Gate   `json:"gate"`
}

// openTrack describes a track to the child.
type openTrack struct {
	Participant string `json:"participant"`
	Role        string `json:"role"`
	Source      string `json:"source"`
	MimeType    string `json:"mime_type"`
	ClockRate   uint32 `json:"clock_rate"`
	// Absent tells, with doSource, that there never was a track of this source.
	Absent bool `json:"absent,omitempty"`
}

// result is everything but stills that the child tells.
type result struct {
	Hint     *evidence.StepHint        `json:"hint,omitempty"`
	Step     *evidence.StepResult      `json:"step,omitempty"`
	Enrolled *evidence.EnrolledPayload `json:"enrolled,omitempty"`
	Compared *evidence.ComparedPayload `json:"compared,omitempty"`
	Template *evidence.FaceTemplate    `json:"template,omitempty"`
	Read     *evidence.DocumentPart    `json:"read,omitempty"` // what the step's document says
	Picture  *evidence.PictureFace     `json:"picture,omitempty"`
	Say      string                    `json:"say"`
	Models   []evidence.ModelRef       `json:"models,omitempty"`
	Finding  *evidence.Finding         `json:"finding,omitempty"`
	Coverage []evidence.Coverage       `json:"coverage,omitempty"`
	Series   []evidence.Series         `json:"series,omitempty"`
	Track    uint16                    `json:"track,omitempty"`
	Stats    Stats                     `json:"stats,omitzero"`
}

// The results.
const (
	sayReady    = "ready"     // Models: they are loaded
	sayFinding  = "finding"   // Finding
	sayCoverage = "coverage"  // Coverage, complete
	saySeries   = "series"    // Series, complete
	sayEnrolled = "enrolled"  // Enrolled
	sayCompared = "compared"  // Compared
	sayTemplate = "template"  // Template, before finished
	sayPicture  = "picture"   // Picture: the only answer to msgPicture
	sayHint     = "hint"      // Hint
	sayStep     = "step"      // Step, Read: it is over
	sayAlive    = "alive"     // Coverage as it stands now, Stats; answers ticks
	sayKeyFrame = "key_frame" // Track needs one
	sayFinished = "finished"  // Stats; answers finish
)

// writeMessage writes one message. The writer is not flushed.
func writeMessage(w io.Writer, kind byte, payload []byte) error {
	var h [headerSize]byte
	h[0] = kind
	binary.BigEndian.PutUint32(h[1:], uint32(len(payload)))
	if _, err := w.Write(h[:]); err != nil {
		return err
	}
	_, err := w.Write(payload)
	return err
}

// readMessage reads one message. io.EOF means a clean end.
func readMessage(r *bufio.Reader) (kind byte, payload []byte, err error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(h[1:])
	if n > maxMessage {
		return 0, nil, fmt.Errorf("message %q announces %d bytes, the limit is %d", h[0], n, maxMessage)
	}
	payload = make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, fmt.Errorf("message %q of %d bytes ends early: %w", h[0], n, err)
	}
	return h[0], payload, nil
}

// encode is v as JSON. The types of this file always encode.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("analysis: encoding %T: %v", v, err))
	}
	return b
}
