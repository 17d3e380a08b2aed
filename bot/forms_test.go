package bot_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/bot/present"
)

func TestFormsOfOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	form := d.click("cora", firmChannel, d.accepted(), "Complete").Form
	done := map[string]string{"note": "New pump"}
	before := d.issue(1)
	for _, who := range []string{"carl", "olivia", "sam", "gina"} {
		if a := d.submit(who, firmChannel, form, done); a.Refused != bot.RefusedUnauthenticated || a.FieldErrors[""] == "" {
			t.Errorf("%s: %+v", who, a)
		}
	}
	flipped := *form
	flipped.Token = "A" + form.Token[1:]
	if flipped.Token == form.Token {
		flipped.Token = "B" + form.Token[1:]
	}
	if a := d.submit("cora", firmChannel, &flipped, done); a.Refused != bot.RefusedUnauthenticated {
		t.Errorf("forged: %+v", a)
	}
	button := chat.Form{Token: token(t, d.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over").Message, "Complete")}
	if a := d.submit("cora", firmChannel, &button, done); a.Refused != bot.RefusedUnauthenticated {
		t.Errorf("a button sent as a form: %+v", a)
	}
	d.same(1, before, "foreign forms")
	// What comes due in all that time comes before, and not just while the form is sent.
	d.advance(25 * time.Hour)
	before = d.issue(1)
	if a := d.submit("cora", firmChannel, form, done); a.Refused != "expired" || a.FieldErrors[""] == "" {
		t.Errorf("expired: %+v", a)
	}
	d.same(1, before, "an expired form")
}

func TestFormSentTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	form := d.command("olivia", "ops", "new").Form
	values := map[string]string{"title": "Leak", "priority": "normal"}
	answers := make([]chat.Answer, 8)
	var all sync.WaitGroup
	for n := range answers {
		in := chat.Inbound{
			Key: "form" + string(rune('a'+n)), Workspace: workspace, At: d.clock.Now(), From: chat.Person{ID: "olivia"}, Channel: "ops",
			Body: chat.Submitted{Token: form.Token, Values: values},
		}
		all.Go(func() {
			a, err := d.engine.Handle(t.Context(), in)
			if err != nil {
				t.Errorf("handle: %v", err)
			}
			answers[n] = a
		})
	}
	all.Wait()
	made := 0
	for _, a := range answers {
		if a.Refused == "" {
			made++
		} else if a.FieldErrors[""] == "" {
			t.Errorf("a repeat was told nothing: %+v", a)
		}
	}
	list, err := d.engine.ListIssues(t.Context(), chat.IssueQuery{})
	if err != nil || made != 1 || len(list) != 1 || list[0].Number != 1 {
		t.Errorf("%d answers, %d issues, %v", made, len(list), err)
	}
	expect(t, d.says("olivia", "ops", "new Next"), "#2")
}

func TestFormFieldErrors(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	long := strings.Repeat("ü", 151)
	for _, c := range []struct {
		field  string
		values map[string]string
	}{
		{"title", map[string]string{"title": " "}},
		{"title", map[string]string{"title": long}},
		{"place", map[string]string{"title": "x", "place": long}},
		{"topic", map[string]string{"title": "x", "topic": long}},
		{"customer", map[string]string{"title": "x", "customer": long + long}},
		{"external_ref", map[string]string{"title": "x", "external_ref": long}},
		{"priority", map[string]string{"title": "x", "priority": "huge"}},
		{"due", map[string]string{"title": "x", "due": "whenever"}},
		{"url", map[string]string{"title": "x", "url": "javascript:alert(1)"}},
		{"url", map[string]string{"title": "x", "url": "crm.example.com"}},
		{"contractor", map[string]string{"title": "x", "contractor": "nobody"}},
		{"accept_by", map[string]string{"title": "x", "contractor": "acme", "accept_by": "whenever"}},
		{"accept_by", map[string]string{"title": "x", "contractor": "acme", "accept_by": "0m"}},
		{"contractor", map[string]string{"title": "x", "accept_by": "2h"}},
	} {
		form := d.command("olivia", "ops", "new").Form
		a := d.submit("olivia", "ops", form, c.values)
		if a.FieldErrors[c.field] == "" || len(a.FieldErrors) != 1 || !a.Message.Empty() {
			t.Errorf("%v gave %v and %q", c.values, a.FieldErrors, a.Message.Text)
		}
		// What was refused may be mended and sent again.
		if a := d.submit("olivia", "ops", form, map[string]string{"title": "Mended"}); a.Refused != "" {
			t.Errorf("the mended form: %+v", a)
		}
	}
	card := d.issueCard("Boiler")
	offer := d.click("olivia", "ops", card, "Offer to a firm").Form
	for _, c := range []struct {
		field  string
		values map[string]string
	}{
		{"contractor", map[string]string{}},
		{"contractor", map[string]string{"contractor": "x-unknown"}},
		{"accept_by", map[string]string{"contractor": "acme", "accept_by": "yesterday"}},
	} {
		if a := d.submit("olivia", "ops", offer, c.values); a.FieldErrors[c.field] == "" {
			t.Errorf("offer %v gave %v", c.values, a.FieldErrors)
		}
	}
	if a := d.submit("olivia", "ops", offer, map[string]string{"contractor": "acme", "accept_by": "tomorrow 9am", "terms": "Up to 300 EUR"}); a.Refused != "" {
		t.Fatalf("offer: %+v", a)
	}
	firm := d.waitCard(firmChannel, "Boiler", "Accept", "Decline", "Suggest other terms")
	decline := d.click("cora", firmChannel, firm, "Decline").Form
	if a := d.submit("cora", firmChannel, decline, map[string]string{"reason": "other"}); a.FieldErrors["text"] == "" {
		t.Errorf("other without a text: %v", a.FieldErrors)
	}
	if a := d.submit("cora", firmChannel, decline, map[string]string{}); a.FieldErrors["reason"] == "" {
		t.Errorf("no reason: %v", a.FieldErrors)
	}
	d.wantStatus(1, "allocated/assigned")
}

