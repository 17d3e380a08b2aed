package present

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// Verbs of the buttons on figures.
const (
	// PostSummary posts a summary with its picture where everybody reads it.
	PostSummary workflow.Verb = "post_summary"
	// Score shows a firm how it does.
	Score workflow.Verb = "score"
)

// Report is a summary to be shown.
type Report struct {
	// Title names the period in a heading, Period completes "12 tasks were created …".
	Title, Period string
	// Firm names the firm that it is about, empty for the desk.
	Firm string
	storage.Summary
	// Longest is the open issue that is the oldest, nil for none.
	Longest *storage.Issue
	Health  Health
}

// Summary is the desk in figures, or one firm of it.
func (p *Presenter) Summary(r Report) chat.Message {
	m := chat.Message{Title: "Summary: " + r.Title}
	if r.Firm != "" {
		m.Title += " · " + r.Firm
	}
	m.Text = chat.T(p.plural(r.Created, "task was", "tasks were") + " created and " + strconv.Itoa(r.Closed) + " closed " + r.Period +
		p.before(r.Before.Created+r.Before.Closed > 0, fmt.Sprintf("%d and %d", r.Before.Created, r.Before.Closed)) + ".")
	for _, line := range []string{p.withFirms(r.Summary), p.nextMoves(r.Summary)} {
		if line != "" {
			m.Text = m.Text.Plain("\n" + line)
		}
	}
	if r.Overdue > 0 {
		m.Tone = chat.Bad
		m.Text = m.Text.Plain("\n").Bold(p.plural(r.Overdue, "task is", "tasks are") + " overdue.")
	}
	for _, line := range p.flowLines(r.Flows, r.Before) {
		m.Text = m.Text.Plain("\n" + line)
	}
	// What is closed is told for the period; all that ever was would only confuse.
	for _, st := range []workflow.IssueStatus{workflow.Reported, workflow.Allocated, workflow.AllocatedExternal, workflow.Resolved} {
		if n := r.Issues[st]; n > 0 {
			m.Facts = append(m.Facts, chat.Fact{Label: st.Label(), Value: chat.T(strconv.Itoa(n))})
		}
	}
	m.Facts = append(m.Facts, p.timeFacts(r.Flows, r.Before, "Time to accept", r.Times[workflow.LapseAccept], r.Before.Times[workflow.LapseAccept])...)
	if r.Longest != nil {
		m.Notes = append(m.Notes, chat.T("The oldest open task is "+Heading(*r.Longest)+", created ").Moment(r.Longest.CreatedAt).Plain("."))
	}
	if r.Firm != "" {
		return m
	}
	return p.withHealth(m, r.Health)
}

// before says in brackets what the figure was in the time before.
func (w Words) before(known bool, was string) string {
	if !known {
		return ""
	}
	return " (before: " + was + ")"
}

// withFirms says how many assignments are with firms.
func (w Words) withFirms(s storage.Summary) string {
	var live []string
	for _, st := range []workflow.Status{workflow.Assigned, workflow.Accepted, workflow.InProgress, workflow.WaitingApproval} {
		if n := s.Assignments[st]; n > 0 {
			live = append(live, strconv.Itoa(n)+" "+strings.ToLower(st.Label()))
		}
	}
	if len(live) == 0 {
		return ""
	}
	return "With firms: " + strings.Join(live, ", ") + "."
}

// nextMoves says with whom issues lie.
func (w Words) nextMoves(s storage.Summary) string {
	var next []string
	for _, side := range []struct {
		who  string
		side workflow.Side
	}{{"the desk", workflow.WithOperator}, {"firms", workflow.WithContractor}, {"both sides", workflow.WithBoth}} {
		if n := s.LiesWith[side.side]; n > 0 {
			next = append(next, side.who+" "+strconv.Itoa(n))
		}
	}
	if len(next) == 0 {
		return ""
	}
	return "Next move: " + strings.Join(next, ", ") + "."
}

