package plainpage_test

import (
	"html/template"
	"net/http/httptest"
	"testing"

	"taskbridge/adapters/plainpage"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	pages := template.Must(template.New("hello").Parse(`<p>{{.Name}}</p>`))
	w := httptest.NewRecorder()
	if err := plainpage.Write(w, 404, pages, "hello", map[string]string{"Name": "<b>"}); err != nil {
		t.Fatal(err)
	}
	if w.Code != 404 || w.Body.String() != "<p>&lt;b&gt;</p>" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
		"X-Robots-Tag": "noindex, nofollow", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	w = httptest.NewRecorder()
	if err := plainpage.Write(w, 200, pages, "hello", 1); err == nil || w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("a page that cannot be drawn: %v, %q", err, w.Body)
	}
}
