package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	customerpage "taskbridge/adapters/status"
	"taskbridge/adapters/web"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

type demoCmd struct {
	Empty bool `help:"Begin without firms and jobs."`
	Weeks int  `default:"3" help:"How many weeks of finished jobs there are besides, up to 26."`
	Port  int  `default:"8090" help:"The port to listen at; 0 takes a free one."`
	Open  bool `help:"Open the browser."`
}

// demoBegan is how long ago the demonstration's story begins.
const demoBegan = 75 * time.Hour

// Run shows taskbridge in the browser on a database in a temporary folder.
func (c demoCmd) Run(ctx context.Context, p *process) error {
	ctx, restore := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer restore()
	folder, err := os.MkdirTemp("", "taskbridge-demo-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	cfg, err := demoConfig(folder, c.Port)
	if err != nil {
		return err
	}
	past := &pastClock{}
	if !c.Empty {
		c.Weeks = max(0, min(c.Weeks, 26))
		past.lag = demoBegan + time.Duration(c.Weeks)*week
	}
	cfg.web.now, cfg.volatile = past.now, true
	var customer atomic.Pointer[string]
	cfg.web.personas = demoPersonas(c.Empty, &customer)

	quiet := &process{stdout: p.stdout, stderr: p.stderr, environ: nil}
	a := newApp(slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	s, err := start(ctx, a, quiet, cfg)
	if err == nil {
		err = c.show(ctx, a, p, s, past, &customer)
	}
	restore()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return errors.Join(err, a.stop(stopping))
}

// demoConfig is the configuration of a demonstration: it depends on nothing outside.
func demoConfig(folder string, port int) (config, error) {
	file := filepath.Join(folder, defaultFile)
	if err := os.WriteFile(file, []byte("{}\n"), 0o600); err != nil {
		return config{}, fmt.Errorf("write the configuration: %w", err)
	}
	return loadConfig(file, []string{
		variable(keyListen) + "=" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		variable(keyDatabaseURL) + "=sqlite:" + filepath.Join(folder, "demo.db"),
		variable(keyWebEnabled) + "=true",
		variable(keyLogLevel) + "=error",
	})
}

// show furnishes the workspace, plays its story and waits for the end.
func (c demoCmd) show(ctx context.Context, a *app, p *process, s *station, past *pastClock, customer *atomic.Pointer[string]) error {
	b, err := s.browser()
	if err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	// There is little to keep yet, which would be looked through again and again.
	collect := debug.SetGCPercent(400)
	d := &player{station: s, web: b, past: past, weeks: c.Weeks}
	if err := d.people(ctx, c.Empty); err != nil {
		return fmt.Errorf("bring the people in: %w", err)
	}
	if !c.Empty {
		if err := d.play(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("play the story: %w", err)
		}
		customer.Store(&d.customer)
	}
	if err := d.comes(ctx, 0); err != nil && ctx.Err() == nil {
		return err
	}
	if !c.Empty {
		if err := d.report(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("post a summary: %w", err)
		}
	}
	debug.SetGCPercent(collect)
	first := s.address + web.Prefix + "/as/" + s.cfg.web.personas[0].Slug + "/"
	fmt.Fprintf(p.stdout, "\ntaskbridge is running, with nothing to set up. Open it in your browser:\n\n")
	for _, who := range s.cfg.web.personas {
		if who.Hidden {
			continue
		}
		fmt.Fprintf(p.stdout, "  %-52s %s, %s\n", s.address+web.Prefix+"/as/"+who.Slug+"/", who.Name, who.Role)
	}
	fmt.Fprintf(p.stdout, "\nOpen two of them side by side: offer a job as %s, accept it as a firm.\nThe bar at the top of each page leads to the others. Nothing of it is kept. Press Ctrl-C to stop.\n", s.cfg.web.personas[0].Name)
	if c.Open {
		openBrowser(ctx, first)
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.failed:
		return err
	}
}

// ready waits until the workspace in the browser is connected.
func (s *station) ready(ctx context.Context) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		for _, l := range s.links {
			if _, ok := l.adapter.(browser); ok && l.healthy() == nil {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// openBrowser asks the machine to open an address; where it cannot, the person reads
// it.
func openBrowser(ctx context.Context, address string) {
	command := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if command == nil {
		command = []string{"xdg-open"}
	}
	//nolint:gosec // Our own words and our own address.
	_ = exec.CommandContext(context.WithoutCancel(ctx), command[0], append(command[1:], address)...).Start()
}

// pastClock is a clock that can be behind, so that a story can have taken place before
// it is told. It never goes back.
type pastClock struct {
	mu  sync.Mutex
	lag time.Duration
}

func (c *pastClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(-c.lag)
}

// pass lets time pass.
func (c *pastClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lag = max(0, c.lag-d)
}

func (c *pastClock) set(lag time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lag = min(c.lag, lag)
}

// demoPerson is somebody in the demonstration.
type demoPerson struct {
	id, name, role, firm string
	kind                 chat.PersonKind
	shown                bool
}

func demoPeople() []demoPerson {
	return []demoPerson{
		{id: "olivia", name: "Olivia Hart", role: "operator", kind: chat.Member, shown: true},
		{id: "sam", name: "Sam Okafor", role: "operator", kind: chat.Member},
		{id: "ben", name: "Ben Carter", role: "Acme Heating", firm: "Acme Heating", kind: chat.Guest, shown: true},
		{id: "tess", name: "Tess Whitlock", role: "Acme Heating", firm: "Acme Heating", kind: chat.Guest},
		{id: "mia", name: "Mia Novak", role: "Bright Locks", firm: "Bright Locks", kind: chat.Guest, shown: true},
		{id: "george", name: "George Stone", role: "Stone & Sons", firm: "Stone & Sons", kind: chat.Guest},
		{id: "priya", name: "Priya Shah", role: "manager", kind: chat.Member, shown: true},
	}
}

// demoCustomer has no account: the customer sees the page of one job.
const demoCustomer = "nora"

// demoPersonas are those whom the bar offers. customer is where the customer's page is,
// once there is one.
func demoPersonas(empty bool, customer *atomic.Pointer[string]) []web.Persona {
	var out []web.Persona
	for _, p := range demoPeople() {
		if !empty || p.firm == "" {
			out = append(out, web.Persona{Slug: p.id, Person: p.id, Name: p.name, Role: p.role, Hidden: !p.shown})
		}
	}
	if empty {
		return out
	}
	return append(out, web.Persona{Slug: demoCustomer, Name: "Nora Quinn", Role: "customer", Elsewhere: func() string {
		if to := customer.Load(); to != nil {
			return *to
		}
		return ""
	}})
}

// people are the same for the customer's page.
func (c webConfig) people() []customerpage.Person {
	var out []customerpage.Person
	for _, p := range c.personas {
		if !p.Hidden {
			out = append(out, customerpage.Person{Name: p.Name, Role: p.Role, Address: web.Prefix + "/as/" + p.Slug + "/", Here: p.Elsewhere != nil})
		}
	}
	return out
}

// people makes the accounts, and puts the desk's own people into its channels.
func (d *player) people(ctx context.Context, empty bool) error {
	for _, p := range demoPeople() {
		if empty && p.firm != "" {
			continue
		}
		err := d.store.PutTalker(ctx, "main", storage.Talker{
			ID: p.id, Name: p.name, Email: p.id + "@example.org", Kind: string(p.kind), Admin: p.id == "olivia", CreatedAt: d.past.now(),
		})
		if err != nil {
			return err
		}
		channels := map[string][]string{"operator": {web.Operations}, "manager": {web.Managers}}[p.role]
		for _, name := range channels {
			c, err := d.web.Channel(ctx, name)
			if err == nil {
				err = d.web.AddMembers(ctx, c.ID, []string{p.id})
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
