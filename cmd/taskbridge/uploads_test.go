package main

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/web"
	"taskbridge/storage"
)

// TestTooMuch: what is too large, too long or not to be read is said in a sentence,
// nothing of it is kept, and the same with less goes through.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	say := "/web/c/" + h.rooms["Acme"] + "/say"
	before := h.change()
	refused := func(name string, a answered, status int, words string) {
		t.Helper()
		if a.status != status || !strings.Contains(a.text, words) {
			t.Errorf("%s: %d %.120q, want %d %q", name, a.status, a.text, status, words)
		}
	}
	// The house takes a mebibyte.
	refused("a large file", h.attaches(firmA, "Acme", "", "large.bin", "", bytes.Repeat([]byte("x"), 1<<20+1)), 413, "large.bin is too large: a file has at most 1 MB.")
	refused("an empty file", h.attaches(firmA, "Acme", "", "empty.txt", "", nil), 400, "empty.txt is empty")
	refused("a long text", h.send(firmA, http.MethodPost, say, url.Values{"text": {strings.Repeat("é", 12_001)}}), 413, "Shorten this to 12000 characters")
	refused("a long edit", h.send(firmA, http.MethodPost, "/web/m/"+h.cards["Acme"]+"/edit", url.Values{"text": {strings.Repeat("x", 300<<10)}}), 413, "too long")
	refused("a long form", h.send(firmA, http.MethodPost, "/web/c/"+h.rooms["Acme"]+"/form", url.Values{"f-text": {strings.Repeat("x", 300<<10)}}), 413, "too long")
	refused("a long press", h.send(firmA, http.MethodPost, "/web/m/"+h.cards["Acme"]+"/press", url.Values{"button": {strings.Repeat("x", 300<<10)}}), 413, "too long")
	r := h.request(firmA, http.MethodPost, say, url.Values{"text": {"%"}})
	r.Body = http.NoBody
	r.Header.Set("Content-Type", "multipart/form-data")
	refused("no boundary", h.do(r), 400, "could not be read")

	many := func(n int) answered {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		must(t, w.WriteField("text", "Many files"))
		must(t, w.WriteField("once", "many-files-1"))
		for i := range n {
			part, err := w.CreateFormFile("files", fmt.Sprintf("%d.txt", i))
			must(t, err)
			_, err = fmt.Fprintf(part, "content %d", i)
			must(t, err)
		}
		must(t, w.Close())
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.station.address+say, &b)
		must(t, err)
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.AddCookie(&http.Cookie{Name: "taskbridge", Value: h.sessions[firmA]})
		return h.do(r)
	}
	refused("eleven files", many(11), 413, "Send at most 10 files at once.")
	for _, m := range h.messages("Acme", "") {
		if m.Author == h.ids[firmA] {
			t.Errorf("something was said: %+v", m)
		}
	}
	// A file that was refused leaves nothing behind but the numbers it took.
	if n, err := h.station.store.DropHiddenFiles(t.Context(), "main", h.past.now().Add(time.Hour)); err != nil || n != 0 {
		t.Errorf("%d files are kept of what was refused, %v (changes %d to %d)", n, err, before, h.change())
	}
	h.past.pass(time.Minute)
	for range 2 {
		if a := many(10); a.status != http.StatusNoContent {
			t.Errorf("ten files: %d %s", a.status, a.text)
		}
	}
	said := 0
	for _, m := range h.messages("Acme", "") {
		if m.Author == h.ids[firmA] {
			said++
			if len(m.Files) != 10 {
				t.Errorf("it has %d files", len(m.Files))
			}
		}
	}
	if said != 1 {
		t.Errorf("the same, sent twice, was said %d times", said)
	}
	if n, err := h.station.store.DropHiddenFiles(t.Context(), "main", h.past.now().Add(time.Hour)); err != nil || n != 0 {
		t.Errorf("%d files are kept of what was sent twice, %v", n, err)
	}
}

// TestTooFast: who sends too fast is told to wait, and for how long; others are not
// kept, and after the wait it works.
func TestTooFast(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.past.pass(time.Hour)
	// Another session of the same person has the same pace.
	h.sessions["firm A elsewhere"] = h.signIn(firmA)
	seen := "/web/c/" + h.rooms["Acme"] + "/seen"
	kept := answered{}
	for n := range 400 {
		role := []string{firmA, "firm A elsewhere"}[n%2]
		if a := h.send(role, http.MethodPost, seen, url.Values{"seq": {"1"}}); a.status != http.StatusNoContent {
			kept = a
			break
		}
	}
	if kept.status != http.StatusTooManyRequests || kept.header.Get("Retry-After") == "" || !strings.Contains(kept.text, "nothing was changed") {
		t.Fatalf("nobody was told to wait: %d %s", kept.status, kept.text)
	}
	if a := h.send(operator, http.MethodPost, seen, url.Values{"seq": {"1"}}); a.status != http.StatusNoContent {
		t.Errorf("somebody else: %d %s", a.status, a.text)
	}
	if a := h.send(firmA, http.MethodGet, "/web/c/"+h.rooms["Acme"], nil); a.status != http.StatusOK {
		t.Errorf("reading: %d %s", a.status, a.text)
	}
	h.past.pass(2 * time.Second)
	if a := h.send(firmA, http.MethodPost, seen, url.Values{"seq": {"1"}}); a.status != http.StatusNoContent {
		t.Errorf("after the wait: %d %s", a.status, a.text)
	}
	for range 200 {
		kept = h.send(nobody, http.MethodPost, "/web/sign-in/"+strings.Repeat("A", 52), nil)
		if kept.status == http.StatusTooManyRequests {
			break
		}
	}
	if kept.status != http.StatusTooManyRequests {
		t.Errorf("links may be guessed without end: %d", kept.status)
	}
}

// TestUploadsThatAreNeverShown: an upload whose message never came is forgotten after
// three days, and not before.
func TestUploadsThatAreNeverShown(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	must(t, h.station.store.PutTalkFile(t.Context(), "main", storage.TalkFile{
		ID: "abandoned", Room: h.rooms["Acme"], Name: "half.bin", Size: 1, Digest: strings.Repeat("0", 64), CreatedAt: h.past.now(),
	}))
	there := func() bool {
		_, err := h.station.store.TalkFile(t.Context(), "main", "abandoned")
		return err == nil
	}
	h.past.pass(71 * time.Hour)
	h.says(operator, web.Operations, "", "/task list")
	if !there() {
		t.Error("it was forgotten too early")
	}
	h.past.pass(2 * time.Hour)
	h.until("the upload is forgotten", func() bool { return !there() })
}
