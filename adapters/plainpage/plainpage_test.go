package plainpage_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"taskbridge/adapters/plainpage"
	"taskbridge/bot/words"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	languages, err := words.Load(fstest.MapFS{"languages/x.de.yaml": {Data: []byte(`"Hello": "Hallo"`)}})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := plainpage.Parse(languages, fstest.MapFS{"templates/hello.html": {Data: []byte(`<p lang="{{language}}">{{say "Hello"}} {{.Name}} {{more}}</p>`)}},
		map[string]any{"more": func() string { return "&" }})
	if err != nil {
		t.Fatal(err)
	}
	for accepted, want := range map[string]string{
		"":                         `<p lang="de">Hallo &lt;b&gt; &amp;</p>`,
		"fr":                       `<p lang="de">Hallo &lt;b&gt; &amp;</p>`,
		"de-AT,de;q=0.9,en;q=0.8":  `<p lang="de">Hallo &lt;b&gt; &amp;</p>`,
		"en-GB, en;q=0.9,de;q=0.3": `<p lang="en">Hello &lt;b&gt; &amp;</p>`,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", accepted)
		in := pages.Words(r, func() string { return "de" })
		w := httptest.NewRecorder()
		if err := pages.Write(w, 404, in, "hello.html", map[string]string{"Name": "<b>"}); err != nil {
			t.Fatal(err)
		}
		if w.Code != 404 || w.Body.String() != want {
			t.Errorf("%s: %d %s", accepted, w.Code, w.Body)
		}
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Content-Language": in.Language(),
			"X-Robots-Tag": "noindex, nofollow", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
	w := httptest.NewRecorder()
	if err := pages.Write(w, 200, pages.In("tlh"), "hello.html", 1); err == nil || w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("a page that cannot be drawn: %v, %q", err, w.Body)
	}
	if _, err := plainpage.Parse(languages, fstest.MapFS{"templates/hello.html": {Data: []byte(`{{no`)}}, nil); err == nil {
		t.Error("a broken template is taken")
	}
}
