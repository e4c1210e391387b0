// Package evidence defines what Bonafide knows and how it is written down:
// observations and the findings and coverage made of them, and the entries of
// the append-only log. It has no dependencies, so that whatever measures,
// stores, shows or verifies evidence speaks of the same types.
package evidence

// Kind names what was measured, never a verdict.
type Kind string

// The kinds of finding that exist now. Stored and shown by these strings, so
// a name, once shipped, is never reused for something else.
const (
	FaceAbsent   Kind = "face.absent"
	FaceMultiple Kind = "face.multiple"
	FaceTooSmall Kind = "face.too_small"

	FaceLooksOver  Kind = "face.looks_over"
	LivenessReplay Kind = "liveness.replay"

	IdentityMismatch Kind = "identity.mismatch"
	IdentityChanged  Kind = "identity.changed"

	GazeReading   Kind = "gaze.reading"
	GazeOffScreen Kind = "gaze.off_screen"

	SpeechLatency   Kind = "speech.latency"
	SpeechPause     Kind = "speech.pause"
	SpeechLipsStill Kind = "speech.lips_still"
	SpeechLipsShift Kind = "speech.lips_offset"

	CameraOff   Kind = "camera.off"
	MediaFrozen Kind = "media.frozen"

	StreamVirtual  Kind = "stream.virtual_device"
	StreamDevice   Kind = "stream.device_changed"
	StreamSettings Kind = "stream.settings"
	StreamRepeated Kind = "stream.repeated"
	StreamTimes    Kind = "stream.frame_times"

	ClientHidden    Kind = "client.hidden"
	ClientWindow    Kind = "client.window"
	ClientScreens   Kind = "client.screens"
	ClientClipboard Kind = "client.clipboard"
	ClientClock     Kind = "client.clock"
	NetworkPath     Kind = "network.path"
)

// Consent names one thing a participant is asked to agree to.
type Consent string

// The consents, each asked, given and withdrawn on its own. That to templates
// is asked of the candidate alone.
const (
	ConsentRecording Consent = "recording"
	ConsentFace      Consent = "face"
	ConsentGaze      Consent = "gaze"
	ConsentSpeech    Consent = "speech"
	ConsentTemplates Consent = "templates" // to keep a face template, to compare it with other interviews
)

// Consents lists every consent in the order in which it is asked.
var Consents = []Consent{ConsentRecording, ConsentFace, ConsentGaze, ConsentSpeech, ConsentTemplates}

// Valid reports whether c is one of the consents.
func (c Consent) Valid() bool {
	for _, k := range Consents {
		if c == k {
			return true
		}
	}
	return false
}

// Severity orders findings for display. It says how soon a person should look,
// never how guilty somebody is.
type Severity string

// The severities, least urgent first.
const (
	SeverityInfo      Severity = "info"
	SeverityNotice    Severity = "notice"
	SeverityAttention Severity = "attention"
)

// KindInfo describes a kind to people and to the parts that gate it.
type KindInfo struct {
	Kind        Kind     `json:"kind"`
	Title       string   `json:"title"`       // a short noun phrase
	Description string   `json:"description"` // what was measured, in one sentence
	Limits      string   `json:"limits"`      // what it cannot tell, innocent causes
	Unit        string   `json:"unit"`        // of the value that is thresholded; "" where its name says all
	Severity    Severity `json:"severity"`
	Consent     Consent  `json:"consent"` // "" where nothing biometric is computed
}

