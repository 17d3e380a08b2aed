package adaptertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// testFaults: an error says why, whether to try again, and whether the call may
// have worked.
func testFaults(t *testing.T, open Open) {
	tests := []struct {
		kind      FaultKind
		reason    chat.Reason
		retry     bool
		ambiguous bool
	}{
		{RateLimited, chat.RateLimited, true, false},
		// Nobody knows how far a call came that a server failed at.
		{Unavailable, chat.Unavailable, true, true},
		{Unauthorised, chat.Unauthorised, false, false},
		{ChannelGone, chat.ChannelGone, false, false},
		{LostAnswer, chat.Unavailable, true, true},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, open)
			b.Fail(Fault{Kind: tt.kind, RetryAfter: time.Second})
			_, err := b.tryPost(chat.Post{Message: say("Lost"), DeliveryID: "d"})
			var se *chat.SendError
			if !errors.As(err, &se) {
				t.Fatalf("%v is no SendError", err)
			}
			if se.Reason != tt.reason || se.Retry != tt.retry || se.Ambiguous != tt.ambiguous {
				t.Errorf("%+v", se)
			}
		})
	}
}

// testRateLimit: the platform is left alone for as long as it asked.
func testRateLimit(t *testing.T, open Open) {
	b := newBench(t, open)
	const wait = 30 * time.Second
	b.Fail(Fault{Kind: RateLimited, RetryAfter: wait})
	_, err := b.tryPost(chat.Post{Message: say("Too much"), DeliveryID: "d"})
	var se *chat.SendError
	if !errors.As(err, &se) || se.Reason != chat.RateLimited || se.RetryAfter != wait {
		t.Fatalf("the refused call: %+v", err)
	}
	calls := b.Calls()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err = b.Platform().Post(ctx, chat.Post{Channel: b.Channel(), Message: say("Too soon"), DeliveryID: "d"})
	if !errors.As(b.note(err), &se) || se.Reason != chat.RateLimited || !se.Retry || se.Ambiguous || se.RetryAfter <= 0 || se.RetryAfter > wait {
		t.Errorf("the call after it: %+v", err)
	}
	if n := b.Calls() - calls; n != 0 {
		t.Errorf("the platform was called %d times while it wants to be left alone", n)
	}
}

// testLostAnswer: a message whose answer was lost is found and not posted twice,
// and one that never arrived is posted.
func testLostAnswer(t *testing.T, open Open) {
	tests := map[string]struct {
		kind   FaultKind
		thread bool
		// ahead is how far our clock was ahead of the platform's.
		ahead time.Duration
		there int
	}{
		"arrived":                       {kind: LostAnswer, there: 1},
		"arrived in a thread":           {kind: LostAnswer, thread: true, there: 1},
		"arrived before our clock says": {kind: LostAnswer, ahead: 10 * time.Minute, there: 1},
		"never arrived":                 {kind: Unavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, open)
			root := b.post(chat.Post{Message: say("Root"), DeliveryID: "root"})
			p := chat.Post{Message: say("Once"), DeliveryID: "once", Since: time.Now().Add(tt.ahead)}
			if tt.thread {
				p.Thread = root
			}
			b.Fail(Fault{Kind: tt.kind})
			if _, err := b.tryPost(p); err == nil {
				t.Fatal("the fault was not noticed")
			}
			p.Repeat = true
			id, err := b.find(p)
			if err != nil || (id != "") != (tt.there == 1) {
				t.Fatalf("found %q, %v", id, err)
			}
			if id == "" {
				id = b.post(p)
			}
			if again, err := b.find(p); err != nil || again != id {
				t.Errorf("found %q afterwards, %v; want %q", again, err, id)
			}
			if got := b.Messages(b.Channel()); len(got) != 2 || got[1].ID != id || got[1].Thread != p.Thread {
				t.Errorf("there are %+v", got)
			}
			other := p
			other.DeliveryID = "another"
			if found, err := b.find(other); err != nil || found != "" {
				t.Errorf("found %q for another delivery, %v", found, err)
			}
		})
	}
}
