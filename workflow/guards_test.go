package workflow

import (
	"testing"
	"time"
)

func TestGuards(t *testing.T) {
	t.Parallel()
	reported := newJob(t)
	offered := newJob(t).offer("a1", "firm-a")
	accepted := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	submitted := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept}).do(carl, Command{Verb: Submit})
	drafted := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept}).do(cora, Command{Verb: CompleteEarly}).
		do(cora, Command{Verb: ReopenIssue}).do(cora, Command{Verb: Draft, NewID: "a2", Contractor: "firm-a"})
	for name, c := range map[string]struct {
		job   *job
		actor Actor
		cmd   Command
		code  Code
		field string
	}{
		"offer without a firm":       {reported, cora, Command{Verb: Offer, NewID: "n1"}, Invalid, "contractor"},
		"offer without an id":        {reported, cora, Command{Verb: Offer, Contractor: "firm-n"}, Invalid, ""},
		"offer under a used id":      {offered, cora, Command{Verb: Offer, NewID: "a1", Contractor: "firm-n"}, Conflict, ""},
		"offer twice to one firm":    {offered, cora, Command{Verb: Offer, NewID: "n1", Contractor: "firm-a"}, Conflict, "contractor"},
		"draft twice for one firm":   {offered, cora, Command{Verb: Draft, NewID: "n1", Contractor: "firm-a"}, Conflict, "contractor"},
		"offer what is taken":        {accepted, cora, Command{Verb: Offer, NewID: "n1", Contractor: "firm-n"}, Conflict, ""},
		"offer for half a minute":    {reported, cora, Command{Verb: Offer, NewID: "n1", Contractor: "firm-n", Terms: Terms{AcceptBy: reported.now.Add(30 * time.Second)}}, Invalid, "accept_by"},
		"amend for half a minute":    {accepted, cora, Command{Verb: Amend, Terms: Terms{AcceptBy: accepted.now.Add(30 * time.Second)}}, Invalid, "accept_by"},
		"decline without a reason":   {offered, carl, Command{Verb: Decline, Reason: " "}, Invalid, "reason"},
		"decline in the clock's way": {offered, carl, Command{Verb: Decline, Reason: ReasonNoAnswer}, Invalid, "reason"},
		"decline for other reasons":  {offered, carl, Command{Verb: Decline, Reason: ReasonOther}, Invalid, "text"},
		"step without a name":        {accepted, carl, Command{Verb: Step}, Invalid, "step"},
		"step that ends too early":   {accepted, carl, Command{Verb: Step, Step: "Work", From: t0, Till: t0}, Invalid, "till"},
		"hand over to nobody":        {accepted, carl, Command{Verb: HandOver}, Invalid, "to"},
		"hand over to oneself":       {accepted, carl, Command{Verb: HandOver, To: Person{ID: carl.ID}}, Conflict, "to"},
		"submit less than nothing":   {accepted, carl, Command{Verb: Submit, Completion: Completion{Effort: -1}}, Invalid, "effort"},
		"send back without a reason": {submitted, cora, Command{Verb: SendBack, Reason: "\n"}, Invalid, "reason"},
		"involve nobody":             {reported, cora, Command{Verb: AllocateExternal, People: []string{""}}, Invalid, "people"},
		"remind in the past":         {reported, cora, Command{Verb: Remind, When: t0}, Invalid, "when"},
		"due in the past":            {reported, cora, Command{Verb: SetDue, When: t0}, Invalid, "when"},
		"reopen beside a draft":      {drafted, cora, Command{Verb: Reopen, Assignment: "a1"}, Conflict, ""},
		"a verb that is none":        {reported, cora, Command{Verb: "explode"}, Invalid, ""},
	} {
		if r := c.job.refused(c.actor, c.cmd); r.Code != c.code || r.Field != c.field || r.Message == "" {
			t.Errorf("%s: got %+v, want %s of %q", name, r, c.code, c.field)
		}
	}
	if _, err := reported.try(cora, Command{Verb: Offer, NewID: "n1", Contractor: "firm-n", Terms: Terms{AcceptBy: reported.now.Add(time.Minute)}}); err != nil {
		t.Errorf("a minute is enough: %v", err)
	}
}

