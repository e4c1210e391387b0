package models

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Numbers of onnx.proto: IR version 8 goes with opset 16, the first one with
// GridSample.
const (
	onnxIRVersion = 8
	onnxOpset     = 16

	onnxFloat = 1
	onnxInt64 = 7

	attrFloat  = 1
	attrInt    = 2
	attrString = 3
	attrInts   = 7
)

// onnxAttr is one attribute of a node: exactly one of the values is meant, as
// kind says.
type onnxAttr struct {
	name string
	kind uint64
	f    float32
	i    int64
	s    string
	ints []int64
}

func intAttr(name string, v int) onnxAttr { return onnxAttr{name: name, kind: attrInt, i: int64(v)} }
func intsAttr(name string, v ...int) onnxAttr {
	a := onnxAttr{name: name, kind: attrInts}
	for _, x := range v {
		a.ints = append(a.ints, int64(x))
	}
	return a
}
func strAttr(name, v string) onnxAttr { return onnxAttr{name: name, kind: attrString, s: v} }

// onnxGraph collects a graph's parts, already serialised, in the order in
// which they were added: the same calls give the same bytes.
type onnxGraph struct {
	nodes, initializers, inputs, outputs [][]byte
}

func appendMessage(b []byte, field protowire.Number, msg []byte) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return protowire.AppendBytes(b, msg)
}

func appendString(b []byte, field protowire.Number, s string) []byte {
	return appendMessage(b, field, []byte(s))
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	b = protowire.AppendTag(b, field, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(v))
}

// node adds an operator; its first output's name serves as its own.
func (g *onnxGraph) node(op string, inputs, outputs []string, attrs ...onnxAttr) {
	var b []byte
	for _, in := range inputs {
		b = appendString(b, 1, in)
	}
	for _, out := range outputs {
		b = appendString(b, 2, out)
	}
	b = appendString(b, 3, outputs[0])
	b = appendString(b, 4, op)
	for _, a := range attrs {
		m := appendString(nil, 1, a.name)
		switch a.kind {
		case attrFloat:
			m = protowire.AppendTag(m, 2, protowire.Fixed32Type)
			m = protowire.AppendFixed32(m, math.Float32bits(a.f))
		case attrInt:
			m = appendInt(m, 3, a.i)
		case attrString:
			m = appendString(m, 4, a.s)
		case attrInts:
			for _, v := range a.ints {
				m = appendInt(m, 8, v)
			}
		}
		b = appendMessage(b, 5, appendInt(m, 20, int64(a.kind)))
	}
	g.nodes = append(g.nodes, b)
}

func tensorHead(name string, shape []int, typ int64) []byte {
	var b []byte
	for _, d := range shape {
		b = appendInt(b, 1, int64(d))
	}
	b = appendInt(b, 2, typ)
	return appendString(b, 8, name)
}

// floats adds a constant of float32 values.
func (g *onnxGraph) floats(name string, shape []int, v []float32) {
	raw := make([]byte, 4*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(x))
	}
	g.initializers = append(g.initializers, appendMessage(tensorHead(name, shape, onnxFloat), 9, raw))
}

// ints adds a constant vector of int64 values.
func (g *onnxGraph) ints(name string, v []int) {
	raw := make([]byte, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(raw[8*i:], uint64(int64(x)))
	}
	g.initializers = append(g.initializers, appendMessage(tensorHead(name, []int{len(v)}, onnxInt64), 9, raw))
}

func valueInfo(name string, shape []int) []byte {
	var dims []byte
	for _, d := range shape {
		dims = appendMessage(dims, 1, appendInt(nil, 1, int64(d)))
	}
	tensor := appendMessage(appendInt(nil, 1, onnxFloat), 2, dims)
	return appendMessage(appendString(nil, 1, name), 2, appendMessage(nil, 1, tensor))
}

func (g *onnxGraph) input(name string, shape []int) {
	g.inputs = append(g.inputs, valueInfo(name, shape))
}

func (g *onnxGraph) output(name string, shape []int) {
	g.outputs = append(g.outputs, valueInfo(name, shape))
}

// bytes serialises the model.
func (g *onnxGraph) bytes(name string) []byte {
	var graph []byte
	for _, n := range g.nodes {
		graph = appendMessage(graph, 1, n)
	}
	graph = appendString(graph, 2, name)
	for _, t := range g.initializers {
		graph = appendMessage(graph, 5, t)
	}
	for _, v := range g.inputs {
		graph = appendMessage(graph, 11, v)
	}
	for _, v := range g.outputs {
		graph = appendMessage(graph, 12, v)
	}
	model := appendInt(nil, 1, onnxIRVersion)
	model = appendString(model, 2, "bonafide")
	model = appendMessage(model, 7, graph)
	return appendMessage(model, 8, appendInt(appendString(nil, 1, ""), 2, onnxOpset))
}
