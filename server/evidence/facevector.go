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
