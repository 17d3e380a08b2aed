package web

import "testing"

func TestPurposeWithoutItsMark(t *testing.T) {
	t.Parallel()
	for purpose, want := range map[string]string{
		"Jobs for Acme, offered and tracked by taskbridge. Ref 67fc51702fd2": "Jobs for Acme, offered and tracked by taskbridge.",
		"Lists and summaries.":           "Lists and summaries.",
		"Spare parts. Ref is who to ask": "Spare parts. Ref is who to ask",
	} {
		if got := withoutMark(purpose); got != want {
			t.Errorf("%q is shown as %q", purpose, got)
		}
	}
}
