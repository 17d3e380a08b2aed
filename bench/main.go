package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// config is what the flags say.
type config struct {
	rounds, conns, rate int
	slice, syncDelay    time.Duration
	only, servers       []string
	bin, before         string
	pgbin, dir          string
	seed                seedPlan
}

func main() {
	if code, ok := runChild(os.Args[1:]); ok {
		os.Exit(code)
	}
	// Children are tied to the thread that starts them; see start.
	runtime.LockOSThread()
	if len(os.Args) > 1 && os.Args[1] == "delivery" {
		os.Exit(runDelivery(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "figures" {
		os.Exit(runFigures(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "demo" {
		os.Exit(runDemo(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "lists" {
		os.Exit(runLists(os.Args[2:]))
	}
	cfg, err := parseFlags(os.Args[1:])
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := interruptible()
	err = run(ctx, cfg, os.Stdout, os.Stderr)
	if ctx.Err() != nil {
		// Whatever failed then failed because of that.
		err = errors.New("interrupted; everything is stopped")
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
}

// slowedArg makes this program become another one whose syncs are held up; see slowed.
const slowedArg = "-slowed"

// runChild does what this program was started for by itself, if it was.
func runChild(args []string) (code int, ok bool) {
	switch {
	case len(args) == 1 && args[0] == "-generate":
		return runGenerator(), true
	case len(args) == 2 && args[0] == floorArg:
		if err := runFloor(args[1]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			return 1, true
		}
		return 0, true
	case len(args) > 1 && args[0] == slowedArg:
		fmt.Fprintln(os.Stderr, "bench:", becomeSlowed(args[1:]))
		return 1, true
	}
	return 0, false
}

func allServers() []string {
	return []string{boltVerify, boltPG, floorSQLite, floorPostgres, taskbridgeSQLite, taskbridgePostgres, beforeSQLite, beforePostgres}
}

// usualServers are measured unless others are asked for.
func usualServers() []string {
	return []string{boltVerify, boltPG, floorSQLite, floorPostgres, taskbridgeSQLite, taskbridgePostgres}
}

// usualSections are measured unless others are asked for.
func usualSections() []string { return []string{"replies", "clicks", "steady", "footprint"} }

func allSections() []string { return append(usualSections(), growthSection) }

func parseFlags(args []string) (config, error) {
	var c config
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.IntVar(&c.rounds, "rounds", 5, "rounds; each ratio is the median over them")
	fs.DurationVar(&c.slice, "slice", 1500*time.Millisecond, "length of one slice of load")
	fs.DurationVar(&c.syncDelay, "sync-delay", 0, "how much longer each sync of a server's disk shall take")
	fs.IntVar(&c.conns, "c", 64, "keep-alive connections")
	fs.IntVar(&c.rate, "rate", 1000, "requests per second of the steady load")
	only := fs.String("only", strings.Join(usualSections(), ","), "what to measure: "+strings.Join(allSections(), ", "))
	servers := fs.String("servers", strings.Join(usualServers(), ","), "whom to measure: "+strings.Join(allServers(), ", "))
	fs.StringVar(&c.bin, "bin", "", "a built taskbridge; without it ./cmd/taskbridge is built")
	fs.StringVar(&c.before, "before", "", "another built taskbridge, which "+beforeSQLite+" and "+beforePostgres+" run")
	fs.StringVar(&c.pgbin, "pgbin", "", "folder of PostgreSQL's programs; without it they are looked for")
	fs.StringVar(&c.dir, "dir", "", "where to put the temporary data (must be a real disk)")
	fs.IntVar(&c.seed.contractors, "contractors", 8, "contractors to add")
	fs.IntVar(&c.seed.threads, "threads", 32, "live threads that get the replies")
	fs.IntVar(&c.seed.targets, "targets", 20000, "offered jobs, each to be clicked once")
	fs.BoolVar(&c.seed.mirrors, "mirrors", false, "give each contractor a linked channel, to which its threads are mirrored")
	fs.DurationVar(&c.seed.limit, "seed", 3*time.Minute, "most time to spend on preparing one taskbridge")
	if err := fs.Parse(args); err != nil {
		return config{}, err
	}
	c.only, c.servers = strings.Split(*only, ","), strings.FieldsFunc(*servers, func(r rune) bool { return r == ',' })
	for _, s := range c.only {
		if !slices.Contains(allSections(), s) {
			return config{}, fmt.Errorf("-only: unknown section %q", s)
		}
	}
	for _, s := range c.servers {
		if !slices.Contains(allServers(), s) {
			return config{}, fmt.Errorf("-servers: unknown server %q", s)
		}
	}
	if c.before == "" && (slices.Contains(c.servers, beforeSQLite) || slices.Contains(c.servers, beforePostgres)) {
		return config{}, errors.New("-servers: " + beforeSQLite + " and " + beforePostgres + " need -before")
	}
	limits := []struct {
		name           string
		value, low, up int
	}{
		{"rounds", c.rounds, 1, 50},
		{"c", c.conns, 1, 1024},
		{"rate", c.rate, 1, 20000},
		{"contractors", c.seed.contractors, 1, 100},
		{"threads", c.seed.threads, 1, 500},
		{"targets", c.seed.targets, 0, 100000},
	}
	for _, l := range limits {
		if l.value < l.low || l.value > l.up {
			return config{}, fmt.Errorf("-%s must be from %d to %d", l.name, l.low, l.up)
		}
	}
	if c.slice < 100*time.Millisecond || c.slice > time.Minute {
		return config{}, errors.New("-slice must be from 100ms to 1m")
	}
	if c.syncDelay < 0 || c.syncDelay > 100*time.Millisecond {
		return config{}, errors.New("-sync-delay must be from 0 to 100ms")
	}
	if c.seed.limit < time.Second || c.seed.limit > time.Hour {
		return config{}, errors.New("-seed must be from 1s to 1h")
	}
	return c, nil
}

// sections returns the loads that the flags ask for.
func (c config) sections() []section {
	var list []section
	if slices.Contains(c.only, "replies") {
		list = append(list, section{"replies", "Thread replies", replies, 0, c.slice})
	}
	if slices.Contains(c.only, "clicks") {
		list = append(list, section{"clicks", "Clicks", clicks, 0, c.slice})
	}
	if slices.Contains(c.only, "steady") {
		// A p99 needs some hundreds of requests, so these slices are longer.
		long := max(c.slice, 2*time.Second)
		list = append(list,
			section{"steady", "Thread replies at a steady rate", replies, c.rate, long},
			section{"steady-clicks", "Clicks at a steady rate", clicks, c.rate, long})
	}
	return list
}

// bench is one run: what it started, to be stopped in reverse order.
type bench struct {
	cfg     config
	root    string
	work    string
	bin     string
	log     io.Writer
	slow    *slowDisk
	servers []*server
	stops   []func()
}

func (b *bench) progress(format string, args ...any) {
	// Progress is for whoever watches; the report does not depend on it.
	_, _ = fmt.Fprintf(b.log, format+"\n", args...)
}

func (b *bench) atEnd(f func()) { b.stops = append(b.stops, f) }

func (b *bench) stop() {
	for _, f := range slices.Backward(b.stops) {
		f()
	}
	b.stops = nil
}

func run(ctx context.Context, cfg config, out, log io.Writer) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(cfg.dir, "taskbridge-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	b := &bench{cfg: cfg, root: root, work: work, log: log}
	defer os.RemoveAll(work)
	defer b.stop()
	// PostgreSQL may run as another user, who must be able to pass through.
	if err := os.Chmod(work, 0o711); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	if cfg.syncDelay > 0 {
		if b.slow, err = newSlowDisk(work, cfg.syncDelay); err != nil {
			return err
		}
	}
	disk, err := syncTime(work)
	if err != nil {
		return err
	}
	if inMemory(work) {
		b.progress("warning: %s lives in memory; figures of durable servers mean nothing there (see -dir)", work)
	}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	how, err := b.bootAndSeed(ctx)
	if err != nil {
		return err
	}
	sections := cfg.sections()
	r := &runner{servers: b.servers, rounds: cfg.rounds, conns: cfg.conns, progress: b.progress}
	var tables []*table
	if len(sections) > 0 {
		if tables, err = r.drive(ctx, sections); err != nil {
			return err
		}
	}
	var grown []*table
	if slices.Contains(cfg.only, growthSection) {
		more, notes, err := b.growth(ctx)
		if err != nil {
			return err
		}
		grown, how = more, append(how, notes...)
	}
	notes := append(b.checkClicks(ctx, sections), b.checkStored(ctx, r.answered)...)
	var found map[string]*footprint
	if slices.Contains(cfg.only, "footprint") {
		if found, err = b.footprints(ctx); err != nil {
			return err
		}
	}
	if err := b.report(out, tables, found, disk, append(how, notes...)); err != nil || grown == nil {
		return err
	}
	return writeGrowth(out, grown)
}

// moduleRoot is the folder of go.mod, from the current one upward.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "bench", "bolt", "package.json")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("run this inside the repository")
		}
		dir = up
	}
}

// prepare builds, installs and describes every server that takes part.
func (b *bench) prepare(ctx context.Context) error {
	has := func(name string) bool { return slices.Contains(b.cfg.servers, name) }
	b.bin = b.cfg.bin
	var err error
	if b.bin == "" && (has(taskbridgeSQLite) || has(taskbridgePostgres) || slices.Contains(b.cfg.only, growthSection)) {
		b.progress("building taskbridge")
		if b.bin, err = buildTaskbridge(ctx, b.root, b.work); err != nil {
			return err
		}
	}
	if has(boltVerify) || has(boltPG) {
		b.progress("installing Bolt")
		if err := installBolt(ctx, b.root); err != nil {
			return err
		}
	}
	for _, name := range allServers() {
		if !has(name) {
			continue
		}
		var db *postgres
		if name == boltPG || name == floorPostgres || name == taskbridgePostgres || name == beforePostgres {
			// Each has a PostgreSQL of its own, so that its CPU time is its own too.
			if db, err = b.postgres(ctx, "postgres-for-"+name); err != nil {
				return err
			}
		}
		var s *server
		switch name {
		case taskbridgeSQLite, taskbridgePostgres:
			s, err = newTaskbridge(b.bin, b.work, name, db, b.slow)
		case beforeSQLite, beforePostgres:
			s, err = newTaskbridge(b.cfg.before, b.work, name, db, b.slow)
		case floorSQLite, floorPostgres:
			s, err = newFloor(b.work, name, db, b.slow)
		default:
			s, err = newBolt(b.root, b.work, name, db)
		}
		if err != nil {
			return err
		}
		if s.slack != nil {
			b.atEnd(s.slack.close)
		}
		b.servers = append(b.servers, s)
	}
	return nil
}

func (b *bench) postgres(ctx context.Context, name string) (*postgres, error) {
	bin, err := postgresBin(b.cfg.pgbin)
	if err != nil {
		return nil, err
	}
	b.progress("starting %s", name)
	db, err := startPostgres(ctx, bin, b.work, name, b.slow)
	if err != nil {
		return nil, err
	}
	b.atEnd(db.stop)
	return db, nil
}

// bootAndSeed starts all servers and gives each its targets. It returns notes
// for the report.
func (b *bench) bootAndSeed(ctx context.Context) ([]string, error) {
	plan := b.cfg.seed
	if len(b.cfg.sections()) == 0 || !slices.Contains(b.cfg.only, "clicks") && !slices.Contains(b.cfg.only, "steady") {
		plan.targets = min(plan.targets, 500)
	}
	var notes []string
	for _, s := range b.servers {
		b.progress("starting the server on %s", s.addr)
		if err := s.boot(ctx); err != nil {
			return nil, err
		}
		b.atEnd(s.stop)
		s.threads, s.buttons = standIns(plan.threads), standIns(2000)
		if s.slack == nil {
			continue
		}
		s.threads, s.buttons = nil, nil
		how, err := seed(ctx, s, plan, b.progress)
		if err != nil {
			return nil, fmt.Errorf("seed: %w", s.failure(err))
		}
		notes = append(notes, fmt.Sprintf("%s: %d threads, %d buttons (%s)", s.name, len(s.threads), len(s.buttons), how))
	}
	// Bolt gets the same bytes where there are any.
	for _, from := range b.servers {
		if from.slack == nil || len(from.buttons) == 0 {
			continue
		}
		for _, s := range b.servers {
			if s.slack == nil {
				s.threads, s.buttons = from.threads, from.buttons[:min(len(from.buttons), 2000)]
			}
		}
		break
	}
	return notes, nil
}

// checkClicks asks each taskbridge what became of a sample of the pressed
// buttons' issues, so that the clicks counted as transitions were some.
func (b *bench) checkClicks(ctx context.Context, sections []section) []string {
	var notes []string
	if pressed(sections) == 0 {
		return nil
	}
	for _, s := range b.servers {
		if s.slack == nil {
			continue
		}
		var sample []int
		step := max(1, s.used/200)
		for i := 0; i < s.used; i += step {
			if n := s.buttons[i].Issue; n > 0 {
				sample = append(sample, n)
			}
		}
		seen, moved, err := s.transitions(ctx, sample)
		note := fmt.Sprintf("%s: %d of %d buttons pressed once; of %d looked at, %d had changed their assignment", s.name, s.used, len(s.buttons), seen, moved)
		if err != nil {
			note += fmt.Sprintf(" (the look ended early: %v)", err)
		}
		notes = append(notes, note)
	}
	return notes
}

// checkStored counts what the Bolt app with PostgreSQL has stored, so that its
// figures are those of an app that does store.
func (b *bench) checkStored(ctx context.Context, answered map[string]int) []string {
	for _, s := range b.servers {
		if s.name != boltPG || len(answered) == 0 {
			continue
		}
		n, err := s.db.count(ctx, "SELECT count(*) FROM seen")
		if err != nil {
			return []string{fmt.Sprintf("%s: could not count what was stored: %v", boltPG, err)}
		}
		return []string{fmt.Sprintf("%s: %d requests answered under load, %d ids stored (single probes included)", boltPG, answered[boltPG], n)}
	}
	return nil
}

// footprints stops everything that runs and measures the small contestants alone.
func (b *bench) footprints(ctx context.Context) (map[string]*footprint, error) {
	var alone []*server
	for _, s := range b.servers {
		s.stop()
		if s.db == nil {
			alone = append(alone, s)
		}
	}
	return measureFootprint(ctx, alone, b.cfg.rounds, b.progress)
}

func (b *bench) report(out io.Writer, tables []*table, found map[string]*footprint, disk time.Duration, notes []string) error {
	p := &printer{w: out}
	p.line("%d cores, %s, small append with fdatasync %d us, %d rounds", runtime.NumCPU(), runtime.Version(), disk.Microseconds(), b.cfg.rounds)
	if b.slow != nil {
		p.line("every sync of taskbridge and of the PostgreSQLs is made to take %v longer", b.slow.delay)
	}
	for _, n := range notes {
		p.line("%s", n)
	}
	if p.err != nil {
		return fmt.Errorf("write report: %w", p.err)
	}
	var names, products []string
	for _, s := range b.servers {
		names = append(names, s.name)
		if isTaskbridge(s.name) {
			products = append(products, s.name)
		}
	}
	for _, t := range tables {
		if err := writeTable(out, t, names, b.cfg.conns); err != nil {
			return err
		}
	}
	if found != nil {
		if err := writeFootprint(out, found, names); err != nil {
			return err
		}
	}
	if len(products) == 0 {
		return nil
	}
	return writeVerdicts(out, tables, found, products)
}
