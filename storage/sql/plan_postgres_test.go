package sqlstore_test

import (
	"context"
	"flag"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/workflow"
)

// grow fills all tables with rows of the desk D without statistics being made of them,
// which is what a database is like that grew within the last minute.
const grow = `
SET session_replication_role = replica;
DO $$
DECLARE t record; cols text; vals text;
BEGIN
	FOR t IN SELECT table_name AS name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_name NOT IN ('desks', 'workspaces', 'goose_db_version')
	LOOP
		SELECT string_agg(quote_ident(column_name), ', '), string_agg(CASE
			WHEN column_name = 'desk_id' THEN quote_literal('D')
			WHEN column_name IN ('workspace', 'channel', 'status', 'stage', 'kind') THEN quote_literal('x')
			WHEN data_type = 'bigint' THEN '1000000 + g'
			WHEN data_type = 'boolean' THEN 'FALSE'
			WHEN data_type = 'bytea' THEN 'NULL'
			ELSE '''x'' || g' END, ', ')
		INTO cols, vals FROM information_schema.columns WHERE table_schema = 'public' AND table_name = t.name;
		EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM generate_series(1, 5000) AS g ON CONFLICT DO NOTHING', t.name, cols, vals);
	END LOOP;
END $$;
SET session_replication_role = origin`

// still keeps the server from making statistics by itself.
const still = `DO $$
DECLARE t record;
BEGIN
	FOR t IN SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' LOOP
		EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = off)', t.name);
	END LOOP;
END $$`

// admin is a connection beside the store's.
func admin(t *testing.T, url string, statements ...string) *pgx.Conn {
	t.Helper()
	// Also at the end of a test, when its context has been canceled.
	ctx := context.WithoutCancel(t.Context())
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(ctx) })
	for _, s := range statements {
		if _, err := c.Exec(ctx, s, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// click is what the nth press of a button does on the card of one of so many issues,
// and what the dispatcher does of it.
func click(ctx context.Context, s *sqlstore.Store, n, issues int64, now time.Time) error {
	issue := "I" + strconv.FormatInt(n%issues, 10)
	err := s.Update(ctx, "D", func(tx storage.Tx) error {
		was, err := tx.Issue(ctx, issue)
		if err != nil {
			return err
		}
		is := was
		is.Assignments = slices.Clone(was.Assignments)
		is.Assignments[0].Status, is.Assignments[0].Revision = workflow.Accepted, int(n)
		if is.Assignments[0].Status == was.Assignments[0].Status {
			is.Assignments[0].Status = workflow.InProgress
		}
		if err := tx.SaveIssue(ctx, was, is); err != nil {
			return err
		}
		_, err = tx.ListCards(ctx, issue)
		return err
	})
	if err != nil {
		return err
	}
	claimed, err := s.Claim(ctx, storage.ClaimParams{Now: now, Until: now.Add(time.Minute), Workspace: "slack:T1", Limit: 10})
	if err != nil {
		return err
	}
	for _, c := range claimed {
		if err := s.Update(ctx, "D", func(tx storage.Tx) error { return tx.Delivered(ctx, c.ID, c.Token) }); err != nil {
			return err
		}
	}
	_, err = s.NextDelivery(ctx, "slack:T1")
	return err
}

var (
	wholeTable = regexp.MustCompile(`Seq Scan on (\w+)`)
	wholeDesk  = regexp.MustCompile(`Index Cond: \(desk_id = [^)]*\)`)
)

// TestPlansFollowGrowth does what is done with each reply and click on a database that
// is as good as empty, until the server keeps plans, and again when it has grown. No
// plan may read what has grown from end to end, long before there are statistics.
func TestPlansFollowGrowth(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), time.Now()
	url := cluster.Database(t)
	// To the planner a table that was never vacuumed is not small.
	c := admin(t, url, still, "VACUUM")
	s := openWith(t, url, sqlstore.Options{Connections: 1})
	seedIssues(t, s, 10)
	work := func(n int64) {
		t.Helper()
		if err := hotPath(ctx, s, n, 10, now, "On my way."); err != nil {
			t.Fatal(err)
		}
		if err := click(ctx, s, n, 10, now); err != nil {
			t.Fatal(err)
		}
	}
	var n int64
	for ; n < 20; n++ {
		work(n)
	}
	if small := bad(t, s); len(small) == 0 {
		t.Fatal("no plan of the small database reads all of it, so this test shows nothing")
	}
	if _, err := c.Exec(ctx, grow, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for ; ; n++ {
		work(n)
		worst := bad(t, s)
		if len(worst) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("a minute after the tables have grown these plans read all of them:\n%s", strings.Join(worst, "\n"))
		}
	}
}

// readingAll are the beginnings of statements that may read a table from end to end:
// what is asked for now and then of all desks at once.
func readingAll() []string {
	return []string{
		"SELECT count(*) FROM kept", "DELETE FROM kept", "DELETE FROM inbox",
		"SELECT workspace, count(*), min(created_at) FROM deliveries",
		"SELECT d.id, d.desk_id, d.workspace, d.lane", "SELECT l.desk_id, l.workspace, l.name, l.reason",
	}
}

// explainGrown has statements planned, each for whatever its arguments may be, in a
// database that has grown and has no statistics.
func explainGrown(t *testing.T, url string, statements map[string]int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	c := admin(t, url, still, grow, "SET plan_cache_mode = force_generic_plan")
	may := readingAll()
	n := 0
	for text, args := range statements {
		n++
		name := "s" + strconv.Itoa(n)
		if _, err := c.Exec(ctx, "PREPARE "+name+" AS "+text, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%v\nin %s", err, text)
		}
		rows, err := c.Query(ctx, sqlstore.ExplainExecute(name, args), pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%v\nin %s", err, text)
		}
		plan := strings.Join(lines, "\n")
		if readsAll(plan) && !slices.ContainsFunc(may, func(begin string) bool { return strings.HasPrefix(text, begin) }) {
			t.Errorf("%s\n%s", text, plan)
		}
	}
	if whole := flag.Lookup("test.run").Value.String() == ""; whole && n < 300 {
		t.Errorf("only %d statements were explained", n)
	}
}

// bad are the plans that connections keep which read a table, or what a desk has in
// it, from end to end.
func bad(t *testing.T, s *sqlstore.Store) []string {
	t.Helper()
	all, err := s.Prepared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	kept := 0
	for _, p := range all {
		if p.Plan != "" {
			kept++
		}
		if readsAll(p.Plan) || wholeDesk.MatchString(p.Plan) && strings.Count(p.Text, "$") > 1 {
			list = append(list, p.Text+"\n"+p.Plan)
		}
	}
	if kept < 15 {
		t.Fatalf("the connections keep plans of %d statements only", kept)
	}
	return list
}

// readsAll tells whether a plan reads a table from end to end that grows with the work:
// desks and workspaces do not, nor do the server's own tables and the migrations'.
func readsAll(plan string) bool {
	for _, m := range wholeTable.FindAllStringSubmatch(plan, -1) {
		table := m[1]
		if table != "desks" && table != "workspaces" && table != "goose_db_version" && !strings.HasPrefix(table, "pg_") {
			return true
		}
	}
	return false
}
