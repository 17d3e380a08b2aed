package workspace_test

import (
	"fmt"
	"testing"
	"time"

	"taskbridge/storage/storagetest/pgtest"
)

// trouble is one thing that goes wrong while people are at work.
type trouble struct {
	name     string
	postgres bool
	// open prepares what the trouble needs before the program starts.
	open func(t *testing.T, settings map[string]string)
	// begin makes it go wrong, end mends it.
	begin, end func(c *crowd)
}

// TestTroubles lets operators and firms' people work in their browsers, makes one thing go
// wrong again and again at moments drawn from a seed, and compares what everybody's pages
// show with what the program knows. Whatever the trouble, requests are sent twice at once
// and again much later, answers are lost, requests are given up in the middle and live
// lines are cut. The flags -faults.acts, -faults.rounds and -faults.seed make it longer or
// repeat it.
func TestTroubles(t *testing.T) {
	t.Parallel()
	for _, tr := range troubles() {
		t.Run(tr.name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]string{}
			if tr.postgres {
				settings["DATABASE_URL"] = shared.postgres.Database(t)
			}
			if tr.open != nil {
				tr.open(t, settings)
			}
			c := newCrowd(t, settings)
			rounds := shared.faults.rounds
			for round := range rounds {
				k := c.course(fmt.Sprintf("Job of round %d", round))
				c.goOn(shared.faults.acts/rounds, k, func() {
					tr.begin(c)
					<-time.After(time.Duration(c.rng.IntN(300)) * time.Millisecond)
					tr.end(c)
				})
				for k.step < courseSteps {
					c.must(k.goes())
				}
			}
			c.settled()
		})
	}
}

func troubles() []trouble {
	kill, start := func(c *crowd) { c.program.Kill() }, func(c *crowd) { c.program.Start() }
	return []trouble{
		{name: "killed", begin: kill, end: start},
		{name: "killed on PostgreSQL", postgres: true, begin: kill, end: start},
		{name: "stopped and started", begin: func(c *crowd) { c.program.Stop() }, end: start},
		{
			name: "the line is cut", postgres: true,
			begin: func(c *crowd) { c.line.Cut() },
			end:   func(c *crowd) { c.must(c.line.Join()) },
		},
		withPostgres(),
	}
}

// withPostgres crashes the database's server and starts it again.
func withPostgres() trouble {
	var cluster pgtest.Cluster
	tr := trouble{name: "PostgreSQL crashes"}
	tr.open = func(t *testing.T, settings map[string]string) {
		t.Cleanup(func() {
			if err := cluster.Stop(); err != nil {
				t.Error(err)
			}
		})
		settings["DATABASE_URL"] = cluster.Database(t)
	}
	tr.begin = func(c *crowd) { c.must(cluster.Crash()) }
	tr.end = func(c *crowd) { c.must(cluster.Restart(c.t.Context())) }
	return tr
}
