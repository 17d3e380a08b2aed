package harness

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

// Dialog is a form as the person's app received it.
type Dialog struct {
	Request model.OpenDialogRequest

	user    *User
	channel string
}

// Values are what a person enters, by a word of the field's name or label.
type Values map[string]string

// DialogResult is the answer to a form.
type DialogResult struct {
	// Fields are the errors under single fields, by the field's name; Error is the
	// one of the form as a whole. A form without errors closes.
	Fields map[string]string
	Error  string
	// Err is the server's own refusal.
	Err error
}

// Complaint is all that the form said was wrong, empty when it was accepted.
func (r *DialogResult) Complaint() string {
	parts := make([]string, 0, len(r.Fields)+2)
	if r.Error != "" {
		parts = append(parts, r.Error)
	}
	for name, text := range r.Fields {
		parts = append(parts, name+": "+text)
	}
	if r.Err != nil {
		parts = append(parts, r.Err.Error())
	}
	return strings.Join(parts, "; ")
}

// Labels are the form's field labels.
func (d *Dialog) Labels() []string {
	var labels []string
	for i := range d.Request.Dialog.Elements {
		labels = append(labels, d.Request.Dialog.Elements[i].DisplayName)
	}
	return labels
}

// Submit sends the form with values and fills in the other required fields. The
// form must be accepted.
func (d *Dialog) Submit(t testing.TB, values Values) {
	t.Helper()
	if res := d.TrySubmit(t, values); res.Complaint() != "" {
		t.Fatalf("%s sends the form %q: %s", d.user.Name, d.Request.Dialog.Title, res.Complaint())
	}
}

// TrySubmit is Submit for a form that may be refused.
func (d *Dialog) TrySubmit(t testing.TB, values Values) *DialogResult {
	t.Helper()
	return d.SubmitAs(t, d.user, d.fill(t, values))
}

// SubmitAs sends the form's address and state with any values in another person's
// session, as a forger would.
func (d *Dialog) SubmitAs(t testing.TB, u *User, submission map[string]any) *DialogResult {
	t.Helper()
	resp, _, err := u.Client.SubmitInteractiveDialog(t.Context(), model.SubmitDialogRequest{
		Type: "dialog_submission", URL: d.Request.URL,
		CallbackId: d.Request.Dialog.CallbackId, State: d.Request.Dialog.State,
		ChannelId: d.channel, TeamId: u.team, Submission: submission,
	})
	if err != nil {
		return &DialogResult{Err: err}
	}
	return &DialogResult{Fields: resp.Errors, Error: resp.Error}
}

// fill makes the submission as an app would: what the person entered, then the
// defaults, then something plausible where a value is required.
func (d *Dialog) fill(t testing.TB, values Values) map[string]any {
	t.Helper()
	left := make(map[string]bool, len(values))
	for word := range values {
		left[word] = true
	}
	submission := map[string]any{}
	for i := range d.Request.Dialog.Elements {
		e := &d.Request.Dialog.Elements[i]
		value, given := "", false
		for word, v := range values {
			if left[word] && !given && Contains(e.Name+" "+e.DisplayName, word) {
				value, given = v, true
				delete(left, word)
			}
		}
		if !given {
			value = plausible(e)
		}
		if e.Type == "bool" {
			submission[e.Name] = value == "true"
			continue
		}
		if e.Type == "select" || e.Type == "radio" {
			value = optionValue(e, value)
		}
		submission[e.Name] = value
	}
	for word := range left {
		t.Fatalf("the form %q has no field %q, only %q", d.Request.Dialog.Title, word, d.Labels())
	}
	return submission
}

// plausible is what somebody who does not care leaves or puts into a field.
func plausible(e *model.DialogElement) string {
	switch {
	case e.Default != "" || e.Optional:
		return e.Default
	case e.Type == "bool":
		return "true"
	case len(e.Options) > 0:
		return e.Options[0].Value
	case e.SubType == "number":
		return "1"
	default:
		return "as agreed"
	}
}

// optionValue turns what a person reads into what is sent.
func optionValue(e *model.DialogElement, wanted string) string {
	for _, o := range e.Options {
		if strings.EqualFold(o.Text, wanted) || o.Value == wanted {
			return o.Value
		}
	}
	for _, o := range e.Options {
		if wanted != "" && Contains(o.Text, wanted) {
			return o.Value
		}
	}
	return wanted
}
