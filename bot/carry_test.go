package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"taskbridge/bot/chat"
)

// attachments are the files that messages in a thread show, message by message.
func (d *desk) attachments(root string) [][]string {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	var out [][]string
	for _, p := range d.p.channels[firmChannel].posts {
		if p.Thread != root || len(p.Files) == 0 {
			continue
		}
		var names []string
		for _, id := range p.Files {
			if f := d.p.files[id]; f != nil {
				names = append(names, f.Name)
			}
		}
		out = append(out, names)
	}
	return out
}

func (d *desk) wantAttachments(root string, want ...[]string) {
	d.t.Helper()
	d.drained()
	if got := d.attachments(root); !slices.EqualFunc(got, want, slices.Equal) {
		d.t.Errorf("the thread shows %v, want %v", got, want)
	}
}

func (d *desk) replyAs(who, thread, message, text string, list ...chat.File) {
	d.t.Helper()
	d.handle(chat.Inbound{From: chat.Person{ID: who}, Channel: firmChannel, Body: chat.Said{Message: message, Thread: thread, Text: text, Files: list}})
}

// TestFilesOnBothPlatforms carries files both ways, behind the words, once.
func TestFilesOnBothPlatforms(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	photo := a.p.attach("F1", "boiler.png", "image/png", []byte("\x89PNG\x00\xff"))
	a.replyAs("cora", card.ID, "a1", "Look", photo)
	b.wantAttachments(other.ID, []string{"boiler.png"})
	b.replyAs("mia", other.ID, "b1", "", b.p.attach("G1", "plan.pdf", "application/pdf", []byte("%PDF")))
	a.wantAttachments(card.ID, []string{"plan.pdf"})
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): Look\n📎 boiler.png", "Cora (Acme Heating): 📎 boiler.png")
	a.wantThread(firmChannel, card.ID, "Mia (Acme Heating): 📎 plan.pdf", "Mia (Acme Heating): 📎 plan.pdf")
	if got := b.p.uploads(); got["boiler.png"] != "\x89PNG\x00\xff" || len(got) != 1 {
		t.Errorf("uploaded: %q", got)
	}
	// Words that change, and a look at all of it again, move no file.
	at := a.clock.Now()
	a.handle(chat.Inbound{At: at, From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Edited{Message: "a1", Thread: card.ID, Text: "Look here", Files: []chat.File{photo}, Version: at}})
	b.wantThread(firmChannel, other.ID, "Cora (Acme Heating): Look here\n📎 boiler.png", "Cora (Acme Heating): 📎 boiler.png")
	if n := b.called("upload boiler.png"); n != 1 {
		t.Errorf("the file was uploaded %d times", n)
	}
}

// TestE20ManyFilesAndLargeOnes: as many to a message as the platform shows; what it
// does not take becomes a note with name, size and link, and the words still arrive.
func TestE20ManyFilesAndLargeOnes(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	var list []chat.File
	for n := range 7 {
		list = append(list, a.p.attach(fmt.Sprintf("F%d", n), fmt.Sprintf("%d.txt", n), "text/plain", []byte{byte(n)}))
	}
	list = append(list,
		a.p.attach("F7", "film.mp4", "video/mp4", make([]byte, 1500)), a.p.attach("F8", "tool.exe", "", []byte("MZ")),
		a.p.attach("F9", "huge.iso", "", make([]byte, maxFile+1)), chat.File{ID: "gone", Name: "gone.txt"})
	a.replyAs("cora", card.ID, "a1", "All of it", list...)
	// With tool.exe among them the last three are tried one by one.
	b.wantAttachments(other.ID, []string{"0.txt", "1.txt", "2.txt"}, []string{"3.txt", "4.txt", "5.txt"}, []string{"6.txt"})
	var note string
	for _, text := range b.thread(firmChannel, other.ID) {
		if strings.Contains(text, "is not shown here") {
			note += text
		}
	}
	const want = "Cora (Acme Heating): 📎 film.mp4 (1.5 kB) is not shown here: it is too large. Open it on Fake\n" +
		"📎 huge.iso (2 kB) is not shown here: it is too large. Open it on Fake\n" +
		"📎 gone.txt is not shown here: it is gone.\n" +
		"📎 tool.exe (2 bytes) is not shown here: files of this kind are not taken. Open it on Fake"
	if note != want {
		t.Errorf("the note is\n%s\nwant\n%s", note, want)
	}
	if first := b.thread(firmChannel, other.ID)[0]; !strings.HasPrefix(first, "Cora (Acme Heating): All of it\n📎 0.txt") {
		t.Errorf("the words are %q", first)
	}
}

