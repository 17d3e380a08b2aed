package workspace_test

import (
	"fmt"
	"slices"
	"strings"
)

// check compares what everybody's pages show with what was done and with what the
// program tells, all ways, and says what does not fit: every message is on the page and
// in the ledger once with its newest text, a deleted one as a tombstone, in one order;
// what was typed stands in the firm's thread once and in order; each card is there once;
// no notice comes twice; a page that followed shows what a page shows that is opened now;
// each job was led through as one is while nothing is wrong.
func (c *crowd) check() (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, w := range c.pages {
		c.checkPage(w, say)
	}
	for _, j := range c.jobs {
		ledger := c.program.ledger(j.number)
		_, thread := c.opened(j.shared[0].at, say)
		_, own := c.opened(j.internal.at, say)
		n := len(j.typist.typed) + len(j.internal.said)
		for _, v := range j.shared {
			n += len(v.said)
			c.checkVoice(ledger, thread, v, "shared", say)
		}
		c.checkVoice(ledger, own, j.internal, "internal", say)
		if len(ledger) != n {
			say("#%d has %d comments, %d were made", j.number, len(ledger), n)
		}
		checkOrder(ledger, thread, say)
		checkOrder(ledger, own, say)
		checkTyped(ledger, thread, j.typist.typed, say)
		checkNotices(thread, say)
		checkNotices(own, say)
		c.checkCards(j.number, j.firm, say)
	}
	for _, k := range c.courses {
		c.checkCourse(k, say)
	}
	return wrong
}

// opened is a window's page opened anew.
func (c *crowd) opened(w *window, say func(string, ...any)) (list, inner []shown) {
	l, i, _, err := w.fresh()
	if err != nil {
		say("%v", err)
	}
	return inOrder(l), inOrder(i)
}

// checkPage compares a page that followed all the while with one that is opened now.
func (c *crowd) checkPage(w *window, say func(string, ...any)) {
	list, inner := w.now()
	freshList, freshInner := c.opened(w, say)
	same := func(what string, have, want []shown) {
		if len(have) > len(want) {
			// A page that has been open for long shows more than one that is opened now.
			have = have[len(have)-len(want):]
		}
		if len(have) != len(want) {
			say("%s follows %s with %d messages, opened now it has %d", w.p.name, what, len(have), len(want))
			return
		}
		for i := range have {
			if have[i].whole != want[i].whole {
				say("%s follows %s, where stands\n  %s\nand opened now\n  %s", w.p.name, what, have[i].whole, want[i].whole)
			}
		}
	}
	same("the channel", list, freshList)
	same("the thread", inner, freshInner)
}

func (c *crowd) checkVoice(ledger []comment, thread []shown, v *voice, visibility string, say func(string, ...any)) {
	for _, u := range v.said {
		newest := u.texts[len(u.texts)-1]
		on := slices.DeleteFunc(slices.Clone(thread), func(m shown) bool {
			return m.text != newest && m.id != u.id && !slices.Contains(u.texts, m.text)
		})
		if want := 1; len(on) != want && !u.deleted || len(on) > 0 && u.deleted {
			say("%q (deleted: %v) is on the page %d times", newest, u.deleted, len(on))
			continue
		}
		if !u.deleted {
			u.id = on[0].id
			if on[0].text != newest || on[0].name != v.who.name || on[0].pinned != u.pinned {
				say("%q of %s (pinned: %v) is on the page as %+v", newest, v.who.name, u.pinned, on[0])
			}
		}
		in := slices.DeleteFunc(slices.Clone(ledger), func(m comment) bool { return m.Source.Message != u.id })
		if len(in) != 1 {
			say("%q is in the ledger %d times", newest, len(in))
			continue
		}
		if m := in[0]; !slices.Equal(m.said(), u.texts) || (m.DeletedAt != nil) != u.deleted || m.Visibility != visibility {
			say("%q (deleted: %v, %s) is in the ledger as %+v", u.texts, u.deleted, visibility, m)
		}
		if u.file.name == "" || u.deleted {
			continue
		}
		if f := in[0].Files; len(f) != 1 || f[0].Name != u.file.name || f[0].Digest == "" {
			say("%q came with %s and lists %+v", newest, u.file.name, f)
		}
		if got, err := v.who.download(on[0].files[u.file.name]); err != nil || got != string(u.file.content) {
			say("the file of %q is %q: %v", newest, got, err)
		}
	}
}

// checkOrder compares the order of a thread with that of the ledger.
func checkOrder(ledger []comment, thread []shown, say func(string, ...any)) {
	var page, kept []string
	for _, m := range thread {
		page = append(page, m.id)
	}
	texts := map[string]string{}
	for _, m := range ledger {
		if slices.Contains(page, m.Source.Message) {
			kept = append(kept, m.Source.Message)
			texts[m.Source.Message] = m.Text
		}
	}
	page = slices.DeleteFunc(page, func(id string) bool { return texts[id] == "" })
	for n := range min(len(page), len(kept)) {
		if page[n] != kept[n] {
			say("on the page %q comes next, in the ledger %q", texts[page[n]], texts[kept[n]])
			return
		}
	}
}

// checkTyped looks for what came by commands, in the ledger and in the firm's thread.
func checkTyped(ledger []comment, thread []shown, typed []string, say func(string, ...any)) {
	var entered, stands []string
	for _, m := range ledger {
		if strings.HasPrefix(m.Text, "typed ") {
			entered = append(entered, m.Text)
		}
	}
	for _, m := range thread {
		if _, text, ok := strings.Cut(m.text, "typed "); ok {
			stands = append(stands, "typed "+text)
		}
	}
	if !slices.Equal(entered, typed) || !slices.Equal(stands, typed) {
		say("typed was %q, in the ledger is %q, in the thread stands %q", typed, entered, stands)
	}
}

// checkNotices looks for anything that the program said twice.
func checkNotices(thread []shown, say func(string, ...any)) {
	seen := map[string]bool{}
	for _, m := range thread {
		if m.name != "taskbridge" {
			continue
		}
		text := m.title + " " + m.text
		if seen[text] && strings.TrimSpace(text) != "" {
			say("the thread says twice: %q", text)
		}
		seen[text] = true
	}
}

// checkCards looks for a job's cards: one in each channel.
func (c *crowd) checkCards(number int, f *firm, say func(string, ...any)) {
	for room, p := range map[string]*person{c.ops: c.olivia, f.room: f.people[0]} {
		var list map[string]shown
		got, err := p.looks("/web/c/"+room, false)
		if err == nil {
			list, err = p.list(parse(got.body))
		}
		if err != nil {
			say("%v", err)
			continue
		}
		n := 0
		for _, m := range list {
			if !m.private && strings.HasPrefix(m.title, fmt.Sprintf("#%d ", number)) {
				n++
			}
		}
		if n != 1 {
			say("#%d has %d cards in a channel of %s", number, n, p.name)
		}
	}
}

// checkCourse looks whether a job was made once, and went as one does.
func (c *crowd) checkCourse(k *course, say func(string, ...any)) {
	found, err := c.program.titled(k.title)
	if err != nil || len(found) != 1 {
		say("there are %d jobs %q: %v", len(found), k.title, err)
		return
	}
	if k.step < courseSteps {
		return
	}
	if got := c.program.happened(k.number); !slices.Equal(got, c.usual) {
		say("to %q happened %q, and to others %q", k.title, got, c.usual)
	}
	c.checkCards(k.number, k.firm, say)
}
