package slack_test

import (
	"syscall"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/storage/storagetest/pgtest"
	"taskbridge/storage/storagetest/redistest"
)

// trouble is one thing that goes wrong while people are at work.
type trouble struct {
	name    string
	variant variant
	// open prepares what the trouble needs before the program starts.
	open func(t *testing.T, o *options)
	// begin makes it go wrong, end mends it.
	begin, end func(h *history)
}

// TestTroubles lets a crowd work, makes one thing go wrong again and again at moments
// drawn from a seed, and compares what people see with what the program knows. The
// flags -faults.replies, -faults.rounds, -faults.outage and -faults.seed make it longer
// or repeat it.
func TestTroubles(t *testing.T) {
	t.Parallel()
	for _, tr := range troubles() {
		t.Run(tr.name, func(t *testing.T) {
			t.Parallel()
			o := options{settings: map[string]string{}}
			if tr.open != nil {
				tr.open(t, &o)
			}
			h := newHistory(t, tr.variant, o)
			rounds := shared.faults.rounds
			each := shared.faults.replies / (3 * rounds)
			for round := range rounds {
				h.handIn(round)
				h.goOn(each, func() { tr.begin(h) })
				// Life goes on in the middle of it.
				h.goOn(each, func() {})
				// Not much: Slack turns off an app that fails a thousand times in an hour.
				for began := time.Now(); time.Since(began) < shared.faults.outage; <-time.After(5 * time.Second) {
					h.goOn(1, func() {})
				}
				h.goOn(each, func() { tr.end(h) })
				h.sendBack(round)
				h.handOff(round)
				// An hour later Slack has forgotten how much went wrong: it turns off who
				// fails nearly always.
				h.slack.Advance(time.Hour)
				h.must(h.slack.Settle())
			}
			h.settled()
			h.check()
		})
	}
}

func troubles() []trouble {
	v := variants()
	return append(fullDisk(), []trouble{
		{
			name: "killed", variant: v[0],
			begin: func(h *history) { h.program.Kill() },
			end:   func(h *history) { h.program.Start() },
		},
		{
			name: "killed on PostgreSQL with a socket", variant: v[3],
			// While there is no socket, Slack waits so long for one.
			begin: func(h *history) { h.slack.SetAckTimeout(50 * time.Millisecond); h.program.Kill() },
			end:   func(h *history) { h.desk.start(v[3]); h.slack.SetAckTimeout(ackTimeout) },
		},
		{
			name: "stopped and started", variant: v[1],
			begin: func(h *history) { h.program.Stop() },
			end:   func(h *history) { h.program.Start() },
		},
		{
			name: "frozen", variant: v[0],
			begin: func(h *history) {
				h.slack.SetAckTimeout(50 * time.Millisecond)
				h.program.Signal(syscall.SIGSTOP)
			},
			end: func(h *history) {
				h.program.Signal(syscall.SIGCONT)
				h.slack.SetAckTimeout(ackTimeout)
			},
		},
		{
			name: "Slack down", variant: v[1],
			begin: func(h *history) { h.slack.Inject(slacktest.Fault{Kind: slacktest.FaultStatus, Times: 1 << 20}) },
			end:   func(h *history) { h.slack.ClearFaults() },
		},
		{
			name: "told to slow down", variant: v[2],
			begin: func(h *history) { slowDown(h) },
			end:   func(h *history) { h.slack.ClearFaults() },
		},
		{
			name: "answers lost", variant: v[1],
			begin: func(h *history) { loseAnswers(h) },
			end:   func(h *history) { h.slack.ClearFaults() },
		},
		{
			name: "one of three replicas killed", variant: v[1],
			open:  threeReplicas,
			begin: func(h *history) { h.replicas[1].Kill() },
			end:   func(h *history) { h.replicas[1].Start() },
		},
		{
			// It keeps its connections, its leases and whatever it has locked.
			name: "one of three replicas frozen", variant: v[1],
			open: threeReplicas,
			begin: func(h *history) {
				h.slack.SetAckTimeout(500 * time.Millisecond)
				h.replicas[1].Signal(syscall.SIGSTOP)
			},
			end: func(h *history) {
				h.replicas[1].Signal(syscall.SIGCONT)
				h.slack.SetAckTimeout(ackTimeout)
			},
		},
		withClock("the clock jumps", v[2]),
		withClock("the clock jumps on PostgreSQL", v[3]),
		withRedis(),
		withPostgres(),
		withLine("the line to PostgreSQL is cut", func(l *pgtest.Line) error { l.Cut(); return nil }, (*pgtest.Line).Join),
		withLine("the line to PostgreSQL hangs", (*pgtest.Line).Hang, (*pgtest.Line).Resume),
	}...)
}

