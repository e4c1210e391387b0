package models

import (
	"encoding/binary"
	"fmt"
)

// TFLite's builtin operator codes and tensor types that occur in the models we
// convert (tensorflow/lite/schema/schema.fbs, schema version 3).
const (
	opAdd             = 0
	opConv2D          = 3
	opDepthwiseConv2D = 4
	opDequantize      = 6
	opMaxPool2D       = 17
	opMul             = 18
	opReshape         = 22
	opCustom          = 32
	opPad             = 34
	opStridedSlice    = 45
	opPRelu           = 54

	tfFloat32 = 0
	tfFloat16 = 1
	tfInt32   = 2

	paddingSame = 0
)

// tfTensor is one tensor of a TFLite graph, in TFLite's layout (NHWC where it
// has four dimensions). data is nil for an activation.
type tfTensor struct {
	name  string
	shape []int
	typ   int
	data  []byte
}

// tfOptions are the operators' options that we read, each 0 where an operator
// has no such option.
type tfOptions struct {
	padding              int // paddingSame or 1 (valid)
	strideW, strideH     int
	dilationW, dilationH int
	filterW, filterH     int // pooling
	multiplier           int // depthwise: output channels per input channel
	activation           int // fused: 0 none, 1 ReLU, 3 ReLU6
}

// tfOp is one operator; inputs and outputs index tfGraph.tensors, −1 = absent.
type tfOp struct {
	code            int
	custom          string // name of a custom operator
	inputs, outputs []int
	opts            tfOptions
	customOpts      []byte // flexbuffer
}

// tfGraph is a TFLite model's one subgraph, operators in order of execution.
type tfGraph struct {
	tensors         []tfTensor
	ops             []tfOp
	inputs, outputs []int
}

// fbTable is a table of a flatbuffer: at is the table's place in buf. Reading
// outside of buf panics; parseTFLite turns that into an error.
type fbTable struct {
	buf []byte
	at  int
}

func (t fbTable) u32(at int) int { return int(binary.LittleEndian.Uint32(t.buf[at:])) }
func (t fbTable) i32(at int) int { return int(int32(binary.LittleEndian.Uint32(t.buf[at:]))) }
func (t fbTable) u16(at int) int { return int(binary.LittleEndian.Uint16(t.buf[at:])) }

// field is the place of field id, or 0 if the table leaves it at its default.
func (t fbTable) field(id int) int {
	vtable := t.at - t.i32(t.at)
	slot := 4 + 2*id
	if slot >= t.u16(vtable) {
		return 0
	}
	off := t.u16(vtable + slot)
	if off == 0 {
		return 0
	}
	return t.at + off
}

func (t fbTable) int32(id, def int) int {
	if at := t.field(id); at != 0 {
		return t.i32(at)
	}
	return def
}

func (t fbTable) int8(id int) int {
	if at := t.field(id); at != 0 {
		return int(int8(t.buf[at]))
	}
	return 0
}

func (t fbTable) table(id int) (fbTable, bool) {
	at := t.field(id)
	if at == 0 {
		return fbTable{}, false
	}
	return fbTable{t.buf, at + t.u32(at)}, true
}

// vector is the place of a vector's first element and its length.
func (t fbTable) vector(id int) (first, n int) {
	at := t.field(id)
	if at == 0 {
		return 0, 0
	}
	at += t.u32(at)
	return at + 4, t.u32(at)
}

func (t fbTable) tables(id int) []fbTable {
	first, n := t.vector(id)
	out := make([]fbTable, 0, min(n, len(t.buf)))
	for i := range n {
		at := first + 4*i
		out = append(out, fbTable{t.buf, at + t.u32(at)})
	}
	return out
}

func (t fbTable) ints(id int) []int {
	first, n := t.vector(id)
	out := make([]int, 0, min(n, len(t.buf)))
	for i := range n {
		out = append(out, t.i32(first+4*i))
	}
	return out
}

func (t fbTable) bytes(id int) []byte {
	first, n := t.vector(id)
	return t.buf[first : first+n : first+n]
}

// parseTFLite reads a .tflite file. The result refers to b.
func parseTFLite(b []byte) (g *tfGraph, err error) {
	if len(b) < 8 || string(b[4:8]) != "TFL3" {
		return nil, fmt.Errorf("not a TFLite model: no TFL3 identifier at byte 4")
	}
	defer func() {
		if r := recover(); r != nil {
			g, err = nil, fmt.Errorf("damaged TFLite model: %v", r)
		}
	}()
	root := fbTable{b, 0}
	model := fbTable{b, root.u32(0)}
	subgraphs := model.tables(2)
	if len(subgraphs) != 1 {
		return nil, fmt.Errorf("TFLite model has %d subgraphs, want 1", len(subgraphs))
	}
	buffers, codes := model.tables(4), model.tables(1)
	sub := subgraphs[0]
	g = &tfGraph{inputs: sub.ints(1), outputs: sub.ints(2)}
	for _, t := range sub.tables(0) {
		tensor := tfTensor{name: string(t.bytes(3)), shape: t.ints(0), typ: t.int8(1)}
		if data := buffers[t.int32(2, 0)].bytes(0); len(data) > 0 {
			tensor.data = data
		}
		g.tensors = append(g.tensors, tensor)
	}
	for _, o := range sub.tables(3) {
		code := codes[o.int32(0, 0)]
		op := tfOp{
			// Codes above 127 are in field 3 only, old files have field 0 only.
			code:   max(code.int8(0), code.int32(3, 0)),
			custom: string(code.bytes(1)),
			inputs: o.ints(1), outputs: o.ints(2),
			customOpts: o.bytes(5),
		}
		if opts, ok := o.table(4); ok {
			op.opts = readOptions(op.code, opts)
		}
		g.ops = append(g.ops, op)
	}
	return g, nil
}

// readOptions reads the fields that the operators we convert have.
func readOptions(code int, t fbTable) tfOptions {
	switch code {
	case opConv2D:
		return tfOptions{padding: t.int8(0), strideW: t.int32(1, 0), strideH: t.int32(2, 0),
			activation: t.int8(3), dilationW: t.int32(4, 1), dilationH: t.int32(5, 1)}
	case opDepthwiseConv2D:
		return tfOptions{padding: t.int8(0), strideW: t.int32(1, 0), strideH: t.int32(2, 0),
			multiplier: t.int32(3, 0), activation: t.int8(4), dilationW: t.int32(5, 1), dilationH: t.int32(6, 1)}
	case opMaxPool2D:
		return tfOptions{padding: t.int8(0), strideW: t.int32(1, 0), strideH: t.int32(2, 0),
			filterW: t.int32(3, 0), filterH: t.int32(4, 0), activation: t.int8(5)}
	case opAdd, opMul:
		return tfOptions{activation: t.int8(0)}
	}
	return tfOptions{}
}
