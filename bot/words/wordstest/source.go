package wordstest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
)

// sayers are what makes texts, with the arguments that are one: the English, for Sense
// with the sense in the next, for Count with the form for one thing before it. Later marks
// a text that is said elsewhere.
func sayers() map[string]int {
	return map[string]int{
		"Say": 0, "Text": 0, "Sense": 0, "Within": 0, "Count": 2, "CountText": 2, "Later": 0, "refuse": 1,
		"say": 0, "text": 0, "sense": 0, "count": 2,
	}
}

// phrase is the shape of what people read.
var phrase = regexp.MustCompile(`\p{L}{2,}[,.:]? \p{L}{2,}`)

// Sources parses the files of a folder's package that are not tests.
func Sources(t *testing.T, fset *token.FileSet, folder string) []*ast.File {
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

// inGo adds the texts of a package's code, and the phrases that are no texts of it.
func inGo(t *testing.T, folder string, said Texts, loose map[string]string) {
	t.Helper()
	fset := token.NewFileSet()
	for _, f := range Sources(t, fset, folder) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.CallExpr:
				called(fset.Position(n.Pos()).String(), n, said)
				return !unseen(n)
			case ast.Expr:
				if text, ok := Literal(n); ok && phrase.MatchString(text) {
					loose[text] = fset.Position(n.Pos()).String()
					return false
				}
			}
			return true
		})
	}
}

// called adds the text of a call.
func called(where string, call *ast.CallExpr, said Texts) {
	at, ok := sayers()[Called(call)]
	if !ok || at >= len(call.Args) {
		return
	}
	text, ok := Literal(call.Args[at])
	if !ok || text == "" {
		return
	}
	sense := ""
	if Called(call) == "Sense" || Called(call) == "sense" {
		sense, _ = Literal(call.Args[at+1])
	}
	add(said, where, Called(call), text, sense)
}

func add(said Texts, where, by, text, sense string) {
	if sense != "" {
		text += " [" + sense + "]"
	}
	said[text] = Said{Where: where, Many: strings.HasPrefix(strings.ToLower(by), "count")}
}

// unseen are calls whose strings no person reads on a page: errors, log lines, headers,
// answers to a mail server, which are ASCII and so English, and what is said already.
func unseen(call *ast.CallExpr) bool {
	name := Called(call)
	if _, ok := sayers()[name]; ok && name != "refuse" {
		return true
	}
	if slices.Contains([]string{"Errorf", "MustCompile", "Set", "SetGenHeader", "answer"}, name) || strings.HasSuffix(name, "Context") {
		return true
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	on := ""
	switch x := s.X.(type) {
	case *ast.Ident:
		on = x.Name
	case *ast.SelectorExpr:
		on = x.Sel.Name
	}
	return slices.Contains([]string{"errors", "log", "Logger", "logger"}, on)
}

// Called is the name of the function or method that is called.
func Called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// Literal is the text of a string that stands in the source as it is, or of several
// joined.
func Literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		a, ok := Literal(e.X)
		b, also := Literal(e.Y)
		return a + b, ok && also
	}
	return "", false
}

var (
	action = regexp.MustCompile("{{(?:\"(?:\\\\.|[^\"\\\\])*\"|`[^`]*`|[^\"`}]|}[^}])*}}")
	// attribute is one that people read or hear.
	attribute = regexp.MustCompile(`\s(?:aria-label|title|placeholder|alt|hx-confirm)="([^"]*)"`)
	machinery = regexp.MustCompile(`(?s)<style>.*?</style>|<!--.*?-->|<!doctype[^>]*>|&\w+;`)
	tag       = regexp.MustCompile(`<[^>]*>`)
	letters   = regexp.MustCompile(`\p{L}[^<>\x00]*`)
)

// inTemplate adds the texts of a template, and the words that stand in it as they are.
func inTemplate(t *testing.T, name string, said Texts, loose map[string]string) {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	tree := parse.New(filepath.Base(name))
	tree.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	if _, err := tree.Parse(string(file), "", "", set); err != nil {
		t.Fatal(err)
	}
	for _, one := range set {
		walk(one.Root, func(n *parse.CommandNode) {
			by, ok := n.Args[0].(*parse.IdentifierNode)
			if !ok {
				return
			}
			at, ok := sayers()[by.Ident]
			if !ok || at+1 >= len(n.Args) {
				return
			}
			text, ok := n.Args[at+1].(*parse.StringNode)
			if !ok {
				return
			}
			sense := ""
			if next, ok := at+2 < len(n.Args), by.Ident == "sense"; next && ok {
				if s, ok := n.Args[at+2].(*parse.StringNode); ok {
					sense = s.Text
				}
			}
			add(said, name, by.Ident, text.Text, sense)
		})
	}
	bare := machinery.ReplaceAllString(action.ReplaceAllString(string(file), "\x00"), "")
	for _, found := range attribute.FindAllStringSubmatch(bare, -1) {
		if text := letters.FindString(found[1]); text != "" {
			loose[strings.TrimSpace(text)] = name
		}
	}
	for _, text := range letters.FindAllString(tag.ReplaceAllString(bare, "\x00"), -1) {
		loose[strings.TrimSpace(text)] = name
	}
}

// walk shows all commands beneath a node.
func walk(n parse.Node, show func(*parse.CommandNode)) {
	branch := func(b *parse.BranchNode) {
		walk(b.Pipe, show)
		walk(b.List, show)
		if b.ElseList != nil {
			walk(b.ElseList, show)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, inner := range n.Nodes {
			walk(inner, show)
		}
	case *parse.ActionNode:
		walk(n.Pipe, show)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			walk(n.Pipe, show)
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			show(c)
			for _, arg := range c.Args {
				walk(arg, show)
			}
		}
	}
}

var (
	scriptSays   = regexp.MustCompile(`\bsay\("((?:[^"\\]|\\.)*)"`)
	scriptString = regexp.MustCompile("\"((?:[^\"\\\\\n]|\\\\.)*)\"|`((?:[^`\\\\\n]|\\\\.)*)`")
	// scriptPhrase is what people read in a script; selectors are lists of one or two words.
	scriptPhrase = regexp.MustCompile(`^\p{Lu}\p{L}*[ …!.?]|\p{L}+ \p{L}+ \p{L}+`)
	scriptNote   = regexp.MustCompile(`(?m)^\s*//.*$|/\*.*?\*/`)
)

// inScript adds the texts of a script, and the phrases that stand in it as they are.
func inScript(t *testing.T, name string, said Texts, loose map[string]string) {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	source := scriptNote.ReplaceAllString(string(file), "")
	for _, found := range scriptSays.FindAllStringSubmatch(source, -1) {
		said[found[1]] = Said{Where: name}
	}
	for _, found := range scriptString.FindAllStringSubmatch(scriptSays.ReplaceAllString(source, "say("), -1) {
		if text := found[1] + found[2]; scriptPhrase.MatchString(text) {
			loose[text] = name
		}
	}
}
