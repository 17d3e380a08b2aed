package rest_test

import (
	"encoding/json"
	"testing"

	"taskbridge/bot/chat"

	"github.com/google/go-cmp/cmp"
)

// TestTimeLimits shows how the time limits of an assignment stand, and describes them.
func TestTimeLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	left := 180
	want := []chat.TimeLimitView{
		{Limit: "accept", State: "kept", AllowedMinutes: 120, KeptAt: &noon},
		{Limit: "start", State: "missed", AllowedMinutes: 240, MissedAt: &noon},
		{Limit: "complete", State: "held", AllowedMinutes: 480, LeftMinutes: &left},
	}
	b.reader.limits = want
	var issue chat.IssueView
	if err := json.Unmarshal([]byte(b.send("GET", "/api/v1/issues/7", "").body), &issue); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, issue.Assignments[0].TimeLimits); d != "" {
		t.Errorf("the limits (-want +got):\n%s", d)
	}
	type property struct{ Enum []string }
	var doc struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]property }
		}
	}
	if err := json.Unmarshal([]byte(b.send("GET", "/api/v1/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	if _, ok := doc.Components.Schemas["AssignmentView"].Properties["time_limits"]; !ok {
		t.Error("the description of an assignment has no time_limits")
	}
	described := doc.Components.Schemas["TimeLimitView"].Properties
	for name, want := range map[string][]string{
		"limit": {"accept", "start", "complete"}, "state": {"running", "held", "kept", "missed"},
		"allowed_minutes": nil, "left_minutes": nil, "ends_at": nil, "kept_at": nil, "missed_at": nil, "former": nil,
	} {
		got, ok := described[name]
		if d := cmp.Diff(want, got.Enum); !ok || d != "" {
			t.Errorf("%s is described: %v, with values (-want +got):\n%s", name, ok, d)
		}
	}
}
