package bot_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// as is somebody who looks at a page.
func (d *desk) as(who string) chat.Viewer {
	return chat.Viewer{Workspace: d.p.Workspace(), From: chat.Person{ID: who}}
}

// jobPage reads a job's page as somebody.
func (d *desk) jobPage(who string, number int) chat.JobPage {
	d.t.Helper()
	page, err := d.engine.JobPage(d.t.Context(), d.as(who), number, "")
	if err != nil {
		d.t.Fatalf("%s: %v", who, err)
	}
	return page
}

// everything is all that a page says, in one string.
func everything(v any) string { return fmt.Sprintf("%+v", v) }

// withOthers adds a second firm with bea, and mona who is a manager.
func (d *desk) withOthers() (bolts string) {
	d.t.Helper()
	d.says("olivia", "ops", "contractor add Hull | Bolt")
	bolts = "ext-hull-bolt"
	d.waitText(bolts, "Bolt")
	d.p.addPerson("bea", chat.External, false)
	d.join(bolts, "bea")
	d.p.addPerson("mona", chat.Member, false)
	d.p.addChannel("board", "mona", "anna")
	d.says("anna", "board", "here managers")
	return bolts
}

// pagedJob is a job that both firms were offered and that acme has, with everything that
// has to be kept from somebody.
func pagedJob(t *testing.T) (d *desk, card fakePost) {
	t.Helper()
	d = newDesk(t)
	d.withFirm()
	bolts := d.withOthers()
	form := d.command("olivia", "ops", "new")
	d.submit("olivia", "ops", form.Form, map[string]string{
		"title": "Boiler down", "description": "It hisses.", "topic": "Boiler", "priority": "urgent", "place": "4 Elm St",
		"customer": "Mrs Secret, 0113 000", "external_ref": "CRM-77", "url": "https://crm.example/77",
	})
	d.says("olivia", "ops", "assign 1 acme, bolt price 250 EUR")
	card = d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms")
	d.waitCard(bolts, "Boiler down", "Accept", "Decline", "Suggest other terms")
	d.clock.Advance(time.Minute)
	d.click("cora", firmChannel, card, "Accept")
	d.says("olivia", "ops", "note 1 Margin is 40 percent")
	// A card is known to be there when its post was recorded.
	late, tick := time.After(patience), time.NewTicker(2*time.Millisecond)
	defer tick.Stop()
	for len(d.jobPage("olivia", 1).Cards) == 0 || len(d.jobPage("cora", 1).Cards) == 0 {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("the cards were never recorded")
		}
	}
	said := func(who, id, text string) {
		d.clock.Advance(time.Minute)
		d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: firmChannel, Body: chat.Said{Message: id, Thread: card.ID, Text: text}})
	}
	said("cora", "r1", "On my way at ten")
	d.clock.Advance(time.Minute)
	d.handle(chat.Inbound{At: d.clock.Now(), From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Edited{Message: "r1", Thread: card.ID, Text: "On my way at noon", Version: d.clock.Now()}})
	said("cora", "r2", "The door code is 4711")
	d.clock.Advance(time.Minute)
	d.handle(chat.Inbound{At: d.clock.Now(), From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Deleted{Message: "r2", Thread: card.ID}})
	return d, card
}

// TestJobPage: the desk reads everything of a job with what was edited and deleted, and
// whom it involves.
func TestJobPage(t *testing.T) {
	t.Parallel()
	d, _ := pagedJob(t)
	p := d.jobPage("olivia", 1)
	if p.Status != "In progress" || p.Customer != "Open" || p.Description != "It hisses." || len(p.Cards) != 1 || p.Cards[0].Channel != "ops" {
		t.Errorf("the page is %+v", p)
	}
	said := everything(p.Facts)
	for _, want := range []string{"Next move", "Next reminder", "4 Elm St", "Urgent", "Mrs Secret", "CRM-77"} {
		if !strings.Contains(said, want) {
			t.Errorf("the facts lack %q: %s", want, said)
		}
	}
	for _, f := range p.Facts {
		if f.Label == "Reference" && f.Value[0].Ref != "https://crm.example/77" {
			t.Errorf("the reference leads to %q", f.Value[0].Ref)
		}
	}
	if len(p.Offers) != 2 || !strings.Contains(everything(p.Offers), "250.00 EUR") || p.Offers[0].Firm != "Bolt, Hull" || p.Offers[0].Status != "Canceled" || p.Offers[1].Status != "In progress" {
		t.Errorf("the offers are %+v", p.Offers)
	}
	people := everything(p.People)
	if !strings.Contains(people, "Cora Part:in charge at Acme Heating, Leeds") || !strings.Contains(people, "Olivia Part:created it") {
		t.Errorf("the people are %s", people)
	}
	var note, edited, gone *chat.Entry
	for n := range p.Entries {
		switch e := &p.Entries[n]; {
		case e.Internal:
			note = e
		case len(e.Versions) > 0:
			edited = e
		case !e.Deleted.IsZero():
			gone = e
		}
		if n > 0 && p.Entries[n].At.Before(p.Entries[n-1].At) {
			t.Error("the history is out of order")
		}
	}
	if note == nil || note.Text.String() != "Margin is 40 percent" || note.Who != "Olivia" {
		t.Errorf("the note is %+v", note)
	}
	if edited == nil || edited.Text.String() != "On my way at noon" || edited.Versions[0].Text != "On my way at ten" || edited.Edited.IsZero() || edited.Side != "contractor" {
		t.Errorf("the edited comment is %+v", edited)
	}
	if gone == nil || gone.Text.String() != "The door code is 4711" || gone.By != "Cora" {
		t.Errorf("the deleted comment is %+v", gone)
	}
}

