package models

import "fmt"

// The three custom operators of the attention mesh, rewritten in standard ONNX
// operators from their definition in MediaPipe (Apache-2.0,
// mediapipe/util/tflite/operations/*.cc, the "v2" of each).

// landmarksToMatrix: [1,N,3] landmarks → [1,4,4] matrix that maps a crop's
// pixels (output_width × output_height) to the landmarks' coordinates. The crop
// is the bounding box of some of the landmarks in a frame rotated so that two
// given ones lie level, enlarged by scale_x and scale_y.
//
// MediaPipe computes the angle and then its sine and cosine; here both are the
// normalised difference of the two landmarks, which is the same number.
func (c *converter) landmarksToMatrix(op tfOp) error {
	o, err := flexMapOf(op.customOpts)
	if err != nil {
		return err
	}
	one := func(key string) float64 {
		if v := o[key]; len(v) == 1 {
			return v[0]
		}
		err = fmt.Errorf("option %q is missing", key)
		return 1
	}
	left, right := int(one("left_rotation_idx")), int(one("right_rotation_idx"))
	w, h := one("output_width"), one("output_height")
	sx, sy := one("scale_x"), one("scale_y")
	target := one("target_rotation_radians")
	if err != nil {
		return err
	}
	in := c.shape(op.inputs[0])
	var subset []int
	for _, v := range append(o["subset_idxs"], float64(left), float64(right)) {
		if v < 0 || len(in) != 3 || int(v) >= in[1] {
			return fmt.Errorf("landmark %v in a tensor of shape %v", v, in)
		}
		subset = append(subset, int(v))
	}
	subset = subset[:len(subset)-2]
	if target != 0 || len(subset) == 0 || w <= 0 || h <= 0 {
		return fmt.Errorf("target rotation %v, %d landmarks, crop %v×%v: not supported", target, len(subset), w, h)
	}

	points := c.value(op.inputs[0])
	pick := func(idx ...int) string { // landmarks by index, without z
		p := c.add("Gather", []string{points, c.ints(idx...)}, intAttr("axis", 1))
		return c.add("MatMul", []string{p, c.floats([]int{3, 2}, 1, 0, 0, 1, 0, 0)})
	}
	diff := c.add("Sub", []string{pick(right), pick(left)})
	length := c.add("ReduceL2", []string{diff}, intsAttr("axes", 2), intAttr("keepdims", 1))
	cosSin := c.add("Div", []string{diff, length}) // [1,1,2]
	// rot = [[cos, −sin], [sin, cos]]: as a matrix it turns by the angle, and a
	// row vector times it is turned back.
	flat := c.add("MatMul", []string{cosSin, c.floats([]int{2, 4}, 1, 0, 0, 1, 0, -1, 1, 0)})
	rot := c.add("Reshape", []string{flat, c.ints(1, 2, 2)})

	level := c.add("MatMul", []string{pick(subset...), rot})
	hi := c.add("ReduceMax", []string{level}, intsAttr("axes", 1), intAttr("keepdims", 1))
	lo := c.add("ReduceMin", []string{level}, intsAttr("axes", 1), intAttr("keepdims", 1))
	middle := c.add("Mul", []string{c.add("Add", []string{hi, lo}), c.floats([]int{1}, 0.5)})
	swap := intsAttr("perm", 0, 2, 1)
	center := c.add("MatMul", []string{rot, c.add("Transpose", []string{middle}, swap)}) // [1,2,1]

	size := c.add("Sub", []string{hi, lo})
	scale := c.add("Mul", []string{size, c.floats([]int{2}, float32(sx/w), float32(sy/h))})
	linear := c.add("Mul", []string{rot, scale}) // columns scaled
	corner := c.add("MatMul", []string{linear, c.floats([]int{2, 1}, float32(-w/2), float32(-h/2))})
	shift := c.add("Add", []string{center, corner})
	rows := c.add("Concat", []string{linear, c.floats([]int{1, 2, 1}, 0, 0), shift}, intAttr("axis", 2))
	c.out.node("Concat", []string{rows, c.floats([]int{1, 2, 4}, 0, 0, 1, 0, 0, 0, 0, 1)},
		[]string{c.value(op.outputs[0])}, intAttr("axis", 1))
	return nil
}

