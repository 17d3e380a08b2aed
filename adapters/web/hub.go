package web

import (
	"context"
	"sync"
	"time"
)

// hub wakes those who wait for something to happen. It carries nothing: who is woken
// reads what has changed for them.
type hub struct {
	mu      sync.Mutex
	changed chan struct{}
	waiting int
	closed  bool
}

func newHub() *hub { return &hub{changed: make(chan struct{})} }

// nudge wakes everybody.
func (h *hub) nudge() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.changed)
	h.changed = make(chan struct{})
}

// enter counts a waiter in, unless the hub is shut; leave counts it out.
func (h *hub) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.waiting++
	return true
}

func (h *hub) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting--
}

// next is closed by the next nudge; shut tells that there will be none.
func (h *hub) next() (changed <-chan struct{}, shut bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed, h.closed
}

func (h *hub) open() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = false
}

// shut sends everybody away.
func (h *hub) shut() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.nudge()
}

func (h *hub) idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.waiting == 0
}

// watch looks for what other replicas did while somebody waits here.
func (a *Adapter) watch(ctx context.Context) {
	tick := time.NewTicker(a.cfg.PollEvery)
	defer tick.Stop()
	var last int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if a.hub.idle() {
			continue
		}
		change, err := a.cfg.Talk.TalkChange(ctx, a.cfg.Desk)
		if err != nil {
			a.log.WarnContext(ctx, "web: the last change was not read", "err", err)
			continue
		}
		if change != last {
			last = change
			a.hub.nudge()
		}
	}
}
