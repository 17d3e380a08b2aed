package main

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	customerpage "taskbridge/adapters/status"
	"taskbridge/adapters/web"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// player acts for the people of the demonstration as their browsers would: through the
// pages of the workspace, so that whatever it makes has been made by the bot itself.
type player struct {
	*station

	web  *web.Adapter
	past *pastClock
	// rooms are channels' ids by name of the firm.
	rooms  map[string]string
	client http.Client
	// weeks are how many weeks of tasks there were before the story.
	weeks int
	// made counts the tasks.
	made int
	// customer is the path of the page that a customer was given.
	customer string
}

// patientFor bounds the wait for what the bot does after an act, and lookEvery is how often
// it is looked for: hundreds of acts wait for one another.
const (
	patientFor = 10 * time.Second
	lookEvery  = 250 * time.Microsecond
)

// post sends a form of a page's as a person.
func (d *player) post(ctx context.Context, who, path string, values url.Values) (string, error) {
	return d.send(ctx, who, path, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

func (d *player) send(ctx context.Context, who, path, contentType string, body io.Reader) (string, error) {
	address := d.address + web.Prefix + "/as/" + who + path
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return "", fmt.Errorf("make a request: %w", err)
	}
	r.Header.Set("Content-Type", contentType)
	// As every browser says; without it each one's language would be looked up.
	r.Header.Set("Accept-Language", "en")
	answer, err := d.client.Do(r)
	if err != nil {
		return "", fmt.Errorf("act as %s: %w", who, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", fmt.Errorf("read the answer to %s: %w", who, err)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return "", fmt.Errorf("%s was told at %s: %s", who, path, strings.TrimSpace(string(text)))
	}
	return string(text), nil
}

// say says something, or gives a command.
func (d *player) say(ctx context.Context, who, room, thread, text string) (string, error) {
	return d.post(ctx, who, "/c/"+room+"/say", url.Values{"text": {text}, "thread": {thread}})
}

var (
	hiddenValue = regexp.MustCompile(`name="(token|fields)" value="([^"]*)"`)
	fieldValue  = regexp.MustCompile(`(?s)<option value="([^"]*)" selected>|<input type="text" id="[^"]*" name="f-([a-z0-9_]+)" value="([^"]*)"`)
	selectName  = regexp.MustCompile(`<select [^>]*name="f-([a-z0-9_]+)"`)
	errorText   = regexp.MustCompile(`<p class="error"[^>]*>([^<]+)</p>`)
)

// fill fills in the form that an answer opened, and sends it. What is not filled in
// stays as it stood there.
func (d *player) fill(ctx context.Context, who, room, form string, with map[string]string) error {
	values := url.Values{}
	for _, m := range hiddenValue.FindAllStringSubmatch(form, -1) {
		values.Set(m[1], html.UnescapeString(m[2]))
	}
	if values.Get("token") == "" {
		return fmt.Errorf("%s was shown no form", who)
	}
	for _, m := range fieldValue.FindAllStringSubmatch(form, -1) {
		if m[2] != "" {
			values.Set("f-"+m[2], html.UnescapeString(m[3]))
		}
	}
	for part := range strings.SplitSeq(form, "</select>") {
		name, chosen := selectName.FindStringSubmatch(part), fieldValue.FindStringSubmatch(part[max(0, strings.LastIndex(part, "<select")):])
		if name != nil && chosen != nil && chosen[2] == "" {
			values.Set("f-"+name[1], html.UnescapeString(chosen[1]))
		}
	}
	for name, value := range with {
		values.Set("f-"+name, value)
	}
	answer, err := d.post(ctx, who, "/c/"+room+"/form", values)
	if err != nil {
		return err
	}
	if wrong := errorText.FindStringSubmatch(answer); wrong != nil {
		return fmt.Errorf("%s was told by a form: %s", who, html.UnescapeString(wrong[1]))
	}
	return nil
}

// card waits for the card of a task in a channel to bear a button, or merely to be
// there when no button is named.
func (d *player) card(ctx context.Context, room string, number int, button string) (storage.TalkMessage, error) {
	return d.shown(ctx, "", room, fmt.Sprintf("#%d ", number), button)
}

// shown waits for a message in a channel whose title begins so, as card does. With a
// reader it may be for their eyes only.
func (d *player) shown(ctx context.Context, reader, room, title, button string) (storage.TalkMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, patientFor)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		list, err := d.store.ListTalk(ctx, "main", storage.TalkFilter{Room: room, Reader: reader, Limit: 100})
		if err != nil {
			return storage.TalkMessage{}, fmt.Errorf("wait for %q: %w", title, err)
		}
		for _, m := range list {
			var shown chat.Message
			if json.Unmarshal([]byte(m.Body), &shown) != nil || !strings.HasPrefix(shown.Title, title) {
				continue
			}
			if button == "" || offers(shown, button) {
				return m, nil
			}
		}
		select {
		case <-ctx.Done():
			return storage.TalkMessage{}, fmt.Errorf("%q never bore %q", title, button)
		case <-tick.C:
		}
	}
}

