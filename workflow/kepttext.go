package workflow

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of texts that a desk keeps ready.
const (
	MaxKeptTexts = 50
	MaxKeptName  = 40
	MaxKeptText  = 1500
)

// KeptText is a text that a desk keeps ready for what it writes to firms again and again.
type KeptText struct {
	Name string `json:"name"`
	// Text may have placeholders, which are filled in with what is known of the job when
	// the text is sent.
	Text string `json:"text"`
}

// KeptTextWords are what placeholders of kept texts may stand for. All of it is what a
// firm that has the job sees anyway.
func KeptTextWords() []string {
	return []string{"number", "title", "topic", "place", "due", "firm"}
}

// Key is what a kept text is found by.
func (k KeptText) Key() string { return strings.ToLower(k.Name) }

// Check refuses a text that could not be found or filled in again. The refusal names
// the field.
func (k KeptText) Check() error {
	switch {
	case k.Name == "":
		return RefuseField("name", "Give the text a name.")
	case utf8.RuneCountInString(k.Name) > MaxKeptName:
		return RefuseField("name", "Shorten this to %d characters.", MaxKeptName)
	case k.Name != oneLine(k.Name):
		return RefuseField("name", "Write this on one line, without space around it.")
	case strings.ContainsAny(k.Name, `:|"`):
		return RefuseField("name", "The name of a text has no colon, no bar and no quotation mark.")
	case strings.TrimSpace(k.Text) == "":
		return RefuseField("text", "Write a text first.")
	case utf8.RuneCountInString(k.Text) > MaxKeptText:
		return RefuseField("text", "Shorten this to %d characters.", MaxKeptText)
	}
	for _, m := range placeholder().FindAllStringSubmatch(k.Text, -1) {
		if !slices.Contains(KeptTextWords(), strings.ToLower(m[1])) {
			return RefuseField("text", "Nothing is known to put for %q. Use %s in braces, or write it without them.", m[1], strings.Join(KeptTextWords(), ", "))
		}
	}
	return nil
}

// Fill puts values in the places of the placeholders. What a value says is never taken
// for a placeholder itself. missing is the first placeholder that has no value, empty
// when all have one.
func (k KeptText) Fill(values map[string]string) (text, missing string) {
	text = placeholder().ReplaceAllStringFunc(k.Text, func(m string) string {
		name := strings.ToLower(m[1 : len(m)-1])
		value := values[name]
		if value == "" && missing == "" {
			missing = name
		}
		return value
	})
	return text, missing
}
