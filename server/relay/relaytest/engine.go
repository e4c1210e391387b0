package relaytest

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// peerAPI builds a peer's connections: like a browser's, but without RTX, and
// letting repetitions through to be counted.
func peerAPI(cfg PeerConfig, mux ice.UDPMux, quiet logging.LoggerFactory) (*webrtc.API, error) {
	m := &webrtc.MediaEngine{}
	fb := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}}
	errs := errors.Join(
		m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: fb}, PayloadType: 96}, webrtc.RTPCodecTypeVideo),
		m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"},
			PayloadType: 111}, webrtc.RTPCodecTypeAudio))
	interval := cfg.NACKInterval
	if interval == 0 {
		interval = 100 * time.Millisecond
	}
	ask, err1 := nack.NewGeneratorInterceptor(nack.GeneratorInterval(interval), nack.GeneratorMaxNacksPerPacket(6))
	answer, err2 := nack.NewResponderInterceptor()
	sr, err3 := report.NewSenderInterceptor(report.SenderInterval(200 * time.Millisecond))
	rr, err4 := report.NewReceiverInterceptor()
	if err := errors.Join(errs, err1, err2, err3, err4); err != nil {
		return nil, fmt.Errorf("building the peer: %w", err)
	}
	reg := &interceptor.Registry{}
	if cfg.OnAsk != nil {
		reg.Add(asking(cfg.OnAsk)) // before the generator, which writes through it
	}
	for _, i := range []interceptor.Factory{ask, answer, sr, rr} {
		reg.Add(i)
	}
	if cfg.TWCC {
		if err := webrtc.ConfigureTWCCHeaderExtensionSender(m, reg); err != nil {
			return nil, fmt.Errorf("building the peer: %w", err)
		}
	}
	var s webrtc.SettingEngine
	s.LoggerFactory = quiet
	s.SetICEUDPMux(mux)
	s.SetICETimeouts(disconnectedAfter, 30*time.Second, 300*time.Millisecond)
	s.SetIncludeLoopbackCandidate(true)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	s.DisableSRTPReplayProtection(true) // repetitions are to be counted
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	if cfg.TCPOnly || cfg.TCPProxy != nil {
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(s)), nil
}

// asking makes interceptors that listen to the requests for packets which the
// NACK generator writes.
type asking func(ssrc uint32, seq uint16)

// NewInterceptor makes the interceptor of one connection.
func (f asking) NewInterceptor(string) (interceptor.Interceptor, error) {
	return &askListener{ask: f}, nil
}

type askListener struct {
	interceptor.NoOp
	ask asking
}

// BindRTCPWriter puts the listener before the writer.
func (a *askListener) BindRTCPWriter(w interceptor.RTCPWriter) interceptor.RTCPWriter {
	return interceptor.RTCPWriterFunc(func(list []rtcp.Packet, attributes interceptor.Attributes) (int, error) {
		for _, r := range list {
			n, ok := r.(*rtcp.TransportLayerNack)
			if !ok {
				continue
			}
			for _, pair := range n.Nacks {
				for _, seq := range pair.PacketList() {
					a.ask(n.MediaSSRC, seq)
				}
			}
		}
		return w.Write(list, attributes)
	})
}
