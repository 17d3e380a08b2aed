package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
)

// deliveryConfig is what the flags of the delivery report say.
type deliveryConfig struct {
	channels        int
	length          time.Duration
	replicas        []int
	rate            int
	latency         time.Duration
	bin, pgbin, dir string
}

// settling is how long deliveries run before the measure begins: bursts are used up
// and the queue in front of the allowance has formed.
const settling = 10 * time.Second

// runDelivery measures how deliveries leave: the share of Slack's allowance that one
// replica and several use, and how soon a click's card and a reply's mirror leave.
func runDelivery(args []string) int {
	c, err := parseDelivery(args)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		fmt.Fprintln(os.Stderr, "bench delivery:", err)
		return 2
	}
	ctx, stop := interruptible()
	defer stop()
	if err := deliver(ctx, c, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench delivery:", err)
		return 1
	}
	return 0
}

func parseDelivery(args []string) (deliveryConfig, error) {
	var c deliveryConfig
	fs := flag.NewFlagSet("bench delivery", flag.ContinueOnError)
	fs.IntVar(&c.channels, "channels", 200, "channels that wait for messages")
	fs.DurationVar(&c.length, "for", 60*time.Second, "how long to measure each number of replicas, and each latency")
	replicas := fs.String("replicas", "1,3", "numbers of replicas to measure; 0 leaves the allowance out")
	fs.IntVar(&c.rate, "rate", 200, "clicks and replies a second; 0 leaves the latencies out")
	fs.DurationVar(&c.latency, "latency", 0, "how long the platform takes for a call while latencies are measured")
	fs.StringVar(&c.bin, "bin", "", "a built taskbridge; without it ./cmd/taskbridge is built")
	fs.StringVar(&c.pgbin, "pgbin", "", "folder of PostgreSQL's programs; without it they are looked for")
	fs.StringVar(&c.dir, "dir", "", "where to put the temporary data (must be a real disk)")
	if err := fs.Parse(args); err != nil {
		return c, err
	}
	for text := range strings.SplitSeq(*replicas, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n > 9 {
			return c, fmt.Errorf("-replicas: %q is not a number of replicas", text)
		}
		if n > 0 {
			c.replicas = append(c.replicas, n)
		}
	}
	switch {
	case c.channels < 1 || c.channels > 2000:
		return c, errors.New("-channels must be from 1 to 2000")
	case c.length < 5*time.Second || c.length > 10*time.Minute:
		return c, errors.New("-for must be from 5s to 10m")
	case c.rate < 0 || c.rate > 2000:
		return c, errors.New("-rate must be from 0 to 2000")
	}
	return c, nil
}

func deliver(ctx context.Context, c deliveryConfig, out, log io.Writer) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(c.dir, "taskbridge-delivery-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(work)
	// PostgreSQL may run as another user, who must be able to pass through.
	if err := os.Chmod(work, 0o711); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	b := &bench{root: root, work: work, log: log}
	b.cfg.pgbin = c.pgbin
	defer b.stop()
	if len(c.replicas) > 0 && c.bin == "" {
		b.progress("building taskbridge")
		if c.bin, err = buildTaskbridge(ctx, root, work); err != nil {
			return err
		}
	}
	p := &printer{w: out}
	for i, n := range c.replicas {
		s, err := b.allowance(ctx, c, n)
		if err != nil {
			return fmt.Errorf("%d replicas: %w", n, err)
		}
		if i == 0 {
			p.line("Posts to %d channels for %v, against a Slack that keeps its limits (%d a minute in all, 60 in a channel)", c.channels, c.length, postsPerMinute)
		}
		p.line("  %d replicas: %d posts, %.1f %% of the allowance (aim: 95), %d rate-limit answers (aim: 0), %d twice, %d out of order",
			n, s.posts, 100*s.share, s.refused, s.twice, s.disordered)
	}
	if c.rate > 0 {
		if err := b.latencies(ctx, c, p); err != nil {
			return err
		}
	}
	return p.err
}

// postsPerMinute is what slacktest lets a workspace post.
const postsPerMinute = 300

// usageOfAllowance is what came of one run.
type usageOfAllowance struct {
	posts, refused, twice, disordered int
	share                             float64
}

// workspaceErrors takes what the stand-in for Slack complains of; the report counts
// it.
type workspaceErrors struct{ ends []func() }

func (*workspaceErrors) Helper()                           {}
func (*workspaceErrors) Errorf(format string, args ...any) {}
func (w *workspaceErrors) Cleanup(f func())                { w.ends = append(w.ends, f) }