// flowLines say what happened to offers and to the work, a line each.
func (w Words) flowLines(now, was storage.Flows) (lines []string) {
	if now.Offered+now.Accepted()+now.Declined()+now.Expired() > 0 {
		line := fmt.Sprintf("Offers: %d made, %d accepted, %d declined, %d not answered", now.Offered, now.Accepted(), now.Declined(), now.Expired())
		lines = append(lines, line+w.before(was.Offered > 0, fmt.Sprintf("%d, %d, %d, %d", was.Offered, was.Accepted(), was.Declined(), was.Expired()))+".")
	}
	if why := w.reasons(now); why != "" {
		lines = append(lines, "Declined because: "+why+".")
	}
	if now.Submitted+now.SentBack+now.Completed() > 0 {
		line := fmt.Sprintf("Work: %d handed in, %d sent back, %d completed", now.Submitted, now.SentBack, now.Completed())
		lines = append(lines, line+w.before(was.Submitted+was.Completed() > 0, fmt.Sprintf("%d, %d, %d", was.Submitted, was.SentBack, was.Completed()))+".")
	}
	if due := now.OnTime + now.Late; due > 0 {
		lines = append(lines, fmt.Sprintf("On time: %d of %d with a due date%s.", now.OnTime, due,
			w.before(was.OnTime+was.Late > 0, fmt.Sprintf("%d of %d", was.OnTime, was.OnTime+was.Late))))
	}
	if mean, n := now.Rating(); n > 0 {
		past, m := was.Rating()
		lines = append(lines, fmt.Sprintf("Rating: %.1f of 5 from %s%s.", mean, w.plural(n, "rating", "ratings"), w.before(m > 0, fmt.Sprintf("%.1f", past))))
	}
	return lines
}

// reasonsShown is how many reasons for declining are told.
const reasonsShown = 5

// reasons lists why firms declined, the most frequent first.
func (w Words) reasons(f storage.Flows) string {
	ids := slices.SortedFunc(maps.Keys(f.Reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Reasons[b], f.Reasons[a]), cmp.Compare(a, b))
	})
	var out []string
	for _, id := range ids {
		if id == workflow.ReasonNoAnswer || f.Reasons[id] == 0 {
			continue
		}
		if len(out) == reasonsShown {
			out = append(out, "others")
			break
		}
		out = append(out, chat.Shorten(oneLine(workflow.DeclineReasonLabel(id)), 60)+" "+strconv.Itoa(f.Reasons[id]))
	}
	return strings.Join(out, ", ")
}

// timeFacts are the measured times, each with its median and the time that nine of ten
// do not exceed. first is how long firms take to answer, or to accept.
func (w Words) timeFacts(now, was storage.Flows, label string, first, firstWas storage.Times) (facts []chat.Fact) {
	for _, t := range []struct {
		label    string
		now, was storage.Times
	}{
		{label, first, firstWas},
		{"Time to start", now.Times[workflow.LapseStart], was.Times[workflow.LapseStart]},
		{"Time to complete", now.Times[workflow.LapseComplete], was.Times[workflow.LapseComplete]},
	} {
		if t.now.Count() == 0 {
			continue
		}
		value := chat.Text{}.Bold(w.Lapse(t.now.Quantile(0.5))).Plain(", 9 of 10 within " + w.Lapse(t.now.Quantile(0.9)))
		if t.was.Count() > 0 {
			value = value.Plain(" (before: " + w.Lapse(t.was.Quantile(0.5)) + ")")
		}
		facts = append(facts, chat.Fact{Label: t.label, Value: value})
	}
	return facts
}

// Lapse says a measured time as people do, no more precisely than it is known.
func (w Words) Lapse(d time.Duration) string {
	round := func(v float64) string {
		if v < 10 {
			return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
		}
		return strconv.Itoa(int(math.Round(v)))
	}
	switch {
	case d < time.Minute:
		return "a minute"
	case d < time.Hour:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	case d < 48*time.Hour:
		return round(d.Hours()) + " h"
	default:
		return round(d.Hours()/24) + " days"
	}
}

