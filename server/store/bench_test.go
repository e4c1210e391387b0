package store

import (
	"context"
	"path/filepath"
	"testing"

	"bonafide/server/evidence"
)

// BenchmarkAppend is the time until an entry is on disk, for one caller after
// the other and for many at once, which share the disk's flushes.
func BenchmarkAppend(b *testing.B) {
	entry := evidence.NewEntry{Interview: "i", AtMS: evidence.At(1), Actor: evidence.System, Kind: evidence.EntryAnnotation, Part: evidence.NotePart{Text: "a note"}}
	start := func(b *testing.B) *Store {
		s, err := Open(context.Background(), filepath.Join(b.TempDir(), "a.db"), quiet)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := s.Close(); err != nil {
				b.Error(err)
			}
		})
		return s
	}
	b.Run("one", func(b *testing.B) {
		s := start(b)
		for b.Loop() {
			if _, err := s.Append(context.Background(), entry); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("many", func(b *testing.B) {
		s := start(b)
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Append(context.Background(), entry); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// BenchmarkVerifyLog checks a log of 20,000 entries with parts.
func BenchmarkVerifyLog(b *testing.B) {
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "a.db"), quiet)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const size = 20_000
	batch := make([]evidence.NewEntry, 500)
	for i := range batch {
		batch[i] = evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryAnnotation, Part: evidence.NotePart{Text: "a note"}}
	}
	for range size / len(batch) {
		if _, err := s.Append(context.Background(), batch...); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if r, err := s.VerifyLog(context.Background(), nil); err != nil || r.Size != size || len(r.Faults) != 0 {
			b.Fatalf("%+v, %v", r, err)
		}
	}
	b.ReportMetric(size*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
