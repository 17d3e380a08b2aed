package web

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	tree "text/template/parse"
)

// lineEnd is the end of a line of a template with the indents and empty lines after it.
var lineEnd = regexp.MustCompile(`[ \t]*\n\s*`)

// folder writes into templates what is the same each time that they are drawn: texts
// without gaps, addresses of assets, icons. A page has hundreds of them, and each costs as
// much to say as something that varies.
type folder struct {
	pages *template.Template
	fixed map[string]func(args []string) (string, error)
}

// fold does so in all of them; none may have been drawn yet.
func (f folder) fold() error {
	icons, err := f.pages.Clone()
	if err != nil {
		return fmt.Errorf("web: copy the pages: %w", err)
	}
	f.fixed["icon"] = func(args []string) (string, error) {
		var b bytes.Buffer
		if err := icons.ExecuteTemplate(&b, "icon", args[0]); err != nil {
			return "", fmt.Errorf("draw an icon: %w", err)
		}
		return b.String(), nil
	}
	for _, t := range f.pages.Templates() {
		if t.Tree == nil {
			continue
		}
		if err := f.list(t.Tree.Root); err != nil {
			return fmt.Errorf("web: page %s: %w", t.Name(), err)
		}
	}
	return nil
}

func (f folder) list(l *tree.ListNode) error {
	if l == nil {
		return nil
	}
	for i, n := range l.Nodes {
		switch n := n.(type) {
		case *tree.TextNode:
			n.Text = lineEnd.ReplaceAll(n.Text, []byte("\n"))
		case *tree.ActionNode:
			if name, args, ok := constant(n.Pipe); ok {
				if err := f.put(l, i, name, args, template.HTMLEscapeString); err != nil {
					return err
				}
			}
		case *tree.TemplateNode:
			if args, ok := quoted(n.Pipe); ok {
				if err := f.put(l, i, n.Name, args, func(html string) string { return html }); err != nil {
					return err
				}
			}
		case *tree.IfNode:
			if err := f.both(n.List, n.ElseList); err != nil {
				return err
			}
		case *tree.WithNode:
			if err := f.both(n.List, n.ElseList); err != nil {
				return err
			}
		case *tree.RangeNode:
			if err := f.both(n.List, n.ElseList); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f folder) both(list, otherwise *tree.ListNode) error {
	if err := f.list(list); err != nil {
		return err
	}
	return f.list(otherwise)
}

// put replaces a node by what it says.
func (f folder) put(l *tree.ListNode, i int, name string, args []string, escape func(string) string) error {
	say, ok := f.fixed[name]
	if !ok {
		return nil
	}
	text, err := say(args)
	if err != nil {
		return err
	}
	l.Nodes[i] = &tree.TextNode{NodeType: tree.NodeText, Pos: l.Nodes[i].Position(), Text: []byte(escape(text))}
	return nil
}

// constant gives the function of a pipe that is one call with texts alone.
func constant(p *tree.PipeNode) (name string, args []string, ok bool) {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) < 2 {
		return "", nil, false
	}
	by, ok := p.Cmds[0].Args[0].(*tree.IdentifierNode)
	if !ok {
		return "", nil, false
	}
	args, ok = texts(p.Cmds[0].Args[1:])
	return by.Ident, args, ok
}

// quoted gives the text that a pipe is.
func quoted(p *tree.PipeNode) (args []string, ok bool) {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return nil, false
	}
	return texts(p.Cmds[0].Args)
}

func texts(nodes []tree.Node) (out []string, ok bool) {
	for _, n := range nodes {
		s, ok := n.(*tree.StringNode)
		if !ok {
			return nil, false
		}
		out = append(out, s.Text)
	}
	return out, true
}
