package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"taskbridge/adapters/adaptertest"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// photo is a picture as a file.
func photo(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, width, height))))
	return b.Bytes()
}

// asks reads an address as the session of a cookie, which has kept what has a mark.
func (c *conformance) asks(cookie, path, mark string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://tasks.example.org"+path, nil)
	r.Header.Set("If-None-Match", mark)
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: cookie})
	}
	w := httptest.NewRecorder()
	c.a.Routes().ServeHTTP(w, r)
	return w
}

// pictured are the previews in a part of a page, and where the link about each leads.
func pictured(doc *html.Node) (previews, links []*html.Node) {
	each(doc, func(n *html.Node) {
		if n.Data == "img" {
			previews, links = append(previews, n), append(links, n.Parent)
		}
	})
	return previews, links
}

// attached are the files of the last reply beneath the root.
func (c *conformance) attached(list ...adaptertest.Attachment) storage.TalkMessage {
	c.t.Helper()
	root, err := c.faults.Talk.TalkMessage(c.t.Context(), "main", c.root)
	must(c.t, err)
	was := c.channel
	c.channel = root.Room
	c.Attach(c.root, "Done", list...)
	c.channel = was
	thread := c.thread()
	m := thread[len(thread)-1]
	if len(m.Files) != len(list) {
		c.t.Fatalf("attached are %+v", m)
	}
	return m
}

// TestPreviews: a picture in a thread is seen, as a link to the file with its name, for
// whoever may read the thread and no longer than they may; who has it asks only whether it
// is the same. Whatever else says that it is one has a sheet of paper instead.
func TestPreviews(t *testing.T) {
	t.Parallel()
	c := newConformance(t, &ear{}, nil)
	m := c.attached(
		adaptertest.Attachment{Name: hostile, Type: "image/jpeg", Content: photo(t, 1200, 900)},
		adaptertest.Attachment{Name: "huge.png", Type: "image/png", Content: append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x02\x00\x00\x00"), 0x12, 0x34, 0x56, 0x78)},
		adaptertest.Attachment{Name: "drawing.svg", Type: "image/svg+xml", Content: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		adaptertest.Attachment{Name: "drawing.png", Type: "image/png", Content: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		adaptertest.Attachment{Name: "plan.png", Type: "application/pdf", Content: []byte("%PDF-1.7")},
	)
	page := c.asks(c.cookie, Prefix+"/c/"+m.Room+"/t/"+c.root, "")
	previews, links := pictured(harmless(t, page.Body.String()))
	if len(previews) != 3 {
		t.Fatalf("%d previews on %s", len(previews), page.Body)
	}
	for n, p := range previews {
		file := Prefix + "/f/" + m.Files[[]int{0, 1, 3}[n]]
		kept, err := c.faults.Talk.TalkFile(t.Context(), "main", strings.TrimPrefix(file, Prefix+"/f/"))
		must(t, err)
		for name, want := range map[string]string{"src": file + "/preview", "alt": kept.Name, "width": "200", "height": "150", "loading": "lazy", "decoding": "async"} {
			if got := attr(p, name); got != want {
				t.Errorf("%s of preview %d is %q, want %q", name, n, got, want)
			}
		}
		if got := attr(links[n], "href"); links[n].Data != "a" || got != file {
			t.Errorf("preview %d leads to %q", n, got)
		}
	}
	address := attr(previews[0], "src")
	w := c.asks(c.cookie, address, "")
	small, err := jpeg.Decode(w.Body)
	if must(t, err); small.Bounds().Size() != image.Pt(400, 300) {
		t.Errorf("the preview is of %v", small.Bounds())
	}
	mark := w.Header().Get("ETag")
	for name, want := range map[string]string{"Content-Type": "image/jpeg", "Cache-Control": "private, no-cache", "Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header().Get(name); w.Code != http.StatusOK || mark == "" || got != want {
			t.Errorf("the preview: %d, %s %q", w.Code, name, got)
		}
	}
	if mark == c.asks(c.cookie, strings.TrimSuffix(address, "/preview"), "").Header().Get("ETag") {
		t.Error("the preview has the mark of the file")
	}
	c.a.previews.known.Purge()
	if w := c.asks(c.cookie, address, mark); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("the same again: %d", w.Code)
	}
	if c.a.previews.known.Len() > 0 {
		t.Error("it was drawn to find out that it is the same")
	}
	for _, p := range previews[1:] {
		if w := c.asks(c.cookie, attr(p, "src"), ""); w.Code != http.StatusOK || w.Header().Get("ETag") != "" || !bytes.Equal(w.Body.Bytes(), c.a.assets["paper.svg"].content) {
			t.Errorf("instead of %s: %d %s", attr(p, "alt"), w.Code, w.Body)
		}
	}
	// Nobody else, and not with a mark that somebody told them.
	other := signIn(t, c.a, c.known.Colleague)
	for cookie, want := range map[string]int{"": http.StatusUnauthorized, other: http.StatusNotFound} {
		for _, mark := range []string{"", mark} {
			if w := c.asks(cookie, address, mark); w.Code != want {
				t.Errorf("somebody else sees %d %s", w.Code, w.Body)
			}
		}
	}
	c.Remove(m.ID)
	if w := c.asks(c.cookie, address, mark); w.Code != http.StatusNotFound {
		t.Errorf("what was deleted is seen: %d", w.Code)
	}
}

// TestPreviewComesByTheLine: a picture that somebody attaches is seen by who has the thread
// open.
func TestPreviewComesByTheLine(t *testing.T) {
	t.Parallel()
	c := newConformance(t, &ear{}, nil)
	root, err := c.faults.Talk.TalkMessage(t.Context(), "main", c.root)
	must(t, err)
	s := httptest.NewServer(c.a.Routes())
	t.Cleanup(s.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+Prefix+"/live?since=0&room="+root.Room, nil)
	must(t, err)
	r.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
	res, err := s.Client().Do(r)
	must(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	m := c.attached(adaptertest.Attachment{Name: "pump.png", Type: "image/png", Content: photo(t, 40, 30)})
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		var told told
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); !ok || json.Unmarshal([]byte(data), &told) != nil || told.ID != m.ID {
			continue
		}
		if previews, _ := pictured(parse(t, string(told.HTML))); len(previews) != 1 || attr(previews[0], "alt") != "pump.png" {
			t.Errorf("by the line comes %s", told.HTML)
		}
		return
	}
	t.Fatalf("the line ended: %v", lines.Err())
}

