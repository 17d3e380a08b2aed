package email_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/email/mailtest"
	"taskbridge/bot/chat"
)

// TestVisitFile: the letter and the page of a job with a planned visit have it as a file for
// calendars. A letter about what somebody said has none, and neither has a job without one.
func TestVisitFile(t *testing.T) {
	t.Parallel()
	b := open(t, mailtest.Options{}, nil)
	root, err := b.Post(t.Context(), chat.Post{Channel: firm, Message: offer(), DeliveryID: "main-1"})
	if err != nil {
		t.Fatal(err)
	}
	b.desk.put(root, offer())
	mail := b.mails.Mails()[0]
	job := mail.Link("Open this job")
	r := &reader{t, b, job}
	if code, page := r.get(job + "/visit.ics"); code != http.StatusNotFound || !strings.Contains(page, "No visit is planned now.") || len(mail.Files) != 0 {
		t.Errorf("without a visit: %d, %d files\n%s", code, len(mail.Files), page)
	}
	card := offer()
	card.Visit = &chat.Visit{ID: "a1", Sequence: 2, From: time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC), Title: card.Title, Place: "4 Elm St"}
	b.desk.put(root, card)
	_, page := r.get(job)
	if !strings.Contains(page, `<a href="`+job+`/visit.ics">Add the visit to your calendar</a>`) {
		t.Errorf("the page has no file:\n%s", page)
	}
	code, file := r.get(job + "/visit.ics")
	if code != http.StatusOK || !strings.Contains(file, "UID:visit-a1@taskbridge") || !strings.Contains(file, "LOCATION:4 Elm St") {
		t.Errorf("%d\n%s", code, file)
	}
	if code, _ := r.get(strings.Replace(job, "/job/", "/job/x", 1) + "/visit.ics"); code != http.StatusNotFound {
		t.Errorf("by another link: %d", code)
	}
	for _, parts := range [][]chat.Part{nil, {{Message: chat.Message{Text: chat.T("Mind the dog")}}}} {
		if err := b.Bundle(t.Context(), chat.Bundle{Channel: firm, Thread: root, DeliveryID: "b" + strings.Repeat("x", len(parts)), Card: card, Parts: parts}); err != nil {
			t.Fatal(err)
		}
		mails := b.mails.Mails()
		file := string(mails[len(mails)-1].Files["visit.ics"])
		if strings.Contains(file, "DTSTART:20260316T090000Z") == (len(parts) > 0) {
			t.Errorf("with %d parts the letter has %q", len(parts), file)
		}
	}
	off := *card.Visit
	off.Off = true
	if err := b.Whisper(t.Context(), "", "ada@customer.example", chat.Message{Title: "A visit is called off", Text: chat.T("Sorry"), Visit: &off}); err != nil {
		t.Fatal(err)
	}
	mails := b.mails.Mails()
	last := mails[len(mails)-1]
	if got := string(last.Files["visit.ics"]); !strings.Contains(got, "METHOD:CANCEL") || !strings.Contains(string(last.Raw), "text/calendar; charset=utf-8; method=CANCEL") {
		t.Errorf("the customer was sent %q in\n%s", got, last.Raw)
	}
}
