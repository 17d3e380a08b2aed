package slack

import (
	"context"
	"sync"
	"time"
)

// taskTimeout bounds one task.
const taskTimeout = 20 * time.Second

// tasks runs what may outlive an acknowledgement: bounded in number and time,
// and waited for at the end.
type tasks struct {
	slots chan struct{}
	base  context.Context //nolint:containedctx // it is the life of the tasks, not of a call.
	stop  context.CancelFunc

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

func newTasks(limit int) *tasks {
	base, stop := context.WithCancel(context.Background())
	return &tasks{slots: make(chan struct{}, limit), base: base, stop: stop}
}

// run starts do, or says that there is no room for it.
func (t *tasks) run(do func(context.Context)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	select {
	case t.slots <- struct{}{}:
	default:
		return false
	}
	t.wg.Go(func() {
		defer func() { <-t.slots }()
		ctx, cancel := context.WithTimeout(t.base, taskTimeout)
		defer cancel()
		do(ctx)
	})
	return true
}

// drain takes no more tasks and waits for those begun; when ctx ends first they
// are told to stop.
func (t *tasks) drain(ctx context.Context) error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	done := make(chan struct{})
	go func() {
		t.wg.Wait()
		close(done)
	}()
	defer t.stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		t.stop()
		<-done
		return ctx.Err()
	}
}
