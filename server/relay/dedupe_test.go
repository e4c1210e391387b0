package relay

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestDedupe(t *testing.T) {
	for _, c := range []struct {
		name string
		seqs []uint16
		want string // f for fresh, r for repeated
	}{
		{"in order", []uint16{1, 2, 3}, "fff"},
		{"repeated", []uint16{1, 1, 2, 1, 2}, "frfrr"},
		{"late", []uint16{1, 3, 2, 2}, "fffr"},
		{"before the first", []uint16{10, 9, 9, 10}, "ffrr"},
		{"wrap", []uint16{65534, 65535, 0, 1, 65535, 0}, "ffffrr"},
		{"wrap with a hole", []uint16{65534, 1, 65535, 0, 0}, "ffffr"},
		{"hole as long as the window", []uint16{0, dedupeWindow, 1, 1, dedupeWindow}, "fffrr"},
		{"older than the window", []uint16{0, dedupeWindow + 5, 3}, "ffr"},
		{"long hole then old", []uint16{0, 30000, 29999, 30000, 29999}, "fffrr"},
	} {
		var d dedupe
		for i, seq := range c.seqs {
			if got := d.fresh(seq); got != (c.want[i] == 'f') {
				t.Errorf("%s: number %d (%d) fresh = %v", c.name, i, seq, got)
			}
		}
	}
}

// Against a plain set, over three wraps, with repetitions and holes.
func TestDedupeAgainstASet(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var d dedupe
	seen := map[uint64]bool{}
	next := uint64(1 << 20)
	for range 250_000 {
		at := next
		if rng.IntN(10) == 0 {
			at -= min(uint64(rng.IntN(dedupeWindow-100)), at)
		} else {
			next += 1 + uint64(rng.IntN(3)/2*rng.IntN(20))
			at = next
		}
		if at < 1<<20 {
			continue
		}
		if got := d.fresh(uint16(at)); got != !seen[at] {
			t.Fatalf("number %d: fresh = %v, seen before = %v", at, got, seen[at])
		}
		seen[at] = true
	}
}

func TestNTPTime(t *testing.T) {
	// RFC 5905's prime epoch is 1900-01-01; 2208988800 s later is 1970.
	got := ntpTime((2208988800+1_700_000_000)<<32 | 1<<31)
	if want := time.Unix(1_700_000_000, 500_000_000); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
