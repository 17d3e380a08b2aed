package present_test

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/words/wordstest"
)

// untranslated are strings that people are shown as they are in every language, with why.
func untranslated() map[string]string {
	const (
		typed = "an example of what is typed, which a program reads"
		name  = "a name"
		doc   = "printed by taskbridge doctor, which is English"
	)
	return map[string]string{
		"https://crm.example.com/deals/77": typed, "urgent | 30m | 2h | 8h": typed, "500 EUR": typed, "Europe/Berlin": typed,
		"3d": typed, "4h": typed, "250 EUR": typed, "150 EUR": typed,
		"300 EUR": typed, "gas = yes; rooms > 3": typed, "next week": typed, "1h30m": typed,
		"taskbridge": name, "command line": name, "status link": name, "rate once": name, "answer visit": name,
		"lease ran out": doc, "bundle of ": name, "files of ": name,
		"it has no channel": doc, "%s lacks %d of the operators": doc, " should be in its channel and is not": doc,
		" was taken off its roster and is still in its channel": doc, "the invitation of ": doc, " came to nothing (": doc,
	}
}

// shown are the functions and methods that show a string as it is, and the fields of
// what is shown as it is.
func shown() (calls, fields []string) {
	return []string{"T", "Plain", "Bold", "Quote", "Strike", "bold", "quote", "struck", "plainly", "did"},
		[]string{"Label", "Title", "Text", "Help", "Placeholder", "Submit", "Confirm", "Fallback", "Note", "Purpose"}
}

// unseen are the calls whose strings are no texts of their own: errors and log lines,
// the command words of a usage line, and what the catalogue's own test looks at.
func unseen(call *ast.CallExpr) bool {
	name := wordstest.Called(call)
	if slices.Contains([]string{"count", "countText", "sense", "usage", "usageOf", "sent", "keep", "numbered", "Code"}, name) {
		return true
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, _ := s.X.(*ast.Ident)
	switch {
	case pkg != nil && (pkg.Name == "errors" || pkg.Name == "slog" || pkg.Name == "regexp"), s.Sel.Name == "Errorf":
		return true
	}
	return strings.HasSuffix(s.Sel.Name, "Context") || s.Sel.Name == "LogAttrs" || s.Sel.Name == "Warn"
}

// outside finds what people are shown of a file that is not in the catalogue: strings
// that are shown as they are, and whole phrases wherever they stand.
func outside(f *ast.File, catalogue wordstest.Texts) []*ast.BasicLit {
	var found []*ast.BasicLit
	letter := regexp.MustCompile(`\p{L}`)
	phrase := regexp.MustCompile(`\p{L}{2,}[,.:]? \p{L}{2,}`)
	calls, fields := shown()
	var look func(n ast.Node, direct bool)
	look = func(n ast.Node, direct bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if text, ok := wordstest.Literal(e); ok && known(catalogue, text) {
					return false
				}
			}
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				text, ok := wordstest.Literal(n)
				if ok && (direct && letter.MatchString(text) || phrase.MatchString(text)) {
					found = append(found, n)
				}
			case *ast.CallExpr:
				if unseen(n) {
					return false
				}
				look(n.Fun, false)
				for _, arg := range n.Args {
					look(arg, slices.Contains(calls, wordstest.Called(n)) || direct && wordstest.Called(n) == "Sprintf")
				}
				return false
			case *ast.KeyValueExpr:
				key, _ := n.Key.(*ast.Ident)
				look(n.Value, key != nil && slices.Contains(fields, key.Name))
				return false
			case *ast.BinaryExpr:
				if typed(n) {
					return false
				}
			case *ast.CompositeLit:
				if usageRow(n) {
					for _, e := range n.Elts[2:] {
						look(e, false)
					}
					return false
				}
			case *ast.ValueSpec:
				if strings.HasSuffix(strings.ToLower(n.Names[0].Name), "usage") {
					return false
				}
			case *ast.IndexExpr:
				look(n.X, direct)
				return false
			}
			return true
		})
	}
	look(f, false)
	return found
}

// usageRow tells whether a row of a table begins with a command and how it is typed.
func usageRow(row *ast.CompositeLit) bool {
	if len(row.Elts) < 2 {
		return false
	}
	name, ok := wordstest.Literal(row.Elts[0])
	usage := row.Elts[1]
	if joined, is := usage.(*ast.BinaryExpr); is {
		usage = joined.X
	}
	text, also := wordstest.Literal(usage)
	return ok && also && name != "" && strings.HasPrefix(text, name)
}

// typed tells whether words are joined to the command word: they are typed as they stand.
func typed(e *ast.BinaryExpr) bool {
	for {
		switch x := e.X.(type) {
		case *ast.BinaryExpr:
			e = x
			continue
		case *ast.SelectorExpr:
			return x.Sel.Name == "Command"
		case *ast.Ident:
			return x.Name == "command"
		}
		text, _ := wordstest.Literal(e.X)
		return strings.HasPrefix(text, "taskbridge ")
	}
}

// known tells whether a text is in the catalogue, in any of its senses.
func known(catalogue wordstest.Texts, text string) bool {
	if text == "" {
		return true
	}
	_, ok := catalogue[text]
	return ok
}

// TestNothingIsSaidOutsideOfTheCatalogue holds that what people read has every language.
func TestNothingIsSaidOutsideOfTheCatalogue(t *testing.T) {
	t.Parallel()
	catalogue := texts(t)
	inEngine(t, catalogue)
	for _, term := range terms() {
		catalogue[term] = wordstest.Said{}
	}
	used := map[string]bool{}
	fset := token.NewFileSet()
	for _, folder := range []string{".", ".."} {
		for _, f := range wordstest.Sources(t, fset, folder) {
			for _, lit := range outside(f, catalogue) {
				text, _ := wordstest.Literal(lit)
				if _, ok := untranslated()[text]; ok {
					used[text] = true
					continue
				}
				where := fset.Position(lit.Pos())
				t.Errorf("%s:%d: %q is shown and has no other language", filepath.Base(where.Filename), where.Line, text)
			}
		}
	}
	for text := range untranslated() {
		if !used[text] {
			t.Errorf("nothing shows %q any more", text)
		}
	}
}