// Kinds lists every kind, in the order in which lanes are shown. The SQL kind
// table and the generated TypeScript are filled from it.
var Kinds = []KindInfo{
	{FaceAbsent, "No face in view",
		"No face was detected in the candidate's picture.",
		"Looking away, leaning out of the picture, a hand before the face or poor light also hide a face from a detector.",
		"", SeverityNotice, ConsentFace},
	{FaceMultiple, "More than one face",
		"A second face was detected in the candidate's picture.",
		"A poster or a photograph on the wall, a screen in the room, a print on a shirt or a person passing behind shows a face too. " +
			"Every few seconds small faces are looked for as well, in which a pattern is sooner taken for a face than in large ones.",
		"", SeverityAttention, ConsentFace},
	{FaceLooksOver, "A further face looks on",
		"A further face near the candidate, turned to the screen, was detected for a while.",
		"Somebody may pass, greet, bring something or mind a child. A poster or a screen that moves a little looks like a person; " +
			"who stands outside the picture is not seen, and where the eyes look is not measured, only where the head is turned.",
		"", SeverityAttention, ConsentFace},
	{FaceTooSmall, "Face too small to measure",
		"The distance between the eyes was too few pixels for face measurements.",
		"A statement about the picture, not about the person: sitting far from the camera or a low resolution suffices.",
		"px", SeverityInfo, ConsentFace},
	{IdentityMismatch, "Face differs from the enrolled face",
		"Several good pictures of the candidate's face in a row were unlike the face that was seen first in this call.",
		"A question to look at with the pictures beside it, never proof. Other light, another camera, make-up, a mask or a hand held before the face " +
			"lower the similarity; twins and close relatives raise it. Where several faces are in view only the one that is followed is compared. " +
			"What the model was trained on is not known, and how its errors differ between groups of people is not measured.",
		"cosine similarity", SeverityAttention, ConsentFace},
	{IdentityChanged, "Switch to another face",
		"The face became unlike the one before, and stayed like itself from then on.",
		"Tells that two faces took turns, not who they are or why: somebody else may have sat down or have been asked to look at something. " +
			"Twins and close relatives can pass unseen, and the limits of comparing faces hold here too.",
		"cosine similarity", SeverityAttention, ConsentFace},
	{GazeReading, "Eyes move as when reading",
		"For half a minute the horizontal gaze moved in steps along lines and swept back, as eyes do on lines of text.",
		"Says that eyes moved like that, not what was looked at or why: notes, the job's description, a chat window, captions or a question shared on the " +
			"screen are read too; whoever types follows the lines being typed; a list or a moving thing can look alike. Honesty does not show in eyes. A webcam sees horizontal gaze to some " +
			"degrees: narrow text near the camera mostly goes unseen, and so do readers whose head moves. Eye conditions (nystagmus, strabismus), glasses and tics change how eyes move. Error " +
			"rates come from recordings of other situations than interviews. Half minutes with fewer than ten pictures a second are not measured.",
		"score", SeverityNotice, ConsentGaze},
	{GazeOffScreen, "Gaze returns to one place aside",
		"Within a minute the gaze went several times to the same place well away from where it mostly rests.",
		"Many people look aside to think, often to the same side. A second screen, the window with the other's picture, notes, a clock, a child or a door " +
			"are such places too. Left and right are estimated from head and irises, up and down only coarsely from head and lids. It is not measured while " +
			"there are fewer than ten pictures a second.",
		"visits", SeverityInfo, ConsentGaze},
	{SpeechLatency, "Longer wait before an answer than usual",
		"The candidate let longer pass before an answer than in the first minutes of this conversation, and longer than is common in any. " +
			"The network's delay is taken out as far as it is known.",
		"A hard question, thinking, translating in one's head, a polite pause or a stammer make a wait long; so does an interviewer's remark that was not a question. " +
			"In telephone calls between people who know each other about three waits in an hour of one person are as long.",
		"s", SeverityInfo, ConsentSpeech},
	{SpeechPause, "Longer pause than usual",
		"Within an answer there was a pause longer than the candidate's own in the first minutes of this conversation, and longer than is common in any. Only time in which sound arrived counts.",
		"Thinking, looking for a word, drinking, writing something down, or having finished while the interviewer did not take over. " +
			"Echo cancellation and noise suppression can remove quiet speech.",
		"s", SeverityInfo, ConsentSpeech},
	{SpeechLipsStill, "Speech while the mouth is still",
		"The candidate's microphone carried speech for some seconds while the mouth in the candidate's picture did not move.",
		"Somebody else near the microphone, a loudspeaker, or a picture that stands still while sound goes on do this too. So does speaking with little movement, " +
			"behind a hand, a beard or a microphone; a face that is turned, small or dark is not measured. It does not tell whose voice it is.",
		"of the eyes' distance", SeverityNotice, ConsentSpeech},
	{SpeechLipsShift, "Mouth and voice out of step",
		"The mouth moved in step with the voice, but earlier or later than it by the same large time over many seconds.",
		"Wireless headphones, a separate sound card and virtual cameras delay sound or picture by some tenths of a second. " +
			"It tells that the two do not arrive together, not why.",
		"s", SeverityInfo, ConsentSpeech},
	{LivenessReplay, "Picture like that of a screen",
		"Over many pictures the candidate's face and its surroundings looked to a model like a screen or a photograph held before the camera.",
		"A weak sign, measured on few recordings: a dark room, a lamp behind the person, a picture frame or a poor camera can lower the number too. " +
			"It looks at texture, not at movement: a still photograph that is sent in as the camera's own picture lowers it as well. " +
			"Face swaps, avatars and whatever else is put into the video itself are not detected by it: they score like anybody else.",
		"", SeverityInfo, ConsentFace},
	{CameraOff, "Camera off",
		"No pictures were sent from the candidate's camera.",
		"The camera may have been switched off by hand, taken by another program, or have failed.",
		"s", SeverityNotice, ""},
	{MediaFrozen, "Frozen picture",
		"Pictures kept arriving but did not change.",
		"A stalled camera driver or a virtual background can freeze a picture; so does a still image fed in as a camera. " +
			"It goes by the picture as a whole: a head held perfectly still of which only the eyes move can be taken for it too; in recordings of real people that was not seen.",
		"grey levels of 255", SeverityNotice, ""},
	{StreamVirtual, "Device named like a program",
		"The browser names the camera or the microphone like a program that makes pictures or sound, not like a device.",
		"Programs that blur a background, improve light, use a phone or a good camera as a webcam, or remove noise install such devices, and are in common use. " +
			"Names can be chosen freely: none of this sort says nothing either.",
		"", SeverityInfo, ""},
	{StreamDevice, "Camera or microphone changed",
		"The browser took the picture or the sound from another device than before.",
		"Headphones are put on or run empty, a cable comes loose, a better microphone is chosen, a phone's two cameras take turns.",
		"", SeverityInfo, ""},
	{StreamSettings, "Picture smaller or slower than said",
		"The pictures that arrived were much smaller or fewer than the browser said of the camera.",
		"Browsers send smaller or fewer pictures where the network or the computer is slow, and cameras give fewer in little light. It is a fact about the stream.",
		"times", SeverityInfo, ""},
	{StreamRepeated, "Pictures that come again",
		"For some seconds the pictures were the same as those a certain time before, while they showed movement.",
		"A video that is played over and over as a camera does this, and so may a virtual background that moves while nobody is in view. " +
			"Rounds longer than three minutes are not found, nor are pictures in which nothing moves.",
		"", SeverityInfo, ""},
	{StreamTimes, "Pictures at uneven times",
		"The times between pictures, as the sender stamped them, spread widely for some seconds.",
		"A busy computer, little light, another program that uses the camera, or one that makes the pictures does this.",
		"of the usual time", SeverityInfo, ""},
	{ClientHidden, "Page hidden or not in use",
		"The candidate's browser said that our page was hidden by another tab or window, or that another window had the keyboard.",
		"A message that pops up, a calendar, a link that the interviewer sent, the call's own settings or a phone that locks its screen do this. What was on the screen instead is not known.",
		"", SeverityInfo, ""},
	{ClientWindow, "Page resized",
		"The size of our page in the candidate's browser changed by a tenth or more.",
		"Turning a phone, full screen, larger text, a keyboard on the screen, or putting two windows side by side change it.",
		"", SeverityInfo, ""},
	{ClientScreens, "More than one screen",
		"The candidate's browser said that the desktop reaches over more than one screen.",
		"Common at a desk. Browsers that do not tell leave this not measured. What the other screen shows is not known.",
		"", SeverityInfo, ""},
	{ClientClipboard, "Copy, paste or print screen in the page",
		"In our page something was copied, cut or pasted, or the print-screen key was pressed.",
		"What was copied is not read. A name or a link may be copied for good reasons; what happens in other programs is not seen.",
		"", SeverityInfo, ""},
	{ClientClock, "Clock apart from the expected one",
		"The candidate's browser has another clock than the server, or another time zone than that of the claimed place.",
		"A traveller, a computer that was set up elsewhere, a company's device, a browser that hides its time zone, or a wrong clock. Where somebody is does not follow from it.",
		"min", SeverityInfo, ""},
	{NetworkPath, "Network path changed",
		"The way by which the candidate's media reach the server changed: another network, address or relay.",
		"Going from Wi-Fi to mobile data, a router that starts anew, a VPN that is switched on or off. An address tells a network, not a place or a person.",
		"", SeverityInfo, ""},
}

// Info returns the description of a kind, and false for one that does not exist.
func Info(k Kind) (KindInfo, bool) {
	for _, i := range Kinds {
		if i.Kind == k {
			return i, true
		}
	}
	return KindInfo{}, false
}
