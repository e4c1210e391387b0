package models

import (
	"fmt"
	"math"
)

// interpret runs a TFLite graph as TFLite defines its operators: NHWC, plain
// loops, sums in float64. It shares nothing with the converter but the parsed
// file, so agreement of the two is evidence for both. It is slow.
func interpret(g *tfGraph, input []float32) (map[string][]float64, error) {
	vals := make([][]float64, len(g.tensors))
	for i, t := range g.tensors {
		if t.data == nil || t.typ == tfInt32 {
			continue
		}
		f, err := floatsOf(t)
		if err != nil {
			return nil, err
		}
		vals[i] = widen(f)
	}
	vals[g.inputs[0]] = widen(input)
	for i, op := range g.ops {
		out, err := interpretOp(g, op, vals)
		if err != nil {
			return nil, fmt.Errorf("op %d: %w", i, err)
		}
		for j, v := range out {
			switch {
			case op.opts.activation == 1:
				out[j] = max(v, 0)
			case op.opts.activation == 3:
				out[j] = min(max(v, 0), 6)
			}
		}
		vals[op.outputs[0]] = out
	}
	res := map[string][]float64{}
	for _, o := range g.outputs {
		res[g.tensors[o].name] = vals[o]
	}
	return res, nil
}

func widen(f []float32) []float64 {
	out := make([]float64, len(f))
	for i, v := range f {
		out[i] = float64(v)
	}
	return out
}

func interpretOp(g *tfGraph, op tfOp, vals [][]float64) ([]float64, error) {
	shape := func(i int) []int { return g.tensors[i].shape }
	in, out := op.inputs, op.outputs[0]
	x := vals[in[0]]
	switch op.code {
	case opDequantize, opReshape, opStridedSlice:
		return x, nil
	case opConv2D, opDepthwiseConv2D:
		return interpretConv(op, x, shape(in[0]), vals[in[1]], shape(in[1]), vals[in[2]], shape(out)), nil
	case opMaxPool2D:
		return interpretPool(op, x, shape(in[0]), shape(out)), nil
	case opAdd, opMul:
		y := vals[in[1]]
		res := make([]float64, max(len(x), len(y)))
		for i := range res { // every broadcast here repeats a suffix of the shape
			if op.code == opAdd {
				res[i] = x[i%len(x)] + y[i%len(y)]
			} else {
				res[i] = x[i%len(x)] * y[i%len(y)]
			}
		}
		return res, nil
	case opPRelu:
		a := vals[in[1]]
		res := make([]float64, len(x))
		for i, v := range x {
			res[i] = v
			if v < 0 {
				res[i] = v * a[i%len(a)]
			}
		}
		return res, nil
	case opPad:
		p, err := intsOf(g.tensors[in[1]])
		if err != nil {
			return nil, err
		}
		s, o := shape(in[0]), shape(out)
		res := make([]float64, product(o))
		for i, v := range x {
			c, w, h := i%s[3], i/s[3]%s[2], i/s[3]/s[2]%s[1]
			res[((h+p[2])*o[2]+w+p[4])*o[3]+c+p[6]] = v
		}
		return res, nil
	case opCustom:
		switch op.custom {
		case "Landmarks2TransformMatrix":
			return interpretMatrix(op, x)
		case "TransformTensorBilinear":
			return interpretCrop(x, shape(in[0]), vals[in[1]], shape(out)), nil
		case "TransformLandmarks":
			m := vals[in[1]]
			res := make([]float64, len(x))
			for i := 0; i < len(x); i += 2 {
				res[i] = m[0]*x[i] + m[1]*x[i+1] + m[3]
				res[i+1] = m[4]*x[i] + m[5]*x[i+1] + m[7]
			}
			return res, nil
		}
	}
	return nil, fmt.Errorf("code %d %s", op.code, op.custom)
}

// before is how many rows or columns SAME padding puts in front.
func before(op tfOp, in, out, kernel, stride, dilation int) int {
	if op.opts.padding != paddingSame {
		return 0
	}
	return max(0, (out-1)*stride+(kernel-1)*dilation+1-in) / 2
}

