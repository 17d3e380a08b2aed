package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
)

// What a desk of the figures report is made of.
const (
	figureDesk  = "main"
	figureFirms = 2000
)

// fillFigures makes a desk with so many jobs of one assignment each, spread over a year,
// by statements that make all rows at once: both engines take a million in a minute. It
// tells how long counting by status takes.
func fillFigures(ctx context.Context, url, driver, dsn string, size int) (counting time.Duration, err error) {
	store, err := sqlstore.Open(ctx, url, sqlstore.Options{Migrate: true})
	if err != nil {
		return 0, err
	}
	err = store.EnsureDesk(ctx, storage.Desk{ID: figureDesk, Name: figureDesk, CreatedAt: time.Now()})
	if err == nil {
		// The bot finds nothing to count, and will not look again.
		_, err = engineFor(ctx, store)
	}
	if err = errors.Join(err, store.Close()); err != nil {
		return 0, err
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return 0, fmt.Errorf("open the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	for _, statement := range figureStatements(size, time.Now()) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return 0, fmt.Errorf("fill the desk: %w in %.200s", err, statement)
		}
	}
	return countByStatus(ctx, db)
}

// countByStatus is the least that a summary needs, counted from the jobs themselves. The
// second time counts, when everything is in memory.
func countByStatus(ctx context.Context, db *sql.DB) (took time.Duration, err error) {
	for range 2 {
		began := time.Now()
		for _, query := range []string{
			"SELECT status, count(*) FROM issues WHERE desk_id = 'main' GROUP BY status",
			"SELECT lies_with, count(*) FROM issues WHERE desk_id = 'main' GROUP BY lies_with",
			"SELECT status, count(*) FROM assignments WHERE desk_id = 'main' GROUP BY status",
		} {
			rows, err := db.QueryContext(ctx, query)
			if err != nil {
				return 0, fmt.Errorf("count by status: %w", err)
			}
			for rows.Next() {
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return 0, fmt.Errorf("count by status: %w", err)
			}
		}
		took = time.Since(began)
	}
	return took, nil
}

// job is a list of numbered jobs as SQL: k says what became of each, of a hundred, day
// is when, by days since 1970, and at the moment.
const job = `WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {size}),
job AS (SELECT i, (i * 37 + i / 40) % 100 AS k, 'firm' || ((i * 7919) % {firms}) AS firm, {today} - 364 + (i - 1) * 365 / {size} AS day FROM n)
`

