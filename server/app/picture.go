package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the crops of faces
	"log/slog"

	"bonafide/server/analysis"
	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/picture"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// maxPictures bounds how often the profile picture of one record is replaced:
// every one of them stays in the record until the part is deleted.
const maxPictures = 20

// profiles keeps the profile pictures that people add to records.
type profiles struct {
	store    *store.Store
	vault    *vault.Vault
	records  *records
	mediaDir string
	log      *slog.Logger
	// measure finds the face in a photograph; nil where no analysis runs.
	measure func(ctx context.Context, jpeg []byte) (evidence.PictureFace, error)
}

func (a *App) newProfiles() *profiles {
	p := &profiles{store: a.store, vault: a.vault, records: a.records, mediaDir: a.cfg.mediaDir(), log: a.log}
	if a.analysis != nil {
		p.measure = a.analysis.MeasurePicture
	}
	return p
}

// Keep takes an uploaded file as the profile picture of an interview's
// candidate. With the candidate's consents to face measurements and to
// templates its face is measured, and one that cannot be compared is refused;
// without them it is kept to be seen by people alone.
func (p *profiles) Keep(ctx context.Context, iv interview.Interview, by evidence.Actor, file []byte) error {
	cleaned, err := picture.Clean(file)
	if err != nil {
		return err
	}
	before, err := p.store.Entries(ctx, store.EntryQuery{Interview: iv.ID, Kinds: []evidence.EntryKind{evidence.EntryPictureKept}})
	if err != nil {
		return err
	}
	if len(before) >= maxPictures {
		return interview.Invalid("picture", "was replaced %d times already; no more are taken for this record", maxPictures-1)
	}
	about := evidence.ProfilePayload{Interview: iv.ID, Participant: iv.Candidate,
		Picture: evidence.Still{SHA256: cleaned.SHA256, Width: cleaned.Width, Height: cleaned.Height}}
	agreed, err := p.agreed(ctx, iv.Candidate)
	if err != nil {
		return err
	}
	entries := []evidence.NewEntry{{Interview: iv.ID, Actor: by, Kind: evidence.EntryPictureKept}}
	files := map[string][]byte{cleaned.SHA256: cleaned.JPEG}
	switch {
	case !agreed:
		about.Reason = evidence.ReasonNoConsent
	case p.measure == nil:
		about.Reason = evidence.ReasonNotAvailable
	default:
		face, err := p.measure(ctx, cleaned.JPEG)
		if err != nil {
			return err
		}
		if face.Reason != "" {
			return unfit(face)
		}
		crop, err := stillOf(face.Crop)
		if err != nil {
			return err
		}
		files[crop.SHA256] = face.Crop
		about.Face, about.HeightPX, about.EyesPX, about.Sharpness, about.Models = &crop, face.HeightPX, face.EyesPX, face.Sharpness, face.Models
		entries = append(entries, evidence.NewEntry{Interview: iv.ID, Actor: by, Kind: evidence.EntryTemplateKept,
			Payload: evidence.FaceTemplatePayload{ID: auth.NewID(), Interview: iv.ID, Participant: iv.Candidate, From: evidence.FromPicture, Model: face.Model, Frames: 1, Still: crop.SHA256},
			Part:    evidence.FaceTemplatePart{Vector: evidence.PackVector(face.Vector)}})
	}
	entries[0].Payload = about
	if err := p.write(iv.ID, files); err != nil {
		return err
	}
	if _, err := p.store.Append(ctx, entries...); err != nil {
		return err
	}
	if about.Face != nil {
		if err := p.stillAgreed(ctx, iv); err != nil {
			return err
		}
	}
	return p.records.Refresh(ctx, iv.ID)
}

// agreed tells whether the candidate's face may be measured and kept as numbers.
func (p *profiles) agreed(ctx context.Context, candidate string) (bool, error) {
	who, err := p.store.Participant(ctx, candidate)
	return who.Consents[evidence.ConsentFace] && who.Consents[evidence.ConsentTemplates], err
}

// stillAgreed deletes the templates again where the consent was withdrawn while
// the picture was being measured.
func (p *profiles) stillAgreed(ctx context.Context, iv interview.Interview) error {
	agreed, err := p.agreed(ctx, iv.Candidate)
	if err != nil || agreed {
		return err
	}
	_, err = p.records.Delete(context.WithoutCancel(ctx), store.Deletion{Interview: iv.ID, Part: evidence.PartTemplates,
		By: evidence.Actor{Type: "participant", ID: iv.Candidate}, Reason: evidence.DeletedWithdrawn})
	if errors.Is(err, store.ErrHeld) {
		p.log.Warn("a face template whose consent was withdrawn is on hold; it is not compared", "interview", iv.ID)
		return nil
	}
	return err
}

// write keeps the files of a picture, sealed with the key of its part.
func (p *profiles) write(id string, files map[string][]byte) error {
	for sum, content := range files {
		sealed, err := p.vault.Seal(id, evidence.PartPicture, content)
		if err != nil {
			return fmt.Errorf("keeping a profile picture: %w", err)
		}
		if err := analysis.WriteStill(p.mediaDir, id, sum, sealed); err != nil {
			return err
		}
	}
	return nil
}

// stillOf names a JPEG.
func stillOf(jpeg []byte) (evidence.Still, error) {
	size, _, err := image.DecodeConfig(bytes.NewReader(jpeg))
	if err != nil {
		return evidence.Still{}, fmt.Errorf("reading the face that was cut out of a picture: %w", err)
	}
	sum := sha256.Sum256(jpeg)
	return evidence.Still{SHA256: hex.EncodeToString(sum[:]), Width: size.Width, Height: size.Height}, nil
}

// unfit says why a photograph cannot be compared, and what would be right.
func unfit(f evidence.PictureFace) error {
	switch f.Reason {
	case evidence.ReasonNoFace:
		return interview.Invalid("picture", "shows no face that can be measured; choose one that shows the candidate's face from the front")
	case evidence.ReasonManyFaces:
		return interview.Invalid("picture", "shows %d faces, so it cannot be said whose it is; crop it to the candidate alone", f.Faces)
	case evidence.ReasonSmall:
		return interview.Invalid("picture", "shows the face too small (%.0f pixels between the eyes, at least 35 are needed); choose a larger one, or crop less of the surroundings into it", f.EyesPX)
	case evidence.ReasonTurned:
		return interview.Invalid("picture", "shows the face turned too far; choose one that shows it from the front")
	case evidence.ReasonDark, evidence.ReasonBright:
		return interview.Invalid("picture", "shows the face too %s to be compared; choose one in even light", f.Reason)
	case evidence.ReasonBlur:
		return interview.Invalid("picture", "is not sharp enough on the face to be compared; choose a sharper one")
	case evidence.ReasonCut:
		return interview.Invalid("picture", "shows only a part of the face; choose one that shows all of it")
	}
	return interview.Invalid("picture", "shows a face that is hidden in part; choose one that shows all of it")
}
