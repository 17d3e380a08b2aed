package bot

import (
	"strings"
	"testing"
)

// TestParseEffortIsBounded finds amounts that overflow.
func TestParseEffortIsBounded(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"20000w", "99999w", "99999w 20000w", "99999d 99999d", strings.Repeat("99999w", 7)} {
		if n, err := parseEffort(text); err == nil {
			t.Errorf("effort %.30q overflows to %d minutes", text, n)
		}
	}
}

func TestParseEffort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, " ": 0, "90m": 90, "2h": 120, "1h30m": 90, "1h 30 min": 90, "1000h": 60000} {
		if got, err := parseEffort(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"90", "-1h", "1001h", "a while", "1,5h", "h"} {
		if got, err := parseEffort(text); err == nil {
			t.Errorf("%q was taken as %d", text, got)
		}
	}
}

// cutAtBy cuts as a command does at a desk whose only firms are these.
func cutAtBy(s string) (names, when string) {
	names, v := cutTerms(s, func(names string) bool { return names == "baker by sea" })
	return names, v["accept_by"]
}

func TestCutBy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"acme by 2h": {"acme", "2h"}, "acme": {"acme", ""}, "Acme BY tomorrow 9am": {"Acme", "tomorrow 9am"},
		"baker by sea by 2h": {"baker by sea", "2h"}, "": {"", ""}, "acme terms by hand": {"acme", ""},
	} {
		if name, when := cutAtBy(text); name != want[0] || when != want[1] {
			t.Errorf("%q is %q and %q", text, name, when)
		}
	}
}

// TestCutByOfLettersThatChangeLength tries letters whose lower case has another
// number of bytes: positions in the one are not positions in the other.
func TestCutByOfLettersThatChangeLength(t *testing.T) {
	t.Parallel()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("what a person typed stops the program: %v", r)
		}
	}()
	for _, name := range []string{"İİİİİİİİ", "ȺȺȺȺȺȺȺȺ", "KKKKKK", "ẞẞẞẞ"} {
		if got, when := cutAtBy(name + " by 2h"); got != name || when != "2h" {
			t.Errorf("%q is %q and %q", name+" by 2h", got, when)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"asign": "assign", //nolint:misspell // The misspelling is what is tested.
		"lst":   "list", "histry": "history", "hlp": "help", "aprove": "approve", "summ": "summary", "Close": "close", "contr": "contractor",
		"x": "", "": "", "frobnicate": "", "ü": "",
	} {
		if got := nearest(word); got != want {
			t.Errorf("%q is near %q, want %q", word, got, want)
		}
	}
}

func FuzzTyped(f *testing.F) {
	for _, s := range []string{"90m", "1h30m", "by 5pm", "İ by 2h", "99999w"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = parseEffort(s)
		_ = nearest(s)
		name, when := cutAtBy(s)
		if len(name)+len(when) > len(s) {
			t.Errorf("%q was cut into %q and %q", s, name, when)
		}
		if short(s) != short(short(s)) {
			t.Errorf("%q is cut twice", s)
		}
	})
}