// TestFilesFollowEditsAndDeletions: what is taken away is taken away everywhere.
func TestFilesFollowEditsAndDeletions(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	one, two := a.p.attach("F1", "one.txt", "text/plain", []byte("one")), a.p.attach("F2", "two.txt", "text/plain", []byte("two"))
	three := a.p.attach("F3", "three.txt", "text/plain", []byte("three"))
	edit := func(list ...chat.File) {
		at := a.clock.Now()
		a.handle(chat.Inbound{At: at, From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Edited{Message: "a1", Thread: card.ID, Text: "Files", Files: list, Version: at}})
	}
	a.replyAs("cora", card.ID, "a1", "Files", one, two)
	b.wantAttachments(other.ID, []string{"one.txt", "two.txt"})
	edit(one, two, three)
	b.wantAttachments(other.ID, []string{"one.txt", "two.txt"}, []string{"three.txt"})
	edit(two, three)
	b.wantAttachments(other.ID, []string{"three.txt"}, []string{"two.txt"})
	edit()
	b.wantAttachments(other.ID)
	edit(one)
	b.wantAttachments(other.ID, []string{"one.txt"})
	a.deletes(firmChannel, card.ID, "a1")
	b.wantAttachments(other.ID)
	b.wantThread(firmChannel, other.ID)
	if got := b.p.uploads(); len(got) != 0 {
		t.Errorf("what was taken back is still on the platform: %q", got)
	}
}

// TestFilesGoWhereTheirMessageStays: what a platform lets nobody remove loses its files all
// the same, the others that it showed are shown anew, and the desk reads that it stays.
func TestFilesGoWhereTheirMessageStays(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	one, two := a.p.attach("F1", "one.txt", "text/plain", []byte("one")), a.p.attach("F2", "two.txt", "text/plain", []byte("two"))
	a.replyAs("cora", card.ID, "a1", "Files", one, two)
	b.wantAttachments(other.ID, []string{"one.txt", "two.txt"})
	b.p.refuse("delete", &chat.SendError{Reason: chat.Unsupported})
	at := a.clock.Now()
	a.handle(chat.Inbound{At: at, From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.Edited{Message: "a1", Thread: card.ID, Text: "Files", Files: []chat.File{two}, Version: at}})
	b.wantAttachments(other.ID, nil, []string{"two.txt"})
	if got := b.p.uploads(); len(got) != 1 || got["two.txt"] != "two" {
		t.Errorf("the platform has %q", got)
	}
	expect(t, a.says("olivia", "ops", "history 1"), "could not be sent")
}

// TestHeldCommentsHoldTheirFiles until the work is sent back.
func TestHeldCommentsHoldTheirFiles(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	shown := a.waitCard(firmChannel, "#1", "Start", "Complete", "Hand over")
	a.submit("cora", firmChannel, a.click("cora", firmChannel, shown, "Complete").Form, map[string]string{"note": "Done"})
	a.replyAs("cora", card.ID, "a1", "One more", a.p.attach("F1", "late.txt", "text/plain", []byte("late")))
	a.waitFiles("a1", "the file", allSettled)
	b.wantAttachments(other.ID)
	a.says("olivia", "ops", "sendback 1 The photo is missing")
	b.wantAttachments(other.ID, []string{"late.txt"})
}

// TestFilesGoToTheirOwnFirmAlone, and what the desk notes for itself to nobody.
func TestFilesGoToTheirOwnFirmAlone(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	a.withRival()
	internal := a.issueCard("#1")
	a.handle(chat.Inbound{From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Said{Message: "o1", Thread: internal.ID, Text: "Between us", Files: []chat.File{a.p.attach("F1", "margin.xls", "", []byte("42"))}}})
	a.waitFiles("o1", "the desk's own file", allSettled)
	a.replyAs("cora", card.ID, "a1", "Look", a.p.attach("F2", "boiler.png", "image/png", []byte("png")))
	b.wantAttachments(other.ID, []string{"boiler.png"})
	a.drained()
	for _, p := range []*desk{a, b} {
		if got := p.p.uploads(); got["margin.xls"] != "" {
			t.Errorf("the desk's own file left it: %q", got)
		}
		p.p.mu.Lock()
		for name, ch := range p.p.channels {
			for _, post := range ch.posts {
				if len(post.Files) > 0 && (p == a || name != firmChannel) {
					t.Errorf("%s shows files: %+v", name, post)
				}
			}
		}
		p.p.mu.Unlock()
	}
}

