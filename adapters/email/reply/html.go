package reply

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page is the text of HTML, its quotes marked as plain text marks them.
type page struct {
	text string
	// pictures are the names of those that stand outside of quotes and signatures.
	pictures []string
}

// pageOf reads HTML as a person reads it.
func pageOf(s string) page {
	// Parsing fails for nothing but a reader that fails, and bounds the depth itself.
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		return page{}
	}
	w := walker{}
	w.walk(doc, 0)
	w.line()
	return page{text: strings.Join(w.lines, "\n"), pictures: w.pictures}
}

type walker struct {
	lines    []string
	current  strings.Builder
	quoted   int
	verbatim int
	pictures []string
}

// maxNodes bounds how deep elements are followed: beyond it nobody sees anything.
const maxNodes = 400

var signatures = expression(`(?i)(^|\s)(gmail_signature|moz-signature|protonmail_signature_block|ms-outlook-mobile-signature|applemailsignature|signature)(\s|$)`)

// quotes are what mail programs put around the letter that is answered.
var quotes = expression(`(?i)(^|\s)(gmail_quote|gmail_quote_container|yahoo_quoted|protonmail_quote|moz-cite-prefix|moz-forward-container|outlookmessageheader|zmail_extra|tutanota_quote)(\s|$)`)

func (w *walker) walk(n *html.Node, depth int) {
	if depth > maxNodes {
		return
	}
	if n.Type == html.TextNode {
		w.say(n.Data)
		return
	}
	if n.Type == html.ElementNode {
		if w.element(n, depth) {
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, depth+1)
	}
}

// element handles what is more than its contents, and tells whether it was handled.
func (w *walker) element(n *html.Node, depth int) bool {
	style := strings.ReplaceAll(strings.ToLower(attribute(n, "style")), " ", "")
	class := attribute(n, "class") + " " + attribute(n, "id")
	switch {
	case strings.Contains(style, "display:none"), signatures().MatchString(class):
		return true
	case n.DataAtom == atom.Blockquote && (attribute(n, "type") == "cite" || attribute(n, "cite") != ""),
		quotes().MatchString(class), attribute(n, "name") == "quote":
		w.within(n, depth, &w.quoted)
		return true
	case attribute(n, "id") == "divRplyFwdMsg", attribute(n, "id") == "appendonsend":
		// From here to the end it is what Outlook quotes.
		w.line()
		w.quoted++
		w.inner(n, depth)
		return true
	}
	switch n.DataAtom {
	case atom.Head, atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript:
		return true
	case atom.Br:
		if w.current.Len() == 0 {
			w.gap()
		}
		w.line()
		return true
	case atom.Hr:
		w.line()
		return true
	case atom.Img:
		if cid, ok := strings.CutPrefix(attribute(n, "src"), "cid:"); ok && w.quoted == 0 {
			if name, err := url.PathUnescape(cid); err == nil {
				w.pictures = append(w.pictures, name)
			}
		}
		return true
	case atom.A:
		w.link(n, depth)
		return true
	case atom.Pre:
		w.within(n, depth, &w.verbatim)
		return true
	case atom.Blockquote:
		w.within(n, depth, &w.quoted)
		return true
	case atom.Li:
		w.line()
		w.current.WriteString("- ")
		w.inner(n, depth)
		w.line()
		return true
	case atom.P:
		w.line()
		w.inner(n, depth)
		w.line()
		w.gap()
		return true
	case atom.Td, atom.Th:
		w.inner(n, depth)
		w.current.WriteByte(' ')
		return true
	case atom.Div, atom.Tr, atom.Table, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer:
		w.line()
		w.inner(n, depth)
		w.line()
		return true
	}
	return false
}

func (w *walker) inner(n *html.Node, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, depth+1)
	}
}

// within walks what stands in a block of a kind.
func (w *walker) within(n *html.Node, depth int, kind *int) {
	w.line()
	*kind++
	w.inner(n, depth)
	w.line()
	*kind--
}

func (w *walker) link(n *html.Node, depth int) {
	before := w.current.Len()
	w.inner(n, depth)
	href := attribute(n, "href")
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || w.current.Len() < before {
		return
	}
	shown := strings.TrimSpace(w.current.String()[before:])
	if shown != "" && shown != href && strings.TrimSuffix(href, "/") != strings.TrimSuffix(shown, "/") && u.Host+u.Path != shown {
		w.current.WriteString(" (" + href + ")")
	}
}

func (w *walker) say(s string) {
	if w.verbatim > 0 {
		for n, l := range strings.Split(s, "\n") {
			if n > 0 {
				w.line()
			}
			w.current.WriteString(l)
		}
		return
	}
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return r
	}, s)
	if w.current.Len() == 0 {
		s = strings.TrimLeft(s, " ")
	}
	w.current.WriteString(s)
}

// line ends the line that is being written, if anything stands in it.
func (w *walker) line() {
	s := w.current.String()
	w.current.Reset()
	if w.verbatim == 0 {
		s = strings.Join(strings.Fields(s), " ")
	}
	if s != "" {
		w.lines = append(w.lines, w.mark()+s)
	}
}

// gap parts paragraphs; two are one.
func (w *walker) gap() {
	blank := strings.TrimSpace(w.mark())
	if n := len(w.lines); n > 0 && strings.Trim(w.lines[n-1], "> ") != "" {
		w.lines = append(w.lines, blank)
	}
}

func (w *walker) mark() string {
	if w.quoted == 0 {
		return ""
	}
	return "> "
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
