package slack

import (
	"net/url"
	"testing"
)

// FuzzFormUnescape compares with the standard library, which copies and is slower.
func FuzzFormUnescape(f *testing.F) {
	for _, seed := range []string{"", "plain", "%7B%22a%22%3A+1%7D", "%", "%4", "%4g", "%zz", "+%2B+", "%C3%BC", "a%20b%2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		want, err := url.QueryUnescape(value)
		got := formUnescape([]byte(value))
		// What is malformed is nothing, as an empty value is.
		if err != nil {
			want = ""
		}
		if string(got) != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	})
}
