package workflow

import "testing"

func TestCustomerView(t *testing.T) {
	t.Parallel()
	steps := append(StandardSteps(), WorkStep{Name: "Drying", Icon: "drop", Maps: CustomerWork, ShowName: true, ShowIcon: true})
	if err := CheckSteps(steps); err != nil {
		t.Fatal(err)
	}
	see := func(j *job, want CustomerStatus, wantName, wantIcon string) {
		t.Helper()
		if status, name, icon := CustomerView(j.issue, steps); status != want || name != wantName || icon != wantIcon {
			t.Errorf("the customer sees %s %q %q", status, name, icon)
		}
	}
	j := newJob(t)
	see(j, CustomerOpen, "Open", "")
	j.offer("a1", "firm-a").do(carl, Command{Verb: Accept}).do(carl, Command{Verb: Start})
	see(j, CustomerOpen, "Open", "")
	j.do(carl, Command{Verb: Step, Step: "Travel"})
	see(j, CustomerTravel, "Travel", "")
	j.do(carl, Command{Verb: Step, Step: "Drying"})
	see(j, CustomerWork, "Drying", "drop")
	j.do(carl, Command{Verb: Step, Step: "Something else"})
	see(j, CustomerOpen, "Open", "")
	j.do(carl, Command{Verb: Submit})
	see(j, CustomerWork, "Work", "")
	j.do(cora, Command{Verb: Approve})
	see(j, CustomerFinished, "Finished", "")
	see(newJob(t).do(cora, Command{Verb: Close}), CustomerEnded, "Ended", "")
}

func TestCheckSteps(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]WorkStep{
		"no standard step": {{Name: "Work", Maps: CustomerWork}},
		"twice":            append(StandardSteps(), StandardSteps()[0]),
		"no name":          append(StandardSteps(), WorkStep{Maps: CustomerWork}),
		"no status":        append(StandardSteps(), WorkStep{Name: "Nap", Maps: "asleep"}),
	} {
		if err := CheckSteps(steps); err == nil {
			t.Errorf("%s is let through", name)
		}
	}
}
