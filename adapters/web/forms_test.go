package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// TestFormsNeverPutWordsIntoAnAddress: sent before the page's script has come, a form
// without a method would have the browser write what was typed into the address.
func TestFormsNeverPutWordsIntoAnAddress(t *testing.T) {
	t.Parallel()
	pages, err := fs.Glob(embedded, "pages/*.html")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	forms := 0
	for _, name := range pages {
		page, err := fs.ReadFile(embedded, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range regexp.MustCompile(`<form\s[^>]*>`).FindAllString(string(page), -1) {
			if forms++; !strings.Contains(form, ` method="`) {
				t.Errorf("%s: %s", name, form)
			}
		}
	}
	if forms == 0 {
		t.Error("there are no forms")
	}
}
