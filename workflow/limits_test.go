package workflow

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ruled gives a command the time limits of a desk.
func ruled(cmd Command, rules LimitRules) Command {
	cmd.Limits = &rules
	return cmd
}

func hoursEach(accept, start, complete int) LimitRules {
	h := time.Hour
	return LimitRules{Warn: 75, Allowed: map[Limit]time.Duration{
		LimitAccept: time.Duration(accept) * h, LimitStart: time.Duration(start) * h, LimitComplete: time.Duration(complete) * h,
	}}
}

// clockOf is the clock of a limit under the present terms.
func (j *job) clockOf(l Limit) Clock {
	j.t.Helper()
	for _, k := range j.assignment("a1").Clocks {
		if k.Limit == l && !k.Former {
			return k
		}
	}
	j.t.Fatalf("no clock to %s in %+v", l, j.assignment("a1").Clocks)
	return Clock{}
}

// TestLimitsOfALife follows the clocks of one hand-off through a pause, an approval and
// a new offer.
func TestLimitsOfALife(t *testing.T) {
	t.Parallel()
	rules := hoursEach(2, 4, 8)
	j := newJob(t)
	j.do(cora, ruled(Command{Verb: Offer, NewID: "a1", Contractor: "firm-a"}, rules))
	offered := j.now.Add(-time.Minute)
	if k := j.clockOf(LimitAccept); !k.WarnAt.Equal(offered.Add(90*time.Minute)) || !k.BreachAt.Equal(offered.Add(2*time.Hour)) {
		t.Fatalf("to accept: %+v", k)
	}
	j.refused(clock, Command{Verb: WarnLimit, Assignment: "a1"})
	j.now = offered.Add(91 * time.Minute)
	j.do(clock, Command{Verb: WarnLimit, Assignment: "a1"})
	expect(t, j.last, []string{"limit_near a1"}, []Notice{
		{To: ToOperators, Kind: NoticeLimitNear, Assignment: "a1"}, {To: ToFirm, Kind: NoticeLimitNear, Assignment: "a1"},
	})
	j.refused(clock, Command{Verb: WarnLimit, Assignment: "a1"})
	j.do(carl, ruled(Command{Verb: Accept, Assignment: "a1"}, rules))
	if got := j.last.Events[0].Data["kept"]; got != "accept" || j.clockOf(LimitAccept).KeptAt.IsZero() {
		t.Errorf("accepted in time: kept %q, %+v", got, j.clockOf(LimitAccept))
	}
	accepted := j.now.Add(-time.Minute)
	if k := j.clockOf(LimitComplete); !k.BreachAt.Equal(accepted.Add(8 * time.Hour)) {
		t.Errorf("to complete: %+v", k)
	}

	// While the work is paused no time passes, whoever paused it.
	j.now = accepted.Add(time.Hour)
	j.do(carl, ruled(Command{Verb: HoldWork, Assignment: "a1", Reason: "parts"}, rules))
	if k := j.clockOf(LimitComplete); !k.Held || k.Left != 7*time.Hour || k.WarnLeft != 5*time.Hour {
		t.Errorf("paused: %+v", k)
	}
	if warn, breach := LimitsAt(j.assignment("a1")); !warn.IsZero() || !breach.IsZero() {
		t.Errorf("a clock that stands still is due at %v, %v", warn, breach)
	}
	if k := j.clockOf(LimitStart); k.KeptAt.IsZero() {
		t.Errorf("a firm that pauses has started: %+v", k)
	}
	j.wait(72*time.Hour).do(carl, ruled(Command{Verb: ResumeWork, Assignment: "a1"}, rules))
	resumed := j.now.Add(-time.Minute)
	if k := j.clockOf(LimitComplete); k.Held || !k.BreachAt.Equal(resumed.Add(7*time.Hour)) || !k.WarnAt.Equal(resumed.Add(5*time.Hour)) {
		t.Errorf("resumed: %+v", k)
	}

	// The desk's time to look at the work is not the firm's.
	j.now = resumed.Add(6 * time.Hour)
	j.do(carl, ruled(Command{Verb: Submit, Assignment: "a1"}, rules)).wait(72 * time.Hour)
	j.do(cora, ruled(Command{Verb: SendBack, Assignment: "a1", Reason: "It drips."}, rules))
	if k := j.clockOf(LimitComplete); k.Held || !k.BreachAt.Equal(j.now.Add(59*time.Minute)) {
		t.Errorf("sent back: %+v at %v", k, j.now)
	}

	// New terms begin anew; what was kept stays on record.
	j.do(cora, ruled(Command{Verb: Amend, Assignment: "a1", Terms: Terms{Note: "Two rooms."}}, rules))
	if k := j.clockOf(LimitAccept); k.ended() || !k.BreachAt.Equal(j.now.Add(119*time.Minute)) {
		t.Errorf("offered anew: %+v", k)
	}
	for _, k := range j.assignment("a1").Clocks {
		if k.Former != k.ended() {
			t.Errorf("after new terms: %+v", k)
		}
	}
}

