package relay

import (
	"fmt"
	"net"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

const (
	nackInterval = 30 * time.Millisecond // between requests for what is missing
	nackLimit    = 6                     // requests per missing packet
	nackBuffer   = 512                   // packets kept per subscriber's track for retransmission
	// replayWindow is in packets. A retransmission comes a round trip late: at
	// 300 packets/s and 400 ms of retries more than 64 (the usual window) are
	// on the way, and it would be thrown away as a replay.
	replayWindow = 1024

	iceDisconnected = 3 * time.Second
	iceFailed       = 30 * time.Second // as long as a participant's place is held
	iceKeepalive    = time.Second

	mtu = 1500
)

// Static payload types for offers that the relay makes. As answerer it takes
// the client's.
const (
	payloadVP8  = 96
	payloadOpus = 111
)

// settings are shared by all connections.
func (r *Relay) settings() (webrtc.SettingEngine, error) {
	var s webrtc.SettingEngine
	s.LoggerFactory = pionLogs{r.log}
	s.SetICEUDPMux(r.udp)
	nets := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	if r.tcp != nil {
		s.SetICETCPMux(r.tcp)
		nets = append(nets, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
		if a, ok := r.tcpAddr.(*net.TCPAddr); ok && !a.IP.IsUnspecified() {
			s.SetIPFilter(a.IP.Equal)
		}
	}
	s.SetNetworkTypes(nets)
	s.DisableActiveTCP(true) // clients connect to us
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetIncludeLoopbackCandidate(true)
	s.SetICETimeouts(iceDisconnected, iceFailed, iceKeepalive)
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	s.SetSRTPReplayProtectionWindow(replayWindow)
	s.SetReceiveMTU(mtu)
	if len(r.cfg.PublicIPs) == 0 {
		return s, nil
	}
	var rules []webrtc.ICEAddressRewriteRule
	for _, text := range r.cfg.PublicIPs {
		ip := net.ParseIP(text)
		if ip == nil {
			return s, fmt.Errorf("public IP %q: not an IP address; use a number such as 192.0.2.1", text)
		}
		family := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4}
		if ip.To4() == nil {
			family = []webrtc.NetworkType{webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP6}
		}
		rules = append(rules, webrtc.ICEAddressRewriteRule{
			External: []string{ip.String()}, AsCandidateType: webrtc.ICECandidateTypeHost,
			Mode: webrtc.ICEAddressRewriteAppend, Networks: family,
		})
	}
	if err := s.SetICEAddressRewriteRules(rules...); err != nil {
		return s, fmt.Errorf("public IPs %v: %w", r.cfg.PublicIPs, err)
	}
	return s, nil
}

// codecs registers VP8 and Opus and nothing else: in particular no RTX, over
// which a recovered packet never clears the NACK generator's list, so that
// each loss would be asked for again and again and arrive as many times.
func codecs(video []webrtc.RTCPFeedback) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: video},
		PayloadType:        payloadVP8,
	}, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, fmt.Errorf("registering VP8: %w", err)
	}
	if err := m.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: opusCapability, PayloadType: payloadOpus,
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("registering Opus: %w", err)
	}
	return m, nil
}

// opusCapability has forward error correction on and does not ask for DTX:
// with DTX silence would look like a lost microphone.
var opusCapability = webrtc.RTPCodecCapability{
	MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
}

var vp8Capability = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}

var lossFeedback = []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}}

// publishAPI builds connections that receive: they ask for what is missing and
// report what arrived.
func publishAPI(s webrtc.SettingEngine) (*webrtc.API, error) {
	// The DTLS server chooses the cipher, and Chromium would choose CM-SHA1.
	if err := s.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return nil, fmt.Errorf("choosing the DTLS role: %w", err)
	}
	// The client decides over which of its addresses it sends, and says so in a
	// check that its password proves. pion would wait for the answer to a check
	// of its own besides; where one is lost it makes the next 200 ms later.
	s.SetICEBindingRequestHandler(func(m *stun.Message, _, _ ice.Candidate, _ *ice.CandidatePair) bool {
		return m.Contains(stun.AttrUseCandidate)
	})
	m, err := codecs(lossFeedback)
	if err != nil {
		return nil, err
	}
	reg := &interceptor.Registry{}
	ask, err := nack.NewGeneratorInterceptor(nack.GeneratorInterval(nackInterval), nack.GeneratorMaxNacksPerPacket(nackLimit))
	if err != nil {
		return nil, fmt.Errorf("making the NACK generator: %w", err)
	}
	reports, err := report.NewReceiverInterceptor()
	if err != nil {
		return nil, fmt.Errorf("making receiver reports: %w", err)
	}
	reg.Add(ask)
	reg.Add(reports)
	if err := webrtc.ConfigureTWCCSender(m, reg); err != nil {
		return nil, fmt.Errorf("making transport-wide feedback: %w", err)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(s)), nil
}

// subscribeAPI builds connections that send: they answer requests for what is
// missing and send sender reports.
func subscribeAPI(s webrtc.SettingEngine) (*webrtc.API, error) {
	m, err := codecs(lossFeedback)
	if err != nil {
		return nil, err
	}
	reg := &interceptor.Registry{}
	answer, err := nack.NewResponderInterceptor(nack.ResponderSize(nackBuffer))
	if err != nil {
		return nil, fmt.Errorf("making the NACK responder: %w", err)
	}
	reports, err := report.NewSenderInterceptor()
	if err != nil {
		return nil, fmt.Errorf("making sender reports: %w", err)
	}
	reg.Add(answer)
	reg.Add(reports)
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(s)), nil
}
