package email_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/email"
	"taskbridge/adapters/email/mailtest"
	"taskbridge/bot/chat"
)

// reader is somebody with a browser.
type reader struct {
	t    *testing.T
	b    *bench
	link string
}

// offered posts the offer and gives its reader.
func offered(t *testing.T) *reader {
	t.Helper()
	b := open(t, mailtest.Options{}, nil)
	root, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: offer(), DeliveryID: "main-1"})
	if err != nil {
		t.Fatal(err)
	}
	b.desk.put(root, offer())
	return &reader{t, b, b.mails.Mails()[0].Link("Open this job")}
}

func (r *reader) read(res *http.Response, err error) (int, string) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "Set-Cookie": "",
	} {
		if got := res.Header.Get(name); got != want {
			r.t.Errorf("%s is %q", name, got)
		}
	}
	if strings.Contains(string(body), "<script") {
		r.t.Error("there is a script in the page")
	}
	return res.StatusCode, string(body)
}

func (r *reader) get(link string) (int, string) {
	r.t.Helper()
	return r.read(http.Get(link))
}

func (r *reader) post(link string, v url.Values) (int, string) {
	r.t.Helper()
	return r.read(http.PostForm(link, v))
}

// hidden gives the hidden values of the form that has a button.
func hidden(t *testing.T, page, button string) url.Values {
	t.Helper()
	for _, form := range regexp.MustCompile(`(?s)<form.*?</form>`).FindAllString(page, -1) {
		if !strings.Contains(form, ">"+button+"</button>") {
			continue
		}
		v := url.Values{}
		for _, in := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
			v.Set(in[1], in[2])
		}
		return v
	}
	t.Fatalf("there is no button %q in\n%s", button, page)
	return nil
}

// TestLookingChangesNothing: mail programs open links. Whatever a link says, it is a
// look until somebody presses a button.
func TestLookingChangesNothing(t *testing.T) {
	t.Parallel()
	r := offered(t)
	mail := r.b.mails.Mails()[0]
	for _, label := range []string{"Accept", "Decline", "Open this job"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			req, err := http.NewRequestWithContext(t.Context(), method, mail.Link(label), nil)
			if err != nil {
				t.Fatal(err)
			}
			if code, _ := r.read(http.DefaultClient.Do(req)); code != http.StatusOK {
				t.Errorf("%s of %s: %d", method, label, code)
			}
		}
	}
	if got := r.b.desk.everything(); len(got) != 0 {
		t.Errorf("the desk was told %v", got)
	}
	_, page := r.get(mail.Link("Accept"))
	for _, want := range []string{"<h1>Accept?</h1>", "Nothing is done before you press this.", "acting for " + firm, "Mrs Ashby", "&lt;b&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
}

// TestPressing: a button is one press however often the page is sent, and what it says
// comes from the desk.
func TestPressing(t *testing.T) {
	t.Parallel()
	r := offered(t)
	r.b.desk.answer = func(chat.Inbound) (chat.Answer, error) { return chat.Private(chat.T("You are in <charge>.")), nil }
	_, page := r.get(r.link)
	v := hidden(t, page, "Accept")
	for range 2 {
		if code, page := r.post(r.link, v); code != http.StatusOK || !strings.Contains(page, "You are in &lt;charge&gt;.") {
			t.Errorf("%d\n%s", code, page)
		}
	}
	got := r.b.desk.everything()
	if len(got) != 2 || got[0].Key != got[1].Key {
		t.Fatalf("the desk was told %v", got)
	}
	click, ok := got[0].Body.(chat.Click)
	if !ok || click.Token != "ticket-accept" || got[0].Channel != firm || got[0].From.ID != firm || got[0].From.Kind != chat.External || got[0].Workspace != "email:main" {
		t.Errorf("the desk was told %+v", got[0])
	}
	_, page = r.get(r.link)
	r.post(r.link, hidden(t, page, "Accept"))
	if again := r.b.desk.everything()[2]; again.Key == got[0].Key {
		t.Error("another press has the key of the first")
	}
}

