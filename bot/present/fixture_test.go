package present_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// noon is the fixed clock of these tests, a Monday.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func presenter() *present.Presenter {
	signer := ticket.NewSigner([]byte("0123456789abcdef0123456789abcdef"))
	return &present.Presenter{Desk: "main", Command: "/task", Sign: signer.Sign, Zone: time.UTC}
}

func asked() present.Asked {
	return present.Asked{User: "slack:T0123456789/U0123456789", Nonce: id("nonce"), Now: noon}
}

// id makes an id as long as real ones are.
func id(name string) string { return name + strings.Repeat("0", max(0, 32-len(name))) }

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatalf("write: %v", err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read (run with -update to make it): %v", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s changed (-want +got):\n%s", path, diff)
	}
}

// sheet collects what a golden file shows.
type sheet struct{ strings.Builder }

func (s *sheet) message(name string, m chat.Message) {
	fmt.Fprintf(s, "== %s\n", name)
	if m.Empty() {
		s.WriteString("(nothing)\n")
	}
	if m.Speaker.Name != "" {
		fmt.Fprintf(s, "speaker: %s\n", squeeze(m.Speaker.Name))
	}
	if m.Title != "" {
		fmt.Fprintf(s, "# %s\n", squeeze(m.Title))
	}
	if m.Tone != chat.Neutral {
		fmt.Fprintf(s, "tone: %s\n", m.Tone)
	}
	if !m.Text.Empty() {
		fmt.Fprintf(s, "%s\n", spans(m.Text))
	}
	for _, f := range m.Facts {
		fmt.Fprintf(s, "- %s: %s\n", f.Label, spans(f.Value))
	}
	for _, n := range m.Notes {
		fmt.Fprintf(s, "note: %s\n", spans(n))
	}
	for _, b := range m.Buttons {
		fmt.Fprintf(s, "[%s] %s %s\n", b.Label, b.ID, b.Style)
	}
	if m.Choice != nil {
		fmt.Fprintf(s, "choice %s (%s): %s\n", m.Choice.ID, m.Choice.Placeholder, options(m.Choice.Options))
	}
	s.WriteString("\n")
}

func (s *sheet) form(name string, f *chat.Form) {
	fmt.Fprintf(s, "== %s\n# %s [%s]\n", name, f.Title, f.Submit)
	if f.Intro != "" {
		fmt.Fprintf(s, "%s\n", squeeze(f.Intro))
	}
	for _, e := range f.Fields {
		fmt.Fprintf(s, "- %s (%s, %s, most %d", e.Label, e.Name, e.Kind, e.Max)
		if e.Optional {
			s.WriteString(", optional")
		}
		s.WriteString(")")
		for _, part := range []struct{ name, text string }{{"value", e.Value}, {"placeholder", e.Placeholder}, {"help", e.Help}, {"options", options(e.Options)}} {
			if part.text != "" {
				fmt.Fprintf(s, " %s: %s", part.name, squeeze(part.text))
			}
		}
		s.WriteString("\n")
	}
	s.WriteString("\n")
}

func options(all []chat.Option) string {
	var out []string
	for n, o := range all {
		if n == 8 {
			out = append(out, fmt.Sprintf("… (%d)", len(all)))
			break
		}
		out = append(out, squeeze(o.Label))
	}
	return strings.Join(out, " | ")
}

// spans shows a text with marks for its kinds.
func spans(t chat.Text) string {
	var b strings.Builder
	for _, s := range t {
		text := squeeze(s.Text)
		switch s.Kind {
		case chat.Bold:
			text = "<b>" + text + "</b>"
		case chat.Italic:
			text = "<i>" + text + "</i>"
		case chat.Strike:
			text = "<s>" + text + "</s>"
		case chat.Code:
			text = "<code>" + text + "</code>"
		case chat.Quote:
			text = "<quote>" + text + "</quote>"
		case chat.Link:
			text = "<a " + squeeze(s.Ref) + ">" + text + "</a>"
		case chat.Everyone:
			text = "<everyone/> "
		case chat.Moment:
			text = "<" + s.Time.UTC().Format("Mon 2 Jan 2006 15:04") + ">"
			if !s.Until.IsZero() {
				text += " – <" + s.Until.UTC().Format("Mon 2 Jan 2006 15:04") + ">"
			}
			if s.Gone {
				text = "<s>" + text + "</s>"
			}
		}
		b.WriteString(text)
	}
	return b.String()
}

