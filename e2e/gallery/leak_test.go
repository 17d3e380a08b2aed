package main

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/bot/present"
	"taskbridge/workflow"
)

// canary is in everything that firms may not read of a stuffed job.
const canary = "CANARY"

// stuffed makes samples whose jobs hold a canary in whatever the table of workflow
// keeps from firms, and another firm's hand-off besides.
func stuffed() *samples {
	s := newSamples(present.Words{})
	s.bolt.Company, s.bolt.City = canary+" rival", canary+" city"
	s.stuff = func(j present.Job) present.Job {
		for field, set := range map[workflow.Field]*string{
			workflow.FieldCustomer: &j.Customer, workflow.FieldExternalRef: &j.ExternalRef, workflow.FieldURL: &j.URL,
			workflow.FieldDescription: &j.Description, workflow.FieldTopic: &j.Topic, workflow.FieldPlace: &j.Place,
		} {
			if !workflow.CanReadField(workflow.Contractor, field) {
				*set = "https://" + canary + ".example/" + string(field)
			}
		}
		if !workflow.CanReadField(workflow.Contractor, workflow.FieldPeople) {
			j.External = []string{canary + "@insurer.example"}
		}
		j.LastBy = canary + " mover"
		if workflow.Sees(workflow.Contractor, workflow.FieldFirms) != workflow.Everything {
			j.Firms[s.bolt.ID] = s.bolt
			j.Assignments = append(j.Assignments, workflow.Assignment{
				ID: "0199c0de-0000-7000-8000-0000000000b9", Contractor: s.bolt.ID, Status: workflow.Declined, Revision: 4,
				InCharge: workflow.Person{ID: canary, Name: canary}, Terms: workflow.Terms{Note: canary}, DeclinedReason: workflow.ReasonOther,
				DeclinedText: canary, SendBackReason: canary, LastBy: canary, Completion: workflow.Completion{Note: canary, Costs: canary},
			})
		}
		return j
	}
	return s
}

// readByFirms tells whether people of a firm see a specimen: everything in a firm's
// channel, and what a caption says is for a firm.
func readByFirms(s section, sp specimen) bool {
	if strings.HasPrefix(s.channel, "ext-") {
		return true
	}
	caption := strings.ToLower(sp.caption)
	return strings.HasSuffix(caption, "for a firm") || strings.HasSuffix(caption, "to a firm") || strings.Contains(caption, "firm's home") || strings.Contains(caption, "home of a firm")
}

// TestNothingInAFirmsChannelLeaks walks the whole gallery with stuffed jobs: whatever is
// added to it is covered. The same walk finds the canaries on the desk's side, or it
// would prove nothing.
func TestNothingInAFirmsChannelLeaks(t *testing.T) {
	t.Parallel()
	read, desk := 0, 0
	for _, sec := range stuffed().sections() {
		for _, sp := range append(sec.specimens, sec.side...) {
			all := fmt.Sprintf("%+v", sp.message)
			if sp.form != nil {
				all += fmt.Sprintf("%+v", *sp.form)
			}
			at := strings.Index(all, canary)
			if !readByFirms(sec, sp) {
				if at >= 0 {
					desk++
				}
				continue
			}
			read++
			if at >= 0 {
				t.Errorf("%s, %q shows a firm %q", sec.id, sp.caption, all[max(0, at-30):min(len(all), at+40)])
			}
		}
	}
	if read < 20 || desk < 10 {
		t.Errorf("only %d specimens of firms were looked at, and %d of the desk's show a canary", read, desk)
	}
}

// TestExternalUsersSeeWhatIsSharedWithThem: of a stuffed job the title and the place.
func TestExternalUsersSeeWhatIsSharedWithThem(t *testing.T) {
	t.Parallel()
	for _, f := range workflow.Fields() {
		want := f == workflow.FieldTitle || f == workflow.FieldPlace
		if got := workflow.CanReadField(workflow.External, f); got != want {
			t.Errorf("%s: %v", f, got)
		}
	}
}