// TestJobPageIsTheReaders: each reader gets what the table of access gives them, and who
// may not know of the job is told the same as for one that does not exist.
func TestJobPageIsTheReaders(t *testing.T) {
	t.Parallel()
	d, card := pagedJob(t)
	manager := d.jobPage("mona", 1)
	if !strings.Contains(everything(manager), "Margin is 40 percent") || len(manager.Cards) != 0 {
		t.Errorf("the manager's page is %+v", manager)
	}
	acme := d.jobPage("cora", 1)
	if acme.Status != "In progress" || acme.Customer != "" || len(acme.Offers) != 1 || len(acme.Cards) != 1 || acme.Cards[0].Message != card.ID || !strings.Contains(everything(acme.Offers), "250.00 EUR") {
		t.Errorf("the firm's page is %+v", acme)
	}
	bolt := d.jobPage("bea", 1)
	for who, page := range map[string]chat.JobPage{"cora": acme, "bea": bolt} {
		for _, secret := range []string{"Mrs Secret", "CRM-77", "crm.example", "Margin", "door code", "Next reminder", map[string]string{"cora": "Bolt", "bea": "Acme"}[who]} {
			if strings.Contains(everything(page), secret) {
				t.Errorf("%s reads %q", who, secret)
			}
		}
	}
	if strings.Contains(everything(bolt), "Cora") || strings.Contains(everything(bolt), "On my way") {
		t.Errorf("the other firm reads what acme said: %+v", bolt)
	}
	d.says("olivia", "ops", "new Another")
	for who, want := range map[string]error{"cora": chat.ErrNoSuch, "bea": chat.ErrNoSuch, "sam": chat.ErrForbidden, "gina": chat.ErrForbidden} {
		for _, number := range []int{2, 99} {
			if _, err := d.engine.JobPage(t.Context(), d.as(who), number, ""); !errors.Is(err, want) {
				t.Errorf("%s opens job %d: %v", who, number, err)
			}
		}
	}
	if _, err := d.engine.JobPage(t.Context(), d.as("olivia"), 99, ""); !errors.Is(err, chat.ErrNoSuch) {
		t.Errorf("a job that does not exist: %v", err)
	}
}

// wholePage reads the history of a job's page from its last part to its first and gives the
// entries in order, with the number of parts.
func (d *desk) wholePage(who string, number int) (entries []chat.Entry, parts int) {
	d.t.Helper()
	for before := ""; ; parts++ {
		p, err := d.engine.JobPage(d.t.Context(), d.as(who), number, before)
		if err != nil {
			d.t.Fatalf("%s before %q: %v", who, before, err)
		}
		if p.Latest != (before == "") || len(p.Entries) > 50 {
			d.t.Errorf("%s before %q: %d entries, the latest: %v", who, before, len(p.Entries), p.Latest)
		}
		entries = append(p.Entries, entries...)
		if before = p.Earlier; before == "" {
			return entries, parts + 1
		}
	}
}

