package bot

import (
	"context"
	"fmt"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// evidence lists the photos and files that the firm of an assignment has posted in
// its thread and not taken back. What the ledger refused to keep is none.
func (e *Engine) evidence(ctx context.Context, tx storage.Tx, i storage.Issue, assignment string) ([]storage.File, error) {
	if i.Demands.Evidence == 0 {
		return nil, nil
	}
	return listEvidence(ctx, tx, i.ID, assignment)
}

func listEvidence(ctx context.Context, tx storage.Tx, issue, assignment string) ([]storage.File, error) {
	list, err := tx.ListComments(ctx, storage.CommentFilter{Issue: issue, Visibility: workflow.Shared, Assignment: assignment, Files: true})
	if err != nil {
		return nil, fmt.Errorf("list the files of a thread: %w", err)
	}
	var files []storage.File
	for _, c := range list {
		if c.Orphan || !c.DeletedAt.IsZero() || c.Author.Side != string(workflow.WithContractor) {
			continue
		}
		for _, f := range c.Files {
			if f.Refused == "" {
				files = append(files, f)
			}
		}
	}
	return files, nil
}

// shownEvidence are the files that cards show: of work for which the desk demands
// some, and of all work that it has to judge.
func (e *Engine) shownEvidence(ctx context.Context, tx storage.Tx, i storage.Issue) (map[string][]storage.File, error) {
	var out map[string][]storage.File
	for _, a := range i.Assignments {
		demanded := i.Demands.Evidence > 0 && (workflow.Taken(a.Status) || a.Status == workflow.Complete)
		if !demanded && a.Status != workflow.WaitingApproval {
			continue
		}
		files, err := listEvidence(ctx, tx, i.ID, a.ID)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[string][]storage.File{}
		}
		out[a.ID] = files
	}
	return out, nil
}

// countEvidence lets the firm's cards count a file that was posted or taken back,
// where the desk demands any. Replies without files pay nothing for it.
func (t *turn) countEvidence(ctx context.Context, c storage.Comment) error {
	if len(c.Files) == 0 || c.Assignment == "" || c.Visibility != workflow.Shared || c.Author.Side != string(workflow.WithContractor) {
		return nil
	}
	i, err := t.tx.Issue(ctx, c.Issue)
	if err != nil {
		return fmt.Errorf("load an issue: %w", err)
	}
	if i.Demands.Evidence == 0 {
		return nil
	}
	return t.refresh(ctx, c.Issue, func(card storage.Card) bool { return card.Assignment == c.Assignment })
}
