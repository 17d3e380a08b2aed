package slack_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// tab is a browser of its own.
type tab struct {
	d      *desk
	client *http.Client
}

func (d *desk) tab() *tab {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	d.must(err)
	return &tab{d, &http.Client{Jar: jar, Timeout: patience}}
}

// get reads a page.
func (b *tab) get(address string) (int, string) { return b.send(http.MethodGet, address, nil) }

// post sends a form.
func (b *tab) post(address string, values url.Values) (int, string) {
	return b.send(http.MethodPost, address, values)
}

func (b *tab) send(method, address string, values url.Values) (int, string) {
	b.d.t.Helper()
	r, err := http.NewRequestWithContext(b.d.t.Context(), method, b.d.address(address), strings.NewReader(values.Encode()))
	b.d.must(err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "text/html")
	res, err := b.client.Do(r)
	b.d.must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	b.d.must(err)
	return res.StatusCode, string(text)
}

// attach writes about a job with a file.
func (b *tab) attach(address, text, name, content string) (int, string) {
	b.d.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	b.d.must(errors.Join(form.WriteField("to", "comment"), form.WriteField("text", text)))
	part, err := form.CreateFormFile("files", name)
	b.d.must(err)
	_, err = io.WriteString(part, content)
	b.d.must(errors.Join(err, form.Close()))
	r, err := http.NewRequestWithContext(b.d.t.Context(), http.MethodPost, b.d.address(address), &body)
	b.d.must(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	res, err := b.client.Do(r)
	b.d.must(err)
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	b.d.must(err)
	return res.StatusCode, string(said)
}

// listens waits on a page's line for something, and tells when it came.
func (b *tab) listens(address, until string) <-chan error {
	b.d.t.Helper()
	r, err := http.NewRequestWithContext(b.d.t.Context(), http.MethodGet, b.d.address(address), nil)
	b.d.must(err)
	res, err := b.client.Do(r)
	b.d.must(err)
	told := make(chan error, 1)
	go func() {
		defer func() { _ = res.Body.Close() }()
		for lines := bufio.NewScanner(res.Body); ; {
			if !lines.Scan() {
				told <- fmt.Errorf("the line ended without %s: %w", until, lines.Err())
				return
			}
			if lines.Text() == until {
				told <- nil
				return
			}
		}
	}()
	return told
}

func (d *desk) address(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return d.program.URL + path
}

var signIn = regexp.MustCompile(`https?://[^|>"\\]+/web/sign-in/[A-Z2-7]+(\?job=\d+)?`)

// linkIn is the sign-in link that somebody was shown.
func (d *desk) linkIn(blocks json.RawMessage) string {
	d.t.Helper()
	link := signIn.FindString(string(blocks))
	if link == "" {
		d.t.Fatalf("no link in %s", blocks)
	}
	return link
}

// press presses a button of a job's page.
func (b *tab) press(number int, button string) (int, string) {
	b.d.t.Helper()
	page := fmt.Sprintf("/web/jobs/%d", number)
	_, text := b.get(page)
	revision := regexp.MustCompile(page + `/press\?revision=\d+`).FindString(text)
	if revision == "" {
		b.d.t.Fatalf("nothing can be done on %s:\n%s", page, text)
	}
	return b.post(revision, url.Values{"button": {button}})
}

// TestWorkInTheBrowser: whoever types the command, or presses the button of the firm's
// list, works in the browser as the same person as in Slack, until they leave the channel.
func TestWorkInTheBrowser(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{settings: map[string]string{"WEB_ENABLED": "true"}})
	channel, who := d.firm("Leeds", "Acme Heating", "frank")
	_, strangers := d.firm("Hull", "Bolt", "berta")
	frank, berta := who[0], strangers[0]
	n, _ := d.offered(channel, "Boiler down at Elm St", "acme heating")
	secret := d.newIssue("Secret of the desk")

	asked := d.command(d.oskar, d.ops, fmt.Sprintf("/task web %d", n), "Sign in as yourself")
	link := d.linkIn(asked.Blocks)
	operator, thief := d.tab(), d.tab()
	if status, text := operator.get(link); status != http.StatusOK || !strings.Contains(text, "Press the button") {
		t.Fatalf("the link: %d\n%s", status, text)
	}
	if status, text := operator.post(link, nil); status != http.StatusOK || !strings.Contains(text, "Boiler down at Elm St") {
		t.Fatalf("signing in: %d\n%s", status, text)
	}
	if status, _ := thief.post(link, nil); status != http.StatusGone {
		t.Errorf("the link works again: %d", status)
	}
	if status, text := operator.get("/web/jobs?list=new"); status != http.StatusOK || !strings.Contains(text, "Secret of the desk") {
		t.Errorf("the list: %d\n%s", status, text)
	}

	// Contractors of Slack Connect have no commands; each presses for themselves.
	board := d.board(channel, "Boiler down")
	shown := d.told(frank, func() error { return frank.Click(channel, board.TS, "Open in browser") }, "Sign in as yourself")
	firm := d.tab()
	if status, text := firm.post(d.linkIn(shown.Blocks), nil); status != http.StatusOK || strings.Contains(text, "Secret of the desk") {
		t.Fatalf("the firm: %d\n%s", status, text)
	}
	for _, page := range []string{fmt.Sprintf("/web/jobs/%d", secret), "/web/steps", "/web/c/operations"} {
		if status, text := firm.get(page); status < 400 || strings.Contains(text, "Secret of the desk") {
			t.Errorf("the firm opens %s: %d", page, status)
		}
	}
	if status, text := firm.press(n, "accept"); status != http.StatusOK || !strings.Contains(text, "You are in charge") {
		t.Errorf("accepting: %d %s", status, text)
	}
	d.card(channel, n, "Accepted", "In charge", "frank")
	if status, text := operator.post(fmt.Sprintf("/web/jobs/%d/write", n), url.Values{"text": {"Key is at number 5"}, "to": {"comment"}}); status >= 400 {
		t.Errorf("writing: %d %s", status, text)
	}
	d.reply(d.card(channel, n, "Accepted"), "Key is at number 5")
	d.says(fmt.Sprintf("/task history %d", n), "frank", "Key is at number 5")
	// A photo from the browser stands in the thread in Slack, and nobody else's job takes one.
	if status, text := firm.attach(fmt.Sprintf("/web/jobs/%d/write", n), "The old pump", "pump.png", "the pump"); status >= 400 {
		t.Errorf("a photo: %d %s", status, text)
	}
	if status, _ := firm.attach(fmt.Sprintf("/web/jobs/%d/write", secret), "Mine", "other.png", "another"); status != http.StatusNotFound {
		t.Errorf("a photo for a job of nobody's: %d", status)
	}
	if got := d.filesOf(n, "The old pump", 1); got[0].Name != "pump.png" || got[0].Digest == "" {
		t.Errorf("the photo is listed as %+v", got)
	}
	inThread, err := d.slack.WaitMessage(channel, func(m slacktest.Message) bool { return m.IsReply() && len(m.FileIDs) == 1 })
	d.must(err)
	if f, ok := d.slack.File(inThread.FileIDs[0]); !ok || f.Name != "pump.png" || string(f.Content) != "the pump" {
		t.Errorf("the thread shows %+v", f)
	}
	if status, text := firm.get(fmt.Sprintf("/web/jobs/%d", n)); status != http.StatusOK || !strings.Contains(text, "pump.png") {
		t.Errorf("the page after it: %d\n%s", status, text)
	}

	// An open page is told of what happens in Slack.
	_, text := operator.get(fmt.Sprintf("/web/jobs/%d", n))
	shows := regexp.MustCompile(`data-job="\d+" data-mark="(\d+)"`).FindStringSubmatch(text)
	if shows == nil {
		t.Fatalf("the page does not say what it shows:\n%s", text)
	}
	told := operator.listens(fmt.Sprintf("/web/live?room=&since=0&job=%d&mark=%s", n, shows[1]), "event: job")
	_, err = frank.Post(slacktest.PostSpec{Channel: channel, Thread: d.card(channel, n, "frank").TS, Text: "On my way"})
	d.must(err)
	d.must(<-told)

	// Who is in no channel of the desk's and in no firm's gets nothing.
	if a := d.command(d.stella, "general", "/task web"); strings.Contains(string(a.Blocks), "/web/sign-in/") {
		t.Error("a stranger is let in")
	}
	if got := berta.Click(channel, board.TS, "Open in browser"); got == nil {
		t.Error("another firm's person presses in a channel they are not in")
	}
	d.must(d.slack.Leave(channel, "frank"))
	until(t, "frank has nothing left", func() bool { status, _ := firm.get("/web/jobs"); return status == http.StatusUnauthorized })
	if status, _ := firm.post(fmt.Sprintf("/web/jobs/%d/write", n), url.Values{"text": {"Still here"}}); status != http.StatusUnauthorized {
		t.Errorf("who left writes: %d", status)
	}
	d.must(d.slack.Leave(d.ops, "oskar"))
	until(t, "oskar has nothing left", func() bool { status, _ := operator.get("/web/jobs"); return status == http.StatusUnauthorized })
	if log := d.program.Log(); signIn.MatchString(log) || strings.Contains(log, link[strings.LastIndex(link, "/")+1:][:20]) {
		t.Error("a link stands in the log")
	}
}
