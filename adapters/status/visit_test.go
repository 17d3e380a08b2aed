package status_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// asked is a job whose customer is asked about the planned time, and may have answered.
func asked(answer, text string) chat.StatusView {
	v := planned()
	v.CanAnswer, v.Answer, v.Text = true, answer, text
	return v
}

// TestVisitFile: whoever has the link gets the planned visit for their calendar, and nothing
// else of the job.
func TestVisitFile(t *testing.T) {
	t.Parallel()
	d := &desk{view: planned()}
	at := serve(t, d)
	if _, page := get(t, at+token); !strings.Contains(page, `href="/status/`+token+`/visit.ics">Add to your calendar</a>`) {
		t.Errorf("no file is offered in\n%s", page)
	}
	file := func(link string) (int, string, string) {
		t.Helper()
		res, err := http.Get(link + "/visit.ics")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), string(body)
	}
	if code, kind, text := file(at + token); code != http.StatusOK || !strings.HasPrefix(kind, "text/calendar") || !strings.Contains(text, "UID:visit-a1@taskbridge\r\n") || strings.Contains(text, "LOCATION") {
		t.Errorf("%d %s\n%s", code, kind, text)
	}
	if code, kind, _ := file(at + "x"); code != http.StatusNotFound || !strings.HasPrefix(kind, "text/html") {
		t.Errorf("by a wrong link: %d %s", code, kind)
	}
	d.view.Visit = nil
	if code, _, text := file(at + token); code != http.StatusNotFound || !strings.Contains(text, "<h1>") {
		t.Errorf("without a visit: %d\n%s", code, text)
	}
}

// TestVisit: the page asks whether the planned time suits. Looking answers nothing; an
// answer is shown and may be changed, what is refused stays as it was typed, and a flood
// is not let through.
func TestVisit(t *testing.T) {
	t.Parallel()
	d := &desk{view: asked("", "")}
	at := serve(t, d)
	code, page := get(t, at+token+"?visit=agreed")
	for _, want := range []string{"Does this time suit you?", "Monday 16 March 2026, 09:00 – 11:00 UTC", ">This suits me</button>", ">Another time, please</button>", "Those who come and those who sent them read this."} {
		if code != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d: %q is not in\n%s", code, want, page)
		}
	}
	if len(d.rated) != 0 {
		t.Errorf("a look at the page answered %q", d.rated)
	}
	form := url.Values{}
	for _, name := range []string{"nonce", "from", "to"} {
		form.Set(name, regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)[1])
	}
	post := func(answer, text string) (int, string) {
		t.Helper()
		form.Set("visit", answer)
		form.Set("text", text)
		return send(t, at+token, form)
	}
	if code, page := post("another", strings.Repeat("x", 501)+"<b>"); code != http.StatusUnprocessableEntity || !strings.Contains(page, "Shorten your words to 500 characters.") || !strings.Contains(page, "x&lt;b&gt;</textarea>") {
		t.Errorf("too long: %d\n%s", code, page)
	}
	if code, page := post("another", "After <five>\r\nplease"); code != http.StatusOK || !strings.Contains(page, "You asked for another time.") || !strings.Contains(page, "<blockquote>After &lt;five&gt;\nplease</blockquote>") || !strings.Contains(page, "Change your answer") {
		t.Errorf("another time: %d\n%s", code, page)
	}
	if code, page := post("agreed", "not sent"); code != http.StatusOK || !strings.Contains(page, "You agreed to this time.") || strings.Contains(page, ">This suits me</button>") {
		t.Errorf("agreed: %d\n%s", code, page)
	}
	d.view.To = d.view.To.Add(1)
	if code, page := post("another", "Never <b>"); code != http.StatusUnprocessableEntity || !strings.Contains(page, "planned &lt;anew&gt;") || !strings.Contains(page, "Never &lt;b&gt;</textarea>") {
		t.Errorf("planned anew: %d\n%s", code, page)
	}
	if len(d.rated) != 3 || !strings.HasSuffix(d.rated[0], " another After <five>\nplease") || !strings.HasSuffix(d.rated[1], " agreed ") {
		t.Errorf("the desk was told %q", d.rated)
	}
	if code, _ := send(t, at+"x", form); code != http.StatusNotFound {
		t.Errorf("by a wrong link: %d", code)
	}
	d.view.CanAnswer = false
	if _, page := get(t, at+token); strings.Contains(page, "<form") || !strings.Contains(page, "You agreed to this time.") {
		t.Errorf("when it is too late:\n%s", page)
	}
	limited := false
	for range 40 {
		code, _ := post("agreed", "")
		limited = limited || code == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("a flood is let through")
	}
	// The test's requests come by a proxy of our own, as those of somebody else do here.
	req, err := http.NewRequest(http.MethodPost, at+token, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Forwarded-For", "198.51.100.7")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusTooManyRequests {
		t.Error("what one place does keeps others out")
	}
}
