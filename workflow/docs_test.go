package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestDocs checks docs/workflow.md, which is made from the table.
func TestDocs(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`<!-- Made from the table in workflow/table.go. Do not edit: run go generate ./workflow -->

# Workflow

An **issue** is the job as the desk sees it. An **assignment** is one hand-off of an
issue to one firm. Several firms may be asked at once; the first to accept gets the
job. Every transition is made from the revision that the person saw: who comes second
is told who was first.

## Assignments

`)
	diagram(&b, assignmentEdges())
	b.WriteString("\n## Issues\n\n")
	diagram(&b, issueEdges())
	b.WriteString(`
An issue is Allocated exactly as long as a firm has it: when the last offer is canceled,
declined or not answered, it is Reported again.

## Transitions

| from | command | who | to | issue | effect |
|---|---|---|---|---|---|
`)
	for i := range table {
		r := &table[i]
		if r.refuse != "" || isDesk(r.verb) {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", fromWords(r), r.verb.Label(), roleWords(r.roles),
			cmp.Or(r.to.Label(), "–"), cmp.Or(r.issueTo.Label(), "–"), effectWords(r))
	}
	b.WriteString(`
## Refusals

What the person is told when a command does not fit the state. Names stand in braces.

| command | state | code | sentence |
|---|---|---|---|
`)
	for i := range table {
		r := &table[i]
		if r.refuse == "" {
			continue
		}
		text := r.refuse
		if r.self != "" {
			text += " To the one in charge: " + r.self
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.verb.Label(), fromWords(r), r.code, text)
	}
	b.WriteString(`
Whatever the state:

| case | code |
|---|---|
| the role may not use the command | forbidden |
| the issue or assignment does not exist, or is another firm's: the same words | not_found |
| the person saw an older revision | conflict |
| several assignments could be meant | ambiguous |
| a field is missing or wrong | invalid |
| the firm accepts after its time to answer | too_late |

## Who may do what

`)
	b.WriteString("| command |")
	for _, role := range Roles() {
		fmt.Fprintf(&b, " %s |", role.Label())
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Roles())) + "\n")
	for _, verb := range Verbs() {
		fmt.Fprintf(&b, "| %s |", verb.Label())
		for _, role := range Roles() {
			mark := ""
			if mayUse(role, verb) {
				mark = "yes"
				if verb == SetUp {
					mark = "administrator"
				}
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Rights of the desk's people\n\n| right | Operator | Manager | Administrator | needed for |\n|---|---|---|---|---|\n")
	for _, right := range AllRights() {
		fmt.Fprintf(&b, "| %s |", right.Label())
		for _, usual := range []Rights{Usual(Operator, false), Usual(Manager, false), Usual(Stranger, true)} {
			mark := ""
			if usual.Has(right) {
				mark = "yes"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		var needed []string
		for _, verb := range Verbs() {
			if rightFor(verb) == right && (mayUse(Operator, verb) || mayUse(Manager, verb)) {
				needed = append(needed, verb.Label())
			}
		}
		if right == RightMoney {
			needed = []string{"whatever spends more than the desk's limit"}
		}
		fmt.Fprintf(&b, " %s |\n", strings.Join(needed, ", "))
	}
	b.WriteString(`
The rights of one person may differ: an administrator gives and takes them. A manager
who was given a right of the operators acts as one of them where it is asked for.

A contractor reaches only what its own firm was sent, and an external user only the
issues that involve them.

## Who sees what

| field |`)
	for _, role := range Roles() {
		fmt.Fprintf(&b, " %s |", role.Label())
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Roles())) + "\n")
	for _, field := range Fields() {
		fmt.Fprintf(&b, "| %s |", field)
		for _, role := range Roles() {
			mark := ""
			if CanReadField(role, field) {
				mark = "yes"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, `
## Clocks

| clock | default |
|---|---|
| least time to answer an offer | %s |
| warning before an offer ends | a quarter of the time to answer, from %s to %s, at most half of it |
| next reminder after a change of status | %s; %s once resolved |

A reminder that a person set is not moved by any transition, nor is that of an issue
allocated to an external user.
`, MinOfferTime, MinWarnLead, MaxWarnLead, ReminderAfter, ResolvedReminderAfter)
	golden(t, "../docs/workflow.md", b.String())
}

func isDesk(verb Verb) bool {
	info, _ := infoOf(verb)
	return info.subject == onDesk
}

type edge struct{ from, to, label string }

func assignmentEdges() []edge {
	var all []edge
	for i := range table {
		r := &table[i]
		if r.to == "" {
			continue
		}
		label := strings.ToLower(r.verb.Label())
		if r.verb == Comment {
			label = "first comment"
		}
		for _, from := range r.from {
			all = append(all, edge{stateID(from.Label()), stateID(r.to.Label()), label})
		}
	}
	for _, s := range Statuses() {
		switch {
		case Taken(s):
			all = append(all, edge{stateID(s.Label()), stateID(Complete.Label()), "close the job"})
		case Live(s):
			all = append(all, edge{stateID(s.Label()), stateID(Canceled.Label()), "close the job"})
		}
	}
	return all
}

func issueEdges() []edge {
	var all []edge
	for i := range table {
		r := &table[i]
		if r.issueTo == "" || r.refuse != "" {
			continue
		}
		from := r.issue
		switch r.verb {
		case Approve, CompleteEarly:
			from = of(Allocated)
		case Reopen:
			from = of(Resolved, Closed)
		case Delete:
			// The issue is gone after that; the diagram is about those that stay.
			continue
		}
		for _, s := range from {
			if s != r.issueTo {
				all = append(all, edge{stateID(s.Label()), stateID(r.issueTo.Label()), strings.ToLower(r.verb.Label())})
			}
		}
	}
	return append(all, edge{stateID(Allocated.Label()), stateID(Reported.Label()), "no firm left"})
}

func stateID(label string) string {
	if label == "" {
		return "[*]"
	}
	return strings.ReplaceAll(label, " ", "_")
}

// diagram writes the edges, those between the same two states as one.
func diagram(b *strings.Builder, edges []edge) {
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	var order []edge
	labels := map[edge][]string{}
	for _, e := range edges {
		key := edge{e.from, e.to, ""}
		if _, ok := labels[key]; !ok {
			order = append(order, key)
		}
		if !slices.Contains(labels[key], e.label) {
			labels[key] = append(labels[key], e.label)
		}
	}
	seen := map[string]bool{}
	for _, e := range order {
		for _, id := range []string{e.from, e.to} {
			if id != "[*]" && !seen[id] && strings.Contains(id, "_") {
				fmt.Fprintf(b, "    state \"%s\" as %s\n", strings.ReplaceAll(id, "_", " "), id)
			}
			seen[id] = true
		}
	}
	for _, e := range order {
		fmt.Fprintf(b, "    %s --> %s: %s\n", e.from, e.to, strings.Join(labels[e], ", "))
	}
	b.WriteString("```\n")
}

func fromWords(r *row) string {
	var words []string
	for _, s := range r.from {
		words = append(words, cmp.Or(s.Label(), "–"))
	}
	text := strings.Join(words, ", ")
	var issue []string
	for _, s := range r.issue {
		issue = append(issue, cmp.Or(s.Label(), "–"))
	}
	switch {
	case len(issue) == 0:
		return text
	case len(issue) == len(IssueStatuses()):
		return strings.TrimPrefix(text+"; any issue", "; ")
	}
	return strings.TrimPrefix(text+"; issue "+strings.Join(issue, ", "), "; ")
}

func roleWords(roles []Role) string {
	var words []string
	for _, role := range roles {
		words = append(words, role.Label())
	}
	return strings.Join(words, ", ")
}

func effectWords(r *row) string {
	var parts []string
	if r.does != "" {
		parts = append(parts, r.does)
	}
	for _, n := range r.tell {
		parts = append(parts, fmt.Sprintf("tells %s: %s", audienceWords(n.To), strings.ReplaceAll(string(n.Kind), "_", " ")))
	}
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, "; ")
}

func audienceWords(a Audience) string {
	switch a {
	case ToOperators:
		return "the desk"
	case ToFirm:
		return "the firm"
	case ToInCharge:
		return "the one in charge"
	}
	return string(a)
}
