package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"taskbridge/bot/chat"
	"taskbridge/storage/files"
)

// attaches sends what somebody writes about a job with files, each as a name and content.
func (c *client) attaches(path, to, text string, list ...[2]string) *httptest.ResponseRecorder {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range map[string]string{"to": to, "text": text, "once": "attached-once"} {
		must(c.h.t, form.WriteField(name, value))
	}
	for _, f := range list {
		part, err := form.CreateFormFile("files", f[0])
		must(c.h.t, err)
		_, err = io.WriteString(part, f[1])
		must(c.h.t, err)
	}
	must(c.h.t, form.Close())
	r := httptest.NewRequest(http.MethodPost, "http://tasks.example.org"+path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.AddCookie(c.cookie)
	w := httptest.NewRecorder()
	c.a.Routes().ServeHTTP(w, r)
	return w
}

// TestFilesFromChat: who came in from chat sends files with what they write about a job of
// theirs. What is too much is refused and handed to nobody, and for a job of others nothing
// is kept.
func TestFilesFromChat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	kept := filepath.Join(t.TempDir(), "files")
	blobs, err := files.Open("file:" + kept)
	must(t, err)
	c := h.in("U2", "C9")
	h.job = chat.JobPage{Number: 7, Title: "Boiler", Revision: 3, Comment: true}
	if w := c.attaches("/web/jobs/7/write", "comment", "Look", [2]string{"a.png", "x"}); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("where no files are kept: %d %s", w.Code, w.Body)
	}
	h.a.cfg.Blobs, h.a.cfg.MaxFile = blobs, 1<<20
	before := len(h.taken)
	photo := [2]string{"../pump.png", "the pump"}
	for range 2 {
		if w := c.attaches("/web/jobs/7/write", "comment", "The old pump", photo); w.Code != http.StatusNoContent {
			t.Errorf("a photo: %d %s", w.Code, w.Body)
		}
	}
	if w := c.attaches("/web/jobs/7/write", "comment", "The old pump", [2]string{"pump.png", "another"}); w.Code != http.StatusNoContent {
		t.Errorf("another photo: %d %s", w.Code, w.Body)
	}
	if w := c.attaches("/web/jobs/7/write", "comment", "", photo); w.Code != http.StatusNoContent {
		t.Errorf("a photo alone: %d %s", w.Code, w.Body)
	}
	done := h.taken[before:]
	if len(done) != 4 || done[0].Key != done[1].Key || done[1].Key == done[2].Key || done[0].Workspace != home || !done[0].FromBrowser {
		t.Fatalf("it is written as %+v", done)
	}
	said, _ := done[0].Body.(chat.Command)
	if said.Text != "comment 7 The old pump" || len(said.Files) != 1 || said.Files[0].Name != "pump.png" || said.Files[0].Size != 8 {
		t.Errorf("it is written as %+v", said)
	}
	if alone, _ := done[3].Body.(chat.Command); alone.Text != "comment 7" || len(alone.Files) != 1 {
		t.Errorf("a photo alone is written as %+v", alone)
	}
	content, err := blobs.Open(t.Context(), said.Files[0].Digest)
	must(t, err)
	text, err := io.ReadAll(content)
	must(t, err)
	must(t, content.Close())
	if string(text) != "the pump" {
		t.Errorf("the photo is %q", text)
	}
	many := make([][2]string, filesPerPost+1)
	for n := range many {
		many[n] = [2]string{"a.png", "x"}
	}
	for name, try := range map[string]struct {
		list   [][2]string
		status int
	}{
		"many": {many, http.StatusRequestEntityTooLarge}, "an empty one": {[][2]string{{"a.png", ""}}, http.StatusBadRequest},
		"a large one": {[][2]string{{"a.png", strings.Repeat("x", 1<<20+1)}}, http.StatusRequestEntityTooLarge},
		"too much":    {[][2]string{{"a.png", strings.Repeat("x", 2<<20)}}, http.StatusRequestEntityTooLarge},
		"nothing":     {nil, http.StatusBadRequest},
	} {
		if w := c.attaches("/web/jobs/7/write", "comment", "", try.list...); w.Code != try.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := c.attaches("/web/jobs/7/write", "note", "Ours", [2]string{"b.png", "never kept"}); w.Code != http.StatusNoContent {
		t.Errorf("a note of who has none: %d %s", w.Code, w.Body)
	} else if in := h.taken[len(h.taken)-1].Body.(chat.Command); len(in.Files) != 0 {
		t.Errorf("files go with it: %+v", in)
	}
	// The job of others is not there for them.
	n, there := len(h.taken), inFolder(t, kept)
	h.foreign = 8
	if w := c.attaches("/web/jobs/8/write", "comment", "Mine", [2]string{"c.png", "nor this"}); w.Code != http.StatusNotFound {
		t.Errorf("another's job: %d %s", w.Code, w.Body)
	}
	if len(h.taken) != n || inFolder(t, kept) != there {
		t.Errorf("something was kept of it: %d, %d files", len(h.taken)-n, inFolder(t, kept)-there)
	}
	if w := c.do(http.MethodGet, "/web/jobs/7", nil); !strings.Contains(w.Body.String(), `type="file"`) || !strings.Contains(w.Body.String(), `data-files-most="10"`) {
		t.Errorf("the page takes no files: %s", w.Body)
	}
}

// inFolder counts the files in a folder.
func inFolder(t *testing.T, folder string) int {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	must(t, err)
	return len(list)
}
