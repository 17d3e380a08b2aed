package present

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Figures are what a page of them shows, as it was read.
type Figures struct {
	// Title and Words name the period, in a heading and in a sentence. Since and Until
	// are its first and last day.
	Title, Words string
	Since, Until time.Time
	Now          time.Time
	Filter       storage.SummaryFilter
	// Own is true where a firm reads its own; Firm and City are what the board is
	// narrowed to.
	Own         bool
	Firm        *storage.Contractor
	City        string
	Contractors []storage.Contractor
	// Labels are what firms may decline with, in the desk's words.
	Labels []workflow.DeclineReason

	storage.Summary
	// Said is what the chat says of the same figures.
	Said chat.Message
	// Days are by weeks when Weekly is true.
	Days   []storage.Day
	Weekly bool
	Shares storage.Shares
	// ByFirm, ByCity, People and Shares.Topics have those with the most open work first.
	ByFirm, ByCity []FirmWork
	People         []Charge
}

// FirmWork is the open work of a firm, or of a city's.
type FirmWork struct {
	Name string
	storage.FirmShare
}

// Total is how much it is.
func (f FirmWork) Total() int { return f.Assigned + f.Accepted + f.InProgress + f.WaitingApproval }

// Charge is the open work that somebody is in charge of, by status.
type Charge struct {
	Name string
	By   map[string]int
}

const (
	// boardRows is how many firms, cities, topics or people a chart has.
	boardRows = 12
	// boardChoices is how many firms or cities are offered to choose from.
	boardChoices = 300
)

// About is what the board is narrowed to, empty for the desk.
func (b Figures) About() string {
	if b.Firm != nil {
		return FirmName(*b.Firm)
	}
	return b.City
}

// BoardPage turns figures into tiles and charts.
func (p *Presenter) BoardPage(b Figures) chat.BoardPage {
	page := chat.BoardPage{Heading: upperFirst(b.Title), Own: b.Own, From: b.Since, To: b.Until, Summary: b.Said, At: b.Now}
	if about := b.About(); about != "" {
		page.Heading = about + " · " + b.Title
	}
	w := p.Words
	page.Tiles = w.tiles(b)
	if !b.Own {
		page.Charts = append(page.Charts, w.daysChart(b), w.stagesChart(b), w.agesChart(b))
	} else {
		page.Charts = append(page.Charts, w.stagesChart(b))
	}
	page.Charts = append(page.Charts, w.spansChart(b), w.offersChart(b), w.workChart(b), w.limitsChart(b), w.reasonsChart(b), w.ratingsChart(b))
	if !b.Own {
		if b.Firm == nil {
			page.Charts = append(page.Charts, w.firmsChart(b.ByFirm, true))
		}
		if b.About() == "" {
			page.Charts = append(page.Charts, w.firmsChart(b.ByCity, false), w.topicsChart(b), w.peopleChart(b))
		}
		page.Firms, page.Cities = choices(b.Contractors)
	}
	return page
}

// choices are the names that a board can be narrowed to, none when there are too many.
func choices(all []storage.Contractor) (firms, cities []string) {
	known := map[string]bool{}
	for _, c := range all {
		if c.State == storage.ContractorOffboarded {
			continue
		}
		firms = append(firms, FirmName(c))
		known[c.City] = true
	}
	if cities = slices.Sorted(maps.Keys(known)); len(cities) > boardChoices {
		cities = nil
	}
	if slices.Sort(firms); len(firms) > boardChoices {
		firms = nil
	}
	return firms, cities
}

