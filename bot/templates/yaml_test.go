package templates_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"taskbridge/bot/templates"
	"taskbridge/workflow"
)

func full() []workflow.Template {
	return []workflow.Template{
		{
			Name: "Boiler service", Topic: "Heating", Title: "Boiler service at {place}", Priority: "high",
			Description: "Yearly service.\nContract: {contract no}", Due: 72 * time.Hour, AnswerWithin: 90 * time.Minute,
			Demands: workflow.Demands{
				Checklist: []workflow.Item{{Text: "Gas off", Required: true}, {Text: "Tenant told"}}, Evidence: 2,
				Costs: workflow.Required, Effort: workflow.Hidden, Kind: "Service", Steps: []string{"Planned", "Work"},
			},
			Firms: []string{"Acme Heating, Leeds", "# no comment"},
		},
		{Name: "Yes", Title: "- 007: {a}"},
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	text, err := templates.Encode(full())
	if err != nil {
		t.Fatal(err)
	}
	got, err := templates.Decode(text, workflow.StandardSteps())
	if diff := cmp.Diff(full(), got); err != nil || diff != "" {
		t.Errorf("%v\n%s\n%s", err, diff, text)
	}
	if again, err := templates.Encode(got); err != nil || string(again) != string(text) {
		t.Errorf("written again, it is\n%s", again)
	}
	if got, err := templates.Decode(nil, workflow.StandardSteps()); err != nil || len(got) != 0 {
		t.Errorf("an empty file: %v, %v", got, err)
	}
}

// TestTheExampleIsLegal holds the file that the documents point to.
func TestTheExampleIsLegal(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/templates.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := templates.Decode(text, workflow.StandardSteps())
	if err != nil || len(got) < 2 {
		t.Errorf("got %d templates, %v", len(got), err)
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":    {"templates:\n  - name: A\n    title: T\n    colour: red\n", "line 4: unknown field \"colour\""},
		"unknown at top": {"template: []\n", "line 1: unknown field \"template\""},
		"wrong type":     {"templates:\n  - name: A\n    title: T\n    evidence: many\n", "line 4: "},
		"no YAML":        {"templates:\n  - name: [\n", "line "},
		"no title":       {"templates:\n  - name: A\n", "line 2: A: Give the template a title."},
		"no name":        {"templates:\n\n  - title: A\n", "line 3: a template without a name: Give the template a name."},
		"bad due":        {"templates:\n  - name: A\n    title: T\n    due: soon\n", "line 4: A: Write an amount of time"},
		"bad rule":       {"templates:\n  - name: A\n    title: T\n    costs: maybe\n", "line 4: A: Say optional, required or hidden."},
		"bad step":       {"templates:\n  - name: A\n    title: T\n    steps: [Sleep]\n", "line 4: A: There is no step “Sleep”"},
		"twice":          {"templates:\n  - name: A\n    title: T\n  - name: a\n    title: T\n", "line 4: a: There are two templates with this name."},
		"item twice":     {"templates:\n  - name: A\n    title: T\n    checklist:\n      - text: Gas off\n      - text: Gas off\n", "line "},
		"alias":          {"templates:\n  - &x\n    name: A\n    title: T\n  - *x\n", "anchors and aliases are not read"},
		"huge":           {"# " + strings.Repeat("x", 300<<10), "larger than"},
	} {
		got, err := templates.Decode([]byte(c.text), workflow.StandardSteps())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || got != nil {
			t.Errorf("%s: got %v, %v, want %q", name, got, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	text, err := templates.Encode(full())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for _, s := range []string{"", "templates:", "templates: [{}]", "templates:\n- name: \"\\u0000\"\n  title: x", "a: &a [*a]", "---\n---\n", "? - :", "!!binary x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := templates.Decode(text, workflow.StandardSteps())
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has several lines: %q", err)
			}
			return
		}
		again, err := templates.Encode(list)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if back, err := templates.Decode(again, workflow.StandardSteps()); err != nil || len(back) != len(list) {
			t.Errorf("what was written cannot be read: %v\n%s", err, again)
		}
	})
}
