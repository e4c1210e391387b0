package api

import (
	"encoding/json"
	"fmt"
	"net/http"

	"bonafide/server/evidence"
	"bonafide/server/store"
)

// getFaces answers with the pictures of the comparison of faces.
func (a *API) getFaces(w http.ResponseWriter, r *http.Request, c call) error {
	entries, err := a.Store.Entries(r.Context(), store.EntryQuery{Interview: c.interview.ID,
		Kinds: []evidence.EntryKind{evidence.EntryEnrolled, evidence.EntryCompared}})
	if err != nil {
		return err
	}
	out := FacesData{Enrolled: []EnrolledFace{}, Compared: []ComparedFace{}}
	for _, e := range entries {
		switch e.Kind {
		case evidence.EntryEnrolled:
			one := EnrolledFace{Seq: e.Seq}
			if err := json.Unmarshal(e.Payload, &one.Enrolled); err != nil {
				return fmt.Errorf("entry %d: %w", e.Seq, err)
			}
			out.Enrolled = append(out.Enrolled, one)
		case evidence.EntryCompared:
			one := ComparedFace{Seq: e.Seq}
			if err := json.Unmarshal(e.Payload, &one.Compared); err != nil {
				return fmt.Errorf("entry %d: %w", e.Seq, err)
			}
			out.Compared = append(out.Compared, one)
		}
	}
	if out.Picture, err = a.profile(r.Context(), c.interview.ID); err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}
