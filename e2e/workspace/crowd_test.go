package workspace_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/e2e/process"
)

// utterance is a message that somebody wrote into a job's thread, with all that became
// of it.
type utterance struct {
	id string
	// texts are all it ever said, the newest last.
	texts           []string
	deleted, pinned bool
	file            upload
}

// voice is somebody who writes into one thread, changes what they wrote, takes it back
// and pins it, one after the other and at random.
type voice struct {
	name string
	who  *person
	at   *window
	rng  *rand.Rand
	said []*utterance
}

// speak does one thing.
func (v *voice) speak() error {
	if v.rng.IntN(8) == 0 {
		v.who.repeats(false)
	}
	if u := v.one(); u != nil {
		switch n := v.rng.IntN(10); {
		case n < 2:
			return v.edits(u)
		case n < 3:
			u.deleted = true
			return v.took(v.who.acts("/web/m/"+u.id+"/delete", url.Values{}))
		case n < 4:
			return v.pins(u)
		}
	}
	u := &utterance{texts: []string{fmt.Sprintf("%s says %d", v.name, len(v.said))}}
	var files []upload
	if v.rng.IntN(4) == 0 {
		u.file = upload{strings.ReplaceAll(u.texts[0], " ", "-") + ".txt", []byte("What is in " + u.texts[0])}
		files = append(files, u.file)
	}
	v.said = append(v.said, u)
	return v.took(v.who.says(v.at.room, v.at.thread, u.texts[0], files...))
}

func (v *voice) took(got answer, err error) error {
	if err == nil && !got.taken() {
		err = fmt.Errorf("%s: %d %s", v.name, got.status, got.body)
	}
	return err
}

