package bot

import (
	"context"
	"maps"
	"slices"
	"time"

	"taskbridge/bot/chat"
)

// ErrRefused is what undoes a turn that was refused.
var ErrRefused = errRefused

// FireDue looks for what is due at once, so that tests need not wait for the
// scheduler's next look.
func (e *Engine) FireDue(ctx context.Context) error { return e.fireDue(ctx) }

// Nudge wakes the dispatcher, which sleeps by the real clock.
func (e *Engine) Nudge() { e.wakes.nudge() }

// AwaitFor has answers wait so long for the dispatcher, for tests that read in an answer
// what became of something, however slow the machine is.
func (e *Engine) AwaitFor(d time.Duration) { e.awaitFor = d }

// Reconcile makes one round over a workspace's threads.
func (e *Engine) Reconcile(ctx context.Context, workspace string) error {
	r := &reconciler{Engine: e, workspace: workspace, id: newID(), wake: make(chan struct{}, 1)}
	return r.round(ctx, true)
}

// Swap puts a platform in the place of the one that is attached, without the rounds
// that the engine makes by itself.
func (e *Engine) Swap(p chat.Platform) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.platforms[p.Workspace()] = p
}

// SpellFor writes out a message's moments for one person.
func (e *Engine) SpellFor(ctx context.Context, workspace, channel, person string, m chat.Message) chat.Message {
	return e.spellFor(ctx, workspace, channel, person, m)
}

// WebhookTypesTold lists what other systems are told, each once.
func WebhookTypesTold() []string {
	all := slices.Compact(slices.Sorted(slices.Values(append(slices.Collect(maps.Values(webhookTypes())), webhookRun))))
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// WebhooksSaySomethingOf reports whether it was decided what other systems are told of a
// kind of event, if anything.
func WebhooksSaySomethingOf(kind string) bool {
	_, decided := webhookTypes()[kind]
	return decided
}

// TellWatchers tells those who watch a job, for tests.
func (e *Engine) TellWatchers(ctx context.Context) error { return e.tellWatchers(ctx) }
