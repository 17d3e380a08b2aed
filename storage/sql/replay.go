package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// NoteGap implements storage.Replay.
func (t *tx) NoteGap(ctx context.Context, workspace, channel string) error {
	_, err := t.exec(ctx, `INSERT INTO gaps (desk_id, workspace, channel, number) VALUES ($1, $2, $3, 1)
		ON CONFLICT (desk_id, workspace, channel) DO UPDATE SET number = gaps.number + 1`, t.desk, workspace, channel)
	if err != nil {
		return fmt.Errorf("note a gap of %s: %w", workspace, err)
	}
	return nil
}

// LiveThreads implements storage.Replay.
func (t *tx) LiveThreads(ctx context.Context, workspace string, closedSince time.Time) ([]storage.Thread, error) {
	var stages []string
	for _, s := range append(workflow.OpenStages(), workflow.StageResolved) {
		stages = append(stages, "'"+string(s)+"'")
	}
	// A mark that is not there yet covers no gap, not even that of having begun.
	query := `SELECT c.id, c.kind, c.issue_id, c.assignment_id, c.workspace, c.channel, c.message,
		COALESCE(w.number, 0) + COALESCE(h.number, 0), COALESCE(m.gap, -1), COALESCE(m.read_at, 0),
		COALESCE(m.replies, 0), COALESCE(m.latest, ''), COALESCE(m.found_at, 0),
		(SELECT count(*) FROM comments AS r WHERE r.desk_id = c.desk_id AND r.workspace = c.workspace AND r.channel = c.channel
			AND r.thread = c.message AND r.thread <> '' AND r.deleted_at = 0 AND NOT r.orphan)
		FROM (SELECT desk_id, id, number FROM issues WHERE desk_id = $1 AND stage IN (` + strings.Join(stages, ", ") + `)
			UNION ALL SELECT desk_id, id, number FROM issues WHERE desk_id = $1 AND stage = 'closed' AND closed_at > 0 AND closed_at >= $3) AS i
		JOIN cards AS c ON c.desk_id = i.desk_id AND c.issue_id = i.id AND c.workspace = $2 AND c.message <> ''
		JOIN channels AS p ON p.desk_id = c.desk_id AND p.workspace = c.workspace AND p.id = c.channel
			AND p.state IN ('', 'severed') AND p.kind <> $4
		LEFT JOIN gaps AS w ON w.desk_id = c.desk_id AND w.workspace = c.workspace AND w.channel = ''
		LEFT JOIN gaps AS h ON h.desk_id = c.desk_id AND h.workspace = c.workspace AND h.channel = c.channel
		LEFT JOIN thread_marks AS m ON m.desk_id = c.desk_id AND m.workspace = c.workspace AND m.channel = c.channel
			AND m.thread = c.message
		ORDER BY i.number, c.id`
	fields := func(th *storage.Thread) []any {
		return append(cardFields(&th.Card), &th.Gap, &th.Mark.Gap, at(&th.Mark.ReadAt),
			&th.Mark.Replies, &th.Mark.Latest, at(&th.Mark.FoundAt), &th.Known)
	}
	list, err := collect(ctx, t, fields, query, t.desk, workspace, closedSince, storage.ManagersChannel)
	if err != nil {
		return nil, fmt.Errorf("list the live threads of %s: %w", workspace, err)
	}
	for i := range list {
		c := list[i].Card
		list[i].Mark.Workspace, list[i].Mark.Channel, list[i].Mark.Thread = c.Workspace, c.Channel, c.Message
	}
	return list, nil
}

// PutMark implements storage.Replay.
func (t *tx) PutMark(ctx context.Context, m storage.Mark) error {
	if err := t.later(ctx, t.store.sql.putMark, t.bind(markFields(&m))...); err != nil {
		return fmt.Errorf("put the mark of thread %s: %w", m.Thread, err)
	}
	return nil
}

// Threads implements storage.Replay.
func (t *tx) Threads(ctx context.Context, issue string) ([]storage.Thread, error) {
	const query = `SELECT c.id, c.kind, c.issue_id, c.assignment_id, c.workspace, c.channel, c.message,
		COALESCE(w.number, 0) + COALESCE(h.number, 0), COALESCE(m.gap, -1),
		CASE WHEN COALESCE(m.read_at, 0) > p.synced_at THEN m.read_at ELSE p.synced_at END, COALESCE(m.found_at, 0)
		FROM cards AS c
		JOIN channels AS p ON p.desk_id = c.desk_id AND p.workspace = c.workspace AND p.id = c.channel
		LEFT JOIN gaps AS w ON w.desk_id = c.desk_id AND w.workspace = c.workspace AND w.channel = ''
		LEFT JOIN gaps AS h ON h.desk_id = c.desk_id AND h.workspace = c.workspace AND h.channel = c.channel
		LEFT JOIN thread_marks AS m ON m.desk_id = c.desk_id AND m.workspace = c.workspace AND m.channel = c.channel
			AND m.thread = c.message
		WHERE c.desk_id = $1 AND c.issue_id = $2 AND c.message <> ''
		ORDER BY c.id`
	fields := func(th *storage.Thread) []any {
		return append(cardFields(&th.Card), &th.Gap, &th.Mark.Gap, at(&th.Mark.ReadAt), at(&th.Mark.FoundAt))
	}
	list, err := collect(ctx, t, fields, query, t.desk, issue)
	if err != nil {
		return nil, fmt.Errorf("list the threads of issue %s: %w", issue, err)
	}
	return list, nil
}
