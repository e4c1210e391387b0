package signaling

import (
	"encoding/json"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Envelope frames every message in both directions:
// {"type":"...","data":{...}}. Data is one of the types below.
type Envelope struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data,omitempty"`
}

// Target names one of a participant's two peer connections.
type Target string

// The client offers on Publish; the server offers on Subscribe.
const (
	Publish   Target = "publish"
	Subscribe Target = "subscribe"
)

// ---- client to server -------------------------------------------------

// Join ("join") is the first message on a socket. A candidate sends Link; an
// interviewer is known by the session cookie and sends Interview.
type Join struct {
	Interview string `json:"interview,omitempty"`
	Link      string `json:"link,omitempty"`    // the link's secret
	Observe   bool   `json:"observe,omitempty"` // join as an observer
}

// SetConsent ("consent") answers, or withdraws, one consent.
type SetConsent struct {
	Consent evidence.Consent `json:"consent"`
	Granted bool             `json:"granted"`
	Text    string           `json:"text,omitempty"` // what was shown and answered, at most 4000 characters
}

// Enter ("enter") says that the participant finished the lobby: a candidate
// goes to the waiting room, an interviewer into the room.
type Enter struct{}

// Admit ("admit") lets a waiting candidate in (interviewers only).
type Admit struct {
	Participant string `json:"participant"`
}

// Remove ("remove") sends a participant out (interviewers only).
type Remove struct {
	Participant string `json:"participant"`
}

// PublishOffer ("publish.offer") carries the client's SDP for the publish
// connection. Sources maps each mid with a sending track to what it carries.
type PublishOffer struct {
	SDP     string            `json:"sdp"`
	Sources map[string]string `json:"sources"` // mid -> "camera", "microphone", "screen", "screen_audio"
}

// SubscribeAnswer ("subscribe.answer") answers a "subscribe.offer".
type SubscribeAnswer struct {
	SDP string `json:"sdp"`
}

// Candidate ("candidate", both directions) trickles one ICE candidate.
type Candidate struct {
	Target    Target          `json:"target"`
	Candidate json.RawMessage `json:"candidate"` // RTCIceCandidateInit
}

// RestartSubscribe ("subscribe.restart") asks the server for an offer with an
// ICE restart on the subscribe connection. (The publish connection restarts by
// a new "publish.offer".)
type RestartSubscribe struct{}

// Mute ("mute") says that the participant muted or unmuted a source.
type Mute struct {
	Source string `json:"source"`
	Muted  bool   `json:"muted"`
}

// DeviceChanged ("device") says which device a source now comes from and what
// the browser says of its settings.
type DeviceChanged struct {
	Source    string  `json:"source"`
	Label     string  `json:"label"`
	Width     int     `json:"width,omitempty"`
	Height    int     `json:"height,omitempty"`
	FrameRate float64 `json:"frame_rate,omitempty"`
}

// Annotate ("annotate") is an interviewer's note at an instant.
type Annotate struct {
	Text string `json:"text"`            // 1 to 2000 characters
	AtMS *int64 `json:"at_ms,omitempty"` // interview time when the key was pressed; now if absent
}

// Question ("question") is an interviewer's one-key mark.
type Question struct {
	Phase evidence.QuestionPhase `json:"phase"`
	AtMS  *int64                 `json:"at_ms,omitempty"`
}

// SetKinds ("kinds") switches measurements off for this interview
// (interviewers only). It replaces the list.
type SetKinds struct {
	Off []evidence.Kind `json:"off"`
}

// Hangup ("hangup") ends the interview for everybody (interviewers only).
type Hangup struct{}

// Leave ("leave") leaves the room; the interview goes on.
type Leave struct{}

// ---- server to client -------------------------------------------------

// Welcome ("welcome") answers "join".
type Welcome struct {
	You       interview.Participant     `json:"you"`
	Interview RoomInterview             `json:"interview"`
	Policy    interview.RecordingPolicy `json:"policy"`
	ServerMS  int64                     `json:"server_ms"` // server's Unix ms now
	ICE       []ICEServer               `json:"ice"`
	Stage     Stage                     `json:"stage"` // where to resume after a reload
}

// RoomInterview is what people in a room see of the interview. Place, time
// zone and switched-off kinds are empty for the candidate.
type RoomInterview struct {
	ID            string          `json:"id"`
	CandidateName string          `json:"candidate_name"`
	Role          string          `json:"role"`
	ScheduledMS   int64           `json:"scheduled_ms"`
	Place         string          `json:"place"`
	TimeZone      string          `json:"time_zone"`
	State         interview.State `json:"state"`
	StartedMS     int64           `json:"started_ms"` // Unix ms; 0 before the candidate is admitted
	KindsOff      []evidence.Kind `json:"kinds_off"`
}

