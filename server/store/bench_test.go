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
