package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/words"
	"taskbridge/storage"
)

// TestDaysStandAboveMessages: the first message of each day has its heading when the page
// comes, so that nothing moves when the page's script says it in the reader's zone.
func TestDaysStandAboveMessages(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &shelf{})
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	d.a.now = func() time.Time { return now }
	at := func(before time.Duration) messageView { return messageView{At: now.Add(-before)} }
	list := []messageView{at(50 * time.Hour), at(49 * time.Hour), at(13 * time.Hour), at(12 * time.Hour), at(time.Hour)}
	d.a.headDays(&visit{Talker: storage.Talker{ID: "ann"}}, list)
	var got []string
	for _, m := range list {
		got = append(got, m.Day)
	}
	if want := []string{"Thursday 12 March 2026", "", "Friday 13 March 2026", "Today", ""}; !slices.Equal(got, want) {
		t.Errorf("the headings are %q, want %q", got, want)
	}
	for _, m := range []messageView{list[0], list[1], list[3]} {
		html, err := d.a.drawMessage(words.Words{}, m)
		must(t, err)
		if m.Day == "" && strings.Contains(string(html), "data-day") || m.Day != "" && !strings.Contains(string(html), `data-day="`+m.Day+`"`) {
			t.Errorf("below the heading %q it is\n%s", m.Day, html)
		}
	}
}
