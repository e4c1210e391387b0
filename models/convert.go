package models

import (
	"encoding/binary"
	"fmt"
	"math"
)

// converter turns a TFLite graph into an ONNX one.
//
// TFLite keeps pictures as NHWC, ONNX operators want NCHW. So every activation
// with four dimensions is NCHW in the ONNX graph, weights are permuted once
// here, and the data itself is transposed only where its order becomes
// visible: before and after a reshape, and at the outputs.
type converter struct {
	tf     *tfGraph
	out    onnxGraph
	consts map[int][]float32 // constants, those behind DEQUANTIZE included
	n      int               // counts the names given out
}

// convertTFLite converts a .tflite file to ONNX (opset 16). The graph's input
// is named "input" and is NCHW; outputs keep their TFLite names and shapes.
// The same file always gives the same bytes.
func convertTFLite(b []byte, name string) ([]byte, error) {
	g, err := parseTFLite(b)
	if err != nil {
		return nil, err
	}
	return convertGraph(g, name)
}

func convertGraph(g *tfGraph, name string) ([]byte, error) {
	c := &converter{tf: g, consts: map[int][]float32{}}
	if len(g.inputs) == 0 {
		return nil, fmt.Errorf("TFLite graph has no input")
	}
	for i, t := range g.inputs {
		c.out.input(c.inputName(i), nchwShape(g.tensors[t].shape))
	}
	for i, op := range g.ops {
		if err := c.op(op); err != nil {
			return nil, fmt.Errorf("operator %d (code %d %s): %w", i, op.code, op.custom, err)
		}
	}
	for _, t := range g.outputs {
		tensor := g.tensors[t]
		if len(tensor.shape) == 4 {
			c.toNHWC(c.value(t), tensor.shape, tensor.name)
		} else {
			c.out.node("Identity", []string{c.value(t)}, []string{tensor.name})
		}
		c.out.output(tensor.name, tensor.shape)
	}
	return c.out.bytes(name), nil
}

func (c *converter) inputName(i int) string {
	if i == 0 {
		return "input"
	}
	return fmt.Sprintf("input%d", i)
}

// value is the ONNX name of an activation.
func (c *converter) value(t int) string {
	for i, in := range c.tf.inputs {
		if in == t {
			return c.inputName(i)
		}
	}
	return fmt.Sprintf("t%d", t)
}

// fresh is a new name for an intermediate value or a constant.
func (c *converter) fresh(what string) string {
	c.n++
	return fmt.Sprintf("%s_%d", what, c.n)
}

// add makes a node with one output and returns its new name.
func (c *converter) add(op string, inputs []string, attrs ...onnxAttr) string {
	out := c.fresh(op)
	c.out.node(op, inputs, []string{out}, attrs...)
	return out
}

func (c *converter) floats(shape []int, v ...float32) string {
	name := c.fresh("const")
	c.out.floats(name, shape, v)
	return name
}

func (c *converter) ints(v ...int) string {
	name := c.fresh("ints")
	c.out.ints(name, v)
	return name
}

// constant gives the values of a float tensor that does not depend on the input.
func (c *converter) constant(t int) ([]float32, bool) {
	if v, ok := c.consts[t]; ok {
		return v, true
	}
	tensor := c.tf.tensors[t]
	if tensor.data == nil {
		return nil, false
	}
	v, err := floatsOf(tensor)
	if err != nil {
		return nil, false
	}
	c.consts[t] = v
	return v, true
}

// floatsOf decodes the data of a float32 or float16 tensor.
func floatsOf(t tfTensor) ([]float32, error) {
	n := product(t.shape)
	out := make([]float32, n)
	switch {
	case t.typ == tfFloat32 && len(t.data) == 4*n:
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:]))
		}
	case t.typ == tfFloat16 && len(t.data) == 2*n:
		for i := range out {
			out[i] = float16(binary.LittleEndian.Uint16(t.data[2*i:]))
		}
	default:
		return nil, fmt.Errorf("tensor %q has type %d and %d bytes for shape %v, want float32 or float16",
			t.name, t.typ, len(t.data), t.shape)
	}
	return out, nil
}

// float16 widens an IEEE 754 half-precision number.
func float16(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exp {
	case 0: // zero and subnormal: frac × 2⁻²⁴
		v := math.Float32bits(float32(frac) / (1 << 24))
		return math.Float32frombits(v | sign)
	case 31: // infinite or not a number
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// intsOf decodes the data of a constant int32 tensor.
func intsOf(t tfTensor) ([]int, error) {
	if t.typ != tfInt32 || len(t.data) != 4*product(t.shape) {
		return nil, fmt.Errorf("tensor %q has type %d and %d bytes for shape %v, want constant int32",
			t.name, t.typ, len(t.data), t.shape)
	}
	out := make([]int, len(t.data)/4)
	for i := range out {
		out[i] = int(int32(binary.LittleEndian.Uint32(t.data[4*i:])))
	}
	return out, nil
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// nchwShape reorders a shape of four dimensions and leaves others alone.
func nchwShape(s []int) []int {
	if len(s) != 4 {
		return s
	}
	return []int{s[0], s[3], s[1], s[2]}
}

// nchwData reorders constant data of NHWC shape s.
func nchwData(v []float32, s []int) []float32 {
	out := make([]float32, len(v))
	n, h, w, ch := s[0], s[1], s[2], s[3]
	for i := range n {
		for y := range h {
			for x := range w {
				for k := range ch {
					out[((i*ch+k)*h+y)*w+x] = v[((i*h+y)*w+x)*ch+k]
				}
			}
		}
	}
	return out
}

// toNHWC brings an NCHW value into TFLite's order, s being its NHWC shape. With
// one pixel only both orders are the same and a reshape is enough.
func (c *converter) toNHWC(in string, s []int, out string) {
	if s[1] == 1 && s[2] == 1 {
		c.out.node("Reshape", []string{in, c.ints(s...)}, []string{out})
		return
	}
	c.out.node("Transpose", []string{in}, []string{out}, intsAttr("perm", 0, 2, 3, 1))
}