// TestLimitBroken says that a breach is noted once, by whoever comes first, with the
// moment at which it was one.
func TestLimitBroken(t *testing.T) {
	t.Parallel()
	rules := hoursEach(2, 4, 8)
	offer := func() (*job, time.Time) {
		j := newJob(t)
		j.do(cora, ruled(Command{Verb: Offer, NewID: "a1", Contractor: "firm-a"}, rules))
		return j, j.now.Add(-time.Minute).Add(2 * time.Hour)
	}
	t.Run("by the clock", func(t *testing.T) {
		t.Parallel()
		j, ends := offer()
		j.now = ends.Add(-time.Second)
		j.refused(clock, Command{Verb: BreachLimit, Assignment: "a1"})
		j.now = ends.Add(3 * time.Hour) // The service was down.
		j.do(clock, Command{Verb: BreachLimit, Assignment: "a1"})
		expect(t, j.last, []string{"limit_broken a1"}, []Notice{
			{To: ToOperators, Kind: NoticeLimitBroken, Assignment: "a1"}, {To: ToFirm, Kind: NoticeLimitBroken, Assignment: "a1"},
		})
		if diff := cmp.Diff(map[string]string{"limit": "accept", "broken_at": ends.Format(time.RFC3339)}, j.last.Events[0].Data); diff != "" {
			t.Error(diff)
		}
		j.refused(clock, Command{Verb: BreachLimit, Assignment: "a1"})
		if !Breached(j.issue) {
			t.Error("the job is not known to be late")
		}
		j.do(carl, ruled(Command{Verb: Accept, Assignment: "a1"}, rules))
		expect(t, j.last, []string{"accepted a1"}, []Notice{{To: ToOperators, Kind: NoticeAccepted, Assignment: "a1"}})
		if j.last.Events[0].Data["kept"] != "" {
			t.Errorf("kept after all: %v", j.last.Events[0].Data)
		}
	})
	t.Run("by who acts too late", func(t *testing.T) {
		t.Parallel()
		j, ends := offer()
		j.now = ends
		j.do(carl, ruled(Command{Verb: Accept, Assignment: "a1"}, rules))
		expect(t, j.last, []string{"accepted a1", "limit_broken a1"}, []Notice{{To: ToOperators, Kind: NoticeAccepted, Assignment: "a1"}})
		if e := j.last.Events[1]; !e.Unnamed || e.Data["broken_at"] != ends.Format(time.RFC3339) {
			t.Errorf("noted as %+v", e)
		}
		j.refused(clock, Command{Verb: BreachLimit, Assignment: "a1"})
	})
	t.Run("start and completion at once", func(t *testing.T) {
		t.Parallel()
		j, _ := offer()
		j.do(carl, ruled(Command{Verb: Accept, Assignment: "a1"}, rules)).wait(9 * time.Hour)
		j.do(clock, Command{Verb: BreachLimit, Assignment: "a1"})
		if events, notices := kinds(j.last); len(events) != 2 || len(notices) != 2 {
			t.Errorf("events %v, notices %v", events, notices)
		}
	})
	t.Run("of an offer that another firm's acceptance ends", func(t *testing.T) {
		t.Parallel()
		j, ends := offer()
		j.now = ends.Add(-30 * time.Minute)
		j.offer("b1", "firm-b").do(bert, Command{Verb: Accept, Assignment: "b1"})
		if a := j.assignment("a1"); a.Status != Canceled || a.Clocks != nil {
			t.Errorf("the other offer is %s with %+v", a.Status, a.Clocks)
		}
		j, ends = offer()
		j.now = ends.Add(-30 * time.Minute)
		j.offer("b1", "firm-b").now = ends
		j.do(bert, Command{Verb: Accept, Assignment: "b1"})
		if all := Broken(j.assignment("a1")); len(all) != 1 || Breached(j.issue) {
			t.Errorf("late before it was taken by another firm: %+v, breached: %v", all, Breached(j.issue))
		}
	})
}

