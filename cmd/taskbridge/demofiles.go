package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"mime/multipart"
	"net/textproto"
)

// demoFile is what somebody attaches in the demonstration.
type demoFile struct {
	name, kind string
	content    []byte
}

// photo is a picture of a spot on a wall of tiles, which is as good as any photo. The
// places and sizes of the spots are in hundredths of its width.
func photo(name string, wall, spot color.RGBA, spots ...[3]int) *demoFile {
	const width, height, tile = 360, 240, 60
	joint := color.RGBA{shade(wall.R, 0.8), shade(wall.G, 0.8), shade(wall.B, 0.8), 255}
	colors := color.Palette{joint}
	// From the middle of a spot to where it ends in eight shades.
	const shades = 8
	for n := range shades {
		part := float64(n) / (shades - 1)
		colors = append(colors, color.RGBA{blend(spot.R, wall.R, part), blend(spot.G, wall.G, part), blend(spot.B, wall.B, part), 255})
	}
	picture := image.NewPaletted(image.Rect(0, 0, width, height), colors)
	for y := range height {
		for x := range width {
			if x%tile < 2 || y%tile < 2 {
				continue
			}
			near := 1.0
			for _, s := range spots {
				dx, dy := float64(x-s[0]*width/100), float64(y-s[1]*width/100)
				near = min(near, math.Hypot(dx, dy)*100/float64(s[2]*width))
			}
			picture.SetColorIndex(x, y, uint8(1+near*(shades-1)))
		}
	}
	var b bytes.Buffer
	// A picture with a palette into memory is always written.
	_ = png.Encode(&b, picture)
	return &demoFile{name, "image/png", b.Bytes()}
}

func shade(c uint8, by float64) uint8 { return uint8(float64(c) * by) }

func blend(from, to uint8, part float64) uint8 {
	return uint8(float64(from)*(1-part) + float64(to)*part)
}

// attach says something with a file, in a thread.
func (d *player) attach(ctx context.Context, who, room, thread, text string, f *demoFile) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	// Nothing fails that is written into memory.
	_ = w.WriteField("text", text)
	_ = w.WriteField("thread", thread)
	part, _ := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="files"; filename=%q`, f.name)}, "Content-Type": {f.kind},
	})
	_, _ = part.Write(f.content)
	_ = w.Close()
	_, err := d.send(ctx, who, "/c/"+room+"/say", w.FormDataContentType(), &b)
	return err
}
