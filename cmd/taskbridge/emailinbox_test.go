package main

import (
	"strings"
	"testing"
)

// TestInboxSettings: how replies come in is checked with everything else, and each fault
// names its setting.
func TestInboxSettings(t *testing.T) {
	t.Parallel()
	base := []string{"TASKBRIDGE_SMTP_URL=smtp://127.0.0.1:25?tls=none", "TASKBRIDGE_SMTP_FROM=tasks@desk.example"}
	cfg, err := loadConfig(writeConfig(t, ""), append([]string{"TASKBRIDGE_SMTP_LISTEN=lmtp://127.0.0.1:2424", "TASKBRIDGE_SMTP_ALLOW=10.1.2.3, 192.0.2.0/24"}, base...))
	if err != nil {
		t.Fatal(err)
	}
	in := cfg.email.inbox
	if in == nil || in.MaxBytes != 25<<20 || in.Proof != "policy" || len(in.Allow) != 2 || in.Allow[0].String() != "10.1.2.3/32" {
		t.Errorf("%+v", in)
	}
	if cfg, err = loadConfig(writeConfig(t, ""), base); err != nil || cfg.email.inbox != nil {
		t.Errorf("without it: %+v, %v", cfg.email.inbox, err)
	}
	for setting, told := range map[string]string{
		"SMTP_REPLY_DOMAIN=x.example":                                    "SMTP_LISTEN must be set",
		"SMTP_LISTEN=25":                                                 "SMTP_LISTEN must be lmtp://",
		"SMTP_LISTEN=smtp://:25 SMTP_MAX_LETTER=1GiB":                    "SMTP_MAX_LETTER must be a size",
		"SMTP_LISTEN=smtp://:25 SMTP_PROOF=maybe":                        "SMTP_PROOF must be policy",
		"SMTP_LISTEN=smtp://:25 SMTP_ALLOW=everybody":                    "SMTP_ALLOW must be addresses",
		"SMTP_LISTEN=smtp://:25 SMTP_TLS_KEY=/nowhere":                   "must be set together",
		"SMTP_LISTEN=smtp://:25 SMTP_TLS_KEY=/n SMTP_TLS_CERTIFICATE=/n": "in files that can be read",
	} {
		environ := append([]string{}, base...)
		for s := range strings.FieldsSeq(setting) {
			environ = append(environ, envPrefix+s)
		}
		if _, err := loadConfig(writeConfig(t, ""), environ); err == nil || !strings.Contains(err.Error(), told) {
			t.Errorf("%s: %v", setting, err)
		}
	}
}
