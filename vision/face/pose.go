package face

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"bonafide/vision"
)

// headModel is the part of MediaPipe's canonical face (in centimetres, x to
// the picture's right, y up, z towards the camera) that is rigid enough to tell
// the head's pose, with a weight for each point.
type headModel struct {
	index  []int
	weight []float64
	place  []vision.Point3 // relative to their weighted mean
}

// parseHeadModel reads MediaPipe's GeometryPipelineMetadata message: field 1
// the mesh (field 3: x y z u v per vertex), field 2 the weighted landmarks
// (field 1 index, field 2 weight).
func parseHeadModel(b []byte) (*headModel, error) {
	var vertices []float64
	m := &headModel{}
	err := fields(b, func(num protowire.Number, _ uint64, sub []byte) error {
		switch num {
		case 1:
			return fields(sub, func(num protowire.Number, v uint64, _ []byte) error {
				if num == 3 {
					vertices = append(vertices, float64(math.Float32frombits(uint32(v))))
				}
				return nil
			})
		case 2:
			index, weight := 0, 0.0
			err := fields(sub, func(num protowire.Number, v uint64, _ []byte) error {
				switch num {
				case 1:
					index = int(v)
				case 2:
					weight = float64(math.Float32frombits(uint32(v)))
				}
				return nil
			})
			m.index, m.weight = append(m.index, index), append(m.weight, weight)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the canonical face: %w", err)
	}
	if len(vertices) != 5*vision.MeshPoints || len(m.index) < 4 {
		return nil, fmt.Errorf("reading the canonical face: %d vertex values and %d weighted points, want %d and at least 4",
			len(vertices), len(m.index), 5*vision.MeshPoints)
	}
	for _, i := range m.index {
		if i >= vision.MeshPoints {
			return nil, fmt.Errorf("reading the canonical face: weighted point %d of %d", i, vision.MeshPoints)
		}
		m.place = append(m.place, vision.Point3{X: vertices[5*i], Y: vertices[5*i+1], Z: vertices[5*i+2]})
	}
	mean := m.mean(m.place)
	for i, p := range m.place {
		m.place[i] = vision.Point3{X: p.X - mean.X, Y: p.Y - mean.Y, Z: p.Z - mean.Z}
	}
	return m, nil
}

// fields walks a protobuf message; v is a number, sub a nested message.
func fields(b []byte, f func(num protowire.Number, v uint64, sub []byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var v uint64
		var sub []byte
		switch typ {
		case protowire.Fixed32Type:
			var x uint32
			x, n = protowire.ConsumeFixed32(b)
			v = uint64(x)
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			sub, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, typ, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := f(num, v, sub); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

func (m *headModel) mean(points []vision.Point3) vision.Point3 {
	var out vision.Point3
	var sum float64
	for i, p := range points {
		w := m.weight[i]
		out.X, out.Y, out.Z, sum = out.X+w*p.X, out.Y+w*p.Y, out.Z+w*p.Z, sum+w
	}
	return vision.Point3{X: out.X / sum, Y: out.Y / sum, Z: out.Z / sum}
}

// pose turns the canonical face onto the landmarks with least weighted squared
// error (Horn, "Closed-form solution of absolute orientation using unit
// quaternions", 1987) and reads the angles off the rotation.
func (m *headModel) pose(landmarks []vision.Point3) vision.Pose {
	seen := make([]vision.Point3, len(m.index))
	for i, at := range m.index {
		p := landmarks[at]
		seen[i] = vision.Point3{X: p.X, Y: -p.Y, Z: -p.Z} // into the canonical axes
	}
	mean := m.mean(seen)
	var s [3][3]float64 // correlation of canonical (rows) and seen (columns)
	for i, p := range seen {
		a := [3]float64{m.place[i].X, m.place[i].Y, m.place[i].Z}
		b := [3]float64{p.X - mean.X, p.Y - mean.Y, p.Z - mean.Z}
		for r := range 3 {
			for c := range 3 {
				s[r][c] += m.weight[i] * a[r] * b[c]
			}
		}
	}
	q := largestEigenvector([4][4]float64{
		{s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]},
		{s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]},
		{s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]},
		{s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1]},
	})
	w, x, y, z := q[0], q[1], q[2], q[3]
	// Where the face's own forward (z) and right-hand (x) axes point.
	forward := [3]float64{2 * (x*z + w*y), 2 * (y*z - w*x), 1 - 2*(x*x+y*y)}
	side := [2]float64{1 - 2*(y*y+z*z), 2 * (x*y + w*z)}
	const deg = 180 / math.Pi
	return vision.Pose{
		Yaw:   math.Atan2(forward[0], forward[2]) * deg,
		Pitch: math.Asin(min(max(forward[1], -1), 1)) * deg,
		Roll:  math.Atan2(-side[1], side[0]) * deg,
	}
}

// largestEigenvector of a symmetric matrix, by Jacobi rotations, of length 1.
func largestEigenvector(a [4][4]float64) [4]float64 {
	v := [4][4]float64{{1}, {0, 1}, {0, 0, 1}, {0, 0, 0, 1}}
	for range 12 { // converges quadratically: five sweeps are enough
		for p := range 3 {
			for q := p + 1; q < 4; q++ {
				if math.Abs(a[p][q]) < 1e-300 {
					continue
				}
				theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
				t := math.Copysign(1, theta) / (math.Abs(theta) + math.Hypot(theta, 1))
				c := 1 / math.Hypot(t, 1)
				s := t * c
				for k := range 4 {
					a[k][p], a[k][q] = c*a[k][p]-s*a[k][q], s*a[k][p]+c*a[k][q]
				}
				for k := range 4 {
					a[p][k], a[q][k] = c*a[p][k]-s*a[q][k], s*a[p][k]+c*a[q][k]
				}
				for k := range 4 {
					v[k][p], v[k][q] = c*v[k][p]-s*v[k][q], s*v[k][p]+c*v[k][q]
				}
			}
		}
	}
	best := 0
	for i := range 4 {
		if a[i][i] > a[best][best] {
			best = i
		}
	}
	return [4]float64{v[0][best], v[1][best], v[2][best], v[3][best]}
}