// ICEServer is an RTCIceServer.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// Stage is where a participant stands.
type Stage string

// The stages of a participant.
const (
	StageLobby   Stage = "lobby"   // joined the socket, consents not finished
	StageWaiting Stage = "waiting" // a candidate waits for admission
	StageRoom    Stage = "room"    // may publish and subscribe
)

// StageChanged ("stage") tells a participant to move on. When it says "room",
// the client opens its peer connections.
type StageChanged struct {
	Stage Stage `json:"stage"`
}

// People ("people") is everybody in the room, sent whole on every change.
type People struct {
	People []Person `json:"people"`
}

// Person is one participant as the others see them.
type Person struct {
	ID        string                    `json:"id"`
	Name      string                    `json:"name"`
	Role      interview.Role            `json:"role"`
	Stage     Stage                     `json:"stage"`
	Connected bool                      `json:"connected"` // false while the slot is held for a reconnect
	Sources   []SourceState             `json:"sources"`
	Consents  map[evidence.Consent]bool `json:"consents,omitempty"` // shown to interviewers, and one's own to oneself
}

// SourceState is one published source.
type SourceState struct {
	Source string `json:"source"`
	Muted  bool   `json:"muted"`
}

// PublishAnswer ("publish.answer") answers "publish.offer".
type PublishAnswer struct {
	SDP string `json:"sdp"`
}

// SubscribeOffer ("subscribe.offer") carries the server's SDP and what each
// mid of it shows.
type SubscribeOffer struct {
	SDP    string            `json:"sdp"`
	Tracks []SubscribedTrack `json:"tracks"`
}

// SubscribedTrack says what a mid of the subscribe connection carries.
type SubscribedTrack struct {
	Mid         string `json:"mid"`
	Participant string `json:"participant"`
	Source      string `json:"source"`
}

// Started ("started") says that interview time began.
type Started struct {
	StartedMS int64 `json:"started_ms"` // Unix ms
}

// InterviewChanged ("interview", interviewers and observers only) says that
// measurements were switched off or on.
type InterviewChanged struct {
	Interview RoomInterview `json:"interview"`
}

// FindingUpdate ("finding", interviewers and observers only) is a new, grown
// or finished finding.
type FindingUpdate struct {
	Finding evidence.Finding `json:"finding"`
}

// CoverageUpdate ("coverage", interviewers and observers only) is the present
// state of each kind for the candidate.
type CoverageUpdate struct {
	Coverage []evidence.Coverage `json:"coverage"`
}

// Annotated ("annotated", interviewers and observers only).
type Annotated struct {
	Seq  int64  `json:"seq"`
	AtMS int64  `json:"at_ms"`
	By   string `json:"by"` // participant
	Text string `json:"text"`
}

// Questioned ("questioned", interviewers and observers only).
type Questioned struct {
	Seq   int64                  `json:"seq"`
	AtMS  int64                  `json:"at_ms"`
	By    string                 `json:"by"`
	Phase evidence.QuestionPhase `json:"phase"`
}

// RecordingHealth ("recording", to everybody: the candidate too may see that
// the recording works) is sent about once a second per recorded stream.
type RecordingHealth struct {
	Participant string `json:"participant"`
	Stream      string `json:"stream"`
	Bytes       int64  `json:"bytes"`
	LastFlushMS int64  `json:"last_flush_ms"` // ms since the last flush to disk
	Gaps        int    `json:"gaps"`
	Failed      string `json:"failed,omitempty"` // "", "disk_full", "write_failed"
}

// Notice ("notice") is something people in the room must know now: the disk
// runs low, the server is about to stop, analysis restarted.
type Notice struct {
	Level string `json:"level"` // "info", "warning", "error"
	Code  string `json:"code"`  // "disk_low", "draining", "analysis_outage", "recording_failed", …
	Text  string `json:"text"`
}

// Ended ("ended") is the last message before the socket closes.
type Ended struct {
	Reason string `json:"reason"` // "hangup", "timeout", "removed", "cancelled", "drain", "replaced", "left"
}

// Error ("error") answers a message that could not be carried out. The socket
// stays open unless Fatal.
type Error struct {
	Of      string `json:"of,omitempty"` // the message's type, where it is known
	Code    string `json:"code"`         // "invalid", "forbidden", "not_found", "rate", "too_large", "conflict", "unavailable", "internal"
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Fatal   bool   `json:"fatal,omitempty"`
}