// TestFormOfAStaleCard tells who was first, and keeps what was typed.
func TestFormOfAStaleCard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	ops := d.handedIn()
	form := d.click("olivia", "ops", ops, "Send back").Form
	d.click("otto", "ops", ops, "Approve")
	a := d.submit("olivia", "ops", form, map[string]string{"reason": "Photo?"})
	if a.FieldErrors[""] == "" && a.FieldErrors["reason"] == "" {
		t.Fatalf("stale: %+v", a)
	}
	expect(t, a.FieldErrors[""]+a.FieldErrors["reason"], "otto approved")
	d.wantStatus(1, "resolved/complete")
}

// TestEditKeepsWhatTheFormCannotShow edits an issue that came through the API with
// texts longer than any form holds.
func TestEditKeepsWhatTheFormCannotShow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	text, link := strings.Repeat("x", 5000), "https://crm.example/"+strings.Repeat("u", 500)
	d.handle(chat.Inbound{Workspace: bot.APIWorkspace, From: chat.Person{ID: "t"}, Body: chat.Request{Verb: "new", Fields: map[string]string{
		"title": "Boiler", "description": text, "url": link, "customer": "Hill", "external_ref": "D-7", "due": "2026-12-01 14:00",
	}}})
	form := d.click("olivia", "ops", d.issueCard("#1"), "Edit details").Form
	values := map[string]string{}
	for _, f := range form.Fields {
		values[f.Name] = f.Value
	}
	values["title"] = "Boiler cold"
	if a := d.submit("olivia", "ops", form, values); a.Refused != "" {
		t.Fatalf("edit: %+v", a)
	}
	got := d.issue(1)
	if got.Title != "Boiler cold" || got.Customer != "Hill" || got.ExternalRef != "D-7" || got.DueAt == nil || got.DueAt.Hour() != 14 {
		t.Errorf("edited into %+v", got)
	}
	if len(got.Description) != len(text) || got.URL != link {
		t.Errorf("saving the form %v, which left out what it cannot hold, lost the description (now %d characters) or the link (%d): details() must keep fields that were not sent",
			present.Number(1), len(got.Description), len(got.URL))
	}
}

// TestEditsOfTwoColleagues: what one changed is not undone by the other's older form,
// and two changes of the same field are a conflict that keeps what was typed.
func TestEditsOfTwoColleagues(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler down")
	card := d.issueCard("#1")
	open := func(who string) (*chat.Form, map[string]string) {
		f := d.click(who, "ops", card, "Edit details").Form
		v := map[string]string{}
		for _, field := range f.Fields {
			v[field.Name] = field.Value
		}
		return f, v
	}
	hers, herValues := open("olivia")
	his, hisValues := open("otto")
	again, againValues := open("otto")

	herValues["title"], herValues["place"] = "Boiler down, urgent", "4 Elm St"
	if a := d.submit("olivia", "ops", hers, herValues); a.Refused != "" {
		t.Fatalf("the first: %+v", a)
	}
	hisValues["topic"], hisValues["place"] = "Heating", "4 Elm St"
	if a := d.submit("otto", "ops", his, hisValues); a.Refused != "" {
		t.Fatalf("another field, and the same words: %+v", a)
	}
	againValues["title"], againValues["topic"] = "Boiler", "Heat"
	a := d.submit("otto", "ops", again, againValues)
	if a.Refused != "conflict" || len(a.FieldErrors) != 2 || !a.Message.Empty() {
		t.Fatalf("the same fields: %+v", a)
	}
	expect(t, a.FieldErrors["title"], `made this "Boiler down, urgent"`, "Copy yours")
	expect(t, a.FieldErrors["topic"], `made this "Heating"`)
	i := d.issue(1)
	if i.Title != "Boiler down, urgent" || i.Place != "4 Elm St" || i.Topic != "Heating" {
		t.Errorf("the issue is %+v", i)
	}
	same, sameValues := open("olivia")
	a = d.submit("olivia", "ops", same, sameValues)
	expect(t, a.Message.Text.String(), "stays as it is")
	if got := slices.DeleteFunc(d.events(1), func(s string) bool { return s != "details_changed" }); len(got) != 2 {
		t.Errorf("the history has %v", got)
	}
}

// TestDueInThePast is a slip in a form, and a fact from a program.
func TestDueInThePast(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	form := d.command("olivia", "ops", "new").Form
	a := d.submit("olivia", "ops", form, map[string]string{"title": "Boiler", "due": "2025-12-01 14:00"})
	expect(t, a.FieldErrors["due"], "has passed")
	a = d.submit("olivia", "ops", form, map[string]string{"title": "Boiler", "due": "2026-12-01 14:00"})
	if a.Refused != "" {
		t.Errorf("a due date to come: %+v", a)
	}
	a = d.handle(chat.Inbound{Workspace: bot.APIWorkspace, Body: chat.Request{Verb: "new", Fields: map[string]string{"title": "Late", "due": "2025-12-01T14:00:00Z"}}})
	if a.Refused != "" {
		t.Errorf("a late job from a program: %+v", a)
	}
}
