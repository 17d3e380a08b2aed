package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"taskbridge/adapters/adaptertest"
	"taskbridge/bot/chat"
)

// TestPagesThatAreAheadAreDrawnAnew: a page that is ahead of the database, as after a
// backup was put back, and one in a channel that is not there, as after another database
// was, are told so once. The others hear nothing of it.
func TestPagesThatAreAheadAreDrawnAnew(t *testing.T) {
	t.Parallel()
	c := newConformance(t, &ear{}, nil)
	change, err := c.faults.Talk.TalkChange(t.Context(), "main")
	must(t, err)
	r := httptest.NewRequest(http.MethodGet, Prefix+"/live", nil)
	r.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
	v, err := c.a.signedIn(r)
	must(t, err)
	for _, tt := range []struct {
		name, room string
		since      int64
		want       int
	}{
		{"as it is", c.channel, change, 0},
		{"behind", c.channel, change - 1, 0},
		{"a page of no channel", "", change, 0},
		{"a page of what is for one person", forYou, change, 0},
		{"ahead", c.channel, change + 1, 1},
		{"ahead, a page of no channel", "", change + 1, 1},
		{"a channel that is not there", newID(), change, 1},
		{"a channel that the person is not in", c.other, change, 1},
	} {
		w := &slowBrowser{ResponseRecorder: httptest.NewRecorder()}
		l := &listener{Adapter: c.a, w: w, control: http.NewResponseController(w), v: v, room: tt.room, since: tt.since}
		must(t, l.goBack(t.Context()))
		if got := strings.Count(w.Body.String(), "event: again"); got != tt.want {
			t.Errorf("%s: told %d times to draw itself anew", tt.name, got)
		}
		if l.since > change {
			t.Errorf("%s: it still waits for what is behind %d", tt.name, l.since)
		}
	}
}

// TestCommandsTakeNoFiles: a file that is sent with a command is refused with the command,
// so that nobody believes that it was sent.
func TestCommandsTakeNoFiles(t *testing.T) {
	t.Parallel()
	bot := &ear{}
	c := newConformance(t, bot, nil)
	sent := c.Attach("", "/task comment 31 See the photo", adaptertest.Attachment{Name: "photo.png", Type: "image/png", Content: []byte("a photo")})
	if sent.Acknowledged || len(keys[chat.Command](bot)) != 0 {
		t.Error("the command was done without its file")
	}
	if len(c.toasts) != 1 || !strings.Contains(c.toasts[0].Text, "a command takes no files") {
		t.Errorf("what is said is %+v", c.toasts)
	}
}
