package web

import (
	"encoding/csv"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"taskbridge/bot/chat"
)

// figures are a board with a chart of each kind.
func figures() chat.BoardPage {
	chart := func(id string, kind chat.ChartKind, series []chat.Series, rows ...chat.ChartRow) chat.Chart {
		return chat.Chart{ID: id, Title: id, Kind: kind, Category: "Row", Series: series, Rows: rows}
	}
	two := []chat.Series{{Name: "Now", Class: "one"}, {Name: "Before", Class: "before"}}
	var days []chat.ChartRow
	for n := range 30 {
		days = append(days, chat.ChartRow{Label: "day " + strconv.Itoa(n+1), Values: []int{n, 30 - n}})
	}
	return chat.BoardPage{
		BoardQuery: chat.BoardQuery{Period: "month", Firm: "acme"}, Heading: "=HYPERLINK(1) " + hostile,
		From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC),
		Summary: chat.Message{Text: chat.T("5 jobs " + hostile)},
		Tiles:   []chat.Tile{{Label: "Overdue", Value: "7", Before: "-1", List: &chat.ListQuery{List: "overdue", Firm: "a&b"}}},
		Charts: []chat.Chart{
			chart("days", chat.Columns, two, days...),
			chart("reasons", chat.Bars, two, chat.ChartRow{Label: "@SUM(1)", Values: []int{3, 0}}, chat.ChartRow{Label: hostile, Values: []int{1, 12}}),
			chart("firms", chat.Stacked, two, chat.ChartRow{Label: "+44", Values: []int{30, 13}, List: &chat.ListQuery{List: "open", Firm: "x"}}),
			chart("times", chat.Spans, []chat.Series{{Name: "Median", Class: "one"}, {Name: "P90"}, {Name: "Median before", Class: "before"}, {Name: "P90 before"}},
				chat.ChartRow{Label: "to a yes", Values: []int{600, 7200, 0, 0}}, chat.ChartRow{Label: "never", Values: []int{0, 0, 0, 0}}),
			chart("empty", chat.Bars, two),
		},
		Firms: []string{hostile}, Cities: []string{"Leeds"},
	}
}

