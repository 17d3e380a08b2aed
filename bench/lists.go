package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
	"taskbridge/workflow"
)

// listAim is what a page of a list may take on the largest desk.
const listAim = 10 * time.Millisecond

// runLists measures pages of lists as a desk grows.
func runLists(args []string) int { return runGrowing("lists", args, measureLists) }

// listKind is a list with one of the ways to narrow it down.
type listKind struct {
	name   string
	filter func(r *rand.Rand, made int) storage.IssueFilter
}

// listKinds are lists as people ask for them, the awkward ones included: much of which
// little fits, little of which much does not, and pages far from the first.
func listKinds() []listKind {
	stages := func(s ...workflow.Stage) func(*rand.Rand, int) storage.IssueFilter {
		return func(*rand.Rand, int) storage.IssueFilter { return storage.IssueFilter{Stages: s} }
	}
	live := []workflow.Status{workflow.Assigned, workflow.Accepted, workflow.InProgress, workflow.WaitingApproval}
	return []listKind{
		{"new", stages(workflow.StageNew)},
		{"open", stages(workflow.OpenStages()...)},
		{"waiting acceptance", stages(workflow.StageOffered)},
		{"waiting approval", stages(workflow.StageApproval)},
		{"declined", stages(workflow.StageDeclined)},
		{"overdue", func(*rand.Rand, int) storage.IssueFilter { return storage.IssueFilter{Overdue: true} }},
		{"completed", stages(workflow.StageResolved, workflow.StageClosed)},
		{"completed, a page anywhere", func(r *rand.Rand, made int) storage.IssueFilter {
			return storage.IssueFilter{Stages: []workflow.Stage{workflow.StageResolved, workflow.StageClosed}, Before: 1 + r.IntN(made)}
		}},
		{"mine, of an operator", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{Stages: append(workflow.OpenStages(), workflow.StageResolved), People: []string{operatorID(r.IntN(bigOperators))}}
		}},
		{"mine, of a firm's", func(r *rand.Rand, _ int) storage.IssueFilter {
			f := r.IntN(bigFirms)
			return storage.IssueFilter{Contractor: firmID(f), Assignment: live, InCharge: []string{workerID(f, r.IntN(3))}}
		}},
		{"open of a firm", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{Contractor: firmID(r.IntN(bigFirms)), Assignment: live}
		}},
		{"completed of a firm and topic", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{Contractor: firmID(r.IntN(bigFirms)), Assignment: []workflow.Status{workflow.Complete}, Topic: topicName(r.IntN(bigTopics))}
		}},
		{"open of a topic", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{Stages: workflow.OpenStages(), Topic: topicName(r.IntN(bigTopics))}
		}},
		{"completed of a city and topic", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{City: cityName(r.IntN(bigCities)), Assignment: []workflow.Status{workflow.Complete}, Topic: topicName(r.IntN(bigTopics))}
		}},
		{"completed of a city, topic that is not", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{City: cityName(r.IntN(bigCities)), Assignment: []workflow.Status{workflow.Complete}, Topic: "none"}
		}},
		{"declined in a city, of a topic", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{City: cityName(r.IntN(bigCities)), Assignment: []workflow.Status{workflow.Declined}, Topic: topicName(r.IntN(bigTopics))}
		}},
		{"overdue in a city", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{City: cityName(r.IntN(bigCities)), Assignment: workflow.OutStatuses(), Overdue: true}
		}},
		{"overdue, of an operator", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{People: []string{operatorID(r.IntN(bigOperators))}, Overdue: true}
		}},
		{"mine, of an operator at a firm", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{Contractor: firmID(r.IntN(bigFirms)), Assignment: workflow.OutStatuses(), People: []string{operatorID(r.IntN(bigOperators))}}
		}},
		{"completed in a city, of an operator", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{City: cityName(r.IntN(bigCities)), Assignment: []workflow.Status{workflow.Complete}, People: []string{operatorID(r.IntN(bigOperators))}}
		}},
		{"completed in a city, of who made none", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{City: cityName(r.IntN(bigCities)), Assignment: []workflow.Status{workflow.Complete}, People: []string{"slack:T1/UNONE"}}
		}},
		{"completed of an operator, topic that is not", func(r *rand.Rand, _ int) storage.IssueFilter {
			return storage.IssueFilter{
				Stages: []workflow.Stage{workflow.StageResolved, workflow.StageClosed}, People: []string{operatorID(r.IntN(bigOperators))}, Topic: "none",
			}
		}},
		{"firm, topic, city and person", func(r *rand.Rand, _ int) storage.IssueFilter {
			f := r.IntN(bigFirms)
			return storage.IssueFilter{
				Contractor: firmID(f), City: cityName(f % bigCities), Topic: topicName(r.IntN(bigTopics)), People: []string{workerID(f, r.IntN(3))},
				Assignment: []workflow.Status{workflow.Assigned, workflow.WaitingApproval},
			}
		}},
	}
}

