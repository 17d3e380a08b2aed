package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"strings"
)

// The templates and styles are all that a page is made of: it loads nothing.
//
//go:embed templates
var files embed.FS

// page is one HTML page.
type page struct {
	Platform, Theme string
	Sections        []drawn
	Style           template.CSS
}

func parse() (*template.Template, error) {
	reader := theReader()
	t, err := template.New("").Funcs(template.FuncMap{
		"mrkdwn": func(t slackText) template.HTML {
			if t.Type == "mrkdwn" {
				return reader.mrkdwn(t.Text)
			}
			return template.HTML(template.HTMLEscapeString(t.Text)) //nolint:gosec // escaped right here.
		},
		"markdown": markdown,
		"initials": initials,
		"hue":      hue,
		"rows":     fieldRows,
		"clipped":  clipped,
		"color":    func(s string) template.CSS { return template.CSS(s) }, //nolint:gosec // our own adapter's.
	}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the templates: %w", err)
	}
	return t, nil
}

func drawTemplate(name string, raw json.RawMessage, into any) (template.HTML, error) {
	if len(raw) == 0 {
		return "", errUnread
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return "", fmt.Errorf("read what was sent: %w", err)
	}
	t, err := parse()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, into); err != nil {
		return "", fmt.Errorf("draw %s: %w", name, err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // html/template wrote it.
}

func drawSlackMessage(raw json.RawMessage) (template.HTML, error) {
	var sent struct {
		Text   string
		Blocks []slackBlock
	}
	return drawTemplate("slack-message", raw, &sent)
}

func drawSlackForm(raw json.RawMessage) (template.HTML, error) {
	return drawTemplate("slack-form", raw, &slackView{})
}

func drawMattermostPost(raw json.RawMessage) (template.HTML, error) {
	return drawTemplate("mattermost-post", raw, &mattermostSent{})
}

func drawMattermostDialog(raw json.RawMessage) (template.HTML, error) {
	return drawTemplate("mattermost-dialog", raw, &mattermostDialog{})
}

func writePage(name string, p page) error {
	var style strings.Builder
	for _, f := range []string{"page.css", p.Platform + ".css"} {
		b, err := files.ReadFile("templates/" + f)
		if err != nil {
			return fmt.Errorf("read a style: %w", err)
		}
		style.Write(b)
	}
	p.Style = template.CSS(style.String()) //nolint:gosec // our own file.
	t, err := parse()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "page", p); err != nil {
		return fmt.Errorf("draw the page: %w", err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func initials(name string) string {
	if name == "taskbridge" {
		return "⇄"
	}
	var out strings.Builder
	for _, w := range strings.Fields(name) {
		if out.Len() < 2 {
			out.WriteString(w[:1])
		}
	}
	return out.String()
}

// hue gives everybody a colour of their own.
func hue(name string) int {
	n := 0
	for _, r := range name {
		n = (n*31 + int(r)) % 360
	}
	return n
}

// fieldRows puts short fields side by side, as Mattermost does: two to a row while
// they follow one another.
func fieldRows(all []mattermostField) [][]mattermostField {
	var out [][]mattermostField
	for _, f := range all {
		last := len(out) - 1
		if f.Short && last >= 0 && len(out[last]) == 1 && out[last][0].Short {
			out[last] = append(out[last], f)
			continue
		}
		out = append(out, []mattermostField{f})
	}
	return out
}

// clipped tells whether Mattermost would fold a card's text behind "Show more":
// it does above 200 pixels, which are ten lines of some ninety characters.
func clipped(s string) bool {
	lines := 0
	for _, l := range strings.Split(s, "\n") {
		lines += 1 + len([]rune(l))/95
	}
	return lines > 10
}
