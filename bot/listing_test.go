package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// turn presses a button of an answer, as somebody who need not be the one who asked.
func (d *desk) turn(who, channel string, a chat.Answer, label string) chat.Answer {
	d.t.Helper()
	return d.press(who, channel, "shown", token(d.t, a.Message, label), "")
}

// numbersIn are the numbers of the jobs that an answer lists.
func numbersIn(a chat.Answer) string {
	var out []string
	for line := range strings.Lines(a.Message.Text.String()) {
		if number, _, ok := strings.Cut(line, " "); ok && strings.HasPrefix(number, "#") {
			out = append(out, number[1:])
		}
	}
	return strings.Join(out, " ")
}

// TestListsByStage walks a job through every list.
func TestListsByStage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	on := func(want ...string) {
		t.Helper()
		for _, l := range []string{"new", "open", "mine", "waiting", "offered", "declined", "progress", "approval", "overdue", "done"} {
			wanted := ""
			for _, w := range want {
				if w == l {
					wanted = "1"
				}
			}
			if got := numbersIn(d.command("olivia", "ops", "list "+l)); got != wanted {
				t.Errorf("list %s has %q, want %q", l, got, wanted)
			}
		}
	}
	on("new", "open", "mine")
	d.says("olivia", "ops", "assign 1 acme")
	on("open", "mine", "waiting", "offered")
	card := d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms")
	d.click("cora", firmChannel, card, "Accept")
	on("open", "mine", "progress")
	if got := numbersIn(d.command("cora", firmChannel, "list mine")); got != "1" {
		t.Errorf("the one in charge has %q", got)
	}
	if got := numbersIn(d.command("carl", firmChannel, "list mine")); got != "" {
		t.Errorf("a colleague has %q", got)
	}
	if got := numbersIn(d.command("otto", "ops", "list mine")); got != "" {
		t.Errorf("an operator who did not make it has %q", got)
	}
}

// TestListFilters narrows lists down by each filter, alone and together.
func TestListFilters(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	d.says("otto", "ops", "new Lift stuck")
	d.says("olivia", "ops", "assign 1 acme")
	d.click("cora", firmChannel, d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms"), "Accept")
	details := d.turn("olivia", "ops", d.command("olivia", "ops", "new Gas smell"), "Add details")
	d.submit("olivia", "ops", details.Form, map[string]string{"title": "Gas smell", "topic": "Gas Boiler", "priority": "normal"})
	for query, want := range map[string]string{
		"":                                  "3 2 1",
		`topic:"gas boiler"`:                "3",
		"new topic:“Gas Boiler”":            "3",
		"firm:acme":                         "1",
		"acme":                              "1",
		"progress firm:acme city:leeds":     "1",
		"city:LEEDS":                        "1",
		"city:hull":                         "",
		"person:otto":                       "2",
		"person:cora":                       "1",
		"person:me":                         "3 1",
		"open person:olivia firm:acme":      "1",
		"progress city:leeds person:cora":   "1",
		"new topic:gas":                     "",
		"open contractor:acme topic:boiler": "",
	} {
		if got := numbersIn(d.command("olivia", "ops", "list "+query)); got != want {
			t.Errorf("list %s has %q, want %q", query, got, want)
		}
	}
	for query, part := range map[string]string{
		"colour:red":                        "Filter by firm, topic, city or person, like /task list",
		"open firm:":                        "Filter by firm",
		"person:mallory":                    "I know nobody called",
		"firm:nobody":                       "No firm fits",
		"topic:" + strings.Repeat("x", 400): "Shorten",
	} {
		expect(t, d.says("olivia", "ops", "list "+query), part)
	}
	expect(t, d.says("cora", firmChannel, "list firm:other"), "your own firm")
	expect(t, d.says("cora", firmChannel, "list person:otto"), "nothing on this list")
	expect(t, d.command("olivia", "ops", "list progress firm:acme topic:x").Message.Title, "Accepted or in progress · Acme Heating, Leeds · x")
}

// TestListPages turns pages forward and back while jobs come and go.
func TestListPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	for n := range 30 {
		d.says("olivia", "ops", fmt.Sprintf("new Job %d", n+1))
	}
	first := d.command("olivia", "ops", "list new")
	want := func(a chat.Answer, numbers, title string, buttons ...string) {
		t.Helper()
		if got := numbersIn(a); got != numbers {
			t.Errorf("the page has %q, want %q", got, numbers)
		}
		if a.Message.Title != title || fmt.Sprint(labels(a.Message)) != fmt.Sprint(buttons) {
			t.Errorf("the page is %q with %v", a.Message.Title, labels(a.Message))
		}
	}
	want(first, "30 29 28 27 26 25 24 23 22 21 20 19", "New jobs (30)", "Next")
	d.says("olivia", "ops", "close 18")
	d.says("olivia", "ops", "new Job 31")
	second := d.turn("olivia", "ops", first, "Next")
	want(second, "17 16 15 14 13 12 11 10 9 8 7 6", "New jobs (30)", "Previous", "Next")
	if !second.Replace {
		t.Error("another page does not take the first one's place")
	}
	want(d.turn("olivia", "ops", second, "Next"), "5 4 3 2 1", "New jobs (30)", "Previous")
	want(d.turn("olivia", "ops", second, "Previous"), "30 29 28 27 26 25 24 23 22 21 20 19", "New jobs (30)", "Previous", "Next")
	foreign := d.turn("otto", "ops", first, "Next")
	if foreign.Refused != bot.RefusedUnauthenticated || numbersIn(foreign) != "" {
		t.Errorf("another person turned the page: %+v", foreign)
	}
}

// TestFirmsPagesHaveTheirOwnJobs reads every page of every list as the people of two
// firms, and presses one firm's button as the other.
func TestFirmsPagesHaveTheirOwnJobs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "contractor add Hull | Bolt")
	const bolts = "ext-hull-bolt"
	d.waitText(bolts, "Bolt")
	d.p.addPerson("bea", chat.External, false)
	d.join(bolts, "bea")
	for n := range 30 {
		d.says("olivia", "ops", fmt.Sprintf("new Job %d", n+1))
		d.says("olivia", "ops", fmt.Sprintf("assign %d %s", n+1, []string{"bolt", "acme"}[n%2]))
	}
	for _, l := range []string{"", "new", "open", "waiting", "offered"} {
		a := d.command("cora", firmChannel, "list "+l)
		seen := numbersIn(a)
		for len(a.Message.Buttons) > 0 && a.Message.Buttons[len(a.Message.Buttons)-1].Label == "Next" {
			if other := d.turn("bea", bolts, a, "Next"); other.Refused != bot.RefusedUnauthenticated {
				t.Fatalf("another firm turned the page: %+v", other)
			}
			a = d.turn("cora", firmChannel, a, "Next")
			seen += " " + numbersIn(a)
		}
		if want := "30 28 26 24 22 20 18 16 14 12 10 8 6 4 2"; seen != want {
			t.Errorf("list %s has %q, want %q", l, seen, want)
		}
	}
	for _, l := range []string{"declined", "progress", "approval", "overdue", "done", "mine"} {
		if got := numbersIn(d.command("cora", firmChannel, "list "+l)); got != "" {
			t.Errorf("list %s has %q", l, got)
		}
	}
	if got := numbersIn(d.command("sam", "dm", "list")); got != "" {
		t.Errorf("a stranger reads %q", got)
	}
}
