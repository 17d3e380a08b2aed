package harness

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

// Show is everything a person reads in a message, card and buttons included. Marks
// of formatting that an app turns into bold and the like are left in.
func Show(p *model.Post) string {
	return showParts(p.Message, p.Attachments())
}

func showParts(text string, attachments []*model.SlackAttachment) string {
	lines := []string{text}
	for _, a := range attachments {
		lines = append(lines, a.Pretext, a.AuthorName, a.Title, a.Text)
		for _, f := range a.Fields {
			lines = append(lines, fmt.Sprintf("%s: %v", f.Title, f.Value))
		}
		lines = append(lines, a.Footer)
		for _, b := range a.Actions {
			lines = append(lines, "["+b.Name+"]")
		}
	}
	return asRead(strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n"))
}

// escaped is a character that a backslash keeps from being markup.
var escaped = regexp.MustCompile(`\\([!-/:-@\[-` + "`" + `{-~])`)

// asRead takes away what an app does not show: the backslashes that keep
// characters from being markup, and characters without width.
func asRead(s string) string {
	s = strings.NewReplacer("\u200b", "", "\u200c", "", "\u2060", "", "\ufeff", "").Replace(s)
	return escaped.ReplaceAllString(s, "$1")
}

// ShowAll is a conversation for a failed test's message.
func ShowAll(posts []*model.Post) string {
	var b strings.Builder
	for _, p := range posts {
		indent := "- "
		if p.RootId != "" {
			indent = "    - "
		}
		fmt.Fprintf(&b, "%s%s\n", indent, strings.ReplaceAll(Show(p), "\n", " | "))
	}
	return b.String()
}

// Buttons are the labels of a message's buttons, in order.
func Buttons(p *model.Post) []string {
	var labels []string
	for _, a := range p.Attachments() {
		for _, b := range a.Actions {
			labels = append(labels, b.Name)
		}
	}
	return labels
}

// HasButton tells whether a message bears a button of that label.
func HasButton(p *model.Post, label string) bool { return action(p, label) != nil }

// action finds a button or menu by its label, without regard to case.
func action(p *model.Post, label string) *model.PostAction {
	for _, a := range p.Attachments() {
		for _, b := range a.Actions {
			if strings.EqualFold(strings.TrimSpace(b.Name), label) {
				return b
			}
		}
	}
	return nil
}

// Contains tells whether s holds every part, without regard to case.
func Contains(s string, parts ...string) bool {
	s = strings.ToLower(s)
	for _, part := range parts {
		if !strings.Contains(s, strings.ToLower(part)) {
			return false
		}
	}
	return true
}
