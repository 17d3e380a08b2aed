package slack

import (
	"errors"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

// showing is an upload that is about to be shown in a thread.
func (f *filed) showing(names ...string) chat.Post {
	f.t.Helper()
	root, err := f.a.Post(f.t.Context(), chat.Post{Channel: f.channel, DeliveryID: "root", Message: chat.Message{Text: chat.T("Card")}})
	if err != nil {
		f.t.Fatal(err)
	}
	p := chat.Post{Channel: f.channel, Thread: root, DeliveryID: "files", Message: chat.Message{Text: chat.T("Look")}, Since: time.Now()}
	for _, n := range names {
		id, err := f.upload(n, []byte("content of "+n))
		if err != nil {
			f.t.Fatal(err)
		}
		p.Files = append(p.Files, id)
	}
	return p
}

// pending checks that a post waits for Slack, which may have done its part.
func (f *filed) pending(what string, err error) {
	f.t.Helper()
	var se *chat.SendError
	if !errors.As(err, &se) || se.Reason != chat.Unavailable || !se.Retry || !se.Ambiguous || se.RetryAfter <= 0 {
		f.t.Errorf("%s: %+v", what, err)
	}
}

// TestFilesThatSlackLooksIntoAreShownOnce: completing an upload brings no message before
// Slack has looked into the files, and it can be completed once. However often the post is
// tried meanwhile, there is one message.
func TestFilesThatSlackLooksIntoAreShownOnce(t *testing.T) {
	t.Parallel()
	f := newFiled(t, slacktest.Options{ShareAfter: time.Minute})
	p := f.showing("one.txt", "two.txt")
	_, err := f.a.Post(t.Context(), p)
	f.pending("while Slack looks into the files", err)
	p.Repeat = true
	for range 3 {
		if found, err := f.a.Find(t.Context(), p); found != "" || err != nil {
			t.Fatalf("found %q, %v before it is there", found, err)
		}
		_, err = f.a.Post(t.Context(), p)
		f.pending("tried again", err)
	}
	f.fake.Advance(time.Minute)
	found, err := f.a.Find(t.Context(), p)
	if err != nil || found == "" {
		t.Fatalf("found %q, %v once it is there", found, err)
	}
	if again, err := f.a.Post(t.Context(), p); again != found || err != nil {
		t.Errorf("posted again: %q, %v; it is %s", again, err, found)
	}
	if got := f.fake.Thread(f.channel, p.Thread); len(got) != 2 || len(got[1].FileIDs) != 2 {
		t.Errorf("the thread has %d messages: %+v", len(got), got)
	}
}

// TestFilesAreWaitedForFromTheirUpload: that Slack was away before, or that we were, is no
// reason to believe that it shows an upload no more.
func TestFilesAreWaitedForFromTheirUpload(t *testing.T) {
	t.Parallel()
	f := newFiled(t, slacktest.Options{ShareAfter: time.Minute})
	p := f.showing("one.txt")
	p.Since, p.Repeat = time.Now().Add(-time.Hour), true
	for range 3 {
		if found, err := f.a.Find(t.Context(), p); found != "" || err != nil {
			t.Fatalf("found %q, %v before it is there", found, err)
		}
		_, err := f.a.Post(t.Context(), p)
		f.pending("while Slack looks into the file", err)
		// As after a restart.
		f.a.completed.forget(p.Files[0])
	}
	if _, there := f.fake.File(p.Files[0]); !there {
		t.Error("the file was taken away")
	}
	f.fake.Advance(time.Minute)
	if found, err := f.a.Find(t.Context(), p); found == "" || err != nil {
		t.Errorf("found %q, %v once it is there", found, err)
	}
}

// TestFilesThatAreNeverShownAreTakenAway before they are uploaded anew: should Slack show
// them after all, nobody sees them twice.
func TestFilesThatAreNeverShownAreTakenAway(t *testing.T) {
	t.Parallel()
	f := newFiled(t, slacktest.Options{ShareAfter: time.Hour})
	p := f.showing("lost.txt")
	_, err := f.a.Post(t.Context(), p)
	f.pending("the first attempt", err)
	late := time.Now().Add(shareFor + time.Second)
	f.a.now = func() time.Time { return late }
	p.Repeat = true
	if found, err := f.a.Find(t.Context(), p); found != "" || err != nil {
		t.Fatalf("found %q, %v", found, err)
	}
	var se *chat.SendError
	if _, err := f.a.Post(t.Context(), p); !errors.As(err, &se) || se.Reason != chat.FileGone || se.Retry || se.Ambiguous {
		t.Errorf("given up as %+v", err)
	}
	if _, there := f.fake.File(p.Files[0]); there {
		t.Error("the file is still there")
	}
	f.fake.Advance(time.Hour)
	if got := f.fake.Thread(f.channel, p.Thread); len(got) != 1 {
		t.Errorf("the thread has %d messages", len(got))
	}
}
