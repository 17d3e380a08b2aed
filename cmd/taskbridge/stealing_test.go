package main

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"taskbridge/adapters/web"
)

// TestSignInLinks: a link signs one person in, once, soon, and by a press of its button;
// nothing near it does, and a session ends when it should.
func TestSignInLinks(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	page := "/web/c/" + h.rooms["Acme"]
	link := h.link(firmA)
	// Programs that look mail through open links; that must not use them up.
	for range 3 {
		if a := h.send(nobody, http.MethodGet, link, nil); a.status != http.StatusOK || len(a.cookies) > 0 {
			t.Fatalf("to look at a link: %d, cookies %v", a.status, a.cookies)
		}
	}
	head, secret, _ := strings.Cut(link, "/sign-in/")
	for name, near := range map[string]string{
		"a part": secret[1:], "one more": secret + "A", "another case": strings.ToLower(secret), "another end": secret[:51] + "0", "nothing": "%20", "a wildcard": "%25",
	} {
		if a := h.send(nobody, http.MethodPost, head+"/sign-in/"+near, nil); a.status != http.StatusGone || len(a.cookies) > 0 {
			t.Errorf("%s of a link: %d, cookies %v", name, a.status, a.cookies)
		}
	}
	// Of many who press at once one comes in.
	var mu sync.Mutex
	var in []string
	var wg sync.WaitGroup
	for range 8 {
		r := h.request(nobody, http.MethodPost, link, nil)
		wg.Go(func() {
			client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			res, err := client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			for _, c := range res.Cookies() {
				in = append(in, c.Value)
				if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/web/" {
					t.Errorf("the cookie is %+v", c)
				}
			}
		})
	}
	wg.Wait()
	if len(in) != 1 {
		t.Fatalf("%d came in by one link", len(in))
	}
	if a := h.send(nobody, http.MethodPost, link, nil); a.status != http.StatusGone {
		t.Errorf("a link that was used: %d", a.status)
	}
	as := func(cookie string) int {
		h.sessions["with a cookie"] = cookie
		return h.send("with a cookie", http.MethodGet, page, nil).status
	}
	if got := as(in[0]); got != http.StatusOK {
		t.Errorf("the session: %d", got)
	}
	for name, near := range map[string]string{"a part": in[0][1:], "another case": strings.ToLower(in[0]), "the link": secret, "the person": h.ids[firmA]} {
		if got := as(near); got != http.StatusUnauthorized {
			t.Errorf("%s for a session: %d", name, got)
		}
	}
	// Who signs in on a device ends what was there.
	h.sessions["same device"] = in[0]
	if a := h.send("same device", http.MethodPost, h.link(firmB), nil); a.status != http.StatusSeeOther {
		t.Fatalf("sign in over a session: %d", a.status)
	}
	if got := as(in[0]); got != http.StatusUnauthorized {
		t.Errorf("the session before: %d", got)
	}
	late := h.link(firmA)
	h.past.pass(15*time.Minute + time.Second)
	if a := h.send(nobody, http.MethodPost, late, nil); a.status != http.StatusGone {
		t.Errorf("a link after a quarter of an hour: %d", a.status)
	}
	fresh := h.signIn(firmA)
	h.past.pass(14*24*time.Hour - time.Minute)
	if got := as(fresh); got != http.StatusOK {
		t.Errorf("a session before its end: %d", got)
	}
	h.past.pass(2 * time.Minute)
	if got := as(fresh); got != http.StatusUnauthorized {
		t.Errorf("a session after its end: %d", got)
	}
}

// TestLinksAreGivenSparingly: an hour's links for one person have an end, and others get
// theirs all the same.
func TestLinksAreGivenSparingly(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	given := 0
	for range 20 {
		if _, err := h.web.IssueLink(t.Context(), h.ids[firmA]); err == nil {
			given++
		}
	}
	if given == 0 || given > 5 {
		t.Errorf("%d links were given", given)
	}
	h.link(firmB)
}

