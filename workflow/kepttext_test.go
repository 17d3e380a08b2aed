package workflow_test

import (
	"errors"
	"strings"
	"testing"

	. "taskbridge/workflow"
)

func TestKeptTextCheck(t *testing.T) {
	t.Parallel()
	good := KeptText{Name: "Gate code", Text: "Ring at {place} for {Title}. Number {number}, due {due}, {topic}, {firm}."}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change       func(*KeptText)
		field, wants string
	}{
		"no name":          {func(k *KeptText) { k.Name = "" }, "name", "Give the text a name"},
		"a long name":      {func(k *KeptText) { k.Name = strings.Repeat("ü", MaxKeptName+1) }, "name", "40 characters"},
		"two lines":        {func(k *KeptText) { k.Name = "Gate\ncode" }, "name", "on one line"},
		"a colon":          {func(k *KeptText) { k.Name = "Gate: code" }, "name", "no colon"},
		"a quotation mark": {func(k *KeptText) { k.Name = `Gate "code"` }, "name", "quotation mark"},
		"no text":          {func(k *KeptText) { k.Text = " \n" }, "text", "Write a text"},
		"a long text":      {func(k *KeptText) { k.Text = strings.Repeat("x", MaxKeptText+1) }, "text", "1500 characters"},
		"what is not known": {
			func(k *KeptText) { k.Text = "Ring {customer}." }, "text",
			`"customer". Use number, title, topic, place, due, firm in braces, or`,
		},
	} {
		k := good
		c.change(&k)
		r, ok := errors.AsType[*Refusal](k.Check())
		if !ok || r.Field != c.field || !strings.Contains(r.Message, c.wants) {
			t.Errorf("%s: %v", name, k.Check())
		}
	}
}

// TestKeptTextWordsAreTheFirms holds that no placeholder stands for what a firm may not
// see.
func TestKeptTextWordsAreTheFirms(t *testing.T) {
	t.Parallel()
	fields := map[string]Field{"title": FieldTitle, "topic": FieldTopic, "place": FieldPlace, "due": FieldDueAt, "firm": FieldFirms}
	for _, word := range KeptTextWords() {
		if field, is := fields[word]; word != "number" && (!is || !CanReadField(Contractor, field)) {
			t.Errorf("a firm does not see what stands for {%s}", word)
		}
	}
}

func TestKeptTextFill(t *testing.T) {
	t.Parallel()
	k := KeptText{Name: "x", Text: "{Title} at {place}: {title} {other}"}
	text, missing := k.Fill(map[string]string{"title": "{place} & <b>", "place": "Elm St", "other": "-"})
	if text != "{place} & <b> at Elm St: {place} & <b> -" || missing != "" {
		t.Errorf("it says %q, without %q", text, missing)
	}
	if _, missing = k.Fill(map[string]string{"title": "Leak"}); missing != "place" {
		t.Errorf("it is without %q", missing)
	}
}