// TestForms: a form is filled in on a page, stays with what was typed when something is
// wrong, and says what.
func TestForms(t *testing.T) {
	t.Parallel()
	r := offered(t)
	form := chat.Form{
		Title: "Decline", Submit: "Send", Token: "form-token", Intro: "Say why.",
		Fields: []chat.Field{
			{Name: "reason", Label: "Reason", Kind: chat.Select, Options: []chat.Option{{Value: "far", Label: "Too far"}, {Value: "other", Label: "Other"}}},
			{Name: "text", Label: "More", Kind: chat.Paragraph, Optional: true, Help: "The desk reads it."},
			{Name: "again", Label: "Ask us again", Kind: chat.Tick, Value: "true"},
		},
	}
	r.b.desk.answer = func(in chat.Inbound) (chat.Answer, error) {
		switch b := in.Body.(type) {
		case chat.Click:
			return chat.Answer{Form: &form}, nil
		case chat.Submitted:
			if b.Values["text"] == "" {
				return chat.Answer{FieldErrors: map[string]string{"text": "Say more <please>."}, Refused: "invalid"}, nil
			}
			return chat.Private(chat.T("Declined.")), nil
		}
		return chat.Answer{}, errors.New("what is this?")
	}
	_, page := r.get(r.link)
	_, page = r.post(r.link, hidden(t, page, "Decline"))
	for _, want := range []string{`<label for="f-reason">`, `<option value="far">Too far</option>`, `name="v.again" value="true" checked`, "The desk reads it.", "Say why."} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	v := hidden(t, page, "Send")
	v.Set("v.reason", "far")
	v.Set("v.evil", "x")
	code, page := r.post(r.link, v)
	for _, want := range []string{"Say more &lt;please&gt;.", `aria-invalid="true" aria-describedby="e-text"`, `<option value="far" selected>`, `name="v.again" value="true">`} {
		if code != http.StatusUnprocessableEntity || !strings.Contains(page, want) {
			t.Errorf("%d: %q is not in\n%s", code, want, page)
		}
	}
	v = hidden(t, page, "Send")
	v.Set("v.reason", "far")
	v.Set("v.text", "two\r\nlines")
	if code, page = r.post(r.link, v); code != http.StatusOK || !strings.Contains(page, "Declined.") {
		t.Errorf("%d\n%s", code, page)
	}
	got := r.b.desk.everything()
	sent, ok := got[len(got)-1].Body.(chat.Submitted)
	if !ok || sent.Token != "form-token" || sent.Values["text"] != "two\nlines" || sent.Values["reason"] != "far" || sent.Values["evil"] != "" {
		t.Errorf("the desk was told %+v", got[len(got)-1])
	}
	if got[1].Key == got[2].Key {
		t.Error("the corrected form has the key of the refused one")
	}
}

// TestWriting: what is written on the page is said in the job's thread.
func TestWriting(t *testing.T) {
	t.Parallel()
	r := offered(t)
	_, page := r.get(r.link)
	v := hidden(t, page, "Send")
	v.Set("text", " We come at <9>.\r\nBye ")
	for range 2 {
		if code, page := r.post(r.link, v); code != http.StatusOK || !strings.Contains(page, "Your message is with the desk.") {
			t.Errorf("%d\n%s", code, page)
		}
	}
	v.Set("text", "  ")
	if code, _ := r.post(r.link, v); code != http.StatusUnprocessableEntity {
		t.Errorf("an empty message: %d", code)
	}
	v.Set("text", strings.Repeat("x", 300_000))
	if code, _ := r.post(r.link, v); code != http.StatusBadRequest {
		t.Errorf("a huge message: %d", code)
	}
	got := r.b.desk.everything()
	if len(got) != 2 {
		t.Fatalf("the desk was told %d times", len(got))
	}
	one, ok := got[0].Body.(chat.Said)
	two, _ := got[1].Body.(chat.Said)
	if !ok || one.Text != "We come at <9>.\nBye" || one.Thread == "" || one.Message == "" || one.Message != two.Message || got[0].Key != got[1].Key || strings.Contains(one.Message, ".") {
		t.Errorf("the desk was told %+v", got)
	}
}