func (w Words) tiles(b Figures) (out []chat.Tile) {
	now, was := b.Flows, b.Before
	add := func(label, value, before string, tone chat.Tone, list *chat.ListQuery) {
		out = append(out, chat.Tile{Label: label, Value: value, Before: before, Tone: tone, List: list})
	}
	count := func(label string, n, before int) { add(label, strconv.Itoa(n), strconv.Itoa(before), "", nil) }
	share := func(label string, part, whole, partWas, wholeWas int) {
		if whole == 0 {
			return
		}
		before := ""
		if wholeWas > 0 {
			before = w.percent(partWas, wholeWas)
		}
		add(label, w.percent(part, whole), before, "", nil)
	}
	if !b.Own {
		count(w.say("Created"), now.Created, was.Created)
		count(w.say("Closed"), now.Closed, was.Closed)
		tone := chat.Tone("")
		if b.Overdue > 0 {
			tone = chat.Bad
		}
		add(w.say("Overdue now"), strconv.Itoa(b.Overdue), "", tone, b.list("overdue"))
	}
	live := 0
	for _, st := range workflow.OutStatuses() {
		live += b.Assignments[st]
	}
	add(w.say("With firms now"), strconv.Itoa(live), "", "", nil)
	settled := func(f storage.Flows) int { return f.Accepted() + f.Declined() + f.Expired() }
	share(w.say("Accepted"), now.Accepted(), settled(now), was.Accepted(), settled(was))
	for _, t := range []struct {
		label    string
		now, was storage.Times
	}{
		{w.say("Time to accept"), now.Times[workflow.LapseAccept], was.Times[workflow.LapseAccept]},
		{w.say("Time to complete"), now.Times[workflow.LapseComplete], was.Times[workflow.LapseComplete]},
	} {
		if t.now.Count() > 0 {
			before := ""
			if t.was.Count() > 0 {
				before = w.Lapse(t.was.Quantile(0.5))
			}
			add(t.label, w.Lapse(t.now.Quantile(0.5)), before, "", nil)
		}
	}
	share(w.say("On time"), now.OnTime, now.OnTime+now.Late, was.OnTime, was.OnTime+was.Late)
	kept, limits := keptLimits(now)
	keptWas, limitsWas := keptLimits(was)
	share(w.say("Time limits kept"), kept, limits, keptWas, limitsWas)
	share(w.say("Sent back"), now.SentBack, now.Submitted, was.SentBack, was.Submitted)
	if mean, n := now.Rating(); n > 0 {
		before := ""
		if past, m := was.Rating(); m > 0 {
			before = w.tenths(past)
		}
		add(w.say("Rating of 5"), w.tenths(mean), before, "", nil)
	}
	return out
}

// list is a list of jobs narrowed down as the board is.
func (b Figures) list(name string) *chat.ListQuery {
	q := chat.ListQuery{List: name, City: b.City}
	if b.Firm != nil && !b.Own {
		q.Firm = FirmName(*b.Firm)
	}
	return &q
}

// InCity tells whether a firm is in a city, in whatever case that is written.
func InCity(c storage.Contractor, city string) bool {
	return strings.EqualFold(strings.TrimSpace(c.City), strings.TrimSpace(city))
}

// severalFirms tells whether figures are those of several firms of a city.
func (b Figures) severalFirms() bool {
	there := 0
	for _, c := range b.Contractors {
		if b.City != "" && InCity(c, b.City) {
			there++
		}
	}
	return there > 1
}

func (w Words) daysChart(b Figures) chat.Chart {
	c := chat.Chart{
		ID: "days", Title: w.say("Created and closed"), Kind: chat.Columns, Category: w.say("Day"),
		Series: []chat.Series{{Name: w.say("Created"), Class: "one"}, {Name: w.say("Closed"), Class: "two"}},
	}
	if b.Weekly {
		c.Category, c.Note = w.say("Seven days from"), w.say("Each column stands for seven days.")
	}
	if b.severalFirms() {
		c.Note = w.say("A job that two of these firms were asked for counts with each.")
	}
	for _, d := range b.Days {
		c.Rows = append(c.Rows, chat.ChartRow{Label: w.ShortDay(d.Date), Values: []int{d.Created, d.Closed}})
	}
	return c
}

