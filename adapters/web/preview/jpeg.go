package preview

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
)

// Markers of a JPEG: beginnings of pictures, and segments of what applications keep.
const (
	sof0, sof1, sof2 = 0xc0, 0xc1, 0xc2
	sos, eoi         = 0xda, 0xd9
	app1, app14      = 0xe1, 0xee
)

// errJPEG is about a JPEG whose beginning is not as it should be. It is read more strictly
// than by who decodes it, so that nothing is decoded that was not measured.
var errJPEG = errors.New("the JPEG is broken, or of a rare kind")

// measuredJPEG finds out how much memory a JPEG takes when it is decoded, and how it is turned.
// It looks at all segments: one behind the picture can say, too, that it has to be copied.
func measuredJPEG(content []byte) (memory int64, turned orientation, err error) {
	turned = upright
	var header []byte
	scans, plain := false, false
	for at := 2; at+2 <= len(content) && content[at] == 0xff; {
		marker := content[at+1]
		if marker == 0xff {
			at++
			continue
		}
		if marker == eoi {
			memory, err = frame(header, scans, plain)
			return memory, turned, err
		}
		if marker < sof0 || restarts(marker) || at+4 > len(content) {
			break
		}
		end := at + 2 + int(binary.BigEndian.Uint16(content[at+2:]))
		if end < at+4 || end > len(content) {
			break
		}
		switch segment := content[at+4 : end]; marker {
		case app1:
			if o := orientationIn(segment); o != 0 {
				turned = o
			}
		case app14:
			plain = plain || len(segment) >= 12 && segment[11] == 0
		case sof0, sof1, sof2:
			header, scans = segment, marker == sof2
		case sos:
			// The picture itself ends with the next marker that is not part of it.
			for end+2 <= len(content) && (content[end] != 0xff || content[end+1] == 0 || restarts(content[end+1])) {
				end++
			}
		}
		at = end
	}
	return 0, turned, errJPEG
}

// restarts tells whether a marker is one inside of a picture.
func restarts(marker byte) bool { return marker >= 0xd0 && marker <= 0xd7 }

// frame is how much memory a picture takes, by what its header says. One that comes in many
// scans has all its coefficients in memory, four bytes each, and one whose colours are
// plain is copied.
func frame(header []byte, scans, plain bool) (int64, error) {
	if len(header) < 6 || len(header) < 6+3*int(header[5]) {
		return 0, errJPEG
	}
	pixels := int64(binary.BigEndian.Uint16(header[1:])) * int64(binary.BigEndian.Uint16(header[3:]))
	var samples, across, down int64
	ids := ""
	for n := range int(header[5]) {
		part := header[6+3*n:]
		h, v := int64(part[1]>>4), int64(part[1]&0xf)
		samples, across, down, ids = samples+h*v, max(across, h), max(down, v), ids+string(rune(part[0]))
	}
	if across*down == 0 {
		return 0, errJPEG
	}
	memory := pixels * samples / (across * down)
	if scans {
		memory += 4 * memory
	}
	if plain || ids == "RGB" || len(ids) > 3 {
		memory += 4 * pixels
	}
	return memory, nil
}

// orientation is how a camera was held, as Exif counts it.
type orientation int

const upright orientation = 1

// orientationIn reads it from what a camera wrote, zero where that does not say.
func orientationIn(segment []byte) orientation {
	tags, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
	if !ok || len(tags) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tags[0] == 'I' {
		order = binary.LittleEndian
	}
	const each, tag = 12, 0x0112
	at := int64(order.Uint32(tags[4:])) + 2
	if at > int64(len(tags)) {
		return 0
	}
	for n := int64(order.Uint16(tags[at-2:])); n > 0 && at+each <= int64(len(tags)); n, at = n-1, at+each {
		if order.Uint16(tags[at:]) == tag {
			return orientation(order.Uint16(tags[at+8:]))
		}
	}
	return 0
}

// turn shows a picture as it was seen.
func (o orientation) turn(m *image.RGBA) *image.RGBA {
	if o <= upright || o > 8 {
		return m
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if o >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range out.Bounds().Dy() {
		for x := range out.Bounds().Dx() {
			fromX, fromY := x, y
			if o >= 5 {
				fromX, fromY = y, x
			}
			switch o {
			case 2, 3, 7, 8:
				fromX = w - 1 - fromX
			}
			switch o {
			case 3, 4, 6, 7:
				fromY = h - 1 - fromY
			}
			out.SetRGBA(x, y, m.RGBAAt(fromX, fromY))
		}
	}
	return out
}
