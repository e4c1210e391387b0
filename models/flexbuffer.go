package models

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Flexbuffer types that occur in the options of custom operators
// (flatbuffers/flexbuffers.h): the upper six bits of a packed type; the lower
// two give the width of a value as a power of two.
const (
	flexInt       = 1
	flexUInt      = 2
	flexFloat     = 3
	flexMap       = 9
	flexVectorInt = 11
)

// flexMapOf reads a flexbuffer whose root is a map of numbers and vectors of
// ints. Each value comes out as []float64, a single number as one element.
func flexMapOf(b []byte) (m map[string][]float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("damaged flexbuffer: %v", r)
		}
	}()
	if len(b) < 3 {
		return nil, fmt.Errorf("flexbuffer has %d bytes, want at least 3", len(b))
	}
	rootWidth, rootType := int(b[len(b)-1]), int(b[len(b)-2])
	if rootType>>2 != flexMap {
		return nil, fmt.Errorf("flexbuffer's root has type %d, want a map (%d)", rootType>>2, flexMap)
	}
	root := len(b) - 2 - rootWidth
	values := root - flexUintAt(b, root, rootWidth)
	width := 1 << (rootType & 3)
	// Before a map's values: the keys vector's offset, its width, the length.
	n := flexUintAt(b, values-width, width)
	keysAt := values - 3*width
	keys := keysAt - flexUintAt(b, keysAt, width)
	keyWidth := flexUintAt(b, values-2*width, width)
	m = make(map[string][]float64, n)
	for i := range n {
		k := keys + i*keyWidth
		k -= flexUintAt(b, k, keyWidth)
		end := k
		for b[end] != 0 {
			end++
		}
		name := string(b[k:end])
		at, typ := values+i*width, int(b[values+n*width+i])
		switch typ >> 2 {
		case flexInt, flexUInt, flexFloat:
			m[name] = []float64{flexNumber(b, at, width, typ>>2)}
		case flexVectorInt:
			elem := 1 << (typ & 3)
			first := at - flexUintAt(b, at, width)
			list := make([]float64, flexUintAt(b, first-elem, elem))
			for j := range list {
				list[j] = flexNumber(b, first+j*elem, elem, flexInt)
			}
			m[name] = list
		default:
			return nil, fmt.Errorf("flexbuffer's %q has type %d, which is not supported", name, typ>>2)
		}
	}
	return m, nil
}

func flexUintAt(b []byte, at, width int) int {
	switch width {
	case 1:
		return int(b[at])
	case 2:
		return int(binary.LittleEndian.Uint16(b[at:]))
	case 4:
		return int(binary.LittleEndian.Uint32(b[at:]))
	}
	return int(binary.LittleEndian.Uint64(b[at:]))
}

func flexNumber(b []byte, at, width, typ int) float64 {
	raw := uint64(flexUintAt(b, at, width))
	switch {
	case typ == flexUInt:
		return float64(raw)
	case typ == flexFloat && width == 4:
		return float64(math.Float32frombits(uint32(raw)))
	case typ == flexFloat && width == 8:
		return math.Float64frombits(raw)
	case typ == flexFloat:
		panic(fmt.Sprintf("float of %d bytes", width))
	}
	shift := 64 - 8*width
	return float64(int64(raw<<shift) >> shift)
}
