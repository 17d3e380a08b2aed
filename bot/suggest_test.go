package bot_test

import (
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// firmChoices are the firms a form of an offer lists, in order.
func firmChoices(f *chat.Form) []string {
	var labels []string
	for _, field := range f.Fields {
		if field.Name == "contractor" {
			for _, o := range field.Options {
				labels = append(labels, o.Label)
			}
		}
	}
	return labels
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.withRival()
	third := d.withThird()
	choices := func(number string) []string { return firmChoices(d.command("olivia", "ops", "assign "+number).Form) }
	wantChoices := func(what, number string, want ...string) {
		t.Helper()
		if got := choices(number); !slices.Equal(got, want) {
			t.Errorf("%s: %q", what, got)
		}
	}
	// The first job goes to the third firm, which turns it down.
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 cool by 2h")
	card := d.waitCard(third, "#1", offerButtons()...)
	d.submit("egon", third, d.click("egon", third, card, "Decline").Form, map[string]string{"reason": "skills"})
	d.wantStatus(1, "reported/declined")

	plain := []string{"Other Firm, Hull", "Acme Heating, Leeds", "Cool Air, York"}
	wantChoices("no topics", "1", plain...)
	expect(t, d.says("olivia", "ops", "contractor topics cool air Boiler,  hot  water, boiler"), "Cool Air, York does boiler, hot water.")
	expect(t, d.says("olivia", "ops", "contractor topics Cool Air, York boiler, hot water"), "Cool Air, York does boiler, hot water.")
	expect(t, d.says("olivia", "ops", "contractor topics acme heating | boiler"), "Acme Heating, Leeds does boiler.")
	expect(t, d.says("olivia", "ops", "contractor show cool"), "Does: boiler, hot water")
	suggested := []string{"Acme Heating, Leeds – boiler", "Cool Air, York – boiler · accepts 0%", "Other Firm, Hull"}
	wantChoices("by topic", "1", suggested...)
	button := d.click("olivia", "ops", d.waitCard("ops", "Boiler", "Offer elsewhere", "Edit details", "Close", "Ask somebody outside"), "Offer elsewhere").Form
	if got := firmChoices(button); !slices.Equal(got, suggested) {
		t.Errorf("by the button: %q", got)
	}

	// The place counts after the topic, and before what a firm has done.
	details := d.click("olivia", "ops", d.issueCard("Boiler"), "Edit details").Form
	values := map[string]string{}
	for _, f := range details.Fields {
		values[f.Name] = f.Value
	}
	values["place"] = "4 Elm St, york"
	if a := d.submit("olivia", "ops", details, values); a.Refused != "" {
		t.Fatalf("details: %+v", a)
	}
	wantChoices("by place", "1", "Cool Air, York – same city · boiler · accepts 0%", "Acme Heating, Leeds – boiler", "Other Firm, Hull")

	d.says("olivia", "ops", "contractor pause cool")
	wantChoices("a paused firm", "1", "Acme Heating, Leeds – boiler", "Other Firm, Hull")
	d.says("olivia", "ops", "contractor topics acme none")
	expect(t, d.says("olivia", "ops", "contractor topics acme heating, drains"), "Acme Heating, Leeds does heating, drains.")
	d.says("olivia", "ops", "contractor topics acme none")
	wantChoices("no topics any more", "1", "Other Firm, Hull", "Acme Heating, Leeds")
}

func TestTopicsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	for _, c := range []struct{ who, channel, text, want string }{
		{"cora", firmChannel, "acme boiler", "Only the desk can say what a firm does"},
		{"olivia", "ops", "acme", "with commas between the topics"},
		{"olivia", "ops", "nobody boiler", "No firm fits"},
		{"olivia", "ops", "acme " + strings.Repeat("x", 41), "at most 40 characters"},
		{"olivia", "ops", "acme a,b,c,d,e,f,g,h,i,j,k,l,m", "at most 12"},
	} {
		expect(t, d.says(c.who, c.channel, "contractor topics "+c.text), c.want)
	}
	if strings.Contains(d.says("olivia", "ops", "contractor show acme"), "Does:") {
		t.Error("a refused topic was kept")
	}
}

// TestAFirmMoves: to another city, with its figures; never to where one of its name is.
func TestAFirmMoves(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.says("olivia", "ops", "contractor add York | Acme Heating")
	for _, c := range []struct{ who, channel, text, want string }{
		{"cora", firmChannel, "move acme York", "Only the desk can say that a firm is in another city"},
		{"olivia", "ops", "move Acme Heating Leeds", "Write the firm and the city"},
		{"olivia", "ops", "move Leeds Acme Heating | York", "Acme Heating, York is here already"},
		{"olivia", "ops", "move Leeds Acme Heating | Leeds", "Acme Heating, Leeds is here already"},
		{"olivia", "ops", "move Leeds Acme Heating | " + strings.Repeat("x", 101), "up to 100"},
	} {
		expect(t, d.says(c.who, c.channel, "contractor "+c.text), c.want)
	}
	expect(t, d.says("olivia", "ops", "contractor move Leeds Acme Heating | Whitby"), "The firm is Acme Heating, Whitby now")
	expect(t, d.says("olivia", "ops", "list city:whitby"), "#1")
	lacks(t, d.says("olivia", "ops", "list city:leeds"), "#1")
	d.admin()
	expect(t, d.says("adam", "general", "settings history"), "City: “Leeds” → “Whitby”")
}
