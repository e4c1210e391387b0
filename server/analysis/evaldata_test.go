package analysis

import (
	"os"
	"testing"
)

// evaluationData is the folder of evaluation data; without one the test is
// skipped, and says so.
func evaluationData(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("BONAFIDE_EVAL")
	if dir == "" {
		t.Skip("BONAFIDE_EVAL is not set: no evaluation data")
	}
	return dir
}
