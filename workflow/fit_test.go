package workflow_test

import (
	"slices"
	"testing"

	"taskbridge/workflow"
)

func TestFitOf(t *testing.T) {
	t.Parallel()
	topics := []string{"plumbing", "hot water"}
	for _, c := range []struct {
		about, place string
		want         workflow.Fit
	}{
		{"No HOT  water!", "4 Elm St, Leeds", workflow.Fit{Topic: "hot water", City: "Leeds"}},
		{"Plumbing", "Leedsham", workflow.Fit{Topic: "plumbing"}},
		{"hot tap, cold water", "", workflow.Fit{}},
		{"", "leeds", workflow.Fit{City: "Leeds"}},
	} {
		if got := workflow.FitOf(topics, "Leeds", c.about, c.place); got != c.want {
			t.Errorf("%q in %q: %+v", c.about, c.place, got)
		}
	}
	if workflow.FitOf([]string{""}, "", "", "").Suits() {
		t.Error("a firm of which nothing is said suits a job of which nothing is said")
	}
}

func TestCompareFits(t *testing.T) {
	t.Parallel()
	want := []workflow.Fit{
		{Topic: "boiler", City: "Leeds"},
		{Topic: "boiler", Done: 2, Rated: 2, Stars: 10},
		{Topic: "boiler", Done: 4, Taken: 4},
		{Topic: "boiler", Done: 4, Taken: 4, Declined: 4},
		{Topic: "boiler", Done: 3, Taken: 3},
		// One bad rating of a firm that was never rated before weighs little; ten do.
		{Topic: "boiler", Done: 2, Rated: 1, Stars: 2},
		{Topic: "boiler", Done: 90, Rated: 10, Stars: 21},
		{City: "Leeds", Done: 9, Taken: 9},
		{},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, workflow.CompareFits)
	if !slices.Equal(got, want) {
		t.Errorf("order %+v", got)
	}
	if workflow.CompareFits(workflow.Fit{Topic: "boiler"}, workflow.Fit{Topic: "plumbing"}) != 0 {
		t.Error("one topic goes before another")
	}
}