// allowance runs n replicas of the real program on PostgreSQL and Redis, with more in
// the outbox of each channel than can be sent, and counts what reaches Slack.
func (b *bench) allowance(ctx context.Context, c deliveryConfig, n int) (u usageOfAllowance, err error) {
	// What is started for one run ends with it.
	outer := b.stops
	b.stops = nil
	defer func() { b.stop(); b.stops = outer }()
	complaints := &workspaceErrors{}
	slack := slacktest.New(complaints, slacktest.Options{})
	if slack == nil {
		return u, errors.New("the stand-in for Slack did not start")
	}
	b.atEnd(func() {
		for _, end := range complaints.ends {
			end()
		}
	})
	db, err := b.postgres(ctx, fmt.Sprintf("postgres-for-%d-replicas", n))
	if err != nil {
		return u, err
	}
	redisURL, err := b.redis(ctx, fmt.Sprintf("redis-for-%d-replicas", n))
	if err != nil {
		return u, err
	}
	each := int((c.length+settling).Minutes()*postsPerMinute)/c.channels + 5
	b.progress("putting %d messages into the outbox", each*c.channels)
	if err := fillOutbox(ctx, db.dsn(), slack, c.channels, each); err != nil {
		return u, err
	}
	for i := range n {
		if err := b.replica(ctx, c.bin, fmt.Sprintf("taskbridge-%d-of-%d", i+1, n), db.dsn(), redisURL, slack); err != nil {
			return u, err
		}
	}
	b.progress("measuring %d replicas for %v", n, c.length)
	if err := sleep(ctx, settling); err != nil {
		return u, err
	}
	began := time.Now()
	if err := sleep(ctx, c.length); err != nil {
		return u, err
	}
	ended := time.Now()
	last := map[string]int{}
	seen := map[string]bool{}
	for _, call := range slack.Calls("chat.postMessage") {
		if call.Error != "" || call.Status != http.StatusOK {
			continue
		}
		channel, text := call.Args["channel"], call.Args["text"]
		number, _ := strconv.Atoi(strings.TrimPrefix(text, "Message "))
		if seen[channel+text] {
			u.twice++
		}
		if number < last[channel] {
			u.disordered++
		}
		seen[channel+text], last[channel] = true, number
		if call.At.After(began) && !call.At.After(ended) {
			u.posts++
		}
	}
	for _, v := range slack.Violations() {
		if v.Rule == slacktest.RuleRate || v.Rule == slacktest.RuleRetryAfter {
			u.refused++
		}
	}
	u.share = float64(u.posts) / (ended.Sub(began).Minutes() * min(float64(postsPerMinute), 60*float64(c.channels)))
	return u, nil
}

// fillOutbox puts messages into the outbox before anything runs.
func fillOutbox(ctx context.Context, dsn string, slack *slacktest.Server, channels, each int) error {
	store, err := sqlstore.Open(ctx, dsn, sqlstore.Options{Migrate: true})
	if err != nil {
		return err
	}
	now, workspace := time.Now(), "slack:"+slack.TeamID()
	err = errors.Join(
		store.EnsureDesk(ctx, storage.Desk{ID: "main", Name: "main", CreatedAt: now}),
		store.PutWorkspace(ctx, storage.Workspace{ID: workspace, Desk: "main", Platform: "slack", Name: workspace, Bot: slack.BotUserID()}),
	)
	for i := 0; i < channels && err == nil; i++ {
		id := slack.AddChannel(slacktest.ChannelSpec{Name: fmt.Sprintf("ext-%d", i), Private: true})
		err = store.Update(ctx, "main", func(tx storage.Tx) error {
			for k := range each {
				payload, err := json.Marshal(map[string]any{"Message": chat.Message{Text: chat.T(fmt.Sprintf("Message %d", k+1))}})
				if err != nil {
					return err
				}
				if err := tx.Enqueue(ctx, storage.Delivery{
					Lane: storage.Lane{Workspace: workspace, Name: id}, Kind: "post", Payload: payload, CreatedAt: now,
				}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return errors.Join(err, store.Close())
}

// redis starts a Redis of the run's own.
func (b *bench) redis(ctx context.Context, name string) (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", fmt.Errorf("find redis-server: %w", err)
	}
	addr, err := freeAddr()
	if err != nil {
		return "", err
	}
	_, port, _ := splitAddr(addr)
	p, err := start(command{
		name: name, path: path, dir: b.work, env: []string{"PATH=" + os.Getenv("PATH")},
		args:    []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"},
		logFile: filepath.Join(b.work, name+".log"), stopSignal: syscall.SIGTERM,
	})
	if err != nil {
		return "", err
	}
	b.atEnd(p.stop)
	err = await(ctx, 10*time.Second, p.exited, func() bool {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	if err != nil {
		return "", p.failure(err)
	}
	return "redis://" + addr + "/0", nil
}

// replica starts one replica of the real program and waits until it is ready.
func (b *bench) replica(ctx context.Context, bin, name, dsn, redisURL string, slack *slacktest.Server) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	p, err := start(command{
		name: name, path: bin, args: []string{"serve"}, dir: b.work,
		env: []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + b.work, "TASKBRIDGE_LISTEN=" + addr,
			"TASKBRIDGE_DATABASE_URL=" + dsn, "TASKBRIDGE_REDIS_URL=" + redisURL,
			"TASKBRIDGE_SECRET_KEY=" + secretKey, "TASKBRIDGE_API_TOKEN=" + rand.Text(),
			"TASKBRIDGE_SLACK_BOT_TOKEN=" + slack.BotToken(), "TASKBRIDGE_SLACK_SIGNING_SECRET=" + slack.SigningSecret(),
			"TASKBRIDGE_SLACK_API_URL=" + slack.URL(), "TASKBRIDGE_LOG_LEVEL=warn", "TASKBRIDGE_LOG_FORMAT=json",
		},
		logFile: filepath.Join(b.work, name+".log"), stopSignal: syscall.SIGTERM,
	})
	if err != nil {
		return err
	}
	b.atEnd(p.stop)
	err = await(ctx, 30*time.Second, p.exited, func() bool {
		res, err := http.Get("http://" + addr + "/readyz")
		if err != nil {
			return false
		}
		return res.Body.Close() == nil && res.StatusCode == http.StatusOK
	})
	if err != nil {
		return p.failure(err)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
