package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// TestConsentTextIsKept: the log holds the words that somebody agreed to, as
// the part of the entry, and their hash for good.
func TestConsentTextIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	text := "Face measurements\nSoftware looks for faces.\nIf you do not agree, nothing is measured."
	ok(t, m.cand.Send("consent", signaling.SetConsent{Consent: evidence.ConsentFace, Granted: false, Text: text}))
	sum := sha256.Sum256([]byte(text))
	s.until("the withdrawal is in the log with its words", 5*sec, func() bool {
		for _, e := range m.entries() {
			var p evidence.ConsentPayload
			if e.Entry.Kind != evidence.EntryConsent || json.Unmarshal(e.Entry.Payload, &p) != nil || !p.Withdrawn {
				continue
			}
			part, _ := e.Part.(map[string]any)
			return part["text"] == text && p.TextSHA256 == hex.EncodeToString(sum[:]) && e.Entry.PartSHA256 != ""
		}
		return false
	})
}
