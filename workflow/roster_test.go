package workflow_test

import (
	"slices"
	"testing"

	"taskbridge/workflow"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestPlanRoster(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		view workflow.RosterView
		want workflow.RosterPlan
	}{
		{"all as it should be", workflow.RosterView{
			Self: "bot", Members: []string{"bot", "olivia", "cora"}, Operators: []string{"olivia"}, Placed: []string{"olivia"}, Wanted: []string{"cora"},
		}, workflow.RosterPlan{}},
		{"a new operator", workflow.RosterView{
			Self: "bot", Members: []string{"bot", "olivia"}, Operators: []string{"olivia", "otto", "bot"}, Placed: []string{"olivia"},
		}, workflow.RosterPlan{Add: []string{"otto"}}},
		{"an operator of before", workflow.RosterView{
			Self: "bot", Members: []string{"bot", "olivia", "otto"}, Operators: []string{"olivia"}, Placed: []string{"olivia", "otto"},
		}, workflow.RosterPlan{Remove: []string{"otto"}}},
		{"the last operator stays", workflow.RosterView{
			Self: "bot", Members: []string{"bot", "otto"}, Placed: []string{"otto"},
		}, workflow.RosterPlan{}},
		{"the firm's own people are its affair", workflow.RosterView{
			Self: "bot", Members: []string{"bot", "olivia", "cora", "carl"}, Operators: []string{"olivia"}, Wanted: []string{"cora"},
		}, workflow.RosterPlan{Strangers: []string{"carl"}}},
		{"one of the firm was struck, one has gone", workflow.RosterView{
			Self: "bot", Members: []string{"bot", "olivia", "carl"}, Operators: []string{"olivia"}, Wanted: []string{"cora"}, Struck: []string{"carl"},
		}, workflow.RosterPlan{Remove: []string{"carl"}, Missing: []string{"cora"}}},
		{"an operator cannot be struck", workflow.RosterView{
			Self: "bot", Members: []string{"bot", "olivia"}, Operators: []string{"olivia"}, Struck: []string{"olivia"},
		}, workflow.RosterPlan{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := workflow.PlanRoster(c.view)
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestPlanRosterKeepsItsPromises: nobody of the firm and never the last operator is
// taken out, and once a plan is carried out there is nothing left to do.
func TestPlanRosterKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		people := rapid.SliceOfN(rapid.SampledFrom([]string{"bot", "a", "b", "c", "d", "e"}), 0, 6)
		v := workflow.RosterView{
			Self: "bot", Members: people.Draw(rt, "members"), Operators: people.Draw(rt, "operators"),
			Placed: people.Draw(rt, "placed"), Wanted: people.Draw(rt, "wanted"), Struck: people.Draw(rt, "struck"),
		}
		p := workflow.PlanRoster(v)
		for _, id := range p.Remove {
			switch {
			case id == v.Self, slices.Contains(v.Operators, id):
				rt.Fatalf("%s is taken out", id)
			case !slices.Contains(v.Placed, id) && !slices.Contains(v.Struck, id):
				rt.Fatalf("%s of the firm is thrown out", id)
			case len(v.Operators) == 0 && !slices.Contains(v.Struck, id):
				rt.Fatalf("%s may be the last of the desk", id)
			}
		}
		v.Members = slices.DeleteFunc(slices.Clone(v.Members), func(id string) bool { return slices.Contains(p.Remove, id) })
		v.Members = append(v.Members, p.Add...)
		if again := workflow.PlanRoster(v); len(again.Add)+len(again.Remove) > 0 {
			rt.Fatalf("after %+v there is still %+v to do", p, again)
		}
	})
}
