package evidence

// FactKind names what a participant's page told of itself. Facts are told, not
// measured: they say what a browser reported, and no more.
type FactKind string

// The facts.
const (
	FactDevice    FactKind = "device"    // Source comes from another device or has other settings
	FactVisible   FactKind = "visible"   // State "hidden" or "visible": the page's tab
	FactFocus     FactKind = "focus"     // State "focused" or "blurred": the page's window
	FactWindow    FactKind = "window"    // Width, Height of the page in CSS pixels; Screens
	FactClipboard FactKind = "clipboard" // State "copy", "cut", "paste" or "print_screen", in our page
	FactNetwork   FactKind = "network"   // the way packets go: State, Family, RTTMS, PlayoutMS
	FactClock     FactKind = "clock"     // OffsetMS, ZoneMin, ClaimedZoneMin
)

// FactZoneClaimed is the State of a clock where the claimed place's zone is
// known.
const FactZoneClaimed = "claimed"

// ClipboardStates are the States of clipboard facts.
var ClipboardStates = []string{"copy", "cut", "paste", "print_screen"}

// FactKinds lists every fact.
var FactKinds = []FactKind{FactDevice, FactVisible, FactFocus, FactWindow, FactClipboard, FactNetwork, FactClock}

// FactPart is the deletable half of a fact: what names a device or a network.
type FactPart struct {
	Label    string `json:"label,omitempty"`     // of a device
	Address  string `json:"address,omitempty"`   // of the browser's end of the path, where it tells
	TimeZone string `json:"time_zone,omitempty"` // IANA name
}

// FactPayload goes with client.fact: numbers and words of closed vocabularies.
// Which fields are set is said with the kinds; those that a browser did not
// tell are 0 or empty.
type FactPayload struct {
	Participant string   `json:"participant"`
	Fact        FactKind `json:"fact"`
	Source      string   `json:"source,omitempty"`
	State       string   `json:"state,omitempty"`

	// Of a device: what the browser says of it.
	Width     int     `json:"width,omitempty"`
	Height    int     `json:"height,omitempty"`
	FrameRate float64 `json:"frame_rate,omitempty"`
	Virtual   bool    `json:"virtual,omitempty"` // its name is that of a program that makes pictures or sound
	Changed   bool    `json:"changed,omitempty"` // it took the place of another

	// Of the window.
	Screens int `json:"screens,omitempty"` // 1, or 2 for "more than one"; 0 where the browser does not tell

	// Of the network: how the page reaches the server.
	Family    string  `json:"family,omitempty"`   // "ipv4", "ipv6" or "name" (hidden by the browser)
	Protocol  string  `json:"protocol,omitempty"` // "udp" or "tcp"
	RTTMS     float64 `json:"rtt_ms,omitempty"`
	PlayoutMS float64 `json:"playout_ms,omitempty"` // for which the page holds others' sound back before it is heard
	LostShare float64 `json:"lost_share,omitempty"` // of the packets to the page since the last fact, 0 to 1

	// Of the clock, by the server's: OffsetMS is by how much the browser's is
	// ahead; minutes east of UTC of the browser's zone and of the claimed place's.
	OffsetMS       int64 `json:"offset_ms,omitempty"`
	ZoneMin        int   `json:"zone_min,omitempty"`
	ClaimedZoneMin int   `json:"claimed_zone_min,omitempty"`
}