// TestFilesFollowTheirMessage: a file's address is worth nothing without the message
// that shows it, and ends with it and with one's place in the channel.
func TestFilesFollowTheirMessage(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	// A pixel, of which there is a preview.
	plan, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
	must(t, err)
	if a := h.attaches(firmA, "Acme", h.cards["Acme"], "plan.png", "image/png", plan); a.status != http.StatusNoContent {
		t.Fatalf("attach: %d %s", a.status, a.text)
	}
	m := h.said("Acme", h.cards["Acme"], "See plan.png")
	path := "/web/f/" + m.Files[0]
	for role, want := range map[string]int{nobody: 401, firmB: 404, external: 404, manager: 404, firmA: 200, operator: 200} {
		file, preview := h.send(role, http.MethodGet, path, nil), h.send(role, http.MethodGet, path+"/preview", nil)
		if file.status != want || (want == 200) != (file.text == string(plan)) {
			t.Errorf("%s: %d %s, want %d", role, file.status, file.text, want)
		}
		if preview.status != want || want == 200 && preview.header.Get("Content-Type") != "image/jpeg" || want != 200 && preview.text != file.text {
			t.Errorf("%s: of the preview %d %s, want %d", role, preview.status, preview.text, want)
		}
	}
	must(t, h.web.RemoveMember(t.Context(), h.rooms["Acme"], h.ids[firmA]))
	for _, gone := range []string{path, path + "/preview", "/web/c/" + h.rooms["Acme"], "/web/m/" + m.ID + "/edit"} {
		if a := h.send(firmA, http.MethodGet, gone, nil); a.status != http.StatusNotFound {
			t.Errorf("who left reads %s: %d", gone, a.status)
		}
	}
	must(t, h.web.AddMembers(t.Context(), h.rooms["Acme"], []string{h.ids[firmA]}))
	if a := h.send(firmA, http.MethodPost, "/web/m/"+m.ID+"/delete", nil); a.status != http.StatusNoContent {
		t.Fatalf("delete: %d %s", a.status, a.text)
	}
	for _, role := range []string{firmA, operator} {
		for _, gone := range []string{path, path + "/preview"} {
			if a := h.send(role, http.MethodGet, gone, nil); a.status != http.StatusNotFound {
				t.Errorf("%s: the file of a message that was deleted: %s: %d", role, gone, a.status)
			}
		}
	}
}

// TestStatusLinks: whoever holds a customer's link reads how the job stands and no word
// of it; a link near it or one that was ended leads nowhere.
func TestStatusLinks(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	link := regexp.MustCompile(`/status/([A-Za-z0-9_-]+)`)
	ask := func() string {
		h.says(operator, web.Operations, "", "/task status-link 1")
		found := ""
		for _, m := range h.messages(web.Operations, "") {
			if hit := link.FindStringSubmatch(m.Body); hit != nil {
				found = hit[1]
			}
		}
		return found
	}
	token := ask()
	if token == "" {
		t.Fatal("no link was shown")
	}
	a := h.send(nobody, http.MethodGet, "/status/"+token, nil)
	if a.status != http.StatusOK {
		t.Fatalf("the link: %d", a.status)
	}
	for _, words := range []string{"Boiler", "Acme", "Olivia", "Internal", "#1"} {
		if strings.Contains(a.text, words) {
			t.Errorf("the customer reads %q", words)
		}
	}
	for _, near := range []string{token[1:], token + "A", token[:len(token)-1] + "_", strings.ToUpper(token), "1"} {
		if a := h.send(operator, http.MethodGet, "/status/"+near, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", near, a.status)
		}
	}
	h.says(operator, web.Operations, "", "/task status-link 1 off")
	if a := h.send(nobody, http.MethodGet, "/status/"+token, nil); a.status != http.StatusNotFound {
		t.Errorf("a link that was ended: %d", a.status)
	}
	if again := ask(); again == token {
		t.Error("the next link is the one that was ended")
	}
}

