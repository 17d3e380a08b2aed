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
	// Reasons are what firms may decline with, in the desk's words.
	Reasons []workflow.DeclineReason
	// Longest is the open issue that is the oldest, nil for none.
	Longest *storage.Issue
	Health  Health
	// Aside is true where how delivery does is told elsewhere.
	Aside bool
}

// Summary is the desk in figures, or one firm of it.
func (p *Presenter) Summary(r Report) chat.Message {
	m := chat.Message{Title: p.say("Summary: {{.Period}}", with{"Period": r.Title})}
	if r.Firm != "" {
		m.Title += " · " + r.Firm
	}
	created := with{"Closed": r.Closed, "Period": r.Period, "Before": p.before(r.Before.Created+r.Before.Closed > 0,
		p.say("{{.Created}} and {{.Closed}}", with{"Created": r.Before.Created, "Closed": r.Before.Closed}))}
	m.Text = p.countText(r.Created, "{{.Count}} job was created and {{.Closed}} closed {{.Period}}{{.Before}}.",
		"{{.Count}} jobs were created and {{.Closed}} closed {{.Period}}{{.Before}}.", created)
	withFirms := p.withFirms(r.Summary)
	if withFirms != "" {
		withFirms = p.say("With firms: {{.Jobs}}.", with{"Jobs": withFirms})
	}
	for _, line := range []string{withFirms, p.nextMoves(r.Summary)} {
		if line != "" {
			m.Text = m.Text.Plain("\n" + line)
		}
	}
	if r.Overdue > 0 {
		m.Tone = chat.Bad
		m.Text = m.Text.Plain("\n").Bold(p.count(r.Overdue, "{{.Count}} job is overdue.", "{{.Count}} jobs are overdue."))
	}
	for _, line := range p.flowLines(r.Flows, r.Before, r.Reasons) {
		m.Text = m.Text.Plain("\n" + line)
	}
	// What is closed is told for the period; all that ever was would only confuse.
	for _, st := range []workflow.IssueStatus{workflow.Reported, workflow.Allocated, workflow.AllocatedExternal, workflow.Resolved} {
		if n := r.Issues[st]; n > 0 {
			m.Facts = append(m.Facts, chat.Fact{Label: p.term(st.Label()), Value: chat.T(strconv.Itoa(n))})
		}
	}
	m.Facts = append(m.Facts, p.timeFacts(r.Flows, r.Before, p.say("Time to accept"), r.Times[workflow.LapseAccept], r.Before.Times[workflow.LapseAccept])...)
	if r.Longest != nil {
		m.Notes = append(m.Notes, p.text("The oldest open job is {{.Task}}, created {{.When}}.", with{"Task": Heading(*r.Longest), "When": at(r.Longest.CreatedAt)}))
	}
	if r.Firm != "" || r.Aside {
		return m
	}
	return p.withHealth(m, r.Health)
}

// before says in brackets what the figure was in the time before.
func (w Words) before(known bool, was string) string {
	if !known {
		return ""
	}
	return " " + w.say("(before: {{.Was}})", with{"Was": was})
}

// withFirms says how many assignments are with firms.
func (w Words) withFirms(s storage.Summary) string {
	var live []string
	for _, st := range []workflow.Status{workflow.Assigned, workflow.Accepted, workflow.InProgress, workflow.WaitingApproval} {
		n := s.Assignments[st]
		switch {
		case n == 0:
		case st == workflow.WaitingApproval:
			// Other languages say of several that they wait with another word than of one.
			live = append(live, w.count(n, "{{.Count}} waiting approval", "{{.Count}} waiting approval"))
		default:
			live = append(live, strconv.Itoa(n)+" "+lowerFirst(w.term(st.Label())))
		}
	}
	return strings.Join(live, ", ")
}

// nextMoves says with whom issues lie.
func (w Words) nextMoves(s storage.Summary) string {
	var next []string
	for _, side := range []struct {
		who  string
		side workflow.Side
	}{{w.say("the desk"), workflow.WithOperator}, {w.say("firms"), workflow.WithContractor}, {w.say("both sides"), workflow.WithBoth}} {
		if n := s.LiesWith[side.side]; n > 0 {
			next = append(next, side.who+" "+strconv.Itoa(n))
		}
	}
	if len(next) == 0 {
		return ""
	}
	return w.say("Next move: {{.Sides}}.", with{"Sides": strings.Join(next, ", ")})
}