// TestJobPageOfALongHistory turns the pages of a history: each entry stands on one of them
// and in its order, a firm's have nothing of the desk's, and files are listed wherever in
// the history they stand.
func TestJobPageOfALongHistory(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withOthers()
	card := d.accepted()
	photo := d.p.attach("F1", "boiler.png", "image/png", []byte("the boiler"))
	d.replyWith(card.ID, "photo", "Look", photo)
	d.waitFiles("photo", "a file", allSettled)
	const said = 60
	for n := range said {
		// Every third entry has the time of the one before.
		if n%3 > 0 {
			d.clock.Advance(time.Second)
		}
		d.reply("cora", firmChannel, card.ID, fmt.Sprintf("r%d", n), fmt.Sprintf("on site %02d", n))
		expect(t, d.says("olivia", "ops", fmt.Sprintf("note 1 for us %02d", n)), "")
	}
	for who, want := range map[string]struct {
		parts int
		notes int
	}{"olivia": {3, said}, "mona": {3, said}, "cora": {2, 0}} {
		entries, parts := d.wholePage(who, 1)
		times, ids := map[string]int{}, map[string]bool{}
		for n, e := range entries {
			times[e.Text.String()]++
			if n > 0 && e.At.Before(entries[n-1].At) {
				t.Errorf("%s reads %q before what was earlier", who, e.Text)
			}
			if e.Comment && (e.ID == "" || ids[e.ID]) {
				t.Errorf("%s reads %q as %q", who, e.Text, e.ID)
			}
			ids[e.ID] = true
		}
		notes := 0
		for n := range said {
			if got := times[fmt.Sprintf("on site %02d", n)]; got != 1 {
				t.Errorf("%s reads reply %d %d times", who, n, got)
			}
			notes += times[fmt.Sprintf("for us %02d", n)]
		}
		if parts != want.parts || notes != want.notes {
			t.Errorf("%s reads %d parts with %d notes", who, parts, notes)
		}
		// The photo is far behind the last part of the history, and is there to be had.
		if p := d.jobPage(who, 1); len(p.Files) != 1 || p.Files[0].Name != "boiler.png" || p.MoreFiles {
			t.Errorf("%s has the files %+v", who, p.Files)
		}
	}
	if first := d.jobPage("olivia", 1); first.Entries[len(first.Entries)-1].Text.String() != "for us 59" {
		t.Errorf("the last entry is %q", first.Entries[len(first.Entries)-1].Text)
	}
	for _, wrong := range []string{"x", "7", "-3.", ".c", "99999999999999999999.c"} {
		if _, err := d.engine.JobPage(t.Context(), d.as("olivia"), 1, wrong); !errors.Is(err, chat.ErrNoSuch) {
			t.Errorf("before %q: %v", wrong, err)
		}
	}
	// A mark opens nothing: who may not know of the job learns nothing by one.
	mark := d.jobPage("olivia", 1).Earlier
	for who, want := range map[string]error{"bea": chat.ErrNoSuch, "sam": chat.ErrForbidden} {
		if p, err := d.engine.JobPage(t.Context(), d.as(who), 1, mark); !errors.Is(err, want) {
			t.Errorf("%s reads %+v: %v", who, p, err)
		}
	}
	p, err := d.engine.JobPage(t.Context(), d.as("cora"), 1, mark)
	if err != nil || strings.Contains(everything(p), "for us") {
		t.Errorf("with the desk's mark the firm reads %+v: %v", p, err)
	}
}

// TestFilesOfAJobPage: of very many files the last ones are listed, and each is found in the
// history.
func TestFilesOfAJobPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	const posted = 53
	for n := range posted {
		d.clock.Advance(time.Second)
		d.replyWith(card.ID, fmt.Sprintf("p%d", n), "Look", d.p.attach(fmt.Sprintf("F%d", n), fmt.Sprintf("photo %02d.png", n), "image/png", []byte{byte(n), 1}))
	}
	d.waitFiles(fmt.Sprintf("p%d", posted-1), "the last file", allSettled)
	for _, who := range []string{"olivia", "cora"} {
		p := d.jobPage(who, 1)
		if len(p.Files) != 50 || !p.MoreFiles || p.Files[0].Name != "photo 03.png" || p.Files[49].Name != "photo 52.png" {
			t.Errorf("%s has %d files, more: %v", who, len(p.Files), p.MoreFiles)
		}
		entries, _ := d.wholePage(who, 1)
		if !strings.Contains(everything(entries), "photo 00.png") {
			t.Errorf("%s does not find the first photo in the history", who)
		}
	}
}

