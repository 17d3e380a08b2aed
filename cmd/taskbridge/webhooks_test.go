package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"taskbridge/bot"
)

const goodSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8="

func TestWebhooksAreReadFromFileAndEnvironment(t *testing.T) {
	t.Parallel()
	file := writeConfig(t, `
webhooks:
  crm:
    url: https://crm.example.com/in?key=hush
    secret: `+goodSecret+`
    events: [assignment.accepted, issue.closed]
    include: [customer]
  erp_test:
    url: http://10.0.0.7:8080/
    private: true
`)
	cfg, err := loadConfig(file, []string{
		"TASKBRIDGE_WEBHOOKS_ERP_TEST_SECRET=" + goodSecret + ", " + goodSecret,
		"TASKBRIDGE_WEBHOOKS_ERP_TEST_EVENTS=comment.added,comment.edited",
		"TASKBRIDGE_WEBHOOKS_ERP_TEST_INCLUDE=notes",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []bot.Webhook{
		{Name: "crm", Types: []string{"assignment.accepted", "issue.closed"}, Customer: true},
		{Name: "erp_test", Types: []string{"comment.added", "comment.edited"}, Notes: true},
	}
	if d := cmp.Diff(want, cfg.told()); d != "" {
		t.Error(d)
	}
	ends := cfg.endpoints()
	if len(ends) != 2 || ends[0].URL != "https://crm.example.com/in?key=hush" || ends[0].Private || !ends[1].Private || len(ends[1].Secrets) != 2 {
		t.Errorf("endpoints %+v", ends)
	}
	if s := fmt.Sprint(cfg.webhooks[0].url, cfg.webhooks[0].secrets[0]); strings.Contains(s, "hush") || strings.Contains(s, goodSecret) {
		t.Errorf("the configuration shows a secret: %s", s)
	}
}

func TestFaultsOfWebhooks(t *testing.T) {
	t.Parallel()
	const secretOf = "TASKBRIDGE_WEBHOOKS_X_SECRET=" + goodSecret
	const address = "TASKBRIDGE_WEBHOOKS_X_URL=https://x.example/"
	for name, c := range map[string]struct {
		environ []string
		want    string
	}{
		"no address":          {[]string{secretOf}, "TASKBRIDGE_WEBHOOKS_X_URL is needed"},
		"no secret":           {[]string{address}, "TASKBRIDGE_WEBHOOKS_X_SECRET is needed"},
		"a short secret":      {[]string{address, "TASKBRIDGE_WEBHOOKS_X_SECRET=whsec_aHVzaA=="}, "must be whsec_ with 24 to 64 bytes"},
		"a secret of no form": {[]string{address, "TASKBRIDGE_WEBHOOKS_X_SECRET=hush"}, "must be whsec_ with 24 to 64 bytes"},
		"plain HTTP":          {[]string{secretOf, "TASKBRIDGE_WEBHOOKS_X_URL=http://x.example/hush"}, "must begin with https://"},
		"a password":          {[]string{secretOf, "TASKBRIDGE_WEBHOOKS_X_URL=https://a:hush@x.example/"}, "without a user"},
		"no such event":       {[]string{secretOf, address, "TASKBRIDGE_WEBHOOKS_X_EVENTS=assignment.acepted"}, `did you mean assignment.accepted?`},
		"includes too much":   {[]string{secretOf, address, "TASKBRIDGE_WEBHOOKS_X_INCLUDE=everything"}, `it may have notes and customer`},
		"a field of no kind":  {[]string{secretOf, address, "TASKBRIDGE_WEBHOOKS_X_METHOD=PUT"}, "TASKBRIDGE_WEBHOOKS_X_METHOD is not a setting"},
		"private, unclear":    {[]string{secretOf, address, "TASKBRIDGE_WEBHOOKS_X_PRIVATE=perhaps"}, "must be true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadConfig(writeConfig(t, ""), c.environ)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("said %v, want %q", err, c.want)
			}
		})
	}
	_, err := loadConfig(writeConfig(t, "webhooks:\n  Big-Name:\n    url: https://x.example/\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "webhooks.Big-Name.url in") {
		t.Errorf("a name of no form: %v", err)
	}
}
