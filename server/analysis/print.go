package analysis

import "image"

// Size of a Print in cells.
const (
	printWidth  = 16
	printHeight = 12
	printUnit   = 16 // values in one grey level
)

// Print is a perceptual hash of a picture: the mean luma of a few cells, in
// sixteenths of a grey level. Two pictures of the same scene differ little in
// it however they were coded, and a person who moves changes it.
type Print [printWidth * printHeight]uint16

// NewPrint makes the print of a picture from every second pixel of every
// second row.
func NewPrint(m *image.YCbCr) *Print {
	var p Print
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for cy := range printHeight {
		y0 := cy * h / printHeight
		y1 := max((cy+1)*h/printHeight, y0+1)
		for cx := range printWidth {
			x0 := cx * w / printWidth
			x1 := max((cx+1)*w/printWidth, x0+1)
			sum, n := 0, 0
			for y := y0; y < y1; y += 2 {
				row := m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y+y):]
				for x := x0; x < x1; x += 2 {
					sum += int(row[x])
					n++
				}
			}
			p[cy*printWidth+cx] = uint16(sum * printUnit / max(n, 1))
		}
	}
	return &p
}

// Difference is the mean absolute difference of two prints in grey levels.
func (p *Print) Difference(o *Print) float64 {
	sum := 0
	for i, v := range p {
		d := int(v) - int(o[i])
		sum += max(d, -d)
	}
	return float64(sum) / (printUnit * float64(len(p)))
}
