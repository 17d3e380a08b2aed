package bot_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// transfers is whose lanes those of files are.
const transfers = "files:" + workspace

// replyWith is a reply in a thread with files.
func (d *desk) replyWith(thread, message, text string, list ...chat.File) {
	d.t.Helper()
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Said{Message: message, Thread: thread, Text: text, Files: list}})
}

// waitFiles waits until the files of a comment are as a test wants them.
func (d *desk) waitFiles(message, what string, want func([]chat.FileView) bool) []chat.FileView {
	d.t.Helper()
	var got []chat.FileView
	d.until(what, func() bool {
		c, _ := d.comment(message)
		got = c.Files
		return want(got)
	})
	return got
}

func allSettled(list []chat.FileView) bool {
	for _, f := range list {
		if f.Digest == "" && f.Refused == "" {
			return false
		}
	}
	return len(list) > 0
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// readFile reads a file as the API does, nil when it may not.
func (d *desk) readFile(digest string) (chat.FileContent, []byte) {
	d.t.Helper()
	f, err := d.engine.OpenFile(d.t.Context(), digest)
	if errors.Is(err, chat.ErrNoSuch) {
		return f, nil
	}
	if err != nil {
		d.t.Fatalf("open a file: %v", err)
	}
	defer f.Content.Close()
	content, err := io.ReadAll(f.Content)
	if err != nil {
		d.t.Fatalf("read a file: %v", err)
	}
	return f, content
}

func TestFilesOfAReplyAreKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	photo := []byte("\x89PNG\r\n\x1a\n\x00 the boiler")
	d.replyWith(card.ID, "r1", "Look at this",
		d.p.attach("F1", "../boiler\u202egnp.png", "image/png", photo),
		d.p.attach("F2", "nothing.txt", "text/plain", nil),
		d.p.attach("F3", "again.png", "image/png; charset=x", photo))
	got := d.waitFiles("r1", "three files", allSettled)
	for i, want := range []chat.FileView{
		{Name: "_boilergnp.png", Size: int64(len(photo)), Type: "image/png", Digest: digestOf(photo), URL: "https://chat.example/files/F1"},
		{Name: "nothing.txt", Type: "text/plain", Digest: digestOf(nil), URL: "https://chat.example/files/F2"},
		{Name: "again.png", Size: int64(len(photo)), Type: "image/png", Digest: digestOf(photo), URL: "https://chat.example/files/F3"},
	} {
		if got[i] != want {
			t.Errorf("file %d is %+v, want %+v", i, got[i], want)
		}
	}
	if f, content := d.readFile(digestOf(photo)); !bytes.Equal(content, photo) || f.Type != "image/png" {
		t.Errorf("the photo came back as %q, %d bytes", f.Type, len(content))
	}
	for _, digest := range []string{"", "nothing", digestOf([]byte("never seen")), "../" + digestOf(photo)} {
		if _, content := d.readFile(digest); content != nil {
			t.Errorf("%q is read", digest)
		}
	}
	history := d.says("olivia", "ops", "history 1")
	if want := "[_boilergnp.png, 20 bytes]"; !strings.Contains(history, want) {
		t.Errorf("the history lacks %s:\n%s", want, history)
	}
}

// TestContentThatNoCommentListsIsNotServed: knowing a digest is not enough.
func TestContentThatNoCommentListsIsNotServed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	blob, err := d.files.Put(t.Context(), strings.NewReader("another desk's"), 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, content := d.readFile(blob.Digest); content != nil {
		t.Error("it is served")
	}
}

// TestE21AFileThatCannotBeHadYetIsAskedForAgain: the words are there at once, with a
// mark; the file follows.
func TestE21AFileThatCannotBeHadYetIsAskedForAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	content := []byte("full of water")
	d.p.attach("F1", "cellar.jpg", "image/jpeg", content)
	d.p.attach("F2", "hall.jpg", "image/jpeg", []byte("dry"))
	d.p.refuse("fetch F1", &chat.SendError{Reason: chat.Unavailable, Retry: true})
	// A stub of a channel that is shared with another company has an id alone.
	d.replyWith(card.ID, "r1", "The cellar", chat.File{ID: "F1"}, chat.File{ID: "F2"})
	c, ok := d.comment("r1")
	if !ok || c.Text != "The cellar" {
		t.Fatalf("the words are not there: %+v", c)
	}
	if history := d.says("olivia", "ops", "history 1"); !strings.Contains(history, "[file, not fetched yet]") {
		t.Errorf("no mark in the history:\n%s", history)
	}
	d.waitFiles("r1", "the other file", func(list []chat.FileView) bool { return list[1].Digest != "" })
	d.p.takeAll()
	d.drainedInTime()
	got := d.waitFiles("r1", "the file", allSettled)
	if got[0].Name != "cellar.jpg" || got[0].Digest != digestOf(content) || got[1].Name != "hall.jpg" {
		t.Errorf("the files are %+v", got)
	}
	if n := d.called("fetch F2"); n != 1 {
		t.Errorf("the other file was fetched %d times", n)
	}
}

