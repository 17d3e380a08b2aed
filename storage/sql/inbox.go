package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"taskbridge/storage"
)

// inboundKey names an inbound across desks.
type inboundKey struct{ desk, workspace, key string }

// note is what is remembered of an inbound that is answered. It is written with what else
// is postponed: those of a group are few statements then, and each is one row that is
// written once. For one without an answer that would be a statement more, to look whether
// it is there.
type note struct {
	at     time.Time
	answer []byte
}

func (t *tx) inboundKey(workspace, key string) inboundKey {
	return inboundKey{desk: t.desk, workspace: clean(workspace), key: clean(key)}
}

// Remember implements storage.Inbox.
func (t *tx) Remember(ctx context.Context, m storage.Memory) (bool, []byte, error) {
	if t.readOnly {
		return false, nil, fmt.Errorf("remember an inbound: %w", errReadOnly)
	}
	key := t.inboundKey(m.Workspace, m.Key)
	// Who repeats what is handled right now waits for its answer.
	err := t.lock(ctx, exclusive, "inbound", key.workspace, key.key)
	if err == nil {
		err = t.seeNote(ctx, key)
	}
	fresh, stale := true, false
	var answer []byte
	if err == nil && !m.Answered {
		var n int64
		n, err = t.exec(ctx, `INSERT INTO inbox (desk_id, workspace, dedup_key, at) SELECT $1, $2, $3, $4
			WHERE $5 = 0 OR EXISTS (SELECT 1 FROM desks WHERE id = $1 AND access = $5) ON CONFLICT DO NOTHING`,
			t.desk, m.Workspace, m.Key, m.At, m.Access)
		if err == nil && n > 0 {
			return true, nil, nil
		}
	}
	if err == nil {
		// Mostly there is no row to read.
		err = t.store.dialect.mapError(t.session.each(ctx, `SELECT i.at IS NULL, i.answer FROM desks AS d
			LEFT JOIN inbox AS i ON i.desk_id = d.id AND i.workspace = $2 AND i.dedup_key = $3
			WHERE d.id = $1 AND (i.at IS NOT NULL OR d.access <> CAST($4 AS BIGINT) AND CAST($4 AS BIGINT) <> 0)`,
			func(scan func(...any) error) error {
				fresh = false
				return scan(&stale, &answer)
			}, t.desk, m.Workspace, m.Key, m.Access))
	}
	if err == nil && stale {
		err = storage.ErrStale
	}
	if err != nil {
		return false, nil, fmt.Errorf("remember an inbound: %w", err)
	}
	switch {
	case !fresh:
		return false, answer, nil
	case !m.Answered:
		// It was purged between the two statements: the rerun remembers it anew.
		return false, nil, fmt.Errorf("remember an inbound: %w", storage.ErrConflict)
	}
	if t.work.inbox == nil {
		t.work.inbox = map[inboundKey]*note{}
	}
	t.work.inbox[key] = &note{at: m.At}
	return true, nil, nil
}

// SetAnswer implements storage.Inbox.
func (t *tx) SetAnswer(ctx context.Context, workspace, key string, answer []byte) error {
	named := t.inboundKey(workspace, key)
	if n := t.work.inbox[named]; n != nil {
		n.answer = answer
		return nil
	}
	err := t.seeNote(ctx, named)
	if err == nil {
		err = t.one(ctx, "UPDATE inbox SET answer = $4 WHERE desk_id = $1 AND workspace = $2 AND dedup_key = $3",
			t.desk, workspace, key, answer)
	}
	if err != nil {
		return fmt.Errorf("keep the answer to an inbound: %w", err)
	}
	return nil
}

// seeNote has a note written that this transaction, or another one that shares the
// commit, has made of an inbound.
func (t *tx) seeNote(ctx context.Context, key inboundKey) error {
	if t.readOnly || t.work.inbox[key] == nil && !t.session.postponed().notes(key) {
		return nil
	}
	return t.flush(ctx)
}

// notes tells whether an inbound is among what is to be written.
func (p *postponed) notes(key inboundKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.inbox[key] != nil
}

// writeInbox writes notes in the order of their keys, in which they stand in the table.
func (s *Store) writeInbox(ctx context.Context, c session, notes map[inboundKey]*note) error {
	keys := slices.SortedFunc(maps.Keys(notes), func(a, b inboundKey) int {
		return cmp.Or(cmp.Compare(a.desk, b.desk), cmp.Compare(a.workspace, b.workspace), cmp.Compare(a.key, b.key))
	})
	return inChunks(keys, func(some []inboundKey) error {
		args := make([]any, 0, len(some)*s.sql.insertInbox.columns)
		for _, k := range some {
			args = append(args, k.desk, k.workspace, k.key, notes[k].at, notes[k].answer)
		}
		return c.later(ctx, s.sql.insertInbox.of(len(some)), args...)
	})
}
