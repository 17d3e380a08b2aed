package mattermost

import (
	"context"
	"sync"
)

// lanes runs jobs one at a time and in order within a channel, and channels side
// by side up to a bound.
type lanes struct {
	ctx   context.Context
	slots chan struct{}
	wg    sync.WaitGroup

	mu     sync.Mutex
	queues map[string][]func(context.Context)
}

func newLanes(ctx context.Context, atOnce int) *lanes {
	return &lanes{ctx: ctx, slots: make(chan struct{}, atOnce), queues: map[string][]func(context.Context){}}
}

// push puts a job at the end of a channel's queue. It never blocks: the reader
// must not, for the server cuts slow readers off.
func (l *lanes) push(name string, job func(context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue, running := l.queues[name]
	l.queues[name] = append(queue, job)
	if !running {
		l.wg.Add(1)
		go l.run(name)
	}
}

// waiting is how many jobs of a channel have not begun or ended.
func (l *lanes) waiting(name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queues[name])
}

// barrier gives a channel that is closed when every job pushed before has ended.
// It never closes once the context has ended.
func (l *lanes) barrier() <-chan struct{} {
	done := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	left := len(l.queues)
	if left == 0 {
		close(done)
		return done
	}
	var mu sync.Mutex
	arrive := func(context.Context) {
		mu.Lock()
		defer mu.Unlock()
		if left--; left == 0 {
			close(done)
		}
	}
	for name := range l.queues {
		l.queues[name] = append(l.queues[name], arrive)
	}
	return done
}

func (l *lanes) run(name string) {
	defer l.wg.Done()
	for {
		l.mu.Lock()
		queue := l.queues[name]
		if len(queue) == 0 || l.ctx.Err() != nil {
			delete(l.queues, name)
			l.mu.Unlock()
			return
		}
		job := queue[0]
		l.mu.Unlock()
		select {
		case l.slots <- struct{}{}:
			job(l.ctx)
			<-l.slots
		case <-l.ctx.Done():
			continue
		}
		// The job is taken off only now, so that a barrier counts it.
		l.mu.Lock()
		l.queues[name] = l.queues[name][1:]
		l.mu.Unlock()
	}
}

// wait returns when every job has ended. The context must have ended before.
func (l *lanes) wait() { l.wg.Wait() }
