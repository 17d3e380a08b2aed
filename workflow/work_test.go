package workflow

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseMaterials(t *testing.T) {
	t.Parallel()
	got, err := ParseMaterials(" Pump \n\n2   seals\r\n")
	if err != nil || got != "Pump\n2 seals" {
		t.Errorf("got %q, %v", got, err)
	}
	for name, text := range map[string]string{"long line": strings.Repeat("x", 101), "many lines": strings.Repeat("x\n", 21)} {
		if _, err := ParseMaterials(text); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestDemandsCheck(t *testing.T) {
	t.Parallel()
	steps := StandardSteps()
	item := func(s string) Demands { return Demands{Checklist: []Item{{Text: s}}} }
	many := Demands{}
	for n := range MaxItems + 1 {
		many.Checklist = append(many.Checklist, Item{Text: strings.Repeat("x", n+1)})
	}
	for name, c := range map[string]struct {
		d     Demands
		field string
	}{
		"nothing":       {Demands{}, ""},
		"all":           {Demands{Checklist: []Item{{Text: "Gas off", Required: true}}, Evidence: MaxEvidence, Costs: Required, Effort: Hidden, Kind: "Repair", Steps: []string{"Work"}}, ""},
		"empty item":    {item(" "), "checklist"},
		"two lines":     {item("a\nb"), "checklist"},
		"long item":     {item(strings.Repeat("x", MaxItem+1)), "checklist"},
		"twice":         {Demands{Checklist: []Item{{Text: "Gas off"}, {Text: "gas OFF"}}}, "checklist"},
		"too many":      {many, "checklist"},
		"less than no":  {Demands{Evidence: -1}, "evidence"},
		"too many file": {Demands{Evidence: MaxEvidence + 1}, "evidence"},
		"unknown rule":  {Demands{Materials: "perhaps"}, "materials"},
		"long kind":     {Demands{Kind: strings.Repeat("x", MaxActivity+1)}, "kind"},
		"unknown step":  {Demands{Steps: []string{"Sleep"}}, "steps"},
		"step twice":    {Demands{Steps: []string{"Work", "Work"}}, "steps"},
	} {
		err := c.d.Check(steps)
		if field := fieldOf(err); field != c.field {
			t.Errorf("%s: got %v, want a refusal of %q", name, err, c.field)
		}
	}
}

func fieldOf(err error) string {
	r, ok := err.(*Refusal)
	if !ok {
		return ""
	}
	return r.Field
}

// withDemands is a job at work of which the desk asks something.
func withDemands(t *testing.T, d Demands) *job {
	t.Helper()
	return newJob(t).do(cora, Command{Verb: Demand, Demands: d}).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
}

func TestChecklistHoldsBack(t *testing.T) {
	t.Parallel()
	j := withDemands(t, Demands{Checklist: []Item{{Text: "Gas off", Required: true}, {Text: "Seal checked", Required: true}, {Text: "Tenant told"}}})
	if got := j.refused(carl, Command{Verb: Submit}).Message; got != "Tick “Gas off” and “Seal checked” on the checklist first." {
		t.Errorf("got %q", got)
	}
	at := j.now
	j.do(dana, Command{Verb: Check, Tick: []string{"Gas off", "Tenant told"}})
	expect(t, j.last, []string{"checked a1", "checked a1"}, nil)
	if diff := cmp.Diff(Tick{Item: "Gas off", By: Person{dana.ID, dana.Name}, At: at}, j.assignment("a1").Ticks[0]); diff != "" {
		t.Error(diff)
	}
	if got := j.refused(carl, Command{Verb: Check, Tick: []string{"Gas off"}}).Message; got != "Dana ticked that already." {
		t.Errorf("got %q", got)
	}
	if got := j.refused(carl, Command{Verb: Check, Tick: []string{"Roof on"}}).Code; got != Conflict {
		t.Errorf("an item that is not there: %s", got)
	}
	j.refused(carl, Command{Verb: Check, Untick: []string{"Seal checked"}})
	// A form that was open since before may still hand in, and tick.
	was := j.assignment("a1").Revision
	j.do(carl, Command{Verb: Check, Tick: []string{"Seal checked"}, Untick: []string{"Gas off"}})
	if now := j.assignment("a1"); now.Revision != was || Done(j.issue.Demands, now) != 2 {
		t.Errorf("got %+v", now)
	}
	j.do(carl, Command{Verb: Check, Tick: []string{"Gas off"}}).do(carl, Command{Verb: Submit})
	j.do(cora, Command{Verb: SendBack, Reason: "More."})
	if len(j.assignment("a1").Ticks) != 3 {
		t.Error("the ticks went with the sending back")
	}
	// Items that stay keep their ticks.
	asked := j.issue.Demands
	j.do(cora, Command{Verb: Demand, Demands: Demands{Checklist: []Item{{Text: "Gas off"}, {Text: "Roof on", Required: true}}}})
	if got := j.assignment("a1").Ticks; len(got) != 1 || got[0].Item != "Gas off" {
		t.Errorf("the ticks are %+v", got)
	}
	expect(t, j.last, []string{"demanded ", "demanded a1"}, []Notice{{To: ToInCharge, Kind: NoticeDemanded, Assignment: "a1", Person: Person{carl.ID, carl.Name}, Was: &asked}})
	for _, e := range j.last.Events {
		if e.Data["checklist"] != "Gas off\n! Roof on" || !strings.Contains(e.Data["was_checklist"], "Seal checked") || len(e.Data) != 2 {
			t.Errorf("the history has %v", e.Data)
		}
	}
}

// TestFirmsReadNothingHiddenOfAChange: a field that becomes hidden is gone for the firm, and
// what only the desk may know changes nothing for it.
func TestFirmsReadNothingHiddenOfAChange(t *testing.T) {
	t.Parallel()
	was := Demands{Checklist: []Item{{Text: "Gas off"}}, Costs: Required, Activity: Hidden, Kind: "Repair", Steps: []string{"Work"}}
	is := Demands{Checklist: []Item{{Text: "Gas off", Calls: "meters"}}, Costs: Hidden, Activity: Hidden, Kind: "Warranty", Steps: []string{"Work"}}
	if diff := cmp.Diff(map[string]string{"costs": "", "was_costs": "required"}, FirmsChangedDemands(was, is)); diff != "" {
		t.Error(diff)
	}
	is.Costs = Required
	if got := FirmsChangedDemands(was, is); len(got) > 0 {
		t.Errorf("the firm reads %v", got)
	}
	j := withDemands(t, was)
	j.do(cora, Command{Verb: Demand, Demands: is})
	expect(t, j.last, []string{"demanded "}, nil)
	if got := j.last.Events[0].Data; got["kind"] != "Warranty" || got["checklist"] != "Gas off => meters" {
		t.Errorf("the desk's history has %v", got)
	}
}

func TestEvidenceHoldsBack(t *testing.T) {
	t.Parallel()
	j := withDemands(t, Demands{Evidence: 2})
	for n, want := range []string{
		"Post 2 more photos or files in the thread first: the desk asks for 2, and 0 are there.",
		"Post 1 more photo or file in the thread first: the desk asks for 2, and 1 is there.",
	} {
		if got := j.refused(carl, Command{Verb: Submit, Evidence: n}).Message; got != want {
			t.Errorf("got %q", got)
		}
	}
	j.do(carl, Command{Verb: Submit, Evidence: 3})
}

func TestCompletionFollowsTheRules(t *testing.T) {
	t.Parallel()
	j := withDemands(t, Demands{Effort: Required, Costs: Required, Materials: Hidden, Activity: Hidden, Kind: "Repair"})
	full := Completion{Note: "New pump", Effort: 60, Costs: "84.50 EUR"}
	for name, c := range map[string]struct {
		change func(*Completion)
		field  string
	}{
		"no effort":         {func(c *Completion) { c.Effort = 0 }, "effort"},
		"too much effort":   {func(c *Completion) { c.Effort = maxEffort + 1 }, "effort"},
		"no costs":          {func(c *Completion) { c.Costs = "" }, "costs"},
		"costs as typed":    {func(c *Completion) { c.Costs = "84,5 eur" }, "costs"},
		"hidden materials":  {func(c *Completion) { c.Materials = "Pump" }, "materials"},
		"a hidden activity": {func(c *Completion) { c.Activity = "Gift" }, "activity"},
	} {
		done := full
		c.change(&done)
		if got := j.refused(carl, Command{Verb: Submit, Completion: done}).Field; got != c.field {
			t.Errorf("%s: the field is %q", name, got)
		}
	}
	j.do(carl, Command{Verb: Submit, Completion: full})
	want := full
	want.Activity = "Repair"
	if diff := cmp.Diff(want, j.assignment("a1").Completion); diff != "" {
		t.Error(diff)
	}
	view := Visible(j.issue, carl)
	if got := view.Assignments[0].Completion; got != full || view.Demands.Kind != "" {
		t.Errorf("the firm sees %+v and %+v", got, view.Demands)
	}
	if j.assignment("a1").Completion.Activity != "Repair" {
		t.Error("what the firm sees changed what is")
	}
	data := j.last.Events[0].Data
	if got := FirmsEvent(j.issue.Demands, data); got["activity"] != "" || got["costs"] != "84.50 EUR" || data["activity"] != "Repair" {
		t.Errorf("the firm's history has %v of %v", got, data)
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	j := newJob(t).offer("a1", "firm-a").do(carl, Command{Verb: Accept})
	until := j.now.Add(72 * time.Hour)
	for name, c := range map[string]struct {
		cmd   Command
		field string
	}{
		"no reason":       {Command{}, "reason"},
		"unknown reason":  {Command{Reason: "mood"}, "reason"},
		"other, unsaid":   {Command{Reason: ReasonOther}, "text"},
		"a long text":     {Command{Reason: "parts", Text: strings.Repeat("x", 501)}, "text"},
		"until yesterday": {Command{Reason: "parts", Till: j.now}, "until"},
		"until for ever":  {Command{Reason: "parts", Till: j.now.Add(400 * 24 * time.Hour)}, "until"},
	} {
		c.cmd.Verb = HoldWork
		if got := j.refused(carl, c.cmd).Field; got != c.field {
			t.Errorf("%s: the field is %q", name, got)
		}
	}
	j.do(carl, Command{Verb: HoldWork, Reason: "parts", Till: until})
	if a := j.assignment("a1"); a.Status != InProgress || !a.Pause.On() || j.issue.LiesWith != WithContractor || !j.issue.RemindAt.Equal(until) {
		t.Errorf("paused: %+v with %s, reminder %s", a, j.issue.LiesWith, j.issue.RemindAt)
	}
	if got := j.refused(cora, Command{Verb: HoldWork, Reason: "desk"}).Message; got != "Carl paused this already: resume it first." {
		t.Errorf("got %q", got)
	}
	at := j.now
	j.do(dana, Command{Verb: ResumeWork})
	if j.assignment("a1").Pause.On() || !j.issue.RemindAt.Equal(at.Add(ReminderAfter)) {
		t.Errorf("resumed: reminder %s", j.issue.RemindAt)
	}
	for reason, side := range map[string]Side{"desk": WithOperator, "customer": WithOperator, "access": WithOperator, "weather": WithContractor} {
		j.do(carl, Command{Verb: HoldWork, Reason: reason})
		if j.issue.LiesWith != side {
			t.Errorf("%s lies with %s", reason, j.issue.LiesWith)
		}
		j.do(cora, Command{Verb: ResumeWork})
	}
	// Other reasons lie with whoever waits.
	j.do(cora, Command{Verb: HoldWork, Reason: ReasonOther, Text: "The board decides."})
	if j.issue.LiesWith != WithOperator {
		t.Errorf("lies with %s", j.issue.LiesWith)
	}
	j.do(carl, Command{Verb: Step, Step: "Planned", From: j.now.Add(time.Hour)})
	if !j.assignment("a1").Pause.On() {
		t.Error("to plan ended the pause")
	}
	j.do(carl, Command{Verb: Step, Step: "Travel"})
	if j.assignment("a1").Pause.On() || j.last.Events[0].Data["resumed"] != "true" {
		t.Error("who travels still waits")
	}
	j.do(cora, Command{Verb: HoldWork, Reason: "desk"}).do(carl, Command{Verb: Submit})
	if j.assignment("a1").Pause.On() {
		t.Error("work that is handed in is paused")
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	j := withDemands(t, Demands{Steps: []string{"Planned", "Work"}})
	at := j.now
	for name, c := range map[string]struct {
		cmd   Command
		field string
	}{
		"none":              {Command{}, "step"},
		"not here":          {Command{Step: "Travel"}, "step"},
		"no time":           {Command{Step: "Planned"}, "from"},
		"only an end":       {Command{Step: "Planned", Till: at.Add(time.Hour)}, "from"},
		"backwards":         {Command{Step: "Planned", From: at.Add(2 * time.Hour), Till: at.Add(time.Hour)}, "till"},
		"past":              {Command{Step: "Planned", From: at.Add(-time.Hour)}, "from"},
		"past with an end":  {Command{Step: "Planned", From: at.Add(-2 * time.Hour), Till: at.Add(-time.Hour)}, "from"},
		"in years":          {Command{Step: "Planned", From: at.Add(maxAhead + time.Hour)}, "from"},
		"for weeks":         {Command{Step: "Planned", From: at.Add(time.Hour), Till: at.Add(maxWindow + 2*time.Hour)}, "till"},
		"work with a start": {Command{Step: "Work", From: at.Add(time.Hour)}, "from"},
	} {
		c.cmd.Verb, c.cmd.Steps = Step, StandardSteps()
		if got := j.refused(carl, c.cmd).Field; got != c.field {
			t.Errorf("%s: the field is %q", name, got)
		}
	}
	// A window that has begun is good until it ends.
	j.do(carl, Command{Verb: Step, Step: "Planned", Steps: StandardSteps(), From: at.Add(-time.Hour), Till: at.Add(time.Hour)})
	expect(t, j.last, []string{"step a1"}, []Notice{{To: ToOperators, Kind: NoticePlanned, Assignment: "a1"}, {To: ToCustomer, Kind: NoticePlanned, Assignment: "a1"}})
	j.do(carl, Command{Verb: Step, Step: "Work", Steps: StandardSteps()})
	if a := j.assignment("a1"); a.Step != "Work" || !a.StepFrom.IsZero() {
		t.Errorf("got %+v", a)
	}
	if got := StepsOf(Demands{Steps: []string{"Gone"}}, StandardSteps()); len(got) != 3 {
		t.Errorf("steps that are gone leave %v", got)
	}
}

// TestFirmsSeeNoHiddenField draws demands and completions at random.
func TestFirmsSeeNoHiddenField(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rule := func(name string) Rule { return rapid.SampledFrom(Rules()).Draw(t, name) }
		d := Demands{Effort: rule("effort"), Costs: rule("costs"), Materials: rule("materials"), Activity: rule("activity"), Kind: "Repair"}
		full := Completion{Note: "x", Effort: 1, Costs: "1.00 EUR", Materials: "Pump", Activity: "Repair"}
		got := FirmsCompletion(d, full)
		data := map[string]string{"effort": "1", "costs": "1.00 EUR", "materials": "Pump", "activity": "Repair", "note": "x"}
		event := FirmsEvent(d, data)
		shown := map[string]bool{"effort": got.Effort != 0, "costs": got.Costs != "", "materials": got.Materials != "", "activity": got.Activity != ""}
		for _, f := range d.rules() {
			_, told := event[f.name]
			if shown[f.name] != (f.rule != Hidden) || told != (f.rule != Hidden) {
				t.Fatalf("%s is %s, shown %v, told %v", f.name, f.rule.Label(), shown[f.name], told)
			}
		}
		if len(data) != 5 || event["note"] != "x" || got.Note != "x" {
			t.Fatalf("%v became %v", data, event)
		}
		// Nor does the firm read on what such a field was asked for as, before it was hidden.
		asked := Demands{Effort: Required, Costs: Required, Materials: Required, Activity: Required, Kind: "Visit"}
		event = FirmsEvent(d, FirmsChangedDemands(Demands{Kind: "Gift", Evidence: 1}, asked))
		for _, f := range d.rules() {
			names := []string{f.name, WasKey(f.name)}
			if f.name == "activity" {
				names = append(names, "kind", WasKey("kind"))
			}
			for _, name := range names {
				if _, told := event[name]; told != (f.rule != Hidden) {
					t.Fatalf("%s is %s and the firm's history has %v", f.name, f.rule.Label(), event)
				}
			}
		}
		if event["evidence"] != "0" || event[WasKey("evidence")] != "1" {
			t.Fatalf("the firm's history has %v", event)
		}
	})
}

// TestItemsThatCall: who is called stands in the event of the tick, and nowhere that the
// firm reads.
func TestItemsThatCall(t *testing.T) {
	t.Parallel()
	d := Demands{Checklist: []Item{{Text: "Read the meter", Calls: "meters"}, {Text: "Gas off"}}}
	j := withDemands(t, d)
	var calls []string
	for _, e := range j.do(carl, Command{Verb: Check, Tick: []string{"Read the meter", "Gas off"}}).last.Events {
		if e.Kind == EventChecked {
			calls = append(calls, e.Data["item"]+" "+e.Data["calls"])
		}
	}
	if want := []string{"Read the meter meters", "Gas off "}; !slices.Equal(calls, want) {
		t.Errorf("called is %q, want %q", calls, want)
	}
	for _, item := range FirmsDemands(d).Checklist {
		if item.Calls != "" {
			t.Errorf("the firm reads %+v", item)
		}
	}
	if d.Checklist[0].Calls != "meters" {
		t.Error("the desk's own list lost whom it calls")
	}
}
