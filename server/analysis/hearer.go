package analysis

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/speech"
)

// hears tells that some detector wants to know where there is speech.
func (c Config) hears() bool {
	return slices.ContainsFunc(c.Detectors, func(d Descriptor) bool { return d.wide() && slices.Contains(d.Models, models.SpeechVAD) })
}

// hearer finds speech on every microphone, once for all detectors.
type hearer struct {
	set    *models.Set
	voices map[string]*hearing
}

// hearing is one participant's voice.
type hearing struct {
	vad   *speech.VAD
	voice *speech.Voice
}

func newHearer(set *models.Set) *hearer { return &hearer{set: set, voices: map[string]*hearing{}} }

// listen adds to a reading what became known of the participant's voice.
func (h *hearer) listen(participant string, s *SoundReading) error {
	v := h.voices[participant]
	if v == nil {
		vad, err := speech.NewVAD(h.set)
		if err != nil {
			return fmt.Errorf("hearing: %w", err)
		}
		v = &hearing{vad, speech.NewVoice(speech.VoiceConfig{})}
		h.voices[participant] = v
	}
	if s.DeviceChanged {
		v.vad.Reset()
	}
	end := time.Duration(s.AtMS+s.LengthMS) * time.Millisecond
	if s.PCM == nil || s.Reason != "" {
		why := s.Reason
		if s.Muted {
			why = evidence.ReasonMuted
		}
		v.vad.Reset()
		v.voice.Unheard(end, why)
	} else {
		frames, err := v.vad.Add(media.Block{
			At: time.Duration(s.AtMS) * time.Millisecond, Rate: SoundRate, PCM: s.PCM, Filled: s.Lost,
		})
		if err != nil {
			return fmt.Errorf("hearing: %w", err)
		}
		for _, f := range frames {
			v.voice.Add(f)
		}
		if s.Lost && len(frames) == 0 && s.LengthMS > speech.FrameLen.Milliseconds()*2 {
			v.voice.Unheard(end, evidence.ReasonLoss)
		}
		s.Frames = frames
	}
	s.Speech = v.voice.Take()
	return nil
}

func (h *hearer) close() error {
	var errs []error
	for _, v := range h.voices {
		errs = append(errs, v.vad.Close())
	}
	h.voices = nil
	return errors.Join(errs...)
}