// TestPreviewsOnce: of many who look at a photo at once, one has it drawn.
func TestPreviewsOnce(t *testing.T) {
	t.Parallel()
	c := newConformance(t, &ear{}, nil)
	content := photo(t, 800, 600)
	var all sync.WaitGroup
	var read atomic.Int64
	for range 8 {
		all.Go(func() {
			file := bytes.NewReader(content)
			small, err := c.a.previews.of(t.Context(), "a digest", file)
			if err != nil || len(small) == 0 {
				t.Errorf("%d bytes, %v", len(small), err)
			}
			if file.Len() < len(content) {
				read.Add(1)
			}
		})
	}
	all.Wait()
	if read.Load() != 1 {
		t.Errorf("the file was read %d times", read.Load())
	}
}

// TestPreviewsWhileOthersTakeLong: who waits in vain has no preview now, and asks again.
func TestPreviewsWhileOthersTakeLong(t *testing.T) {
	t.Parallel()
	p, err := newPreviews()
	if err != nil {
		t.Fatal(err)
	}
	content := photo(t, 80, 60)
	p.wait = time.Millisecond
	p.turn <- struct{}{}
	if small, err := p.of(t.Context(), "a digest", bytes.NewReader(content)); err != nil || small != nil {
		t.Errorf("in vain: %d bytes, %v", len(small), err)
	}
	<-p.turn
	p.wait = time.Minute
	if small, err := p.of(t.Context(), "a digest", bytes.NewReader(content)); err != nil || len(small) == 0 {
		t.Errorf("afterwards: %d bytes, %v", len(small), err)
	}
}

// TestPreviewsOfAJob: the pictures of a job are seen on its page, in its history and beside
// it, by whoever may have the file.
func TestPreviewsOfAJob(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("a", 64)
	files := []chat.FilePage{{Name: hostile, Size: "1 kB", Type: "image/png", Digest: digest}, {Name: "late.png", Type: "image/png", Missing: "it is not fetched yet"}, {Name: "plan.pdf", Type: "application/pdf", Digest: digest}}
	s := &shelf{job: chat.JobPage{Number: 12, Title: "Boiler", Entries: []chat.Entry{{Comment: true, Files: files}}, Files: files}}
	d := newDesk(t, s)
	previews, links := pictured(harmless(t, d.get("/jobs/12").Body.String()))
	if len(previews) != 2 {
		t.Fatalf("%d previews", len(previews))
	}
	for n, p := range previews {
		if file := Prefix + "/jobs/12/files/" + digest; attr(p, "src") != file+"/preview" || attr(links[n], "href") != file || attr(p, "alt") != hostile {
			t.Errorf("preview %d is %+v", n, p.Attr)
		}
	}
	path := "/jobs/12/files/" + digest + "/preview"
	if w := d.get(path); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" {
		t.Errorf("a page of HTML is shown: %d %v", w.Code, w.Header())
	}
	s.content = string(photo(t, 1200, 600))
	d = newDesk(t, s)
	small, err := jpeg.Decode(d.get(path).Body)
	if must(t, err); small.Bounds().Size() != image.Pt(400, 200) {
		t.Errorf("the preview is of %v", small.Bounds())
	}
	for _, err := range []error{chat.ErrNoSuch, chat.ErrForbidden} {
		s.err = err
		if file, w := d.get(strings.TrimSuffix(path, "/preview")), d.get(path); w.Code != file.Code || w.Body.String() != file.Body.String() || w.Code < 400 {
			t.Errorf("of the file they are told %d, of its preview %d", file.Code, w.Code)
		}
	}
}
