package evidence

import (
	"encoding/binary"
	"fmt"
	"math"
)

// FaceTemplatePart is the deletable half: the template's values, each four bytes
// (IEEE 754, least significant first).
type FaceTemplatePart struct {
	Vector []byte `json:"vector"`
}

// FaceTemplate is a face's template with all that is known of it.
type FaceTemplate struct {
	FaceTemplatePayload
	Vector []float32 `json:"vector"` // of length 1
}

// PictureFace is the one face that was found in a picture, or why there is
// none that can be compared.
type PictureFace struct {
	Faces  int    `json:"faces"`            // that were found
	Reason Reason `json:"reason,omitempty"` // no_face, many_faces, or what is wrong with the one

	HeightPX  float64    `json:"height_px,omitempty"`
	EyesPX    float64    `json:"eyes_px,omitempty"`
	Sharpness float64    `json:"sharpness,omitempty"`
	Models    []ModelRef `json:"models,omitempty"`
	Model     string     `json:"model,omitempty"`  // SHA-256 of the one that made the vector
	Vector    []float32  `json:"vector,omitempty"` // of length 1; nil with a Reason
	Crop      []byte     `json:"crop,omitempty"`   // JPEG of the face and its surroundings
}

// PackVector is a vector as a FaceTemplatePart holds it.
func PackVector(v []float32) []byte {
	out := make([]byte, 0, 4*len(v))
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return out
}

// UnpackVector undoes PackVector.
func UnpackVector(b []byte) ([]float32, error) {
	if len(b) == 0 || len(b)%4 != 0 {
		return nil, fmt.Errorf("a template of %d bytes: it has four for each value", len(b))
	}
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out, nil
}