// stagesChart is the open work by where it stands.
func (w Words) stagesChart(b Figures) chat.Chart {
	c := chat.Chart{ID: "status", Title: w.say("Open work by status"), Kind: chat.Bars, Category: w.say("Status"), Series: []chat.Series{{Name: w.say("Jobs"), Class: "one"}}}
	if b.About() == "" {
		all := map[string]int{}
		for _, topic := range b.Shares.Topics {
			for stage, n := range topic.By {
				all[stage] += n
			}
		}
		for _, s := range w.stagesOf(b) {
			if s.stage == workflow.StageExternal && all[string(s.stage)] == 0 {
				// Most desks have nobody there.
				continue
			}
			c.Rows = append(c.Rows, chat.ChartRow{Label: s.label, Values: []int{all[string(s.stage)]}, List: b.list(s.list)})
		}
		return c
	}
	for _, s := range []struct {
		status workflow.Status
		list   string
	}{{workflow.Assigned, "offered"}, {workflow.Accepted, "progress"}, {workflow.InProgress, "progress"}, {workflow.WaitingApproval, "approval"}} {
		c.Rows = append(c.Rows, chat.ChartRow{Label: w.term(s.status.Label()), Values: []int{b.Assignments[s.status]}, List: b.list(s.list)})
	}
	return c
}

// later is the list of jobs that wait for another one.
const later = "later"

type stageLabel struct {
	stage       workflow.Stage
	label, list string
	class       string
}

// stages are the stages of open work with their lists.
func (w Words) stages() []stageLabel {
	return []stageLabel{
		{workflow.StageNew, w.say("New"), "new", "neutral"},
		{workflow.StageOffered, w.say("Waiting acceptance"), "offered", "waiting"},
		{workflow.StageDeclined, w.say("Declined"), "declined", "bad"},
		{workflow.StageProgress, w.say("Accepted or in progress"), "progress", "active"},
		{workflow.StageApproval, w.say("Waiting approval"), "approval", "good"},
		{workflow.StageExternal, w.say("With people outside"), "", "closed"},
		{workflow.StageLater, w.say("Waiting for another job"), later, "closed"},
	}
}

// stagesOf are the stages that a board shows: most desks have no job that waits for another.
func (w Words) stagesOf(b Figures) []stageLabel {
	waits := slices.ContainsFunc(b.Shares.Topics, func(t storage.Share) bool { return t.By[string(workflow.StageLater)] > 0 })
	return slices.DeleteFunc(w.stages(), func(s stageLabel) bool { return s.stage == workflow.StageLater && !waits })
}

// agesChart is how long ago open jobs began.
func (w Words) agesChart(b Figures) chat.Chart {
	c := chat.Chart{
		ID: "ages", Title: w.say("Age of open jobs"), Kind: chat.Bars, Category: w.say("Began"),
		Series: []chat.Series{{Name: w.say("Open jobs"), Class: "one"}},
	}
	today := time.Date(b.Now.Year(), b.Now.Month(), b.Now.Day(), 0, 0, 0, 0, time.UTC)
	limits := []struct {
		label string
		days  int
	}{
		{w.say("today"), 1},
		{w.say("1–2 days"), 3},
		{w.say("3–6 days"), 7},
		{w.say("1–2 weeks"), 14},
		{w.say("2–4 weeks"), 28},
		{w.say("1–3 months"), 91},
		{w.say("longer"), 1 << 30},
	}
	for _, l := range limits {
		c.Rows = append(c.Rows, chat.ChartRow{Label: l.label, Values: []int{0}})
	}
	for _, a := range b.Shares.Ages {
		age := int(today.Sub(a.Date).Hours() / 24)
		for n, l := range limits {
			if age < l.days {
				c.Rows[n].Values[0] += a.N
				break
			}
		}
	}
	return c
}