// TestLimitsNeedRules says that nothing is limited where the desk limits nothing, and
// that clocks which run go on without.
func TestLimitsNeedRules(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	if all := j.assignment("a1").Clocks; all != nil {
		t.Errorf("clocks of no limit: %+v", all)
	}
	j = newJob(t)
	j.do(cora, ruled(Command{Verb: Offer, NewID: "a1", Contractor: "firm-a"}, LimitRules{Allowed: map[Limit]time.Duration{LimitComplete: time.Hour}}))
	if all := j.assignment("a1").Clocks; all != nil {
		t.Errorf("no time to accept is set: %+v", all)
	}
}

// TestLimitsInWorkingTime counts acceptance in the firm's hours and the work in the
// desk's, over a weekend, a holiday and both changes of the clocks.
func TestLimitsInWorkingTime(t *testing.T) {
	t.Parallel()
	berlin, york := zoneNamed(t, "Europe/Berlin"), zoneNamed(t, "America/New_York")
	round := Calendar{Zone: berlin}
	for d := range round.Week {
		round.Week[d] = []Span{{0, MinutesADay}}
	}
	for _, c := range []struct {
		name       string
		desk, firm Calendar
		asked      string
		accept     string
		complete   string
	}{
		{"a weekend", office(berlin), office(york), "2026-11-27T15:00:00Z", "2026-11-27T17:00:00Z", "2026-11-30T15:00:00Z"},
		{"a holiday of the firm", office(berlin), office(york, Date{2026, time.November, 27}), "2026-11-27T15:00:00Z", "2026-11-30T15:00:00Z", "2026-11-30T15:00:00Z"},
		{"Berlin goes forward", office(berlin), office(berlin), "2026-03-27T15:00:00Z", "2026-03-30T07:00:00Z", "2026-03-30T14:00:00Z"},
		{"Berlin goes back", office(berlin), office(berlin), "2026-10-23T14:00:00Z", "2026-10-26T08:00:00Z", "2026-10-26T15:00:00Z"},
		{"New York goes forward", office(york), office(york), "2026-03-06T21:00:00Z", "2026-03-09T13:00:00Z", "2026-03-09T20:00:00Z"},
		{"New York goes back", office(york), office(york), "2026-10-30T20:00:00Z", "2026-11-02T14:00:00Z", "2026-11-02T21:00:00Z"},
		{"the hour that is skipped, at work", round, round, "2026-03-29T00:30:00Z", "2026-03-29T02:30:00Z", "2026-03-29T08:30:00Z"},
		{"the hour that comes twice, at work", round, round, "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", "2026-10-25T08:30:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rules := hoursEach(2, 0, 8)
			rules.Hours = c.desk
			at, err := time.Parse(time.RFC3339, c.asked)
			if err != nil {
				t.Fatal(err)
			}
			j := newJob(t)
			j.now = at
			cmd := ruled(Command{Verb: Offer, NewID: "a1", Contractor: "firm-a"}, rules)
			cmd.Hours = &c.firm
			j.do(cora, cmd)
			j.now = at
			if got := j.clockOf(LimitAccept).BreachAt.Format(time.RFC3339); got != c.accept {
				t.Errorf("to accept until %s, want %s", got, c.accept)
			}
			j.do(carl, ruled(Command{Verb: Accept}, rules))
			if got := j.clockOf(LimitComplete).BreachAt.Format(time.RFC3339); got != c.complete {
				t.Errorf("to complete until %s, want %s", got, c.complete)
			}
		})
	}
}

