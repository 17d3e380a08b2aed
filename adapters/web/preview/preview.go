package preview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

const (
	// side is the longest side of what is drawn in pixels: twice what is shown, so that it
	// is sharp on screens with small pixels.
	side    = 400
	quality = 80
	// maxFile is the greatest file in bytes that is looked at, and maxMemory what a picture
	// may take when it is decoded: a usual photo of 50 million pixels.
	maxFile   = 32 << 20
	maxMemory = 96 << 20
	// muchMemory is what a picture may take that is cleared away with everything else.
	muchMemory = 32 << 20
)

// patience is how long one file may take. One of a few megabytes can be made so that it
// takes hours.
const patience = 5 * time.Second

// ErrNone is about what no preview is drawn of: no picture, too large, broken or too slow.
var ErrNone = errors.New("no preview")

// Likely tells whether a file may have a preview, by the media type that it is said to have.
func Likely(mediaType string) bool {
	switch mediaType {
	case "image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp":
		return true
	}
	return false
}

// Draw reads a file and gives a small JPEG of it. An error that is not ErrNone says nothing
// about the file.
func Draw(ctx context.Context, file io.ReadSeeker) ([]byte, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("measure a file: %w", err)
	}
	if size > maxFile {
		return nil, fmt.Errorf("%w: the file is too large", ErrNone)
	}
	content := make([]byte, size)
	if _, err := io.ReadFull(file, content); err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	small, err := drawn(soon, content)
	if gone := ctx.Err(); gone != nil {
		return nil, fmt.Errorf("draw a preview: %w", gone)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	return small, nil
}

func drawn(ctx context.Context, content []byte) (small []byte, err error) {
	// A decoder that stumbles over a file is one that refuses it.
	defer func() {
		if p := recover(); p != nil {
			small, err = nil, fmt.Errorf("a decoder stumbled: %v", p)
		}
	}()
	decode, memory, turned, err := measured(content)
	if err != nil {
		return nil, err
	}
	if memory > maxMemory {
		return nil, errors.New("the picture is too large")
	}
	if memory > muchMemory {
		// Left to itself, what it took would still be there when the next one is decoded.
		defer debug.FreeOSMemory()
	}
	picture, err := decode(until{ctx, bytes.NewReader(content)})
	if err != nil {
		return nil, fmt.Errorf("decode it: %w", err)
	}
	if picture.Bounds().Empty() {
		return nil, errors.New("the picture is empty")
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, turned.turn(shrink(picture)), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode it: %w", err)
	}
	return b.Bytes(), nil
}

// mouthful is how much a decoder gets at once in bytes: a few can keep it busy for long.
const mouthful = 128

// until reads until a context ends: whatever a decoder does, it has to read to go on.
type until struct {
	ctx context.Context //nolint:containedctx // A reader is given none.
	r   io.Reader
}

// Read implements io.Reader.
func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, fmt.Errorf("read on: %w", err)
	}
	return u.r.Read(p[:min(len(p), mouthful)]) //nolint:wrapcheck // A decoder looks for io.EOF itself.
}

// measured finds out what decodes a picture, about how much memory that takes, and how the
// picture is turned, all without decoding it.
func measured(content []byte) (decode func(io.Reader) (image.Image, error), memory int64, turned orientation, err error) {
	var size image.Config
	perPixel, r := int64(4), bytes.NewReader(content)
	switch http.DetectContentType(content) {
	case "image/jpeg":
		memory, turned, err = measuredJPEG(content)
		return jpeg.Decode, memory, turned, err
	case "image/png":
		decode = png.Decode
		size, err = png.DecodeConfig(r)
		// The header's last byte says whether it comes in passes, each a picture of its own.
		if err == nil && content[28] != 0 {
			perPixel *= 2
		}
	case "image/gif":
		// Of many pictures the first is decoded. One that comes in passes is copied.
		decode, perPixel = gif.Decode, 2
		size, err = gif.DecodeConfig(r)
	case "image/webp":
		// There are pictures of pictures in it, for colours and for transparency.
		decode, perPixel = webp.Decode, 8
		size, err = webp.DecodeConfig(r)
	default:
		err = errors.New("it is no picture")
	}
	if err != nil {
		return nil, 0, upright, fmt.Errorf("look at it: %w", err)
	}
	if m := size.ColorModel; m == color.NRGBA64Model || m == color.RGBA64Model || m == color.Gray16Model {
		perPixel *= 2
	}
	return decode, int64(size.Width) * int64(size.Height) * perPixel, upright, nil
}

// shrink makes a picture small, on white where it is transparent: what is black on nothing
// would not be seen on a dark page.
func shrink(m image.Image) *image.RGBA {
	// What is good at it takes memory for each line of what it reads, so that something
	// cheap does the first part for large pictures.
	if to := fit(m.Bounds(), 4*side); to != m.Bounds().Sub(m.Bounds().Min) {
		nearer := image.NewRGBA(to)
		draw.ApproxBiLinear.Scale(nearer, to, m, m.Bounds(), draw.Src, nil)
		m = nearer
	}
	small := image.NewRGBA(fit(m.Bounds(), side))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.BiLinear.Scale(small, small.Bounds(), m, m.Bounds(), draw.Over, nil)
	return small
}

// fit is a picture's size when its longest side has at most so many pixels.
func fit(size image.Rectangle, most int) image.Rectangle {
	w, h := size.Dx(), size.Dy()
	if longest := max(w, h); longest > most {
		w, h = max(1, w*most/longest), max(1, h*most/longest)
	}
	return image.Rect(0, 0, w, h)
}