func TestFilesThatAreRefusedSayWhy(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.p.attach("F1", "film.mp4", "video/mp4", bytes.Repeat([]byte{1}, maxFile+1))
	liar := d.p.attach("F2", "small.bin", "", bytes.Repeat([]byte{2}, maxFile+1))
	d.p.mu.Lock()
	d.p.files["F2"].Size = 3
	d.p.fail = func(method string) error {
		if method == "fetch F4" {
			return &chat.SendError{Reason: chat.FileElsewhere}
		}
		return nil
	}
	d.p.mu.Unlock()
	liar.Size = 3
	fits := d.p.attach("F5", "fits.bin", "application/zip", bytes.Repeat([]byte{3}, maxFile))
	d.replyWith(card.ID, "r1", "Files", chat.File{ID: "F1"}, liar, chat.File{ID: "F3", Name: "gone.txt"}, chat.File{ID: "F4", Name: "plan.doc", URL: "https://docs.example/plan"}, fits)
	got := d.waitFiles("r1", "five files", allSettled)
	for i, want := range []string{"too_large", "too_large", "not_found", "file_elsewhere", ""} {
		if got[i].Refused != want || (got[i].Digest != "") != (want == "") {
			t.Errorf("file %d is %+v, want it refused as %q", i, got[i], want)
		}
	}
	history := d.says("olivia", "ops", "history 1")
	for _, want := range []string{"[film.mp4, not kept: it is too large]", "[gone.txt, not kept: it is gone]", "[plan.doc, not kept: it is kept elsewhere]"} {
		if !strings.Contains(history, want) {
			t.Errorf("the history lacks %s:\n%s", want, history)
		}
	}
}

// TestAFileIsNotAskedForForEver: what is missing can be mended for days, and is then
// refused.
func TestAFileIsNotAskedForForEver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.p.refuse("fetch F1", &chat.SendError{Reason: chat.MissingScope})
	d.replyWith(card.ID, "r1", "Look", chat.File{ID: "F1"})
	d.untilInTime("a second attempt", func() bool { return d.called("fetch F1") > 1 })
	if c, _ := d.comment("r1"); c.Files[0].Refused != "" {
		t.Fatalf("it is refused at once: %+v", c.Files)
	}
	d.advance(4 * 24 * time.Hour)
	d.untilInTime("a refusal", func() bool { c, _ := d.comment("r1"); return allSettled(c.Files) })
	if c, _ := d.comment("r1"); c.Files[0].Refused != "missing_scope" {
		t.Errorf("the file is %+v", c.Files[0])
	}
}

func TestEditsAddAndRemoveFiles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	one, two := d.p.attach("F1", "one.txt", "text/plain", []byte("one")), d.p.attach("F2", "two.txt", "text/plain", []byte("two"))
	d.replyWith(card.ID, "r1", "Files", one)
	d.waitFiles("r1", "the first file", allSettled)
	edit := func(list ...chat.File) {
		at := d.clock.Now()
		d.handle(chat.Inbound{At: at, From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Edited{Message: "r1", Thread: card.ID, Text: "Files", Files: list, Version: at}})
	}
	// An event may say less than is known.
	edit(chat.File{ID: "F1"}, chat.File{ID: "F2"})
	got := d.waitFiles("r1", "both files", func(list []chat.FileView) bool { return len(list) == 2 && allSettled(list) })
	if got[0].Name != "one.txt" || got[1].Digest != digestOf([]byte("two")) || d.called("fetch F1") != 1 {
		t.Errorf("after the first edit: %+v, fetched %d times", got, d.called("fetch F1"))
	}
	edit(two)
	d.waitFiles("r1", "the second file alone", func(list []chat.FileView) bool {
		return len(list) == 1 && list[0].Name == "two.txt" && list[0].Digest != ""
	})
	if _, content := d.readFile(digestOf([]byte("one"))); content != nil {
		t.Error("a file that no comment lists any more is served")
	}
}

