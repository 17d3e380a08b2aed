package workflow

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files and docs/workflow.md")

var (
	t0    = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	cora  = Actor{Role: Operator, ID: "slack:T1/U1", Name: "Cora"}
	otto  = Actor{Role: Operator, ID: "slack:T1/U2", Name: "Otto"}
	mara  = Actor{Role: Manager, ID: "slack:T1/U3", Name: "Mara"}
	carl  = Actor{Role: Contractor, ID: "slack:T2/U1", Name: "Carl", Contractor: "firm-a"}
	dana  = Actor{Role: Contractor, ID: "slack:T2/U2", Name: "Dana", Contractor: "firm-a"}
	bert  = Actor{Role: Contractor, ID: "mm:1/U1", Name: "Bert", Contractor: "firm-b"}
	zoe   = Actor{Role: Contractor, ID: "mm:1/U9", Name: "Zoe", Contractor: "firm-z"}
	erin  = Actor{Role: External, ID: "erin@example.com", Name: "Erin"}
	clock = Actor{Role: System}
	sam   = Actor{Role: Stranger, ID: "slack:T9/U9", Name: "Sam"}
)

// job drives one issue through a story. Each move is a minute after the last.
type job struct {
	t     testing.TB
	issue Issue
	now   time.Time
	last  Decision
}

func newJob(t testing.TB) *job {
	t.Helper()
	j := &job{t: t, issue: Issue{ID: "i1", Number: 7}, now: t0}
	return j.do(cora, Command{Verb: Create})
}

func (j *job) try(actor Actor, cmd Command) (Decision, error) {
	if cmd.At.IsZero() {
		cmd.At = j.now
	}
	return Decide(j.issue, actor, cmd)
}

func (j *job) do(actor Actor, cmd Command) *job {
	j.t.Helper()
	d, err := j.try(actor, cmd)
	if err != nil {
		j.t.Fatalf("%s %s: %v", actor.Name, cmd.Verb, err)
	}
	j.issue, j.last = d.Issue, d
	j.now = j.now.Add(time.Minute)
	return j
}

func (j *job) wait(d time.Duration) *job {
	j.now = j.now.Add(d)
	return j
}

// offer asks a firm, with an hour to answer.
func (j *job) offer(id, firm string) *job {
	j.t.Helper()
	return j.do(cora, Command{Verb: Offer, NewID: id, Contractor: firm, Terms: Terms{AcceptBy: j.now.Add(time.Hour)}})
}

func (j *job) assignment(id string) Assignment {
	j.t.Helper()
	a, ok := Find(j.issue, id)
	if !ok {
		j.t.Fatalf("no assignment %s", id)
	}
	return a
}

// refused demands a refusal and returns it.
func (j *job) refused(actor Actor, cmd Command) *Refusal {
	j.t.Helper()
	d, err := j.try(actor, cmd)
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		j.t.Fatalf("%s %s: got %v, want a refusal", actor.Name, cmd.Verb, err)
	}
	if diff := cmp.Diff(Decision{}, d); diff != "" {
		j.t.Errorf("a refusal came with a decision: %s", diff)
	}
	return refusal
}

// story is a named state of a job, reached by what people do.
type story struct {
	name string
	play func(*job) *job
	// subject is the assignment that the state is about, empty for none.
	subject string
}

