package main

import (
	"fmt"
	"image"
	_ "image/jpeg" // the sample pictures
	"math"
	"os"
	"path/filepath"
	"time"

	"bonafide/server/codec"
	"bonafide/server/media/mediatest"
	"bonafide/vision"
)

// Where a face is in one of the sample pictures that `make samples` fetches.
const facePicture = "sample6.jpg"

var faceRect = image.Rect(150, 420, 550, 860)

const (
	videoFPS    = 30
	videoLength = 4 * time.Second // after which it begins again, with a key frame
)

// talkingHead is a made video: a real face that moves about before a wall.
type talkingHead struct {
	width, height int
	frames        []mediatest.Frame
}

// newTalkingHead draws and encodes the video at a size.
func newTalkingHead(models string, width, height, kbps int) (*talkingHead, error) {
	face, err := loadFace(models)
	if err != nil {
		return nil, err
	}
	enc, err := codec.NewVP8Encoder(width, height, videoFPS, kbps)
	if err != nil {
		return nil, err
	}
	defer enc.Close()
	v := &talkingHead{width: width, height: height}
	canvas := image.NewRGBA(image.Rect(0, 0, width, height))
	for n := range int(videoLength * videoFPS / time.Second) {
		at := time.Duration(n) * time.Second / videoFPS
		drawHead(canvas, face, 2*math.Pi*float64(at)/float64(videoLength))
		data, err := enc.Encode(vision.FromImage(canvas, at).Image, n == 0)
		if err != nil {
			return nil, err
		}
		v.frames = append(v.frames, mediatest.Frame{At: at, Duration: time.Second / videoFPS, Key: data[0]&1 == 0, Data: data})
	}
	return v, nil
}

func loadFace(models string) (image.Image, error) {
	f, err := os.Open(filepath.Join(models, facePicture))
	if err != nil {
		return nil, fmt.Errorf("opening a sample picture (run: make samples): %w", err)
	}
	defer f.Close()
	src, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", facePicture, err)
	}
	if !faceRect.In(src.Bounds()) {
		return nil, fmt.Errorf("reading %s: it is %v, which is too small", facePicture, src.Bounds().Size())
	}
	return src, nil
}

// drawHead draws the wall, and the face in the middle, moved by the phase.
func drawHead(dst *image.RGBA, src image.Image, phase float64) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	fh := h * 55 / 100
	fw := fh * faceRect.Dx() / faceRect.Dy()
	x0 := (w-fw)/2 + int(0.08*float64(w)*math.Sin(phase))
	y0 := (h-fh)/2 + int(0.05*float64(h)*math.Sin(2*phase))
	for y := range h {
		for x := range w {
			o := dst.PixOffset(x, y)
			if x >= x0 && x < x0+fw && y >= y0 && y < y0+fh {
				r, g, b, _ := src.At(faceRect.Min.X+(x-x0)*faceRect.Dx()/fw, faceRect.Min.Y+(y-y0)*faceRect.Dy()/fh).RGBA()
				dst.Pix[o], dst.Pix[o+1], dst.Pix[o+2], dst.Pix[o+3] = byte(r>>8), byte(g>>8), byte(b>>8), 255
				continue
			}
			v := byte(120 + 25*math.Sin(float64(x)/37)*math.Cos(float64(y)/53))
			dst.Pix[o], dst.Pix[o+1], dst.Pix[o+2], dst.Pix[o+3] = v, v, v+10, 255
		}
	}
}
