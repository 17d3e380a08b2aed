package plainpage

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"net/http"

	"taskbridge/bot/words"
)

// Pages are templates in each language that there are texts in.
type Pages struct {
	languages *words.Languages
	in        map[string]*template.Template
}

// Parse reads templates/*.html once for each language. They say their texts with the
// functions of words.Words.Funcs; more are further ones.
func Parse(languages *words.Languages, templates fs.FS, more template.FuncMap) (*Pages, error) {
	p := &Pages{languages, map[string]*template.Template{}}
	for _, tag := range languages.Tags() {
		w, _ := languages.Find(tag.String())
		funcs := template.FuncMap(w.Funcs())
		maps.Copy(funcs, more)
		t, err := template.New("").Funcs(funcs).ParseFS(templates, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("parse the pages in %s: %w", tag, err)
		}
		p.in[w.Language()] = t
	}
	return p, nil
}

// Words are those of the language nearest to what a browser asks for; where there are no
// texts in any such, those of another, which is asked for only then.
func (p *Pages) Words(r *http.Request, other func() string) words.Words {
	w, ok := p.languages.Find(r.Header.Get("Accept-Language"))
	if !ok {
		w = p.In(other())
	}
	return w
}

// In are the words of a language, English when there are none in it.
func (p *Pages) In(language string) words.Words {
	w, _ := p.languages.Find(language)
	return w
}

// Draw writes a template in a language.
func (p *Pages) Draw(to io.Writer, in words.Words, name string, data any) error {
	if err := p.in[in.Language()].ExecuteTemplate(to, name, data); err != nil {
		return fmt.Errorf("draw the page %s: %w", name, err)
	}
	return nil
}

// Write draws a template as the answer, in a language. Nobody keeps the page, frames it,
// lists it or is told where its reader came from, and it loads nothing but style from
// here. An error means that it could not be drawn and that nothing was written.
func (p *Pages) Write(w http.ResponseWriter, status int, in words.Words, name string, data any) error {
	var b bytes.Buffer
	if err := p.Draw(&b, in, name, data); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Language", in.Language())
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	w.WriteHeader(status)
	// The reader may have gone away; there is nobody left to tell.
	_, _ = w.Write(b.Bytes())
	return nil
}
