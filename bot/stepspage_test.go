package bot_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// TestStepsPage: what is sent with the page's token is a change of the settings like any
// other, with its event, for administrators alone.
func TestStepsPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withOthers()
	page, err := d.engine.StepsPage(t.Context(), d.as("anna"))
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Steps) != 3 || page.Steps[1] != (chat.StepPage{Name: "Travel", Label: "Travel", Icon: "car", Status: "travel", Standard: true}) || len(page.Statuses) != 5 || page.Changes != nil {
		t.Errorf("the page is %+v", page)
	}
	const lines = "Planned | calendar | planned\nTravel | car | planned\nWork | wrench | work\nDrying | droplet | work | own name"
	sent := d.submit("anna", "", &page.Form, map[string]string{"steps": lines})
	expect(t, sent.Message.Text.String(), "is saved")
	if page, err = d.engine.StepsPage(t.Context(), d.as("anna")); err != nil {
		t.Fatal(err)
	}
	if len(page.Steps) != 4 || page.Steps[1].Status != "planned" || page.Steps[3] != (chat.StepPage{Name: "Drying", Label: "Drying", Icon: "droplet", Status: "work", OwnName: true}) {
		t.Errorf("the steps are %+v", page.Steps)
	}
	if said := page.Changes.String(); !strings.Contains(said, "Anna") || !strings.Contains(said, "Drying") {
		t.Errorf("the changes are %q", said)
	}
	expect(t, d.says("anna", "ops", "settings history"), "Drying", "Anna")
	if !slices.Contains(page.Icons, chat.Option{Value: "droplet", Label: "💧"}) {
		t.Errorf("the icons are %v", page.Icons)
	}
	unknown := d.submit("anna", "", &page.Form, map[string]string{"steps": lines + "\nMopping | mopp | work"})
	expect(t, unknown.FieldErrors["steps"], `no icon "mopp"`, "like wrench")
	refused := d.submit("anna", "", &page.Form, map[string]string{"steps": "Planned | calendar | planned"})
	if refused.FieldErrors["steps"] == "" {
		t.Errorf("a standard step is taken away: %+v", refused)
	}
	for _, who := range []string{"olivia", "mona", "cora", "sam", "gina"} {
		if _, err := d.engine.StepsPage(t.Context(), d.as(who)); !errors.Is(err, chat.ErrForbidden) {
			t.Errorf("%s opens the steps: %v", who, err)
		}
		if a := d.submit(who, "", &page.Form, map[string]string{"steps": lines}); a.Refused == "" {
			t.Errorf("%s changes the steps by another's form: %+v", who, a)
		}
	}
}