// spansChart is how long firms take: half of all, and nine of ten.
func (w Words) spansChart(b Figures) chat.Chart {
	c := chat.Chart{
		ID: "times", Title: w.say("How long it takes"), Kind: chat.Spans, Category: w.say("Time"),
		Note: w.say("From the time that half of all do not exceed to that of nine in ten; below it the time before. Known to nine per cent."),
		Series: []chat.Series{
			{Name: w.say("Median"), Class: "one"},
			{Name: w.say("9 of 10 within"), Class: "one"},
			{Name: w.say("Median before"), Class: "before"},
			{Name: w.say("9 of 10 before"), Class: "before"},
		},
	}
	for _, t := range []struct {
		label    string
		now, was storage.Times
	}{
		{w.say("From the offer to a yes"), b.Times[workflow.LapseAccept], b.Before.Times[workflow.LapseAccept]},
		{w.say("From the yes to the start"), b.Times[workflow.LapseStart], b.Before.Times[workflow.LapseStart]},
		{w.say("From the yes to completion"), b.Times[workflow.LapseComplete], b.Before.Times[workflow.LapseComplete]},
	} {
		values := []int{0, 0, 0, 0}
		for n, times := range []storage.Times{t.now, t.was} {
			if times.Count() > 0 {
				values[2*n], values[2*n+1] = max(1, int(times.Quantile(0.5).Seconds())), max(1, int(times.Quantile(0.9).Seconds()))
			}
		}
		c.Rows = append(c.Rows, chat.ChartRow{Label: t.label, Values: values})
	}
	return c
}

// compared begins a chart of a period and the one before.
func (w Words) compared(id, title, category string) chat.Chart {
	return chat.Chart{
		ID: id, Title: title, Kind: chat.Bars, Category: category,
		Series: []chat.Series{{Name: w.say("This period"), Class: "one"}, {Name: w.say("The time before"), Class: "before"}},
	}
}

func (w Words) offersChart(b Figures) chat.Chart {
	c := w.compared("offers", w.say("Offers"), w.say("Offers"))
	now, was := b.Flows, b.Before
	for _, r := range []struct {
		label    string
		now, was int
	}{
		{w.say("Made"), now.Offered, was.Offered},
		{w.say("Accepted"), now.Accepted(), was.Accepted()},
		{w.say("Declined"), now.Declined(), was.Declined()},
		{w.say("Not answered"), now.Expired(), was.Expired()},
	} {
		c.Rows = append(c.Rows, chat.ChartRow{Label: r.label, Values: []int{r.now, r.was}})
	}
	return c
}

func (w Words) workChart(b Figures) chat.Chart {
	c := w.compared("work", w.say("Work"), w.say("Work"))
	now, was := b.Flows, b.Before
	for _, r := range []struct {
		label    string
		now, was int
	}{
		{w.say("Handed in"), now.Submitted, was.Submitted},
		{w.say("Sent back"), now.SentBack, was.SentBack},
		{w.say("Completed"), now.Completed(), was.Completed()},
		{w.say("On time"), now.OnTime, was.OnTime},
		{w.say("Late"), now.Late, was.Late},
	} {
		c.Rows = append(c.Rows, chat.ChartRow{Label: r.label, Values: []int{r.now, r.was}})
	}
	return c
}

// limitsChart is which time limits were kept.
func (w Words) limitsChart(b Figures) chat.Chart {
	c := chat.Chart{
		ID: "limits", Title: w.say("Time limits"), Kind: chat.Stacked, Category: w.say("Limit"),
		Series: []chat.Series{{Name: w.say("Kept"), Class: "good"}, {Name: w.say("Broken"), Class: "bad"}},
	}
	for _, l := range workflow.Limits() {
		if b.Kept[l]+b.Broken[l] > 0 {
			c.Rows = append(c.Rows, chat.ChartRow{Label: upperFirst(w.limitNames(string(l))), Values: []int{b.Kept[l], b.Broken[l]}})
		}
	}
	return c
}

func (w Words) reasonsChart(b Figures) chat.Chart {
	c := w.compared("reasons", w.say("Why offers were declined"), w.say("Reason"))
	all := map[string]bool{}
	for _, f := range []storage.Flows{b.Flows, b.Before} {
		for id, n := range f.Reasons {
			if n > 0 && id != workflow.ReasonNoAnswer {
				all[id] = true
			}
		}
	}
	ids := slices.SortedFunc(maps.Keys(all), func(x, y string) int {
		return cmp.Or(b.Reasons[y]-b.Reasons[x], b.Before.Reasons[y]-b.Before.Reasons[x], cmp.Compare(x, y))
	})
	for _, id := range ids {
		if len(c.Rows) == boardRows {
			c.Omitted++
			continue
		}
		c.Rows = append(c.Rows, chat.ChartRow{
			Label: chat.Shorten(oneLine(w.reasonLabel(b.Labels, id)), 60), Values: []int{b.Reasons[id], b.Before.Reasons[id]},
		})
	}
	return c
}

