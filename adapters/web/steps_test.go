package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"taskbridge/bot/chat"
)

// teller answers as a test wants and keeps what it was sent.
type teller struct {
	answer chat.Answer
	got    []chat.Inbound
}

func (h *teller) Handle(_ context.Context, in chat.Inbound) (chat.Answer, error) {
	h.got = append(h.got, in)
	return h.answer, nil
}

// post sends a form as a browser does.
func (d *deskUnderTest) post(path string, values url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://tasks.example.org"+Prefix+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: cookieName, Value: d.cookie})
	w := httptest.NewRecorder()
	d.a.Routes().ServeHTTP(w, r)
	return w
}

// filled is what a browser sends of the page's form.
func filled(doc *html.Node) url.Values {
	values := url.Values{}
	each(doc, func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case name == "" || n.Data == "meta":
		case n.Data == "input" && attr(n, "type") == "checkbox":
			for _, a := range n.Attr {
				if a.Key == "checked" {
					values.Add(name, attr(n, "value"))
				}
			}
		case n.Data == "input":
			values.Add(name, attr(n, "value"))
		case n.Data == "select":
			each(n, func(o *html.Node) {
				for _, a := range o.Attr {
					if a.Key == "selected" {
						values.Set(name, attr(o, "value"))
					}
				}
			})
		}
	})
	return values
}

// TestSteps: the page works without a script, and what it sends is what somebody would
// have typed into the form of the settings.
func TestSteps(t *testing.T) {
	t.Parallel()
	s := &shelf{doors: chat.Doors{Steps: true}, steps: chat.StepsPage{
		Steps: []chat.StepPage{
			{Name: "Planned", Icon: "calendar", Status: "planned", Standard: true}, {Name: hostile, Icon: "x", Status: "work", OwnName: true}, {Name: "Travel", Icon: "car", Status: "travel", Standard: true, OwnIcon: true},
		},
		Statuses: []chat.Option{{Value: "planned", Label: "Planned"}, {Value: "travel", Label: "Travel"}, {Value: "work", Label: "Work"}},
		Icons:    []chat.Option{{Value: "calendar", Label: "📅"}},
		Form:     chat.Form{Token: "the token"}, Changes: chat.T("Anna changed " + hostile),
	}}
	d, h := newDesk(t, s), &teller{}
	d.a.cfg.Handler = h
	page := d.get("/steps")
	doc := harmless(t, page.Body.String())
	values := filled(doc)
	if page.Code != http.StatusOK || values.Get("token") != "the token" {
		t.Fatalf("%d: %v", page.Code, values)
	}
	for _, want := range []string{`<b>Planned</b> <span title=":calendar:" aria-hidden="true">📅</span>`, ":car:"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	lines := func() string {
		t.Helper()
		last := h.got[len(h.got)-1]
		sent, ok := last.Body.(chat.Submitted)
		if !ok || sent.Token != "the token" || last.Channel != "" {
			t.Fatalf("sent was %+v", last)
		}
		return sent.Values["steps"]
	}
	if w := d.post("/steps", values); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/web/steps?saved=1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if got, want := lines(), "Planned | calendar | planned\n"+hostile+" | x | work | own name\nTravel | car | travel | own icon"; got != want {
		t.Errorf("unchanged it sends\n%s\nwant\n%s", got, want)
	}
	values.Set("status-2", "planned")
	values.Set("remove-1", "1")
	values.Set("own-name-0", "1")
	values.Set("new-name", "Drying | open\nFake | x | open")
	values.Set("new-icon", "droplet")
	values.Set("new-status", "work")
	h.answer = chat.Answer{FieldErrors: map[string]string{"steps": "The icon <b> is none."}, Refused: "invalid"}
	w := d.post("/steps", values)
	if got, want := lines(), "Planned | calendar | planned | own name\nTravel | car | planned | own icon\nDrying / open Fake / x / open | droplet | work | own name"; got != want {
		t.Errorf("changed it sends\n%s\nwant\n%s", got, want)
	}
	again := filled(harmless(t, w.Body.String()))
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(w.Body.String()), "The icon <b> is none.") {
		t.Errorf("%d", w.Code)
	}
	for _, name := range []string{"status-2", "remove-1", "own-name-0", "new-icon", "new-status", "token"} {
		if again.Get(name) != values.Get(name) {
			t.Errorf("%s was %q and is %q", name, values.Get(name), again.Get(name))
		}
	}
	values.Set("new-name", " ")
	if d.post("/steps", values); !strings.HasSuffix(lines(), "\n | droplet | work | own name") {
		t.Errorf("an icon without a name is lost: %s", lines())
	}
	values.Del("token")
	if w := d.post("/steps", values); w.Code != http.StatusForbidden {
		t.Errorf("without a token: %d", w.Code)
	}
	s.err = chat.ErrForbidden
	values.Set("token", "the token")
	before := len(h.got)
	if w := d.post("/steps", values); w.Code != http.StatusForbidden || len(h.got) != before {
		t.Errorf("who may not: %d, and %d were sent", w.Code, len(h.got)-before)
	}
}
