package app

import (
	"fmt"
	"os"
	"time"

	"bonafide/server/analysis"
	"bonafide/server/media"
	"bonafide/server/relay"
	"bonafide/server/signaling"
	"bonafide/server/vault"
)

// Detectors is everything that is measured. A new detector is a package and a
// line here.
var Detectors = []analysis.Descriptor{
	analysis.FaceAbsent(analysis.FaceAbsentConfig{}),
	analysis.FaceMultiple(analysis.FaceMultipleConfig{}),
	analysis.LooksOver(analysis.LooksOverConfig{}),
	analysis.FaceTooSmall(analysis.FaceTooSmallConfig{}),
	analysis.Identity(analysis.IdentityConfig{}),
	analysis.Speech(analysis.SpeechConfig{}),
	analysis.Lips(analysis.LipsConfig{}),
	analysis.Replay(analysis.ReplayConfig{}),
	analysis.CameraOff(analysis.CameraOffConfig{}),
	analysis.MediaFrozen(analysis.MediaFrozenConfig{}),
	analysis.StreamFacts(analysis.StreamConfig{}),
	analysis.PageFacts(),
	analysis.Gaze(analysis.GazeConfig{}),
}

// Steps are the checks of the run-sheet's cards. A card without one is shown
// and recorded, and nothing is checked.
var Steps = append([]analysis.StepDescriptor{
	analysis.ShowID(analysis.DocumentConfig{}),
}, analysis.Compliance()...)

// Pipeline is the analysis that this configuration asks for.
func (c *Config) Pipeline() analysis.Config {
	return analysis.Config{
		Detectors:      Detectors,
		Steps:          Steps,
		DetectEvery:    perSecond(c.DetectRate),
		LandmarksEvery: perSecond(c.LandmarkRate),
	}
}

func perSecond(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }

// analysis is the live analysis: a child process of this same program.
func (c *Config) analysis(v *vault.Vault) analysis.ManagerConfig {
	command := c.AnalyzerCommand
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			self = os.Args[0]
		}
		command = []string{self, "analyzer", "--models", c.Models}
	}
	return analysis.ManagerConfig{Command: command, Pipeline: c.Pipeline(), MediaDir: c.mediaDir(), Vault: v}
}

func (c *Config) relay() relay.Config {
	r := relay.Config{UDPAddr: fmt.Sprintf(":%d", c.UDPPort), PublicIPs: c.PublicIP}
	if c.TCPPort >= 0 {
		r.TCPAddr = fmt.Sprintf(":%d", c.TCPPort)
	}
	if c.TURNPort > 0 {
		r.TURN = &relay.TURNConfig{Addr: fmt.Sprintf(":%d", c.TURNPort)}
	}
	return r
}

func (c *Config) signaling(sinks media.SinkFactory) signaling.Config {
	return signaling.Config{Policy: c.Unrecorded, SlotHold: c.SlotHold, Sinks: sinks}
}
