package workflow

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// accessObject is an issue as somebody may stand to it.
type accessObject struct {
	name string
	make func(Status, IssueStatus) Issue
}

func accessObjects() []accessObject {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	with := func(contractor string) func(Status, IssueStatus) Issue {
		return func(s Status, is IssueStatus) Issue {
			i := Issue{ID: "i", Status: is, External: []string{"insurer"}, RemindAt: at, DueAt: at}
			if s != none {
				a := Assignment{ID: "a", Contractor: contractor, Status: s, OfferedAt: at.Add(-time.Hour), WarnAt: at, Terms: Terms{AcceptBy: at}}
				if s == Unsent {
					a.OfferedAt = time.Time{}
				}
				i.Assignments = []Assignment{a}
			}
			return i
		}
	}
	return []accessObject{
		{"the firm's own job", with("acme")},
		{"another firm's job", with("rival")},
	}
}

// accessActors are one person of each kind. The firm is acme.
func accessActors() []struct {
	name  string
	actor Actor
} {
	return []struct {
		name  string
		actor Actor
	}{
		{"operator", Actor{Role: Operator, ID: "o"}},
		{"operator who may only view", Actor{Role: Operator, ID: "o", Revoked: RightsOf(RightHandOut, RightFirms)}},
		{"manager", Actor{Role: Manager, ID: "m"}},
		{"manager who may hand out", Actor{Role: Manager, ID: "m", Granted: RightsOf(RightHandOut)}},
		{"firm", Actor{Role: Contractor, ID: "c", Contractor: "acme"}},
		{"external user", Actor{Role: External, ID: "insurer"}},
		{"external user of another job", Actor{Role: External, ID: "council"}},
		{"administrator elsewhere", Actor{Role: Stranger, ID: "a", Admin: true}},
		{"stranger", Actor{Role: Stranger, ID: "s"}},
	}
}

// reach tells whether somebody could use a verb on an object in any state of it.
func reach(actor Actor, verb Verb, o accessObject) bool {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, is := range append(IssueStatuses(), "") {
		for _, s := range append(Statuses(), none) {
			for _, named := range []string{"", "a"} {
				cmd := Command{Verb: verb, At: at, Assignment: named, NewID: "n", Contractor: "acme"}
				if verb == Offer || verb == Draft {
					cmd.Contractor = "third"
				}
				if Precheck(o.make(s, is), actor, cmd) == nil {
					return true
				}
			}
		}
	}
	return false
}

// TestAccess tries every verb as everybody on every kind of object. Whatever is not
// written in docs/access.md is refused.
func TestAccess(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`<!-- Made from the tables in workflow. Do not edit: run go generate ./workflow -->

# Who may do what to which job

Tried in every status of the job and of its hand-off; a mark means that there is a
status in which the command is allowed. *own* is a job that the firm was sent, or that
involves the external user; *other* is one of another firm. The default is no.

| command |`)
	actors := accessActors()
	for _, a := range actors {
		fmt.Fprintf(&b, " %s |", a.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(actors)) + "\n")
	for _, verb := range Verbs() {
		fmt.Fprintf(&b, "| %s |", verb.Label())
		for _, a := range actors {
			own, other := reach(a.actor, verb, accessObjects()[0]), reach(a.actor, verb, accessObjects()[1])
			mark := map[[2]bool]string{{true, true}: "yes", {true, false}: "own", {false, true}: "other", {}: ""}[[2]bool{own, other}]
			fmt.Fprintf(&b, " %s |", mark)
			onIssue := !isDesk(verb) && verb != Create
			switch {
			case a.actor.Role == Contractor && other && onIssue:
				t.Errorf("a firm may %s another firm's job", verb)
			case a.actor.ID == "council" && (own || other) && onIssue:
				t.Errorf("an external user may %s a job that does not involve them", verb)
			case a.actor.Role == External && (own || other) && verb != Comment && verb != View && verb != Help:
				t.Errorf("an external user may %s", verb)
			case a.actor.Role == Stranger && (own || other) && verb != Help && (verb != SetUp || !a.actor.Admin):
				t.Errorf("a stranger may %s", verb)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n# Who sees what of a job\n\n| field | operator | manager | firm | external user |\n|---|---|---|---|---|\n")
	for _, f := range AllFields() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f, Sees(Operator, f), Sees(Manager, f), Sees(Contractor, f), Sees(External, f))
	}
	golden(t, "../docs/access.md", b.String())
}

// TestWhatIsInNoTableIsRefused: a verb, a role and a field that nobody has thought of.
func TestWhatIsInNoTableIsRefused(t *testing.T) {
	t.Parallel()
	for _, role := range append(Roles(), "owner") {
		if err := Allowed(Actor{Role: role, ID: "x", Admin: true, Contractor: "acme"}, "shred"); err == nil {
			t.Errorf("%q may use an unknown verb", role)
		}
		if Sees(role, "bank_account") != Unseen {
			t.Errorf("%q sees an unknown field", role)
		}
	}
	for _, verb := range Verbs() {
		var refusal *Refusal
		if err := Allowed(Actor{Role: "owner", ID: "x"}, verb); err == nil || !errors.As(err, &refusal) || refusal.Code != Forbidden {
			t.Errorf("an unknown role and %s: %v", verb, err)
		}
	}
}
