package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/workflow"

	"golang.org/x/sync/errgroup"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// bigDesk is a desk that grows: the same random jobs on every engine, the first of them put
// in through the store and not through chat.
type bigDesk struct {
	rng  *rand.Rand
	made int
}

// What a big desk is made of.
const (
	bigFirms     = 2000
	bigCities    = 40
	bigTopics    = 20
	bigOperators = 20
	bigBatch     = 2000
	bigPart      = 40
	bigDeskID    = "main"
)

func firmID(n int) string     { return fmt.Sprintf("firm%04d", n) }
func cityName(n int) string   { return fmt.Sprintf("City %02d", n) }
func topicName(n int) string  { return fmt.Sprintf("Topic %02d", n) }
func operatorID(n int) string { return fmt.Sprintf("slack:T1/UOP%02d", n) }

// workerID is one of the three people of a firm.
func workerID(firm, n int) string { return fmt.Sprintf("slack:T1/U%04d%d", firm, n) }

func newBigDesk() *bigDesk {
	return &bigDesk{rng: rand.New(rand.NewPCG(1, 2))}
}

// fill makes the desk with its firms, and so many jobs, each with one assignment.
func (d *bigDesk) fill(ctx context.Context, dsn string, to int) error {
	store, err := sqlstore.Open(ctx, dsn, sqlstore.Options{Migrate: true})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer store.Close()
	if err := store.EnsureDesk(ctx, storage.Desk{ID: bigDeskID, Name: bigDeskID, CreatedAt: time.Now()}); err != nil {
		return fmt.Errorf("make the desk: %w", err)
	}
	err = store.Update(ctx, bigDeskID, func(tx storage.Tx) error {
		for n := range bigFirms {
			c := storage.Contractor{
				ID: firmID(n), City: cityName(n % bigCities), Company: fmt.Sprintf("Company %04d", n),
				State: storage.ContractorActive, CreatedAt: time.Now(),
			}
			if err := tx.InsertContractor(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add the firms: %w", err)
	}
	for d.made < to {
		batch := make([]storage.Issue, min(bigBatch, to-d.made))
		for n := range batch {
			batch[n] = d.job(d.made + n)
		}
		// Writers side by side share commits, and on PostgreSQL messages, too.
		var writers errgroup.Group
		for part := range slices.Chunk(batch, bigPart) {
			writers.Go(func() error {
				return store.Update(ctx, bigDeskID, func(tx storage.Tx) error {
					for _, i := range part {
						if _, err := tx.InsertIssue(ctx, i); err != nil {
							return err
						}
					}
					return nil
				})
			})
		}
		if err := writers.Wait(); err != nil {
			return fmt.Errorf("insert jobs: %w", err)
		}
		d.made += len(batch)
	}
	return nil
}

// job makes one: of a hundred ninety-five are closed, and the open ones are in every
// state and anywhere among the others.
func (d *bigDesk) job(n int) storage.Issue {
	firm := d.rng.IntN(bigFirms)
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
	a := workflow.Assignment{
		ID: fmt.Sprintf("a%09d", n), Contractor: firmID(firm), Revision: 1, CreatedAt: at, OfferedAt: at, AnsweredAt: at,
		InCharge: workflow.Person{ID: workerID(firm, d.rng.IntN(3)), Name: "Worker"},
	}
	i := storage.Issue{
		Issue: workflow.Issue{
			ID: fmt.Sprintf("i%09d", n), Status: workflow.Allocated, LiesWith: workflow.WithContractor, Revision: 1, CreatedAt: at,
			DueAt: at.Add(72 * time.Hour),
		},
		Title: fmt.Sprintf("Leaking tap in flat %d", n), Topic: topicName(d.rng.IntN(bigTopics)), Priority: "normal", Place: "4 Elm St",
		CreatedBy: workflow.Person{ID: operatorID(d.rng.IntN(bigOperators)), Name: "Operator"},
	}
	switch k := d.rng.IntN(1000); {
	case k < 950:
		a.Status, a.EndedAt = workflow.Complete, at
		i.Status, i.LiesWith, i.ClosedAt = workflow.Closed, workflow.WithNobody, at
	case k < 960:
		a.Status, a.EndedAt = workflow.Complete, at
		i.Status, i.LiesWith = workflow.Resolved, workflow.WithOperator
	case k < 965:
		a.Status, a.InCharge = workflow.Declined, workflow.Person{}
		i.Status, i.LiesWith = workflow.Reported, workflow.WithOperator
	case k < 970:
		a.Status, a.InCharge = workflow.Canceled, workflow.Person{}
		i.Status, i.LiesWith = workflow.Reported, workflow.WithOperator
	case k < 980:
		a.Status, a.InCharge = workflow.Assigned, workflow.Person{}
	case k < 990:
		a.Status = workflow.InProgress
	default:
		a.Status = workflow.WaitingApproval
	}
	// The service marks what falls due within a second, so that nothing else is past its date.
	if k := d.rng.IntN(20); k == 0 && i.Status == workflow.Allocated {
		i.Overdue = true
	} else {
		i.DueAt = at.AddDate(100, 0, 0)
	}
	i.Assignments = []workflow.Assignment{a}
	return i
}

// multiply copies the jobs that are there, with ids and numbers of their own, until
// there are so many: a million inserts through the store would take half an hour.
func (d *bigDesk) multiply(to int, run func(statements string) error) error {
	for d.made < to {
		n := min(d.made, to-d.made)
		err := run(fmt.Sprintf(`
			CREATE TEMP TABLE more_issues AS SELECT * FROM issues WHERE number <= %[2]d;
			CREATE TEMP TABLE more_assignments AS SELECT * FROM assignments WHERE number <= %[2]d;
			UPDATE more_issues SET id = '%[1]d-' || id, number = number + %[1]d;
			UPDATE more_assignments SET id = '%[1]d-' || id, issue_id = '%[1]d-' || issue_id, number = number + %[1]d;
			INSERT INTO issues SELECT * FROM more_issues;
			INSERT INTO assignments SELECT * FROM more_assignments;
			UPDATE desks SET last_number = last_number + %[2]d`, d.made, n))
		if err != nil {
			return fmt.Errorf("multiply the jobs: %w", err)
		}
		d.made += n
	}
	return nil
}

// runSQLite runs statements in a database that no store has open.
func runSQLite(path, statements string) error {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return errors.Join(sqlitex.ExecuteScript(conn, statements, nil), conn.Close())
}
