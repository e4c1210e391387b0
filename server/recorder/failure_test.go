package recorder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/webm"
)

// smallDisk has room for a number of bytes over all its files.
type smallDisk struct{ room atomic.Int64 }

type smallDiskFile struct {
	diskFile
	disk *smallDisk
	size int64
}

func (d *smallDisk) create(root *os.Root, name string) (diskFile, error) {
	f, err := createFile(root, name)
	return &smallDiskFile{diskFile: f, disk: d}, err
}

func (f *smallDiskFile) WriteAt(b []byte, at int64) (int, error) {
	if grow := at + int64(len(b)) - f.size; grow > 0 {
		if f.disk.room.Add(-grow) < 0 {
			f.disk.room.Add(grow)
			return 0, syscall.ENOSPC
		}
		f.size += grow
	}
	return f.diskFile.WriteAt(b, at)
}

// TestFullDisk fills the disk for some seconds in mid-recording.
func TestFullDisk(t *testing.T) {
	const length = 20 * sec
	truth := mediatest.Every(sec, 300*time.Millisecond, length)
	disk := &smallDisk{}
	disk.room.Store(60_000)
	r := newRig(t, func(c *Config) { c.create = disk.create })
	r.send("p", sender{source: media.SourceCamera, frames: video(t, 160, 120, length, truth), ssrc: 1, reports: sec})
	r.send("p", sender{source: media.SourceMicrophone, frames: audio(t, length, truth), ssrc: 2, reports: sec})
	var failedAt time.Duration
	for at := time.Duration(0); at < length; at += 100 * time.Millisecond {
		r.at(at, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			if failedAt == 0 && len(r.failures) > 0 {
				failedAt = at
			}
			if failedAt > 0 && at == failedAt+2*sec {
				disk.room.Store(1 << 40)
			}
		})
	}
	r.play()
	r.rec.Finish("iv1", "p")
	if len(r.failures) != 1 || r.failures[0].Code != "disk_full" || !errors.Is(r.failures[0].Err, syscall.ENOSPC) {
		t.Fatalf("failures are %+v, want one disk_full", r.failures)
	}
	if len(r.finished) != 2 || len(r.started) != 2 {
		t.Fatalf("%d files begun, %d finished, want 2: %+v", len(r.started), len(r.finished), r.finished)
	}
	first, second := r.find(r.finished[0]), r.find(r.finished[1])
	if first.Pictures < 30 || second.Pictures < 30 {
		t.Errorf("%d and %d pictures in the files before and after", first.Pictures, second.Pictures)
	}
	hole := r.finished[1].StartMS - r.finished[0].EndMS
	if hole < 4000 || hole > 7000 {
		t.Errorf("nothing was recorded for %d ms, want the pause of 5 s", hole)
	}
	for _, src := range []media.Source{media.SourceCamera, media.SourceMicrophone} {
		gaps := r.gapsOf(src)
		if len(gaps) != 1 || gaps[0].Cause != media.CauseWrite || gaps[0].Packets == 0 {
			t.Fatalf("%s: gaps are %+v, want one for writing", src, gaps)
		}
		if d := (gaps[0].To - gaps[0].From).Milliseconds() - hole; d < -1100 || d > 1100 {
			t.Errorf("%s: the gap is %v, the hole %d ms", src, gaps[0], hole)
		}
	}
	var told bool
	for _, h := range r.health {
		told = told || h.Failed == "disk_full"
	}
	if last := r.health[len(r.health)-1]; !told || last.Failed != "" || last.N != 2 {
		t.Errorf("health told of the failure: %v; at the end it is %+v", told, last)
	}
}

