package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// canvas is the height of the picture that a section is drawn in; what it
	// leaves empty is cut off. A browser draws no taller one.
	canvas = 16000
	// spare is how much of the canvas a section leaves empty at least, more than there
	// is between two specimens: what is longer would lose its end without a word.
	spare = 100
	// tallest is the height of one picture, and margin what it leaves empty below,
	// both in its own pixels.
	tallest, margin = 1500, 18
	// gap is how many empty rows there are between two specimens, at least.
	gap = 24
	// shotTime bounds one picture.
	shotTime = time.Minute
)

// shot is one picture to be taken: a section of a page.
type shot struct {
	page, section, name string
	wide                bool
}

// chromium is a browser that takes pictures.
type chromium struct{ path string }

var (
	errNoChromium = errors.New("no Chromium was found")
	errTooTall    = errors.New("the section is too tall for one picture: divide it")
)

func findChromium(given string) (*chromium, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if given != "" {
		names = []string{given}
	}
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return &chromium{path: p}, nil
		}
	}
	return nil, errNoChromium
}

func (c *chromium) takeAll(ctx context.Context, o options, shots []shot) error {
	for _, s := range shots {
		if !strings.HasPrefix(s.name, o.only) {
			continue
		}
		if err := c.take(ctx, o, s); err != nil {
			return fmt.Errorf("take %s: %w", s.name, err)
		}
	}
	return nil
}

// take starts the browser in a directory of its own, so that nothing of its user's
// is read or changed.
func (c *chromium) take(ctx context.Context, o options, s shot) error {
	dir, err := os.MkdirTemp("", "gallery")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // It lies where things are cleared away.
	path, err := filepath.Abs(s.page)
	if err != nil {
		return fmt.Errorf("find the page: %w", err)
	}
	width := 760
	if s.wide {
		width = 1040
	}
	raw := filepath.Join(dir, "raw.png")
	address := url.URL{Scheme: "file", Path: path, Fragment: s.section}
	ctx, cancel := context.WithTimeout(ctx, shotTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, //nolint:gosec // the person at the keyboard names the browser.
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--screenshot="+raw,
		"--force-device-scale-factor="+strconv.FormatFloat(o.scale, 'f', -1, 64),
		fmt.Sprintf("--window-size=%d,%d", width, int(canvas/o.scale)), address.String())
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("run the browser: %w: %s", err, lastLine(said))
	}
	b, err := os.ReadFile(raw)
	if err != nil {
		return fmt.Errorf("read the picture: %w", err)
	}
	full, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("decode the picture: %w", err)
	}
	parts, ok := sheets(full)
	if !ok {
		return errTooTall
	}
	for n, part := range parts {
		name := s.name
		if len(parts) > 1 {
			name += "-" + strconv.Itoa(n+1)
		}
		if err := save(filepath.Join(o.out, name+".png"), full, part); err != nil {
			return err
		}
	}
	return nil
}

func save(name string, full image.Image, part image.Rectangle) error {
	sheet := image.NewRGBA(part)
	draw.Draw(sheet, part, full, part.Min, draw.Src)
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&out, sheet); err != nil {
		return fmt.Errorf("encode the picture: %w", err)
	}
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// sheets cuts off what is empty below and divides the rest between specimens, so
// that no sheet is taller than can be read at one look. It is false for a picture that is
// full, so that something may be missing.
func sheets(full image.Image) ([]image.Rectangle, bool) {
	b := full.Bounds()
	empty := rowColors(full, b.Max.Y-1)
	last := b.Max.Y - 1
	for last > b.Min.Y && sameRow(full, last, empty) {
		last--
	}
	if b.Max.Y-last < spare {
		return nil, false
	}
	end := min(last+margin, b.Max.Y)
	var out []image.Rectangle
	for top := b.Min.Y; top < end; {
		bottom := end
		if bottom-top > tallest {
			bottom = top + tallest
			for y, run := bottom, 0; y > top+tallest/3; y-- {
				if !sameRow(full, y, empty) {
					run = 0
				} else if run++; run == gap {
					bottom = y
					break
				}
			}
		}
		out = append(out, image.Rect(b.Min.X, top, b.Max.X, bottom))
		top = bottom
	}
	return out, true
}

func rowColors(m image.Image, y int) []color.Color {
	out := make([]color.Color, m.Bounds().Dx())
	for x := range out {
		out[x] = m.At(m.Bounds().Min.X+x, y)
	}
	return out
}

func sameRow(m image.Image, y int, want []color.Color) bool {
	for x, c := range want {
		if m.At(m.Bounds().Min.X+x, y) != c {
			return false
		}
	}
	return true
}

func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}
