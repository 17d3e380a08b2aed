package present_test

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"taskbridge/bot/settings"
	"taskbridge/bot/words/wordstest"
	"taskbridge/workflow"
)

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
func texts(t *testing.T) wordstest.Texts {
	t.Helper()
	found := wordstest.Texts{}
	fset := token.NewFileSet()
	for _, f := range wordstest.Sources(t, fset, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			where := fset.Position(call.Pos()).String()
			for _, n := range sayers()[s.Sel.Name] {
				if n >= len(call.Args) {
					continue
				}
				text, ok := wordstest.Literal(call.Args[n])
				if !ok || text == "" {
					continue
				}
				if s.Sel.Name == "sense" {
					sense, _ := wordstest.Literal(call.Args[1])
					text += " [" + sense + "]"
				}
				found[text] = wordstest.Said{Where: where, Many: strings.HasPrefix(s.Sel.Name, "count")}
			}
			return true
		})
	}
	return found
}

// inEngine adds the texts of the packages that say them through this one: those of the
// engine, the refusals of all who refuse, and what platforms note of invitations.
func inEngine(t *testing.T, found wordstest.Texts) {
	t.Helper()
	fset := token.NewFileSet()
	for _, folder := range []string{"..", "../when", "../settings", "../templates", "../../workflow", "../../adapters/slack", "../../adapters/mattermost"} {
		for _, f := range wordstest.Sources(t, fset, folder) {
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
func said(where token.Position, call *ast.CallExpr, found wordstest.Texts) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	args := map[string][]int{
		"Say": {0}, "Text": {0}, "Term": {0}, "Later": {0}, "InviteNote": {0}, "phrase": {0}, "Refuse": {1}, "RefuseField": {1}, "refuse": {2}, "unless": {0},
		"counted": {2}, "somebody": {1}, "did": {1}, "usage": {0}, "usageOf": {1}, "numbered": {1},
	}[name]
	for _, n := range args {
		if n >= len(call.Args) {
			continue
		}
		text, ok := wordstest.Literal(call.Args[n])
		if !ok || !regexp.MustCompile(`[A-Za-z]{2}`).MatchString(strings.ReplaceAll(text, "%s", "")) {
			continue
		}
		text = strings.NewReplacer("{happened}", "%[1]s", "{by}", "%[2]s", "{charge}", "%[3]s", "{ended}", "%[4]s").Replace(text)
		found[text] = wordstest.Said{Where: where.String(), Many: name == "counted"}
	}
}

// tabled adds the texts that stand in tables: what a verb is called in a sentence, and
// what a command does.
func tabled(where token.Position, lit *ast.CompositeLit, found wordstest.Texts) {
	var row []string
	for _, e := range lit.Elts {
		text, _ := wordstest.Literal(e)
		row = append(row, text)
	}
	file := filepath.Base(where.Filename)
	switch {
	case file == "verbs.go" && len(row) == 5 && row[2] != "":
		found[row[3]], found[row[4]] = wordstest.Said{Where: where.String()}, wordstest.Said{Where: where.String()}
	case file == "commands.go" && len(row) == 5 && row[2] != "":
		found[row[2]] = wordstest.Said{Where: where.String()}
	case file == "listing.go" && len(row) == 5 && row[1] != "":
		found[row[1]] = wordstest.Said{Where: where.String()}
	case file == "completion.go" && len(row) == 4 && row[1] != "":
		found[row[1]] = wordstest.Said{Where: where.String()}
	}
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
	for _, s := range append(workflow.CustomerStatuses(), workflow.CustomerEnded) {
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

func TestEveryTextHasEveryLanguage(t *testing.T) {
	t.Parallel()
	wanted := texts(t)
	inEngine(t, wanted)
	for _, term := range terms() {
		if _, ok := wanted[term]; !ok {
			wanted[term] = wordstest.Said{Where: "another package"}
		}
	}
	wordstest.Compare(t, ".", wanted)
}