// TestRealFullDisk does the same on a real file system, where that is allowed.
func TestRealFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=32k"); err != nil {
		t.Skipf("mounting a small file system is not allowed here (%v); an injected file stands in", err)
	}
	defer syscall.Unmount(dir, 0)
	r := newRig(t, func(c *Config) { c.Dir = dir })
	r.dir = dir
	r.send("p", sender{source: media.SourceCamera, frames: video(t, 160, 120, 20*sec, nil), ssrc: 1})
	r.play()
	if err := r.rec.Close(); err != nil {
		t.Error(err)
	}
	if len(r.failures) != 1 || r.failures[0].Code != "disk_full" {
		t.Fatalf("failures are %+v, want one disk_full", r.failures)
	}
	if len(r.finished) != 1 {
		t.Fatalf("%d files were finished, want 1: %+v", len(r.finished), r.finished)
	}
	if c := r.find(r.finished[0]); c.Pictures < 30 {
		t.Errorf("%d pictures on the full disk", c.Pictures)
	}
	if gaps := r.gapsOf(media.SourceCamera); len(gaps) != 1 || gaps[0].Cause != media.CauseWrite {
		t.Errorf("gaps are %+v, want one for writing", gaps)
	}
}

// slowFile holds up flushing until it is let go.
type slowFile struct {
	diskFile
	hold chan struct{}
}

func (f slowFile) Sync() error { <-f.hold; return f.diskFile.Sync() }

// TestQueueOverflow holds the disk up for longer than the queue lasts. Whoever
// writes packets must not notice, and the hole must be told of.
func TestQueueOverflow(t *testing.T) {
	hold := make(chan struct{})
	r := newRig(t, func(c *Config) {
		c.QueueLen = 100
		c.create = func(root *os.Root, name string) (diskFile, error) {
			f, err := createFile(root, name)
			return slowFile{f, hold}, err
		}
	})
	const length = 12 * sec
	r.send("p", sender{source: media.SourceMicrophone, frames: audio(t, length, nil), ssrc: 2})
	r.at(sec, func() { r.stuck.Store(true) })
	r.at(8*sec, func() { close(hold); r.drained(); r.stuck.Store(false) })
	r.play()
	r.rec.Finish("iv1", "p")
	c := r.find(r.only())
	gaps := r.gapsOf(media.SourceMicrophone)
	if len(gaps) != 1 || gaps[0].Cause != media.CauseQueue {
		t.Fatalf("gaps are %+v, want one for the queue", gaps)
	}
	if got, sent := c.Packets+gaps[0].Packets, int(length/mediatest.PacketLength); got != sent {
		t.Errorf("%d packets in the file and %d in the gap, of %d sent", c.Packets, gaps[0].Packets, sent)
	}
	if d := gaps[0].To - gaps[0].From - time.Duration(gaps[0].Packets)*mediatest.PacketLength; d < -5*time.Millisecond || d > 5*time.Millisecond {
		t.Errorf("the gap of %d packets lasts %v", gaps[0].Packets, gaps[0].To-gaps[0].From)
	}
}

// childDir tells a test program started by TestKilled where to record.
const childDir = "BONAFIDE_TEST_RECORD"

// TestMain lets the test program be the one that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := recordUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// recordUntilKilled records in real time and says how far it has sent.
func recordUntilKilled(dir string) error {
	epoch := time.Now()
	v, err := openVault(dir)
	if err != nil {
		return err
	}
	rec, err := New(Config{Dir: dir, Vault: v}, slog.New(slog.DiscardHandler), Events{})
	if err != nil {
		return err
	}
	cam, err := mediatest.NewCamera(160, 120, 30, nil)
	if err != nil {
		return err
	}
	pk, err := mediatest.NewPacketizer("video/VP8", 1, 0, 0)
	if err != nil {
		return err
	}
	sink, err := rec.Sink(media.Track{Interview: "iv1", Participant: "p", Source: media.SourceCamera, MimeType: "video/VP8", ClockRate: 90000, Epoch: epoch})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		f, err := cam.Next(n%30 == 0)
		if err != nil {
			return err
		}
		time.Sleep(time.Until(epoch.Add(f.At)))
		for _, p := range pk.Packets(f) {
			sink.WriteRTP(p, time.Now())
		}
		fmt.Println(time.Since(epoch).Milliseconds())
	}
}