// hostile are words that would do something in a page that took them for its own.
func hostile() []string {
	return []string{
		`<script>document.title="taken"</script>`, `"><img src=x onerror=alert(1)>`, `<svg onload=alert(1)>`, `' hx-get="/web/sign-out" hx-trigger="load"`,
		`<a href="javascript:alert(1)">x</a>`, `javascript:alert(1)`, `{{.Me.Email}}`, `</textarea><script>alert(1)</script>`, `<iframe srcdoc="<script>alert(1)</script>">`,
		`<meta http-equiv=refresh content="0;url=https://evil.example">`, "\u202egnp.exe", `<style>*{display:none}</style>`, `<base href="https://evil.example/">`,
	}
}

// TestHostileWords: whatever is typed as a title, a comment, a file's name or a form's
// field is words on every page and in every change that is sent, and nothing else.
func TestHostileWords(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, words := range hostile() {
		h.past.pass(10 * time.Second)
		h.says(operator, web.Operations, "", "/task new "+words)
		h.says(firmA, "Acme", h.cards["Acme"], words)
		h.says(firmA, "Acme", "", words)
		if a := h.attaches(firmA, "Acme", h.cards["Acme"], words, "text/html", []byte(words)); a.status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", words, a.status, a.text)
		}
		h.past.pass(10 * time.Second)
		m := h.said("Acme", "", words)
		for _, at := range []string{
			"/web/c/" + h.rooms["Acme"], "/web/c/" + h.rooms["Acme"] + "/t/" + h.cards["Acme"], "/web/m/" + m.ID + "/edit",
			"/web/live?since=0&room=" + h.rooms["Acme"],
		} {
			a := h.send(firmA, http.MethodGet, at, nil)
			if a.status != http.StatusOK {
				t.Errorf("%s: %d", at, a.status)
			}
			if strings.HasPrefix(at, "/web/live") {
				// Within JSON, which escapes what would end an attribute or a tag.
				if strings.Contains(a.text, words) && strings.ContainsAny(words, "<>&") {
					t.Errorf("the line sends %q as it is", words)
				}
				continue
			}
			harmless(t, at, a.text)
		}
		harmless(t, "operations", h.send(operator, http.MethodGet, "/web/c/"+h.rooms[web.Operations], nil).text)
	}
	h.past.pass(time.Minute)
	for _, m := range h.messages("Acme", h.cards["Acme"]) {
		for _, id := range m.Files {
			a := h.send(firmA, http.MethodGet, "/web/f/"+id, nil)
			disposition := a.header.Get("Content-Disposition")
			if a.header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(disposition, "attachment") || strings.ContainsAny(disposition, "\r\n") ||
				a.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("a file comes with %v", a.header)
			}
		}
	}
}

// harmless checks that a page holds no element or attribute but those of ours.
func harmless(t *testing.T, at, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	must(t, err)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		src := ""
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "srcdoc", a.Key == "style":
				t.Errorf("%s: <%s %s=%q>", at, n.Data, a.Key, a.Val)
			case a.Key == "href" || a.Key == "src" || a.Key == "action" || strings.HasPrefix(a.Key, "hx-get") || strings.HasPrefix(a.Key, "hx-post"):
				src = a.Val
				if u, err := url.Parse(a.Val); err != nil || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
					t.Errorf("%s: <%s %s=%q>", at, n.Data, a.Key, a.Val)
				}
			case a.Key == "http-equiv":
				t.Errorf("%s: a page is told %q", at, a.Val)
			}
		}
		switch n.Data {
		case "script", "img", "link":
			// A link to a place of the page itself fetches nothing: it says what is waited for.
			if !strings.HasPrefix(src, "/web/assets/") && (n.Data != "link" || src != "#main") {
				t.Errorf("%s: <%s> of %q", at, n.Data, src)
			}
		case "iframe", "object", "embed", "base", "style":
			t.Errorf("%s: there is a <%s>", at, n.Data)
		}
	}
}
