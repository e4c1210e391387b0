// Package gallery looks for a face among the templates that are kept across
// interviews: exact nearest neighbours by cosine, over templates of one model
// at a time. It only counts likeness; what a likeness is worth, and who may see
// it, is decided where it is shown.
package gallery

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Template is one face that is kept: an embedding with what it came from.
type Template struct {
	ID        string
	Interview string
	Model     string // SHA-256 of the model file; templates of two models are never compared
	From      string // "enrolled", "document", "picture"
	Vector    []float32
}

// Candidate is a template that a search found alike.
type Candidate struct {
	Template
	Similarity float64 // cosine, -1 to 1
}

// Errors that callers tell apart.
var (
	ErrTwice   = errors.New("a template with this identifier is there already")
	ErrSize    = errors.New("the vector has another length than the model's other templates")
	ErrUnit    = errors.New("the vector is not of length 1")
	ErrNoModel = errors.New("the template does not say which model it came from")
)

// block is how many templates are held in one piece of memory. Blocks are
// searched side by side.
const block = 8192

// shelf holds the templates of one model in rows, so that a search reads
// memory once and in order.
type shelf struct {
	dim    int
	blocks [][]float32 // each of at most block rows of dim values
	rows   []Template  // without vectors; Template i is row i%block of block i/block
	place  map[string]int
}

// Gallery is a set of templates in memory. It may be used from many goroutines.
type Gallery struct {
	mu      sync.RWMutex
	shelves map[string]*shelf // by model
}

// New makes an empty gallery.
func New() *Gallery { return &Gallery{shelves: map[string]*shelf{}} }

// Add puts a template in. Its vector is copied.
func (g *Gallery) Add(t Template) error {
	if t.Model == "" {
		return fmt.Errorf("adding template %q: %w", t.ID, ErrNoModel)
	}
	if !unit(t.Vector) {
		return fmt.Errorf("adding template %q: %w", t.ID, ErrUnit)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.shelves[t.Model]
	if s == nil {
		s = &shelf{dim: len(t.Vector), place: map[string]int{}}
		g.shelves[t.Model] = s
	}
	if len(t.Vector) != s.dim {
		return fmt.Errorf("adding template %q with %d values: %w (%d)", t.ID, len(t.Vector), ErrSize, s.dim)
	}
	if _, there := s.place[t.ID]; there {
		return fmt.Errorf("adding template %q: %w", t.ID, ErrTwice)
	}
	n := len(s.rows)
	if n%block == 0 {
		s.blocks = append(s.blocks, make([]float32, 0, block*s.dim))
	}
	s.blocks[n/block] = append(s.blocks[n/block], t.Vector...)
	s.place[t.ID] = n
	t.Vector = nil
	s.rows = append(s.rows, t)
	return nil
}

// unit reports whether a vector has length 1, as far as single precision tells.
func unit(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Abs(sum-1) < 1e-3
}

// Remove takes a template out and overwrites its values; false where there is
// none with this identifier.
func (g *Gallery) Remove(id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.shelves {
		if i, there := s.place[id]; there {
			s.remove(id, i)
			return true
		}
	}
	return false
}

// remove moves the last template into the place that becomes free.
func (s *shelf) remove(id string, i int) {
	last := len(s.rows) - 1
	copy(s.row(i), s.row(last))
	clear(s.row(last))
	s.rows[i] = s.rows[last]
	s.place[s.rows[i].ID] = i
	delete(s.place, id)
	s.rows[last] = Template{}
	s.rows = s.rows[:last]
	b := &s.blocks[last/block]
	if *b = (*b)[:len(*b)-s.dim]; len(*b) == 0 {
		s.blocks = s.blocks[:last/block]
	}
}

func (s *shelf) row(i int) []float32 {
	at := i % block * s.dim
	return s.blocks[i/block][at : at+s.dim]
}

// Len is how many templates of a model there are.
func (g *Gallery) Len(model string) int {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if s := g.shelves[model]; s != nil {
		return len(s.rows)
	}
	return 0
}

// Search returns the templates of the model that are at least as alike as the
// threshold, most alike first, at most limit of them, and how many templates it
// compared. Templates of the interviews to leave out are passed over. Every
// template is compared: nothing is estimated.
func (g *Gallery) Search(model string, probe []float32, threshold float64, limit int, leaveOut ...string) (found []Candidate, compared int, err error) {
	if !unit(probe) {
		return nil, 0, fmt.Errorf("searching: %w", ErrUnit)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	s := g.shelves[model]
	if s == nil {
		return nil, 0, nil
	}
	if len(probe) != s.dim {
		return nil, 0, fmt.Errorf("searching with %d values: %w (%d)", len(probe), ErrSize, s.dim)
	}
	parts := make([][]Candidate, len(s.blocks))
	var wg sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for b := range s.blocks {
		free <- struct{}{}
		wg.Go(func() {
			parts[b] = s.search(b, probe, threshold, leaveOut)
			<-free
		})
	}
	wg.Wait()
	found = slices.Concat(parts...)
	slices.SortFunc(found, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.ID, b.ID))
	})
	return found[:min(len(found), max(limit, 0))], len(s.rows), nil
}

// search compares the probe with one block.
func (s *shelf) search(b int, probe []float32, threshold float64, leaveOut []string) (out []Candidate) {
	rows := len(s.blocks[b]) / s.dim
	likeness := make([]float32, rows)
	blas32.Gemv(blas.NoTrans, 1, blas32.General{Rows: rows, Cols: s.dim, Stride: s.dim, Data: s.blocks[b]},
		blas32.Vector{N: s.dim, Inc: 1, Data: probe}, 0, blas32.Vector{N: rows, Inc: 1, Data: likeness})
	for i, c := range likeness {
		if t := s.rows[b*block+i]; float64(c) >= threshold && !slices.Contains(leaveOut, t.Interview) {
			out = append(out, Candidate{t, float64(c)})
		}
	}
	return out
}

// MaxExpected is how many false candidates a search may be expected to give
// before the gallery counts as too large for its model.
const MaxExpected = 0.1

// Expected is how many templates of other people a search is expected to find
// alike: the rate at which two people's pictures are at least as alike as the
// threshold, times the templates compared. It takes comparisons as independent,
// as ISO/IEC 19795-1 does for small rates.
func Expected(falseMatchRate float64, templates int) float64 {
	return falseMatchRate * float64(templates)
}

// TooLarge tells that so many templates are more than a search may go over: of
// what it finds too much is chance.
func TooLarge(falseMatchRate float64, templates int) bool {
	return Expected(falseMatchRate, templates) > MaxExpected
}
