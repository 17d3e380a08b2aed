package present_test

import (
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/workflow"
)

// asking is a job whose firm waits for an approval, or has had its answer.
func asking(c content, answer workflow.RequestAnswer) present.Job {
	return withRequest(c, job(c, workflow.InProgress), answer)
}

func withRequest(c content, j present.Job, answer workflow.RequestAnswer) present.Job {
	a := &j.Assignments[0]
	a.Request = workflow.Request{
		By: workflow.Person{ID: "slack:T1/U9", Name: c.person}, At: noon, What: c.reason, Amount: "80.00 EUR",
		NeededBy: noon.Add(3 * time.Hour), Answer: answer,
	}
	if answer == workflow.RequestRefused {
		a.Request.Reason = c.note
	}
	j.LiesWith = workflow.LiesWith(j.Issue.Issue)
	return j
}

// noticed is a job as a notice of that kind finds it.
func noticed(c content, j present.Job, kind workflow.NoticeKind) present.Job {
	switch kind {
	case workflow.NoticeApprovalNeeded, workflow.NoticeJobApproved:
		return held(c)
	case workflow.NoticeApprovalAsked:
		return withRequest(c, j, "")
	case workflow.NoticeApprovalGiven:
		return withRequest(c, j, workflow.RequestApproved)
	case workflow.NoticeApprovalRefused:
		return withRequest(c, j, workflow.RequestRefused)
	}
	return j
}

// held is a job that needs an approval before it is offered.
func held(c content) present.Job {
	j := job(c, "")
	j.Request = workflow.Request{By: workflow.Person{ID: "slack:T1/U1", Name: c.person}, At: noon, What: "gas: " + chat.Shorten(c.place, 150)}
	j.CreatedBy = j.Request.By
	return j
}

// TestRequestsShowNoMoneyToOthers: who may not know of sums reads what is asked for, and
// not what it costs.
func TestRequestsShowNoMoneyToOthers(t *testing.T) {
	t.Parallel()
	j := asking(typical(), "")
	if m := presenter().Show(asked(), j, workflow.Stranger); strings.Contains(everythingIn(m), "80.00 EUR") || !strings.Contains(everythingIn(m), typical().reason) {
		t.Errorf("without the right to sums it shows %+v", m)
	}
	if m := presenter().Show(asked(), j, workflow.Manager); !strings.Contains(everythingIn(m), "80.00 EUR") || len(m.Buttons) != 0 {
		t.Errorf("a manager is shown %+v", m)
	}
}
