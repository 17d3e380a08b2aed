package present_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// TestNumbersAndDaysInGerman: what is made of numbers, days and amounts is German, too.
func TestNumbersAndDaysInGerman(t *testing.T) {
	t.Parallel()
	languages, err := present.LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	p := presenter()
	p.Words, _ = languages.Find("de")
	summary := func(n int) string {
		s := storage.Summary{Assignments: map[workflow.Status]int{workflow.InProgress: 2, workflow.WaitingApproval: n}}
		return p.Summary(present.Report{Summary: s}).Text.String()
	}
	j := job(typical(), workflow.WaitingApproval)
	j.Assignments[0].Terms.Price, j.Assignments[0].Completion.Costs = "250.50 EUR", "84.50 EUR"
	j.Assignments[0].Was = j.Assignments[0].Terms
	card := p.Card(j, issueCard(), noon)
	board := p.BoardPage(present.Figures{Days: []storage.Day{{Date: time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)}}})
	column := board.Charts[slices.IndexFunc(board.Charts, func(c chat.Chart) bool { return c.ID == "days" })].Rows[0].Label
	refused := workflow.Refuse(workflow.Forbidden, "%s is above the desk's limit of %s: somebody who may approve above it has to do this.", workflow.Money("120.00 EUR"), workflow.Money("99.50 EUR"))
	for got, want := range map[string]string{
		summary(1): "2 in Arbeit, 1 wartet auf Abnahme.", summary(2): "2 in Arbeit, 2 warten auf Abnahme.",
		cardText(card): "250,50 EUR", cardText(card) + " ": "84,50 EUR", column: "3. Okt.",
		p.ChannelState("closed"): "geschlossen", p.Refusal(refused): "120,00 EUR liegt über der Grenze der Zentrale von 99,50 EUR",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}

func cardText(m chat.Message) string {
	text := m.Text.String()
	for _, f := range m.Facts {
		text += "\n" + f.Label + ": " + f.Value.String()
	}
	return text
}
