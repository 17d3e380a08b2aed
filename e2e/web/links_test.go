package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// pages serves the pages and letters of adapters as their own tests keep them, with the
// style that they load, and gives their paths.
func pages(t *testing.T) (address string, paths []string) {
	t.Helper()
	m := http.NewServeMux()
	for _, adapter := range []string{"status", "email"} {
		folder := filepath.Join("..", "..", "adapters", adapter)
		m.HandleFunc("/"+adapter+"/style.css", func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, filepath.Join(folder, "templates", "style.css"))
		})
		names, err := filepath.Glob(filepath.Join(folder, "testdata", "*.html"))
		if err != nil || len(names) < 6 {
			t.Fatalf("%d pages of %s: %v", len(names), adapter, err)
		}
		for _, name := range names {
			path := "/" + adapter + "/" + filepath.Base(name)
			paths = append(paths, path)
			m.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Error(err)
				}
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write(text)
			})
		}
	}
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	return s.URL, paths
}

// TestAccessibleBehindLinks checks what people reach without signing in: the customer's
// status page and rating, the pages behind letters and the letters themselves, in every
// language, in light and in dark, and on a phone.
func TestAccessibleBehindLinks(t *testing.T) {
	rules := axe(t)
	at, paths := pages(t)
	w := open(t, browser(t), 1100, 900, at+paths[0])
	for _, path := range paths {
		for _, width := range []int64{360, 1100} {
			w.run("open "+path, emulation.SetDeviceMetricsOverride(width, 900, 1, width < 600), chromedp.Navigate(at+path))
			w.sees(path, `document.body.textContent.length > 50`)
			w.accessible(path, rules)
			w.fitsAll(path)
			w.picture(strings.NewReplacer("/", "", ".html", "", ".", "-").Replace(strings.TrimPrefix(path, "/")) + map[bool]string{true: "-phone"}[width < 600])
		}
	}
}

// TestAccessibleDoor checks the ways in by mail: where one types one's address, what is
// said to it, and a link that is spent.
func TestAccessibleDoor(t *testing.T) {
	rules := axe(t)
	// Nobody listens at the mail server's address; nobody has to for the pages.
	s := serve(t, "TASKBRIDGE_SMTP_URL=smtp://127.0.0.1:9?tls=none", "TASKBRIDGE_SMTP_FROM=The Desk <tasks@desk.example>")
	w := open(t, browser(t), 360, 740, s.address+"/web/sign-in")
	check := func(what, seen string) {
		t.Helper()
		w.sees(what, seen)
		w.accessible(what, rules)
		w.fitsAll(what)
		w.picture("door-" + strings.ReplaceAll(what, " ", "-"))
	}
	check("where one types", `document.querySelector("#email")`)
	w.js("type what is none", `document.querySelector("#email").type = "text"; document.querySelector("#email").value = "nobody"; document.querySelector("form").noValidate = true`)
	w.click(`form button`)
	check("what is wrong", `document.querySelector("#email-fault")`)
	w.run("type an address", chromedp.SetValue(`#email`, "olivia@example.org", chromedp.ByQuery))
	w.click(`form button`)
	check("what is on its way", `document.querySelector("[role=status]")`)
	w.run("open a link", chromedp.Navigate(s.run("web", "add", "Olivia Hart", "olivia@example.org")))
	check("a link of somebody's", `document.querySelector("button").textContent === "Sign in as Olivia Hart"`)
	w.run("open a link", chromedp.Navigate(s.address+"/web/sign-in/"+strings.Repeat("A", 52)))
	check("a spent link", `document.querySelector("#email")`)
}
