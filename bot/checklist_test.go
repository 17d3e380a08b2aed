package bot_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestItemsThatLookLikeCalls: an item of a file whose text has the mark of a call in it can
// be edited, and stays a text; whoever types such a mark anew has to name a webhook.
func TestItemsThatLookLikeCalls(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	const file = "templates:\n  - name: Service\n    title: Service\n    checklist:\n      - text: Old valve => new valve\n        required: true\n"
	if _, err := d.engine.ImportTemplates(t.Context(), []byte(file)); err != nil {
		t.Fatal(err)
	}
	edit := func(change func(string) string) string {
		form := d.command("olivia", "ops", "template edit service").Form
		values := map[string]string{}
		for _, f := range form.Fields {
			values[f.Name] = f.Value
		}
		values["checklist"] = change(values["checklist"])
		a := d.submit("olivia", "ops", form, values)
		return a.Message.Text.String() + a.FieldErrors["checklist"]
	}
	expect(t, edit(func(s string) string { return s + "\nSeal it" }), "is saved")
	expect(t, d.says("olivia", "ops", "template show service"), "Old valve => new valve", "Seal it")
	expect(t, edit(func(s string) string { return s + "\nRead it => meters" }), "No webhook is configured")
	expect(t, edit(func(s string) string { return strings.Replace(s, "new", "newer", 1) }), "No webhook is configured")
}

// TestFieldsThatAFormLeavesOutStay: a platform's form leaves out what it cannot hold. What
// it did not send is as it was when the form is saved.
func TestFieldsThatAFormLeavesOutStay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	long := strings.Repeat("ü", 2900)
	a := d.submit("olivia", "ops", d.command("olivia", "ops", "template new").Form, map[string]string{
		"name": "Service", "title": "Service with {gas}", "description": long, "checklist": "Seal it\nClean it", "approval": "gas = yes", "firms": "Acme; Bolt", "evidence": "2",
	})
	expect(t, a.Message.Text.String()+fmt.Sprint(a.FieldErrors), "is saved")
	d.submit("olivia", "ops", d.command("olivia", "ops", "template edit service").Form, map[string]string{"name": "Service", "title": "Boilers with {gas}"})
	shown := map[string]string{}
	for _, f := range d.command("olivia", "ops", "template edit service").Form.Fields {
		shown[f.Name] = f.Value
	}
	for field, want := range map[string]string{
		"title": "Boilers with {gas}", "description": long, "checklist": "Seal it\nClean it", "approval": "gas = yes", "firms": "Acme; Bolt", "evidence": "2",
	} {
		if shown[field] != want {
			t.Errorf("%s is %.40q, want %.40q", field, shown[field], want)
		}
	}
	d.says("olivia", "ops", "new Roof leaks")
	d.submit("olivia", "ops", d.command("olivia", "ops", "require 1").Form, map[string]string{"checklist": "Seal it", "evidence": "3"})
	d.submit("olivia", "ops", d.command("olivia", "ops", "require 1").Form, map[string]string{"evidence": "1"})
	if got := d.issue(1).Demands; len(got.Checklist) != 1 || got.Evidence != 1 {
		t.Errorf("the job asks for %+v", got)
	}
}