// squeeze shows long runs of one character by their length.
func squeeze(s string) string {
	var b strings.Builder
	r := []rune(s)
	for i := 0; i < len(r); {
		n := 1
		for i+n < len(r) && r[i+n] == r[i] {
			n++
		}
		if n > 12 {
			fmt.Fprintf(&b, "%c{%d}", r[i], n)
		} else {
			b.WriteString(string(r[i : i+n]))
		}
		i += n
	}
	return b.String()
}

// content is what people wrote; the longest is what the engine lets through.
type content struct {
	title, description, topic, place, customer, ref, url string
	city, company, person, terms, note, costs, reason    string
}

func typical() content {
	return content{
		title: "Boiler down at 4 Elm St", description: "No hot water since Sunday.\nAsk for Mr Hill.", topic: "Heating",
		place: "4 Elm St, Leeds", customer: "Hill family", ref: "D-77", url: "https://crm.example.com/deals/77",
		city: "Leeds", company: "Acme Heating", person: "Cora Reed", terms: "Up to 300 EUR", note: "New pump fitted",
		costs: "120 EUR parts", reason: "Where is the photo?",
	}
}

func longest() content {
	s := strings.Repeat
	return content{
		title: s("Ж", 150), description: s("ü", 10_000), topic: s("t", 60), place: s("p", 150), customer: s("c", 200),
		ref: s("r", 100), url: "https://example.com/" + s("u", 1980), city: s("ß", 100), company: s("Ц", 100),
		person: s("n", 300), terms: s("m", 1000), note: s("o", 2000), costs: s("k", 60), reason: s("s", 1000),
	}
}

const (
	firmID  = "firm-1"
	otherID = "firm-2"
)

// job is a job with one assignment in a status.
func job(c content, s workflow.Status) present.Job {
	i := storage.Issue{
		Title: c.title, Description: c.description, Topic: c.topic, Priority: "urgent", Place: c.place,
		Customer: c.customer, ExternalRef: c.ref, URL: c.url,
		Issue: workflow.Issue{
			ID: id("issue"), Number: 123456, Status: workflow.Reported, LiesWith: workflow.WithOperator,
			Revision: 3, CreatedAt: noon.Add(-time.Hour), DueAt: noon.Add(48 * time.Hour),
		},
	}
	j := present.Job{Issue: i, Approval: settings.Default().Approval, Firms: map[string]storage.Contractor{
		firmID: {ID: firmID, City: c.city, Company: c.company, State: storage.ContractorActive},
	}}
	if s == "" {
		return j
	}
	a := workflow.Assignment{
		ID: id("assignment"), Contractor: firmID, Status: s, Revision: 7, CreatedAt: noon.Add(-time.Hour),
		Terms: workflow.Terms{AcceptBy: noon.Add(2 * time.Hour), Note: c.terms, Price: "250.00 EUR", Limit: "1200.50 EUR"},
	}
	if s != workflow.Unsent {
		a.OfferedAt = noon.Add(-time.Hour)
	}
	switch s {
	case workflow.Unsent, workflow.Assigned, workflow.Canceled:
	case workflow.Declined:
		a.DeclinedReason, a.DeclinedText = workflow.ReasonOther, c.reason
	default:
		a.InCharge = workflow.Person{ID: "slack:T1/U9", Name: c.person}
	}
	switch s {
	case workflow.InProgress:
		a.Step, a.SendBackReason = "Travel", c.reason
	case workflow.WaitingApproval, workflow.Complete:
		a.LastVerb = workflow.Approve
		a.Completion = workflow.Completion{Note: c.note, Effort: 90, Costs: c.costs}
	}
	j.Assignments = []workflow.Assignment{a}
	switch {
	case workflow.Out(s):
		j.Status = workflow.Allocated
	case s == workflow.Complete:
		j.Status = workflow.Resolved
	}
	j.LiesWith = workflow.LiesWith(j.Issue.Issue)
	j.Replies = 2
	j.LastReply = &storage.Comment{Author: storage.Author{Name: c.person}, Text: "SECRET-reply", CreatedAt: noon.Add(-time.Minute)}
	return j
}

func issueCard() storage.Card {
	return storage.Card{ID: id("card"), Kind: storage.IssueCard, Issue: id("issue")}
}

func firmCard() storage.Card {
	return storage.Card{ID: id("card"), Kind: storage.AssignmentCard, Issue: id("issue"), Assignment: id("assignment")}
}

// everyStatus is each status an assignment can have, and "" for none.
func everyStatus() []workflow.Status { return append([]workflow.Status{""}, workflow.Statuses()...) }

func contents() map[string]content {
	return map[string]content{"typical": typical(), "longest": longest()}
}
