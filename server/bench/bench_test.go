package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// TestMain makes the test binary the bench's child processes too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == relayArg || os.Args[1] == analyzerArg) {
		if err := dispatch(os.Args[1:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// rows are the cells of a printed table's body.
func rows(text string) (all []map[string]string) {
	var head []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			head = nil
			continue
		}
		var cells []string
		for _, c := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		switch {
		case head == nil:
			head = cells
		case strings.HasPrefix(cells[0], "-"):
		default:
			row := map[string]string{}
			for i, c := range cells {
				row[head[i]] = c
			}
			all = append(all, row)
		}
	}
	return all
}

func TestQuickRelay(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"-quick", "-only", "relay"}, &out); err != nil {
		t.Fatal(err)
	}
	got := rows(out.String())
	if len(got) != 2 {
		t.Fatalf("%d rows, want a clean one and one with losses:\n%s", len(got), out.String())
	}
	for i, r := range got {
		for column, want := range map[string]string{"duplicates": "0", "had": "0"} {
			if r[column] != want {
				t.Errorf("row %d: %s is %s, want %s\n%s", i, column, r[column], want, out.String())
			}
		}
		if r["egress Mbit/s"] < "1" || r["sinks dropped"] == "0" {
			t.Errorf("row %d is not that of a call whose sinks do not drain:\n%s", i, out.String())
		}
	}
	if got[0]["video missing %"] != "0.00" || got[0]["asked"] != "0" {
		t.Errorf("packets are missing without losses:\n%s", out.String())
	}
	if got[1]["asked"] == "0" {
		t.Errorf("nothing was asked for again in spite of losses:\n%s", out.String())
	}
}

func TestQuickAnalysis(t *testing.T) {
	dir := filepath.Join("..", "..", "models", "data")
	for _, f := range []string{facePicture, "fr_detect.onnx"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Skipf("%v (run: make models samples)", err)
		}
	}
	var out bytes.Buffer
	if err := run([]string{"-quick", "-only", "analysis", "-models", dir}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"decode pictures", "landmarks of the face", "find speech", "gaze over time", "compare the face", "faces and links only: ", "all: ", "live interviews"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in what was printed:\n%s", want, out.String())
		}
	}
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]string{"-only all": "-only", "-dur 10ms": "-dur", "-dur 1h": "-dur"} {
		err := run(strings.Fields(args), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not name %s", args, err, want)
		}
	}
}

func TestMarks(t *testing.T) {
	b := make([]byte, 100)
	want := mark{publisher: 7, kind: markAudio, measured: true, number: 1 << 31, sent: time.Hour}
	want.put(b[len(b)-markSize:])
	if got, ok := readMark(b); !ok || got != want {
		t.Errorf("mark %+v came back as %+v, %v", want, got, ok)
	}
	if _, ok := readMark(b[:len(b)-1]); ok {
		t.Error("a payload without a mark has one")
	}
	tl := newTally()
	now := processStart.Add(time.Hour + 5*time.Millisecond)
	p := &rtp.Packet{Header: rtp.Header{SSRC: 5, SequenceNumber: 9}, Payload: b}
	tl.take(p, now)
	tl.take(p, now)
	tl.ask(5, 9)
	tl.take(p, now)
	if tl.unique != [2]int{0, 1} || tl.duplicates != 1 || tl.crossed != 1 || tl.latencies[0] != 5*time.Millisecond {
		t.Errorf("one packet and its repetition count as %+v", tl)
	}
}
