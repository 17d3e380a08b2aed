package mattermost

import (
	"net/http"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// TestReadForThoseInTheChannel reads a post by its link, and none for somebody who is
// not in its channel.
func TestReadForThoseInTheChannel(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	inside, outside := id("inside"), id("outside")
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/posts/"+id("told")):
			reply(w, post{ID: id("told"), ChannelID: chanID, Message: "The boiler is cold."})
		case strings.HasSuffix(r.URL.Path, "/posts/"+id("secret")):
			fail(w, http.StatusForbidden, "api.context.permissions.app_error")
		case strings.HasSuffix(r.URL.Path, "/channels/"+chanID+"/members/"+inside):
			reply(w, map[string]string{"user_id": inside})
		case strings.Contains(r.URL.Path, "/channels/"+chanID+"/members/"):
			fail(w, http.StatusNotFound, "app.channel.get_member.missing.app_error")
		default:
			return false
		}
		return true
	})
	link := a.Permalink(chanID, id("told"))
	got, err := a.ReadFor(t.Context(), inside, link)
	if err != nil || got.Text != "The boiler is cold." || got.Link != link {
		t.Errorf("read %+v, %v", got, err)
	}
	for name, c := range map[string]struct{ who, link string }{
		"somebody outside":       {outside, link},
		"a post we cannot read":  {inside, a.Permalink(chanID, id("secret"))},
		"a post that is not":     {inside, a.Permalink(chanID, id("nothing"))},
		"another server":         {inside, "https://elsewhere.example/desk/pl/" + id("told")},
		"an address of no post":  {inside, strings.Replace(link, "/pl/", "/channels/", 1)},
		"no address":             {inside, "the one about the boiler"},
		"nobody who can be that": {"me", link},
	} {
		got, err := a.ReadFor(t.Context(), c.who, c.link)
		if chat.ReasonOf(err) != chat.NotFound || got.Text != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
