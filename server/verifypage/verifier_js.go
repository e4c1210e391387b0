//go:build js && wasm

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"syscall/js"
	"time"

	"bonafide/server/audit"
)

// main gives the page its one function, verifyBundle(file, receipts, keys,
// progress), and stays for as long as the page is open. file is a Blob,
// receipts (or certificates of time-stamp authorities) are Uint8Arrays, keys (of the log or of witnesses) are strings, progress is called with bytes
// done and in all. The promise that it returns gives what page.html shows, or
// is rejected with a sentence.
func main() {
	js.Global().Set("verifyBundle", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return promise(func() (any, error) { return verify(args[0], args[1], args[2], args[3]) })
	}))
	select {}
}

// promise runs work beside the page's own event loop, which it may wait for.
func promise(work func() (any, error)) js.Value {
	var executor js.Func
	executor = js.FuncOf(func(_ js.Value, args []js.Value) any {
		resolve, reject := args[0], args[1]
		go func() { // ends with the work; the promise is its owner
			defer executor.Release()
			out, err := work()
			if err != nil {
				reject.Invoke(js.Global().Get("Error").New(err.Error()))
				return
			}
			resolve.Invoke(out)
		}()
		return nil
	})
	return js.Global().Get("Promise").New(executor)
}

func verify(file, receipts, keys, progress js.Value) (any, error) {
	opts := audit.Options{}
	var certificates []byte
	for i := range receipts.Length() {
		text := bytesOf(receipts.Index(i))
		if bytes.Contains(text, []byte("-----BEGIN CERTIFICATE-----")) {
			certificates = append(append(certificates, text...), '\n')
			continue
		}
		opts.Anchors = append(opts.Anchors, text)
	}
	if certificates != nil {
		var err error
		if opts.Roots, err = audit.ParseRoots(certificates); err != nil {
			return nil, err
		}
	}
	for i := range keys.Length() {
		key := keys.Index(i).String()
		if w, err := audit.ParseWitnessKey(key); err == nil {
			opts.Witnesses = append(opts.Witnesses, w)
			continue
		} else if !errors.Is(err, audit.ErrNotAWitness) {
			return nil, err
		}
		if err := audit.CheckKey(key); err != nil {
			return nil, err
		}
		opts.Keys = append(opts.Keys, key)
	}
	shown := time.Now()
	opts.Progress = func(done, total int64) {
		if time.Since(shown) < 100*time.Millisecond {
			return
		}
		shown = time.Now()
		progress.Invoke(float64(done), float64(total))
	}
	b := &blob{value: file, size: int64(file.Get("size").Float())}
	begun := time.Now()
	v, err := audit.CheckBundle(context.Background(), b, b.size, opts)
	if b.err != nil {
		return nil, b.err // what could not be read was not checked
	}
	if err != nil {
		return nil, err
	}
	lines := make([]any, len(v.Lines))
	for i, l := range v.Lines {
		lines[i] = map[string]any{"status": string(l.Status), "text": l.Text}
	}
	own := make([]any, len(v.Keys))
	for i, k := range v.Keys {
		own[i] = k
	}
	out := map[string]any{
		"ok": v.OK(), "whole": v.Whole(), "interview": v.Interview, "lines": lines, "keys": own, "worth": v.Worth(),
		"bytes": float64(v.Bytes), "ms": float64(time.Since(begun).Milliseconds()), "checkpoint": "",
	}
	if v.Newest.Origin != "" {
		out["checkpoint"] = fmt.Sprintf("%d entries, root %s", v.Newest.Size, v.Newest.Root)
	}
	return out, nil
}

// bytesOf copies a Uint8Array.
func bytesOf(array js.Value) []byte {
	out := make([]byte, array.Get("length").Int())
	js.CopyBytesToGo(out, array)
	return out
}

// window is what is read of a file at a time, in bytes: reading is a round
// trip through the page's event loop, and costs about the same for any size.
const window = 4 << 20

// blob reads a file that a person chose. It keeps the two windows read last,
// since a zip's directory and its content are read in turn.
type blob struct {
	value js.Value
	size  int64
	kept  [2]struct {
		at   int64
		data []byte
	}
	err error
}

// ReadAt reads at an offset, as io.ReaderAt wants it.
func (b *blob) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		if at >= b.size {
			return n, io.EOF
		}
		data, err := b.window(at - at%window)
		if err != nil {
			b.err = err
			return n, err
		}
		part := data[at%window:]
		c := copy(p[n:], part)
		n += c
		at += int64(c)
	}
	return n, nil
}

func (b *blob) window(at int64) ([]byte, error) {
	for i, k := range b.kept {
		if k.data != nil && k.at == at {
			b.kept[0], b.kept[1] = b.kept[i], b.kept[1-i]
			return k.data, nil
		}
	}
	end := min(at+window, b.size)
	buffer, err := await(b.value.Call("slice", float64(at), float64(end)).Call("arrayBuffer"))
	if err != nil {
		return nil, fmt.Errorf("reading the bundle at byte %d: %w", at, err)
	}
	data := bytesOf(js.Global().Get("Uint8Array").New(buffer))
	if int64(len(data)) != end-at {
		return nil, fmt.Errorf("reading the bundle at byte %d: %d bytes came instead of %d; was the file changed meanwhile?", at, len(data), end-at)
	}
	b.kept[1] = b.kept[0]
	b.kept[0].at, b.kept[0].data = at, data
	return data, nil
}

// await waits for a promise without stopping the page.
func await(p js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	settled := make(chan outcome, 1)
	kept := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{value: args[0]}
		return nil
	})
	defer kept.Release()
	failed := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{err: fmt.Errorf("%s", args[0].Call("toString").String())}
		return nil
	})
	defer failed.Release()
	p.Call("then", kept, failed)
	o := <-settled
	return o.value, o.err
}