// measureLists seeds each engine once and measures on the way.
func measureLists(ctx context.Context, c growing, out, log io.Writer) error {
	work, err := os.MkdirTemp(c.dir, "taskbridge-lists-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(work)
	// PostgreSQL may run as another user, who must be able to pass through.
	if err := os.Chmod(work, 0o711); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	b := &bench{work: work, log: log}
	defer b.stop()
	for _, engine := range c.engines {
		path := filepath.Join(work, "lists.db")
		dsn := "sqlite:" + path
		run := func(statements string) error { return runSQLite(path, statements) }
		var chores []string
		if engine != "sqlite" {
			bin, err := postgresBin(c.pgbin)
			if err != nil {
				return err
			}
			pg, err := startPostgres(ctx, bin, work, "lists-postgres", nil)
			if err != nil {
				return err
			}
			b.atEnd(pg.stop)
			dsn = pg.dsn()
			run = func(statements string) error { return pg.run(ctx, statements) }
			// Its own workers do so within minutes of so much that is new, and would beside
			// what is measured.
			chores = []string{"VACUUM (ANALYZE)", "CHECKPOINT"}
		}
		if err := b.listsOn(ctx, c, engine, dsn, run, chores, out); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

// listTimes are the times of one list at one size, sorted.
type listTimes struct{ page, count []time.Duration }

func (b *bench) listsOn(ctx context.Context, c growing, engine, dsn string, run func(string) error, chores []string, out io.Writer) error {
	desk := newBigDesk()
	found := map[string][]listTimes{}
	measure := func(size int) error {
		store, err := sqlstore.Open(ctx, dsn, sqlstore.Options{Migrate: true})
		if err != nil {
			return fmt.Errorf("open: %w", err)
		}
		defer store.Close()
		for _, k := range listKinds() {
			t, err := timeList(ctx, store, k, size, c.times)
			if err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			found[k.name] = append(found[k.name], t)
		}
		return nil
	}
	for _, size := range c.sizes {
		began := time.Now()
		fill := func() error { return desk.multiply(size, run) }
		if desk.made == 0 {
			fill = func() error { return desk.fill(ctx, dsn, size) }
		}
		if err := fill(); err != nil {
			return err
		}
		for _, chore := range chores {
			if err := run(chore); err != nil {
				return err
			}
		}
		b.progress("%s: %d assignments, the last ones in %v", engine, size, time.Since(began).Round(time.Second))
		if err := measure(size); err != nil {
			return err
		}
	}
	return writeLists(out, c, engine, found)
}

func timeList(ctx context.Context, store storage.Store, k listKind, size, times int) (t listTimes, err error) {
	rng := rand.New(rand.NewPCG(3, 4))
	const warm = 10
	for n := range times + warm {
		f := k.filter(rng, size)
		f.Limit = 13
		var page, count time.Duration
		err := store.View(ctx, bigDeskID, func(tx storage.Tx) error {
			began := time.Now()
			if _, err := tx.ListIssues(ctx, f); err != nil {
				return err
			}
			page = time.Since(began)
			began = time.Now()
			_, err := tx.CountIssues(ctx, f, 1000)
			count = time.Since(began)
			return err
		})
		if err != nil {
			return t, err
		}
		if n >= warm {
			t.page, t.count = append(t.page, page), append(t.count, count)
		}
	}
	slices.Sort(t.page)
	slices.Sort(t.count)
	return t, nil
}

// writeLists prints the growth of each list, and whether the aim is met.
func writeLists(out io.Writer, c growing, engine string, found map[string][]listTimes) error {
	tw := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	p := &printer{w: tw}
	head := "list\tpage p50 / p99 ms"
	for _, n := range c.sizes {
		head += fmt.Sprintf("\tat %d", n)
	}
	p.line("\nPages of lists on %s (aim: a median of at most %v at %d)", engine, listAim, c.sizes[len(c.sizes)-1])
	p.line("%s\tgrowth\tcount p50 / p99 ms", head)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	missed := 0
	for _, k := range listKinds() {
		list := found[k.name]
		row := k.name + "\t"
		for _, t := range list {
			row += fmt.Sprintf("\t%.2f / %.2f", ms(quantile(t.page, 0.5)), ms(quantile(t.page, 0.99)))
		}
		first, last := list[0], list[len(list)-1]
		row += fmt.Sprintf("\tx%.1f\t%.2f / %.2f", ms(quantile(last.page, 0.5))/ms(quantile(first.page, 0.5)),
			ms(quantile(last.count, 0.5)), ms(quantile(last.count, 0.99)))
		if quantile(last.page, 0.5) > listAim {
			missed++
			row += "\tmissed"
		}
		p.line("%s", row)
	}
	p.line("%d of %d lists miss the aim", missed, len(listKinds()))
	if p.err != nil {
		return fmt.Errorf("write report: %w", p.err)
	}
	return tw.Flush()
}
