package workflow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTemplateFill(t *testing.T) {
	t.Parallel()
	tpl := Template{Name: "Boiler", Title: "Boiler at {place}", Description: "Ref {Customer ref}, at {Place}. {not a-placeholder-of-this-length} {} {1}"}
	if got := tpl.Placeholders(); !slices.Equal(got, []string{"place", "customer ref"}) {
		t.Errorf("the placeholders are %q", got)
	}
	title, text := tpl.Fill(map[string]string{"place": "{customer ref} St", "customer ref": "77"})
	if title != "Boiler at {customer ref} St" || text != "Ref 77, at {customer ref} St. {not a-placeholder-of-this-length} {} {1}" {
		t.Errorf("got %q, %q", title, text)
	}
	if title, _ := tpl.Fill(nil); title != tpl.Title {
		t.Errorf("without values: %q", title)
	}
}

func FuzzTemplateFill(f *testing.F) {
	f.Add("Boiler at {place}", "4 Elm St")
	f.Add("{{a}}{b}", "{a}")
	f.Add("{ä}", "\xff")
	f.Fuzz(func(t *testing.T, title, value string) {
		tpl := Template{Name: "x", Title: title}
		values := map[string]string{}
		for _, name := range tpl.Placeholders() {
			values[name] = value
		}
		got, _ := tpl.Fill(values)
		if len(values) == 0 && got != title {
			t.Errorf("%q without placeholders became %q", title, got)
		}
		kept, _ := tpl.Fill(nil)
		if kept != title {
			t.Errorf("%q without values became %q", title, kept)
		}
	})
}

func TestTemplateCheck(t *testing.T) {
	t.Parallel()
	good := Template{Name: "Boiler service", Title: "Boiler at {place}", Priority: "high", Due: time.Hour, AnswerWithin: time.Hour, Firms: []string{"Acme"}}
	if err := good.Check(StandardSteps()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Template)
		field  string
	}{
		"no name":           {func(t *Template) { t.Name = " " }, "name"},
		"long name":         {func(t *Template) { t.Name = strings.Repeat("x", 61) }, "name"},
		"colon":             {func(t *Template) { t.Name = "a: b" }, "name"},
		"no title":          {func(t *Template) { t.Title = "" }, "title"},
		"two lines":         {func(t *Template) { t.Title = "a\nb" }, "title"},
		"long topic":        {func(t *Template) { t.Topic = strings.Repeat("x", 61) }, "topic"},
		"long text":         {func(t *Template) { t.Description = strings.Repeat("x", 3001) }, "description"},
		"priority":          {func(t *Template) { t.Priority = "panic" }, "priority"},
		"due before":        {func(t *Template) { t.Due = -1 }, "due"},
		"answer at once":    {func(t *Template) { t.AnswerWithin = time.Second }, "answer_within"},
		"many placeholders": {func(t *Template) { t.Description = "{a}{b}{c}{d}{e}" }, "description"},
		"many firms": {func(t *Template) {
			for n := range maxFirms + 1 {
				t.Firms = append(t.Firms, fmt.Sprint("Firm ", n))
			}
		}, "firms"},
		"firm twice": {func(t *Template) { t.Firms = []string{"Acme", "Acme"} }, "firms"},
		"demands":    {func(t *Template) { t.Demands.Evidence = -1 }, "evidence"},
	} {
		bad := good
		c.change(&bad)
		if field := fieldOf(bad.Check(StandardSteps())); field != c.field {
			t.Errorf("%s: the field is %q", name, field)
		}
		if bad.Equal(good) {
			t.Errorf("%s: takes itself for the good one", name)
		}
	}
}
