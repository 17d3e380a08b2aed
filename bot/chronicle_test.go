package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// linesOf are the lines of a history.
func linesOf(a chat.Answer) []string { return strings.Split(a.Message.Text.String(), "\n") }

// wholeHistory reads a history from its last page to its first, and gives its lines in
// order with the number of pages.
func (d *desk) wholeHistory(who, channel, command string) (lines []string, pages int) {
	d.t.Helper()
	a := d.command(who, channel, command)
	for {
		lines = append(linesOf(a), lines...)
		pages++
		if !strings.Contains(fmt.Sprint(labels(a.Message)), "Earlier") {
			return lines, pages
		}
		if a = d.turn(who, channel, a, "Earlier"); !a.Replace {
			d.t.Fatalf("another page does not take the first one's place: %+v", a)
		}
	}
}

// TestHistoryInPages reads a long history from its end: each entry stands on one page
// and in its order, whoever reads, and a firm's pages have nothing of the desk's own.
func TestHistoryInPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	const said = 60
	for n := range said {
		// Every third entry has the time of the one before.
		if n%3 > 0 {
			d.clock.Advance(time.Second)
		}
		d.reply("cora", firmChannel, card.ID, fmt.Sprintf("r%d", n), fmt.Sprintf("on site %02d", n))
		expect(t, d.says("olivia", "ops", fmt.Sprintf("note 1 for us %02d", n)), "")
	}
	d.reply("cora", firmChannel, card.ID, "last", "on site and done")
	lines, pages := d.wholeHistory("olivia", "ops", "history 1")
	if pages != 4 {
		t.Errorf("the history has %d pages", pages)
	}
	text := strings.Join(lines, "\n")
	at := -1
	for n := range said {
		for _, what := range []string{"on site", "for us"} {
			entry := fmt.Sprintf("%s %02d", what, n)
			if strings.Count(text, entry) != 1 {
				t.Fatalf("%q stands %d times in\n%s", entry, strings.Count(text, entry), text)
			}
			if what == "on site" {
				if next := strings.Index(text, entry); next < at {
					t.Fatalf("%q stands before what was said before", entry)
				} else {
					at = next
				}
			}
		}
	}
	if !strings.Contains(lines[0], "created it") || !strings.HasSuffix(lines[len(lines)-1], "on site and done") {
		t.Errorf("the history goes from %q to %q", lines[0], lines[len(lines)-1])
	}
	firms, pages := d.wholeHistory("cora", firmChannel, "history 1")
	text = strings.Join(firms, "\n")
	if pages != 2 || strings.Contains(text, "for us") || strings.Count(text, "on site") != said+1 {
		t.Errorf("the firm reads %d pages:\n%s", pages, text)
	}
	last := d.command("olivia", "ops", "history 1")
	earlier := d.turn("olivia", "ops", last, "Earlier")
	if got := fmt.Sprint(labels(earlier.Message)); got != "[Earlier Latest]" {
		t.Errorf("an earlier page has the buttons %s", got)
	}
	if again := d.turn("olivia", "ops", earlier, "Latest"); again.Message.Text.String() != last.Message.Text.String() {
		t.Errorf("the latest page is not the last one: %s", again.Message.Text)
	}
	if foreign := d.turn("cora", firmChannel, last, "Earlier"); foreign.Refused != bot.RefusedUnauthenticated {
		t.Errorf("the firm turned the desk's page: %+v", foreign)
	}
}

// TestSettingsHistoryInPages: no change is out of reach because there were many since.
func TestSettingsHistoryInPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.admin()
	const changes = 70
	for n := range changes {
		d.submit("adam", "general", d.section("adam", "approval"), map[string]string{"photos": fmt.Sprint(1 + n%20)})
	}
	lines, pages := d.wholeHistory("adam", "general", "settings history")
	if len(lines) != changes || pages != 3 {
		t.Fatalf("%d changes on %d pages:\n%s", len(lines), pages, strings.Join(lines, "\n"))
	}
	first := d.command("adam", "general", "settings history")
	expect(t, d.turn("adam", "general", d.turn("adam", "general", first, "Earlier"), "Latest").Message.Text.String(), linesOf(first)[0])
	if foreign := d.turn("olivia", "ops", first, "Earlier"); foreign.Refused != bot.RefusedUnauthenticated {
		t.Errorf("an operator turned an administrator's page: %+v", foreign)
	}
}
