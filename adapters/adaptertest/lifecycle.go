package adaptertest

import (
	"context"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

const (
	replicas = 10
	rounds   = 20
)

// testLifecycle: adapters come and go side by side, some of them before they are
// up, and the one that stays works on.
func testLifecycle(t *testing.T, open Open) {
	b := newBench(t, open)
	root := b.post(chat.Post{Message: say("Before"), DeliveryID: "d-1"})
	var all sync.WaitGroup
	for range replicas {
		all.Go(func() {
			for round := range rounds {
				b.oneLife(round)
			}
		})
	}
	all.Wait()
	reply := b.Reply(root, "After")
	b.desk.wait(t, "a reply", 1, about(func(s chat.Said) bool { return s.Message == reply.Message }))
	b.post(chat.Post{Message: say("After"), DeliveryID: "d-2"})
}

// oneLife starts a replica and ends it: at once, or when it has had the time to
// come up.
func (b *bench) oneLife(round int) {
	s := b.Replica()
	if s.Healthy() == nil {
		b.t.Error("healthy before it was started")
	}
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	if err := b.note(s.Start(ctx)); err != nil {
		b.t.Errorf("start: %v", err)
		return
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	if round%2 == 1 {
		// A platform may have no room for as many; then the end comes before it.
		up := time.NewTicker(time.Millisecond)
		for range 20 {
			<-up.C
			if s.Healthy() == nil {
				break
			}
		}
		up.Stop()
	}
	cancel()
	select {
	case err := <-done:
		if b.note(err) != nil {
			b.t.Errorf("run: %v", err)
		}
	case <-time.After(patience):
		b.t.Error("Run did not end")
	}
}
