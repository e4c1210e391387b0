package document

import (
	"math"
	"testing"
	"time"

	"bonafide/vision"
)

// at makes a confirmed face of a height about a place.
func at(x, y, height float64) vision.Face {
	w := 0.75 * height
	return vision.Face{
		Box: vision.Rect{X0: x - w/2, Y0: y - height/2, X1: x + w/2, Y1: y + height/2}, Score: 0.9,
		Landmarks: []vision.Point3{{X: x - w/3, Y: y - height/3}, {X: x + w/3, Y: y + height/3}}, Presence: 1,
	}
}

// tremble moves a place as a hand does.
func tremble(i int) (dx, dy float64) { return 4 * math.Sin(float64(i)*1.3), 3 * math.Cos(float64(i)) }

func TestFinder(t *testing.T) {
	const step = 200 * time.Millisecond
	held := func(i int) []vision.Face {
		dx, dy := tremble(i)
		return []vision.Face{at(900+dx, 400+dy, 80)}
	}
	for _, c := range []struct {
		name   string
		main   func(i int) *vision.Face
		others func(i int) []vision.Face // at picture i, five a second, from 0
		found  bool                      // a document at the end, after 8 s
		hidden bool
	}{
		{"nothing", nil, func(int) []vision.Face { return nil }, false, false},
		{"there from the beginning, then taken away and shown again", nil, func(i int) []vision.Face {
			if i >= 10 && i < 15 {
				return nil
			}
			return held(i)
		}, true, false},
		{"there from the beginning, and missed for a moment", nil, func(i int) []vision.Face {
			if i >= 10 && i < 13 {
				return nil
			}
			return held(i)
		}, false, false},
		{"nailed to the wall, and missed for a while", nil, func(i int) []vision.Face {
			if i >= 10 && i < 15 {
				return nil
			}
			return []vision.Face{at(900, 400, 80)}
		}, false, false},
		{"nailed to the wall, with the live face before it for a while", func(i int) *vision.Face {
			f := at(400, 350, 300)
			if i >= 10 && i < 25 {
				f = at(880, 380, 300)
			}
			return &f
		}, func(i int) []vision.Face {
			if i >= 10 && i < 25 {
				return nil
			}
			return held(i)
		}, false, false},
		{"comes after two seconds", nil, func(i int) []vision.Face {
			if i < 10 {
				return nil
			}
			return held(i)
		}, true, false},
		{"there from the beginning, and never elsewhere", nil, held, false, false},
		{"there from the beginning, then brought closer", nil, func(i int) []vision.Face {
			if i < 15 {
				return held(i)
			}
			dx, dy := tremble(i)
			return []vision.Face{at(860+dx, 420+dy, 130)}
		}, true, false},
		{"nailed to the wall, found late", nil, func(i int) []vision.Face {
			if i < 10 {
				return nil
			}
			return []vision.Face{at(900, 400, 80)}
		}, false, false},
		{"as large as the live face", nil, func(i int) []vision.Face {
			if i < 10 {
				return nil
			}
			dx, dy := tremble(i)
			return []vision.Face{at(900+dx, 400+dy, 290)}
		}, false, false},
		{"not confirmed", nil, func(i int) []vision.Face {
			f := held(i)
			f[0].Landmarks = nil
			return f
		}, false, false},
		{"gone again", nil, func(i int) []vision.Face {
			if i < 10 || i > 25 {
				return nil
			}
			return held(i)
		}, false, false},
		{"beside a portrait on the wall", nil, func(i int) []vision.Face {
			wall := []vision.Face{at(200, 150, 90)}
			if i < 10 {
				return wall
			}
			return append(wall, held(i)...)
		}, true, false},
		{"before the live face", func(i int) *vision.Face {
			f := at(400, 350, 300)
			if i >= 10 {
				dx, dy := tremble(i)
				f = at(520+dx, 420+dy, 110)
			}
			return &f
		}, func(int) []vision.Face { return nil }, true, true},
	} {
		f := NewFinder(FinderConfig{})
		var portrait *vision.Face
		for i := range 40 {
			face := at(400, 350, 300)
			main := &face
			if c.main != nil {
				main = c.main(i)
			}
			if _, portrait = f.Look(time.Duration(i)*step, main, c.others(i), true); portrait == nil && f.Hidden() && c.hidden {
				continue
			}
		}
		if got := portrait != nil && f.Sure(); got != c.found || f.Hidden() != c.hidden {
			t.Errorf("%s: found %v, hidden %v; want %v, %v", c.name, got, f.Hidden(), c.found, c.hidden)
		}
	}
}

// In a room that was empty until just before, what is in view at the beginning
// may be a document, if it moves.
func TestFinderOfEmptyRoom(t *testing.T) {
	for _, c := range []struct {
		name    string
		tremble float64
		sure    time.Duration // when it is; 0 = never
	}{
		{"held", 1, 3 * time.Second}, {"nailed to the wall", 0, 0},
	} {
		f := NewFinder(FinderConfig{})
		f.RoomEmpty()
		sure := time.Duration(0)
		for i := range 40 {
			main := at(400, 350, 300)
			dx, dy := tremble(i)
			now := time.Duration(i) * 200 * time.Millisecond
			f.Look(now, &main, []vision.Face{at(900+c.tremble*dx, 400+c.tremble*dy, 80)}, true)
			if f.Sure() && sure == 0 {
				sure = now
			}
		}
		if sure != c.sure || f.InRoom() != (c.sure == 0) {
			t.Errorf("%s: sure at %v, want %v; of the room: %v", c.name, sure, c.sure, f.InRoom())
		}
	}
}

func TestFinderSpeed(t *testing.T) {
	f := NewFinder(FinderConfig{})
	main := at(400, 350, 300)
	for i := range 20 {
		var others []vision.Face
		if i >= 10 {
			others = []vision.Face{at(700+float64(i)*16, 400, 80)}
		}
		f.Look(time.Duration(i)*200*time.Millisecond, &main, others, true)
	}
	if got := f.Speed(); math.Abs(got-1) > 0.01 { // 16 px in 0.2 s are one height of 80 px in a second
		t.Errorf("speed %v, want 1", got)
	}
}

func TestJudge(t *testing.T) {
	for similarity, want := range map[float64]string{
		-1: "unlike", MatchThreshold - MatchUnsure - 0.01: "unlike", MatchThreshold - MatchUnsure: "unsure",
		MatchThreshold: "unsure", MatchThreshold + MatchUnsure - 0.01: "unsure", MatchThreshold + MatchUnsure: "alike", 1: "alike",
	} {
		if got := Judge(similarity, MinUnlike); got != want {
			t.Errorf("%v is %s, want %s", similarity, got, want)
		}
	}
	if got := Judge(-1, MinUnlike-1); got != "unsure" {
		t.Errorf("a small portrait is %s, want unsure", got)
	}
}
