package settings

import (
	"slices"
	"testing"

	"golang.org/x/text/currency"

	"taskbridge/workflow"
)

// TestCurrenciesAreThoseOfTheWorld compares the rules' own table, which may import
// nothing, with one that others keep: of how many digits people usually write, which is
// never more than the currency has.
func TestCurrenciesAreThoseOfTheWorld(t *testing.T) {
	t.Parallel()
	known := workflow.Currencies()
	// What has come since, and what has gone.
	since := []string{"MRU", "SLE", "VED", "VES", "XCG", "ZWG"}
	gone := []string{"ANG", "CUC", "HRK", "MRO", "SLL", "VEF"}
	for code, digits := range known {
		unit, err := currency.ParseISO(code)
		if err != nil {
			if !slices.Contains(since, code) {
				t.Errorf("there is no %s", code)
			}
			continue
		}
		if usual, _ := currency.Standard.Rounding(unit); usual > digits || digits == 0 && usual != 0 || digits == 2 && usual == 3 {
			t.Errorf("%s has %d digits, and usually %d", code, digits, usual)
		}
	}
	for each := currency.Query(); each.Next(); {
		code := each.Unit().String()
		if _, there := known[code]; each.IsTender() && there == slices.Contains(gone, code) {
			t.Errorf("%s: in the table %v", code, there)
		}
	}
}
