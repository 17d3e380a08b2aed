package web

import (
	"math"
	"strconv"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
)

// Charts are drawn as inline SVG without a fixed width: across they are measured in
// hundredths of what there is, so that their text has the same size on every screen, and
// a policy that allows no styles in a page does not matter.

const (
	// plotTop, plotHeight and plotBottom are the parts of a chart of columns from the
	// top, in pixels.
	plotTop, plotHeight, plotBottom = 18, 168, 24
	// labelsMost is how many columns are labelled: more do not fit on a phone.
	labelsMost = 5
	// valuesMost is up to how many columns each bears its value.
	valuesMost = 8
	// barThick and barThin are how high bars are, in pixels.
	barThick, barThin = 12, 5
)

// mark is an element of a drawing. Positions across are percentages.
type mark struct {
	Kind       string
	X, W       string
	Y, H       int
	Class      string
	Text, Hint string
	Anchor     string
}

// chartView is a chart as the templates show it.
type chartView struct {
	chat.Chart

	Height int
	Marks  []mark
	// Bars are rows that are drawn each for itself, below them an axis.
	Bars []barView
	Axis []mark
	// Empty is true when there is nothing to draw.
	Empty bool
	Table []tableRow

	in words.Words
}

// barView is one row of bars.
type barView struct {
	Label, Total, Link string
	Marks              []mark
	Height             int
}

type tableRow struct {
	Label, Link string
	Values      []string
}

func across(share float64) string {
	return strconv.FormatFloat(math.Round(10000*math.Max(0, math.Min(1, share)))/100, 'f', -1, 64) + "%"
}

// newChartView draws a chart for a person.
func newChartView(in words.Words, base string, c chat.Chart) chartView {
	v := chartView{Chart: c, in: in}
	most := 0
	for _, r := range c.Rows {
		row := tableRow{Label: r.Label, Link: jobsLink(base, r.List)}
		sum := 0
		for _, value := range r.Values {
			sum += value
			text := strconv.Itoa(value)
			if c.Kind == chat.Spans {
				text = lapse(in, value)
			}
			row.Values = append(row.Values, text)
			if c.Kind != chat.Stacked {
				most = max(most, value)
			}
		}
		if c.Kind == chat.Stacked {
			most = max(most, sum)
		}
		v.Table = append(v.Table, row)
	}
	if v.Empty = most == 0; v.Empty {
		return v
	}
	switch c.Kind {
	case chat.Columns:
		v.columns(most)
	case chat.Spans:
		v.spans()
	default:
		v.bars(most)
	}
	return v
}

// jobsLink leads to a list of jobs.
func jobsLink(base string, q *chat.ListQuery) string {
	if q == nil || q.List == "" {
		return ""
	}
	return base + "/jobs?" + listValues(*q).Encode()
}

// ticks are the marks of an axis that begins with zero and reaches to the greatest value
// or beyond: few, round and whole.
func ticks(most int) []int {
	step := 1
	for most > 4*step {
		if strconv.Itoa(step)[0] == '2' {
			step = step / 2 * 5
		} else {
			step *= 2
		}
	}
	var out []int
	for at := 0; ; at += step {
		out = append(out, at)
		if at >= most {
			return out
		}
	}
}

func (v *chartView) columns(most int) {
	axis := ticks(most)
	top := axis[len(axis)-1]
	v.Height = plotTop + plotHeight + plotBottom
	height := func(value int) int { return int(math.Round(float64(value) / float64(top) * plotHeight)) }
	for _, t := range axis {
		y := plotTop + plotHeight - height(t)
		v.Marks = append(v.Marks, mark{Kind: "line", X: "0", W: "100%", Y: y, Class: "grid"},
			mark{Kind: "text", X: "0", Y: y - 4, Text: strconv.Itoa(t), Class: "tick", Anchor: "start"})
	}
	slot := 1 / float64(len(v.Rows))
	every := (len(v.Rows) + labelsMost - 1) / labelsMost
	if len(v.Rows) <= valuesMost {
		every = 1
	}
	// The left is kept free for the numbers of the axis.
	const left = 0.06
	place := func(at float64) float64 { return left + at*(1-left) }
	bar := slot * (1 - left) * 0.72 / float64(len(v.Series))
	for n, r := range v.Rows {
		begin := place((float64(n) + 0.14) * slot)
		for s, value := range r.Values {
			if value == 0 {
				continue
			}
			h := max(1, height(value))
			v.Marks = append(v.Marks, mark{
				Kind: "rect", X: across(begin + float64(s)*bar), W: across(math.Max(bar*0.94, 0.002)), Y: plotTop + plotHeight - h, H: h,
				Class: "s-" + v.Series[s].Class, Hint: r.Label + ": " + strconv.Itoa(value) + " " + v.Series[s].Name,
			})
			if len(v.Rows) <= valuesMost {
				v.Marks = append(v.Marks, mark{
					Kind: "text", X: across(begin + (float64(s)+0.47)*bar), Y: plotTop + plotHeight - h - 4, Text: strconv.Itoa(value), Class: "value", Anchor: "middle",
				})
			}
		}
		// The last column is always labelled, and none too close before it.
		fromEnd := len(v.Rows) - 1 - n
		if fromEnd%every != 0 {
			continue
		}
		label := mark{Kind: "text", X: across(place((float64(n) + 0.5) * slot)), Y: plotTop + plotHeight + 17, Text: r.Label, Class: "tick", Anchor: "middle"}
		if fromEnd == 0 && len(v.Rows) > valuesMost {
			label.X, label.Anchor = "100%", "end"
		}
		v.Marks = append(v.Marks, label)
	}
}

