package workspace_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"
)

// shown is a message as a page shows it.
type shown struct {
	id           string
	seq          int64
	name, title  string
	text         string
	private      bool
	pinned, gone bool
	files        map[string]string
	// buttons are the addresses of the page's buttons by their label's key.
	buttons []string
	// whole is all of it as it is drawn.
	whole string
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), class)
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func parse(text string) *html.Node {
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		// What is read from memory can always be parsed.
		return &html.Node{}
	}
	return doc
}

// byID finds an element.
func byID(doc *html.Node, id string) *html.Node {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && attr(n, "id") == id {
			return n
		}
	}
	return nil
}

// messages are those beneath an element.
func messages(at *html.Node) map[string]shown {
	out := map[string]shown{}
	if at == nil {
		return out
	}
	for n := range at.Descendants() {
		if n.Type == html.ElementNode && n.Data == "article" {
			m := message(n)
			out[m.id] = m
		}
	}
	return out
}

func message(n *html.Node) shown {
	m := shown{id: attr(n, "data-message"), private: hasClass(n, "private"), files: map[string]string{}}
	m.seq, _ = strconv.ParseInt(attr(n, "data-seq"), 10, 64)
	for d := range n.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		switch {
		case hasClass(d, "name"):
			m.name = words(d)
		case d.Data == "h3":
			m.title = words(d)
		case hasClass(d, "text"):
			m.text = words(d)
		case hasClass(d, "gone"):
			m.gone = true
		case hasClass(d, "tag") && words(d) == "Pinned":
			m.pinned = true
		case d.Data == "button" && attr(d, "data-key") != "":
			m.buttons = append(m.buttons, attr(d, "data-key"))
		case d.Data == "a" && strings.Contains(attr(d, "href"), "/f/"):
			for f := range d.Descendants() {
				if hasClass(f, "file-name") {
					m.files[words(f)] = attr(d, "href")
				}
			}
		}
	}
	// The headings of days are the page's own, as its script counts them over the whole list.
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-day" })
	// So is what is far above when a page opens, which a browser may draw later.
	for i, a := range n.Attr {
		if a.Key == "class" {
			n.Attr[i].Val = strings.TrimSuffix(a.Val, " far")
		}
	}
	var b strings.Builder
	_ = html.Render(&b, n)
	m.whole = strings.Join(strings.Fields(b.String()), " ")
	return m
}

// list are the messages of a channel whose page somebody has, with those that the page's
// script asks for when it has been drawn.
func (p *person) list(page *html.Node) (map[string]shown, error) {
	out := messages(byID(page, "list"))
	for n := range page.Descendants() {
		if n.Type != html.ElementNode || !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-rest" }) {
			continue
		}
		above, err := p.looks(attr(n, "href"), true)
		if err == nil && above.status != http.StatusOK {
			err = fmt.Errorf("%s asks for what is above: status %d", p.name, above.status)
		}
		if err != nil {
			return nil, err
		}
		for id, m := range messages(parse(above.body)) {
			if _, here := out[id]; !here {
				out[id] = m
			}
		}
	}
	return out, nil
}

// window is an open page of somebody's: a channel with a thread beside it, kept up to
// date by its live line as the page's script does it.
type window struct {
	p            *person
	room, thread string

	mu sync.Mutex
	// list is the channel and inner the thread, since how far the page has heard.
	list, inner map[string]shown
	since       string
	// cut ends the line that is open.
	cut context.CancelFunc
	// lines is how many lines there were.
	lines int
}

// watch opens a window and keeps it up to date until ctx ends.
func (p *person) watch(ctx context.Context, room, thread string) (*window, error) {
	w := &window{p: p, room: room, thread: thread}
	if err := w.load(); err != nil {
		return nil, err
	}
	p.d.windows.Go(func() {
		for ctx.Err() == nil {
			err := w.listen(ctx)
			if err == nil || ctx.Err() != nil {
				continue
			}
			// The script waits a second, which is long for a test.
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
	return w, nil
}

// fresh is the page as it is when it is opened now.
func (w *window) fresh() (list, inner map[string]shown, since string, err error) {
	path := "/web/c/" + w.room
	if w.thread != "" {
		path += "/t/" + w.thread
	}
	got, err := w.p.looks(path, false)
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("%s opens %s: status %d", w.p.name, path, got.status)
	}
	if err != nil {
		return nil, nil, "", err
	}
	doc := parse(got.body)
	for n := range doc.Descendants() {
		if n.Data == "body" {
			since = attr(n, "data-since")
		}
	}
	list, err = w.p.list(doc)
	return list, messages(byID(doc, "thread-list")), since, err
}

func (w *window) load() error {
	list, inner, since, err := w.fresh()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.list, w.inner, w.since = list, inner, since
	}
	return err
}

// listen reads one line to its end.
func (w *window) listen(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	since := w.since
	w.cut = cancel
	w.lines++
	w.mu.Unlock()
	res, err := w.p.open(ctx, http.MethodGet, "/web/live?room="+url.QueryEscape(w.room)+"&since="+since, request{}, false)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	kind, id, data := "", "", ""
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			kind = value
		case "id":
			id = value
		case "data":
			data = value
		case "":
			w.p.reads(data)
			if again, err := w.hears(kind, id, data); err != nil || again {
				return err
			}
			kind, id, data = "", "", ""
		}
	}
	return lines.Err()
}