// figureStatements fill the tables of a desk.
func figureStatements(size int, now time.Time) []string {
	names := strings.NewReplacer(
		"{size}", fmt.Sprint(size), "{firms}", fmt.Sprint(figureFirms), "{cities}", fmt.Sprint(figureCities), "{today}", fmt.Sprint(now.UTC().Unix()/(24*60*60)),
		"{at}", "(day * 86400000000 + (i % 86400) * 1000000)",
	)
	tallies := func(contractor, day string) string {
		return "INSERT INTO tallies (desk_id, contractor_id, day, name, n) " + job + `
			SELECT 'main', ` + contractor + ` AS contractor, ` + day + ` AS stretch, name, count(*) FROM (
				SELECT firm, day, 'created' AS name FROM job
				UNION ALL SELECT firm, day, 'offered' FROM job
				UNION ALL SELECT firm, day, 'accept/' || (30 + (i * 31) % 40) FROM job WHERE k < 75 OR k >= 90
				UNION ALL SELECT firm, day, 'decline/' || (30 + (i * 31) % 40) FROM job WHERE k >= 75 AND k < 85
				UNION ALL SELECT firm, day, 'reason/' || (i % 8) FROM job WHERE k >= 75 AND k < 85
				UNION ALL SELECT firm, day, 'reason/no_answer' FROM job WHERE k >= 85 AND k < 90
				UNION ALL SELECT firm, day, 'start/' || (40 + (i * 29) % 40) FROM job WHERE k < 75 OR k >= 93
				UNION ALL SELECT firm, day, 'submitted' FROM job WHERE k < 75
				UNION ALL SELECT firm, day, 'sent_back' FROM job WHERE k < 8
				UNION ALL SELECT firm, day, 'complete/' || (50 + (i * 23) % 40) FROM job WHERE k < 75
				UNION ALL SELECT firm, day, CASE WHEN k < 60 THEN 'on_time' ELSE 'late' END FROM job WHERE k < 75
				UNION ALL SELECT firm, day, 'rating/' || (1 + i % 5) FROM job WHERE k < 25
				UNION ALL SELECT firm, day, 'closed' FROM job WHERE k < 75
			) AS told GROUP BY contractor, stretch, name`
	}
	// What firms have done is added up by their cities.
	city := func(of, firms, day string) string {
		return "INSERT INTO tallies (desk_id, contractor_id, day, name, n) SELECT c.desk_id, " + of + " || c.city_key, " + day + `, t.name, sum(t.n)
			FROM contractors AS c JOIN tallies AS t ON t.desk_id = c.desk_id AND t.contractor_id = ` + firms + `
			WHERE t.day > 0 GROUP BY c.desk_id, c.city_key, ` + day + ", t.name"
	}
	share := func(of, day, name, which string) string {
		return "INSERT INTO tallies (desk_id, contractor_id, day, name, n) " + job +
			"SELECT 'main', " + of + " AS share, " + day + " AS stretch, " + name + " AS what, count(*) FROM job WHERE " + which + " GROUP BY share, stretch, what"
	}
	standings := func(contractor string) string {
		count := func(condition string) string { return "sum(CASE WHEN " + condition + " THEN 1 ELSE 0 END)" }
		return `INSERT INTO standings (desk_id, contractor_id, overdue, issue_reported, issue_allocated, issue_allocated_external,
				issue_resolved, issue_closed, lies_nobody, lies_operator, lies_contractor, lies_both, assignment_unsent, assignment_assigned,
				assignment_accepted, assignment_in_progress, assignment_waiting_approval, assignment_complete, assignment_declined, assignment_canceled)
			SELECT 'main', ` + contractor + ` AS contractor, 0, ` + count("i.status = 'reported'") + `, ` + count("i.status = 'allocated'") + `, 0, 0, ` +
			count("i.status = 'closed'") + `, ` + count("i.lies_with = 'nobody'") + `, ` + count("i.lies_with = 'operator'") + `, ` +
			count("i.lies_with = 'contractor'") + `, 0, 0, ` + count("a.status = 'assigned'") + `, ` + count("a.status = 'accepted'") + `, ` +
			count("a.status = 'in_progress'") + `, ` + count("a.status = 'waiting_approval'") + `, ` + count("a.status = 'complete'") + `, ` +
			count("a.status = 'declined'") + `, 0
			FROM assignments AS a JOIN issues AS i ON i.desk_id = a.desk_id AND i.id = a.issue_id GROUP BY contractor`
	}
	all := []string{
		`INSERT INTO issues (desk_id, id, number, status, lies_with, revision, created_at, closed_at, remind_at, remind_set, due_at, overdue,
				external_people, was_accepted, last_by, last_verb, title, description, topic, topic_key, stage, priority, place, customer, external_ref, url,
				created_by_id, created_by_name, version) ` + job + `
			SELECT 'main', 'i' || i, i, CASE WHEN k < 75 THEN 'closed' WHEN k < 90 THEN 'reported' ELSE 'allocated' END,
				CASE WHEN k < 75 THEN 'nobody' WHEN k < 90 OR k >= 98 THEN 'operator' ELSE 'contractor' END, 3, {at},
				CASE WHEN k < 75 THEN {at} ELSE 0 END, 0, FALSE, CASE WHEN k < 75 THEN {at} ELSE 0 END, FALSE, '', k < 75, 'Ann', 'close',
				'Leaking tap in flat ' || i, '', 'Topic ' || (i % 30), 'topic ' || (i % 30),
				CASE WHEN k < 75 THEN 'closed' WHEN k < 90 THEN 'declined' WHEN k < 92 THEN 'offered' WHEN k < 98 THEN 'progress' ELSE 'approval' END, 'normal', '4 Elm St', '', '', '', 'slack:T1/U1', 'Ann', 5 FROM job`,
		`INSERT INTO assignments (desk_id, id, issue_id, position, contractor_id, status, revision, in_charge_id, in_charge_name, step, step_from,
				step_to, accept_by, terms_note, warn_at, declined_reason, declined_text, send_back_reason, completion_note, completion_effort,
				completion_costs, created_at, offered_at, answered_at, started_at, submitted_at, ended_at, last_by, last_verb, version, number, topic_key, city_key) ` + job + `
			SELECT 'main', 'a' || i, 'i' || i, 0, firm, CASE WHEN k < 75 THEN 'complete' WHEN k < 90 THEN 'declined' WHEN k < 92 THEN 'assigned'
				WHEN k < 93 THEN 'accepted' WHEN k < 98 THEN 'in_progress' ELSE 'waiting_approval' END, 3, 'slack:T1/U2', 'Ravi', '', 0,
				0, 0, '', 0, '', '', '', 'Done', 60,
				'', {at}, {at}, {at}, {at}, {at}, CASE WHEN k < 90 THEN {at} ELSE 0 END, 'Ann', 'approve', 4, i, 'topic ' || (i % 30),
				'city ' || (((i * 7919) % {firms} + 1) % {cities}) FROM job`,
		`INSERT INTO contractors (desk_id, id, city, city_key, company, state, created_at) ` + job + `
			SELECT 'main', 'firm' || (i - 1), 'City ' || (i % {cities}), 'city ' || (i % {cities}), 'Firm ' || i, 'active', 0 FROM n WHERE i <= {firms}`,
		share("'*topic'", "0", "CASE WHEN k < 90 THEN 'declined/' WHEN k < 92 THEN 'offered/' WHEN k < 98 THEN 'progress/' ELSE 'approval/' END || 'topic ' || (i % 30)", "k >= 75"),
		share("'*person'", "0", "CASE WHEN k < 93 THEN 'accepted/' WHEN k < 98 THEN 'in_progress/' ELSE 'waiting_approval/' END || 'slack:T1/U' || (i % 400)", "k >= 92"),
		share("'*age/'", "day", "'open'", "k >= 75"), share("'*age/' || firm", "day", "'open'", "k >= 75"),
		tallies("firm", "day"), city("'*city/'", "c.id", "t.day"), city("'*city/'", "c.id", "-((t.day + 3) / 7)"), city("'*age/*city/'", "'*age/' || c.id", "t.day"),
		tallies("''", "day"), tallies("''", "-((day + 3) / 7)"), standings("a.contractor_id"), standings("''"),
		"UPDATE desks SET last_number = {size}", "ANALYZE",
	}
	for n := range all {
		all[n] = names.Replace(all[n])
	}
	return all
}
