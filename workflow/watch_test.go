package workflow_test

import (
	"testing"

	. "taskbridge/workflow"
)

func TestWatcherHears(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{EventAccepted, EventDeclined, EventSubmitted, EventClosed} {
		if !WatcherHears(kind) {
			t.Errorf("nobody hears of %s", kind)
		}
	}
	for _, kind := range []string{EventNoted, EventCommented, EventDrafted, EventDiscarded, EventReminderSet, EventReminded, EventRated, "comment_added", ""} {
		if WatcherHears(kind) {
			t.Errorf("watchers hear of %q", kind)
		}
	}
}

func TestOnlyTheDeskWatches(t *testing.T) {
	t.Parallel()
	for _, role := range Roles() {
		err := Allowed(Actor{Role: role, ID: "x", Contractor: "c1"}, Watch)
		if want := role == Operator || role == Manager; (err == nil) != want {
			t.Errorf("%s: %v", role, err)
		}
	}
	if err := Allowed(Actor{Role: Operator, ID: "x", Revoked: RightsOf(RightView)}, Watch); err == nil {
		t.Error("somebody watches who may not look")
	}
}
