package workflow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// filled is a command that lacks nothing, so that only state and role decide.
func filled(verb Verb, s story, now time.Time) Command {
	cmd := Command{
		Verb: verb, At: now, Reason: "location", Text: "Too far.", To: Person{ID: "slack:T2/U7", Name: "Gil"},
		Step: "Travel", When: now.Add(48 * time.Hour), People: []string{"new@example.com"},
	}
	switch verb {
	case HoldWork:
		cmd.Reason = "desk"
	case Check:
		cmd.Tick = []string{"Meter read"}
	case Demand:
		cmd.Demands = Demands{Evidence: 2}
	}
	info, _ := infoOf(verb)
	if info.subject != onIssue {
		cmd.Assignment = s.subject
	}
	switch {
	case verb == Draft, verb == Offer && s.subject == "":
		cmd.NewID, cmd.Contractor = "n1", "firm-n"
	case verb == Decline, verb == Expire:
		cmd.NewID = "n2"
	case verb == CounterOffer:
		cmd.Terms.Due = now.Add(48 * time.Hour)
	case verb == Follow:
		cmd.Ahead = Ahead{Issue: "i0", Number: 6}
	case verb == SetChain:
		cmd.Firms = []string{"firm-n"}
	}
	return cmd
}

// outcome is one cell of the matrix in words.
func outcome(j *job, actor Actor, cmd Command) string {
	d, err := Decide(j.issue, actor, cmd)
	if err != nil {
		r := err.(*Refusal)
		return fmt.Sprintf("%s: %s", r.Code, r.Message)
	}
	var parts []string
	if a, ok := Find(d.Issue, d.Assignment); ok {
		parts = append(parts, a.Status.Label())
	}
	if d.Issue.Status != j.issue.Status {
		parts = append(parts, "issue "+d.Issue.Status.Label())
	}
	if d.Issue.LiesWith != j.issue.LiesWith {
		parts = append(parts, "with "+string(d.Issue.LiesWith))
	}
	for _, n := range d.Notices {
		parts = append(parts, fmt.Sprintf("%s→%s", n.Kind, n.To))
	}
	if len(parts) == 0 {
		parts = append(parts, "ok")
	}
	return "✓ " + strings.Join(parts, ", ")
}

// TestMatrix writes down every state × verb × role. Roles with the same outcome
// share a line.
func TestMatrix(t *testing.T) {
	t.Parallel()
	actors := []struct {
		name string
		Actor
	}{
		{"operator", otto},
		{"manager", mara},
		{"in charge", carl},
		{"colleague", dana},
		{"other firm", zoe},
		{"external", erin},
		{"system", clock},
		{"stranger", sam},
	}
	var b strings.Builder
	// cells groups the actors by what they get.
	cells := func(verb Verb, get func(Actor) string, leaveOut string) {
		var order []string
		who := map[string][]string{}
		for _, a := range actors {
			got := get(a.Actor)
			if !slices.Contains(order, got) && got != leaveOut {
				order = append(order, got)
			}
			who[got] = append(who[got], a.name)
		}
		if len(order) > 0 {
			fmt.Fprintf(&b, "%s\n", verb)
		}
		for _, got := range order {
			fmt.Fprintf(&b, "  %s | %s\n", strings.Join(who[got], ", "), got)
		}
	}
	b.WriteString("# by role alone\n")
	for _, verb := range Verbs() {
		cells(verb, func(a Actor) string {
			if err := Allowed(a, verb); err != nil {
				return err.Error()
			}
			return "✓"
		}, "")
	}
	for _, s := range stories() {
		j := s.play(newJob(t))
		j.issue.DueAt = j.now.Add(time.Hour)
		j.issue.Demands.Checklist = []Item{{Text: "Meter read"}}
		fmt.Fprintf(&b, "\n# %s\n", s.name)
		for _, verb := range Verbs() {
			if info, _ := infoOf(verb); info.subject == onDesk {
				continue
			}
			cells(verb, func(a Actor) string {
				if Allowed(a, verb) != nil {
					return "forbidden"
				}
				// Late enough for the clock's verbs, and early enough for people.
				now := j.now
				switch {
				case verb == WarnOffer:
					now = now.Add(55 * time.Minute) // Offers are for an hour.
				case a.Role == System:
					now = now.Add(30 * 24 * time.Hour)
				}
				return outcome(j, a, filled(verb, s, now))
			}, "forbidden")
		}
	}
	golden(t, "testdata/matrix.golden", b.String())
}

