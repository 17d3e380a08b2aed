package mattermost

import (
	"net/http"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// TestCorresponding finds people by what is typed and opens the conversation with one.
func TestCorresponding(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	sam := user{ID: id("sam"), Username: "sam", Email: "sam@insurer.example", Roles: "system_guest"}
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/users/username/sam"), strings.HasSuffix(r.URL.Path, "/users/email/sam@insurer.example"):
			reply(w, sam)
		case strings.HasSuffix(r.URL.Path, "/users/username/gone"):
			reply(w, user{ID: id("gone"), Username: "gone", DeleteAt: 5})
		case strings.Contains(r.URL.Path, "/users/username/"), strings.Contains(r.URL.Path, "/users/email/"):
			fail(w, http.StatusNotFound, "app.user.missing_account.const")
		case strings.HasSuffix(r.URL.Path, "/channels/direct"):
			reply(w, channel{ID: id("direct"), Name: "both"})
		default:
			return false
		}
		return true
	})
	for _, typed := range []string{"sam", "@Sam", " sam@insurer.example "} {
		got, err := a.FindPerson(t.Context(), typed)
		if err != nil || got.ID != sam.ID || got.Kind != chat.Guest {
			t.Errorf("%q: %+v, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "@", "nobody", "nobody@insurer.example", "not@an@address", "gone", "../config"} {
		if got, err := a.FindPerson(t.Context(), typed); chat.ReasonOf(err) != chat.NotFound {
			t.Errorf("%q: %+v, %v", typed, got, err)
		}
	}
	if got, err := a.OpenDirect(t.Context(), sam.ID); err != nil || got.ID != id("direct") {
		t.Errorf("opened %+v, %v", got, err)
	}
	if got, err := a.OpenDirect(t.Context(), "me"); chat.ReasonOf(err) != chat.NotFound {
		t.Errorf("opened %+v, %v", got, err)
	}
}
