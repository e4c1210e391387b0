package signaling

import (
	"unicode/utf8"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
	"bonafide/server/relay"
)

const maxLabel = 300 // characters of a device's name

// publishOffer takes the client's offer; the relay answers by itself.
func (r *room) publishOffer(p *person, m PublishOffer) error {
	if p.Role == interview.Observer && len(m.Sources) > 0 {
		return forbidden("sources", "observers do not publish; send no sources")
	}
	if p.media == nil {
		return conflict("", "the media connection is closed; join again")
	}
	sources := make(map[string]media.Source, len(m.Sources))
	for mid, s := range m.Sources {
		sources[mid] = media.Source(s)
	}
	return p.media.Offer(m.SDP, sources)
}

func (r *room) subscribeAnswer(p *person, m SubscribeAnswer) error {
	if p.media == nil {
		return conflict("", "the media connection is closed; join again")
	}
	return p.media.Answer(m.SDP)
}

func (r *room) candidate(p *person, m Candidate) error {
	if p.media == nil {
		return conflict("", "the media connection is closed; join again")
	}
	return p.media.AddCandidate(relay.Target(m.Target), m.Candidate)
}

func (r *room) restartSubscribe(p *person, _ RestartSubscribe) error {
	if p.media == nil {
		return conflict("", "the media connection is closed; join again")
	}
	return p.media.RestartSubscribe()
}

func validSource(s string) (media.Source, error) {
	switch v := media.Source(s); v {
	case media.SourceCamera, media.SourceMicrophone, media.SourceScreen, media.SourceScreenAudio:
		return v, nil
	}
	return "", invalid("source", "%q is none; use camera, microphone, screen or screen_audio", s)
}

// mute notes that silence or blackness from here on is wanted.
func (r *room) mute(p *person, m Mute) error {
	source, err := validSource(m.Source)
	if err != nil {
		return err
	}
	if p.muted[source] == m.Muted {
		return nil
	}
	p.muted[source] = m.Muted
	if p.media != nil {
		p.media.SetMuted(source, m.Muted)
	}
	r.dirty = true
	r.keep(r.entry(p.actor(), evidence.EntryTrackMute, evidence.TrackPayload{
		Participant: p.ID, Source: string(source), Track: p.tracks[source].ID, Muted: m.Muted,
	}, nil))
	return nil
}

// device notes which device a source comes from.
func (r *room) device(p *person, m DeviceChanged) error {
	source, err := validSource(m.Source)
	if err != nil {
		return err
	}
	if n := utf8.RuneCountInString(m.Label); n > maxLabel {
		return invalid("label", "has %d characters; at most %d fit", n, maxLabel)
	}
	if m.Width < 0 || m.Height < 0 || m.Width > 1<<16 || m.Height > 1<<16 {
		return invalid("width", "%d x %d is not the size of a picture", m.Width, m.Height)
	}
	if m.FrameRate < 0 || m.FrameRate > 1000 {
		return invalid("frame_rate", "%g is not a number of pictures per second", m.FrameRate)
	}
	r.keep(r.entry(p.actor(), evidence.EntryDeviceChanged, evidence.DevicePayload{
		Participant: p.ID, Source: string(source), Width: m.Width, Height: m.Height, FrameRate: m.FrameRate,
	}, evidence.DevicePart{Label: m.Label}))
	r.deviceFact(p, source, m)
	return nil
}

func trackPayload(t media.Track, muted bool) evidence.TrackPayload {
	return evidence.TrackPayload{Participant: t.Participant, Source: string(t.Source), Track: t.ID, Muted: muted}
}

// trackPublished and trackEnded come from the relay; c is the socket whose
// connection the track is on.
func (r *room) trackPublished(c *conn, t media.Track) {
	p := r.people[t.Participant]
	if p == nil || p.media == nil || r.ending || p.conn != nil && p.conn != c {
		return // of a connection that was replaced
	}
	p.tracks[t.Source] = t
	r.deviceAgain(p, t.Source)
	r.dirty = true
	r.keep(r.entry(p.actor(), evidence.EntryTrackPublished, trackPayload(t, p.muted[t.Source]), nil))
}

func (r *room) trackEnded(t media.Track) {
	p := r.people[t.Participant]
	if p == nil || p.tracks[t.Source].ID != t.ID || r.ending {
		return // its entry was made when the connection was closed
	}
	delete(p.tracks, t.Source)
	r.dirty = true
	r.keep(r.entry(p.actor(), evidence.EntryTrackEnded, trackPayload(t, false), nil))
}
