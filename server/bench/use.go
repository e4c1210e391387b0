package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of CPU times in /proc (USER_HZ, which is 100 on
// every architecture that Linux reports to programs).
const ticksPerSecond = 100

// use is what a process and the machine had used at an instant.
type use struct {
	at         time.Time
	cpu        time.Duration // of the process, user and system
	rss        int64         // of the process, resident and its own (program and libraries excluded), bytes
	busy, free int64         // of the machine, in ticks of all cores
}

func cores() int { return runtime.NumCPU() }

// readUse reads /proc/PID/stat, /proc/PID/status and /proc/stat (proc(5)).
func readUse(pid int) (use, error) {
	u := use{at: time.Now()}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, fmt.Errorf("reading a process's CPU time: %w", err)
	}
	// The name, in brackets, may hold spaces; utime and stime are fields 14 and 15.
	_, rest, ok := strings.Cut(string(raw), ") ")
	f := strings.Fields(rest)
	if !ok || len(f) < 13 {
		return u, errors.New("reading a process's CPU time: /proc/PID/stat is too short")
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	if raw, err = os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err != nil {
		return u, fmt.Errorf("reading a process's memory: %w", err)
	}
	_, rest, ok = strings.Cut(string(raw), "RssAnon:")
	if f = strings.Fields(rest); !ok || len(f) < 2 {
		return u, errors.New("reading a process's memory: /proc/PID/status has no RssAnon")
	}
	kb, err3 := strconv.ParseInt(f[0], 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil {
		return u, fmt.Errorf("reading what a process uses: %w", err)
	}
	u.cpu = time.Duration(user+system) * time.Second / ticksPerSecond
	u.rss = kb * 1024
	u.busy, u.free, err = machine()
	return u, err
}

// machine reads the first line of /proc/stat: idle and I/O wait are fields 4
// and 5, the rest is work (guest time is part of user time).
func machine() (busy, free int64, err error) {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, fmt.Errorf("reading the machine's idle time: %w", err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	for i, s := range strings.Fields(line) {
		if i == 0 || i > 8 {
			continue
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("reading the machine's idle time: %w", err)
		}
		if i == 4 || i == 5 {
			free += n
		} else {
			busy += n
		}
	}
	return busy, free, nil
}

// idle is how much of the machine was idle between two readings, in percent.
func idle(a, b use) float64 {
	all := (b.busy - a.busy) + (b.free - a.free)
	if all == 0 {
		return 0
	}
	return 100 * float64(b.free-a.free) / float64(all)
}
