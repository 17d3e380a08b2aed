package workspace_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestOffboardedFirmIsShutOut: who worked for a firm that was off-boarded neither reads its
// channel nor says anything there, the desk reads it as history, and the firm comes back
// into the same channel.
func TestOffboardedFirmIsShutOut(t *testing.T) {
	t.Parallel()
	d := open(t, 1, nil)
	f := d.firm("Leeds", "Acme", "Cora")
	cora, room := f.people[0], "/web/c/"+f.room
	// The company has a branch elsewhere.
	d.commands(d.olivia, d.ops, "/task contractor add York | Acme")
	d.commands(d.olivia, d.ops, "/task new Boiler down")
	d.commands(d.olivia, d.ops, "/task assign 1 acme, leeds")
	until(t, "the firm's card", func() bool {
		_, there := cora.card(f.room, 1, "accept")
		return there
	})
	card, _ := cora.card(f.room, 1, "accept")

	asked, there := formIn(d.commands(d.olivia, d.ops, "/task contractor offboard acme, leeds").body)
	if !there {
		t.Fatal("nothing was asked")
	}
	asked.fields.Set("f-all", "keep")
	asked.fields.Set("f-farewell", "Good luck to you.")
	if got, err := d.olivia.acts(asked.action, asked.fields); err != nil || !got.taken() || wrongIn(got.body) != "" {
		t.Fatalf("off-boarding: %+v, %v", got, err)
	}
	status := func(p *person, path string) int {
		got, err := p.fetch(context.Background(), http.MethodGet, path, request{}, false)
		d.must(err)
		return got.status
	}
	until(t, "the channel to be shut", func() bool { return status(cora, room) == http.StatusNotFound })
	for _, path := range []string{room + "/pins", room + "/people", room + "/t/" + card.id} {
		if got := status(cora, path); got != http.StatusNotFound {
			t.Errorf("Cora looks at %s: %d", path, got)
		}
	}
	for _, text := range []string{"I am still here", "/task list", "/task home", "/task score"} {
		if got, err := cora.says(f.room, "", text); err != nil || got.taken() {
			t.Errorf("Cora says %q: %+v, %v", text, got, err)
		}
	}
	until(t, "the channel to be archived", func() bool {
		page, err := d.olivia.looks(room, false)
		return err == nil && strings.Contains(page.body, "This channel is archived.")
	})
	page, err := d.olivia.looks(room, false)
	d.must(err)
	if !strings.Contains(page.body, "Good luck to you.") || strings.Contains(page.body, "still here") || strings.Contains(page.body, "data-composer") {
		t.Errorf("the desk reads %s", page.body)
	}
	if got, err := d.olivia.says(f.room, "", "One more thing"); err != nil || got.status != http.StatusConflict {
		t.Errorf("the desk writes there: %+v, %v", got, err)
	}
	ops := func(words string) func() bool {
		return func() bool {
			page, err := d.olivia.looks("/web/c/"+d.ops, false)
			return err == nil && strings.Contains(page.body, words)
		}
	}
	until(t, "the desk to be told", ops("is archived. 1 person of the firm was taken out of it."))
	if ops("by hand")() {
		t.Error("the desk is sent to do something by hand")
	}
	page, err = d.olivia.looks("/web/c/"+d.ops, false)
	d.must(err)
	command := regexp.MustCompile(`taskbridge export --contractor "([^"]+)"`).FindStringSubmatch(words(parse(page.body)))
	if command == nil {
		t.Fatal("how to keep a copy is not told")
	}
	if out := d.program.run("export", "--contractor", command[1]); !strings.Contains(out, `"title": "Boiler down"`) {
		t.Errorf("%s writes %s", command[0], out)
	}

	d.commands(d.olivia, d.ops, "/task contractor resume acme, leeds")
	until(t, "the channel to be in use again", func() bool {
		page, err := d.olivia.looks(room, false)
		return err == nil && strings.Contains(page.body, "This channel is in use again.") && strings.Contains(page.body, "data-composer")
	})
	d.commands(d.olivia, d.ops, "/task contractor invite acme, leeds cora@acme.example")
	until(t, "Cora to be back", func() bool { return status(cora, room) == http.StatusOK })
	for _, text := range []string{"Here I am", "/task list"} {
		if got, err := cora.says(f.room, "", text); err != nil || !got.taken() {
			t.Errorf("Cora says %q: %+v, %v", text, got, err)
		}
	}
}
