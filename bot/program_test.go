package bot_test

import (
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
)

// asks sends what a program asks for.
func (d *desk) asks(verb string, number int, fields map[string]string) chat.Answer {
	d.t.Helper()
	return d.handle(chat.Inbound{
		Workspace: bot.APIWorkspace, From: chat.Person{ID: "api"}, Body: chat.Request{Verb: verb, Number: number, Fields: fields},
	})
}

// TestProgramsSetWhatPeopleSet: what an issue waits for, which certificates it needs, and
// that it needs an approval, by the same rules and with the same refusals.
func TestProgramsSetWhatPeopleSet(t *testing.T) {
	t.Parallel()
	d := withJobs(t, 1)
	a := d.asks("new", 0, map[string]string{
		"title": "Paint", "follows": "1", "certificates": "Gas safety\nLadders", "needs_approval": "Over the budget",
	})
	if a.Refused != "" || a.Number != 2 {
		t.Fatalf("made with %+v", a)
	}
	i := d.issue(2)
	if i.Follows == nil || i.Follows.Number != 1 || len(i.Demands.Certificates) != 2 || i.ApprovalRequest == nil || i.ApprovalRequest.What != "Over the budget" {
		t.Fatalf("made %+v", i)
	}
	expect(t, d.says("olivia", "ops", "assign 2 acme"), "needs an approval before it is offered")
	asked := i.ApprovalRequest.At
	for _, c := range []struct {
		verb   string
		number int
		fields map[string]string
		want   string
	}{
		{"new", 0, map[string]string{"title": "More", "follows": "77"}, "There is no such job"},
		{"new", 0, map[string]string{"title": "More", "certificates": "A\na"}, "twice"},
		{"follow", 2, map[string]string{"after": "2"}, "cannot wait for itself"},
		{"follow", 1, nil, "waits for no other"},
		{"certificates", 2, map[string]string{"certificates": "1\n2\n3\n4\n5\n6"}, "at most 5"},
		{"approval", 2, map[string]string{"answer": "approve", "asked_at": asked.Add(-time.Second).Format(time.RFC3339Nano)}, "Another approval is asked for on #2"},
		{"approval", 2, map[string]string{"answer": "refuse", "asked_at": asked.Format(time.RFC3339Nano)}, "Say why"},
		{"approval", 1, map[string]string{"answer": "approve", "asked_at": asked.Format(time.RFC3339Nano)}, "waits for no approval"},
	} {
		a := d.asks(c.verb, c.number, c.fields)
		said := a.Message.Text.String()
		for _, text := range a.FieldErrors {
			said += text
		}
		if a.Refused == "" {
			t.Errorf("%s %v is done", c.verb, c.fields)
		}
		expect(t, said, c.want)
	}
	d.asks("approval", 2, map[string]string{"answer": "approve", "asked_at": asked.Format(time.RFC3339Nano)})
	d.asks("certificates", 2, nil)
	d.asks("certificates", 2, nil)
	d.asks("follow", 2, nil)
	if i := d.issue(2); i.Follows != nil || len(i.Demands.Certificates) != 0 || i.ApprovalRequest.State != "approved" {
		t.Errorf("it is %+v", i)
	}
	expect(t, d.says("olivia", "ops", "assign 2 acme"), "offered")
}
