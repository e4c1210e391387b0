package analysis

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/vision"
)

func TestMessages(t *testing.T) {
	var b bytes.Buffer
	for _, p := range []string{"", "a", strings.Repeat("x", 70_000)} {
		if err := writeMessage(&b, msgStill, []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	whole := b.Bytes()
	r := bufio.NewReader(bytes.NewReader(whole))
	for _, n := range []int{0, 1, 70_000} {
		kind, p, err := readMessage(r)
		if err != nil || kind != msgStill || len(p) != n {
			t.Errorf("message %q of %d bytes, %v; want %d", kind, len(p), err, n)
		}
	}
	if _, _, err := readMessage(r); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	if _, _, err := readMessage(bufio.NewReader(bytes.NewReader(whole[:9]))); err == nil {
		// 5 of the empty message, and part of the next header
		r := bufio.NewReader(bytes.NewReader(whole[:9]))
		readMessage(r)
		if _, _, err := readMessage(r); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut short: %v", err)
		}
	}
	if _, _, err := readMessage(bufio.NewReader(strings.NewReader("r\xff\xff\xff\xff"))); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("far too long: %v", err)
	}
}

// The child says what is wrong with what it is sent, and ends.
func TestChildRefusesGarbage(t *testing.T) {
	hello := encode(control{Do: doHello, Hello: &hello{Interview: "i", Run: "live"}})
	for want, send := range map[string]func(io.Writer){
		"unknown type": func(w io.Writer) { writeMessage(w, 'x', nil) },
		"came before":  func(w io.Writer) { writeMessage(w, msgControl, []byte(`{"do":"tick"}`)) },
		"reading a control": func(w io.Writer) {
			writeMessage(w, msgControl, []byte(`{"do":`))
		},
		"unknown control": func(w io.Writer) {
			writeMessage(w, msgControl, hello)
			writeMessage(w, msgControl, []byte(`{"do":"dance"}`))
		},
		"packet message of 3 bytes": func(w io.Writer) {
			writeMessage(w, msgControl, hello)
			writeMessage(w, msgRTP, []byte("abc"))
		},
		"MIME type": func(w io.Writer) {
			writeMessage(w, msgControl, hello)
			writeMessage(w, msgControl, encode(control{Do: doOpen, Open: &openTrack{MimeType: "video/H264", ClockRate: 90000}}))
		},
		"the server is gone": func(io.Writer) {},
	} {
		var in bytes.Buffer
		send(&in)
		err := RunChild(context.Background(), &in, io.Discard, models.Dir(), testDetectors(), slog.Default())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if err := RunChild(context.Background(), strings.NewReader(""), io.Discard, t.TempDir(), testDetectors(), slog.Default()); err == nil ||
		!strings.Contains(err.Error(), "models fetch") {
		t.Errorf("without models: %v", err)
	}
}

func TestQueueIsBounded(t *testing.T) {
	q := newQueue(3)
	put := func(kind byte, want bool) {
		t.Helper()
		if got := q.put(item{kind: kind}); got != want {
			t.Errorf("put %q: %v, want %v", kind, got, want)
		}
	}
	put(msgRTP, true)
	put(msgControl, true)
	put(msgRTP, true)
	put(msgRTP, true)
	put(msgRTP, false)
	put(msgControl, true)
	order := ""
	for _, it := range q.take() {
		order += string(it.kind)
	}
	if order != "rcrrc" {
		t.Errorf("order %q", order)
	}
	for range maxControls {
		put(msgControl, true)
	}
	if q.overflown() {
		t.Error("overflown too early")
	}
	put(msgControl, false)
	if !q.overflown() {
		t.Error("a refused control went unnoticed")
	}
	q.reset(item{kind: msgControl, data: []byte("hello")})
	put(msgControl, true)
	if waits := q.take(); len(waits) != 2 || string(waits[0].data) != "hello" || q.overflown() {
		t.Errorf("after a reset %d wait, want hello and one more", len(waits))
	}
}

func TestInboxKeepsTheNewestPicture(t *testing.T) {
	b := newInbox()
	frame := func(key string, at time.Duration) { b.put(entry{key: key, frame: &vision.Frame{At: at}}) }
	frame("a", 1)
	b.put(entry{key: "do", do: func() error { return nil }})
	frame("b", 2)
	frame("a", 3)
	frame("a", 4)
	b.close(nil)
	ctx := context.Background()
	type got struct {
		key         string
		at, dropped time.Duration
	}
	for _, want := range []got{{"a", 0, 1}, {"do", 0, 0}, {"b", 2, 0}, {"a", 0, 3}, {"a", 4, 0}} {
		e, err := b.take(ctx)
		g := got{e.key, 0, e.dropped}
		if e.frame != nil {
			g.at = e.frame.At
		}
		if err != nil || g != want {
			t.Errorf("took %+v, %v; want %+v", g, err, want)
		}
	}
	if _, err := b.take(ctx); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	b = newInbox()
	for range maxEntries + 1 {
		b.put(entry{do: func() error { return nil }})
	}
	if _, err := b.take(ctx); err == nil {
		t.Error("an overflowing inbox went unnoticed")
	}
}

func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("c\x00\x00\x00\x02{}"))
	f.Add([]byte("r\x00\x00\x00\x0a0123456789"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		for {
			kind, p, err := readMessage(r)
			if err != nil {
				return
			}
			var w bytes.Buffer
			if err := writeMessage(&w, kind, p); err != nil || !bytes.Contains(b, w.Bytes()) {
				t.Fatalf("message %q of %d bytes is not what was read: %v", kind, len(p), err)
			}
		}
	})
}
