package web

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
	tree "text/template/parse"

	"taskbridge/bot/words"
)

// TestFold: what is the same each time is written into the templates, escaped for where it
// stands, and what varies is said each time.
func TestFold(t *testing.T) {
	t.Parallel()
	said := 0
	say := func(text string, gaps ...any) string { said++; return strings.ToUpper(text) }
	pages := fstest.MapFS{"p.html": {Data: []byte(`{{define "page"}}
  <p title="{{say "a \"b\" <c>"}}">

     {{if .}}{{say "yes"}}{{else}}{{say "no" "Gap" .}}{{end}}</p>
  {{range .}}{{template "icon" "pin"}}{{template "icon" .}}{{end}}{{end}}{{define "icon"}}<svg>{{if eq . "pin"}}<path/>{{end}}</svg>{{end}}`)}}
	pageOf := func() *template.Template {
		return template.Must(template.New("").Funcs(template.FuncMap{"say": say}).ParseFS(pages, "*.html"))
	}
	folded := pageOf()
	f := folder{folded, map[string]func([]string) (string, error){"say": func(args []string) (string, error) { return say(args[0]), nil }}}
	if err := f.fold(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]string{"some": {"pin", "other"}, "none": nil} {
		var plain, quick strings.Builder
		if err := pageOf().ExecuteTemplate(&plain, "page", data); err != nil {
			t.Fatal(err)
		}
		said = 0
		if err := folded.ExecuteTemplate(&quick, "page", data); err != nil {
			t.Fatal(err)
		}
		if got, want := quick.String(), lineEnd.ReplaceAllString(plain.String(), "\n"); got != want {
			t.Errorf("%s: folded it is\n%s\nand without\n%s", name, got, want)
		}
		if want := map[string]int{"some": 0, "none": 1}[name]; said != want {
			t.Errorf("%s: %d texts were said each time, want %d", name, said, want)
		}
	}
}

// TestPagesAreFolded: no page of ours says a constant each time that it is drawn.
func TestPagesAreFolded(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &shelf{})
	var left func(name string, l *tree.ListNode)
	left = func(name string, l *tree.ListNode) {
		if l == nil {
			return
		}
		for _, n := range l.Nodes {
			switch n := n.(type) {
			case *tree.ActionNode:
				if by, _, ok := constant(n.Pipe); ok && (by == "say" || by == "asset") {
					t.Errorf("%s still has %s", name, n)
				}
			case *tree.IfNode:
				left(name, n.List)
				left(name, n.ElseList)
			case *tree.RangeNode:
				left(name, n.List)
				left(name, n.ElseList)
			case *tree.WithNode:
				left(name, n.List)
				left(name, n.ElseList)
			}
		}
	}
	pages := d.a.pages[words.Words{}.Language()].Templates()
	if len(pages) < 10 {
		t.Fatalf("there are %d pages", len(pages))
	}
	for _, p := range pages {
		if p.Tree != nil {
			left(p.Name(), p.Tree.Root)
		}
	}
}
