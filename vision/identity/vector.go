package identity

import "math"

// Vector is an embedding of Size values and length 1.
type Vector []float32

// Cosine is the likeness of two faces: 1 for the same picture, about 0 for
// different people. Both vectors have length 1.
func Cosine(a, b Vector) float64 {
	var sum float64
	for i := range min(len(a), len(b)) {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// normalised copies a vector to length 1, and gives the length it had; nil
// where that is 0 or no number.
func normalised(v []float32) (Vector, float64) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	length := math.Sqrt(sum)
	if !(length > 1e-6) || math.IsInf(length, 0) {
		return nil, length
	}
	out := make(Vector, len(v))
	for i, x := range v {
		out[i] = float32(float64(x) / length)
	}
	return out, length
}

// Pool joins several pictures of one face: the mean of their vectors, scaled to
// length 1. It is nil where there are none, or where they cancel out.
func Pool(vs ...Vector) Vector {
	if len(vs) == 0 {
		return nil
	}
	sum := make([]float32, len(vs[0]))
	for _, v := range vs {
		for i, x := range v {
			sum[i] += x
		}
	}
	out, _ := normalised(sum)
	return out
}

// Agreement is the least cosine between any two of the vectors, 1 where there
// are fewer than two: whether they all show one face.
func Agreement(vs ...Vector) float64 {
	least := 1.0
	for i, a := range vs {
		for _, b := range vs[:i] {
			least = min(least, Cosine(a, b))
		}
	}
	return least
}
