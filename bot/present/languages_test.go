package present_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/workflow"

	"github.com/goccy/go-yaml"
)

// spoken is a text of the code.
type spoken struct {
	where token.Position
	// many is true for one that is said of a number of things.
	many bool
}

// sayers are the methods that make texts, with the arguments that are one: "english",
// with its sense in the next, or with its form for one thing before it.
func sayers() map[string][]int {
	return map[string][]int{
		"say": {0}, "text": {0}, "sense": {0}, "count": {2}, "countText": {2},
		// Those of the history and of lists of people, made of these.
		"plain": {0}, "with": {0}, "at": {0, 2}, "terms": {0, 1}, "listed": {1}, "outside": {0},
	}
}

// texts reads all texts out of the source of this package.
func texts(t *testing.T) map[string]spoken {
	t.Helper()
	found := map[string]spoken{}
	fset := token.NewFileSet()
	for _, f := range sources(t, fset, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			where := fset.Position(call.Pos())
			for _, n := range sayers()[s.Sel.Name] {
				if n >= len(call.Args) {
					continue
				}
				text, ok := literal(call.Args[n])
				if !ok || text == "" {
					continue
				}
				if s.Sel.Name == "sense" {
					sense, _ := literal(call.Args[1])
					text += " [" + sense + "]"
				}
				found[text] = spoken{where: where, many: strings.HasPrefix(s.Sel.Name, "count")}
			}
			return true
		})
	}
	return found
}

// inEngine adds the texts of the packages that say them through this one: those of the
// engine, and the refusals of all who refuse.
func inEngine(t *testing.T, found map[string]spoken) {
	t.Helper()
	fset := token.NewFileSet()
	for _, folder := range []string{"..", "../when", "../settings", "../templates", "../../workflow"} {
		for _, f := range sources(t, fset, folder) {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					said(fset.Position(n.Pos()), n, found)
				case *ast.CompositeLit:
					tabled(fset.Position(n.Pos()), n, found)
				}
				return true
			})
		}
	}
}

// said adds the texts of a call.
func said(where token.Position, call *ast.CallExpr, found map[string]spoken) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	args := map[string][]int{
		"Say": {0}, "Text": {0}, "Term": {0}, "Later": {0}, "phrase": {0}, "Refuse": {1}, "RefuseField": {1}, "refuse": {2}, "unless": {0},
		"counted": {2}, "somebody": {1}, "did": {1}, "usage": {1}, "numbered": {2},
	}[name]
	for _, n := range args {
		if n >= len(call.Args) {
			continue
		}
		text, ok := literal(call.Args[n])
		if !ok || !regexp.MustCompile(`[A-Za-z]{2}`).MatchString(strings.ReplaceAll(text, "%s", "")) {
			continue
		}
		text = strings.NewReplacer("{happened}", "%[1]s", "{by}", "%[2]s", "{charge}", "%[3]s", "{ended}", "%[4]s").Replace(text)
		found[text] = spoken{where: where, many: name == "counted"}
	}
}

// tabled adds the texts that stand in tables: what a verb is called in a sentence, and
// what a command does.
func tabled(where token.Position, lit *ast.CompositeLit, found map[string]spoken) {
	var row []string
	for _, e := range lit.Elts {
		text, _ := literal(e)
		row = append(row, text)
	}
	file := filepath.Base(where.Filename)
	switch {
	case file == "verbs.go" && len(row) == 5 && row[2] != "":
		found[row[3]], found[row[4]] = spoken{where: where}, spoken{where: where}
	case file == "commands.go" && len(row) == 5 && row[2] != "":
		found[row[2]] = spoken{where: where}
	case file == "listing.go" && len(row) == 5 && row[1] != "":
		found[row[1]] = spoken{where: where}
	case file == "completion.go" && len(row) == 4 && row[1] != "":
		found[row[1]] = spoken{where: where}
	}
}

// sources parses the files of a folder that are not tests.
func sources(t *testing.T, fset *token.FileSet, folder string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatal("no source:", err)
	}
	var out []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// literal is the text of a string that stands in the source as it is, or of several
// joined.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		a, ok := literal(e.X)
		b, also := literal(e.Y)
		return a + b, ok && also
	}
	return "", false
}

// terms are the words of other packages that are said by term and within.
func terms() []string {
	var out []string
	for _, s := range workflow.Statuses() {
		out = append(out, s.Label())
	}
	for _, s := range []workflow.IssueStatus{workflow.Reported, workflow.Allocated, workflow.AllocatedExternal, workflow.Resolved, workflow.Closed} {
		out = append(out, s.Label())
	}
	for _, s := range workflow.CustomerStatuses() {
		out = append(out, s.Label())
	}
	for _, s := range workflow.StandardSteps() {
		out = append(out, s.Name)
	}
	for _, r := range workflow.DeclineReasons() {
		out = append(out, r.Label)
	}
	out = append(out, workflow.DeclineReasonLabel(workflow.ReasonNoAnswer))
	for _, r := range workflow.PauseReasons() {
		out = append(out, r.Label)
	}
	for _, r := range workflow.AllRights() {
		out = append(out, r.Label())
	}
	for _, s := range workflow.Statuses() {
		out = append(out, "This is "+strings.ToLower(s.Label()))
	}
	for _, s := range settings.Sections() {
		out = append(out, s.Label, s.Does)
	}
	return out
}

// translated are the texts of a language as they stand in its files, each with its
// forms; other is the only one of most.
func translated(t *testing.T, language string) map[string]map[string]string {
	t.Helper()
	names, err := filepath.Glob("languages/*." + language + ".yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no files of", language, err)
	}
	out := map[string]map[string]string{}
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var entries map[string]any
		if err := yaml.Unmarshal(file, &entries); err != nil {
			t.Fatal(name, err)
		}
		for english, v := range entries {
			if _, twice := out[english]; twice {
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
			out[english] = forms
		}
	}
	return out
}

// gaps are those of a text: those with names once each, in order of the names, and the
// arguments of a format in their own order.
func gaps(text string) string {
	named := regexp.MustCompile(`\{\{\.\w+\}\}`).FindAllString(text, -1)
	slices.Sort(named)
	args := regexp.MustCompile(`%(\[\d\])?[a-z]`).FindAllString(strings.ReplaceAll(text, "% a", ""), -1)
	return strings.Join(append(slices.Compact(named), args...), " ")
}

func TestEveryTextHasEveryLanguage(t *testing.T) {
	t.Parallel()
	languages, err := present.LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	wanted := texts(t)
	inEngine(t, wanted)
	for _, term := range terms() {
		if _, ok := wanted[term]; !ok {
			wanted[term] = spoken{}
		}
	}
	for _, o := range languages.Options() {
		if o.Value == "en" {
			continue
		}
		there := translated(t, o.Value)
		for _, english := range slices.Sorted(maps.Keys(wanted)) {
			forms, ok := there[english]
			if !ok {
				t.Errorf("%s: %v: nothing for %q", o.Value, wanted[english].where, english)
				continue
			}
			if wanted[english].many != (forms["one"] != "") {
				t.Errorf("%s: %q has forms for a number and must not, or has none and must", o.Value, english)
			}
			for form, text := range forms {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %q has an empty form %s", o.Value, english, form)
				}
				if want, got := gaps(english), gaps(text); want != got {
					t.Errorf("%s: %q has the gaps %s and its %s form %s", o.Value, english, want, form, got)
				}
			}
		}
		for english := range there {
			if _, ok := wanted[english]; !ok {
				t.Errorf("%s: nothing says %q any more", o.Value, english)
			}
		}
	}
}