// TestTableIsWhole proves that each state a verb can meet has exactly one row for
// each role that may use the verb.
func TestTableIsWhole(t *testing.T) {
	t.Parallel()
	for _, info := range verbs {
		for _, role := range rolesFor(info.verb) {
			for _, status := range append([]Status{none}, Statuses()...) {
				for _, issue := range append([]IssueStatus{""}, IssueStatuses()...) {
					if !reachable(info, role, status, issue) {
						continue
					}
					var n int
					for i := range table {
						r := &table[i]
						if r.verb == info.verb && covers(r, status, issue) && (r.refuse != "" || slices.Contains(r.roles, role)) {
							n++
						}
					}
					if n != 1 {
						t.Errorf("%s by %s on %q of %q: %d rows, want 1", info.verb, role, status, issue, n)
					}
				}
			}
		}
	}
}

// reachable leaves out what cannot be true or is answered before the table is
// asked.
func reachable(info verbInfo, role Role, status Status, issue IssueStatus) bool {
	switch {
	case issue == "":
		return status == none && (info.verb == Create || info.subject == onDesk)
	case info.verb == Draft && status == Unsent:
		return issue != Closed
	case info.subject == onDesk, info.subject == onIssue, info.verb == Draft:
		return status == none
	case role == External:
		return status == none
	case status == none:
		return info.verb == Offer || info.subject == onBoth && role != Contractor
	case role == Contractor && status == Unsent:
		return false
	case Out(status):
		return issue == Allocated
	case status == Unsent:
		return issue != Closed
	}
	return true
}

func TestRowsReadWell(t *testing.T) {
	t.Parallel()
	for _, r := range table {
		if r.refuse != "" {
			for _, text := range []string{r.refuse, r.self} {
				if text != "" && !strings.HasSuffix(text, ".") {
					t.Errorf("%s: %q does not end with a full stop", r.verb, text)
				}
			}
			if r.code != Conflict && r.code != TooLate {
				t.Errorf("%s: %q has the code %q", r.verb, r.refuse, r.code)
			}
			continue
		}
		if len(r.roles) == 0 {
			t.Errorf("%s: nobody may", r.verb)
		}
		if !r.still && !r.silent && r.event == "" {
			t.Errorf("%s leaves no trace in the history", r.verb)
		}
	}
	seen := map[Verb]bool{}
	for _, v := range verbs {
		if seen[v.verb] || v.label == "" || v.can == "" || v.past == "" {
			t.Errorf("%s is listed twice or lacks words", v.verb)
		}
		seen[v.verb] = true
		if len(rolesFor(v.verb)) == 0 {
			t.Errorf("%s has no row", v.verb)
		}
	}
	for _, r := range table {
		if !seen[r.verb] {
			t.Errorf("%s has no words", r.verb)
		}
	}
}

// TestButtonsAreLegal proves that no card offers what would be refused.
func TestButtonsAreLegal(t *testing.T) {
	t.Parallel()
	for _, s := range stories() {
		j := s.play(newJob(t))
		check := func(actor Actor, verb Verb, assignment string) {
			cmd := Command{Verb: verb, At: j.now, Assignment: assignment}
			if verb == Offer {
				cmd.NewID, cmd.Contractor = "n1", "firm-n"
			}
			if err := Precheck(j.issue, actor, cmd); err != nil {
				t.Errorf("%s: %s cannot %s: %v", s.name, actor.Name, verb, err)
			}
		}
		for _, a := range j.issue.Assignments {
			for _, v := range Buttons(a, j.issue, Operator) {
				check(cora, v, a.ID)
			}
			for _, v := range Buttons(a, j.issue, Contractor) {
				check(Actor{Role: Contractor, ID: "x", Name: "Somebody", Contractor: a.Contractor}, v, a.ID)
			}
			if got := Buttons(a, j.issue, Manager); got != nil {
				t.Errorf("%s: a manager gets the buttons %v", s.name, got)
			}
		}
		for _, v := range IssueButtons(j.issue, Operator) {
			check(cora, v, "")
		}
	}
}
