package preview

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"maps"
	"strings"
	"testing"
	"time"
)

var (
	red, green = color.RGBA{220, 20, 20, 255}, color.RGBA{20, 180, 20, 255}
	blue, grey = color.RGBA{20, 20, 220, 255}, color.RGBA{120, 120, 120, 255}
)

// quarters is a picture with a colour in each corner.
func quarters(w, h int) *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{red, green, blue, grey})
	for y := range h {
		for x := range w {
			m.SetColorIndex(x, y, uint8(2*(2*y/h)+2*x/w))
		}
	}
	return m
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// written are the kinds of pictures as files.
func written(t testing.TB, m image.Image) map[string][]byte {
	t.Helper()
	var asPNG, asJPEG, asGIF bytes.Buffer
	must(t, png.Encode(&asPNG, m))
	must(t, jpeg.Encode(&asJPEG, m, nil))
	must(t, gif.Encode(&asGIF, m, &gif.Options{NumColors: 4}))
	return map[string][]byte{"PNG": asPNG.Bytes(), "JPEG": asJPEG.Bytes(), "GIF": asGIF.Bytes()}
}

// webps are a pixel each, as nothing here writes any.
func webps(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for name, text := range map[string]string{
		"WebP":              "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
		"WebP without loss": "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
	} {
		content, err := base64.StdEncoding.DecodeString(text)
		must(t, err)
		out[name] = content
	}
	return out
}

func draws(t *testing.T, content []byte) image.Image {
	t.Helper()
	small, err := Draw(t.Context(), bytes.NewReader(content))
	must(t, err)
	m, err := jpeg.Decode(bytes.NewReader(small))
	must(t, err)
	return m
}

// near tells whether a colour is about another.
func near(got color.Color, want color.RGBA) bool {
	r, g, b, _ := got.RGBA()
	off := func(x uint32, y uint8) bool { return max(int(x>>8), int(y))-min(int(x>>8), int(y)) > 24 }
	return !off(r, want.R) && !off(g, want.G) && !off(b, want.B)
}

// corners are the colours near the corners, by rows.
func corners(m image.Image) [4]color.Color {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	return [4]color.Color{m.At(w/4, h/4), m.At(3*w/4, h/4), m.At(w/4, 3*h/4), m.At(3*w/4, 3*h/4)}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, size := range [][4]int{{1640, 164, 400, 40}, {600, 800, 300, 400}, {40, 30, 40, 30}, {400, 400, 400, 400}, {1, 5000, 1, 400}, {1601, 2, 400, 1}} {
		for kind, content := range written(t, quarters(size[0], size[1])) {
			m := draws(t, content)
			if got := m.Bounds().Size(); got != image.Pt(size[2], size[3]) {
				t.Errorf("a %s of %dx%d is shown as %v", kind, size[0], size[1], got)
			}
			if size[2] < 40 || size[3] < 30 {
				continue
			}
			for n, want := range [4]color.RGBA{red, green, blue, grey} {
				if got := corners(m)[n]; !near(got, want) {
					t.Errorf("corner %d of the %s of %dx%d is %v, not %v", n, kind, size[0], size[1], got, want)
				}
			}
		}
	}
	for kind, content := range webps(t) {
		if got := draws(t, content).Bounds().Size(); got != image.Pt(1, 1) {
			t.Errorf("the %s is shown as %v", kind, got)
		}
	}
}

// TestGround: black on nothing is black on white.
func TestGround(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA(image.Rect(0, 0, 80, 60))
	for y := range 60 {
		for x := range 40 {
			m.SetNRGBA(x, y, color.NRGBA{0, 0, 0, 255})
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	got := draws(t, b.Bytes())
	if !near(got.At(10, 30), color.RGBA{0, 0, 0, 255}) || !near(got.At(70, 30), color.RGBA{255, 255, 255, 255}) {
		t.Errorf("it is %v on %v", got.At(10, 30), got.At(70, 30))
	}
}

// held puts into a JPEG how the camera was held, and where.
func held(content []byte, o uint16, order binary.AppendByteOrder) []byte {
	tags := []byte("Exif\x00\x00II*\x00")
	if order.String() == "BigEndian" {
		tags = []byte("Exif\x00\x00MM\x00*")
	}
	tags = order.AppendUint32(tags, 8)
	tags = order.AppendUint16(tags, 2)
	for _, tag := range [][2]uint16{{0x010f, 7}, {0x0112, o}} {
		tags = order.AppendUint16(tags, tag[0])
		tags = order.AppendUint16(tags, 3)
		tags = order.AppendUint32(tags, 1)
		tags = order.AppendUint16(tags, tag[1])
		tags = append(tags, 0, 0)
	}
	tags = append(tags, "somewhere"...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, app1}, uint16(len(tags)+2))
	return append(append([]byte("\xff\xd8"), append(segment, tags...)...), content[2:]...)
}

// TestHeldCamera: a photo is shown as it was seen, however the camera was held, and nothing
// that the camera wrote beside it is shown.
func TestHeldCamera(t *testing.T) {
	t.Parallel()
	upright := written(t, quarters(80, 60))["JPEG"]
	// Where the colours that are stored first, in a row, are seen: by Exif's definition of
	// where the first row and the first column are.
	for o, seen := range map[uint16][2]int{0: {0, 1}, 1: {0, 1}, 2: {1, 0}, 3: {3, 2}, 4: {2, 3}, 5: {0, 2}, 6: {1, 3}, 7: {3, 1}, 8: {2, 0}, 9: {0, 1}, 999: {0, 1}} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			content := held(upright, o, order)
			m := draws(t, content)
			want := image.Pt(80, 60)
			if o >= 5 && o <= 8 {
				want = image.Pt(60, 80)
			}
			at := corners(m)
			if got := m.Bounds().Size(); got != want || !near(at[seen[0]], red) || !near(at[seen[1]], green) {
				t.Errorf("held as %d in %v it is %v: %v", o, order, got, at)
			}
			small, err := Draw(t.Context(), bytes.NewReader(content))
			if must(t, err); bytes.Contains(small, []byte("Exif")) || bytes.Contains(small, []byte("somewhere")) {
				t.Errorf("it tells what the camera wrote")
			}
		}
	}
}