// attached sends a form with files.
func (r *reader) attached(v url.Values, files map[string]string) (int, string) {
	r.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range v {
		if err := w.WriteField(name, v.Get(name)); err != nil {
			r.t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part, err := w.CreateFormFile("files", name)
		if err == nil {
			_, err = io.WriteString(part, files[name])
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		r.t.Fatal(err)
	}
	return r.read(http.Post(r.link, w.FormDataContentType(), &body))
}

// TestWritingWithFiles: photos are said with the words, or without; what is too much is
// refused, and nothing of it is said.
func TestWritingWithFiles(t *testing.T) {
	t.Parallel()
	r := offered(t)
	_, page := r.get(r.link)
	v := hidden(t, page, "Send")
	if !strings.Contains(page, "Up to 10 files, 25 MB together.") {
		t.Errorf("the page does not say what it takes:\n%s", page)
	}
	v.Set("text", "The old pump")
	photos := map[string]string{"../pump.jpg": "the pump", "meter.jpg": "the meter"}
	for range 2 {
		if code, page := r.attached(v, photos); code != http.StatusOK || !strings.Contains(page, "Your message is with the desk.") {
			t.Errorf("%d\n%s", code, page)
		}
	}
	v.Set("text", "")
	if code, page := r.attached(v, map[string]string{"meter.jpg": "the meter"}); code != http.StatusOK {
		t.Errorf("a photo alone: %d\n%s", code, page)
	}
	if code, page := r.attached(v, map[string]string{"": "no name"}); code != http.StatusUnprocessableEntity {
		t.Errorf("nothing at all: %d\n%s", code, page)
	}
	many := map[string]string{}
	for n := range 11 {
		many[fmt.Sprintf("%d.jpg", n)] = "x"
	}
	for name, files := range map[string]map[string]string{"many": many, "an empty one": {"a.jpg": ""}, "a large one": {"a.jpg": strings.Repeat("x", 25<<20+1)}, "too much": {"a.jpg": strings.Repeat("x", 26<<20)}} {
		if code, page := r.attached(v, files); code != http.StatusRequestEntityTooLarge || !strings.Contains(page, "Nothing was sent") {
			t.Errorf("%s: %d\n%s", name, code, page)
		}
	}
	got := r.b.desk.everything()
	if len(got) != 3 || got[0].Key != got[1].Key || got[2].Key == got[0].Key {
		t.Fatalf("the desk was told %+v", got)
	}
	said, _ := got[0].Body.(chat.Said)
	alone, _ := got[2].Body.(chat.Said)
	if said.Text != "The old pump" || len(said.Files) != 2 || said.Files[0].Name != "pump.jpg" || len(alone.Files) != 1 || alone.Message == said.Message {
		t.Fatalf("the desk was told %+v and %+v", said, alone)
	}
	content, _, err := r.b.Fetch(t.Context(), said.Files[1])
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if text, err := io.ReadAll(content); err != nil || string(text) != "the meter" {
		t.Errorf("the file is %q: %v", text, err)
	}
	without := open(t, mailtest.Options{}, func(c *email.Config) { c.Shelf = nil })
	root, err := without.Post(t.Context(), chat.Post{Channel: firm, Message: offer(), DeliveryID: "main-1"})
	if err != nil {
		t.Fatal(err)
	}
	without.desk.put(root, offer())
	bare := &reader{t, without, without.mails.Mails()[0].Link("Open this job")}
	if _, page := bare.get(bare.link); strings.Contains(page, `type="file"`) {
		t.Errorf("files are asked for that nobody keeps:\n%s", page)
	}
	if code, _ := bare.attached(url.Values{"act": {"say"}, "nonce": {"n"}, "text": {"Look"}}, photos); code != http.StatusRequestEntityTooLarge || len(without.desk.everything()) != 0 {
		t.Errorf("files that nobody keeps: %d", code)
	}
}

// TestLinks: a link is good for one address and one job, for a while, and for nobody who
// changed it.
func TestLinks(t *testing.T) {
	t.Parallel()
	r := offered(t)
	token := strings.TrimPrefix(r.link, r.b.pages.URL+email.JobPath)
	parts := strings.Split(token, ".")
	with := func(n int, s string) string {
		p := append([]string(nil), parts...)
		p[n] = s
		return r.b.pages.URL + email.JobPath + strings.Join(p, ".")
	}
	_, page := r.get(r.link)
	press := hidden(t, page, "Accept")
	for name, link := range map[string]string{
		"another address": with(0, "ZXZlQGV2aWwuZXhhbXBsZQ"), "another job": with(1, "aaaaaaaaaaaaaaaa"), "a longer life": with(2, "zzzz"),
		"another signature": with(3, strings.Repeat("A", 22)), "no signature": with(3, ""), "a short one": r.b.pages.URL + email.JobPath + "x",
	} {
		for what, code := range map[string]int{
			"looking":  first(r.get(link)),
			"pressing": first(r.post(link, press)),
		} {
			if code != http.StatusNotFound {
				t.Errorf("%s by %s: %d", what, name, code)
			}
		}
	}
	r.b.now = func() time.Time { return noon().Add(200 * 24 * time.Hour) }
	if code, page := r.post(r.link, press); code != http.StatusGone || !strings.Contains(page, "too old") {
		t.Errorf("an old link: %d\n%s", code, page)
	}
	if got := r.b.desk.everything(); len(got) != 0 {
		t.Errorf("the desk was told %v", got)
	}
}

// TestTroublesOfTheDesk: what was not kept is said to be not kept.
func TestTroublesOfTheDesk(t *testing.T) {
	t.Parallel()
	r := offered(t)
	_, page := r.get(r.link)
	r.b.desk.answer = func(chat.Inbound) (chat.Answer, error) {
		return chat.Answer{}, errors.New("the database at db.internal is down")
	}
	for _, button := range []string{"Accept", "Send"} {
		v := hidden(t, page, button)
		v.Set("text", "Hello")
		if code, page := r.post(r.link, v); code != http.StatusServiceUnavailable || !strings.Contains(page, "nothing was changed") || strings.Contains(page, "db.internal") {
			t.Errorf("%s: %d\n%s", button, code, page)
		}
	}
	r.b.desk.answer = func(chat.Inbound) (chat.Answer, error) {
		a := chat.Private(chat.T("Ben was first."))
		a.Refused = "conflict"
		return a, nil
	}
	if code, page := r.post(r.link, hidden(t, page, "Accept")); code != http.StatusConflict || !strings.Contains(page, "Ben was first.") {
		t.Errorf("%d\n%s", code, page)
	}
	if code, _ := r.post(r.link, url.Values{"act": {"explode"}}); code != http.StatusBadRequest {
		t.Errorf("nonsense: %d", code)
	}
	if code, _ := r.post(r.link, url.Values{"act": {"submit"}, "form": {"bm9uc2Vuc2U"}}); code != http.StatusBadRequest {
		t.Errorf("a broken form: %d", code)
	}
}

// ids are the ids of a page, each once.
func ids(t *testing.T, page string) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if slices.Contains(all, m[1]) {
			t.Errorf("the id %s is there twice in\n%s", m[1], page)
		}
		all = append(all, m[1])
	}
	return all
}

