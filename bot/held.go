package bot

import (
	"context"
	"fmt"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// release lets go what was held while an assignment waited for approval, when the
// work is sent back; after an approval it stays with its side.
func (t *turn) release(ctx context.Context, was, is storage.Issue) error {
	for _, a := range is.Assignments {
		old, ok := workflow.Find(was.Issue, a.ID)
		if !ok || old.Status != workflow.WaitingApproval || a.Status != workflow.InProgress {
			continue
		}
		list, err := t.tx.ListComments(ctx, storage.CommentFilter{Issue: is.ID, Visibility: workflow.Shared, Assignment: a.ID, Held: true})
		if err != nil {
			return fmt.Errorf("list held comments: %w", err)
		}
		for _, c := range list {
			c.Held = false
			if err := t.tx.SaveComment(ctx, c); err != nil {
				return fmt.Errorf("release a comment: %w", err)
			}
			released := workflow.Event{Kind: eventCommentReleased, Assignment: c.Assignment, Data: map[string]string{"comment": c.ID}}
			if err := t.record(ctx, is.ID, released); err != nil {
				return err
			}
			if err := t.mirror(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}