func threeReplicas(_ *testing.T, o *options) { o.replicas = 3 }

// slowDown makes Slack say wait in every way it has, now and then.
func slowDown(h *history) {
	for _, method := range []string{"chat.postMessage", "chat.update"} {
		for _, f := range []slacktest.Fault{
			{Kind: slacktest.FaultRateLimited, RetryAfter: inFlight + time.Second, Times: 2},
			{Kind: slacktest.FaultRateLimitedBare},
			{Kind: slacktest.FaultRateLimitedBody},
			{Kind: slacktest.FaultRateLimited, RetryAfter: inFlight + 2*time.Second},
		} {
			f.Method, f.Skip = method, h.rng.IntN(3)
			h.slack.Inject(f)
		}
	}
}

// loseAnswers has Slack do what it is asked and keep that to itself.
func loseAnswers(h *history) {
	for _, method := range []string{"chat.postMessage", "chat.update"} {
		for _, kind := range []slacktest.FaultKind{slacktest.FaultDropAfter, slacktest.FaultStatusAfter, slacktest.FaultDropBefore, slacktest.FaultGarbled, slacktest.FaultDropAfter} {
			h.slack.Inject(slacktest.Fault{Method: method, Kind: kind, Skip: h.rng.IntN(3)})
		}
	}
}

// withRedis kills the Redis of three replicas and brings it back empty.
func withRedis() trouble {
	var redis *redistest.Server
	return trouble{
		name: "Redis killed", variant: variants()[1],
		open: func(t *testing.T, o *options) {
			redis = redistest.Start(t)
			o.replicas, o.redis = 3, redis.URL()
		},
		begin: func(*history) { redis.Kill() },
		end:   func(*history) { redis.Restart() },
	}
}

// withPostgres crashes the database's server and starts it again.
func withPostgres() trouble {
	var cluster pgtest.Cluster
	tr := trouble{name: "PostgreSQL crashes", variant: variants()[1]}
	tr.open = func(t *testing.T, o *options) {
		t.Cleanup(func() {
			if err := cluster.Stop(); err != nil {
				t.Error(err)
			}
		})
		o.settings["DATABASE_URL"] = cluster.Database(t)
	}
	tr.begin = func(h *history) { h.must(cluster.Crash()) }
	tr.end = func(h *history) { h.must(cluster.Restart(h.t.Context())) }
	return tr
}

// withLine has something happen to the line between the program and its database.
func withLine(name string, begin, end func(*pgtest.Line) error) trouble {
	var line *pgtest.Line
	tr := trouble{name: name, variant: variants()[1]}
	tr.open = func(t *testing.T, o *options) {
		line, o.settings["DATABASE_URL"] = pgtest.NewLine(t, shared.postgres.Database(t))
	}
	tr.begin = func(h *history) {
		h.slack.SetAckTimeout(50 * time.Millisecond)
		h.must(begin(line))
	}
	tr.end = func(h *history) {
		h.must(end(line))
		h.slack.SetAckTimeout(ackTimeout)
	}
	return tr
}
