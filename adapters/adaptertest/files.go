package adaptertest

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// Attachment is a file as a person sees it on a message.
type Attachment struct {
	Name, Type string
	Content    []byte
}

// testFiles: what a person attaches is fetched to the byte, and what is uploaded is
// seen by nobody before a message shows it, and then as it was.
func testFiles(t *testing.T, open Open) {
	b := newBench(t, open)
	ctx, p, channel := t.Context(), b.Platform(), b.Channel()
	root := b.post(chat.Post{Message: say("Root"), DeliveryID: "d-1"})
	b.Echo()
	photo := Attachment{Name: "boiler.png", Type: "image/png", Content: append([]byte("\x89PNG\r\n\x1a\n\x00\xff"), bytes.Repeat([]byte{0, 7, 255}, 100_000)...)}
	page := Attachment{Name: "offer.html", Type: "text/html", Content: []byte("<html><script>alert(1)</script></html>")}
	reply := b.Attach(root, "Look at this", photo, page)
	in := b.desk.wait(t, "a reply with files", 1, about(func(s chat.Said) bool { return s.Message == reply.Message }))
	said := in.Body.(chat.Said)
	if said.Text != "Look at this" || said.Thread != root || len(said.Files) != 2 {
		t.Fatalf("the reply is %+v", said)
	}
	for i, want := range []Attachment{photo, page} {
		// All that is sure of a file is its id.
		content, known, err := p.Fetch(ctx, chat.File{ID: said.Files[i].ID})
		if b.note(err) != nil {
			t.Fatalf("fetch %s: %v", want.Name, err)
		}
		got, err := io.ReadAll(content)
		if err != nil || content.Close() != nil || !bytes.Equal(got, want.Content) {
			t.Errorf("%s came as %d bytes, %v", want.Name, len(got), err)
		}
		if known.ID != said.Files[i].ID || known.Name != want.Name || known.Type != want.Type || known.Size != int64(len(want.Content)) {
			t.Errorf("%s is known as %+v", want.Name, known)
		}
	}
	_, _, err := p.Fetch(ctx, chat.File{ID: b.Known().Nobody})
	b.refused("a file that is not there", b.note(err), chat.NotFound)

	limits := p.Limits()
	if limits.FileBytes <= 0 || limits.FilesPerMessage <= 0 {
		t.Fatalf("the limits are %+v", limits)
	}
	before := len(b.Messages(channel))
	sent := []Attachment{photo, {Name: chat.FileName("Kessel „Übersicht“ & @channel <!here> *b*.txt"), Content: []byte("x")}}
	var ids []string
	for _, f := range sent {
		ids = append(ids, b.upload(f))
	}
	if len(b.Messages(channel)) != before {
		t.Error("an upload is shown by itself")
	}
	m := chat.Message{Speaker: chat.Speaker{Name: "Anna @all"}, Text: chat.T("Two files")}
	show := chat.Post{Message: m, Thread: root, Files: ids, DeliveryID: "d-2"}
	if found, err := b.find(show); found != "" || err != nil {
		t.Errorf("found before it was posted: %q, %v", found, err)
	}
	id := b.post(show)
	b.Echo()
	shown, ok := b.shown(id)
	if !ok || shown.Thread != root || !strings.Contains(shown.Text, "Two files") || len(shown.Notifies) > 0 {
		t.Errorf("the message is %+v", shown)
	}
	same := func(a, b Attachment) bool { return a.Name == b.Name && bytes.Equal(a.Content, b.Content) }
	if !slices.EqualFunc(shown.Files, sent, same) {
		t.Errorf("it shows %d files", len(shown.Files))
	}
	if echo := b.desk.wait(t, "our files", 1, about(func(s chat.Said) bool { return s.Message == id })); !echo.Body.(chat.Said).Own {
		t.Error("our files came back as somebody's")
	}
	if found, err := b.find(show); found != id || err != nil {
		t.Errorf("found %q, %v; it is %s", found, err, id)
	}
	for range 2 {
		if err := b.note(p.Delete(ctx, channel, id)); err != nil {
			t.Error(err)
		}
		if err := b.note(p.Discard(ctx, ids)); err != nil {
			t.Error(err)
		}
	}
	if _, ok := b.shown(id); ok {
		t.Error("the message is still there")
	}
	_, err = b.tryPost(chat.Post{Message: m, Thread: root, Files: ids, DeliveryID: "d-3"})
	b.refused("files that are gone", err, chat.FileGone)
	if len(b.Messages(channel)) != before {
		t.Error("something is shown of files that are gone")
	}
	_, err = p.Upload(ctx, chat.Upload{Channel: channel, Name: "empty.txt", Type: "text/plain", Content: bytes.NewReader(nil)})
	b.refused("an empty file", b.note(err), chat.FileBlocked)
	_, err = p.Upload(ctx, chat.Upload{Channel: channel, Name: "large.bin", Size: limits.FileBytes + 1, Content: bytes.NewReader(nil)})
	b.refused("a file that is too large", b.note(err), chat.TooLarge)
}

func (b *bench) upload(f Attachment) string {
	b.t.Helper()
	id, err := b.Platform().Upload(b.t.Context(), chat.Upload{
		Channel: b.Channel(), Name: f.Name, Type: f.Type, Size: int64(len(f.Content)), Content: bytes.NewReader(f.Content),
	})
	if b.note(err) != nil || id == "" {
		b.t.Fatalf("upload %s: %q, %v", f.Name, id, err)
	}
	return id
}