// TestNothingTypedIsLost: what was filled in or written stands on the page again when
// nothing was done with it, whatever the reason.
func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	r := offered(t)
	form := chat.Form{Title: "Decline", Submit: "Decline it", Token: "form-token", Fields: []chat.Field{
		{Name: "reason", Label: "Reason", Kind: chat.Line}, {Name: "text", Label: "More", Kind: chat.Paragraph}, {Name: "sure", Label: "Sure", Kind: chat.Tick},
	}}
	r.b.desk.answer = func(chat.Inbound) (chat.Answer, error) { return chat.Answer{Form: &form}, nil }
	_, job := r.get(r.link)
	_, filled := r.post(r.link, hidden(t, job, "Decline"))
	ids(t, filled)
	said := hidden(t, job, "Send")
	said.Set("text", "We come at <nine>.")
	sent := hidden(t, filled, "Decline it")
	sent.Set("v.reason", "Too far")
	sent.Set("v.text", "Beyond <York>")
	const words, reason, text = "We come at &lt;nine&gt;.</textarea>", `name="v.reason" value="Too far"`, "Beyond &lt;York&gt;</textarea>"
	refused := chat.Private(chat.T("Ben was first."))
	refused.Refused = "conflict"
	same := map[string]string{"reason": "Fill this in.", "text": "Fill this in.", "sure": "Fill this in."}
	for name, c := range map[string]struct {
		code   int
		says   string
		answer func(chat.Inbound) (chat.Answer, error)
	}{
		"a refusal":           {http.StatusConflict, "Ben was first.", func(chat.Inbound) (chat.Answer, error) { return refused, nil }},
		"a desk that is down": {http.StatusServiceUnavailable, "nothing was changed", func(chat.Inbound) (chat.Answer, error) { return chat.Answer{}, errors.New("down") }},
	} {
		r.b.desk.answer = c.answer
		for _, v := range []url.Values{said, sent} {
			code, page := r.post(r.link, v)
			if kept := strings.Contains(page, words) || strings.Contains(page, reason) && strings.Contains(page, text); code != c.code || !kept || !strings.Contains(page, c.says) {
				t.Errorf("%s: %d\n%s", name, code, page)
			}
			ids(t, page)
		}
	}
	r.b.desk.answer = func(chat.Inbound) (chat.Answer, error) {
		return chat.Answer{FieldErrors: same, Refused: "invalid"}, nil
	}
	_, page := r.post(r.link, sent)
	got := ids(t, page)
	for _, id := range []string{"e-reason", "e-text", "e-sure"} {
		if !slices.Contains(got, id) || !strings.Contains(page, `aria-describedby="`+id+`"`) {
			t.Errorf("%s is in none of the ids, or nothing is described by it\n%s", id, page)
		}
	}
	for name, file := range map[string]string{"none": "", "too large": strings.Repeat("x", 26<<20)} {
		if code, page := r.attached(said, map[string]string{"a.jpg": file}); code != http.StatusRequestEntityTooLarge || !strings.Contains(page, words) {
			t.Errorf("beside a file that is %s: %d\n%s", name, code, page)
		}
	}
}

func first(code int, _ string) int { return code }

// TestWritingOnAnOldPage: whoever writes about a job that was closed to them meanwhile is
// told, for nobody reads it.
func TestWritingOnAnOldPage(t *testing.T) {
	t.Parallel()
	r := offered(t)
	_, page := r.get(r.link)
	v := hidden(t, page, "Send")
	v.Set("text", "We come at nine.")
	r.b.desk.mu.Lock()
	for at := range r.b.desk.cards {
		r.b.desk.cards[at] = chat.Message{Title: "#12", Tone: chat.Closed}
	}
	r.b.desk.mu.Unlock()
	if code, page := r.post(r.link, v); code != http.StatusConflict || !strings.Contains(page, "your message was not sent") || !strings.Contains(page, "readonly>We come at nine.</textarea>") {
		t.Errorf("%d\n%s", code, page)
	}
	if got := r.b.desk.everything(); len(got) > 0 {
		t.Errorf("the desk was told %+v", got)
	}
}
