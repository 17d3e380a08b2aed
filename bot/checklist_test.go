package bot_test

import (
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