// headOf is a PNG of a size without its pixels.
func headOf(w, h uint32, depth, colors, passes byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	head = append(head, depth, colors, 0, 0, passes)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

// frameOf is the beginning of a JPEG of a size.
func frameOf(marker byte, w, h uint16, parts ...byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, marker}, uint16(8+3*len(parts)))
	head = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(append(head, 8), h), w)
	head = append(head, byte(len(parts)))
	for n, part := range parts {
		head = append(head, byte(n+1), part, 0)
	}
	return head
}

// plainly is what Adobe's programs write into a JPEG whose colours are plain.
var plainly = []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")

// ended is a JPEG of parts.
func ended(parts ...[]byte) []byte { return append(bytes.Join(parts, nil), 0xff, eoi) }

// TestTooLarge: what would take too much memory is found out before it is taken.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		content []byte
		fits    bool
	}{
		"a PNG of 2.5 billion pixels":           {headOf(50000, 50000, 8, 2, 0), false},
		"a PNG of many pixels in 16 bits":       {headOf(4500, 4000, 16, 6, 0), false},
		"a PNG of many pixels in passes":        {headOf(4500, 4000, 8, 6, 1), false},
		"a PNG of many pixels":                  {headOf(4500, 4000, 8, 6, 0), true},
		"a JPEG of four billion pixels":         {ended(frameOf(sof0, 65535, 65535, 0x11)), false},
		"a photo of 50 million pixels":          {ended(frameOf(sof0, 8160, 6120, 0x22, 0x11, 0x11)), true},
		"such a photo with all its colours":     {ended(frameOf(sof0, 8160, 6120, 0x11, 0x11, 0x11)), false},
		"such a photo in many scans":            {ended(frameOf(sof2, 8160, 6120, 0x22, 0x11, 0x11)), false},
		"a photo of 12 million in many scans":   {ended(frameOf(sof2, 4032, 3024, 0x22, 0x11, 0x11)), true},
		"a photo of 20 million to be printed":   {ended(frameOf(sof0, 5200, 3900, 0x22, 0x11, 0x11, 0x22)), false},
		"a photo of 50 million, copied":         {ended([]byte("\xff\xd8"), plainly, frameOf(sof0, 8160, 6120, 0x22, 0x11, 0x11)[2:]), false},
		"one that says so and something else":   {ended([]byte("\xff\xd8"), plainly, []byte("\xff\xee\x00\x04no"), frameOf(sof0, 8160, 6120, 0x22, 0x11, 0x11)[2:]), false},
		"one that says so behind its size":      {ended(frameOf(sof0, 8160, 6120, 0x22, 0x11, 0x11), plainly), false},
		"one that says so behind the picture":   {ended(frameOf(sof0, 8160, 6120, 0x22, 0x11, 0x11), []byte("\xff\xda\x00\x03\x00 \xff\x00\xff\xd3 "), plainly), false},
		"one behind which somebody else says":   {ended(frameOf(sof0, 8160, 6120, 0x22, 0x11, 0x11), []byte("\xff\xd9"), plainly), true},
		"a GIF of four billion pixels":          {[]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), false},
		"a GIF of many pixels":                  {[]byte("GIF89a\x00\x20\x00\x20\x00\x00\x00"), false},
		"a WebP of 268 million pixels":          {[]byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\xff\x3f\x00\xff\x3f\x00"), false},
		"a WebP of 268 million, without a loss": {[]byte("RIFF\x16\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00"), false},
	} {
		_, memory, _, err := measured(tc.content)
		if err != nil || (memory <= maxMemory) != tc.fits {
			t.Errorf("%s: %d bytes, %v", name, memory, err)
		}
		_, err = Draw(t.Context(), bytes.NewReader(tc.content))
		if !errors.Is(err, ErrNone) || strings.Contains(err.Error(), "too large") == tc.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Draw(t.Context(), io.NewSectionReader(nil, 0, maxFile+1)); !errors.Is(err, ErrNone) {
		t.Errorf("a large file: %v", err)
	}
}

