package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// People are found by name in lists. A profile that was looked up has its name there
// already; whoever made a job or has it without one is entered as the job names them, so
// that a program's jobs are found, and those of somebody whom the platform did not tell
// of when they acted.

// findable makes sure that somebody can be found by name. For those whose profile is in
// memory it costs nothing.
func (t *turn) findable(ctx context.Context, p workflow.Person) error {
	workspace, id, ok := strings.Cut(p.ID, "/")
	if !ok || id == "" || p.Name == "" {
		return nil
	}
	if _, known := t.roster.people.Get(personKey{workspace, id}); known {
		return nil
	}
	_, err := t.tx.Person(ctx, workspace, id)
	if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	// It was never looked up, and so gives no right and is looked up when it is needed.
	if err := t.tx.PutPerson(ctx, storage.Person{Workspace: workspace, ID: id, Name: p.Name}); err != nil {
		return fmt.Errorf("put a person: %w", err)
	}
	return nil
}

// findInCharge makes sure that who has come to be in charge can be found.
func (t *turn) findInCharge(ctx context.Context, was, is storage.Issue) error {
	for _, a := range is.Assignments {
		old, _ := workflow.Find(was.Issue, a.ID)
		if a.InCharge == old.InCharge {
			continue
		}
		if err := t.findable(ctx, a.InCharge); err != nil {
			return err
		}
	}
	return nil
}
