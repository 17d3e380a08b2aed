package bot_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// board reads a board as somebody.
func (d *desk) board(who string, q chat.BoardQuery) chat.BoardPage {
	d.t.Helper()
	p, err := d.engine.BoardPage(d.t.Context(), d.as(who), q)
	if err != nil {
		d.t.Fatalf("%s, %+v: %v", who, q, err)
	}
	return p
}

// tile is the value of a tile, with what it was before.
func tile(p chat.BoardPage, label string) string {
	for _, t := range p.Tiles {
		if t.Label == label {
			return strings.TrimSpace(t.Value + " " + t.Before)
		}
	}
	return "none"
}

// rows are a chart's, as text.
func rows(p chat.BoardPage, id string) string {
	for _, c := range p.Charts {
		if c.ID != id {
			continue
		}
		var out []string
		for _, r := range c.Rows {
			if slices.ContainsFunc(r.Values, func(n int) bool { return n > 0 }) {
				out = append(out, fmt.Sprint(r.Label, " ", r.Values))
			}
		}
		return strings.Join(out, "; ")
	}
	return "no such chart"
}

// busyDesk has two firms in two cities with work in every stage.
func busyDesk(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.withFirm()
	bolts := d.withOthers()
	add := func(title, topic string) {
		form := d.command("olivia", "ops", "new")
		d.submit("olivia", "ops", form.Form, map[string]string{"title": title, "topic": topic, "priority": "normal"})
	}
	add("Old one", "Boiler")
	d.clock.Advance(10 * 24 * time.Hour)
	add("Boiler down", "Boiler")
	add("Lift stuck", "Lift")
	add("No topic", "")
	add("Gas smell", "boiler")
	d.says("olivia", "ops", "assign 2 acme")
	d.says("olivia", "ops", "assign 3 bolt")
	d.says("olivia", "ops", "assign 5 acme")
	d.clock.Advance(time.Hour)
	d.click("cora", firmChannel, d.waitCard(firmChannel, "Boiler down", "Accept", "Decline", "Suggest other terms"), "Accept")
	decline := d.click("bea", bolts, d.waitCard(bolts, "Lift stuck", "Accept", "Decline", "Suggest other terms"), "Decline")
	d.submit("bea", bolts, decline.Form, map[string]string{"reason": "skills"})
	return d
}

// TestBoardAgreesWithChat: a page of figures and the chat say the same, because both read
// the same; for the desk, for a firm and for each period.
func TestBoardAgreesWithChat(t *testing.T) {
	t.Parallel()
	d := busyDesk(t)
	for _, period := range []string{"week", "month", "quarter", "year"} {
		for _, firm := range []string{"", "acme", "bolt"} {
			chatSays := d.command("mona", "board", strings.TrimSpace("summary "+period+" "+firm)).Message
			p := d.board("mona", chat.BoardQuery{Period: period, Firm: firm})
			// The chat says besides what waits to be sent.
			if !strings.HasPrefix(chatSays.Text.String(), p.Summary.Text.String()) || len(p.Summary.Text) == 0 || fmt.Sprint(p.Summary.Facts) != fmt.Sprint(chatSays.Facts) {
				t.Errorf("%s %s: the page says\n%s\nand the chat\n%s", period, firm, p.Summary.Text, chatSays.Text)
			}
			view, err := d.engine.Summary(t.Context(), chat.SummaryQuery{Period: period, Contractor: firm})
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("%d %d", view.Created, view.Before.Created); tile(p, "Created") != want {
				t.Errorf("%s %s: created %s, want %s", period, firm, tile(p, "Created"), want)
			}
			offers := fmt.Sprintf("Made [%d %d]", view.Offered, view.Before.Offered)
			if view.Offered > 0 && !strings.Contains(rows(p, "offers"), offers) {
				t.Errorf("%s %s: offers are %s, want %s", period, firm, rows(p, "offers"), offers)
			}
		}
	}
}

