package slack_test

import (
	"net/http"
	"slices"
	"strings"

	"taskbridge/adapters/slack/slacktest"
)

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// visible is a text without Slack's escapes.
func visible(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// showing matches messages whose visible text has every part.
func showing(parts ...string) func(slacktest.Message) bool {
	return func(m slacktest.Message) bool {
		text := visible(m.Plain())
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(text, p) })
	}
}

// has checks a text for every part.
func (d *desk) has(what, text string, parts ...string) {
	d.t.Helper()
	for _, p := range parts {
		if !strings.Contains(visible(text), p) {
			d.t.Errorf("%s does not say %q:\n%s", what, p, visible(text))
		}
	}
}

// lacks checks that a text has none of the parts.
func (d *desk) lacks(what, text string, parts ...string) {
	d.t.Helper()
	for _, p := range parts {
		if strings.Contains(visible(text), p) {
			d.t.Errorf("%s says %q:\n%s", what, p, visible(text))
		}
	}
}

// command types a slash command and checks what the answer says.
func (d *desk) command(p *slacktest.Person, channel, text string, parts ...string) slacktest.Answer {
	d.t.Helper()
	a, err := p.Command(channel, text)
	if err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	d.has("the answer to "+text, a.Plain(), parts...)
	return a
}

// says types a slash command as oskar in the operations channel.
func (d *desk) says(text string, parts ...string) slacktest.Answer {
	d.t.Helper()
	return d.command(d.oskar, d.ops, text, parts...)
}

// told does something and waits for a new private message to p with every part.
func (d *desk) told(p *slacktest.Person, act func() error, parts ...string) slacktest.Message {
	d.t.Helper()
	before := map[string]bool{}
	for _, m := range p.Ephemerals() {
		before[m.TS] = true
	}
	d.must(act())
	m, err := p.WaitEphemeral(func(m slacktest.Message) bool { return !before[m.TS] && showing(parts...)(m) })
	if err != nil {
		d.t.Fatalf("nothing private that says %q: %v", parts, err)
	}
	return m
}

// buttons checks which buttons a message has.
func (d *desk) buttons(m slacktest.Message, want ...string) {
	d.t.Helper()
	var have []string
	for _, c := range m.Controls() {
		have = append(have, c.Label)
	}
	if !slices.Equal(have, want) {
		d.t.Errorf("the buttons are %q, want %q", have, want)
	}
}

// required is what Slack itself says under an input that was left empty.
const required = "This is a required field"

// refusedForm sends the form on top and checks the error of a field; the form must
// stay open.
func (d *desk) refusedForm(p *slacktest.Person, v slacktest.Values, field string, parts ...string) {
	d.t.Helper()
	was, _ := p.View()
	got, err := p.Submit(v)
	d.must(err)
	if got.Closed || got.View == nil || got.View.ID != was.ID {
		d.t.Fatalf("the form is gone after %v", v)
	}
	if got.Errors[field] == "" {
		d.t.Fatalf("no error at %q, there are %v", field, got.Errors)
	}
	d.has("the error at "+field, got.Errors[field], parts...)
	if got.Errors[field] != required {
		d.sentence(got.Errors[field])
	}
}

// sentence checks that a refusal is for people: a sentence, and no inner workings.
func (d *desk) sentence(text string) {
	d.t.Helper()
	text = strings.TrimSpace(visible(text))
	if len(text) < 10 || len(text) > 400 || !strings.ContainsAny(text[len(text)-1:], ".?!…N") && !strings.Contains(text, "Usage: ") {
		d.t.Errorf("that is no sentence: %q", text)
	}
	for _, inner := range []string{"sql", "nil", "error:", "panic", "{", "%!"} {
		if strings.Contains(strings.ToLower(text), inner) {
			d.t.Errorf("%q shows inner workings", text)
		}
	}
}

// unauthorised sends a raw request and expects a 401.
func (d *desk) unauthorised(path string, body []byte, header http.Header) {
	d.t.Helper()
	res, err := d.slack.Post(path, body, header)
	d.must(err)
	if res.Status != http.StatusUnauthorized {
		d.t.Errorf("%s was answered %d: %s", path, res.Status, res.Body)
	}
}

// calls are those whom a message notifies. A date is written like a mention, and
// calls nobody.
func calls(m slacktest.Message) []string {
	return slices.DeleteFunc(m.Mentions(), func(s string) bool { return strings.HasPrefix(s, "date^") })
}
