package settings_test

import (
	"errors"
	"testing"
	"time"

	"taskbridge/bot/settings"
	"taskbridge/workflow"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	section, ok := settings.SectionNamed("sla")
	if !ok {
		t.Fatal("no section sla")
	}
	is, err := section.Change(settings.Default(), map[string]string{"limits": "Normal | - | – | 24h\n urgent|30m | 2h|8h30m", "warn": "80%", "escalate": "4h"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := section.Read(is)["limits"], "urgent | 30m | 2h | 8h30m\nnormal | - | - | 24h"; got != want {
		t.Errorf("the limits read %q, want %q", got, want)
	}
	if of := is.Limits.Of("urgent"); of[workflow.LimitAccept] != 30*time.Minute || of[workflow.LimitComplete] != 8*time.Hour+30*time.Minute {
		t.Errorf("of urgent: %v", of)
	}
	if of := is.Limits.Of("low"); of != nil {
		t.Errorf("of low: %v", of)
	}
	if is.Limits.Warn != 80 || is.Limits.Escalate != 4*time.Hour {
		t.Errorf("got %+v", is.Limits)
	}
	text, err := settings.Encode(is)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := settings.Decode(text); err != nil || section.Read(back)["limits"] != section.Read(is)["limits"] {
		t.Errorf("kept as %v: %v", back.Limits, err)
	}
	for field, bad := range map[string][]string{
		"limits":   {"urgent | 30m", "urgent | 30m | 2h | 8h | 9h", "later | 1h | 1h | 1h", "low | 1d | - | -", "low | 30s | - | -", "low | 9000h | - | -", "low | 1h | - | -\nlow | 2h | - | -"},
		"warn":     {"100", "-1", "often"},
		"escalate": {"2d", "9000h", "soon"},
	} {
		for _, value := range bad {
			_, err := section.Change(settings.Default(), map[string]string{field: value})
			if refusal, ok := errors.AsType[*workflow.Refusal](err); !ok || refusal.Field != field {
				t.Errorf("%s %q: %v", field, value, err)
			}
		}
	}
}