// offers tells whether a message has a button, or a choice of that value.
func offers(m chat.Message, what string) bool {
	return slices.ContainsFunc(m.Buttons, func(b chat.Button) bool { return b.ID == what }) ||
		m.Choice != nil && slices.ContainsFunc(m.Choice.Options, func(o chat.Option) bool { return o.Value == what })
}

// press presses a button of a task's card or makes a choice there, and fills in the form
// that it opens.
func (d *player) press(ctx context.Context, who, room string, number int, button, choice string, with map[string]string) error {
	waited := button
	if choice != "" {
		waited = choice
	}
	m, err := d.card(ctx, room, number, waited)
	if err != nil {
		return err
	}
	answer, err := d.post(ctx, who, "/m/"+m.ID+"/press", url.Values{"button": {button}, "choice": {choice}})
	if err != nil || with == nil {
		return err
	}
	return d.fill(ctx, who, room, answer, with)
}

// open makes the firms, their channels and who is in them.
func (d *player) open(ctx context.Context) error {
	d.rooms = map[string]string{}
	for _, name := range []string{web.Operations, web.Managers} {
		c, err := d.web.Channel(ctx, name)
		if err != nil {
			return fmt.Errorf("find %s: %w", name, err)
		}
		d.rooms[name] = c.ID
	}
	for _, f := range []string{"Leeds | Acme Heating", "Leeds | Bright Locks", "York | Stone & Sons"} {
		if _, err := d.say(ctx, "olivia", d.rooms[web.Operations], "", "/task contractor add "+f); err != nil {
			return err
		}
		_, company, _ := strings.Cut(f, " | ")
		if err := d.awaitRoom(ctx, company); err != nil {
			return err
		}
		for _, p := range demoPeople() {
			if p.firm != company {
				continue
			}
			if _, err := d.say(ctx, "olivia", d.rooms[web.Operations], "", "/task contractor invite "+company+" "+p.id+"@example.org"); err != nil {
				return err
			}
		}
	}
	return nil
}

// awaitRoom waits for a firm's channel.
func (d *player) awaitRoom(ctx context.Context, company string) error {
	ctx, cancel := context.WithTimeout(ctx, patientFor)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		firms, err := d.engine.Contractors(ctx)
		if err != nil {
			return fmt.Errorf("list the firms: %w", err)
		}
		for _, f := range firms {
			if f.Company == company && len(f.Channels) > 0 {
				d.rooms[company] = f.Channels[0].ID
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the channel of %s was never made", company)
		case <-tick.C:
		}
	}
}

// play plays the story.
func (d *player) play(ctx context.Context) error {
	if err := d.open(ctx); err != nil {
		return err
	}
	// A summary that comes by itself, between two moments that are hours apart, would tell
	// of messages that wait.
	if err := d.settings(ctx, summaries, nil); err != nil {
		return err
	}
	if err := d.playPast(ctx, d.weeks); err != nil {
		return err
	}
	if err := d.settings(ctx, "sla", map[string]string{"limits": "urgent | 1h | 4h | 16h\nhigh | 4h | 8h | 40h"}); err != nil {
		return err
	}
	for _, j := range demoStory() {
		d.made++
		if err := d.task(ctx, d.made, j); err != nil {
			return fmt.Errorf("job %d, %s: %w", d.made, j.title, err)
		}
	}
	return d.settings(ctx, summaries, map[string]string{"daily": "true", "weekly": "true"})
}

// summaries is the section of the settings that says which summaries come by themselves.
const summaries = "digest"

// settings fills in a section of the desk's settings.
func (d *player) settings(ctx context.Context, section string, with map[string]string) error {
	form, err := d.say(ctx, "olivia", d.rooms[web.Operations], "", "/task settings "+section)
	if err != nil {
		return err
	}
	return d.fill(ctx, "olivia", d.rooms[web.Operations], form, with)
}

