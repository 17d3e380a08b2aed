package web

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// takePhoto leaves a photo of a pipe that leaks, taken with the camera on its side.
func takePhoto(t *testing.T, name string) {
	t.Helper()
	const w, h = 1600, 1200
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			light := 0.75 + 0.25*math.Sin(float64(x)/300)*math.Cos(float64(y)/210)
			wall := color.RGBA{uint8(214 * light), uint8(205 * light), uint8(188 * light), 255}
			// On its side the pipe lies across.
			if d := math.Abs(float64(y) - 520); d < 110 {
				shine := math.Sqrt(1 - d/110*d/110)
				wall = color.RGBA{uint8(60 + 150*shine), uint8(50 + 80*shine), uint8(40 + 40*shine), 255}
			}
			if math.Hypot(float64(x)-1000, float64(y)-760) < 150+40*math.Sin(float64(x+y)/60) {
				wall = color.RGBA{uint8(90 * light), uint8(100 * light), uint8(110 * light), 255}
			}
			m.SetRGBA(x, y, wall)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	side := "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	if err := os.WriteFile(name, append([]byte("\xff\xd8"+side), b.Bytes()[2:]...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// drawn tells whether a preview is there as it is to be: so high and wide, in a place of a
// size that does not depend on it.
func drawn(within, name, size string) string {
	return `[...document.querySelectorAll('` + within + ` img')].some((p) => p.alt === "` + name + `" && p.complete && p.naturalWidth + "x" + p.naturalHeight === "` + size + `" && p.offsetWidth === 200 && p.offsetHeight === 150)`
}

// TestPhotosAreSeen: a photo that the firm attaches is seen by the desk at once, upright and
// in its thread, and on the page of the job; of one that is none there is its name.
func TestPhotosAreSeen(t *testing.T) {
	t.Parallel()
	rules := axe(t)
	at, b := demo(t), browser(t)
	folder := t.TempDir()
	leak, broken := filepath.Join(folder, "leak behind the boiler.jpg"), filepath.Join(folder, "broken.jpg")
	takePhoto(t, leak)
	if err := os.WriteFile(broken, []byte("\xff\xd8\xff\xe0 no photo"), 0o600); err != nil {
		t.Fatal(err)
	}
	firm := open(t, b, 1360, 860, at+"/web/as/mia/")
	firm.sees("the card", card(8))
	firm.js("open its thread", card(8)+`.closest(".message").querySelector(".replies").click()`)
	firm.sees("the thread", `document.querySelector("#thread-list .message") && location.pathname.includes("/t/") && window.hasLine`)
	desk := open(t, b, 1360, 860, strings.Replace(firm.value("location.href"), "/as/mia/", "/as/olivia/", 1))
	desk.sees("the thread", `document.querySelector("#thread-list .message") && window.hasLine`)
	firm.types(reply, "It comes from here")
	firm.run("choose files", chromedp.SetUploadFiles(`#thread .composer input[type=file]`, []string{leak, broken}, chromedp.ByQuery))
	firm.click(`#thread .composer .send`)
	for who, w := range map[string]*window{"the firm": firm, "the desk": desk} {
		w.sees("the photo, to "+who, drawn("#thread", "leak behind the boiler.jpg", "300x400"))
		w.sees("the name of what is none, to "+who, drawn("#thread", "broken.jpg", "200x150")+` && document.querySelector("#thread").innerText.includes("broken.jpg")`)
	}
	for _, l := range looks() {
		desk.at(l)
		desk.fits("the thread" + l.name)
		desk.js("show it", `document.querySelector('#thread img').scrollIntoView({block: "end"})`)
		desk.picture("photos-thread" + l.name)
	}
	desk.at(looks()[0])
	if text := desk.value(`document.querySelector("#thread img").closest("a").getAttribute("href")`); !strings.Contains(text, "/f/") {
		t.Errorf("the photo leads to %s", text)
	}
	desk.accessible("a thread with photos", rules)
	desk.run("the job's page", chromedp.Navigate(at+"/web/as/olivia/jobs/8"))
	desk.js("go down", `document.querySelector(".entries img").scrollIntoView({block: "center"})`)
	desk.sees("the photo in the history", drawn(".entries", "leak behind the boiler.jpg", "300x400"))
	desk.sees("the photo beside it", drawn(".job-side", "leak behind the boiler.jpg", "300x400"))
	for _, l := range looks() {
		desk.at(l)
		desk.fits("the job" + l.name)
		desk.js("show it", `document.querySelector('.entries img').scrollIntoView({block: "center"})`)
		desk.picture("photos-job" + l.name)
	}
	desk.at(looks()[0])
	desk.accessible("a job with photos", rules)
}
