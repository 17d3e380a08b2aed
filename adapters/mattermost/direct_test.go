package mattermost

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// TestDirectIsOpenedOnce: while a direct channel is being made nobody else opens it, for
// Mattermost would let them post where no app listens yet. Who cannot wait gives up alone.
func TestDirectIsOpenedOnce(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	var asked atomic.Int32
	arrived, made := make(chan struct{}, 2), make(chan struct{})
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/channels/direct") {
			return false
		}
		asked.Add(1)
		arrived <- struct{}{}
		<-made
		reply(w, channel{ID: id("direct"), Name: "both"})
		return true
	})
	opened := make(chan error, 1)
	go func() {
		got, err := a.OpenDirect(t.Context(), id("sam"))
		if err == nil && got.ID != id("direct") {
			t.Errorf("opened %+v", got)
		}
		opened <- err
	}()
	<-arrived
	hurried, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := a.OpenDirect(hurried, id("sam"))
	if se, ok := errors.AsType[*chat.SendError](err); !ok || !se.Retry {
		t.Errorf("who could not wait is told %v", err)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("it is being opened %d times at once", n)
	}
	close(made)
	if err := <-opened; err != nil {
		t.Errorf("who was first is told %v", err)
	}
	if got, err := a.OpenDirect(t.Context(), id("sam")); err != nil || got.ID != id("direct") {
		t.Errorf("later it is %+v, %v", got, err)
	}
}