// hears takes an event of the line. Half an event is none: a browser drops it.
func (w *window) hears(kind, id, data string) (again bool, err error) {
	switch kind {
	case "again":
		return true, w.load()
	case "out":
		w.p.d.t.Errorf("%s was signed out", w.p.name)
		return false, fmt.Errorf("signed out")
	case "message":
	default:
		return false, nil
	}
	var told struct {
		ID, Room, Thread, HTML string
		Gone                   bool
	}
	if err := json.Unmarshal([]byte(data), &told); err != nil {
		return false, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if id != "" {
		w.since = id
	}
	if told.Room != w.room {
		return false, nil
	}
	if told.Thread == "" {
		put(w.list, told.ID, parse(told.HTML), told.Gone)
	}
	if w.thread != "" && (told.Thread == w.thread || told.ID == w.thread) {
		inner := parse(told.HTML)
		if told.Thread == "" {
			asRoot(inner)
		}
		put(w.inner, told.ID, inner, told.Gone)
	}
	return false, nil
}

func put(into map[string]shown, id string, drawn *html.Node, gone bool) {
	if gone {
		delete(into, id)
		return
	}
	for _, m := range messages(drawn) {
		into[id] = m
	}
}

// asRoot makes a channel's message what it is above its thread, as the page's script does.
func asRoot(at *html.Node) {
	for n := range at.Descendants() {
		if n.Data != "article" {
			continue
		}
		for i := range n.Attr {
			switch n.Attr[i].Key {
			case "id":
				n.Attr[i].Val = "t-" + attr(n, "data-message")
			case "class":
				n.Attr[i].Val += " root"
			}
		}
		var ways []*html.Node
		for d := range n.Descendants() {
			if hasClass(d, "replies") {
				ways = append(ways, d)
			}
		}
		for _, d := range ways {
			d.Parent.RemoveChild(d)
		}
	}
}

// breaks cuts the line, as the network does.
func (w *window) breaks() {
	w.mu.Lock()
	cut := w.cut
	w.mu.Unlock()
	if cut != nil {
		cut()
	}
}

// now is what the window shows, in order.
func (w *window) now() (list, inner []shown) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return inOrder(w.list), inOrder(w.inner)
}

func inOrder(m map[string]shown) []shown {
	return slices.SortedFunc(maps.Values(m), func(a, b shown) int { return int(a.seq - b.seq) })
}

// form is one that is open.
type form struct {
	action string
	fields url.Values
	names  []string
}

// formIn finds the form in an answer.
func formIn(text string) (form, bool) {
	for n := range parse(text).Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		f := form{action: attr(n, "hx-post"), fields: url.Values{}}
		for d := range n.Descendants() {
			name := attr(d, "name")
			if d.Type != html.ElementNode || name == "" {
				continue
			}
			f.names = append(f.names, name)
			switch d.Data {
			case "input":
				if attr(d, "type") != "checkbox" {
					f.fields.Set(name, attr(d, "value"))
				}
			case "textarea":
				if d.FirstChild != nil {
					f.fields.Set(name, d.FirstChild.Data)
				}
			case "select":
				for o := range d.Descendants() {
					if o.Data == "option" && slices.ContainsFunc(o.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
						f.fields.Set(name, attr(o, "value"))
					}
				}
			}
		}
		return f, true
	}
	return form{}, false
}

// wrongIn are the words in an answer that say what is wrong with a form.
func wrongIn(text string) string {
	var out []string
	for n := range parse(text).Descendants() {
		if n.Type == html.ElementNode && hasClass(n, "error") && words(n) != "" {
			out = append(out, words(n))
		}
	}
	return strings.Join(out, "; ")
}
