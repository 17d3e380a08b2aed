package workflow

import (
	"time"

	"pgregory.net/rapid"
)

// randomLimits draws the time limits of a desk, as short as the steps of a story.
func randomLimits(t *rapid.T, cmd *Command) {
	if !rapid.Bool().Draw(t, "limits") {
		return
	}
	rules := &LimitRules{
		Allowed: map[Limit]time.Duration{}, Warn: rapid.SampledFrom([]int{0, 50, 75}).Draw(t, "warn"),
		Escalate: time.Duration(rapid.IntRange(0, 4).Draw(t, "escalate")) * time.Hour,
	}
	for _, l := range Limits() {
		rules.Allowed[l] = time.Duration(rapid.SampledFrom([]int{0, 30, 90, 300}).Draw(t, "allowed")) * time.Minute
	}
	cmd.Limits = rules
}

// checkClocks demands that a clock either runs, stands still or has ended, and that it
// runs only while the firm is expected to act.
func checkClocks(t *rapid.T, issue Issue) {
	for _, a := range issue.Assignments {
		seen := map[Limit]bool{}
		for _, k := range a.Clocks {
			states := 0
			for _, is := range []bool{!k.BreachAt.IsZero(), k.Held, !k.KeptAt.IsZero(), !k.BrokenAt.IsZero()} {
				if is {
					states++
				}
			}
			if k.Former && !k.ended() {
				t.Fatalf("%s has a clock of earlier terms that goes on: %+v", a.ID, k)
			}
			if k.Former {
				continue
			}
			if states != 1 || seen[k.Limit] || !k.WarnAt.IsZero() && k.BreachAt.IsZero() {
				t.Fatalf("%s has the clocks %+v", a.ID, a.Clocks)
			}
			seen[k.Limit] = true
			if k.ended() {
				continue
			}
			if !Out(a.Status) || reached(k.Limit, a.Status) || k.Held != standsStill(k.Limit, &a) {
				t.Fatalf("a clock of %s, which is %s: %+v", a.ID, a.Status, k)
			}
		}
		if !a.CountAt.IsZero() && (a.Status != Assigned || !a.CountAt.Before(a.Terms.AcceptBy)) {
			t.Fatalf("%s is %s and counted down at %v", a.ID, a.Status, a.CountAt)
		}
	}
	if !issue.EscalateAt.IsZero() && (!issue.Overdue || issue.SeenBy.ID != "" || !workIsOpen(issue.Status)) {
		t.Fatalf("the managers would be told of %+v", issue)
	}
}
