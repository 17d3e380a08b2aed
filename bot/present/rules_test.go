package present_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// workflowEvents reads the kinds of events out of workflow's source, so that a new
// one cannot be forgotten here.
func workflowEvents(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../workflow/events.go", nil, 0)
	if err != nil {
		t.Fatalf("read the events: %v", err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncDecl); ok {
			return false
		}
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatalf("unquote: %v", err)
			}
			out = append(out, s)
		}
		return true
	})
	if len(out) < 20 {
		t.Fatalf("only %d events were found", len(out))
	}
	return out
}

// everyMessage is all that is shown anywhere, with the longest content too.
func everyMessage() map[string]chat.Message {
	p := presenter()
	out := map[string]chat.Message{}
	for name, c := range contents() {
		for _, s := range everyStatus() {
			for _, is := range workflow.IssueStatuses() {
				j := job(c, s)
				j.Status = is
				k := name + "/" + string(is) + "/" + string(s)
				out[k+"/desk"] = p.Card(j, issueCard(), noon)
				out[k+"/firm"] = p.Card(j, firmCard(), noon)
				for _, role := range []workflow.Role{workflow.Operator, workflow.Manager, workflow.Contractor} {
					out[k+"/whisper/"+string(role)] = p.Show(asked(), j, role)
				}
			}
		}
		out[name+"/two offers"] = p.Card(twoOffers(c), issueCard(), noon)
		for _, k := range noticeKinds() {
			j := noticed(c, job(c, k.status), k.kind)
			for _, to := range k.to {
				n := workflow.Notice{Kind: k.kind, To: to, Assignment: id("assignment")}
				out[name+"/notice/"+string(k.kind)+"/"+string(to)] = p.Notice(j, n, c.person)
			}
		}
		maps.Copy(out, workMessages(name, c))
		_, messages := everyForm(c)
		for k, m := range messages {
			out[name+"/whisper/"+k] = m
		}
		j := job(c, workflow.InProgress)
		out[name+"/whisper/history"] = p.History(asked(), present.Chronicle{Job: j, Events: everyEvent(j)[:present.HistorySize], Earlier: "7.K1"})
		out[name+"/whisper/list"] = p.List(asked(), workflow.Operator, longestPage(c))
		out[name+"/whisper/created"] = chat.Message{
			Text: present.Words{}.Created(j.Issue),
			Buttons: []chat.Button{
				p.FormButton(asked(), "Add details", present.Details, j.Issue),
				p.FormButton(asked(), "Offer to a firm", present.OfferElsewhere, j.Issue),
			},
		}
		out[name+"/welcome"] = p.Welcome(storage.Contractor{City: c.city, Company: c.company})
	}
	return out
}

// Limits of the smaller platform, and of both together. Their sources stand in
// the documentation of package chat.
const (
	formBytes   = 24
	mostButtons = 5
	mostOptions = 100
	optionRunes = 75
	tokenBytes  = 2000
	titleRunes  = 150
	factRunes   = 2000
	sectionText = 3000
)

func TestMessagesKeepTheLimits(t *testing.T) {
	t.Parallel()
	for name, m := range everyMessage() {
		ids := map[string]bool{}
		for _, b := range m.Buttons {
			if b.ID == "" || strings.Trim(b.ID, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
				t.Errorf("%s: button id %q", name, b.ID)
			}
			if ids[b.ID] {
				t.Errorf("%s: button id %q twice", name, b.ID)
			}
			ids[b.ID] = true
			if b.Token == "" == (b.URL == "") {
				t.Errorf("%s: button %q has both or neither of token and address", name, b.Label)
			}
			if len(b.Token) > tokenBytes {
				t.Errorf("%s: token of %d bytes", name, len(b.Token))
			}
			if n := utf8.RuneCountInString(b.Label); n == 0 || n > optionRunes {
				t.Errorf("%s: button label %q", name, b.Label)
			}
		}
		if len(m.Buttons) > mostButtons {
			t.Errorf("%s: %d buttons", name, len(m.Buttons))
		}
		if c := m.Choice; c != nil {
			checkOptions(t, name, c.Options)
			if len(c.Token) > tokenBytes || c.Token == "" {
				t.Errorf("%s: token of %d bytes", name, len(c.Token))
			}
		}
		if utf8.RuneCountInString(m.Title) > titleRunes || strings.Contains(m.Title, "\n") {
			t.Errorf("%s: title %q", name, m.Title)
		}
		for _, f := range m.Facts {
			if len(f.Label) > formBytes || utf8.RuneCountInString(f.Value.String()) > factRunes {
				t.Errorf("%s: fact %s is too long", name, f.Label)
			}
			if strings.Contains(f.Value.String(), "\n") {
				t.Errorf("%s: fact %s has a line break", name, f.Label)
			}
		}
		if n := utf8.RuneCountInString(m.Text.String()); n > sectionText && !strings.Contains(name, "/whisper/") {
			t.Errorf("%s: text of %d characters", name, n)
		}
	}
}

