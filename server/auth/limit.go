package auth

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// RateError says that something was tried too often, and when to try again.
type RateError struct{ After time.Duration }

func (e *RateError) Error() string {
	return fmt.Sprintf("too many attempts; try again in %d s", e.Seconds())
}

// Seconds is the wait in whole seconds, at least one.
func (e *RateError) Seconds() int {
	return max(1, int((e.After+time.Second-1)/time.Second))
}

// limiterKeys bounds the memory of a Limiter.
const limiterKeys = 10000

// Limiter allows each key a burst of attempts, then one every interval. It is
// safe for concurrent use.
type Limiter struct {
	every time.Duration
	burst int
	now   func() time.Time

	mu   sync.Mutex
	keys map[string]*rate.Limiter
}

// NewLimiter returns a Limiter by the clock now (time.Now if nil).
func NewLimiter(every time.Duration, burst int, now func() time.Time) *Limiter {
	if now == nil {
		now = time.Now
	}
	return &Limiter{every: every, burst: burst, now: now, keys: map[string]*rate.Limiter{}}
}

// Take uses up one attempt of the key, or returns a *RateError.
func (l *Limiter) Take(key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	k, ok := l.keys[key]
	if !ok {
		if len(l.keys) >= limiterKeys {
			l.forget(now)
		}
		k = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.keys[key] = k
	}
	r := k.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now) // a refused attempt does not push the next one out
		return &RateError{After: wait}
	}
	return nil
}

// Reset gives the key its full burst back.
func (l *Limiter) Reset(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.keys, key)
}

// forget drops the keys that have recovered; when none has, it drops all,
// because memory must stay bounded.
func (l *Limiter) forget(now time.Time) {
	for key, k := range l.keys {
		if k.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
	if len(l.keys) >= limiterKeys {
		clear(l.keys)
	}
}

// Network is the key of an address for a Limiter: the address itself for IPv4, the /64 that
// a subscriber usually owns for IPv6.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap()
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
}
