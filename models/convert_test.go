package models

import (
	"encoding/binary"
	"image"
	_ "image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// openSet opens the real models. They are fetched before the tests run.
func openSet(t testing.TB) *Set {
	t.Helper()
	s, err := Open(Dir())
	if err != nil {
		t.Fatalf("%v\n(run: make models)", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func f32(v ...float32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func i32(v ...int32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return b
}

// runGraph converts a graph and runs it. in is in TFLite's NHWC order.
func runGraph(t *testing.T, g *tfGraph, in []float32) map[string][]float32 {
	t.Helper()
	onnx, err := convertGraph(g, "test")
	if err != nil {
		t.Fatal(err)
	}
	shape64 := func(s []int) (out []int64) {
		for _, d := range s {
			out = append(out, int64(d))
		}
		return out
	}
	s := g.tensors[g.inputs[0]].shape
	a := Artifact{Name: "test", Inputs: []Tensor{{"input", shape64(nchwShape(s))}}}
	for _, o := range g.outputs {
		a.Outputs = append(a.Outputs, Tensor{g.tensors[o].name, shape64(g.tensors[o].shape)})
	}
	session, err := newSession(a, onnx)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if len(s) == 4 {
		in = nchwData(in, s)
	}
	out, err := session.Run(in)
	if err != nil {
		t.Fatal(err)
	}
	res := map[string][]float32{}
	for i, o := range a.Outputs {
		res[o.Name] = append([]float32(nil), out[i]...)
	}
	return res
}

// one is a graph of one operator: tensor 0 is the input, the last the output.
func one(op tfOp, tensors ...tfTensor) *tfGraph {
	last := len(tensors) - 1
	tensors[last].name = "out"
	op.outputs = []int{last}
	for i := range last {
		op.inputs = append(op.inputs, i)
	}
	return &tfGraph{tensors: tensors, ops: []tfOp{op}, inputs: []int{0}, outputs: []int{last}}
}

func tensor(data []byte, shape ...int) tfTensor { return tfTensor{shape: shape, data: data} }

func ints(v ...int32) tfTensor {
	return tfTensor{shape: []int{len(v)}, typ: tfInt32, data: i32(v...)}
}

// TestOperators compares each operator with values computed by hand.
func TestOperators(t *testing.T) {
	openSet(t)
	conv := tfOptions{strideW: 1, strideH: 1, dilationW: 1, dilationH: 1}
	with := func(o tfOptions, f func(*tfOptions)) tfOptions { f(&o); return o }
	ramp := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, c := range []struct {
		name     string
		g        *tfGraph
		in, want []float32
	}{
		{"conv 1x1 mixes channels, bias, ReLU",
			one(tfOp{code: opConv2D, opts: with(conv, func(o *tfOptions) { o.activation = 1 })},
				tensor(nil, 1, 1, 2, 2), tensor(f32(1, 10, 1, -1), 2, 1, 1, 2), tensor(f32(0.5, -1), 2), tensor(nil, 1, 1, 2, 2)),
			[]float32{1, 2, 3, 4}, []float32{21.5, 0, 43.5, 0}},
		{"conv 2x2 SAME pads at the end only",
			one(tfOp{code: opConv2D, opts: conv},
				tensor(nil, 1, 3, 3, 1), tensor(f32(1, 10, 100, 1000), 1, 2, 2, 1), tensor(f32(0), 1), tensor(nil, 1, 3, 3, 1)),
			ramp, []float32{5421, 6532, 603, 8754, 9865, 906, 87, 98, 9}},
		{"conv 3x3 stride 2 SAME on an even size pads one, at the end",
			one(tfOp{code: opConv2D, opts: with(conv, func(o *tfOptions) { o.strideH, o.strideW = 2, 2 })},
				tensor(nil, 1, 2, 2, 1), tensor(f32(1, 2, 3, 4, 5, 6, 7, 8, 9), 1, 3, 3, 1), tensor(f32(0), 1), tensor(nil, 1, 1, 1, 1)),
			[]float32{1, 10, 100, 1000}, []float32{1*1 + 2*10 + 4*100 + 5*1000}},
		{"conv VALID with dilation",
			one(tfOp{code: opConv2D, opts: with(conv, func(o *tfOptions) { o.padding, o.dilationW, o.dilationH = 1, 2, 2 })},
				tensor(nil, 1, 3, 3, 1), tensor(f32(1, 10, 100, 1000), 1, 2, 2, 1), tensor(f32(0), 1), tensor(nil, 1, 1, 1, 1)),
			ramp, []float32{1 + 30 + 700 + 9000}},
		{"depthwise, two outputs per channel, ReLU6",
			one(tfOp{code: opDepthwiseConv2D, opts: with(conv, func(o *tfOptions) { o.multiplier, o.activation = 2, 3 })},
				tensor(nil, 1, 1, 1, 2), tensor(f32(1, 2, 3, -4), 1, 1, 1, 4), tensor(f32(0, 0, 0, 1), 4), tensor(nil, 1, 1, 1, 4)),
			[]float32{1, 5}, []float32{1, 2, 6, 0}},
		{"max pool",
			one(tfOp{code: opMaxPool2D, opts: tfOptions{strideW: 2, strideH: 2, filterW: 2, filterH: 2}},
				tensor(nil, 1, 3, 3, 1), tensor(nil, 1, 2, 2, 1)),
			ramp, []float32{5, 6, 8, 9}},
		{"pad of rows and channels",
			one(tfOp{code: opPad}, tensor(nil, 1, 1, 2, 1), ints(0, 0, 1, 0, 0, 0, 0, 1), tensor(nil, 1, 2, 2, 2)),
			[]float32{7, 8}, []float32{0, 0, 0, 0, 7, 0, 8, 0}},
		{"PReLU per channel",
			one(tfOp{code: opPRelu}, tensor(nil, 1, 1, 2, 2), tensor(f32(0.5, -2), 1, 1, 2), tensor(nil, 1, 1, 2, 2)),
			[]float32{-2, -3, 4, 5}, []float32{-1, 6, 4, 5}},
		{"add a constant per channel",
			one(tfOp{code: opAdd}, tensor(nil, 1, 1, 2, 2), tensor(f32(10, 20), 2), tensor(nil, 1, 1, 2, 2)),
			[]float32{1, 2, 3, 4}, []float32{11, 22, 13, 24}},
		{"reshape reads in NHWC order and back",
			one(tfOp{code: opReshape}, tensor(nil, 1, 2, 2, 2), ints(1, 4, 2), tensor(nil, 1, 4, 2)),
			[]float32{1, 2, 3, 4, 5, 6, 7, 8}, []float32{1, 2, 3, 4, 5, 6, 7, 8}},
		{"crop: identity, and half a pixel beyond the border",
			one(tfOp{code: opCustom, custom: "TransformTensorBilinear"}, tensor(nil, 1, 2, 2, 1),
				tensor(f32(1, 0, 0, 0.25, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1), 1, 4, 4), tensor(nil, 1, 2, 2, 1)),
			[]float32{1, 2, 3, 4}, []float32{1.25, 0, 3.25, 0}},
		{"points by a matrix",
			one(tfOp{code: opCustom, custom: "TransformLandmarks"}, tensor(nil, 1, 2, 2),
				tensor(f32(2, 0, 9, 1, 0, 3, 9, -1, 0, 0, 1, 0, 0, 0, 0, 1), 1, 4, 4), tensor(nil, 1, 2, 2)),
			[]float32{1, 1, 5, 10}, []float32{3, 2, 11, 29}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, tn := range c.g.tensors[1 : len(c.g.tensors)-1] {
				if tn.data == nil {
					t.Fatal("constant without data")
				}
			}
			if len(c.g.tensors) > 1 && c.g.ops[0].custom != "" { // the matrix is an activation in real graphs
				addMatrixSource(c.g)
			}
			got := runGraph(t, c.g, c.in)["out"]
			for i, w := range c.want {
				if math.Abs(float64(got[i]-w)) > 1e-5 {
					t.Fatalf("got %v, want %v", got, c.want)
				}
			}
			ref, err := interpret(c.g, c.in)
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range c.want {
				if math.Abs(ref["out"][i]-float64(w)) > 1e-5 {
					t.Fatalf("interpreter got %v, want %v", ref["out"], c.want)
				}
			}
		})
	}
}

// addMatrixSource makes tensor 1 the result of an operator (the old constant
// plus 0), as matrices are in real graphs.
func addMatrixSource(g *tfGraph) {
	n := len(g.tensors)
	g.tensors = append(g.tensors, tfTensor{shape: g.tensors[1].shape}, tensor(f32(0), 1))
	g.ops = append([]tfOp{{code: opAdd, inputs: []int{1, n + 1}, outputs: []int{n}}}, g.ops...)
	g.ops[1].inputs = append([]int(nil), g.ops[1].inputs...)
	g.ops[1].inputs[1] = n
}

func TestLandmarksToMatrix(t *testing.T) {
	openSet(t)
	// The options of the real model's lips, with our own short list of points.
	g := realMesh(t)
	var op tfOp
	for _, o := range g.ops {
		if o.custom == "Landmarks2TransformMatrix" {
			op = o
			break
		}
	}
	g = one(tfOp{code: opCustom, custom: op.custom, customOpts: op.customOpts}, tensor(nil, 1, 468, 3), tensor(nil, 1, 4, 4))
	rng := rand.New(rand.NewPCG(1, 2))
	in := make([]float32, 468*3)
	for i := range in {
		in[i] = rng.Float32() * 48
	}
	got := runGraph(t, g, in)["out"]
	ref, err := interpret(g, in)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range ref["out"] {
		if math.Abs(float64(got[i])-w) > 1e-4 {
			t.Fatalf("got %v, want %v", got, ref["out"])
		}
	}
}

// realMesh parses the attention mesh as packaged.
func realMesh(t *testing.T) *tfGraph {
	t.Helper()
	b := meshSource(t)
	g, err := parseTFLite(b)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestWholeModel compares the converted model with the interpreter on a real
// face and on noise.
func TestWholeModel(t *testing.T) {
	s := openSet(t)
	g := realMesh(t)
	session, err := s.Session(FaceMesh)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	face := sampleFace(t)
	rng := rand.New(rand.NewPCG(3, 4))
	noise := make([]float32, len(face))
	for i := range noise {
		noise[i] = rng.Float32()
	}
	for name, in := range map[string][]float32{"face": face, "noise": noise} {
		ref, err := interpret(g, in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := session.Run(nchwData(in, []int{1, 192, 192, 3}))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := Lookup(FaceMesh)
		for i, o := range a.Outputs {
			var worst float64
			for j, v := range out[i] {
				worst = max(worst, math.Abs(float64(v)-ref[o.Name][j]))
			}
			t.Logf("%s: %s: largest difference %.2g (of %d values)", name, o.Name, worst, len(out[i]))
			// Rounding of float32 at values up to 192 is 1e-5; measured: 7e-5 at most.
			if len(out[i]) != len(ref[o.Name]) || worst > 5e-4 || math.IsNaN(worst) {
				t.Errorf("%s: %s differs by %v", name, o.Name, worst)
			}
		}
		if flag := float64(out[6][0]); name == "face" && 1/(1+math.Exp(-flag)) < 0.9 {
			t.Errorf("face: presence logit %v", flag)
		}
	}
}

// A face in sample6.jpg: the square that holds it.
const sampleX, sampleY, sampleSide = 154, 415, 400

// meshSource is the attention mesh as packaged, before conversion.
func meshSource(t *testing.T) []byte {
	t.Helper()
	a, err := Lookup(faceMeshSource)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(Dir(), a.File))
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	return b
}

// sampleFace cuts the face of a sample photo (its place is known) as 192×192
// RGB values 0..1 in NHWC order.
func sampleFace(t *testing.T) []float32 {
	t.Helper()
	f, err := os.Open(filepath.Join(Dir(), "sample6.jpg"))
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float32, 0, 192*192*3)
	for y := range 192 {
		for x := range 192 {
			r, g, b, _ := img.At(sampleX+x*sampleSide/192, sampleY+y*sampleSide/192).RGBA()
			out = append(out, float32(r)/65535, float32(g)/65535, float32(b)/65535)
		}
	}
	return out
}

func TestParseErrors(t *testing.T) {
	good := meshSource(t)
	if _, err := convertTFLite([]byte("hello world"), "x"); err == nil || !strings.Contains(err.Error(), "TFL3") {
		t.Errorf("no TFLite: %v", err)
	}
	for _, n := range []int{8, 100, 5000, len(good) / 2} {
		if _, err := parseTFLite(good[:n]); err == nil {
			t.Errorf("%d bytes of a model accepted", n)
		}
	}
	g := one(tfOp{code: 99}, tensor(nil, 1), tensor(nil, 1))
	if _, err := convertGraph(g, "x"); err == nil || !strings.Contains(err.Error(), "not supported") {
		t.Errorf("unknown operator: %v", err)
	}
	if _, err := flexMapOf([]byte{1, 2, 3}); err == nil {
		t.Error("flexbuffer of another type accepted")
	}
}

func TestFloat16(t *testing.T) {
	for h, want := range map[uint16]float64{
		0x3c00: 1, 0xc000: -2, 0x0001: math.Pow(2, -24), 0x8000: math.Copysign(0, -1),
		0x7bff: 65504, 0x3555: 0.333251953125, 0x7c00: math.Inf(1),
	} {
		if got := float64(float16(h)); got != want || math.Signbit(got) != math.Signbit(want) {
			t.Errorf("%#04x: %v, want %v", h, got, want)
		}
	}
	if v := float16(0x7e00); v == v {
		t.Error("NaN lost")
	}
}
