package workspace_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"taskbridge/e2e/process"
	"taskbridge/storage/storagetest/pgtest"
)

// desk is a company that works in the browser, with the program that serves it and the
// line between the two.
type desk struct {
	t       testing.TB
	program *program
	// line is where everybody's requests go through, at the address end.
	line *pgtest.Line
	end  string
	rng  *rand.Rand

	olivia, oscar *person
	ops           string
	people        []*person
	// ctx ends with the test, and windows are the open pages, which end with it.
	ctx     context.Context
	windows sync.WaitGroup
}

// firm is a company that works for the desk.
type firm struct {
	name, room string
	people     []*person
}

func (d *desk) address() string { return d.end }

// open starts the program and has Olivia and Oscar sign in as operators.
func open(t *testing.T, seed uint64, settings map[string]string) *desk {
	t.Helper()
	d := &desk{t: t, program: newProgram(t, settings), rng: rand.New(rand.NewPCG(seed, 0))}
	d.line, d.end = pgtest.NewLine(t, d.program.URL)
	ctx, end := context.WithCancel(context.Background())
	d.ctx = ctx
	// The pages are closed before the program ends, which waits for them otherwise.
	t.Cleanup(d.windows.Wait)
	t.Cleanup(end)
	d.program.Start()
	d.olivia = d.signsIn("Olivia", d.program.run("web", "add", "Olivia", "olivia@desk.example", "--admin"))
	d.oscar = d.signsIn("Oscar", d.program.run("web", "add", "Oscar", "oscar@desk.example"))
	d.ops = d.olivia.rooms["Operations"]
	return d
}

// signsIn uses a sign-in link.
func (d *desk) signsIn(name, link string) *person {
	d.t.Helper()
	p := &person{d: d, name: name, rng: rand.New(rand.NewPCG(d.rng.Uint64(), 0))}
	p.client = &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 6},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	d.t.Cleanup(p.client.CloseIdleConnections)
	u, err := url.Parse(link)
	d.must(err)
	res, err := p.open(d.t.Context(), http.MethodPost, u.Path, request{}, false)
	d.must(err)
	_ = res.Body.Close()
	for _, c := range res.Cookies() {
		p.cookie = c
	}
	if p.cookie == nil {
		d.t.Fatalf("%s has no session: %s", name, res.Status)
	}
	d.people = append(d.people, p)
	p.finds()
	return p
}

// finds reads which channels there are for a person.
func (p *person) finds() {
	p.d.t.Helper()
	page, err := p.looks("/web/", false)
	p.d.must(err)
	p.rooms = map[string]string{}
	for n := range parse(page.body).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if me := attr(n, "data-me"); me != "" {
			p.id = me
		}
		if room, ok := strings.CutPrefix(attr(n, "href"), "/web/c/"); ok && n.Data == "a" && !strings.Contains(room, "/") {
			p.rooms[words(n.FirstChild)] = room
		}
	}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// commands has somebody type a command in a channel.
func (d *desk) commands(p *person, room, text string) answer {
	d.t.Helper()
	got, err := p.says(room, "", text)
	d.must(err)
	if !got.taken() {
		d.t.Fatalf("%s types %q: %d %s", p.name, text, got.status, got.body)
	}
	return got
}

// firm adds a firm whose people sign in.
func (d *desk) firm(city, company string, people ...string) *firm {
	d.t.Helper()
	d.commands(d.olivia, d.ops, fmt.Sprintf("/task contractor add %s | %s", city, company))
	// Where it works is no part of its name.
	company, where, both := strings.Cut(company, " on ")
	f := &firm{name: company}
	if both {
		where = " on web"
	}
	until(d.t, "the channel of "+company, func() bool {
		d.olivia.finds()
		for title, room := range d.olivia.rooms {
			if strings.Contains(title, company) {
				f.room = room
			}
		}
		return f.room != ""
	})
	for _, name := range people {
		address := strings.ToLower(name + "@" + company + ".example")
		d.commands(d.olivia, d.ops, fmt.Sprintf("/task contractor invite %s %s%s", company, address, where))
		until(d.t, name+" to be in the channel", func() bool {
			got, err := d.olivia.looks("/web/c/"+f.room+"/people", true)
			return err == nil && strings.Contains(got.body, ">"+name+"<")
		})
		p := d.signsIn(name, d.program.run("web", "link", address))
		f.people = append(f.people, p)
	}
	return f
}

// card finds the card of a job in a channel as somebody sees it, when it is there.
func (p *person) card(room string, number int, button string) (shown, bool) {
	got, err := p.looks("/web/c/"+room, false)
	if err != nil {
		return shown{}, false
	}
	list, err := p.list(parse(got.body))
	if err != nil {
		return shown{}, false
	}
	for _, m := range list {
		if strings.HasPrefix(m.title, fmt.Sprintf("#%d ", number)) && (button == "" || slices.Contains(m.buttons, button)) {
			return m, true
		}
	}
	return shown{}, false
}

// presses presses a button of a job's card; a form that it opens is filled in and sent.
// What is refused is tried by whoever waits for its effect.
func (p *person) presses(room string, number int, button string, values map[string]string) error {
	card, ok := p.card(room, number, button)
	if !ok {
		return nil
	}
	got, err := p.acts("/web/m/"+card.id+"/press", url.Values{"button": {button}})
	if err != nil || !got.taken() {
		return err
	}
	f, ok := formIn(got.body)
	if !ok {
		return nil
	}
	for name, value := range values {
		f.fields.Set("f-"+name, value)
	}
	got, err = p.acts(f.action, f.fields)
	if err == nil && got.taken() {
		if wrong := wrongIn(got.body); wrong != "" {
			p.d.t.Logf("%s, %s of #%d: %s", p.name, button, number, wrong)
		}
	}
	return err
}

// course leads a job from the first word to the approval.
type course struct {
	d      *desk
	firm   *firm
	title  string
	number int
	step   int
}

// courseSteps is how many steps a course has.
const courseSteps = 5

// goes takes the next step and waits for what comes of it.
func (c *course) goes() error {
	d, who := c.d, c.firm.people[0]
	steps := []struct {
		state string
		do    func() error
	}{
		{"reported", func() error { _, err := d.olivia.says(d.ops, "", "/task new "+c.title); return err }},
		{"allocated/assigned", func() error {
			_, err := d.olivia.says(d.ops, "", fmt.Sprintf("/task assign %d %s", c.number, c.firm.name))
			return err
		}},
		{"allocated/accepted", func() error { return who.presses(c.firm.room, c.number, "accept", nil) }},
		{"allocated/waiting_approval", func() error {
			return who.presses(c.firm.room, c.number, "submit", map[string]string{"note": "Done: " + c.title})
		}},
		{"resolved/complete", func() error { return d.olivia.presses(d.ops, c.number, "approve", nil) }},
	}
	s := steps[c.step]
	var now string
	tried := 0
	done := process.Eventually(2*patience, func() bool {
		// A job is nothing that has to be looked at all the time.
		<-time.After(50 * time.Millisecond)
		found, err := d.program.titled(c.title)
		if err != nil {
			return false
		}
		if len(found) > 0 {
			c.number, now = found[0].Number, found[0].state()
		}
		if now == s.state {
			return true
		}
		// A card comes a moment after what it shows; nobody types a command twice.
		if tried == 0 || c.step >= 2 {
			tried++
			if err := s.do(); err != nil {
				d.t.Logf("%s: %v", c.title, err)
			}
		}
		return false
	})
	if !done {
		return fmt.Errorf("%s is %q and never became %q", c.title, now, s.state)
	}
	c.step++
	return nil
}