// TestJobFile: a file is opened by who may read the comment it hangs on.
func TestJobFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withOthers()
	card := d.accepted()
	photo := []byte("the boiler")
	d.replyWith(card.ID, "r1", "Look", d.p.attach("F1", "boiler.png", "image/png", photo))
	d.waitFiles("r1", "a file", allSettled)
	digest := digestOf(photo)
	for who, may := range map[string]bool{"olivia": true, "mona": true, "cora": true, "carl": true, "bea": false, "sam": false} {
		f, err := d.engine.JobFile(t.Context(), d.as(who), 1, digest)
		if (err == nil) != may {
			t.Errorf("%s: %v", who, err)
		}
		if err != nil {
			continue
		}
		got, err := io.ReadAll(f.Content)
		_ = f.Content.Close()
		if err != nil || string(got) != string(photo) || f.Name != "boiler.png" {
			t.Errorf("%s reads %q as %q: %v", who, got, f.Name, err)
		}
	}
	if files := d.jobPage("cora", 1).Files; len(files) != 1 || files[0].Digest != digest || files[0].By != "Cora" {
		t.Errorf("the files are %+v", files)
	}
	d.says("olivia", "ops", "new Another")
	for _, wrong := range []string{"", digestOf([]byte("nothing"))} {
		if _, err := d.engine.JobFile(t.Context(), d.as("olivia"), 1, wrong); !errors.Is(err, chat.ErrNoSuch) {
			t.Errorf("%q is opened: %v", wrong, err)
		}
	}
	if _, err := d.engine.JobFile(t.Context(), d.as("olivia"), 2, digest); !errors.Is(err, chat.ErrNoSuch) {
		t.Errorf("a file of another job is opened: %v", err)
	}
}

// TestListPage: a page of a list has what the command shows, for the same people.
func TestListPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withOthers()
	for n := range 40 {
		d.says("olivia", "ops", fmt.Sprintf("new Job %d", n+1))
	}
	d.says("olivia", "ops", "assign 1 acme")
	d.says("olivia", "ops", "assign 2 bolt")
	numbers := func(p chat.ListPage) (out []int) {
		for _, r := range p.Rows {
			out = append(out, r.Number)
		}
		return out
	}
	read := func(who string, q chat.ListQuery) chat.ListPage {
		t.Helper()
		p, err := d.engine.ListPage(t.Context(), d.as(who), q)
		if err != nil {
			t.Fatalf("%s, %+v: %v", who, q, err)
		}
		return p
	}
	first := read("olivia", chat.ListQuery{})
	if first.List != "open" || first.Heading != "Open jobs" || first.Count != 40 || len(first.Rows) != 30 || first.Rows[0].Number != 40 || !first.Older || first.Newer || len(first.Lists) != 12 {
		t.Errorf("the first page is %+v", first)
	}
	next := read("olivia", chat.ListQuery{Before: 11})
	if got := numbers(next); len(got) != 10 || got[0] != 10 || next.Older || !next.Newer || next.Rows[9].Firm != "Acme Heating, Leeds" || next.Rows[9].Status != "Assigned" {
		t.Errorf("the next page is %+v", next)
	}
	for _, q := range []chat.ListQuery{{Firm: "acme"}, {City: "leeds"}, {List: "offered", Firm: `"acme"`}} {
		if got := numbers(read("mona", q)); len(got) != 1 || got[0] != 1 {
			t.Errorf("%+v has %v", q, got)
		}
	}
	own := read("cora", chat.ListQuery{})
	if got := numbers(own); len(got) != 1 || got[0] != 1 || !own.OwnFirm || strings.Contains(everything(own), "Bolt") || !own.Rows[0].Created.IsZero() {
		t.Errorf("the firm's list is %+v", own)
	}
	for words, q := range map[string]chat.ListQuery{"no such list": {List: "secret"}, "No firm fits": {Firm: "nobody"}, "I know nobody": {Person: "mallory"}, "Shorten": {Topic: strings.Repeat("x", 400)}} {
		_, err := d.engine.ListPage(t.Context(), d.as("olivia"), q)
		if refused, ok := errors.AsType[*chat.RefusedPage](err); !ok || !strings.Contains(refused.Words, words) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if _, err := d.engine.ListPage(t.Context(), d.as("cora"), chat.ListQuery{Firm: "bolt"}); err == nil {
		t.Error("a firm narrows its list down by another firm")
	}
	if _, err := d.engine.ListPage(t.Context(), d.as("sam"), chat.ListQuery{}); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("a stranger reads a list: %v", err)
	}
}

// TestDoors: links are shown to who may open what is behind them.
func TestDoors(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withOthers()
	for who, want := range map[string]chat.Doors{
		"olivia": {Lists: true, Board: true}, "anna": {Lists: true, Board: true, Steps: true}, "mona": {Lists: true, Board: true},
		"cora": {Lists: true, Score: true}, "sam": {}, "gina": {},
	} {
		got, err := d.engine.Doors(t.Context(), d.as(who))
		if err != nil || got != want {
			t.Errorf("%s has %+v, want %+v: %v", who, got, want, err)
		}
	}
}
