package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// updateAim is what a page that is open may wait for what somebody else did.
const updateAim = 50 * time.Millisecond

// updateWait ends the wait for a change that never comes.
const updateWait = 20 * time.Second

// livePage is somebody's open page: what changes comes on a line of server-sent events.
type livePage struct {
	room, since string
	text        string
	news        chan string
}

var (
	pageRoom  = regexp.MustCompile(`data-room="([^"]+)"`)
	pageSince = regexp.MustCompile(`data-since="([0-9]+)"`)
	// pageCard is a job's card on a firm's page: the message and the job's number.
	pageCard   = regexp.MustCompile(`(?s)<article class="message with-card" id="[^"]*" data-message="([^"]+)".{0,900}?#([0-9]+) `)
	replyCount = regexp.MustCompile(`([0-9]+) repl(?:y|ies)`)
)

// openLive opens a person's first page and its line.
func openLive(ctx context.Context, address, who string) (*livePage, error) {
	text, err := demoAsk(ctx, http.MethodGet, address+"/web/as/"+who+"/", nil)
	if err != nil {
		return nil, err
	}
	room, since := pageRoom.FindStringSubmatch(text), pageSince.FindStringSubmatch(text)
	if room == nil || since == nil {
		return nil, fmt.Errorf("the first page of %s is not a channel", who)
	}
	p := &livePage{room: room[1], since: since[1], text: text, news: make(chan string, 1000)}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/web/as/"+who+"/live?room="+p.room+"&since="+p.since, nil)
	if err != nil {
		return nil, fmt.Errorf("listen as %s: %w", who, err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("listen as %s: %w", who, err)
	}
	go func() {
		defer res.Body.Close()
		defer close(p.news)
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			var m struct {
				HTML string `json:"html"`
			}
			if ok && json.Unmarshal([]byte(data), &m) == nil && m.HTML != "" {
				p.news <- m.HTML
			}
		}
	}()
	return p, nil
}

// await waits for a change that is as it should be.
func (p *livePage) await(ctx context.Context, good func(html string) bool) error {
	ctx, cancel := context.WithTimeout(ctx, updateWait)
	defer cancel()
	for {
		select {
		case html, ok := <-p.news:
			if !ok {
				return errors.New("the line of a page has ended")
			}
			if good(html) {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("a page is not told of a change: %w", ctx.Err())
		}
	}
}

// measureUpdates measures a firm's replies until the page of a colleague, and the desk's
// card, have been told: what the server and the loopback take, without a browser.
func measureUpdates(ctx context.Context, p demoPlan, work string, out io.Writer) (err error) {
	d, err := launchDemo(ctx, p.bin, work, []string{"demo", "--weeks", "0"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	colleague, err := openLive(ctx, d.address, "tess")
	if err != nil {
		return err
	}
	desk, err := openLive(ctx, d.address, "olivia")
	if err != nil {
		return err
	}
	cards := pageCard.FindAllStringSubmatch(colleague.text, -1)
	if cards == nil {
		return errors.New("the firm has no card")
	}
	card := cards[len(cards)-1]
	counted := 0
	var thread, count []time.Duration
	// The first shows where the count stands, and is not measured.
	for n := range p.times + 1 {
		text, before := fmt.Sprintf("Measured %d times.", n), counted
		began := time.Now()
		if _, err := demoAsk(ctx, http.MethodPost, d.address+"/web/as/ben/c/"+colleague.room+"/say", url.Values{"text": {text}, "thread": {card[1]}}); err != nil {
			return err
		}
		if err := colleague.await(ctx, func(html string) bool { return strings.Contains(html, text) }); err != nil {
			return err
		}
		seen := time.Since(began)
		err := desk.await(ctx, func(html string) bool {
			replies := replyCount.FindStringSubmatch(html)
			if replies == nil || !strings.Contains(html, "#"+card[2]+" ") {
				return false
			}
			counted, err = strconv.Atoi(replies[1])
			return err == nil && counted > before
		})
		if err != nil {
			return err
		}
		if n > 0 {
			thread, count = append(thread, seen), append(count, time.Since(began))
		}
		// So long a person takes at least; it also keeps to what a person may do at once.
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	tw := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	w := &printer{w: tw}
	w.line("from a reply until an open page is told, on loopback\tmeasured\tp50 ms\tp99 ms\taim %v", updateAim)
	for _, row := range []struct {
		name string
		took []time.Duration
	}{{"a colleague's thread", thread}, {"the desk's card", count}} {
		slices.Sort(row.took)
		w.line("%s\t%d\t%.1f\t%.1f\t%s", row.name, len(row.took), inMS(quantile(row.took, 0.5)), inMS(quantile(row.took, 0.99)), metOrMissed(row.took, updateAim))
	}
	w.line("")
	return errors.Join(w.err, tw.Flush())
}

// demoAsk asks a demonstration for something and gives what it says.
func demoAsk(ctx context.Context, method, address string, values url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(values.Encode()))
	if err != nil {
		return "", fmt.Errorf("ask the demonstration: %w", err)
	}
	if values != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask the demonstration: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %s", res.Status, text)
	}
	if err != nil {
		return "", fmt.Errorf("ask the demonstration: %w", err)
	}
	return string(text), nil
}
