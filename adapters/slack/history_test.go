package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
	"taskbridge/bot/pace"
)

const eventsPath = "/slack/events"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// past is a channel with people and an adapter that may read it at any pace.
func past(t *testing.T, o slacktest.Options) (a *Adapter, s *slacktest.Server, anna *slacktest.Person, channel string) {
	t.Helper()
	o.NoRateLimits = true
	a, s = newConnected(t, o, newRecorder())
	a.history = newHistoryShare(o.Distributed)
	for _, l := range a.history.limits {
		l.SetBurst(1 << 20)
		l.SetLimit(1 << 20)
	}
	anna = s.AddUser(slacktest.UserSpec{Name: "anna"})
	return a, s, anna, s.AddChannel(slacktest.ChannelSpec{Name: "ext", Private: true, Members: []string{"anna"}})
}

func posted(t *testing.T, a *Adapter, channel, text string) string {
	t.Helper()
	ts, err := a.Post(t.Context(), chat.Post{Channel: channel, Message: chat.Message{Text: chat.T(text)}, DeliveryID: text})
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

// TestRepliesOfAThread reads a thread in the words in which events would have told
// of it, with what is ours set apart.
func TestRepliesOfAThread(t *testing.T) {
	t.Parallel()
	a, s, anna, channel := past(t, slacktest.Options{})
	root := posted(t, a, channel, "the card")
	ours, err := a.Post(t.Context(), chat.Post{Channel: channel, Thread: root, Message: chat.Message{Text: chat.T("a mirror"), Speaker: chat.Speaker{Name: "Bert"}}, DeliveryID: "mirror"})
	must(t, err)
	first, err := anna.Reply(channel, root, "first &amp; &lt;here&gt;")
	must(t, err)
	second, err := anna.Reply(channel, root, "second")
	must(t, err)
	must(t, anna.Edit(channel, second.TS, "second, edited"))
	gone, err := anna.Reply(channel, root, "gone")
	must(t, err)
	must(t, anna.Delete(channel, gone.TS))
	shown, err := anna.Post(slacktest.PostSpec{Channel: channel, Thread: root, Text: "for all to see", Broadcast: true})
	must(t, err)
	_, err = anna.Say(channel, "not in the thread")
	must(t, err)

	got, err := a.Replies(t.Context(), channel, root, "")
	must(t, err)
	if r := got.Root; r.Message != root || r.State != chat.RootThere || !r.Own || r.Replies != 4 || r.Latest != shown.TS {
		t.Errorf("root %+v", r)
	}
	if !slices.Equal(got.Others, []string{ours}) || got.Next != "" {
		t.Errorf("others %v, next %q", got.Others, got.Next)
	}
	if len(got.Said) != 3 {
		t.Fatalf("%d replies: %+v", len(got.Said), got.Said)
	}
	for n, want := range []struct{ ts, text string }{{first.TS, "first & <here>"}, {second.TS, "second, edited"}, {shown.TS, "for all to see"}} {
		in := got.Said[n]
		b := in.Body.(chat.Said)
		if b.Message != want.ts || b.Thread != root || b.Text != want.text || b.Own || in.From.ID != anna.ID() ||
			in.Channel != channel || in.Workspace != a.Workspace() || !in.At.Equal(parseTS(want.ts)) || in.Key == "" {
			t.Errorf("reply %d: %+v", n, in)
		}
		m, _ := s.Message(channel, want.ts)
		if edited := m.EditedTS != ""; edited != !b.EditedAt.IsZero() || edited && !b.EditedAt.Equal(parseTS(m.EditedTS)) {
			t.Errorf("reply %d was edited at %v, want %v", n, b.EditedAt, m.EditedTS)
		}
	}
	// The same twice has the same keys, an edit another.
	must(t, anna.Edit(channel, first.TS, "changed"))
	again, err := a.Replies(t.Context(), channel, root, "")
	must(t, err)
	if again.Said[0].Key == got.Said[0].Key || again.Said[1].Key != got.Said[1].Key {
		t.Errorf("keys %q %q, before %q %q", again.Said[0].Key, again.Said[1].Key, got.Said[0].Key, got.Said[1].Key)
	}
}

// TestRepliesByPages reads a long thread under both limits.
func TestRepliesByPages(t *testing.T) {
	t.Parallel()
	for name, distributed := range map[string]bool{"internal": false, "distributed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, s, anna, channel := past(t, slacktest.Options{Distributed: distributed})
			root := posted(t, a, channel, "the card")
			var want []string
			for n := range 31 {
				m, err := anna.Reply(channel, root, fmt.Sprint(n))
				must(t, err)
				want = append(want, m.TS)
			}
			var have []string
			calls, cursor := 0, ""
			for {
				page, err := a.Replies(t.Context(), channel, root, cursor)
				must(t, err)
				calls++
				for _, in := range page.Said {
					have = append(have, in.Body.(chat.Said).Message)
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			if !slices.Equal(have, want) {
				t.Errorf("read %v, want %v", have, want)
			}
			least := map[bool]int{false: 1, true: 3}[distributed]
			if calls != least {
				t.Errorf("%d calls, want %d", calls, least)
			}
			for _, c := range s.Calls(repliesMethod) {
				if c.Args["include_all_metadata"] != "true" || c.Args["limit"] != strconv.Itoa(a.history.page) {
					t.Errorf("asked with %v", c.Args)
				}
			}
		})
	}
}

// TestRootsOfAChannel tells apart roots that are there, emptied, gone and beyond what
// is shown, and looks only as far as one page goes.
func TestRootsOfAChannel(t *testing.T) {
	t.Parallel()
	a, s, anna, channel := past(t, slacktest.Options{Distributed: true})
	expired := posted(t, a, channel, "expired")
	oldest := posted(t, a, channel, "oldest")
	for n := range distributedPage {
		_, err := anna.Say(channel, fmt.Sprint("chatter ", n))
		must(t, err)
	}
	quiet := posted(t, a, channel, "quiet")
	gone := posted(t, a, channel, "gone")
	emptied := posted(t, a, channel, "emptied")
	busy := posted(t, a, channel, "busy")
	under, err := anna.Reply(channel, emptied, "stays")
	must(t, err)
	m, err := anna.Reply(channel, busy, "busy")
	must(t, err)
	_, err = a.Post(t.Context(), chat.Post{Channel: channel, Thread: quiet, Message: chat.Message{Text: chat.T("a notice")}, DeliveryID: "notice"})
	must(t, err)
	must(t, s.Moderate(channel, gone))
	must(t, s.Moderate(channel, emptied))
	must(t, s.Expire(channel, oldest))

	want := map[string]chat.Root{
		busy:    {Message: busy, State: chat.RootThere, Own: true, Replies: 1, Latest: m.TS},
		emptied: {Message: emptied, State: chat.RootEmptied, Replies: 1, Latest: under.TS},
		gone:    {Message: gone, State: chat.RootGone},
		quiet:   {Message: quiet, State: chat.RootThere, Own: true},
	}
	all := []string{quiet, gone, expired, oldest, emptied, busy}
	told, err := a.Roots(t.Context(), channel, all)
	must(t, err)
	for _, r := range told {
		if r != want[r.Message] {
			t.Errorf("got %+v, want %+v", r, want[r.Message])
		}
	}
	if len(told) != len(want) {
		t.Errorf("%d are told of, want %d", len(told), len(want))
	}
	told, err = a.Roots(t.Context(), channel, []string{expired, oldest})
	must(t, err)
	states := map[string]chat.RootState{}
	for _, r := range told {
		states[r.Message] = r.State
	}
	if states[oldest] != chat.RootThere || states[expired] != chat.RootUnknown {
		t.Errorf("beyond what is shown: %v", states)
	}
	if n := len(s.Calls(historyMethod)); n != 2 {
		t.Errorf("%d calls", n)
	}
	if _, err := a.Replies(t.Context(), channel, gone, ""); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("a thread that is gone: %v", err)
	}
	if _, err := a.Roots(t.Context(), "C0NOWHERE", all); chat.ReasonOf(err) != chat.ChannelGone {
		t.Errorf("a channel that is not there: %v", err)
	}
}

