package web

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
)

type boardPage struct {
	frame
	chat.BoardPage

	// Wrong says what of the filters cannot be, Asked is what they were.
	Wrong    string
	Asked    chat.BoardQuery
	Drawn    []chartView
	CSV      string
	Periods  []periodView
	Filtered bool
	Chips    []chip
}

// periodView is a period to choose.
type periodView struct {
	Label, Link string
	Current     bool
}

// TileLink leads to the jobs that a tile is about.
func (p boardPage) TileLink(t chat.Tile) string { return jobsLink(p.Base, t.List) }

// boardValues are the values of a board's address.
func boardValues(q chat.BoardQuery) url.Values {
	values := url.Values{}
	for name, value := range map[string]string{"period": q.Period, "firm": q.Firm, "city": q.City} {
		if value != "" {
			values.Set(name, value)
		}
	}
	for name, day := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !day.IsZero() {
			values.Set(name, day.Format(time.DateOnly))
		}
	}
	return values
}

// boardAsked reads a board's address. A day that is none makes the whole refused.
func boardAsked(r *http.Request) (chat.BoardQuery, error) {
	in := r.URL.Query()
	q := chat.BoardQuery{Period: in.Get("period"), Firm: strings.TrimSpace(in.Get("firm")), City: strings.TrimSpace(in.Get("city"))}
	for name, day := range map[string]*time.Time{"since": &q.Since, "until": &q.Until} {
		text := in.Get(name)
		if text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return chat.BoardQuery{Period: q.Period, Firm: q.Firm, City: q.City}, refuse(http.StatusUnprocessableEntity, "Write days like 2026-03-14.")
		}
		*day = at
	}
	return q, nil
}

// serveBoard shows the desk in figures.
func (a *Adapter) serveBoard(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, status, wrong := r.Context(), http.StatusOK, ""
	q, err := boardAsked(r)
	var board chat.BoardPage
	if err == nil {
		board, err = a.cfg.Pages.BoardPage(ctx, a.viewer(v), q)
	}
	if refusal, ok := refusedIn(v.in, err); ok {
		// What was typed stays in its fields, above the board without it.
		status, wrong = http.StatusUnprocessableEntity, refusal
		board, err = a.cfg.Pages.BoardPage(ctx, a.viewer(v), chat.BoardQuery{})
	}
	if err != nil {
		return err
	}
	p := boardPage{BoardPage: board, Wrong: wrong, Asked: q}
	title := v.in.Say("Board")
	if board.Own {
		title = v.in.Say("Our score")
	}
	if p.frame, err = a.deskFrame(ctx, v, "board", title); err != nil {
		return err
	}
	for _, c := range board.Charts {
		p.Drawn = append(p.Drawn, newChartView(v.in, v.base, c))
	}
	p.CSV = v.base + "/board.csv?" + boardValues(board.BoardQuery).Encode()
	p.Chips = chips(v.base+"/board", boardValues(q), boardFilters(v.in))
	p.Filtered = len(p.Chips) > 0
	for _, period := range []struct{ name, label string }{{"week", v.in.Say("7 days")}, {"month", v.in.Say("30 days")}, {"quarter", v.in.Say("90 days")}, {"year", v.in.Say("365 days")}} {
		link := chat.BoardQuery{Period: period.name, Firm: board.Firm, City: board.City}
		p.Periods = append(p.Periods, periodView{
			Label: period.label, Link: v.base + "/board?" + boardValues(link).Encode(), Current: board.Period == period.name,
		})
	}
	a.page(w, r, v.in, status, "board", p)
	return nil
}

// serveBoardCSV hands the same figures out as a table.
func (a *Adapter) serveBoardCSV(w http.ResponseWriter, r *http.Request, v *visit) error {
	q, err := boardAsked(r)
	if err != nil {
		return err
	}
	board, err := a.cfg.Pages.BoardPage(r.Context(), a.viewer(v), q)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(csvOf(v.in, board)); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", "attachment; filename=board-"+board.From.Format(time.DateOnly)+"-"+board.To.Format(time.DateOnly)+".csv")
	// The caller may have gone away; there is nobody left to tell.
	_, _ = w.Write(b.Bytes())
	return nil
}

// cell is a value that a program for tables takes for text, whatever it looks like: what
// begins like a formula would be one otherwise.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}

// refusedIn are the words of what a board was asked wrongly.
func refusedIn(in words.Words, err error) (string, bool) {
	if refused, ok := errors.AsType[*chat.RefusedPage](err); ok {
		return refused.Words, true
	}
	if said, ok := errors.AsType[*spoken](err); ok {
		return said.in(in), true
	}
	return "", false
}

// csvOf are the figures of a board, one in each row. What the columns are is English in
// every language: programs read it.
func csvOf(in words.Words, p chat.BoardPage) [][]string {
	rows := [][]string{{"chart", "row", "series", "value"}}
	put := func(values ...string) {
		for n := range values {
			values[n] = cell(values[n])
		}
		rows = append(rows, values)
	}
	put(in.Say("Board"), p.Heading, in.Say("period"), p.From.Format(time.DateOnly)+"/"+p.To.Format(time.DateOnly))
	for _, t := range p.Tiles {
		put(in.Say("Figures"), t.Label, in.Say("now"), t.Value)
		if t.Before != "" {
			put(in.Say("Figures"), t.Label, in.Say("before"), t.Before)
		}
	}
	for _, c := range p.Charts {
		unit := ""
		if c.Kind == chat.Spans {
			unit = ", " + in.Say("seconds")
		}
		for _, r := range c.Rows {
			for n, value := range r.Values {
				put(c.Title, r.Label, c.Series[n].Name+unit, strconv.Itoa(value))
			}
		}
	}
	return rows
}
