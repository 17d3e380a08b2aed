package templates

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"taskbridge/bot/when"
	"taskbridge/workflow"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 256 << 10

// file is the whole document.
type file struct {
	Templates []entry `yaml:"templates"`
}

// entry is a template as it stands in the file. Amounts of time and rules are words.
type entry struct {
	Name         string   `yaml:"name"`
	Topic        string   `yaml:"topic,omitempty"`
	Title        string   `yaml:"title"`
	Description  string   `yaml:"description,omitempty"`
	Priority     string   `yaml:"priority,omitempty"`
	Due          string   `yaml:"due,omitempty"`
	AnswerWithin string   `yaml:"answer_within,omitempty"`
	Checklist    []item   `yaml:"checklist,omitempty"`
	Evidence     int      `yaml:"evidence,omitempty"`
	Effort       string   `yaml:"effort,omitempty"`
	Costs        string   `yaml:"costs,omitempty"`
	Materials    string   `yaml:"materials,omitempty"`
	Activity     string   `yaml:"activity,omitempty"`
	Kind         string   `yaml:"kind,omitempty"`
	Steps        []string `yaml:"steps,omitempty"`
	Certificates []string `yaml:"certificates,omitempty"`
	Firms        []string `yaml:"firms,omitempty"`
	Approval     []string `yaml:"approval,omitempty"`
}

type item struct {
	Text     string `yaml:"text"`
	Required bool   `yaml:"required,omitempty"`
	Calls    string `yaml:"calls,omitempty"`
}

// Encode writes templates as Decode reads them.
func Encode(list []workflow.Template) ([]byte, error) {
	f := file{Templates: []entry{}}
	for _, t := range list {
		d := t.Demands
		e := entry{
			Name: t.Name, Topic: t.Topic, Title: t.Title, Description: t.Description, Priority: t.Priority,
			Due: Amount(t.Due), AnswerWithin: Amount(t.AnswerWithin), Evidence: d.Evidence,
			Effort: string(d.Effort), Costs: string(d.Costs), Materials: string(d.Materials), Activity: string(d.Activity),
			Kind: d.Kind, Steps: d.Steps, Certificates: d.Certificates, Firms: t.Firms,
		}
		for _, i := range d.Checklist {
			e.Checklist = append(e.Checklist, item(i))
		}
		for _, r := range t.Approval {
			e.Approval = append(e.Approval, r.String())
		}
		f.Templates = append(f.Templates, e)
	}
	text, err := yaml.MarshalWithOptions(f, yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return nil, fmt.Errorf("write the templates: %w", err)
	}
	return text, nil
}

// Amount writes an amount of time as it is read, empty for none.
func Amount(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return ""
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	}
	return when.Hours(d)
}

// Decode reads templates. Its error says what is wrong and in which line; nothing is
// returned then. The steps are the desk's own.
func Decode(text []byte, steps []workflow.WorkStep) ([]workflow.Template, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("the file is larger than %d KiB", maxFile>>10)
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, readable(err)
	}
	if err := noAliases(tree); err != nil {
		return nil, err
	}
	var f file
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.DisallowUnknownField()).Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, readable(err)
	}
	if len(f.Templates) > workflow.MaxTemplates {
		return nil, fmt.Errorf("a desk has at most %d templates", workflow.MaxTemplates)
	}
	seen := map[string]bool{}
	var out []workflow.Template
	for n, e := range f.Templates {
		t, refusal := e.template()
		if refusal == nil && !e.printable() {
			refusal = workflow.Refuse(workflow.Invalid, "Leave out what cannot be shown.")
		}
		if refusal == nil {
			refusal, _ = errors.AsType[*workflow.Refusal](t.Check(steps))
		}
		if refusal == nil && seen[t.Key()] {
			refusal = workflow.RefuseField("name", "There are two templates with this name.")
		}
		if refusal != nil {
			said := strings.Join(strings.Fields(orNone(e.Name)+": "+refusal.Message), " ")
			return nil, fmt.Errorf("line %d: %s", lineOf(tree, n, refusal.Field), said)
		}
		seen[t.Key()] = true
		out = append(out, t)
	}
	return out, nil
}