// flowLines say what happened to offers and to the work, a line each.
func (w Words) flowLines(now, was storage.Flows, desk []workflow.DeclineReason) (lines []string) {
	if now.Offered+now.Accepted()+now.Declined()+now.Expired() > 0 {
		lines = append(lines, w.say("Offers: {{.Made}} made, {{.Accepted}} accepted, {{.Declined}} declined, {{.Expired}} not answered{{.Before}}.", with{
			"Made": now.Offered, "Accepted": now.Accepted(), "Declined": now.Declined(), "Expired": now.Expired(),
			"Before": w.before(was.Offered > 0, fmt.Sprintf("%d, %d, %d, %d", was.Offered, was.Accepted(), was.Declined(), was.Expired())),
		}))
	}
	if why := w.reasons(now, desk); why != "" {
		lines = append(lines, w.say("Declined because: {{.Reasons}}.", with{"Reasons": why}))
	}
	if now.Submitted+now.SentBack+now.Completed() > 0 {
		lines = append(lines, w.say("Work: {{.In}} handed in, {{.Back}} sent back, {{.Completed}} completed{{.Before}}.", with{
			"In": now.Submitted, "Back": now.SentBack, "Completed": now.Completed(),
			"Before": w.before(was.Submitted+was.Completed() > 0, fmt.Sprintf("%d, %d, %d", was.Submitted, was.SentBack, was.Completed())),
		}))
	}
	if now.Asked > 0 {
		lines = append(lines, w.say("Approvals in mid-work: {{.Asked}} asked for, {{.Given}} given{{.Before}}.", with{
			"Asked": now.Asked, "Given": now.Granted, "Before": w.before(was.Asked > 0, fmt.Sprintf("%d, %d", was.Asked, was.Granted)),
		}))
	}
	if due := now.OnTime + now.Late; due > 0 {
		lines = append(lines, w.say("On time: {{.OnTime}} of {{.Due}} with a due date{{.Before}}.", with{
			"OnTime": now.OnTime, "Due": due,
			"Before": w.before(was.OnTime+was.Late > 0, w.say("{{.OnTime}} of {{.Due}}", with{"OnTime": was.OnTime, "Due": was.OnTime + was.Late})),
		}))
	}
	lines = append(lines, w.limitLines(now, was)...)
	if mean, n := now.Rating(); n > 0 {
		past, m := was.Rating()
		lines = append(lines, w.count(n, "Rating: {{.Mean}} of 5 from {{.Count}} rating{{.Before}}.", "Rating: {{.Mean}} of 5 from {{.Count}} ratings{{.Before}}.", with{
			"Mean": w.tenths(mean), "Before": w.before(m > 0, w.tenths(past)),
		}))
	}
	return lines
}

// reasonsShown is how many reasons for declining are told.
const reasonsShown = 5

// reasons lists why firms declined, the most frequent first.
func (w Words) reasons(f storage.Flows, desk []workflow.DeclineReason) string {
	ids := slices.SortedFunc(maps.Keys(f.Reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Reasons[b], f.Reasons[a]), cmp.Compare(a, b))
	})
	var out []string
	for _, id := range ids {
		if id == workflow.ReasonNoAnswer || f.Reasons[id] == 0 {
			continue
		}
		if len(out) == reasonsShown {
			out = append(out, w.say("others"))
			break
		}
		out = append(out, w.Counted(chat.Shorten(oneLine(w.reasonLabel(desk, id)), 60), f.Reasons[id]))
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
		{w.say("Time to start"), now.Times[workflow.LapseStart], was.Times[workflow.LapseStart]},
		{w.say("Time to complete"), now.Times[workflow.LapseComplete], was.Times[workflow.LapseComplete]},
	} {
		if t.now.Count() == 0 {
			continue
		}
		value := w.text("half within {{.Median}}{{.Before}}, 9 of 10 within {{.Most}}", with{
			"Median": bold(w.Lapse(t.now.Quantile(0.5))), "Most": w.Lapse(t.now.Quantile(0.9)),
			"Before": w.before(t.was.Count() > 0, w.Lapse(t.was.Quantile(0.5))),
		})
		facts = append(facts, chat.Fact{Label: t.label, Value: value})
	}
	return facts
}

// Lapse says a measured time as people do, no more precisely than it is known.
func (w Words) Lapse(d time.Duration) string {
	round := func(v float64) string {
		if v < 10 {
			return w.decimal(math.Round(v*10) / 10)
		}
		return strconv.Itoa(int(math.Round(v)))
	}
	switch {
	case d < time.Minute:
		return w.say("a minute")
	case d < time.Hour:
		return w.say("{{.Minutes}} min", with{"Minutes": int(d.Round(time.Minute) / time.Minute)})
	case d < 48*time.Hour:
		return w.say("{{.Hours}} h", with{"Hours": round(d.Hours())})
	default:
		return w.say("{{.Days}} days", with{"Days": round(d.Hours() / 24)})
	}
}