// bars draws rows that lie below one another.
func (v *chartView) bars(most int) {
	axis := ticks(most)
	top := float64(axis[len(axis)-1])
	for n, r := range v.Rows {
		b := barView{Label: r.Label, Link: v.Table[n].Link}
		at, y, sum := 0.0, 0, 0
		for s, value := range r.Values {
			share := float64(value) / top
			m := mark{Kind: "rect", X: "0", W: across(share), Y: y, H: barThick, Class: "s-" + v.Series[s].Class, Hint: strconv.Itoa(value) + " " + v.Series[s].Name}
			switch {
			case v.Kind == chat.Stacked:
				m.X = across(at)
				at += share
				sum += value
			case s == 0:
				sum, y = value, barThick+2
			default:
				m.H = barThin
				y += barThin + 2
			}
			if value > 0 {
				b.Marks = append(b.Marks, m)
			}
		}
		b.Total, b.Height = strconv.Itoa(sum), max(barThick, y)
		v.Bars = append(v.Bars, b)
	}
	for n, t := range axis {
		v.tick(float64(t)/top, strconv.Itoa(t), n == 0, n == len(axis)-1)
	}
}

// tick adds a mark to the axis below bars.
func (v *chartView) tick(at float64, label string, first, last bool) {
	anchor := "middle"
	if first {
		anchor = "start"
	} else if last {
		anchor = "end"
	}
	v.Axis = append(v.Axis, mark{Kind: "tickline", X: across(at), Class: "grid"}, mark{Kind: "text", X: across(at), Y: 18, Text: label, Class: "tick", Anchor: anchor})
}

// spans draws times on an axis on which each step is some times the one before.
func (v *chartView) spans() {
	const least, most = 60.0, 90 * 24 * 3600.0
	at := func(seconds float64) float64 { return math.Log(math.Max(1, seconds/least)) / math.Log(most/least) }
	for _, r := range v.Rows {
		b := barView{Label: r.Label, Total: "–", Height: barThick + 6 + barThin + 4}
		for s, y := range []int{0, barThick + 6} {
			half, nine := r.Values[2*s], r.Values[2*s+1]
			if half == 0 {
				continue
			}
			thick := barThick
			if s > 0 {
				thick = barThin + 2
			}
			from, till, class := at(float64(half)), at(float64(nine)), "s-"+v.Series[2*s].Class
			b.Marks = append(b.Marks,
				mark{Kind: "rect", X: across(from), W: across(math.Max(till-from, 0.006)), Y: y + 2, H: thick - 4, Class: "range " + class, Hint: lapse(v.in, half) + " – " + lapse(v.in, nine)},
				mark{Kind: "rect", X: across(from - 0.004), W: across(0.008), Y: y, H: thick, Class: class, Hint: v.Series[2*s].Name + " " + lapse(v.in, half)},
			)
			if s == 0 {
				b.Total = lapse(v.in, half) + " – " + lapse(v.in, nine)
			}
		}
		v.Bars = append(v.Bars, b)
	}
	for n, t := range []struct {
		seconds float64
		label   string
	}{{least, "1 min"}, {600, "10 min"}, {3600, v.in.Say("{{.Count}} h", words.With{"Count": 1})}, {6 * 3600, v.in.Say("{{.Count}} h", words.With{"Count": 6})}, {24 * 3600, v.in.Say("1 day")}, {7 * 24 * 3600, v.in.Say("1 week")}, {most, v.in.Say("90 d")}} {
		v.tick(at(t.seconds), t.label, n == 0, t.seconds == most)
	}
}

// lapse says a number of seconds as people do, a dash for none.
func lapse(in words.Words, seconds int) string {
	d := time.Duration(seconds) * time.Second
	short := func(v float64) string {
		if v < 9.95 {
			return in.Decimal(math.Round(v*10) / 10)
		}
		return strconv.Itoa(int(math.Round(v)))
	}
	switch {
	case seconds <= 0:
		return "–"
	case d < time.Minute:
		return in.Say("under 1 min")
	case d < time.Hour:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	case d < 48*time.Hour:
		return in.Say("{{.Count}} h", words.With{"Count": short(d.Hours())})
	default:
		return in.Say("{{.Count}} days", words.With{"Count": short(d.Hours() / 24)})
	}
}