// TestKilled kills a recording program, as kill -9 does, and repairs what it
// left: no more than the last second may be gone.
func TestKilled(t *testing.T) {
	for i := range 3 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childDir+"="+dir)
			var out, errOut bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errOut
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1500*time.Millisecond + time.Duration(rand.IntN(1000))*time.Millisecond)
			cmd.Process.Kill()
			cmd.Wait()
			lines := strings.Fields(out.String())
			if len(lines) == 0 {
				t.Fatalf("the program sent nothing: %s", errOut.String())
			}
			sent, _ := strconv.ParseInt(lines[len(lines)-1], 10, 64)
			v, err := openVault(dir)
			if err != nil {
				t.Fatal(err)
			}
			reports, err := RepairDir(context.Background(), dir, v, nil)
			if err != nil || len(reports) != 1 || reports[0].Err != nil {
				t.Fatalf("repairing: %v, %+v", err, reports)
			}
			s := reports[0].Segment
			t.Logf("sent up to %d ms, kept up to %d ms", sent, s.EndMS)
			if s.EndMS < sent-1000 || !s.Repaired || !s.HasVideo || s.HasAudio || s.SHA256 == "" || s.N != 1 {
				t.Errorf("sent up to %d ms, repaired %+v", sent, s)
			}
			c, err := mediatest.Find(plain(t, v, dir, s.File))
			if err != nil || c.Undecodable+c.Damaged > 0 || (c.Start+c.LastPicture).Milliseconds() < sent-1000 {
				t.Errorf("the repaired file: %+v, %v", c, err)
			}
			if again, err := RepairDir(context.Background(), dir, v, nil); err != nil || len(again) != 0 {
				t.Errorf("repairing again: %+v, %v", again, err)
			}
			known := func(file string) bool { return file != s.File }
			if again, err := RepairDir(context.Background(), dir, v, known); err != nil || len(again) != 1 || again[0].Segment.SHA256 != s.SHA256 || again[0].Segment.Repaired {
				t.Errorf("a finished file that the log does not know: %+v, %v", again, err)
			}
		})
	}
}

func TestRepairDirGoesOnAfterAHopelessFile(t *testing.T) {
	dir := t.TempDir()
	if reports, err := RepairDir(context.Background(), filepath.Join(dir, "none"), nil, nil); err != nil || reports != nil {
		t.Errorf("a folder that does not exist: %v, %v", reports, err)
	}
	for name, data := range map[string]string{
		"iv1/a-camera-1.webm": "", "iv1/a-camera-2.webm": "nonsense", "iv1/note.txt": "x", "top.webm": "x",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, "iv1", "b-screen-3.webm"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := webm.NewWriter(f, webm.Header{Start: 7 * sec, Tracks: []webm.Track{{Number: 2, Codec: webm.Opus, Channels: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := w.WriteBlock(webm.Block{Track: 2, At: time.Duration(i) * 20 * time.Millisecond, Key: true, Data: []byte{0xf8, 0xff, 0xfe}}); err != nil {
			t.Fatal(err)
		}
	}
	reports, err := RepairDir(context.Background(), dir, nil, nil)
	if err != nil || len(reports) != 3 {
		t.Fatalf("%d reports, %v: %+v", len(reports), err, reports)
	}
	for _, r := range reports[:2] {
		if !errors.Is(r.Err, webm.ErrNotWebM) {
			t.Errorf("%s: error is %v, want ErrNotWebM", r.Segment.File, r.Err)
		}
	}
	got := reports[2].Segment
	got.Bytes, got.SHA256 = 0, ""
	want := evidence.Segment{Interview: "iv1", Participant: "b", Stream: "screen", N: 3, File: "iv1/b-screen-3.webm", StartMS: 7000, EndMS: 9000, HasAudio: true, Repaired: true}
	if got != want || reports[2].Err != nil {
		t.Errorf("repaired %+v, %v; want %+v", got, reports[2].Err, want)
	}
}