// TestHistoryLeavesRoom: reading history never takes a method's whole allowance, and
// a distributed app's one call a minute is kept to.
func TestHistoryLeavesRoom(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"internal": 25, "distributed": 1} {
		s := newHistoryShare(name == "distributed")
		n := 0
		for s.take(historyMethod) == nil {
			n++
		}
		if n > most {
			t.Errorf("%s: %d calls at once", name, n)
		}
		err := s.take(historyMethod)
		se := new(chat.SendError)
		if chat.ReasonOf(err) != chat.RateLimited || !errors.As(err, &se) || se.RetryAfter <= 0 || se.RetryAfter > time.Minute {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.take(repliesMethod); err != nil {
			t.Errorf("%s: one method held the other back: %v", name, err)
		}
	}
}

// TestFindKeepsToTheDistributedLimit: looking for a lost answer is reading history,
// too, and counts against the same call a minute.
func TestFindKeepsToTheDistributedLimit(t *testing.T) {
	t.Parallel()
	for distributed, most := range map[bool]int{false: 25, true: 1} {
		p := &pacer{limiter: pace.NewLocal(nil), workspace: func() string { return "slack:T1" }, meter: chat.NoMeter{}, distributed: distributed}
		if a := p.ofMethod(repliesMethod); a.Burst != most || distributed && a.Every < time.Minute {
			t.Errorf("distributed %v: %+v", distributed, a)
		}
		if a := p.ofMethod("users.info"); a.Burst < 50 {
			t.Errorf("distributed %v: other methods are held back: %+v", distributed, a)
		}
	}
}