// one is a message of the voice's that its window shows already, if there is any.
func (v *voice) one() *utterance {
	_, inner := v.at.now()
	var list []*utterance
	for _, u := range v.said {
		if u.id == "" {
			for _, m := range inner {
				if m.text == u.texts[0] {
					u.id = m.id
				}
			}
		}
		if u.id != "" && !u.deleted {
			list = append(list, u)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[v.rng.IntN(len(list))]
}

// edits opens the form in which a message is changed, and changes it.
func (v *voice) edits(u *utterance) error {
	got, err := v.who.looks("/web/m/"+u.id+"/edit", true)
	if err != nil {
		return err
	}
	f, ok := formIn(got.body)
	if !ok {
		return fmt.Errorf("%s: no form to edit in: %d %s", v.name, got.status, got.body)
	}
	if is := f.fields.Get("text"); is != u.texts[len(u.texts)-1] {
		return fmt.Errorf("%s: %q is to be edited and says %q", v.name, u.texts[len(u.texts)-1], is)
	}
	text := fmt.Sprintf("%s, edited %d", u.texts[0], len(u.texts))
	f.fields.Set("text", text)
	u.texts = append(u.texts, text)
	return v.took(v.who.acts(f.action, f.fields))
}

// pins presses the pin of a message, with what the page's button says of it.
func (v *voice) pins(u *utterance) error {
	fields := url.Values{"pinned": {fmt.Sprint(!u.pinned)}}
	u.pinned = !u.pinned
	return v.took(v.who.acts("/web/m/"+u.id+"/pin", fields))
}

// typist writes to a firm by a command.
type typist struct {
	who    *person
	room   string
	number int
	typed  []string
}

func (y *typist) types() error {
	text := fmt.Sprintf("typed %d on job %d", len(y.typed), y.number)
	y.typed = append(y.typed, text)
	got, err := y.who.says(y.room, "", fmt.Sprintf("/task comment %d %s", y.number, text))
	if err == nil && !got.taken() {
		err = fmt.Errorf("%s: %d %s", text, got.status, got.body)
	}
	return err
}

// job is one that is worked on, with the people who talk about it.
type job struct {
	number int
	firm   *firm
	// card is the firm's card, desk the operators'.
	card, desk string
	shared     []*voice
	internal   *voice
	typist     *typist
}

// crowd is everybody at work: what they do is drawn from a seed, and kept to be compared
// with what the program makes of it.
type crowd struct {
	*desk

	seed    uint64
	firms   []*firm
	jobs    []*job
	courses []*course
	pages   []*window
	// acts are what can happen next, each for somebody of their own.
	acts []func() error
	// usual is what happens to a job that is led through while nothing is wrong.
	usual []string
}

// newCrowd sets up two firms with a job each, and everybody who talks.
func newCrowd(t *testing.T, settings map[string]string) *crowd {
	t.Helper()
	seed := shared.faults.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test -race -run '^%s$' ./e2e/workspace -faults.seed=%d", t.Name(), seed)
	c := &crowd{desk: open(t, seed, settings), seed: seed}
	c.firms = []*firm{c.firm("Leeds", "Acme", "Ben", "Mia"), c.firm("York", "Zenith", "Zoe")}
	for n, f := range c.firms {
		for _, p := range f.people {
			// Each firm's words have its name in them, and the desk's own say what they are.
			p.forbidden = []string{"internal", c.firms[1-n].name + " job", "of " + c.firms[1-n].name}
		}
		c.add(f)
	}
	calm := c.course("Quiet job")
	for range courseSteps {
		c.must(calm.goes())
	}
	c.usual = c.program.happened(calm.number)
	for _, p := range c.people {
		p.unruly = 6
	}
	return c
}

func (c *crowd) course(title string) *course {
	k := &course{d: c.desk, firm: c.firms[len(c.courses)%2], title: title + " of " + c.firms[len(c.courses)%2].name}
	c.courses = append(c.courses, k)
	return k
}

// add has a firm accept a job, and people talk about it.
func (c *crowd) add(f *firm) {
	c.t.Helper()
	k := &course{d: c.desk, firm: f, title: f.name + " job"}
	for range 3 {
		c.must(k.goes())
	}
	j := &job{number: k.number, firm: f}
	until(c.t, "the cards", func() bool {
		card, ok := f.people[0].card(f.room, j.number, "submit")
		desk, there := c.olivia.card(c.ops, j.number, "")
		j.card, j.desk = card.id, desk.id
		return ok && there
	})
	for n, p := range append(slices.Clone(f.people), c.oscar) {
		j.shared = append(j.shared, c.voice(fmt.Sprintf("%s %d of %s", p.name, n, f.name), p, f.room, j.card))
	}
	j.internal = c.voice("internal word of the desk", c.olivia, c.ops, j.desk)
	j.internal.name += fmt.Sprintf(" on %d", j.number)
	j.typist = &typist{who: c.olivia, room: c.ops, number: j.number}
	c.acts = append(c.acts, j.typist.types)
	c.jobs = append(c.jobs, j)
}

func (c *crowd) voice(name string, p *person, room, thread string) *voice {
	c.t.Helper()
	w, err := p.watch(c.ctx, room, thread)
	c.must(err)
	c.pages = append(c.pages, w)
	v := &voice{name: name, who: p, at: w, rng: rand.New(rand.NewPCG(c.seed, uint64(len(c.acts)+1)))}
	c.acts = append(c.acts, v.speak)
	return v
}

// goOn lets n things happen, by all at once, while lines are cut and one job goes its
// course. At a moment drawn from the seed, meanwhile is called; what is left happens
// beside it and after it.
func (c *crowd) goOn(n int, k *course, meanwhile func()) {
	c.t.Helper()
	acts := c.acts
	if k != nil {
		acts = append(slices.Clone(acts), func() error {
			if k.step == courseSteps {
				return nil
			}
			return k.goes()
		})
	}
	c.must(process.Together(c.rng, n, acts, c.breaks, meanwhile))
}

// breaks cuts the lines of pages.
func (c *crowd) breaks(rng *rand.Rand, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(50+rng.IntN(200)) * time.Millisecond):
		}
		c.pages[rng.IntN(len(c.pages))].breaks()
	}
}

// settled waits until everything that was said is where it belongs, after all that can
// come again has come again.
func (c *crowd) settled() {
	c.t.Helper()
	for _, p := range c.people {
		p.repeats(true)
		p.unruly = 0
	}
	// What was on its way when everything ended is tried again when its lease is over.
	if !process.Eventually(3*patience, func() bool { return len(c.program.Waiting()) == 0 }) {
		c.t.Fatalf("the program still has things to send: %q", c.program.Waiting())
	}
	var wrong []string
	if !process.Eventually(patience, func() bool { wrong = c.check(); return len(wrong) == 0 }) {
		for _, w := range wrong {
			c.t.Error(w)
		}
		c.t.Logf("seed %d", c.seed)
	}
}

// download reads a file as somebody does.
func (p *person) download(path string) (string, error) {
	got, err := p.looks(path, false)
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("status %d", got.status)
	}
	return got.body, err
}