// stories are every state worth telling apart. The firm asked is firm-a.
func stories() []story {
	offered := func(j *job) *job { return j.offer("a1", "firm-a") }
	accepted := func(j *job) *job { return offered(j).do(carl, Command{Verb: Accept}) }
	countered := func(j *job) *job {
		return offered(j).do(carl, Command{Verb: CounterOffer, Terms: Terms{Due: j.now.Add(72 * time.Hour), Price: "300.00 EUR"}, Text: "We need a lift."})
	}
	submitted := func(j *job) *job { return accepted(j).do(carl, Command{Verb: Submit}) }
	held := func(j *job) *job {
		j.issue = Issue{ID: "i1", Number: 7}
		return j.do(cora, Command{Verb: Create, Reason: "gas: yes"})
	}
	asking := func(j *job) *job {
		return accepted(j).do(carl, Command{Verb: AskApproval, Text: "Another pump.", Amount: "80.00 EUR"})
	}
	approved := func(j *job) *job { return submitted(j).do(cora, Command{Verb: Approve}) }
	waits := func(j *job) *job { return j.do(cora, Command{Verb: Follow, Ahead: Ahead{Issue: "i0", Number: 6}}) }
	return []story{
		{"reported", func(j *job) *job { return j }, ""},
		{"needs an approval", held, ""},
		{"job approved", func(j *job) *job { return held(j).do(mara, Command{Verb: GrantRequest}) }, ""},
		{"job refused", func(j *job) *job { return held(j).do(mara, Command{Verb: RefuseRequest, Reason: "Too dear."}) }, ""},
		{"allocated to external user", func(j *job) *job {
			return j.do(cora, Command{Verb: AllocateExternal, People: []string{erin.ID}})
		}, ""},
		{"unsent", func(j *job) *job {
			return j.do(cora, Command{Verb: Draft, NewID: "a1", Contractor: "firm-a"})
		}, "a1"},
		{"assigned", offered, "a1"},
		{"accepted", accepted, "a1"},
		{"in progress", func(j *job) *job { return accepted(j).do(carl, Command{Verb: Start}) }, "a1"},
		{"paused", func(j *job) *job {
			return accepted(j).do(carl, Command{Verb: HoldWork, Reason: "desk"})
		}, "a1"},
		{"asking for an approval", asking, "a1"},
		{"request approved", func(j *job) *job { return asking(j).do(cora, Command{Verb: GrantRequest}) }, "a1"},
		{"request refused", func(j *job) *job {
			return asking(j).do(cora, Command{Verb: RefuseRequest, Reason: "Too dear."})
		}, "a1"},
		{"waiting approval", submitted, "a1"},
		{"sent back", func(j *job) *job {
			return submitted(j).do(cora, Command{Verb: SendBack, Reason: "The photo is missing."})
		}, "a1"},
		{"complete", approved, "a1"},
		{"completed early", func(j *job) *job { return accepted(j).do(cora, Command{Verb: CompleteEarly}) }, "a1"},
		{"declined", func(j *job) *job { return offered(j).do(carl, Command{Verb: Decline, Reason: "skills"}) }, "a1"},
		{"expired", func(j *job) *job {
			return offered(j).wait(time.Hour).do(clock, Command{Verb: Expire})
		}, "a1"},
		{"canceled", func(j *job) *job { return offered(j).do(cora, Command{Verb: Cancel}) }, "a1"},
		{"taken by another", func(j *job) *job {
			return offered(j).offer("b1", "firm-b").do(bert, Command{Verb: Accept})
		}, "a1"},
		{"amended", func(j *job) *job {
			return accepted(j).do(cora, Command{Verb: Amend, Terms: Terms{Note: "Two rooms."}})
		}, "a1"},
		{"discarded", func(j *job) *job {
			return j.do(cora, Command{Verb: Draft, NewID: "a1", Contractor: "firm-a"}).do(cora, Command{Verb: Discard})
		}, "a1"},
		{"countered", countered, "a1"},
		{"counter-offer accepted", func(j *job) *job { return countered(j).do(cora, Command{Verb: AcceptCounter}) }, "a1"},
		{"counter-offer refused", func(j *job) *job { return countered(j).do(cora, Command{Verb: RefuseCounter}) }, "a1"},
		{"counter-offer withdrawn", func(j *job) *job { return countered(j).do(carl, Command{Verb: WithdrawCounter}) }, "a1"},
		{"others lined up", func(j *job) *job {
			return offered(j).do(cora, Command{Verb: SetChain, Firms: []string{"firm-b", "firm-c"}, Terms: Terms{Within: time.Hour}})
		}, "a1"},
		{"last of those lined up", func(j *job) *job {
			return offered(j).do(cora, Command{Verb: SetChain, Firms: []string{"firm-b"}, Terms: Terms{Within: time.Hour}}).
				do(carl, Command{Verb: Decline, Reason: "skills", NewID: "b1"})
		}, "b1"},
		{"waits for another job", waits, ""},
		{"the one before was closed", func(j *job) *job { return waits(j).do(clock, Command{Verb: AheadClosed}) }, ""},
		{"went on", func(j *job) *job { return waits(j).do(clock, Command{Verb: GoOn}) }, ""},
		{"closed while accepted", func(j *job) *job { return accepted(j).do(cora, Command{Verb: Close}) }, "a1"},
		{"closed while assigned", func(j *job) *job { return offered(j).do(cora, Command{Verb: Close}) }, "a1"},
		{"closed while unsent", func(j *job) *job {
			return j.do(cora, Command{Verb: Draft, NewID: "a1", Contractor: "firm-a"}).do(cora, Command{Verb: Close})
		}, "a1"},
		{"closed after approval", func(j *job) *job { return approved(j).do(cora, Command{Verb: Close}) }, "a1"},
		{"reopened", func(j *job) *job { return approved(j).do(cora, Command{Verb: Reopen}) }, "a1"},
		{"issue reopened", func(j *job) *job { return approved(j).do(cora, Command{Verb: ReopenIssue}) }, "a1"},
	}
}

// golden compares a file with what it should be, or rewrites it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run go test -update)", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s is not up to date, run go test -update:\n%s", path, diff)
	}
}