func interpretConv(op tfOp, x []float64, s []int, w []float64, ws []int, bias []float64, o []int) []float64 {
	p := op.opts
	top := before(op, s[1], o[1], ws[1], p.strideH, p.dilationH)
	left := before(op, s[2], o[2], ws[2], p.strideW, p.dilationW)
	res := make([]float64, product(o))
	for oy := range o[1] {
		for ox := range o[2] {
			for oc := range o[3] {
				acc := bias[oc]
				for ky := range ws[1] {
					iy := oy*p.strideH + ky*p.dilationH - top
					for kx := range ws[2] {
						ix := ox*p.strideW + kx*p.dilationW - left
						if iy < 0 || iy >= s[1] || ix < 0 || ix >= s[2] {
							continue
						}
						px := x[(iy*s[2]+ix)*s[3]:]
						if op.code == opDepthwiseConv2D {
							acc += px[oc/(o[3]/s[3])] * w[(ky*ws[2]+kx)*ws[3]+oc]
							continue
						}
						k := w[((oc*ws[1]+ky)*ws[2]+kx)*ws[3]:]
						for ic := range s[3] {
							acc += px[ic] * k[ic]
						}
					}
				}
				res[(oy*o[2]+ox)*o[3]+oc] = acc
			}
		}
	}
	return res
}

func interpretPool(op tfOp, x []float64, s, o []int) []float64 {
	p := op.opts
	top, left := before(op, s[1], o[1], p.filterH, p.strideH, 1), before(op, s[2], o[2], p.filterW, p.strideW, 1)
	res := make([]float64, product(o))
	for i := range res {
		c, ox, oy := i%o[3], i/o[3]%o[2], i/o[3]/o[2]
		res[i] = math.Inf(-1)
		for y := max(0, oy*p.strideH-top); y < min(s[1], oy*p.strideH-top+p.filterH); y++ {
			for xx := max(0, ox*p.strideW-left); xx < min(s[2], ox*p.strideW-left+p.filterW); xx++ {
				res[i] = max(res[i], x[(y*s[2]+xx)*s[3]+c])
			}
		}
	}
	return res
}

// interpretMatrix follows the definition with the angle and its sine and cosine.
func interpretMatrix(op tfOp, lm []float64) ([]float64, error) {
	o, err := flexMapOf(op.customOpts)
	if err != nil {
		return nil, err
	}
	l, r := int(o["left_rotation_idx"][0])*3, int(o["right_rotation_idx"][0])*3
	angle := math.Atan2(lm[r+1]-lm[l+1], lm[r]-lm[l])
	turn := o["target_rotation_radians"][0] - angle
	sin, cos := math.Sincos(turn)
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, i := range o["subset_idxs"] {
		px, py := lm[int(i)*3], lm[int(i)*3+1]
		x, y := cos*px-sin*py, sin*px+cos*py
		x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
	}
	sin, cos = math.Sincos(-turn)
	mx, my := (x0+x1)/2, (y0+y1)/2
	cx, cy := cos*mx-sin*my, sin*mx+cos*my
	w, h := o["output_width"][0], o["output_height"][0]
	sx, sy := o["scale_x"][0]*(x1-x0)/w, o["scale_y"][0]*(y1-y0)/h
	a, b, d, e := cos*sx, -sin*sy, sin*sx, cos*sy
	return []float64{
		a, b, 0, cx - a*w/2 - b*h/2,
		d, e, 0, cy - d*w/2 - e*h/2,
		0, 0, 1, 0,
		0, 0, 0, 1,
	}, nil
}

func interpretCrop(x []float64, s []int, m []float64, o []int) []float64 {
	res := make([]float64, product(o))
	at := func(y, xx, c int) float64 {
		if y < 0 || xx < 0 || y >= s[1] || xx >= s[2] {
			return 0
		}
		return x[(y*s[2]+xx)*s[3]+c]
	}
	for i := range res {
		c, ox, oy := i%o[3], float64(i/o[3]%o[2])+0.5, float64(i/o[3]/o[2])+0.5
		tx := m[0]*ox + m[1]*oy + m[3] - 0.5
		ty := m[4]*ox + m[5]*oy + m[7] - 0.5
		if tx < 0 || ty < 0 || tx > float64(s[2]-1) || ty > float64(s[1]-1) {
			continue
		}
		fx, fy := math.Floor(tx), math.Floor(ty)
		x0, y0 := int(fx), int(fy)
		fx, fy = tx-fx, ty-fy
		res[i] = (1-fy)*((1-fx)*at(y0, x0, c)+fx*at(y0, x0+1, c)) + fy*((1-fx)*at(y0+1, x0, c)+fx*at(y0+1, x0+1, c))
	}
	return res
}