// TestDeletedFilesAreTheDesksAlone: the desk keeps the record of what was taken back,
// the firm is not shown it again.
func TestDeletedFilesAreTheDesksAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.replyWith(card.ID, "r1", "Oh", d.p.attach("F1", "private.txt", "text/plain", []byte("private")))
	d.waitFiles("r1", "the file", allSettled)
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Deleted{Message: "r1", Thread: card.ID}})
	if history := d.says("cora", firmChannel, "history 1"); strings.Contains(history, "private.txt") {
		t.Errorf("the firm is shown it:\n%s", history)
	}
	if _, content := d.readFile(digestOf([]byte("private"))); content == nil {
		t.Error("the desk has lost it")
	}
	// What was deleted before it was fetched is not fetched.
	d.p.refuse("fetch F2", &chat.SendError{Reason: chat.Unavailable, Retry: true})
	d.replyWith(card.ID, "r2", "Oh", d.p.attach("F2", "early.txt", "text/plain", []byte("early")))
	d.until("an attempt", func() bool { return d.called("fetch F2") > 0 })
	d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Deleted{Message: "r2", Thread: card.ID}})
	d.p.takeAll()
	d.drainedInTime()
	if c, _ := d.comment("r2"); c.Files[0].Digest != "" {
		t.Errorf("it was fetched: %+v", c.Files)
	}
}

// TestASlowFileHoldsUpNothing: while files hang, more of them than are fetched at
// once, words and cards go out.
func TestASlowFileHoldsUpNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	gate := make(chan struct{})
	d.p.gate(gate)
	for id := range strings.FieldsSeq("a b c d e f g h") {
		d.replyWith(card.ID, "r"+id, "File "+id, d.p.attach("F"+id, id+".txt", "text/plain", []byte(id)))
	}
	d.says("olivia", "ops", "comment 1 Thank you for all these")
	d.waitText(firmChannel, "Thank you for all these")
	close(gate)
	for id := range strings.FieldsSeq("a b c d e f g h") {
		d.waitFiles("r"+id, "file "+id, allSettled)
	}
}

// losingClaims is a store that claims files once without anybody hearing of it, as when
// the line to the database is cut.
type losingClaims struct {
	storage.Store
	lost atomic.Bool
}

func (l *losingClaims) Claim(ctx context.Context, p storage.ClaimParams) ([]storage.Delivery, error) {
	list, err := l.Store.Claim(ctx, p)
	if p.Workspace == transfers && len(list) > 0 && l.lost.CompareAndSwap(false, true) {
		return nil, errors.New("the line was cut")
	}
	return list, err
}

// TestAClaimOfFilesThatNobodyHeardOf keeps them no longer than one of messages does.
func TestAClaimOfFilesThatNobodyHeardOf(t *testing.T) {
	t.Parallel()
	store := &losingClaims{}
	d := newDesk(t, func(c *bot.Config) { store.Store, c.Store = c.Store, store })
	d.withFirm()
	card := d.accepted()
	d.replyWith(card.ID, "r1", "Look", d.p.attach("F1", "cellar.txt", "text/plain", []byte("wet")))
	d.until("a claim is lost", store.lost.Load)
	d.advance(20 * time.Second)
	d.waitFiles("r1", "the file", allSettled)
}

// slowFile is a file on its way, until the gate is closed.
func (d *desk) slowFile() (gate chan struct{}) {
	d.t.Helper()
	d.withFirm()
	card := d.accepted()
	d.drained()
	gate = make(chan struct{})
	d.p.gate(gate)
	d.replyWith(card.ID, "r1", "Look", d.p.attach("F1", "cellar.txt", "text/plain", []byte("wet")))
	d.until("it is on its way", func() bool { return d.called("fetch F1") == 1 })
	return gate
}

// TestFilesOnTheirWayKeepTheirLease, however long it takes.
func TestFilesOnTheirWayKeepTheirLease(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	gate := d.slowFile()
	d.advance(15 * time.Second)
	d.until("its lease is renewed", func() bool {
		end, err := d.store.NextDelivery(t.Context(), transfers)
		return err == nil && end.After(d.clock.Now().Add(10*time.Second))
	})
	d.advance(15 * time.Second)
	close(gate)
	d.waitFiles("r1", "the file", allSettled)
	if n := d.called("fetch F1"); n != 1 {
		t.Errorf("it was fetched %d times", n)
	}
}

// TestFilesWhoseLeaseIsLostAreCutOff: whoever has it now does not wait for them.
func TestFilesWhoseLeaseIsLostAreCutOff(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	gate := d.slowFile()
	d.advance(10 * time.Minute)
	d.untilInTime("another attempt", func() bool { return d.called("fetch F1") == 2 })
	close(gate)
	d.waitFiles("r1", "the file", allSettled)
}