// TestCarriedFilesAreNotDoubled: an answer that was lost is looked for.
func TestCarriedFilesAreNotDoubled(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	b.p.mu.Lock()
	lost := 0
	b.p.afterPost = func(in chat.Post, _ string) error {
		b.p.mu.Lock()
		defer b.p.mu.Unlock()
		if len(in.Files) > 0 && lost == 0 {
			lost++
			return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
		}
		return nil
	}
	b.p.mu.Unlock()
	a.replyAs("cora", card.ID, "a1", "Look", a.p.attach("F1", "boiler.png", "image/png", []byte("png")))
	a.waitFiles("a1", "the file", allSettled)
	a.drainedInTime()
	b.wantAttachments(other.ID, []string{"boiler.png"})
	if lost != 1 {
		t.Errorf("%d answers were lost", lost)
	}
}

// TestCarriedFileTakenBackAfterALostAnswer: a file that was shown without our knowing goes
// with the comment.
func TestCarriedFileTakenBackAfterALostAnswer(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	var lost atomic.Bool
	b.p.mu.Lock()
	b.p.afterPost = func(in chat.Post, _ string) error {
		if len(in.Files) == 0 {
			return nil
		}
		lost.Store(true)
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
	}
	b.p.mu.Unlock()
	a.replyAs("cora", card.ID, "a1", "Look", a.p.attach("F1", "boiler.png", "image/png", []byte("png")))
	a.untilInTime("a post whose answer is lost", lost.Load)
	a.deletes(firmChannel, card.ID, "a1")
	a.drainedInTime()
	b.wantThread(firmChannel, other.ID)
	b.wantAttachments(other.ID)
}

// TestAnUploadThatIsGoneIsMadeAgain: a platform may forget what nothing showed.
func TestAnUploadThatIsGoneIsMadeAgain(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	b.p.mu.Lock()
	forgotten := false
	b.p.failPost = func(in chat.Post) error {
		if len(in.Files) > 0 && !forgotten {
			forgotten = true
			delete(b.p.files, in.Files[0])
		}
		return nil
	}
	b.p.mu.Unlock()
	a.replyAs("cora", card.ID, "a1", "Look", a.p.attach("F1", "boiler.png", "image/png", []byte("png")))
	a.waitFiles("a1", "the file", allSettled)
	b.wantAttachments(other.ID, []string{"boiler.png"})
}

// TestUploadsThatAlwaysGoAreGivenUp: one more try, then a note.
func TestUploadsThatAlwaysGoAreGivenUp(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	b.p.mu.Lock()
	b.p.failPost = func(in chat.Post) error {
		for _, id := range in.Files {
			delete(b.p.files, id)
		}
		return nil
	}
	b.p.mu.Unlock()
	a.replyAs("cora", card.ID, "a1", "Look", a.p.attach("F1", "boiler.png", "image/png", []byte("png")))
	b.waitText(firmChannel, "boiler.png (3 bytes) is not shown here: it could not be had. Open it on Fake")
	b.wantAttachments(other.ID)
	// The mirror that is posted at the same moment may have it brought once more by itself.
	if n := b.called("upload boiler.png"); n < 2 || n > 3 {
		t.Errorf("it was uploaded %d times", n)
	}
}

// TestFilesWaitForTheirPlatform: while one does not take them, words go on.
func TestFilesWaitForTheirPlatform(t *testing.T) {
	t.Parallel()
	a, b, card, other := linked(t)
	b.p.mu.Lock()
	b.p.fail = func(method string) error {
		if strings.HasPrefix(method, "upload") {
			return &chat.SendError{Reason: chat.Unavailable, Retry: true}
		}
		return nil
	}
	b.p.mu.Unlock()
	a.replyAs("cora", card.ID, "a1", "Look", a.p.attach("F1", "boiler.png", "image/png", []byte("png")))
	b.until("an attempt", func() bool { return b.called("upload boiler.png") > 0 })
	a.replyAs("cora", card.ID, "a2", "And hurry")
	b.waitText(firmChannel, "And hurry")
	b.p.mu.Lock()
	b.p.fail = nil
	b.p.mu.Unlock()
	a.drainedInTime()
	b.wantAttachments(other.ID, []string{"boiler.png"})
}