func TestEscalation(t *testing.T) {
	t.Parallel()
	rules := LimitRules{Escalate: 8 * time.Hour, Hours: office(zoneNamed(t, "Europe/Berlin"))}
	overdue := func() *job {
		j := newJob(t)
		j.now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) // A Friday.
		j.issue.DueAt = j.now
		return j.do(clock, ruled(Command{Verb: WorkDue}, rules))
	}
	at := time.Date(2026, 11, 30, 11, 0, 0, 0, time.UTC)
	j := overdue()
	if !j.issue.EscalateAt.Equal(at) {
		t.Fatalf("the managers hear of it at %v", j.issue.EscalateAt)
	}
	j.now = at.Add(-time.Second)
	j.refused(clock, Command{Verb: Escalate})
	j.now = at
	j.do(clock, Command{Verb: Escalate})
	expect(t, j.last, []string{"escalated "}, []Notice{{To: ToManagers, Kind: NoticeEscalated}})
	j.refused(clock, Command{Verb: Escalate})

	j = overdue().do(otto, Command{Verb: Acknowledge})
	if !j.issue.EscalateAt.IsZero() || j.issue.SeenBy.Name != "Otto" {
		t.Errorf("after somebody took note: %v, %v", j.issue.EscalateAt, j.issue.SeenBy)
	}
	if r := j.refused(cora, Command{Verb: Acknowledge}); r.Message != "Otto took note of this already." {
		t.Error(r.Message)
	}
	j.do(cora, Command{Verb: SetDue, When: j.now.Add(time.Hour)})
	if j.issue.SeenBy != (Person{}) {
		t.Errorf("a new date was taken note of by %v", j.issue.SeenBy)
	}
	if r := j.refused(otto, Command{Verb: Acknowledge}); r.Code != Conflict {
		t.Errorf("of what is not overdue: %+v", r)
	}

	j = overdue()
	j.do(cora, Command{Verb: Snooze, When: at.Add(time.Hour)})
	if !j.issue.EscalateAt.Equal(at.Add(time.Hour)) {
		t.Errorf("put off by the desk: %v", j.issue.EscalateAt)
	}
	j.do(cora, Command{Verb: Snooze, When: j.now.Add(time.Hour)})
	if !j.issue.EscalateAt.Equal(at.Add(time.Hour)) {
		t.Errorf("a reminder that comes earlier moves it to %v", j.issue.EscalateAt)
	}
	if j.do(cora, Command{Verb: Close}); !j.issue.EscalateAt.IsZero() {
		t.Error("the managers would hear of a closed job")
	}
}

// TestCountDown says when the cards of an offer are drawn anew.
func TestCountDown(t *testing.T) {
	t.Parallel()
	berlin := office(zoneNamed(t, "Europe/Berlin"))
	j := newJob(t)
	j.now = time.Date(2026, 11, 27, 13, 0, 0, 0, time.UTC) // Friday, 14:00 there.
	cmd := Command{Verb: Offer, NewID: "a1", Contractor: "firm-a", Terms: Terms{Within: 5 * time.Hour}, Hours: &berlin}
	j.do(cora, cmd)
	var got []string
	for !j.assignment("a1").CountAt.IsZero() {
		j.now = j.assignment("a1").CountAt
		j.refused(clock, Command{Verb: CountDown, Assignment: "a1", At: j.now.Add(-time.Second), Hours: &berlin})
		got = append(got, j.now.UTC().Format("Mon 15:04 ")+CountedDown(berlin.Between(j.now, j.assignment("a1").Terms.AcceptBy)).String())
		j.do(clock, Command{Verb: CountDown, Assignment: "a1", Hours: &berlin})
		if len(j.last.Events)+len(j.last.Notices) > 0 {
			t.Fatalf("counting down told something: %+v", j.last)
		}
	}
	want := []string{"Fri 14:00 4h0m0s", "Fri 16:00 2h0m0s", "Mon 08:00 1h0m0s", "Mon 08:30 30m0s", "Mon 08:45 15m0s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for left, step := range map[time.Duration]time.Duration{0: 0, -time.Hour: 0, 25 * time.Hour: 0, 3 * time.Hour: 4 * time.Hour, time.Minute: 15 * time.Minute} {
		if got := CountedDown(left); got != step {
			t.Errorf("with %v left: %v, want %v", left, got, step)
		}
	}
}