// TestBoardOfFigures reads every chart of the desk, of a firm and of a city.
func TestBoardOfFigures(t *testing.T) {
	t.Parallel()
	d := busyDesk(t)
	desk := d.board("olivia", chat.BoardQuery{Period: "week"})
	for id, want := range map[string]string{
		"status":  "New [2]; Waiting acceptance [1]; Declined [1]; Accepted or in progress [1]",
		"ages":    "today [4]; 1–2 weeks [1]",
		"offers":  "Made [3 0]; Accepted [1 0]; Declined [1 0]",
		"reasons": "Not qualified for this [1 0]",
		"firms":   "Acme Heating, Leeds [1 1 0 0]",
		"cities":  "Leeds [1 1 0 0]",
		"topics":  "Boiler [1 1 0 1 0 0]; no topic [1 0 0 0 0 0]; Lift [0 0 1 0 0 0]",
		"people":  "Cora [1 0 0]",
		"days":    "3 Dec [4 0]",
	} {
		if got := rows(desk, id); id != "reasons" && got != want || id == "reasons" && !strings.HasSuffix(got, "[1 0]") {
			t.Errorf("%s are %q, want %q", id, got, want)
		}
	}
	if got := tile(desk, "Created"); got != "4 1" {
		t.Errorf("created: %s", got)
	}
	if two := d.board("olivia", chat.BoardQuery{Since: d.clock.Now().AddDate(0, 0, -1), Until: d.clock.Now()}); tile(two, "Created") != "4 0" || two.Period != "" {
		t.Errorf("two days: %+v", two.Tiles)
	}
	year := d.board("olivia", chat.BoardQuery{Period: "year"})
	if got := rows(year, "days"); !strings.Contains(got, "[4 0]") || len(year.Charts[0].Rows) != 53 || tile(year, "Created") != "5 0" {
		t.Errorf("a year has %d weeks: %s", len(year.Charts[0].Rows), got)
	}
	for _, q := range []chat.BoardQuery{{Period: "week", Firm: "acme"}, {Period: "week", City: " LEEDS "}, {Period: "week", Firm: "acme", City: "leeds"}} {
		p := d.board("mona", q)
		if got := rows(p, "status"); got != "Assigned [1]; Accepted [1]" {
			t.Errorf("%+v: %s", q, got)
		}
		if got := rows(p, "offers"); got != "Made [2 0]; Accepted [1 0]" || tile(p, "Created") != "2 0" || rows(p, "ages") != "today [2]" || rows(p, "topics") != "no such chart" {
			t.Errorf("%+v: offers %s, created %s, ages %s", q, got, tile(p, "Created"), rows(p, "ages"))
		}
		if !strings.Contains(p.Heading, "Leeds") {
			t.Errorf("the heading is %q", p.Heading)
		}
	}
	for words, q := range map[string]chat.BoardQuery{
		"No firm fits": {Firm: "nobody"}, "No firm is in": {City: "Atlantis"}, `No firm in "Hull" fits "acme"`: {Firm: "acme", City: "Hull"}, "No firm in": {Firm: "acme", City: "Atlantis"},
		"no period": {Period: "decade"}, "Give both": {Since: d.clock.Now()},
		"before the last": {Since: d.clock.Now(), Until: d.clock.Now().AddDate(0, 0, -3)}, "three years": {Since: d.clock.Now().AddDate(-9, 0, 0), Until: d.clock.Now()},
	} {
		_, err := d.engine.BoardPage(t.Context(), d.as("mona"), q)
		if refused, ok := errors.AsType[*chat.RefusedPage](err); !ok || !strings.Contains(refused.Words, words) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

// TestFirmOfACity: of firms with one name the city tells which is meant, on boards and lists.
func TestFirmOfACity(t *testing.T) {
	t.Parallel()
	d := busyDesk(t)
	d.says("olivia", "ops", "contractor add York | Acme Heating")
	d.waitText("ext-york-acme-heating", "Acme Heating")
	d.says("olivia", "ops", "new Gutter loose")
	d.says("olivia", "ops", "assign 6 acme york")
	d.drained()
	if _, err := d.engine.BoardPage(t.Context(), d.as("mona"), chat.BoardQuery{Firm: "acme"}); err == nil || !strings.Contains(err.Error(), "Several firms fit") {
		t.Errorf("a name of two firms: %v", err)
	}
	for city, want := range map[string]string{"york": "Assigned [1]", "Leeds": "Assigned [1]; Accepted [1]"} {
		p := d.board("mona", chat.BoardQuery{Period: "week", Firm: "acme", City: city})
		if got := rows(p, "status"); got != want || !strings.HasPrefix(strings.ToLower(p.Heading), "acme heating, "+strings.ToLower(city)) {
			t.Errorf("%s: %q, %s", city, p.Heading, got)
		}
		if got := rows(p, "firms") + rows(p, "cities"); got != "no such chartno such chart" {
			t.Errorf("%s: the board of one firm compares: %s", city, got)
		}
	}
	page, err := d.engine.ListPage(t.Context(), d.as("mona"), chat.ListQuery{Firm: "acme", City: "York"})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Number != 6 {
		t.Errorf("the list of the firm in York has %+v, %v", page.Rows, err)
	}
}

// TestBoardIsTheReaders: a firm reads its own score and nothing of the desk's or of
// another firm's; a stranger reads nothing.
func TestBoardIsTheReaders(t *testing.T) {
	t.Parallel()
	d := busyDesk(t)
	own := d.board("cora", chat.BoardQuery{})
	if !own.Own || !strings.HasPrefix(own.Heading, "Acme Heating, Leeds") || rows(own, "status") != "Assigned [1]; Accepted [1]" || rows(own, "offers") != "Made [2 0]; Accepted [1 0]" {
		t.Errorf("the firm's board is %+v", own)
	}
	if got, want := own.Summary.Text.String(), d.command("cora", firmChannel, "score").Message.Text.String(); got != want {
		t.Errorf("the page says\n%s\nand the chat\n%s", got, want)
	}
	for _, secret := range []string{"Bolt", "Hull", "Created", "by firm", "by city", "by topic", "in charge of", "Age of", "Not our kind"} {
		if strings.Contains(everything(own), secret) {
			t.Errorf("the firm reads %q", secret)
		}
	}
	for _, q := range []chat.BoardQuery{{Firm: "bolt"}, {City: "hull"}, {Firm: "acme"}, {Firm: "bolt", City: "hull"}, {Firm: "acme", City: "leeds"}} {
		if _, err := d.engine.BoardPage(t.Context(), d.as("cora"), q); err == nil {
			t.Errorf("the firm asks for %+v", q)
		}
	}
	for _, who := range []string{"sam", "gina"} {
		if _, err := d.engine.BoardPage(t.Context(), d.as(who), chat.BoardQuery{}); !errors.Is(err, chat.ErrForbidden) {
			t.Errorf("%s reads the board: %v", who, err)
		}
	}
	d.says("anna", "ops", "rights revoke Otto view")
	if _, err := d.engine.BoardPage(t.Context(), d.as("otto"), chat.BoardQuery{}); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("an operator without the right to view reads the board: %v", err)
	}
}