// ScoreCard is how a firm does, for itself or for the desk.
type ScoreCard struct {
	Firm storage.Contractor
	// Own is true when the firm itself reads it.
	Own bool
	// Days is the length of the period.
	Days int
	// Reasons are what firms may decline with, in the desk's words.
	Reasons []workflow.DeclineReason
	// Certificates are what the firm has, Day is the desk's.
	Certificates []storage.Certificate
	Day          workflow.Date
	storage.Summary
}

// Score shows a firm's score card.
func (p *Presenter) Score(s ScoreCard) chat.Message {
	m := chat.Message{Title: p.say("Score: {{.Firm}}", with{"Firm": chat.Shorten(oneLine(FirmName(s.Firm)), 120)})}
	certificates, held := p.say("Certificates"), line(p.certificateList(s.Certificates, s.Day), 600)
	settled := s.Accepted() + s.Declined() + s.Expired()
	if s.Offered+settled+s.Completed() == 0 {
		m.Text = p.countText(s.Days, "Nothing was offered or done in the last {{.Count}} day, so there is no score yet.", "Nothing was offered or done in the last {{.Count}} days, so there is no score yet.")
		m.Facts = fact(m.Facts, certificates, held)
		return m
	}
	m.Text = p.countText(s.Days, "In the last {{.Count}} day, with the day before in brackets.", "In the last {{.Count}} days, with the {{.Count}} days before in brackets.")
	for _, line := range p.flowLines(s.Flows, s.Before, s.Reasons) {
		m.Text = m.Text.Plain("\n" + line)
	}
	if live := p.withFirms(s.Summary); live != "" {
		m.Text = m.Text.Plain("\n" + p.say("Now: {{.Jobs}}.", with{"Jobs": live}))
	}
	share := func(label string, part, whole, partWas, wholeWas int) {
		if whole == 0 {
			return
		}
		value := chat.Text{}.Bold(p.percent(part, whole))
		if wholeWas > 0 {
			value = value.Plain(p.before(true, p.percent(partWas, wholeWas)))
		}
		m.Facts = append(m.Facts, chat.Fact{Label: label, Value: value})
	}
	share(p.say("Accepted"), s.Accepted(), settled, s.Before.Accepted(), s.Before.Accepted()+s.Before.Declined()+s.Before.Expired())
	share(p.say("On time"), s.OnTime, s.OnTime+s.Late, s.Before.OnTime, s.Before.OnTime+s.Before.Late)
	kept, limits := keptLimits(s.Flows)
	keptWas, limitsWas := keptLimits(s.Before)
	share(p.say("Time limits kept"), kept, limits, keptWas, limitsWas)
	share(p.say("Sent back"), s.SentBack, s.Submitted, s.Before.SentBack, s.Before.Submitted)
	m.Facts = append(m.Facts, p.timeFacts(s.Flows, s.Before, p.say("Time to answer"), s.Answers(), s.Before.Answers())...)
	m.Facts = fact(m.Facts, certificates, held)
	if s.Own {
		m.Notes = append(m.Notes, p.text("Only your own firm and the desk see this."))
	}
	return m
}

func (w Words) percent(part, whole int) string {
	return w.say("{{.Percent}}%", with{"Percent": int(math.Round(100 * float64(part) / float64(whole)))})
}

// ScoreButton shows a firm its own score, on a card in its channel.
func (p *Presenter) ScoreButton(card, contractor string, now time.Time) chat.Button {
	return chat.Button{ID: buttonID(string(Score)), Label: p.say("Our score"), Token: p.Sign(ticket.Ticket{
		Desk: p.Desk, Verb: string(Score), Card: card, Arg: contractor, Expires: now.Add(buttonLife).Unix(),
	})}
}

// PostSummaryButton lets the one who asked for a summary show it to all with a picture.
// what is the period and the firm as the command takes them.
func (p *Presenter) PostSummaryButton(as Asked, what string) chat.Button {
	return chat.Button{ID: buttonID(string(PostSummary)), Label: p.say("Post it here with a chart"), Token: p.formToken(as, ticket.Ticket{
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
	gaps := with{
		"From": w.dayName(days[0].Date), "To": w.dayName(days[len(days)-1].Date), "Created": created, "Closed": closed,
		"Day": w.dayName(most.Date), "MostCreated": most.Created, "MostClosed": most.Closed,
	}
	if most.Created+most.Closed > 0 {
		return chat.Message{Text: w.text("Jobs created and closed on each day from {{.From}} to {{.To}}: {{.Created}} and {{.Closed}} in all, most on {{.Day}} with {{.MostCreated}} and {{.MostClosed}}.", gaps)}
	}
	return chat.Message{Text: w.text("Jobs created and closed on each day from {{.From}} to {{.To}}: {{.Created}} and {{.Closed}} in all.", gaps)}
}
