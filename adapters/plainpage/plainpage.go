package plainpage

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
)

// Write draws a template as the answer. Nobody keeps the page, frames it, lists it or is
// told where its reader came from, and it loads nothing but style from here. An error
// means that it could not be drawn and that nothing was written.
func Write(w http.ResponseWriter, status int, pages *template.Template, name string, data any) error {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("draw the page %s: %w", name, err)
	}
	h := w.Header()
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