// report has the manager post a summary of the month in their channel.
func (d *player) report(ctx context.Context) error {
	if err := d.settled(ctx); err != nil {
		return err
	}
	room := d.rooms[web.Managers]
	if _, err := d.say(ctx, "priya", room, "", "/task summary month"); err != nil {
		return err
	}
	const post = "postsummary"
	m, err := d.shown(ctx, "priya", room, "Summary", post)
	if err != nil {
		return err
	}
	_, err = d.post(ctx, "priya", "/m/"+m.ID+"/press", url.Values{"button": {post}})
	return err
}

// later lets time pass when everything is done that is to be done by now: what is on
// its way while the clock jumps has to be looked for and sent again.
func (d *player) later(ctx context.Context, passed time.Duration) error {
	if err := d.settled(ctx); err != nil {
		return err
	}
	d.past.pass(passed)
	// What has rested long enough now is sent at once and not when a timer says so.
	d.engine.Wake(d.web.Workspace())
	return nil
}

// comes lets time pass until so long ago.
func (d *player) comes(ctx context.Context, ago time.Duration) error {
	if err := d.settled(ctx); err != nil {
		return err
	}
	d.past.set(ago)
	d.engine.Wake(d.web.Workspace())
	return nil
}

// settled waits until nothing is being sent, and nothing waits but for its time.
func (d *player) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patientFor)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		waiting, err := d.store.ListDeliveries(ctx, storage.ListDeliveriesParams{Limit: 100})
		if err != nil {
			return fmt.Errorf("ask what waits to be sent: %w", err)
		}
		now := d.past.now()
		if !slices.ContainsFunc(waiting, func(w storage.Waiting) bool { return w.InFlight || !w.NotBefore.After(now) }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d messages wait to be sent and are not", len(waiting))
		case <-tick.C:
		}
	}
}

// task plays one task until where it stands.
func (d *player) task(ctx context.Context, number int, j demoTask) error {
	operations, room := d.rooms[web.Operations], d.rooms[j.firm]
	if err := d.later(ctx, 35*time.Minute); err != nil {
		return err
	}
	form, err := d.say(ctx, "olivia", operations, "", "/task new")
	if err != nil {
		return err
	}
	fields := map[string]string{"title": j.title, "description": j.text, "topic": j.topic, "place": j.place, "due": j.due}
	if j.priority != "" {
		fields["priority"] = j.priority
	}
	if err := d.fill(ctx, "olivia", operations, form, fields); err != nil {
		return err
	}
	if j.firm == "" {
		return nil
	}
	if err := d.later(ctx, 4*time.Minute); err != nil {
		return err
	}
	if _, err := d.say(ctx, "olivia", operations, "", fmt.Sprintf("/task assign %d %s by 3d", number, j.firm)); err != nil {
		return err
	}
	for _, s := range j.steps {
		if err := d.later(ctx, s.after); err != nil {
			return err
		}
		if err := d.step(ctx, number, room, s); err != nil {
			return err
		}
	}
	// The next one begins when this one's cards stand where it ended.
	_, err = d.card(ctx, room, number, "")
	return err
}

var statusLink = regexp.MustCompile(customerpage.Path + `[a-z0-9]+`)

// showCustomer has an operator ask for the link to a task's page, which they alone are
// told.
func (d *player) showCustomer(ctx context.Context, who, room string, number int) error {
	if _, err := d.say(ctx, who, room, "", fmt.Sprintf("/task status-link %d", number)); err != nil {
		return err
	}
	list, err := d.store.ListTalk(ctx, "main", storage.TalkFilter{Room: room, Reader: who, Limit: 100})
	if err != nil {
		return fmt.Errorf("read what %s was told: %w", who, err)
	}
	for _, m := range list {
		if m.To == who && statusLink.MatchString(m.Body) {
			d.customer = statusLink.FindString(m.Body)
			return nil
		}
	}
	return fmt.Errorf("%s was given no link to job %d", who, number)
}

func (d *player) step(ctx context.Context, number int, room string, s demoStep) error {
	at := room
	if s.desk {
		at = d.rooms[web.Operations]
	}
	if s.link {
		return d.showCustomer(ctx, s.who, at, number)
	}
	if s.command != "" {
		form, err := d.say(ctx, s.who, at, "", fmt.Sprintf("%s %d", s.command, number))
		if err != nil {
			return err
		}
		return d.fill(ctx, s.who, at, form, s.form)
	}
	if s.button != "" {
		return d.press(ctx, s.who, at, number, s.button, s.choice, s.form)
	}
	m, err := d.card(ctx, at, number, "")
	if err != nil {
		return err
	}
	if s.file != nil {
		return d.attach(ctx, s.who, at, m.ID, s.text, s.file)
	}
	_, err = d.say(ctx, s.who, at, m.ID, s.text)
	return err
}