// TestGapsAreTold: at the start, when Slack withheld events, and when an event comes
// late or again, once for each stretch of time.
func TestGapsAreTold(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	now := time.Unix(1_700_000_000, 0)
	a.now = func() time.Time { return now }
	a.verifier = newVerifier(testSecret, a.now)
	gaps := func(what string, want ...string) {
		t.Helper()
		var have []string
		for _, in := range h.missed() {
			have = append(have, in.Channel)
		}
		slices.Sort(want)
		slices.Sort(have)
		if have = slices.Compact(have); !slices.Equal(have, want) {
			t.Errorf("%s: gaps of %q, want %q", what, have, want)
		}
	}
	event := func(at time.Time, retry string) {
		t.Helper()
		body := fmt.Appendf(nil, `{"type":"event_callback","team_id":"T0HOME001","event_id":"Ev%d%s","event_time":%d,
			"event":{"type":"message","channel":"C0ONE0001","user":"U0ANNA001","ts":"%d.000100","text":"hi"}}`, at.Unix(), retry, at.Unix(), at.Unix())
		rec := post(a, eventsPath, body, func(hd http.Header) {
			if retry != "" {
				hd.Set("X-Slack-Retry-Num", retry)
			}
		})
		if rec.Code != http.StatusOK {
			t.Fatalf("status %d", rec.Code)
		}
	}
	event(now.Add(-time.Second), "")
	gaps("in time")
	event(now.Add(-time.Second), "1")
	gaps("a retry", "C0ONE0001")
	event(now.Add(-time.Hour), "")
	if n := len(h.missed()); n != 2 || h.missed()[0].Key != h.missed()[1].Key {
		t.Errorf("%d gaps within minutes, with other keys", n)
	}
	now = now.Add(suspectEvery)
	event(now.Add(-time.Hour), "")
	if n := len(h.missed()); n != 3 || h.missed()[1].Key == h.missed()[2].Key {
		t.Errorf("%d gaps, the last with the key of the first", n)
	}
	if rec := post(a, eventsPath, []byte(`{"type":"app_rate_limited","team_id":"T0HOME001","minute_rate_limited":1699999980}`), nil); rec.Code != http.StatusOK {
		t.Fatalf("status %d", rec.Code)
	}
	gaps("events withheld", "C0ONE0001", "")

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	before := len(h.missed())
	go func() { done <- a.Run(ctx) }()
	for len(h.missed()) == before {
		<-h.changed
	}
	cancel()
	must(t, <-done)
}

// TestTheRestOfALimitedMinute: Slack tells once that it withholds events; when the
// minute is over another gap is noted.
func TestTheRestOfALimitedMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newRecorder()
		a := newOffline(t, h)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		synctest.Wait()
		began := len(h.missed())
		minute := a.now().Truncate(time.Minute).Unix()
		post(a, eventsPath, fmt.Appendf(nil, `{"type":"app_rate_limited","team_id":"T0HOME001","minute_rate_limited":%d}`, minute), nil)
		synctest.Wait()
		if n := len(h.missed()) - began; n != 1 {
			t.Errorf("%d gaps at the notice", n)
		}
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if n := len(h.missed()) - began; n != 2 {
			t.Errorf("%d gaps when the minute is over", n)
		}
		cancel()
		must(t, <-done)
	})
}

// TestFindReadsFromTheAttemptOn: what was said in the channel since does not push the
// message off the page that an app gets in a minute.
func TestFindReadsFromTheAttemptOn(t *testing.T) {
	t.Parallel()
	a, s, anna, channel := past(t, slacktest.Options{Distributed: true})
	p := chat.Post{Channel: channel, DeliveryID: "once", Message: chat.Message{Text: chat.T("once")}, Since: time.Now().Add(chat.ClockSkew)}
	ts, err := a.Post(t.Context(), p)
	must(t, err)
	for n := range 3 * distributedPage {
		_, err := anna.Say(channel, fmt.Sprint(n))
		must(t, err)
	}
	if found, err := a.Find(t.Context(), p); found != ts || err != nil {
		t.Errorf("found %q, %v; it is %s", found, err, ts)
	}
	if n := len(s.Calls(historyMethod)); n != 1 {
		t.Errorf("%d calls", n)
	}
}