// ScoreCard is how a firm does, for itself or for the desk.
type ScoreCard struct {
	Firm storage.Contractor
	// Own is true when the firm itself reads it.
	Own bool
	// Days is the length of the period.
	Days int
	storage.Summary
}

// Score shows a firm's score card.
func (p *Presenter) Score(s ScoreCard) chat.Message {
	m := chat.Message{Title: "Score: " + chat.Shorten(oneLine(FirmName(s.Firm)), 120)}
	period := fmt.Sprintf("in the last %d days", s.Days)
	settled := s.Accepted() + s.Declined() + s.Expired()
	if s.Offered+settled+s.Completed() == 0 {
		m.Text = chat.T("Nothing was offered or done " + period + ", so there is no score yet.")
		return m
	}
	m.Text = chat.T(upperFirst(period) + ", with the " + strconv.Itoa(s.Days) + " days before in brackets.")
	for _, line := range p.flowLines(s.Flows, s.Before) {
		m.Text = m.Text.Plain("\n" + line)
	}
	if live := p.withFirms(s.Summary); live != "" {
		m.Text = m.Text.Plain("\n" + strings.Replace(live, "With firms: ", "Now: ", 1))
	}
	share := func(label string, part, whole, partWas, wholeWas int) {
		if whole == 0 {
			return
		}
		value := chat.Text{}.Bold(p.percent(part, whole))
		if wholeWas > 0 {
			value = value.Plain(" (before: " + p.percent(partWas, wholeWas) + ")")
		}
		m.Facts = append(m.Facts, chat.Fact{Label: label, Value: value})
	}
	share("Accepted", s.Accepted(), settled, s.Before.Accepted(), s.Before.Accepted()+s.Before.Declined()+s.Before.Expired())
	share("On time", s.OnTime, s.OnTime+s.Late, s.Before.OnTime, s.Before.OnTime+s.Before.Late)
	share("Sent back", s.SentBack, s.Submitted, s.Before.SentBack, s.Before.Submitted)
	m.Facts = append(m.Facts, p.timeFacts(s.Flows, s.Before, "Time to answer", s.Answers(), s.Before.Answers())...)
	if s.Own {
		m.Notes = append(m.Notes, chat.T("Only your own firm and the desk see this."))
	}
	return m
}

func (w Words) percent(part, whole int) string {
	return strconv.Itoa(int(math.Round(100*float64(part)/float64(whole)))) + " %"
}

// ScoreButton shows a firm its own score, on a card in its channel.
func (p *Presenter) ScoreButton(card, contractor string, now time.Time) chat.Button {
	return chat.Button{ID: buttonID(string(Score)), Label: "Our score", Token: p.Sign(ticket.Ticket{
		Desk: p.Desk, Verb: string(Score), Card: card, Arg: contractor, Expires: now.Add(buttonLife).Unix(),
	})}
}

// PostSummaryButton lets the one who asked for a summary show it to all with a picture.
// what is the period and the firm as the command takes them.
func (p *Presenter) PostSummaryButton(as Asked, what string) chat.Button {
	return chat.Button{ID: buttonID(string(PostSummary)), Label: "Post it here with a chart", Token: p.formToken(as, ticket.Ticket{
		Verb: string(PostSummary), Arg: what,
	})}
}

// ChartOf says in words what a picture shows, for those who do not see it.
func (w Words) ChartOf(days []storage.Day) chat.Message {
	created, closed := 0, 0
	var most storage.Day
	for _, d := range days {
		created, closed = created+d.Created, closed+d.Closed
		if d.Created+d.Closed > most.Created+most.Closed {
			most = d
		}
	}
	text := fmt.Sprintf("Tasks created and closed on each day from %s to %s: %d and %d in all",
		w.dayName(days[0].Date), w.dayName(days[len(days)-1].Date), created, closed)
	if most.Created+most.Closed > 0 {
		text += fmt.Sprintf(", most on %s with %d and %d", w.dayName(most.Date), most.Created, most.Closed)
	}
	return chat.Message{Text: chat.T(text + ".")}
}

func (w Words) dayName(d time.Time) string { return d.Format("Mon 2 Jan") }
