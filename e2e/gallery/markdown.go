package main

import (
	"html/template"
	"strings"
)

// markdown draws the part of Mattermost's Markdown that messages use: escapes,
// styles, links, mentions, quotations, blocks of code and line breaks.
func markdown(s string) template.HTML {
	var b strings.Builder
	for n, part := range strings.Split("\n"+s, "\n```") {
		part = strings.TrimPrefix(part, "\n")
		switch {
		case n%2 == 1:
			b.WriteString("<pre>" + template.HTMLEscapeString(part) + "</pre>")
		case part != "":
			paragraphs(&b, part)
		}
	}
	return template.HTML(b.String()) //nolint:gosec // every part was escaped.
}

func paragraphs(b *strings.Builder, s string) {
	for n, block := range strings.Split(s, "\n\n") {
		if n > 0 {
			b.WriteString(`<div class="gap"></div>`)
		}
		lines := strings.Split(block, "\n")
		quoted := false
		for i, line := range lines {
			rest, isQuote := strings.CutPrefix(line, ">")
			switch {
			case isQuote && !quoted:
				b.WriteString("<blockquote>")
				quoted = true
			case i > 0:
				b.WriteString("<br>")
			}
			// A line without a mark after a quoted one still belongs to it.
			b.WriteString(markdownLine(strings.TrimPrefix(rest, " ")))
		}
		if quoted {
			b.WriteString("</blockquote>")
		}
	}
}

func markdownLine(s string) string {
	var b strings.Builder
	before := byte(' ')
	for s != "" {
		drawn, size := markdownSpan(s, before)
		b.WriteString(drawn)
		before, s = s[size-1], s[size:]
	}
	return b.String()
}

// markdownSpan draws what stands at the beginning of s and tells its length.
func markdownSpan(s string, before byte) (string, int) {
	for _, style := range []struct{ mark, tag string }{{"**", "b"}, {"~~", "s"}, {"*", "i"}, {"`", "code"}} {
		if !strings.HasPrefix(s, style.mark) {
			continue
		}
		m := len(style.mark)
		if end := unescaped(s[m:], style.mark); end > 0 && s[m] != ' ' {
			inner := s[m : m+end]
			if style.tag == "code" {
				inner = template.HTMLEscapeString(inner)
			} else {
				inner = markdownLine(inner)
			}
			return "<" + style.tag + ">" + inner + "</" + style.tag + ">", m + end + m
		}
	}
	switch s[0] {
	case '\\':
		if len(s) > 1 && strings.IndexByte("\\`*_{}[]()#+-.!|~>=", s[1]) >= 0 {
			return template.HTMLEscapeString(s[1:2]), 2
		}
	case '[':
		if end := unescaped(s[1:], "]("); end > 0 {
			if length := strings.IndexByte(s[1+end:], ')'); length > 0 {
				return "<a>" + markdownLine(s[1:1+end]) + "</a>", 1 + end + length + 1
			}
		}
	case '@':
		n := 1
		for n < len(s) && isNamePart(s[n]) {
			n++
		}
		if name := strings.TrimRight(s[1:n], "._-"); name != "" && !isNamePart(before) {
			class := "mention"
			if name == "channel" || name == "all" || name == "here" {
				class += " all"
			}
			return `<span class="` + class + `">@` + name + "</span>", 1 + len(name)
		}
	}
	return template.HTMLEscapeString(s[:1]), 1
}

// isNamePart tells whether a byte may stand in a user's name: those are ASCII.
func isNamePart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-", c) >= 0
}

// unescaped finds a mark that no backslash stands before.
func unescaped(s, mark string) int {
	for i := 0; i+len(mark) <= len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i:i+len(mark)] == mark {
			return i
		}
	}
	return -1
}
