package workspace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"taskbridge/e2e/process"
)

// person is somebody with a browser, as far as HTTP goes: with a cookie, and with a mark
// for everything they do.
type person struct {
	d      *desk
	name   string
	email  string
	client *http.Client
	cookie *http.Cookie
	// id is the person's own, rooms are the channels they are in by title.
	id    string
	rooms map[string]string
	// unruly says how often out of ten what the person sends is sent twice at once, loses
	// its answer, or is given up in the middle.
	unruly int
	// forbidden are words that the person must never be sent.
	forbidden []string

	mu    sync.Mutex
	rng   *rand.Rand
	again []request
}

// request is one that can be sent again, to the byte.
type request struct {
	path, kind string
	body       []byte
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) taken() bool { return a.status >= 200 && a.status < 300 }

// upload is a file of a message.
type upload struct {
	name    string
	content []byte
}

func (p *person) draw(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rng.IntN(n)
}

// fetch makes a request as the page does, and reads its answer.
func (p *person) fetch(ctx context.Context, method, path string, r request, script bool) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	res, err := p.open(ctx, method, path, r, script)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return answer{}, err
	}
	p.reads(string(body))
	return answer{res.StatusCode, res.Header, string(body)}, nil
}

func (p *person) open(ctx context.Context, method, path string, r request, script bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.d.address()+path, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	// What browsers say of who asks; without it a request from another site is refused.
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		req.Header.Set("Origin", p.d.program.URL)
	}
	if script {
		req.Header.Set("Hx-Request", "true")
	} else {
		req.Header.Set("Accept", "text/html")
	}
	if p.cookie != nil {
		req.AddCookie(p.cookie)
	}
	return p.client.Do(req)
}

// reads looks whether something came that is for others.
func (p *person) reads(text string) {
	for _, words := range p.forbidden {
		if at := strings.Index(text, words); at >= 0 {
			p.d.t.Errorf("%s was sent what is for others: …%s…", p.name, text[max(0, at-120):min(len(text), at+120)])
		}
	}
}

var errOver = errors.New("it was never answered")

// looks opens something until it is there: who sees no page loads it again.
func (p *person) looks(path string, script bool) (answer, error) {
	var last error
	var got answer
	ok := process.Eventually(patience, func() bool {
		var err error
		got, err = p.fetch(context.Background(), http.MethodGet, path, request{}, script)
		if err == nil && p.later(got) {
			err = fmt.Errorf("status %d", got.status)
		}
		last = err
		return err == nil
	})
	if !ok {
		return got, fmt.Errorf("%s looks at %s: %w: %w", p.name, path, errOver, last)
	}
	return got, nil
}

// later tells whether an answer is that it did not work now, after the wait that it asks
// for.
func (p *person) later(a answer) bool {
	if a.status == http.StatusTooManyRequests {
		n, _ := strconv.Atoi(a.header.Get("Retry-After"))
		<-time.After(time.Duration(n) * time.Second)
	}
	return a.status == http.StatusTooManyRequests || a.status >= 500
}

// mark makes the mark of a new act.
func (p *person) mark() string { return fmt.Sprintf("mark-%08x-%08x", p.draw(1<<30), p.draw(1<<30)) }

// acts sends a form until it is taken or refused, with the same mark each time: that is
// what the page does whose button is pressed again.
func (p *person) acts(path string, fields url.Values) (answer, error) {
	fields.Set("once", p.mark())
	return p.insists(request{path, "application/x-www-form-urlencoded", []byte(fields.Encode())})
}

// says sends what is in a composer.
func (p *person) says(room, thread, text string, files ...upload) (answer, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range [][2]string{{"thread", thread}, {"text", text}, {"once", p.mark()}} {
		// A buffer takes everything.
		_ = w.WriteField(f[0], f[1])
	}
	for _, f := range files {
		part, err := w.CreateFormFile("files", f.name)
		if err == nil {
			_, err = part.Write(f.content)
		}
		if err != nil {
			return answer{}, err
		}
	}
	if err := w.Close(); err != nil {
		return answer{}, err
	}
	return p.insists(request{"/web/c/" + room + "/say", w.FormDataContentType(), b.Bytes()})
}

// insists sends a request until it is taken or refused. Now and then it goes wrong in a
// way of its own: sent twice at once, done and its answer lost, given up before there is
// an answer, or sent once more much later.
func (p *person) insists(r request) (answer, error) {
	var got answer
	var last error
	way := p.draw(10)
	if way >= p.unruly {
		way = -1
	}
	ok := process.Eventually(patience, func() bool {
		var err error
		switch way {
		case 0, 1:
			got, err = p.twice(r)
		case 2, 3:
			// It is done, and nobody hears of it.
			_, _ = p.fetch(context.Background(), http.MethodPost, r.path, r, true)
			got, err = p.fetch(context.Background(), http.MethodPost, r.path, r, true)
		case 4, 5:
			p.givesUp(r)
			got, err = p.fetch(context.Background(), http.MethodPost, r.path, r, true)
		default:
			got, err = p.fetch(context.Background(), http.MethodPost, r.path, r, true)
		}
		if err == nil && p.later(got) {
			err = fmt.Errorf("status %d: %s", got.status, got.body)
		}
		last, way = err, -1
		return err == nil
	})
	if !ok {
		return got, fmt.Errorf("%s sends to %s: %w: %w", p.name, r.path, errOver, last)
	}
	// Only a pin that comes back much later cannot be told from one that is meant.
	if p.unruly > 0 && !strings.HasSuffix(r.path, "/pin") && p.draw(6) == 0 {
		p.mu.Lock()
		p.again = append(p.again, r)
		p.mu.Unlock()
	}
	return got, nil
}

// twice sends a request twice at once; the answer is that of whoever was taken.
func (p *person) twice(r request) (answer, error) {
	var other answer
	var otherErr error
	var wg sync.WaitGroup
	wg.Go(func() { other, otherErr = p.fetch(context.Background(), http.MethodPost, r.path, r, true) })
	got, err := p.fetch(context.Background(), http.MethodPost, r.path, r, true)
	wg.Wait()
	if (err != nil || !got.taken()) && otherErr == nil && other.taken() {
		return other, nil
	}
	return got, err
}

// givesUp sends a request and closes the line a moment later.
func (p *person) givesUp(r request) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(p.draw(30_000))*time.Microsecond)
	defer cancel()
	_, _ = p.fetch(ctx, http.MethodPost, r.path, r, true)
}

// repeats sends again what was taken long ago, as a proxy or a browser does that comes
// back to life. Whatever is answered, nothing may come of it.
func (p *person) repeats(all bool) {
	p.mu.Lock()
	n := min(1, len(p.again))
	if all {
		n = len(p.again)
	}
	list := p.again[:n]
	p.again = p.again[n:]
	p.mu.Unlock()
	for _, r := range list {
		if got, err := p.fetch(context.Background(), http.MethodPost, r.path, r, true); err == nil {
			p.later(got)
		}
	}
}