// endless is a photo that is drawn over and over again, in a few bytes each time.
func endless(times int) []byte {
	out := frameOf(sof2, 800, 600, 0x11)
	// One code, which says that 16384 blocks have nothing more.
	out = append(out, 0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe0)
	scan := append([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0}, make([]byte, 24)...)
	return append(append(out, bytes.Repeat(scan, times)...), 0xff, 0xd9)
}

// TestTooSlow: a file that takes long is given up, and one whose reader has gone is, too.
func TestTooSlow(t *testing.T) {
	t.Parallel()
	small, err := Draw(t.Context(), bytes.NewReader(endless(2)))
	if must(t, err); len(small) == 0 {
		t.Error("a photo in two scans has no preview")
	}
	content := endless(500_000)
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	// Without a limit it would take minutes.
	if _, err := drawn(soon, content); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a photo in half a million scans: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r := until{ctx, bytes.NewReader(content)}
	if n, err := r.Read(make([]byte, 4096)); n > mouthful || err != nil {
		t.Errorf("a decoder gets %d bytes before it is asked again, %v", n, err)
	}
	stop()
	if n, err := r.Read(make([]byte, 4096)); n > 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("a decoder whose time is up gets %d bytes, %v", n, err)
	}
	if _, err := Draw(soon, bytes.NewReader(content)); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrNone) {
		t.Errorf("who has gone is told %v of the file", err)
	}
}

// TestNoPictures: what is no picture by its bytes has no preview, and neither has a broken
// one; a file that cannot be read is no such file.
func TestNoPictures(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "a photo", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "<html>", "BM\x00\x00", "II*\x00\x08\x00\x00\x00", "%PDF-1.7"} {
		if _, err := Draw(t.Context(), strings.NewReader(content)); !errors.Is(err, ErrNone) {
			t.Errorf("%q: %v", content, err)
		}
	}
	all := written(t, quarters(64, 48))
	all["held JPEG"] = held(all["JPEG"], 6, binary.BigEndian)
	maps.Copy(all, webps(t))
	for kind, content := range all {
		for n := range min(len(content), 300) {
			// A picture may be whole before its file ends.
			if _, err := Draw(t.Context(), bytes.NewReader(content[:n])); !errors.Is(err, ErrNone) && n < len(content)-2 {
				t.Errorf("%d bytes of the %s: %v", n, kind, err)
			}
			changed := bytes.Clone(content)
			changed[n] ^= 0xff
			if _, err := Draw(t.Context(), bytes.NewReader(changed)); err != nil && !errors.Is(err, ErrNone) {
				t.Errorf("the %s with another byte %d: %v", kind, n, err)
			}
		}
	}
	if _, err := Draw(t.Context(), gone{strings.NewReader("a photo")}); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

// gone is a file whose content cannot be read.
type gone struct{ io.ReadSeeker }

func (gone) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// FuzzDraw: whatever a file has in it, it has a preview or none.
func FuzzDraw(f *testing.F) {
	for _, all := range []map[string][]byte{written(f, quarters(16, 12)), webps(f)} {
		for _, content := range all {
			f.Add(content)
		}
	}
	f.Add(endless(2))
	f.Fuzz(func(t *testing.T, content []byte) {
		if _, err := Draw(t.Context(), bytes.NewReader(content)); err != nil && !errors.Is(err, ErrNone) {
			t.Error(err)
		} else if err != nil && strings.Contains(err.Error(), "stumbled") {
			t.Error(err)
		}
	})
}

// BenchmarkDraw draws the preview of a photo of 12 million pixels.
func BenchmarkDraw(b *testing.B) {
	m := image.NewYCbCr(image.Rect(0, 0, 4032, 3024), image.YCbCrSubsampleRatio420)
	for n := range m.Y {
		m.Y[n] = uint8(n/4032 + n*n%23 + n%4032/16)
	}
	for n := range m.Cb {
		m.Cb[n], m.Cr[n] = uint8(n/9000), uint8(n%2016/8)
	}
	var photo bytes.Buffer
	must(b, jpeg.Encode(&photo, m, &jpeg.Options{Quality: 90}))
	b.ReportMetric(float64(photo.Len())/1e6, "MB/file")
	b.ReportAllocs()
	for b.Loop() {
		small, err := Draw(b.Context(), bytes.NewReader(photo.Bytes()))
		must(b, err)
		b.ReportMetric(float64(len(small))/1e3, "kB/preview")
	}
}
