package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// TestRetiredPerson is out at once: neither what they were signed in with nor a link leads
// back, nobody puts them into a channel, and what they wrote keeps their name.
func TestRetiredPerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &shelf{})
	must(t, d.a.Furnish(t.Context()))
	room, err := d.a.Channel(t.Context(), Operations)
	must(t, err)
	ann, err := d.a.cfg.Talk.Talker(t.Context(), "main", "ann@example.org")
	must(t, err)
	must(t, d.a.AddMembers(t.Context(), room.ID, []string{ann.ID}))
	boss, err := d.a.AddPerson(t.Context(), storage.Talker{Name: "Bo", Email: "bo@example.org", Kind: string(chat.Member), Admin: true})
	must(t, err)
	must(t, d.a.AddMembers(t.Context(), room.ID, []string{boss.ID}))
	if w := d.post("/c/"+room.ID+"/say", map[string][]string{"text": {"Mind the dog"}, "once": {"retired-once"}}); w.Code >= http.StatusBadRequest {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	link, err := d.a.IssueLink(t.Context(), "ann@example.org")
	must(t, err)
	if _, err := d.a.RetirePerson(t.Context(), "bo@example.org"); !errors.Is(err, ErrLastAdmin) {
		t.Errorf("the last administrator: %v", err)
	}
	if who, err := d.a.RetirePerson(t.Context(), "Ann@example.org"); err != nil || who.ID != ann.ID {
		t.Fatalf("%+v, %v", who, err)
	}
	if w := d.get("/c/" + room.ID); w.Code != http.StatusUnauthorized {
		t.Errorf("she still reads: %d", w.Code)
	}
	if w := d.get(strings.TrimPrefix(link, "http://tasks.example.org"+Prefix)); w.Code != http.StatusGone {
		t.Errorf("her link: %d", w.Code)
	}
	// A link that was used in the same moment makes a session after all.
	secret := newSecret()
	must(t, d.a.cfg.Talk.PutTalkSession(t.Context(), "main", storage.TalkPass{ID: digest(secret), Person: ann.ID, CreatedAt: d.a.now(), ExpiresAt: d.a.now().Add(time.Hour)}))
	cookie := d.cookie
	d.cookie = secret
	if w := d.get("/c/" + room.ID); w.Code != http.StatusUnauthorized {
		t.Errorf("by a session of the same moment she reads: %d", w.Code)
	}
	d.cookie = cookie
	for _, name := range []string{"ann@example.org", ann.ID} {
		if _, err := d.a.IssueLink(t.Context(), name); chat.ReasonOf(err) != chat.NotFound {
			t.Errorf("a link for %s: %v", name, err)
		}
	}
	if err := d.a.AddMembers(t.Context(), room.ID, []string{ann.ID}); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("she is put into a channel: %v", err)
	}
	if who, err := d.a.Person(t.Context(), ann.ID); err != nil || who.Kind != "" || who.Admin || who.Name != "Ann Lee" {
		t.Errorf("she is %+v, %v", who, err)
	}
	if in, err := d.a.Members(t.Context(), room.ID); err != nil || slices.Contains(in, ann.ID) {
		t.Errorf("in the channel are %v, %v", in, err)
	}
	d.cookie = signIn(t, d.a, boss.ID)
	if page := d.get("/c/" + room.ID).Body.String(); !strings.Contains(page, "Mind the dog") || !strings.Contains(page, "Ann Lee") {
		t.Error("what she wrote is gone, or whose it is")
	}
}
