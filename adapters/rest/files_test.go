package rest_test

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strings"
	"testing"

	"taskbridge/adapters/rest"
	"taskbridge/bot/chat"
)

// fakeFiles holds one file.
type fakeFiles struct {
	name, kind string
	err        error
	closed     bool
}

var digest = strings.Repeat("a1", 32)

const content = "<script>alert(1)</script>"

func (f *fakeFiles) OpenFile(_ context.Context, d string) (chat.FileContent, error) {
	switch {
	case f.err != nil:
		return chat.FileContent{}, f.err
	case d != digest:
		return chat.FileContent{}, chat.ErrNoSuch
	}
	return chat.FileContent{Name: f.name, Type: f.kind, Content: &closing{strings.NewReader(content), f}}, nil
}

type closing struct {
	*strings.Reader
	f *fakeFiles
}

func (c *closing) Close() error { c.f.closed = true; return nil }

func TestFilesAreServedAsAttachments(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"image/png":              "image/png",
		"text/plain":             "text/plain",
		"application/pdf":        "application/pdf",
		"text/html":              "application/octet-stream",
		"application/xhtml+xml":  "application/octet-stream",
		"image/svg+xml":          "application/octet-stream",
		"text/xml":               "application/octet-stream",
		"text/javascript":        "application/octet-stream",
		"multipart/x-mixed":      "application/octet-stream",
		"text/html\r\nX-Evil: 1": "application/octet-stream",
		"":                       "application/octet-stream",
	} {
		b := setup(t, token)
		b.files.name, b.files.kind = "Übersicht; filename=evil.html \"x\".png", kind
		got := b.send(http.MethodGet, rest.Prefix+"/files/"+digest, "")
		if got.status != http.StatusOK || got.body != content || !b.files.closed {
			t.Fatalf("%s: %d %q, closed %v", kind, got.status, got.body, b.files.closed)
		}
		for name, value := range map[string]string{
			"Content-Type": want, "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; sandbox", "ETag": `"` + digest + `"`, "X-Evil": "",
		} {
			if got.header.Get(name) != value {
				t.Errorf("%s: %s is %q, want %q", kind, name, got.header.Get(name), value)
			}
		}
		shown, params, err := mime.ParseMediaType(got.header.Get("Content-Disposition"))
		if err != nil || shown != "attachment" || params["filename"] != b.files.name {
			t.Errorf("%s: %s %v, %v", kind, shown, params, err)
		}
	}
}

func TestFilesInPartsAndByTheirHeads(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	if got := b.send(http.MethodGet, rest.Prefix+"/files/"+digest, "", "Range", "bytes=1-6"); got.status != http.StatusPartialContent || got.body != "script" {
		t.Errorf("a range: %d %q", got.status, got.body)
	}
	if got := b.send(http.MethodGet, rest.Prefix+"/files/"+digest, "", "If-None-Match", `"`+digest+`"`); got.status != http.StatusNotModified || got.body != "" {
		t.Errorf("a file that is known: %d %q", got.status, got.body)
	}
	if got := b.send(http.MethodHead, rest.Prefix+"/files/"+digest, ""); got.status != http.StatusOK || got.header.Get("Content-Length") != "25" {
		t.Errorf("a head: %d, length %s", got.status, got.header.Get("Content-Length"))
	}
}

func TestFilesThatAreNotServed(t *testing.T) {
	t.Parallel()
	b := setup(t, token)
	for _, d := range []string{strings.Repeat("b", 64), "x"} {
		if got := b.send(http.MethodGet, rest.Prefix+"/files/"+d, ""); got.status != http.StatusNotFound || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", d, got.status, got.header.Get("Content-Type"))
		}
	}
	if got := b.send(http.MethodGet, rest.Prefix+"/files/"+digest, "", "Authorization", "Bearer wrong"); got.status != http.StatusUnauthorized {
		t.Errorf("without the token: %d", got.status)
	}
	b.files.err = errors.New("secret-of-the-disk")
	if got := b.send(http.MethodGet, rest.Prefix+"/files/"+digest, ""); got.status != http.StatusInternalServerError || strings.Contains(got.body, "secret") {
		t.Errorf("a broken store: %d %s", got.status, got.body)
	}
}
