package slack

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

// filed is an adapter in a channel with somebody of another company, where events
// bring files as stubs.
type filed struct {
	t       *testing.T
	a       *Adapter
	fake    *slacktest.Server
	h       *recorder
	channel string
	cora    *slacktest.Person
}

func newFiled(t *testing.T, o slacktest.Options) *filed {
	t.Helper()
	f := &filed{t: t, h: newRecorder()}
	f.a, f.fake = newConnected(t, o, f.h)
	f.cora = f.fake.AddUser(slacktest.UserSpec{Name: "cora", Team: "Acme Heating"})
	f.channel = f.fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Private: true, Members: []string{"cora"}})
	return f
}

// posted has cora post a file and gives it as the event tells of it.
func (f *filed) posted(spec slacktest.FileSpec) chat.File {
	f.t.Helper()
	m, err := f.cora.Post(slacktest.PostSpec{Channel: f.channel, Text: "Look", Files: []slacktest.FileSpec{spec}})
	if err != nil {
		f.t.Fatal(err)
	}
	in := f.h.wait(f.t, func(in chat.Inbound) bool { s, ok := in.Body.(chat.Said); return ok && s.Message == m.TS })
	said := in.Body.(chat.Said)
	if len(said.Files) != 1 || said.Text != "Look" {
		f.t.Fatalf("the event says %+v", said)
	}
	return said.Files[0]
}

func (f *filed) fetch(file chat.File) (chat.File, []byte, error) {
	f.t.Helper()
	content, known, err := f.a.Fetch(f.t.Context(), file)
	if err != nil {
		return known, nil, err
	}
	defer content.Close()
	b, err := io.ReadAll(content)
	if err != nil {
		f.t.Fatal(err)
	}
	return known, b, nil
}

// TestE21StubsAreLookedUpOnce: the event of a channel that is shared with another
// company brings an id alone; one files.info later the file is there.
func TestE21StubsAreLookedUpOnce(t *testing.T) {
	t.Parallel()
	f := newFiled(t, slacktest.Options{})
	photo := []byte("\x89PNG\r\n\x1a\n\x00\xff boiler")
	stub := f.posted(slacktest.FileSpec{Name: "boiler.png", Type: "image/png", Content: photo})
	if stub.Name != "" || stub.Size != 0 {
		t.Fatalf("the event says %+v", stub)
	}
	if n := len(f.fake.Calls("files.info")); n != 0 {
		t.Errorf("the event was held up by %d calls", n)
	}
	known, content, err := f.fetch(stub)
	if err != nil || !bytes.Equal(content, photo) {
		t.Fatalf("%d bytes, %v", len(content), err)
	}
	if known.Name != "boiler.png" || known.Type != "image/png" || known.Size != int64(len(photo)) || !strings.HasPrefix(known.URL, "https://") {
		t.Errorf("known is %+v", known)
	}
	if n := len(f.fake.Calls("files.info")); n != 1 {
		t.Errorf("%d calls of files.info", n)
	}
	// While files.info fails the file is worth another try.
	f.fake.Inject(slacktest.Fault{Method: "files.info", Kind: slacktest.FaultStatus})
	var se *chat.SendError
	if _, _, err := f.fetch(stub); !errors.As(err, &se) || !se.Retry || se.Ambiguous {
		t.Errorf("files.info failed: %+v", err)
	}
}

// TestE22TheTokenGoesToSlackAlone: neither to another host nor along a redirect, and
// the page for signing in is not taken for the file.
func TestE22TheTokenGoesToSlackAlone(t *testing.T) {
	t.Parallel()
	f := newFiled(t, slacktest.Options{})
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked, with %d bytes of authorisation", len(r.Header.Get("Authorization")))
		_, _ = io.WriteString(w, "not yours")
	}))
	defer other.Close()
	for name, tc := range map[string]struct {
		spec slacktest.FileSpec
		want chat.Reason
	}{
		"another host":        {slacktest.FileSpec{Name: "a.png", Source: other.URL + "/a.png"}, chat.FileElsewhere},
		"a host like Slack's": {slacktest.FileSpec{Name: "a.png", Source: "https://files.slack.com.evil.example/a.png"}, chat.FileElsewhere},
		"a user in front":     {slacktest.FileSpec{Name: "a.png", Source: "https://files.slack.com@evil.example/a.png"}, chat.FileElsewhere},
		"without encryption":  {slacktest.FileSpec{Name: "a.png", Source: "http://files.slack.com/a.png"}, chat.FileElsewhere},
		"no address at all":   {slacktest.FileSpec{Name: "a.png", Source: "javascript:alert(1)"}, chat.FileElsewhere},
		"external":            {slacktest.FileSpec{Name: "plan", ExternalURL: "https://docs.example/plan"}, chat.FileElsewhere},
		"the sign-in page":    {slacktest.FileSpec{Name: "a.png", Type: "image/png", Source: strings.TrimSuffix(f.fake.URL(), "api/") + "signin"}, chat.MissingScope},
		"a page as a page":    {slacktest.FileSpec{Name: "a.html", Type: "text/html", Size: 7, Source: strings.TrimSuffix(f.fake.URL(), "api/") + "signin"}, chat.MissingScope},
		"a redirect":          {slacktest.FileSpec{Name: "a.png", Source: strings.TrimSuffix(f.fake.URL(), "api/") + "files-pri/F0/none"}, chat.MissingScope},
	} {
		known, content, err := f.fetch(f.posted(tc.spec))
		if chat.ReasonOf(err) != tc.want || content != nil {
			t.Errorf("%s: %d bytes, %v", name, len(content), err)
		}
		if name == "external" && known.URL != "https://docs.example/plan" {
			t.Errorf("the link of an external file is %q", known.URL)
		}
		if err != nil && (strings.Contains(err.Error(), "evil") || strings.Contains(err.Error(), f.fake.BotToken())) {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
	}
	page := []byte("<html><p>The offer</p></html>")
	if _, content, err := f.fetch(f.posted(slacktest.FileSpec{Name: "offer.html", Type: "text/html", Content: page})); err != nil || !bytes.Equal(content, page) {
		t.Errorf("a page that is a file: %d bytes, %v", len(content), err)
	}
}

