package wordstest

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/words"

	"github.com/goccy/go-yaml"
)

// Texts are the texts of a package by their English: where each is said, and whether of
// a number of things.
type Texts map[string]Said

// Said is where a text is said.
type Said struct {
	Where string
	// Many is true for one that is said of a number of things.
	Many bool
}

// Check holds that each text of the package in a folder has every language, with the same
// gaps; that nothing is left over; and that what is shown in its code, its templates and
// its scripts is in the catalogue. as are strings that are shown as they are in every
// language, with why.
func Check(t *testing.T, folder string, as map[string]string) {
	t.Helper()
	said, loose := Texts{}, map[string]string{}
	inGo(t, folder, said, loose)
	err := filepath.WalkDir(folder, func(name string, d os.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case strings.HasSuffix(name, ".html") && !strings.Contains(name, "testdata"):
			inTemplate(t, name, said, loose)
		case strings.HasSuffix(name, ".js"):
			inScript(t, name, said, loose)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(said) == 0 {
		t.Fatal("nothing is said here")
	}
	for text, where := range loose {
		_, known := said[text]
		if _, ok := as[text]; !ok && !known {
			t.Errorf("%s: %q is shown and has no other language", where, text)
		}
	}
	for text := range as {
		if _, ok := loose[text]; !ok {
			t.Errorf("nothing shows %q any more", text)
		}
	}
	Compare(t, folder, said)
}

// Compare holds that each language of the package in a folder has just the texts that are
// said, with their gaps.
func Compare(t *testing.T, folder string, said Texts) {
	t.Helper()
	read, err := words.Load(os.DirFS(folder))
	if err == nil {
		err = read.Check()
	}
	if err != nil {
		t.Error(err)
	}
	for language, there := range translated(t, folder) {
		compare(t, language, said, there)
	}
}

func compare(t *testing.T, language string, said Texts, there map[string]map[string]string) {
	t.Helper()
	for _, english := range slices.Sorted(maps.Keys(said)) {
		forms, ok := there[english]
		if !ok {
			t.Errorf("%s: %s: nothing for %q", language, said[english].Where, english)
			continue
		}
		if said[english].Many != (forms["one"] != "") {
			t.Errorf("%s: %q has forms for a number and must not, or has none and must", language, english)
		}
		for form, text := range forms {
			if want, got := gaps(english), gaps(text); want != got || strings.TrimSpace(text) == "" {
				t.Errorf("%s: %q has the gaps %s and its %s form %q has %s", language, english, want, form, text, got)
			}
		}
	}
	for english := range there {
		if _, ok := said[english]; !ok {
			t.Errorf("%s: nothing says %q any more", language, english)
		}
	}
}

// gaps are those of a text: those with names once each, in order of the names, and the
// arguments of a format in their own order.
func gaps(text string) string {
	named := regexp.MustCompile(`\{\{\.\w+\}\}`).FindAllString(text, -1)
	slices.Sort(named)
	args := regexp.MustCompile(`%(\[\d\])?[a-z]`).FindAllString(strings.ReplaceAll(text, "% a", ""), -1)
	return strings.Join(append(slices.Compact(named), args...), " ")
}

// translated are the texts of a package's files by language, each with its forms; other
// is the only one of most.
func translated(t *testing.T, folder string) map[string]map[string]map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "languages", "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatal("no files of languages", err)
	}
	out := map[string]map[string]map[string]string{}
	for _, name := range names {
		parts := strings.Split(filepath.Base(name), ".")
		language := parts[len(parts)-2]
		if out[language] == nil {
			out[language] = map[string]map[string]string{}
		}
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var entries map[string]any
		if err := yaml.Unmarshal(file, &entries); err != nil {
			t.Fatal(name, err)
		}
		for english, v := range entries {
			if _, twice := out[language][english]; twice {
				t.Errorf("%s: %q is in another file, too", name, english)
			}
			forms := map[string]string{}
			switch v := v.(type) {
			case string:
				forms["other"] = v
			case map[string]any:
				for form, text := range v {
					forms[form], _ = text.(string)
				}
			}
			out[language][english] = forms
		}
	}
	return out
}
