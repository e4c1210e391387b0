package media

import "time"

// The window of a minFilter: long enough to hold a packet that met no queue,
// short enough to follow a clock that runs 100 ppm fast or slow within 3 ms.
const (
	minBuckets  = 10
	minBucketOf = 3 * time.Second
)

// minFilter keeps the smallest value of the last 30 s in buckets of 3 s.
type minFilter struct {
	bucket [minBuckets]struct {
		slot int64
		min  time.Duration
		used bool
	}
	newest int64
	any    bool
}

// add notes a value at an instant. Instants more than the window before the
// newest are ignored.
func (f *minFilter) add(at, v time.Duration) {
	slot := int64(at / minBucketOf)
	if f.any && slot <= f.newest-minBuckets {
		return
	}
	if !f.any || slot > f.newest {
		f.newest, f.any = slot, true
	}
	b := &f.bucket[((slot%minBuckets)+minBuckets)%minBuckets]
	if !b.used || b.slot != slot {
		b.slot, b.min, b.used = slot, v, true
		return
	}
	b.min = min(b.min, v)
}

// min gives the smallest value within the window that ends with the newest.
func (f *minFilter) min() (v time.Duration, ok bool) {
	for _, b := range f.bucket {
		if b.used && b.slot > f.newest-minBuckets && (!ok || b.min < v) {
			v, ok = b.min, true
		}
	}
	return v, ok
}

// shift adds s to all values.
func (f *minFilter) shift(s time.Duration) {
	for i := range f.bucket {
		f.bucket[i].min += s
	}
}