func TestAMissingScopeOfFilesIsSaid(t *testing.T) {
	t.Parallel()
	scopes := []string{}
	for _, s := range slacktest.DefaultScopes() {
		if !strings.HasPrefix(s, "files:") {
			scopes = append(scopes, s)
		}
	}
	f := newFiled(t, slacktest.Options{Scopes: scopes})
	f.fake.Allow(slacktest.RuleScope)
	if _, _, err := f.fetch(f.posted(slacktest.FileSpec{Name: "a.txt", Content: []byte("a")})); chat.ReasonOf(err) != chat.MissingScope {
		t.Errorf("a fetch: %v", err)
	}
	if _, err := f.upload("a.txt", []byte("a")); chat.ReasonOf(err) != chat.MissingScope {
		t.Errorf("an upload: %v", err)
	}
}

func (f *filed) upload(name string, content []byte) (string, error) {
	f.t.Helper()
	return f.a.Upload(f.t.Context(), chat.Upload{Channel: f.channel, Name: name, Type: "text/plain", Size: int64(len(content)), Content: bytes.NewReader(content)})
}

// TestUploadsAreShownByAPost in their thread, as one message, however Slack answers.
func TestUploadsAreShownByAPost(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]slacktest.Options{"told": {}, "untold": {BareUploads: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFiled(t, o)
			root, err := f.a.Post(t.Context(), chat.Post{Channel: f.channel, DeliveryID: "d-1", Message: chat.Message{Text: chat.T("Card")}})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, n := range []string{"one.txt", "two.txt"} {
				id, err := f.upload(n, []byte("content of "+n))
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			p := chat.Post{
				Channel: f.channel, Thread: root, DeliveryID: "d-2", Files: ids, Since: time.Now(),
				Message: chat.Message{Speaker: chat.Speaker{Name: "Ann <!here>"}, Text: chat.T("one.txt, two.txt")},
			}
			if found, err := f.a.Find(t.Context(), p); found != "" || err != nil {
				t.Errorf("found before it was posted: %q, %v", found, err)
			}
			ts, err := f.a.Post(t.Context(), p)
			if err != nil || ts == "" {
				t.Fatalf("%q, %v", ts, err)
			}
			if found, err := f.a.Find(t.Context(), p); found != ts || err != nil {
				t.Errorf("found %q, %v; it is %s", found, err, ts)
			}
			file, ok := f.fake.File(ids[1])
			if !ok || string(file.Content) != "content of two.txt" || len(file.Channels) != 1 {
				t.Errorf("the second file is %+v", file)
			}
			m, ok := f.fake.Message(f.channel, ts)
			if !ok || m.ThreadTS != root || strings.Contains(m.Text, "<!here>") || !strings.Contains(m.Text, "one.txt, two.txt") {
				t.Errorf("the message is %+v", m)
			}
			// Posted again, it is not shown twice.
			if again, err := f.a.Post(t.Context(), p); again != ts || err != nil {
				t.Errorf("a second post: %q, %v; it is %s", again, err, ts)
			}
			for range 2 {
				if err := f.a.Delete(t.Context(), f.channel, ts); err != nil {
					t.Error(err)
				}
				if err := f.a.Discard(t.Context(), ids); err != nil {
					t.Error(err)
				}
			}
			if _, ok := f.fake.File(ids[0]); ok {
				t.Error("the file is still there")
			}
		})
	}
}

func TestUploadsThatSlackRefuses(t *testing.T) {
	t.Parallel()
	f := newFiled(t, slacktest.Options{FileLimit: 10, BlockedTypes: []string{"exe"}})
	if _, err := f.upload("empty.txt", nil); chat.ReasonOf(err) != chat.FileBlocked {
		t.Errorf("an empty file: %v", err)
	}
	if _, err := f.upload("large.txt", []byte("12345678901")); chat.ReasonOf(err) != chat.TooLarge {
		t.Errorf("a large file: %v", err)
	}
	id, err := f.upload("tool.EXE", []byte("MZ"))
	if err != nil {
		t.Fatal(err)
	}
	var se *chat.SendError
	_, err = f.a.Post(t.Context(), chat.Post{Channel: f.channel, DeliveryID: "d-1", Files: []string{id}, Message: chat.Message{Text: chat.T("tool.EXE")}})
	if !errors.As(err, &se) || se.Reason != chat.FileBlocked || se.Retry {
		t.Errorf("a kind that is not taken: %+v", err)
	}
	if len(f.fake.Messages(f.channel)) != 0 {
		t.Error("something was shown")
	}
}
