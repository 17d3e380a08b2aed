package email

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
)

// hand is how something is written to somebody: in which language, and with times in
// which zone. A letter is read anywhere, so that the zone stands with each.
type hand struct {
	words.Words

	zone *time.Location
}

// to is the hand in which the firm with an address is written to, and anybody else in the
// desk's.
func (a *Adapter) to(ctx context.Context, address string) hand {
	language := ""
	if a.cfg.Linguist != nil {
		language = a.cfg.Linguist.LanguageAt(ctx, a.Workspace(), address)
	}
	return a.inLanguage(language)
}

// inLanguage is the hand of a language, English where there are no texts in it.
func (a *Adapter) inLanguage(language string) hand { return hand{a.pages.In(language), a.cfg.Zone} }

// asked is the hand for a browser that has no good link.
func (a *Adapter) asked(r *http.Request) hand {
	return hand{a.pages.Words(r, func() string { return a.to(r.Context(), "").Language() }), a.cfg.Zone}
}

// moment is a time as its reader says it, or as the hand does where nobody spelled it.
func (h hand) moment(s chat.Span) string {
	if s.Text != "" {
		return s.Text
	}
	if !s.Until.IsZero() {
		return h.MomentSpan(s.Time.In(h.zone), s.Until.In(h.zone))
	}
	return h.Moment(s.Time.In(h.zone))
}

// plain is a text without formatting.
func (h hand) plain(t chat.Text) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case chat.Everyone:
		case chat.Moment:
			b.WriteString(h.moment(s))
		case chat.Link:
			b.WriteString(s.Text)
			if safeURL(s.Ref) && s.Ref != s.Text && strings.TrimPrefix(s.Ref, "mailto:") != s.Text {
				b.WriteString(" (" + s.Ref + ")")
			}
		case chat.Quote:
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
				b.WriteByte('\n')
			}
			b.WriteString("| " + strings.ReplaceAll(s.Text, "\n", "\n| ") + "\n")
		default:
			b.WriteString(s.Text)
		}
	}
	return strings.TrimSpace(b.String())
}

// piece is a stretch of a text as templates write it.
type piece struct {
	// Kind is empty for plain text, or bold, italic, strike, code, link, time, quote,
	// block or break.
	Kind, Text, URL string
}

// pieces parts a text for templates, which escape it.
func (h hand) pieces(t chat.Text) []piece {
	var out []piece
	for _, s := range t {
		p := piece{Text: s.Text}
		switch s.Kind {
		case chat.Everyone:
			continue
		case chat.Bold:
			p.Kind = "bold"
		case chat.Italic:
			p.Kind = "italic"
		case chat.Strike:
			p.Kind = "strike"
		case chat.Code:
			p.Kind = "code"
		case chat.Link:
			if safeURL(s.Ref) {
				p.Kind, p.URL = "link", s.Ref
			}
		case chat.Moment:
			p.Kind, p.Text, p.URL = "time", h.moment(s), s.Time.UTC().Format(time.RFC3339)
			if s.Gone {
				p.Kind, p.URL = "strike", ""
			}
		case chat.Quote, chat.CodeBlock:
			kind := "quote"
			if s.Kind == chat.CodeBlock {
				kind = "block"
			}
			// A line break beside a block would be a second one.
			if n := len(out); n > 0 && out[n-1].Kind == "break" {
				out = out[:n-1]
			}
			out = append(out, piece{Kind: kind, Text: strings.TrimSpace(s.Text)})
			continue
		case chat.Plain, chat.Mention, chat.ChannelLink:
		}
		for n, line := range strings.Split(p.Text, "\n") {
			block := len(out) > 0 && (out[len(out)-1].Kind == "quote" || out[len(out)-1].Kind == "block")
			if n > 0 && !block {
				out = append(out, piece{Kind: "break"})
			}
			if line != "" {
				out = append(out, piece{Kind: p.Kind, Text: line, URL: p.URL})
			}
		}
	}
	return out
}

// safeURL tells whether an address may be a link.
func safeURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "mailto")
}

// oneLine makes a text fit for a header.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
