package bot

import (
	"context"
	"maps"
	"slices"
	"sync"

	"taskbridge/storage"
)

// wakes wakes the loops of the dispatcher. The zero value is ready.
type wakes struct {
	mu   sync.Mutex
	bell map[string]chan struct{}
}

// of is what rings for a workspace.
func (w *wakes) of(workspace string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bell == nil {
		w.bell = map[string]chan struct{}{}
	}
	if w.bell[workspace] == nil {
		w.bell[workspace] = make(chan struct{}, 1)
	}
	return w.bell[workspace]
}

// nudge rings for the workspaces given, for all when there are none.
func (w *wakes) nudge(workspaces ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(workspaces) == 0 {
		workspaces = slices.Collect(maps.Keys(w.bell))
	}
	for _, ws := range workspaces {
		select {
		case w.bell[ws] <- struct{}{}:
		default:
			// It rings already, or nobody here serves that workspace.
		}
	}
}

// busy knows which lanes this process is sending on. The zero value is ready.
type busy struct {
	mu    sync.Mutex
	lanes map[storage.Lane]chan struct{}
}

// enter notes that a lane is being sent on until end is called. It gives what is
// closed when the attempt ends that was under way before, nil when there was none.
func (b *busy) enter(l storage.Lane) (end func(), earlier <-chan struct{}) {
	mine := make(chan struct{})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lanes == nil {
		b.lanes = map[storage.Lane]chan struct{}{}
	}
	if before := b.lanes[l]; before != nil {
		earlier = before
	}
	b.lanes[l] = mine
	return func() {
		close(mine)
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.lanes[l] == mine {
			delete(b.lanes, l)
		}
	}, earlier
}

// outboxed is a store that rings when a commit has given the dispatcher something to
// do.
type outboxed struct {
	storage.Store
	ring func(workspaces []string)
}

// Update implements storage.Transactor.
func (o *outboxed) Update(ctx context.Context, desk string, fn func(tx storage.Tx) error) error {
	var touched []string
	err := o.Store.Update(ctx, desk, func(tx storage.Tx) error {
		t := &touching{Tx: tx}
		err := fn(t)
		touched = t.workspaces
		return err
	})
	if err == nil && len(touched) > 0 {
		o.ring(touched)
	}
	return err
}

// touching notes which workspaces a transaction has made work for.
type touching struct {
	storage.Tx
	workspaces []string
}

func (t *touching) touch(workspace string) {
	if !slices.Contains(t.workspaces, workspace) {
		t.workspaces = append(t.workspaces, workspace)
	}
}

// Enqueue implements storage.Outbox.
func (t *touching) Enqueue(ctx context.Context, d storage.Delivery) error {
	t.touch(d.Lane.Workspace)
	return t.Tx.Enqueue(ctx, d)
}

// Resume implements storage.Outbox.
func (t *touching) Resume(ctx context.Context, l storage.Lane) error {
	t.touch(l.Workspace)
	return t.Tx.Resume(ctx, l)
}
