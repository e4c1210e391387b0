package models

import "fmt"

// op converts one operator.
func (c *converter) op(op tfOp) error {
	for _, i := range append(op.inputs[:len(op.inputs):len(op.inputs)], op.outputs...) {
		if i < -1 || i >= len(c.tf.tensors) {
			return fmt.Errorf("refers to tensor %d of %d", i, len(c.tf.tensors))
		}
	}
	if need := map[int]int{opConv2D: 2, opDepthwiseConv2D: 2, opAdd: 2, opMul: 2, opPRelu: 2, opPad: 2, opStridedSlice: 4}[op.code]; len(op.inputs) < max(need, 1) || len(op.outputs) != 1 {
		return fmt.Errorf("has %d inputs and %d outputs", len(op.inputs), len(op.outputs))
	}
	switch op.code {
	case opConv2D, opDepthwiseConv2D:
		return c.conv(op)
	case opAdd:
		return c.binary(op, "Add")
	case opMul:
		return c.binary(op, "Mul")
	case opPRelu:
		return c.prelu(op)
	case opMaxPool2D:
		return c.maxPool(op)
	case opPad:
		return c.pad(op)
	case opReshape:
		return c.reshape(op)
	case opStridedSlice:
		return c.slice(op)
	case opDequantize:
		v, err := floatsOf(c.tf.tensors[op.inputs[0]])
		if err != nil {
			return err
		}
		c.consts[op.outputs[0]] = v
		return nil
	case opCustom:
		switch op.custom {
		case "Landmarks2TransformMatrix":
			return c.landmarksToMatrix(op)
		case "TransformTensorBilinear":
			return c.transformTensor(op)
		case "TransformLandmarks":
			return c.transformLandmarks(op)
		}
	}
	return fmt.Errorf("not supported by this converter")
}

func (c *converter) shape(t int) []int { return c.tf.tensors[t].shape }

// padding gives the begin and end pads of one axis. TFLite's SAME puts the odd
// pixel at the end (right, bottom), so the pads depend on the input's size.
func padding(kind, in, kernel, stride, dilation int) (before, after int) {
	if kind != paddingSame {
		return 0, 0
	}
	out := (in + stride - 1) / stride
	total := max((out-1)*stride+(kernel-1)*dilation+1-in, 0)
	return total / 2, total - total/2
}

// activate adds an operator's fused activation and gives the result its name.
func (c *converter) activate(op tfOp, in string) error {
	out := []string{c.value(op.outputs[0])}
	switch op.opts.activation {
	case 0:
		c.out.node("Identity", []string{in}, out)
	case 1:
		c.out.node("Relu", []string{in}, out)
	case 3:
		c.out.node("Clip", []string{in, c.floats([]int{}, 0), c.floats([]int{}, 6)}, out)
	default:
		return fmt.Errorf("fused activation %d is not supported", op.opts.activation)
	}
	return nil
}

func (c *converter) conv(op tfOp) error {
	in, ws, o := c.shape(op.inputs[0]), c.shape(op.inputs[1]), op.opts
	w, ok := c.constant(op.inputs[1])
	if !ok || len(ws) != 4 || len(in) != 4 {
		return fmt.Errorf("want a picture and constant weights of four dimensions")
	}
	kh, kw, group := ws[1], ws[2], 1
	shape := []int{ws[0], ws[3], kh, kw} // OHWI → OIHW
	if op.code == opDepthwiseConv2D {
		group = in[3]
		shape = []int{ws[3], 1, kh, kw} // 1HWC → C1HW: the same permutation with one input channel
	}
	if o.strideH < 1 || o.strideW < 1 || in[3] != shape[1]*group {
		return fmt.Errorf("weights %v and strides %d,%d do not fit an input of %v", ws, o.strideH, o.strideW, in)
	}
	wn := c.floats(shape, nchwData(w, ws)...)
	inputs := []string{c.value(op.inputs[0]), wn}
	if len(op.inputs) > 2 && op.inputs[2] >= 0 {
		bias, ok := c.constant(op.inputs[2])
		if !ok || len(bias) != shape[0] {
			return fmt.Errorf("bias is not a constant of %d values", shape[0])
		}
		inputs = append(inputs, c.floats([]int{len(bias)}, bias...))
	}
	top, bottom := padding(o.padding, in[1], kh, o.strideH, o.dilationH)
	left, right := padding(o.padding, in[2], kw, o.strideW, o.dilationW)
	return c.activate(op, c.add("Conv", inputs,
		intsAttr("kernel_shape", kh, kw), intsAttr("strides", o.strideH, o.strideW),
		intsAttr("pads", top, left, bottom, right), intsAttr("dilations", o.dilationH, o.dilationW),
		intAttr("group", group)))
}

