package models

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// TestFlushWeights demands that weights below the limit become 0 where they
// lie, that everything else stays, and that what is no model is refused.
func TestFlushWeights(t *testing.T) {
	weights := []float32{1, 1e-40, -1e-40, 1e-13, -2e-12, 0, float32(math.Inf(1)), math.SmallestNonzeroFloat32}
	model := func(typ int64, raw []byte) []byte {
		tensor := append(tensorHead("w", []int{len(raw) / 4}, typ), appendMessage(nil, tensorRaw, raw)...)
		graph := appendMessage(appendMessage(nil, 1, []byte("a node")), graphInitializer, tensor)
		return appendMessage(appendInt(nil, 1, 8), modelGraph, graph)
	}
	var raw, want []byte
	for _, w := range weights {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(w))
		if math.Abs(float64(w)) < 1e-12 {
			w = 0
		}
		want = binary.LittleEndian.AppendUint32(want, math.Float32bits(w))
	}
	in := model(tensorFloat, raw)
	before := bytes.Clone(in)
	out, err := flushWeights(in)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(in, before) {
		t.Error("the model that was given is changed")
	}
	if !bytes.Equal(out, model(tensorFloat, want)) {
		t.Errorf("flushed to %x, want %x", out, model(tensorFloat, want))
	}
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing to flush":    {out, "has none"},
		"whole numbers":       {model(7, raw), "has none"},
		"torn":                {in[:len(in)-3], "EOF"},
		"part of a number":    {model(tensorFloat, raw[:6]), "6 bytes"},
		"not a model at all":  {[]byte{0xff, 0xff}, "EOF"},
		"an empty file":       {nil, "has none"},
		"another wire format": {[]byte{0x3f, 0x01}, "reserved"},
	} {
		if _, err := flushWeights(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}
