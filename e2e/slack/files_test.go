package slack_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestAPhotoOfTheFirmIsKept: what a firm's person posts from another company comes
// to the program as an id, and out of its API to the byte; the same photo again has the
// same digest, and a file that is elsewhere is listed with its link.
func TestAPhotoOfTheFirmIsKept(t *testing.T) {
	t.Parallel()
	each(t, variants(), func(t *testing.T, v variant) {
		d, frank, n, card := thread(t, v, options{})
		photo := append([]byte("\x89PNG\r\n\x1a\n\x00\xff"), bytes.Repeat([]byte{0, 1, 2, 254}, 50_000)...)
		sum := sha256.Sum256(photo)
		digest := hex.EncodeToString(sum[:])
		post := func(text string, files ...slacktest.FileSpec) {
			_, err := frank.Post(slacktest.PostSpec{Channel: card.Channel, Thread: card.TS, Text: text, Files: files})
			d.must(err)
		}
		post("The boiler", slacktest.FileSpec{Name: "boiler.png", Type: "image/png", Content: photo})
		post("Again", slacktest.FileSpec{Name: "again.png", Type: "image/png", Content: photo},
			slacktest.FileSpec{Name: "plan", ExternalURL: "https://docs.example/plan"})
		got := d.filesOf(n, "The boiler", 1)
		if f := got[0]; f.Name != "boiler.png" || f.Digest != digest || f.Size != int64(len(photo)) || f.Type != "image/png" {
			t.Errorf("the photo is listed as %+v", f)
		}
		got = d.filesOf(n, "Again", 2)
		if got[0].Digest != digest {
			t.Errorf("the photo again is listed as %+v", got[0])
		}
		if f := got[1]; f.Refused != "file_elsewhere" || f.Digest != "" || f.URL != "https://docs.example/plan" {
			t.Errorf("the link is listed as %+v", f)
		}
		res, err := d.program.Call(http.MethodGet, "/api/v1/files/"+digest, nil)
		if err != nil || res.Status != http.StatusOK || !bytes.Equal(res.Body, photo) {
			t.Errorf("the photo came back as %d, %d bytes, %v", res.Status, len(res.Body), err)
		}
		if res, _ := d.program.Call(http.MethodGet, "/api/v1/files/"+strings.Repeat("0", 64), nil); res.Status != http.StatusNotFound {
			t.Errorf("a digest that nobody listed: %d", res.Status)
		}
		d.says("/task history 1", "boiler.png, 195.3 kB]", "plan, not kept: it is kept elsewhere")
	})
}

// filesOf waits until a comment lists so many files and knows what became of each.
func (d *desk) filesOf(number int, text string, count int) []fileView {
	d.t.Helper()
	var got []fileView
	until(d.t, "the files of "+text, func() bool {
		got = d.once(number, text).Files
		settled := 0
		for _, f := range got {
			if f.Digest != "" || f.Refused != "" {
				settled++
			}
		}
		return settled == count
	})
	return got
}
