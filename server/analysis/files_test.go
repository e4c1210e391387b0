package analysis

import "testing"

// TestFiles runs what reads whole films side by side: they cost a processor
// seconds each, and wait for nothing.
func TestFiles(t *testing.T) {
	for _, one := range []struct {
		name string
		test func(*testing.T)
	}{
		{"document", testDocument},
		{"gaze of moved irises", testGazeOfMovedIrises},
		{"recording", testRecordingIsMeasured},
		{"switch of real faces", testSwitchOfRealFaces},
		{"foreign file", testForeignFileIsMeasured},
		{"holes", testHolesAreToldApart},
		{"one of two people", testOneOfTwoPeople},
		{"foreign sound", testForeignSound},
		{"speaker view", testSpeakerView},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			one.test(t)
		})
	}
}