func TestStale(t *testing.T) {
	t.Parallel()
	sentBack := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept}).
		do(carl, Command{Verb: Submit}).do(cora, Command{Verb: SendBack, Reason: "No photo."})
	parallel := newJob(t).offer("a1", "firm-a").offer("b1", "firm-b")
	for name, c := range map[string]struct {
		job   *job
		actor Actor
		cmd   Command
		want  string
	}{
		"work that was sent back":     {sentBack, dana, Command{Verb: Submit, Assignment: "a1", Revision: 2}, "Meanwhile Cora sent this back: look at it again, then decide."},
		"the same without a name":     {sentBack, dana, Command{Verb: Submit, Revision: 2}, "Meanwhile Cora sent this back: look at it again, then decide."},
		"an issue that was offered":   {parallel, otto, Command{Verb: Close, Revision: 1}, "Meanwhile Cora offered this: look at it again, then decide."},
		"an issue by its assignment":  {sentBack, otto, Command{Verb: Close, Assignment: "a1", Revision: 3}, "Meanwhile Cora sent this back: look at it again, then decide."},
		"an old click that fits none": {sentBack, dana, Command{Verb: Accept, Assignment: "a1", Revision: 1}, "Already accepted by Carl."},
	} {
		if r := c.job.refused(c.actor, c.cmd); r.Code != Conflict || r.Message != c.want {
			t.Errorf("%s: got %+v", name, r)
		}
	}
	if err := Precheck(sentBack.issue, dana, Command{Verb: Submit, Revision: sentBack.assignment("a1").Revision}); err != nil {
		t.Error(err)
	}
	if err := Precheck(sentBack.issue, dana, Command{Verb: Submit, Revision: 1}); err == nil {
		t.Error("a form would open on an old card")
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	parallel := newJob(t).offer("a1", "firm-a").offer("b1", "firm-b")
	again := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Decline, Reason: "skills"}).offer("a2", "firm-a")
	history := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept}).do(cora, Command{Verb: CompleteEarly})
	reopened := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept}).do(cora, Command{Verb: CompleteEarly}).do(cora, Command{Verb: ReopenIssue})
	for name, c := range map[string]struct {
		job   *job
		actor Actor
		cmd   Command
		want  string
		code  Code
	}{
		"several":                        {parallel, cora, Command{Verb: Cancel}, "", Ambiguous},
		"several to comment on":          {parallel, cora, Command{Verb: Comment}, "", Ambiguous},
		"the one of a firm":              {parallel, cora, Command{Verb: Cancel, Contractor: "firm-b"}, "b1", ""},
		"a firm's own":                   {parallel, bert, Command{Verb: Accept}, "b1", ""},
		"a firm's live one":              {again, carl, Command{Verb: Accept}, "a2", ""},
		"a firm's live one to comment":   {again, carl, Command{Verb: Comment}, "a2", ""},
		"another firm's":                 {parallel, carl, Command{Verb: Accept, Assignment: "b1"}, "", NotFound},
		"none":                           {newJob(t), cora, Command{Verb: Approve}, "", NotFound},
		"the whole issue":                {newJob(t), cora, Command{Verb: Comment}, "", ""},
		"the firm that did the work":     {history, cora, Command{Verb: Comment}, "a1", ""},
		"not the firm of before":         {reopened, cora, Command{Verb: Comment}, "", ""},
		"what does not exist":            {parallel, cora, Command{Verb: Cancel, Assignment: "x"}, "", NotFound},
		"an external user's whole issue": {newJob(t).do(cora, Command{Verb: AllocateExternal, People: []string{erin.ID}}), erin, Command{Verb: Comment}, "", ""},
	} {
		got, err := Target(c.job.issue, c.actor, c.cmd)
		code := Code("")
		if err != nil {
			code = err.(*Refusal).Code
		}
		if got != c.want || code != c.code {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// TestOpens: a form does not open for what was done already, though the status would
// allow it.
func TestOpens(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a")
	counter := Command{Verb: CounterOffer, At: j.now}
	if err := Opens(j.issue, dana, counter); err != nil {
		t.Errorf("of an offer: %v", err)
	}
	late := counter
	late.At = j.assignment("a1").Terms.AcceptBy
	if err := Opens(j.issue, dana, late); err == nil {
		t.Error("the form opened when the time was over")
	}
	j.do(dana, Command{Verb: CounterOffer, Terms: Terms{Price: "90.00 EUR"}})
	if err := Opens(j.issue, dana, counter); err == nil || Precheck(j.issue, dana, counter) != nil {
		t.Errorf("a second time: %v", err)
	}
	j = newJob(t).offer("a1", "firm-a").do(dana, Command{Verb: Accept})
	if err := Opens(j.issue, dana, Command{Verb: HoldWork}); err != nil {
		t.Errorf("of work: %v", err)
	}
	j.do(dana, Command{Verb: HoldWork, Reason: "weather"})
	if err := Opens(j.issue, dana, Command{Verb: HoldWork}); err == nil {
		t.Error("the form opened of work that is paused")
	}
}