// operand is the name of one side of an elementwise operator whose result has
// the given rank; a constant is brought into the layout of the result.
func (c *converter) operand(t, rank int) (string, error) {
	s := c.shape(t)
	v, isConst := c.constant(t)
	if !isConst {
		if len(s) != rank {
			return "", fmt.Errorf("operand of shape %v in a result of %d dimensions", s, rank)
		}
		return c.value(t), nil
	}
	if rank != 4 {
		return c.floats(s, v...), nil
	}
	for len(s) < 4 {
		s = append([]int{1}, s...)
	}
	return c.floats(nchwShape(s), nchwData(v, s)...), nil
}

func (c *converter) binary(op tfOp, name string) error {
	rank := len(c.shape(op.outputs[0]))
	a, err := c.operand(op.inputs[0], rank)
	if err != nil {
		return err
	}
	b, err := c.operand(op.inputs[1], rank)
	if err != nil {
		return err
	}
	return c.activate(op, c.add(name, []string{a, b}))
}

func (c *converter) prelu(op tfOp) error {
	slope, err := c.operand(op.inputs[1], len(c.shape(op.inputs[0])))
	if err != nil {
		return err
	}
	c.out.node("PRelu", []string{c.value(op.inputs[0]), slope}, []string{c.value(op.outputs[0])})
	return nil
}

func (c *converter) maxPool(op tfOp) error {
	in, o := c.shape(op.inputs[0]), op.opts
	if len(in) != 4 || min(o.strideH, o.strideW, o.filterH, o.filterW) < 1 {
		return fmt.Errorf("input %v, filter %d×%d, strides %d,%d", in, o.filterH, o.filterW, o.strideH, o.strideW)
	}
	top, bottom := padding(o.padding, in[1], o.filterH, o.strideH, 1)
	left, right := padding(o.padding, in[2], o.filterW, o.strideW, 1)
	return c.activate(op, c.add("MaxPool", []string{c.value(op.inputs[0])},
		intsAttr("kernel_shape", o.filterH, o.filterW), intsAttr("strides", o.strideH, o.strideW),
		intsAttr("pads", top, left, bottom, right)))
}

func (c *converter) pad(op tfOp) error {
	p, err := intsOf(c.tf.tensors[op.inputs[1]])
	if err != nil {
		return err
	}
	rank := len(c.shape(op.inputs[0]))
	if len(p) != 2*rank {
		return fmt.Errorf("%d pads for %d dimensions", len(p), rank)
	}
	order := []int{0, 3, 1, 2}
	if rank != 4 {
		order = order[:0]
		for i := range rank {
			order = append(order, i)
		}
	}
	pads := make([]int, 2*rank)
	for to, from := range order {
		pads[to], pads[rank+to] = p[2*from], p[2*from+1]
	}
	c.out.node("Pad", []string{c.value(op.inputs[0]), c.ints(pads...)}, []string{c.value(op.outputs[0])},
		strAttr("mode", "constant"))
	return nil
}

func (c *converter) reshape(op tfOp) error {
	from, to := c.shape(op.inputs[0]), c.shape(op.outputs[0])
	if product(from) != product(to) {
		return fmt.Errorf("cannot reshape %v to %v", from, to)
	}
	in, out := c.value(op.inputs[0]), c.value(op.outputs[0])
	if len(from) == 4 && from[1]*from[2] != 1 {
		in = c.add("Transpose", []string{in}, intsAttr("perm", 0, 2, 3, 1))
	}
	if len(to) == 4 && to[1]*to[2] != 1 {
		in = c.add("Reshape", []string{in, c.ints(to...)})
		c.out.node("Transpose", []string{in}, []string{out}, intsAttr("perm", 0, 3, 1, 2))
		return nil
	}
	c.out.node("Reshape", []string{in, c.ints(nchwShape(to)...)}, []string{out})
	return nil
}

// slice accepts the one slice that the models contain: all of the tensor.
func (c *converter) slice(op tfOp) error {
	s := c.shape(op.inputs[0])
	begin, err1 := intsOf(c.tf.tensors[op.inputs[1]])
	end, err2 := intsOf(c.tf.tensors[op.inputs[2]])
	step, err3 := intsOf(c.tf.tensors[op.inputs[3]])
	if err1 != nil || err2 != nil || err3 != nil || min(len(begin), len(end), len(step)) < len(s) {
		return fmt.Errorf("begin, end and stride must be constants of %d values", len(s))
	}
	for i, d := range s {
		if begin[i] != 0 || end[i] != d || step[i] != 1 {
			return fmt.Errorf("slice %v:%v:%v of %v: only a whole tensor is supported", begin, end, step, s)
		}
	}
	c.out.node("Identity", []string{c.value(op.inputs[0])}, []string{c.value(op.outputs[0])})
	return nil
}
