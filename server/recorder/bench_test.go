package recorder

import (
	"log/slog"
	"runtime"
	"testing"
	"time"

	"bonafide/server/media"

	"github.com/pion/rtp"
)

// BenchmarkRecordSecond records one second of a camera at 1.2 Mbit/s and a
// microphone: 150 packets of video in 30 pictures, 50 of sound.
func BenchmarkRecordSecond(b *testing.B) {
	epoch := time.Now()
	dir := b.TempDir()
	v, err := openVault(dir)
	if err != nil {
		b.Fatal(err)
	}
	rec, err := New(Config{Dir: dir, Vault: v}, slog.New(slog.DiscardHandler), Events{})
	if err != nil {
		b.Fatal(err)
	}
	defer rec.Close()
	open := func(source media.Source, mime string, rate uint32) *trackSink {
		s, err := rec.Sink(media.Track{Interview: "iv", Participant: "p", Source: source, MimeType: mime, ClockRate: rate, Channels: 2, Epoch: epoch})
		if err != nil {
			b.Fatal(err)
		}
		return s.(*trackSink)
	}
	video, audio := open(media.SourceCamera, "video/VP8", 90000), open(media.SourceMicrophone, "audio/opus", 48000)
	payload := make([]byte, 1000)
	var seq, aseq uint16
	for n := 0; b.Loop(); n++ {
		begin := epoch.Add(time.Duration(n) * time.Second)
		for i := range 150 {
			p := &rtp.Packet{Header: rtp.Header{PayloadType: 96, SSRC: 1, SequenceNumber: seq, Timestamp: uint32(n*90000 + i/5*3000), Marker: i%5 == 4}, Payload: payload}
			seq++
			copy(payload, []byte{0, 1})
			if i%5 == 0 {
				copy(payload, []byte{0x10, 1})
			}
			if i == 0 {
				copy(payload, []byte{0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0})
			}
			video.WriteRTP(p, begin.Add(time.Duration(i/5)*time.Second/30))
			if i%3 == 0 {
				at := time.Duration(i/3) * 20 * time.Millisecond
				audio.WriteRTP(&rtp.Packet{Header: rtp.Header{PayloadType: 111, SSRC: 2, SequenceNumber: aseq, Timestamp: uint32(n*48000 + i/3*960)}, Payload: payload[:80]}, begin.Add(at))
				aseq++
			}
		}
		for idle := false; !idle; runtime.Gosched() {
			video.mu.Lock()
			idle = video.queued == 0
			video.mu.Unlock()
		}
	}
}
