package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// stage is what is measured on: two windows at a time, as people have machines of their own,
// of an operator and a firm or of two people of the firm, and two of the bare page.
type stage struct {
	browser               context.Context
	at                    string
	desk, firm, colleague *window
	sayer, reader         *window
	server                *httptest.Server
	// number is the job that was accepted last.
	number int
}

func newStage(browser context.Context, at string) (*stage, error) {
	s := &stage{browser: browser, at: at, server: newBare()}
	var err error
	if s.desk, err = s.enter("olivia"); err != nil {
		return nil, err
	}
	if s.firm, err = s.enter("ben"); err != nil {
		return nil, err
	}
	for _, w := range []**window{&s.sayer, &s.reader} {
		if *w, err = open(browser, s.server.URL+"/"); err != nil {
			return nil, err
		}
	}
	// Both listen when a word of one reaches the other.
	return s, s.reader.sees(`(fetch("/say", { method: "POST", body: "hello" }), document.querySelector("#list li"))`)
}

// enter opens a person's window and waits until the browser is done with it.
func (s *stage) enter(name string) (*window, error) {
	w, err := open(s.browser, s.at+"/web/as/"+name+"/")
	if err != nil {
		return nil, err
	}
	return w, settle(s.browser)
}

// relieve puts a colleague of the firm's in the place of the desk, both in the thread of the
// job that was accepted last.
func (s *stage) relieve() error {
	s.desk.close()
	var err error
	if s.colleague, err = s.enter("tess"); err != nil {
		return err
	}
	for _, w := range []*window{s.firm, s.colleague} {
		if err := s.thread(w); err != nil {
			return err
		}
	}
	return settle(s.browser)
}

// close ends the lines that are open, too.
func (s *stage) close() {
	s.server.CloseClientConnections()
	s.server.Close()
}

// card names a job's card in the channel, as a script does.
func card(number int) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#list .card")].findLast((c) => c.querySelector("h3")?.textContent.startsWith("#%d "))`, number)
}

// says writes in the channel and sends it.
func says(text string) string {
	return fmt.Sprintf(`const t = document.querySelector("#main .composer textarea"); t.value = %q; t.form.requestSubmit()`, text)
}

// bare measures the bare page.
func (s *stage) bare(n int) (time.Duration, error) {
	words := fmt.Sprintf("word %d.", n)
	return between(s.sayer, s.reader, fmt.Sprintf(`fetch("/say", { method: "POST", body: %q })`, words),
		fmt.Sprintf(`[...document.querySelectorAll("#list li")].some((l) => l.textContent === %q)`, words))
}

// accept has the desk offer a job and measures the firm's answer.
func (s *stage) accept(n int) (time.Duration, error) {
	title := fmt.Sprintf("Timed job %d.", n)
	if _, err := s.desk.does(says("/task new " + title)); err != nil {
		return 0, err
	}
	heading := fmt.Sprintf(`[...document.querySelectorAll("#list .card h3")].map((h) => h.textContent).findLast((t) => t.includes(%q))`, title)
	if err := s.desk.sees(heading); err != nil {
		return 0, err
	}
	var shown string
	if err := s.desk.run(chromedp.Evaluate(heading, &shown)); err != nil {
		return 0, err
	}
	if _, err := fmt.Sscanf(strings.TrimSpace(shown), "#%d", &s.number); err != nil {
		return 0, fmt.Errorf("the heading %q has no number: %w", shown, err)
	}
	if _, err := s.desk.does(says(fmt.Sprintf("/task assign %d acme by 2h", s.number))); err != nil {
		return 0, err
	}
	button := card(s.number) + `?.querySelector('button[data-key="accept"]')`
	if err := s.firm.sees(button); err != nil {
		return 0, err
	}
	if err := s.desk.sees(card(s.number) + `.textContent.includes("Acme")`); err != nil {
		return 0, err
	}
	if err := rest(s.desk.ctx); err != nil {
		return 0, err
	}
	return between(s.firm, s.desk, button+".click()", card(s.number)+`.textContent.includes("Ben Carter")`)
}

// thread opens the thread of the job that was accepted last.
func (s *stage) thread(w *window) error {
	if _, err := w.does(card(s.number) + `.closest(".message").querySelector(".replies").click()`); err != nil {
		return err
	}
	return w.sees(fmt.Sprintf(`document.querySelector("#thread-list .card h3, #thread-list h3")?.textContent.startsWith("#%d ")`, s.number))
}

// replies sends a reply in the thread that is open.
func replies(words string) string {
	return fmt.Sprintf(`const t = document.querySelector("#thread .composer textarea"); t.value = %q; t.form.requestSubmit()`, words)
}

// count measures a reply in the thread of the job that was accepted last until the desk's
// card counts it.
func (s *stage) count(n int) (time.Duration, error) {
	if err := s.thread(s.firm); err != nil {
		return 0, err
	}
	// Who writes has read the thread before.
	if err := settle(s.desk.ctx); err != nil {
		return 0, err
	}
	return between(s.firm, s.desk, replies(fmt.Sprintf("Parts are there, %d.", n)), card(s.number)+`.textContent.includes("1 reply")`)
}

// reply measures a reply until a colleague at the same thread sees it.
func (s *stage) reply(n int) (time.Duration, error) {
	words := fmt.Sprintf("On my way, %d.", n)
	return between(s.firm, s.colleague, replies(words), fmt.Sprintf(`document.querySelector("#thread-list").textContent.includes(%q)`, words))
}
