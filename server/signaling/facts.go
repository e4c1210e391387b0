package signaling

import (
	"math"
	"net/netip"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"bonafide/server/evidence"
	"bonafide/server/media"
)

// networkEvery is how often an unchanged network is kept in the log; the page
// tells of it every few seconds, and the analysis hears of it each time.
const networkEvery = time.Minute

// Bounds of what a page may tell.
const (
	maxPixels  = 1 << 16
	maxDelayMS = 60_000
	maxZoneMin = 14 * 60 // Kiribati is the furthest ahead of UTC
)

// factStates are the words that a fact's State may be.
var factStates = map[evidence.FactKind][]string{
	evidence.FactVisible:   {"hidden", "visible"},
	evidence.FactFocus:     {"focused", "blurred"},
	evidence.FactWindow:    {""},
	evidence.FactClipboard: evidence.ClipboardStates,
	evidence.FactNetwork:   {"host", "srflx", "prflx", "relay", "unknown"},
	evidence.FactClock:     {""},
}

// page is what is known of a participant's page.
type page struct {
	devices map[media.Source]evidence.FactPayload
	labels  map[media.Source]string
	network evidence.FactPayload
	address string
	kept    time.Time // when the network was
}

// check tells which field of a fact makes no sense.
func (m Fact) check() error {
	states, ok := factStates[m.Fact]
	if !ok {
		return invalid("fact", "%q is none; use visible, focus, window, clipboard, network or clock", m.Fact)
	}
	if !slices.Contains(states, m.State) {
		return invalid("state", "%q is none of the fact %s; use one of %q", m.State, m.Fact, states)
	}
	delay := func(v float64) bool { return v >= 0 && v <= maxDelayMS } // false for NaN
	switch {
	case m.Width < 0 || m.Height < 0 || m.Width > maxPixels || m.Height > maxPixels:
		return invalid("width", "%d x %d is not the size of a window; give CSS pixels, 0 to %d", m.Width, m.Height, maxPixels)
	case m.Screens < 0 || m.Screens > 2:
		return invalid("screens", "is %d; use 1, 2 for more than one, or leave it out", m.Screens)
	case !slices.Contains([]string{"", "ipv4", "ipv6", "name"}, m.Family):
		return invalid("family", "%q is none; use ipv4, ipv6 or name", m.Family)
	case !slices.Contains([]string{"", "udp", "tcp"}, m.Protocol):
		return invalid("protocol", "%q is none; use udp or tcp", m.Protocol)
	case !delay(m.RTTMS) || !delay(m.PlayoutMS):
		return invalid("rtt_ms", "%g and %g ms are not delays; give 0 to %d", m.RTTMS, m.PlayoutMS, maxDelayMS)
	case !(m.LostShare >= 0 && m.LostShare <= 1):
		return invalid("lost_share", "is %g; give a share, 0 to 1", m.LostShare)
	case len(m.Address) > 0 && !validAddress(m.Address):
		return invalid("address", "is not an IP address")
	case m.ZoneMin < -maxZoneMin || m.ZoneMin > maxZoneMin:
		return invalid("zone_min", "is %d; give the minutes east of UTC, %d to %d", m.ZoneMin, -maxZoneMin, maxZoneMin)
	case utf8.RuneCountInString(m.TimeZone) > 64:
		return invalid("time_zone", "has %d characters; at most 64 fit", utf8.RuneCountInString(m.TimeZone))
	case m.Fact == evidence.FactClock && m.ClientMS <= 0:
		return invalid("client_ms", "is %d; give the browser's clock in ms since 1970", m.ClientMS)
	}
	return nil
}

func validAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// fact keeps what the candidate's page told of itself.
func (r *room) fact(p *person, m Fact) error {
	if err := m.check(); err != nil {
		return err
	}
	at, err := r.instant(m.AtMS)
	if err != nil {
		return err
	}
	f := evidence.FactPayload{Participant: p.ID, Fact: m.Fact, State: m.State}
	part := evidence.FactPart{}
	keep := true
	switch m.Fact {
	case evidence.FactWindow:
		f.Width, f.Height, f.Screens = m.Width, m.Height, m.Screens
	case evidence.FactNetwork:
		f.Family, f.Protocol = m.Family, m.Protocol
		f.RTTMS, f.PlayoutMS, f.LostShare = tenth(m.RTTMS), tenth(m.PlayoutMS), math.Round(m.LostShare*1000)/1000
		part.Address = m.Address
		keep = p.page.path(&f, m.Address)
	case evidence.FactClock:
		f.OffsetMS = m.ClientMS - time.Now().UnixMilli()
		f.ZoneMin, part.TimeZone = m.ZoneMin, m.TimeZone
		if zone, err := time.LoadLocation(r.iv.TimeZone); err == nil && r.iv.TimeZone != "" {
			_, seconds := time.Now().In(zone).Zone()
			f.State, f.ClaimedZoneMin = evidence.FactZoneClaimed, seconds/60
		}
	}
	r.tellFact(f, at)
	if !keep {
		return nil
	}
	var deletable any
	if part != (evidence.FactPart{}) {
		deletable = part
	}
	e := r.entry(p.actor(), evidence.EntryFact, f, deletable)
	e.AtMS = &at
	r.keep(e)
	return nil
}

// path notes the way to the server, and tells whether it is to be kept now.
func (g *page) path(f *evidence.FactPayload, address string) bool {
	old := g.network
	f.Changed = old.Fact != "" && (old.State != f.State || old.Family != f.Family || old.Protocol != f.Protocol || g.address != address)
	keep := old.Fact == "" || f.Changed || time.Since(g.kept) >= networkEvery
	g.network, g.address = *f, address
	if keep {
		g.kept = time.Now()
	}
	return keep
}

// deviceFact tells the analysis which device a source comes from. The entry of
// the change is made by device.
func (r *room) deviceFact(p *person, source media.Source, m DeviceChanged) {
	if p.page.devices == nil {
		p.page.devices, p.page.labels = map[media.Source]evidence.FactPayload{}, map[media.Source]string{}
	}
	before, had := p.page.labels[source]
	p.page.labels[source] = m.Label
	f := evidence.FactPayload{
		Participant: p.ID, Fact: evidence.FactDevice, Source: string(source), Width: m.Width, Height: m.Height, FrameRate: m.FrameRate,
		Virtual: VirtualDevice(m.Label),
	}
	p.page.devices[source] = f
	f.Changed = had && before != m.Label
	if at := r.nowMS(); at != nil {
		r.tellFact(f, *at)
	}
}

// deviceAgain tells which device a new track comes from: the page may have said
// it before the interview began.
func (r *room) deviceAgain(p *person, source media.Source) {
	f, known := p.page.devices[source]
	if at := r.nowMS(); known && at != nil {
		r.tellFact(f, *at)
	}
}

func (r *room) tellFact(f evidence.FactPayload, atMS int64) {
	if hook := r.hub.hooks.Fact; hook != nil {
		hook(r.iv, f, atMS)
	}
}

func tenth(v float64) float64 { return math.Round(v*10) / 10 }

// programs are the names by which programs that make pictures or sound offer
// them to a browser as a camera or a microphone.
var programs = regexp.MustCompile(`(?i)\b(virtual|obs|manycam|snap camera|xsplit|vcam|e2esoft|altercam|youcam|splitcam|camtwist|mmhmm|camo|` +
	`droidcam|epoccam|iriun|ivcam|ndi|nvidia broadcast|krisp|vb-audio|cable output|voicemeeter|blackhole|loopback|soundflower|v4l2loopback|dummy video)\b`)

// VirtualDevice tells that a device is named like a program.
func VirtualDevice(label string) bool { return programs.MatchString(label) }