func (w Words) ratingsChart(b Figures) chat.Chart {
	c := w.compared("ratings", w.say("Ratings"), w.say("Stars"))
	c.Kind = chat.Columns
	if len(b.Ratings)+len(b.Before.Ratings) == 0 {
		return c
	}
	for n := 1; n <= 5; n++ {
		c.Rows = append(c.Rows, chat.ChartRow{Label: w.count(n, "{{.Count}} star", "{{.Count}} stars"), Values: []int{b.Ratings[n], b.Before.Ratings[n]}})
	}
	return c
}

// firmsChart is the open work by firm, or by city.
func (w Words) firmsChart(all []FirmWork, firms bool) chat.Chart {
	c := chat.Chart{
		ID: "cities", Title: w.say("Open work by city"), Category: w.say("City"), Kind: chat.Stacked,
		Series: []chat.Series{
			{Name: w.term(workflow.Assigned.Label()), Class: "waiting"},
			{Name: w.term(workflow.Accepted.Label()), Class: "accepted"},
			{Name: w.term(workflow.InProgress.Label()), Class: "active"},
			{Name: w.term(workflow.WaitingApproval.Label()), Class: "good"},
		},
	}
	if firms {
		c.ID, c.Title, c.Category = "firms", w.say("Open work by firm"), w.say("Firm")
	}
	for _, f := range all {
		if len(c.Rows) == boardRows {
			c.Omitted++
			continue
		}
		list := &chat.ListQuery{List: "open", City: f.Name}
		if firms {
			list = &chat.ListQuery{List: "open", Firm: f.Name}
		}
		c.Rows = append(c.Rows, chat.ChartRow{Label: chat.Shorten(oneLine(f.Name), 60), Values: []int{f.Assigned, f.Accepted, f.InProgress, f.WaitingApproval}, List: list})
	}
	return c
}

func (w Words) topicsChart(b Figures) chat.Chart {
	c := chat.Chart{ID: "topics", Title: w.say("Open work by topic"), Category: w.say("Topic"), Kind: chat.Stacked}
	for _, s := range w.stagesOf(b) {
		c.Series = append(c.Series, chat.Series{Name: s.label, Class: s.class})
	}
	for _, t := range b.Shares.Topics {
		if len(c.Rows) == boardRows {
			c.Omitted++
			continue
		}
		row := chat.ChartRow{Label: w.say("no topic")}
		if t.Of != "" {
			row.Label, row.List = chat.Shorten(upperFirst(oneLine(t.Of)), 60), &chat.ListQuery{List: "open", Topic: t.Of}
		}
		for _, s := range w.stagesOf(b) {
			row.Values = append(row.Values, t.By[string(s.stage)])
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func (w Words) peopleChart(b Figures) chat.Chart {
	c := chat.Chart{
		ID: "people", Title: w.say("Work in charge of"), Category: w.say("Person"), Kind: chat.Stacked,
		Series: []chat.Series{
			{Name: w.term(workflow.Accepted.Label()), Class: "accepted"},
			{Name: w.term(workflow.InProgress.Label()), Class: "active"},
			{Name: w.term(workflow.WaitingApproval.Label()), Class: "good"},
		},
	}
	for _, who := range b.People {
		if len(c.Rows) == boardRows {
			c.Omitted++
			continue
		}
		row := chat.ChartRow{Label: w.say("somebody")}
		if who.Name != "" {
			row.Label, row.List = chat.Shorten(oneLine(who.Name), 60), &chat.ListQuery{List: "open", Person: who.Name}
		}
		for _, st := range []workflow.Status{workflow.Accepted, workflow.InProgress, workflow.WaitingApproval} {
			row.Values = append(row.Values, who.By[string(st)])
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}