// transformTensor: picture and [1,4,4] matrix → crop of the picture, bilinear;
// a place outside of the outermost pixels' centres gives 0. The matrix maps the
// crop's coordinates to the picture's, pixel centres at +0.5 in both, which is
// GridSample with align_corners = 0; but GridSample lets a border pixel fade
// out over half a pixel where this operator ends at once, hence the mask.
func (c *converter) transformTensor(op tfOp) error {
	if len(op.inputs) != 2 {
		return fmt.Errorf("has %d inputs, want 2", len(op.inputs))
	}
	in, out := c.shape(op.inputs[0]), c.shape(op.outputs[0])
	if len(in) != 4 || len(out) != 4 || in[3] != out[3] {
		return fmt.Errorf("cannot crop %v to %v", in, out)
	}
	h, w := out[1], out[2]
	n := h * w
	places := make([]float32, 4*n) // homogeneous coordinates of the crop's pixels, one per column
	for i := range n {
		places[i] = float32(i%w) + 0.5
		places[n+i] = float32(i/w) + 0.5
		places[3*n+i] = 1
	}
	rows := c.add("Gather", []string{c.value(op.inputs[1]), c.ints(0, 1)}, intAttr("axis", 1))
	at := c.add("MatMul", []string{rows, c.floats([]int{4, n}, places...)}) // [1,2,n]
	pw, ph := float32(in[2]), float32(in[1])

	unit := c.add("Mul", []string{at, c.floats([]int{2, 1}, 2/pw, 2/ph)})
	grid := c.add("Transpose", []string{c.add("Sub", []string{unit, c.floats([]int{1}, 1)})}, intsAttr("perm", 0, 2, 1))
	grid = c.add("Reshape", []string{grid, c.ints(1, h, w, 2)})
	crop := c.add("GridSample", []string{c.value(op.inputs[0]), grid},
		strAttr("mode", "bilinear"), strAttr("padding_mode", "zeros"), intAttr("align_corners", 0))

	above := c.add("GreaterOrEqual", []string{at, c.floats([]int{1}, 0.5)})
	below := c.add("LessOrEqual", []string{at, c.floats([]int{2, 1}, pw-0.5, ph-0.5)})
	inside := c.add("Cast", []string{c.add("And", []string{above, below})}, intAttr("to", onnxFloat))
	mask := c.add("ReduceMin", []string{inside}, intsAttr("axes", 1), intAttr("keepdims", 1))
	mask = c.add("Reshape", []string{mask, c.ints(1, 1, h, w)})
	c.out.node("Mul", []string{crop, mask}, []string{c.value(op.outputs[0])})
	return nil
}

// transformLandmarks: [1,N,2] points and a [1,4,4] matrix → the points mapped
// by the matrix, z taken as 0.
func (c *converter) transformLandmarks(op tfOp) error {
	if len(op.inputs) != 2 {
		return fmt.Errorf("has %d inputs, want 2", len(op.inputs))
	}
	if s := c.shape(op.inputs[0]); len(s) != 3 || s[2] != 2 {
		return fmt.Errorf("points of shape %v, want [1,N,2]", s)
	}
	rows := c.add("Gather", []string{c.value(op.inputs[1]), c.ints(0, 1)}, intAttr("axis", 1))
	columns := c.add("Transpose", []string{rows}, intsAttr("perm", 0, 2, 1)) // [1,4,2]
	points := c.add("MatMul", []string{c.value(op.inputs[0]), c.floats([]int{2, 4}, 1, 0, 0, 0, 0, 1, 0, 0)})
	points = c.add("Add", []string{points, c.floats([]int{4}, 0, 0, 0, 1)})
	c.out.node("MatMul", []string{points, columns}, []string{c.value(op.outputs[0])})
	return nil
}
