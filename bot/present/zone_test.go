package present_test

import (
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// TestTypedTimesSayTheirZone: each field for a time says in which zone it is read, in no
// more than a dialog of Mattermost has room for.
func TestTypedTimesSayTheirZone(t *testing.T) {
	t.Parallel()
	const most = 150
	languages, err := present.LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ zone, en, de string }{
		{"Europe/London", "(Europe/London time).", "(Zeitzone Europe/London)."},
		{"UTC", "(UTC time).", "(Zeitzone UTC)."},
		{"America/Argentina/ComodRivadavia", "(Argentina/ComodRivadavia time).", "(Zeitzone Argentina/ComodRivadavia)."},
		{"Antarctica/DumontDUrville", "(Antarctica/DumontDUrville time).", "(Zeitzone Antarctica/DumontDUrville)."},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		for language, want := range map[string]string{"en": c.en, "de": c.de} {
			p := presenter()
			p.Words, _ = languages.Find(language)
			p.Zone = zone
			for _, f := range typedTimes(p) {
				if !strings.HasSuffix(f.Help, want) {
					t.Errorf("%s: %s says %q, want %q at its end", language, f.Name, f.Help, want)
				}
				if len(f.Help) > most {
					t.Errorf("%s: %s has %d bytes: %s", language, f.Name, len(f.Help), f.Help)
				}
			}
		}
	}
	p := presenter()
	p.Zone = time.Local
	for _, f := range typedTimes(p) {
		if strings.Contains(f.Help, "Local") || !strings.HasSuffix(f.Help, " time).") {
			t.Errorf("the server's own zone is said as %q", f.Help)
		}
	}
}

// typedTimes are the fields into which a time is typed.
func typedTimes(p *present.Presenter) []chat.Field {
	as, j := asked(), job(typical(), workflow.InProgress)
	firms, a := []storage.Contractor{{ID: firmID, Company: "Acme"}}, j.Assignments[0]
	var fields []chat.Field
	for form, names := range map[*chat.Form]string{
		p.NewIssue(as, "", firms):        "due accept_by",
		p.EditDetails(as, j.Issue):       "due",
		p.Offer(as, j.Issue, firms, nil): "due accept_by",
		p.Amend(as, j, a):                "due accept_by",
		p.Counter(as, j, a):              "due",
		p.Plan(as, j, a, "Planned"):      "from",
		p.Pause(as, j, a):                "until",
		p.AskApproval(as, j, a):          "needed_by",
		p.NewFromTemplate(as, workflow.Template{Name: "Boiler"}, "", firms): "due accept_by",
	} {
		for name := range strings.FieldsSeq(names) {
			for _, f := range form.Fields {
				if f.Name == name {
					fields = append(fields, f)
				}
			}
		}
	}
	return fields
}
