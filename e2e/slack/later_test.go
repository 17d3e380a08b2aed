package slack_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	_ "modernc.org/sqlite" // The driver of the embedded database.
)

// later lets time pass for the desk, as the program finds it that was away for so long:
// it stops, all that it keeps of deadlines and of when things happened moves into the
// past, and it starts again. Slack's own times stay what they are. It takes the embedded
// database.
func (d *desk) later(v variant, passed time.Duration) {
	d.t.Helper()
	d.must(d.slack.Settle())
	d.program.Stop()
	d.must(moveBack(d.t.Context(), d.program.Setting("DATABASE_URL"), passed))
	d.start(v)
}

// kept are the moments that decide what is due and who may still do what.
func kept() map[string][]string {
	return map[string][]string{
		"issues":      {"created_at", "closed_at", "remind_at", "due_at"},
		"assignments": {"created_at", "offered_at", "answered_at", "started_at", "submitted_at", "ended_at", "rated_at", "accept_by", "warn_at"},
		"invitations": {"at"}, "events": {"at"}, "digests": {"next_at"}, "people": {"seen_at"}, "status_links": {"created_at"},
	}
}

func moveBack(ctx context.Context, url string, passed time.Duration) (err error) {
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		return err
	}
	defer func() {
		if closed := db.Close(); err == nil {
			err = closed
		}
	}()
	for table, columns := range kept() {
		for _, c := range columns {
			change := fmt.Sprintf("UPDATE %s SET %s = %s - ? WHERE %s > 0", table, c, c, c)
			if _, err := db.ExecContext(ctx, change, passed.Microseconds()); err != nil {
				return fmt.Errorf("move %s of %s: %w", c, table, err)
			}
		}
	}
	return nil
}