func orNone(name string) string {
	if strings.TrimSpace(name) == "" {
		return "a template without a name"
	}
	return name
}

// printable tells whether all texts can be shown: only a description has lines.
func (e entry) printable() bool {
	all := slices.Concat([]string{e.Name, e.Topic, e.Title, e.Kind, strings.ReplaceAll(e.Description, "\n", "")}, e.Firms, e.Certificates, e.Approval)
	for _, i := range e.Checklist {
		all = append(all, i.Text, i.Calls)
	}
	return !slices.ContainsFunc(all, func(s string) bool {
		return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) })
	})
}

func (e entry) template() (workflow.Template, *workflow.Refusal) {
	t := workflow.Template{
		Name: e.Name, Topic: e.Topic, Title: e.Title, Description: strings.TrimSpace(e.Description), Priority: e.Priority, Firms: e.Firms,
		Demands: workflow.Demands{
			Evidence: e.Evidence, Effort: rule(e.Effort), Costs: rule(e.Costs), Materials: rule(e.Materials),
			Activity: rule(e.Activity), Kind: e.Kind, Steps: e.Steps, Certificates: e.Certificates,
		},
	}
	for _, i := range e.Checklist {
		t.Demands.Checklist = append(t.Demands.Checklist, workflow.Item(i))
	}
	for _, text := range e.Approval {
		r, err := workflow.ReadApprovalRule(text)
		if refusal, ok := errors.AsType[*workflow.Refusal](err); ok {
			return t, refusal
		}
		t.Approval = append(t.Approval, r)
	}
	for _, c := range []struct {
		field, text string
		to          *time.Duration
	}{{"due", e.Due, &t.Due}, {"answer_within", e.AnswerWithin, &t.AnswerWithin}} {
		var ok bool
		if *c.to, ok = ParseAmount(c.text); !ok {
			return t, workflow.RefuseField(c.field, "Write an amount of time like 3d, 4h or 1h30m.")
		}
	}
	return t, nil
}

// ParseAmount reads an amount of time; nothing at all is none.
func ParseAmount(text string) (time.Duration, bool) {
	if strings.TrimSpace(text) == "" {
		return 0, true
	}
	return when.Duration(text)
}

func rule(s string) workflow.Rule {
	if s == "optional" {
		return workflow.Optional
	}
	return workflow.Rule(s)
}

// readable keeps the first line of the library's errors, which has the position and
// what is wrong; the lines after it repeat the text of the file.
func readable(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	if at, what, ok := strings.Cut(strings.TrimPrefix(first, "["), "] "); ok {
		line, _, _ := strings.Cut(at, ":")
		return fmt.Errorf("line %s: %s", line, what)
	}
	return errors.New(first)
}

// lineOf finds where a field of a template stands, else where the template begins.
func lineOf(tree *ast.File, n int, field string) int {
	for _, path := range []string{fmt.Sprintf("$.templates[%d].%s", n, field), fmt.Sprintf("$.templates[%d]", n)} {
		p, err := yaml.PathString(path)
		if err != nil {
			continue
		}
		node, err := p.FilterFile(tree)
		if err != nil || node == nil || node.GetToken() == nil {
			continue
		}
		return node.GetToken().Position.Line
	}
	return 1
}

// noAliases refuses anchors and aliases: a small file could stand for a huge one.
func noAliases(tree *ast.File) error {
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		v := &aliases{}
		ast.Walk(v, doc.Body)
		if v.line > 0 {
			return fmt.Errorf("line %d: anchors and aliases are not read", v.line)
		}
	}
	return nil
}

type aliases struct{ line int }

// Visit implements ast.Visitor.
func (v *aliases) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		v.line = max(1, n.GetToken().Position.Line)
		return nil
	}
	return v
}