// TestBoard draws every kind of chart, each with its figures as text.
func TestBoard(t *testing.T) {
	t.Parallel()
	s := &shelf{doors: chat.Doors{Board: true}, board: figures()}
	d := newDesk(t, s)
	w := d.get("/board?period=month&firm=acme&since=2026-11-01&until=2026-11-30")
	want := chat.BoardQuery{Period: "month", Firm: "acme", Since: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)}
	if w.Code != http.StatusOK || s.asked != want {
		t.Fatalf("%d, asked for %+v", w.Code, s.asked)
	}
	doc := harmless(t, w.Body.String())
	charts, tables := 0, 0
	each(doc, func(n *html.Node) {
		switch {
		case hasClass(n, "chart"):
			charts++
			if id := attr(n, "aria-labelledby"); id == "" || !strings.Contains(w.Body.String(), `id="`+id+`"`) {
				t.Error("a chart has no name")
			}
		case n.Data == "table":
			tables++
		case n.Data == "svg" && attr(n, "role") == "" && attr(n, "aria-hidden") != "true":
			t.Error("a drawing is neither an image nor hidden")
		}
		for _, a := range n.Attr {
			if percent, ok := strings.CutSuffix(a.Val, "%"); ok && (a.Key == "x" || a.Key == "width" || a.Key == "x1") {
				if v, err := strconv.ParseFloat(percent, 64); err != nil || v < 0 || v > 100 {
					t.Errorf("%s=%q is outside of the drawing", a.Key, a.Val)
				}
			}
		}
	})
	if charts != 5 || tables != 4 {
		t.Errorf("%d charts and %d tables", charts, tables)
	}
	said := textIn(doc)
	for _, want := range []string{"5 jobs " + hostile, "10 min – 2 h", "Nothing to show for this time.", "43"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	links := map[string]bool{}
	each(doc, func(n *html.Node) { links[attr(n, "href")] = true })
	for _, want := range []string{"/web/jobs?firm=a%26b&list=overdue", "/web/jobs?firm=x&list=open", "/web/board?firm=acme&period=year", "/web/board.csv?firm=acme&period=month"} {
		if !links[want] {
			t.Errorf("no link leads to %s", want)
		}
	}
	for path, words := range map[string]string{"/board?firm=nobody": "No firm fits <nobody>.", "/board?since=yesterday": "Write days like 2026-03-14."} {
		w := d.get(path)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(w.Body.String()), words) {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestFiltersOfABoard stand above it and are taken off one by one, and the table follows
// them; what cannot be is shown as it was asked for.
func TestFiltersOfABoard(t *testing.T) {
	t.Parallel()
	board := figures()
	board.BoardQuery = chat.BoardQuery{Period: "year", Firm: "acme & sons", City: "Leeds"}
	s := &shelf{doors: chat.Doors{Board: true}, board: board}
	d := newDesk(t, s)
	w := d.get("/board?period=year&firm=acme+%26+sons&city=Leeds")
	if s.asked != board.BoardQuery {
		t.Errorf("asked for %+v", s.asked)
	}
	doc := harmless(t, w.Body.String())
	shown, links := map[string]string{}, map[string]bool{}
	each(doc, func(n *html.Node) {
		links[attr(n, "href")] = true
		if n.Data == "a" && hasClass(n.Parent.Parent, "chips") {
			shown[textIn(n.FirstChild)] = attr(n, "href")
		}
	})
	want := map[string]string{"Firm: acme & sons": "/web/board?city=Leeds&period=year", "City: Leeds": "/web/board?firm=acme+%26+sons&period=year"}
	if !maps.Equal(shown, want) {
		t.Errorf("the filters are %v", shown)
	}
	for _, want := range []string{"/web/board.csv?city=Leeds&firm=acme+%26+sons&period=year", "/web/board?city=Leeds&firm=acme+%26+sons&period=week"} {
		if !links[want] {
			t.Errorf("no link leads to %s", want)
		}
	}
	d.get("/board.csv?city=Leeds&firm=acme+%26+sons&period=year")
	if s.asked != board.BoardQuery {
		t.Errorf("the table is of %+v", s.asked)
	}
	wrong := d.get("/board?firm=nobody&since=2026-11-01&until=2026-11-30").Body.String()
	for _, want := range []string{"Firm: nobody", "Days: 2026-11-01 – 2026-11-30", `href="/web/board?firm=nobody"`, `href="/web/board?since=2026-11-01&amp;until=2026-11-30"`} {
		if !strings.Contains(wrong, want) {
			t.Errorf("a board that was asked for wrongly lacks %s", want)
		}
	}
}

// TestTableOfFigures: the table has every figure, and no cell is a formula.
func TestTableOfFigures(t *testing.T) {
	t.Parallel()
	s := &shelf{board: figures()}
	d := newDesk(t, s)
	w := d.get("/board.csv?period=month")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" || w.Header().Get("Content-Disposition") != "attachment; filename=board-2026-11-01-2026-11-30.csv" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		for _, c := range r {
			if c != "" && strings.ContainsRune("=+-@\t\r\n", rune(c[0])) {
				t.Errorf("%q is a formula", c)
			}
		}
	}
	for _, want := range [][]string{
		{"Board", "'=HYPERLINK(1) " + hostile, "period", "2026-11-01/2026-11-30"},
		{"Figures", "Overdue", "before", "'-1"},
		{"reasons", "'@SUM(1)", "Now", "3"},
		{"firms", "'+44", "Before", "13"},
		{"times", "to a yes", "P90, seconds", "7200"},
		{"days", "day 30", "Now", "29"},
	} {
		if !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, want) }) {
			t.Errorf("no row is %q", want)
		}
	}
	for _, path := range []string{"/board.csv?since=x", "/board.csv?firm=nobody"} {
		if w := d.get(path); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestTicks: an axis has few marks, all whole, and holds the greatest value.
func TestTicks(t *testing.T) {
	t.Parallel()
	for most := 1; most < 20_000; most = most*11/10 + 1 {
		all := ticks(most)
		if len(all) < 2 || len(all) > 6 || all[0] != 0 || all[len(all)-1] < most || all[len(all)-2] >= most {
			t.Fatalf("up to %d: %v", most, all)
		}
		if step := strings.TrimRight(strconv.Itoa(all[1]), "0"); step != "1" && step != "2" && step != "5" {
			t.Fatalf("up to %d: steps of %d", most, all[1])
		}
	}
}
