package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// A way into the browser is asked for as everything else is, and made after the commit:
// its link is a secret that stands in the answer alone. What is kept for a repeat of the
// same request is that a link was asked for, and the repeat makes another.

// entry is what somebody wants of the browser's door.
type entry struct {
	Channel string `json:",omitempty"`
	Job     int    `json:",omitempty"`
	// Out signs out everywhere instead.
	Out bool `json:",omitempty"`
}

// OpenDoor makes the browser's door known, through which people of other platforms come
// in. Without it there is none.
func (e *Engine) OpenDoor(d chat.Doorkeeper) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.door = d
}

// doorFor is the door for people of a workspace, nil where there is none for them.
func (e *Engine) doorFor(workspace string) chat.Doorkeeper {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.door == nil || e.door.Workspace() == workspace || workspace == APIWorkspace || workspace == systemWorkspace {
		return nil
	}
	return e.door
}

// cmdWeb gives the one who asks a link into the browser, or signs them out there.
func (t *turn) cmdWeb(ctx context.Context, rest string) (chat.Answer, error) {
	switch word := strings.TrimPrefix(strings.TrimSpace(rest), "#"); {
	case word == "":
		return t.enter(ctx, 0)
	case strings.EqualFold(word, "off"):
		t.entry = &entry{Out: true}
		return chat.Answer{}, t.mayEnter()
	default:
		number, err := strconv.Atoi(word)
		if err != nil || number < 1 {
			return chat.Answer{}, t.usage("Give the number of a job, or nothing for the lists.")
		}
		return t.enter(ctx, number)
	}
}

// enter lets the actor into the browser.
func (t *turn) enter(ctx context.Context, job int) (chat.Answer, error) {
	if err := t.mayEnter(); err != nil {
		return chat.Answer{}, err
	}
	if t.in.FromBrowser {
		return chat.Answer{}, alreadyIn()
	}
	t.entry = &entry{Job: job}
	if t.actor.Role == workflow.Contractor && t.place != nil && t.place.Kind == storage.ContractorChannel {
		// Who is of two firms comes in for the one in whose channel they asked.
		t.entry.Channel = t.place.ID
	}
	if job == 0 {
		return chat.Answer{}, nil
	}
	_, err := t.visibleJob(ctx, job)
	if errors.Is(err, storage.ErrNotFound) {
		err = workflow.NoSuchIssue()
	}
	return chat.Answer{}, err
}

// mayEnter refuses whoever would find nothing behind the door.
func (t *turn) mayEnter() error {
	err := workflow.Allowed(t.actor, workflow.List)
	if err != nil && workflow.Allowed(t.actor, workflow.SetUp) == nil {
		err = nil
	}
	if err != nil {
		return err
	}
	if t.doorFor(t.in.Workspace) != nil {
		return nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.door == nil {
		return workflow.Refuse(workflow.Conflict, "There is no workspace in the browser here. Whoever runs taskbridge can turn it on: TASKBRIDGE_WEB_ENABLED=true.")
	}
	return alreadyIn()
}

func alreadyIn() *workflow.Refusal {
	return workflow.Refuse(workflow.Conflict, "You are in the browser already. The lists and boards are in the menu.")
}

// settleEntry makes what an answer promises: the link, or that nobody is signed in any
// more. It is done after the commit and outside of it.
func (t *turn) settleEntry(ctx context.Context, answer chat.Answer) chat.Answer {
	refuse := func(r *workflow.Refusal) chat.Answer { return refused(t.in, r, t.present.Refusal(r)) }
	door := t.doorFor(t.in.Workspace)
	if door == nil || t.mayEnter() != nil {
		// Of a repeat: who may do what has changed since.
		return answer
	}
	if t.entry.Out {
		if err := door.Dismiss(ctx, t.in.Workspace, t.in.From.ID); err != nil {
			t.log.WarnContext(ctx, "entry: nobody was signed out", "workspace", t.in.Workspace, "person", t.in.From.ID, "err", err)
			return refuse(workflow.Refuse(workflow.Conflict, "That did not work. Try again in a moment."))
		}
		return chat.Private(chat.T(t.present.Say("You are signed out in all browsers.")))
	}
	who := t.in.From
	who.Name = t.actor.Name
	pass, err := door.Admit(ctx, chat.Entrant{Workspace: t.in.Workspace, Person: who, Channel: t.entry.Channel, Job: t.entry.Job})
	switch {
	case errors.Is(err, chat.ErrTooManyPasses):
		return refuse(workflow.Refuse(workflow.Conflict, "You were given several links within the hour. Use the last one, or wait a while."))
	case err != nil:
		t.log.WarnContext(ctx, "entry: no link was made", "workspace", t.in.Workspace, "person", t.in.From.ID, "err", err)
		return refuse(workflow.Refuse(workflow.Conflict, "That did not work. Try again in a moment."))
	}
	t.log.InfoContext(ctx, "entry: a link was made", "workspace", t.in.Workspace, "person", t.in.From.ID)
	_, typed := t.in.Body.(chat.Command)
	return chat.Answer{Message: t.present.Entry(pass, typed)}
}

// entryButton is the button that opens the door, on a message in a channel or, where
// channel is empty, on one that a single person sees; nil where there is no door.
func (t *turn) entryButton(workspace, channel string) []chat.Button {
	if t.doorFor(workspace) == nil || t.in.FromBrowser {
		return nil
	}
	if channel != "" {
		channel = personID(workspace, channel)
	}
	return []chat.Button{t.present.EntryButton(present.Asked{User: t.actor.ID, Now: t.now}, channel)}
}

// commandsOf are the commands that there are in a workspace.
func (e *Engine) commandsOf(workspace string) []subcommand {
	all := subcommands()
	if e.doorFor(workspace) == nil {
		all = slices.DeleteFunc(all, func(c subcommand) bool { return c.word == "web" })
	}
	return all
}