func checkOptions(t *testing.T, name string, all []chat.Option) {
	t.Helper()
	if len(all) == 0 || len(all) > mostOptions {
		t.Errorf("%s: %d options", name, len(all))
	}
	for _, o := range all {
		if n := utf8.RuneCountInString(o.Label); n == 0 || n > optionRunes {
			t.Errorf("%s: option label %q", name, o.Label)
		}
		if n := len(o.Value); n == 0 || n > optionRunes {
			t.Errorf("%s: option value %q", name, o.Value)
		}
	}
}

func TestFormsKeepTheLimits(t *testing.T) {
	t.Parallel()
	for kind, c := range contents() {
		forms, _ := everyForm(c)
		for name, f := range forms {
			name = kind + "/" + name
			if len(f.Title) == 0 || len(f.Title) > formBytes || len(f.Submit) == 0 || len(f.Submit) > formBytes {
				t.Errorf("%s: title %q, button %q", name, f.Title, f.Submit)
			}
			if len(f.Token) == 0 || len(f.Token) > tokenBytes {
				t.Errorf("%s: token of %d bytes", name, len(f.Token))
			}
			seen := map[string]bool{}
			for _, e := range f.Fields {
				if len(e.Label) == 0 || len(e.Label) > formBytes {
					t.Errorf("%s: label %q has %d bytes", name, e.Label, len(e.Label))
				}
				if seen[e.Name] || strings.Trim(e.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
					t.Errorf("%s: field name %q", name, e.Name)
				}
				seen[e.Name] = true
				if e.Max > 0 && utf8.RuneCountInString(e.Value) > e.Max {
					t.Errorf("%s: the value of %s has %d characters of %d", name, e.Name, utf8.RuneCountInString(e.Value), e.Max)
				}
				if e.Kind == chat.Line && e.Max > 150 || e.Kind == chat.Paragraph && e.Max > 3000 {
					t.Errorf("%s: %s may have %d characters", name, e.Name, e.Max)
				}
				if e.Kind == chat.Select {
					checkOptions(t, name, e.Options)
				}
			}
		}
	}
}

func TestWhispersCallNobody(t *testing.T) {
	t.Parallel()
	for name, m := range everyMessage() {
		calls := slices.ContainsFunc(m.Text, func(s chat.Span) bool { return s.Kind == chat.Everyone })
		if calls && (strings.Contains(name, "/whisper/") || strings.Contains(name, "/desk") || strings.Contains(name, string(workflow.ToOperators))) {
			t.Errorf("%s calls everyone", name)
		}
	}
}

// TestOffersCallEveryone holds the promise that a firm cannot miss an offer.
func TestOffersCallEveryone(t *testing.T) {
	t.Parallel()
	for _, s := range workflow.Statuses() {
		m := presenter().Card(job(typical(), s), firmCard(), noon)
		calls := slices.ContainsFunc(m.Text, func(s chat.Span) bool { return s.Kind == chat.Everyone })
		if calls != (s == workflow.Assigned) {
			t.Errorf("%s: calls everyone: %v", s, calls)
		}
	}
}
