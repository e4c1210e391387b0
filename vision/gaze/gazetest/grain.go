package gazetest

import (
	"image"
	"math/rand/v2"
)

// Grain is the noise of a camera, of up to three grey levels to either side. It
// has one owner.
type Grain struct {
	r     *rand.Rand
	noise []int8
}

// NewGrain makes the noise of pictures of up to so many pixels. The same seed
// gives the same noise.
func NewGrain(seed uint64, pixels int) *Grain {
	g := &Grain{r: rand.New(rand.NewPCG(seed, 8)), noise: make([]int8, 2*pixels)}
	for i := range g.noise {
		g.noise[i] = int8(g.r.IntN(7) - 3)
	}
	return g
}

// Add puts the noise of another instant onto a picture and gives it back.
func (g *Grain) Add(m *image.YCbCr) *image.YCbCr {
	from := g.noise[g.r.IntN(len(g.noise)/2):]
	for i := range m.Y {
		m.Y[i] = uint8(min(max(int(m.Y[i])+int(from[i%len(from)]), 16), 235))
	}
	return m
}
