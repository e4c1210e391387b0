package evidence

// Observation is one reading at one instant, the input of the segmenter.
type Observation struct {
	Kind    Kind    `json:"kind"`
	AtMS    int64   `json:"at_ms"`   // interview time
	Value   float64 `json:"value"`   // in the kind's unit
	Quality float64 `json:"quality"` // 0 (useless) to 1 of the signal it was read from
	// Reason says why nothing could be measured at this instant; the Value of
	// such an observation has no meaning. Empty means measured.
	Reason Reason `json:"reason,omitempty"`
}

// Reason says why something could not be measured or did not run.
type Reason string

// Reasons for coverage that is not "measured".
const (
	ReasonDark         Reason = "dark"          // too little light
	ReasonBlur         Reason = "blur"          // out of focus or moving too fast
	ReasonSmall        Reason = "face_small"    // too few pixels between the eyes
	ReasonBright       Reason = "bright"        // too much light on the face
	ReasonNoFace       Reason = "no_face"       // nothing to measure on
	ReasonTurned       Reason = "face_turned"   // too far from the camera's direction
	ReasonCut          Reason = "face_cut"      // partly outside the picture
	ReasonCovered      Reason = "face_covered"  // hidden in part, or unclear
	ReasonGlare        Reason = "glare"         // light is reflected where it matters
	ReasonFewFrames    Reason = "few_frames"    // too few pictures per second
	ReasonTooShort     Reason = "too_short"     // not enough was measured yet
	ReasonListening    Reason = "listening"     // the candidate was listening, not answering
	ReasonUnsteady     Reason = "unsteady"      // pictures contradict each other
	ReasonNoBaseline   Reason = "no_baseline"   // nothing to compare with yet
	ReasonDamaged      Reason = "damaged"       // frames after packet loss
	ReasonLoss         Reason = "packet_loss"   // no or too few frames arrived
	ReasonCameraOff    Reason = "camera_off"    // the track is muted or absent
	ReasonMuted        Reason = "muted"         // the microphone is switched off
	ReasonDevice       Reason = "new_device"    // another device was just chosen
	ReasonNoSpeech     Reason = "no_speech"     // nobody speaks
	ReasonOthers       Reason = "others_speak"  // another voice may be on the microphone
	ReasonVague        Reason = "unclear"       // the signal does not tell
	ReasonOverload     Reason = "overload"      // analysis could not keep up and dropped frames
	ReasonNoConsent    Reason = "no_consent"    // not given, or withdrawn
	ReasonSwitchedOff  Reason = "switched_off"  // by an interviewer, for this interview
	ReasonOutage       Reason = "outage"        // the analysis process was down
	ReasonDisconnected Reason = "disconnected"  // the participant was not connected
	ReasonStill        Reason = "still"         // nothing in the picture moves
	ReasonNotAvailable Reason = "not_available" // this source cannot be measured at all
	ReasonNotFound     Reason = "not_found"     // looked for in good pictures, and not there
	ReasonOtherShown   Reason = "other_shown"   // a recording of a call shows somebody else there
	ReasonChallenge    Reason = "challenge"     // a card of the run-sheet asked for what hides or moves the face
)

// Measure is one number behind a finding.
type Measure struct {
	Name      string  `json:"name"` // e.g. "faces (max)"
	Value     float64 `json:"value"`
	Unit      string  `json:"unit,omitempty"`
	Threshold float64 `json:"threshold,omitempty"` // what it was compared with; 0 with Compare ""
	Compare   string  `json:"compare,omitempty"`   // ">=", "<=": how; "" for context only
}

// ModelRef names the exact model file that a measurement came from.
type ModelRef struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // lower-case hex of the file
}

// Still is a picture kept with a finding; the bytes are stored under their hash.
type Still struct {
	AtMS   int64  `json:"at_ms"`
	SHA256 string `json:"sha256"` // of the JPEG file
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// RunLive marks findings and coverage made during the call; an offline
// analysis has a run identifier of its own.
const RunLive = "live"

// Finding is an interval over which observations of one kind held.
type Finding struct {
	ID          string     `json:"id"`
	Interview   string     `json:"interview"`
	Participant string     `json:"participant"`
	Source      string     `json:"source"` // media source it was measured on, e.g. "camera"
	Run         string     `json:"run"`
	Kind        Kind       `json:"kind"`
	Severity    Severity   `json:"severity"`
	StartMS     int64      `json:"start_ms"`
	EndMS       int64      `json:"end_ms"` // last instant at which it held; grows while Open
	Open        bool       `json:"open"`
	Values      []Measure  `json:"values"`
	Quality     float64    `json:"quality"` // mean signal quality, 0 to 1
	Samples     int        `json:"samples"` // observations it rests on
	Models      []ModelRef `json:"models,omitempty"`
	Stills      []Still    `json:"stills,omitempty"`
}

// CoverageState tells the three cases apart that must never be confused.
type CoverageState string

// The three states of coverage.
const (
	Measured      CoverageState = "measured"
	NotMeasurable CoverageState = "not_measurable"
	NotRun        CoverageState = "not_run"
)

// Coverage says for an interval whether a kind was measured. Intervals of one
// run, participant and kind neither overlap nor leave holes between the first
// and the last.
type Coverage struct {
	Interview   string        `json:"interview"`
	Participant string        `json:"participant"`
	Source      string        `json:"source"`
	Run         string        `json:"run"`
	Kind        Kind          `json:"kind"`
	State       CoverageState `json:"state"`
	Reason      Reason        `json:"reason,omitempty"` // never empty unless measured
	StartMS     int64         `json:"start_ms"`
	EndMS       int64         `json:"end_ms"`
	Samples     int           `json:"samples"`
	// SlowedTo is set where the analysis could not keep up and therefore looked
	// at fewer pictures than it should, evenly spaced: how many it looked at per
	// second. 0 means as many as it should.
	SlowedTo float64 `json:"slowed_to,omitempty"`
}

// Segment is one finished piece of a participant's recording.
type Segment struct {
	Interview   string `json:"interview"`
	Participant string `json:"participant"`
	Stream      string `json:"stream"` // "camera" (with microphone) or "screen" (with its audio)
	N           int    `json:"n"`      // 1, 2, … in order of time
	File        string `json:"file"`   // slash path below the recordings folder
	StartMS     int64  `json:"start_ms"`
	EndMS       int64  `json:"end_ms"`
	Bytes       int64  `json:"bytes"`
	SHA256      string `json:"sha256"` // of the finished file
	HasVideo    bool   `json:"has_video"`
	HasAudio    bool   `json:"has_audio"`
	Repaired    bool   `json:"repaired,omitempty"` // finished by a later start, after a crash
}

// Gap is a hole in received media.
type Gap struct {
	Participant string `json:"participant"`
	Source      string `json:"source"`
	StartMS     int64  `json:"start_ms"`
	EndMS       int64  `json:"end_ms"`
	Packets     int    `json:"packets"` // known missing; 0 where nothing arrived at all
	Cause       string `json:"cause"`   // "loss", "silence_on_wire", "queue", "write", "disconnected"
}
