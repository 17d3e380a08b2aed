package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/storage/files"
	redisstore "taskbridge/storage/redis"
)

// level is how much a finding matters.
type level string

const (
	good   level = "ok"
	mind   level = "note"
	broken level = "FAIL"
)

// finding is one thing that was looked at.
type finding struct {
	level           level
	subject, detail string
	advice          string
}

// doctorTimeout bounds the whole examination.
const doctorTimeout = time.Minute

// filesTimeout bounds writing a few bytes to where files are kept.
const filesTimeout = 10 * time.Second

type doctorCmd struct{}

// Run examines the set-up and fails when something keeps it from working.
func (doctorCmd) Run(ctx context.Context, p *process, g *globals) error {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	d := &doctor{logger: slog.New(slog.DiscardHandler), client: &http.Client{Timeout: 10 * time.Second}}
	if g.station != nil {
		d.examine(ctx, g.station)
		return report(p.stdout, d.findings)
	}
	cfg, err := g.load(p)
	if err != nil {
		return report(p.stdout, []finding{{broken, "configuration", err.Error(), "Mend all of these, then run doctor again."}})
	}
	if asked, err := askConsole(ctx, p, cfg.socket()); asked {
		return err
	}
	s := &station{cfg: cfg}
	s.store, s.engine = d.database(ctx, cfg)
	d.examine(ctx, s)
	if s.store != nil {
		if err := s.store.Close(); err != nil {
			d.add(broken, "database", "cannot be closed: "+err.Error(), "")
		}
	}
	return report(p.stdout, d.findings)
}

// examine looks at a set-up as far as it could be opened.
func (d *doctor) examine(ctx context.Context, s *station) {
	d.cfg = s.cfg
	database := d.findings
	d.findings = nil
	d.configuration()
	d.publicAddress(ctx)
	if s.serving {
		d.add(good, "database", d.cfg.databaseName()+", in use by the running service, which examines itself", "")
	}
	d.findings = append(d.findings, database...)
	d.redis(ctx)
	if s.store != nil {
		d.outbox(ctx, s.store)
	}
	if s.engine != nil {
		d.firms(ctx, s.engine)
	}
	d.files(ctx)
	d.webhooks(ctx)
	links := s.links
	if !s.serving {
		var err error
		if links, err = newLinks(d.cfg, surroundings{publicURL: d.cfg.publicAddress(d.cfg.listen), engine: s.engine, talk: s.store, now: time.Now, logger: d.logger}); err != nil {
			d.add(broken, "platforms", err.Error(), "")
			return
		}
	}
	d.platforms(ctx, links)
}

// doctor collects findings.
type doctor struct {
	cfg      config
	logger   *slog.Logger
	client   *http.Client
	findings []finding
}

func (d *doctor) add(l level, subject, detail, advice string) {
	d.findings = append(d.findings, finding{l, subject, detail, advice})
}

func (d *doctor) configuration() {
	source := "from the environment and the defaults"
	if d.cfg.file != "" {
		source = "from " + d.cfg.file + " and the environment"
	}
	d.add(good, "configuration", source, "")
	for _, i := range setUp(d.cfg, status{publicURL: d.cfg.publicAddress(d.cfg.listen)}) {
		switch {
		case i.next != "":
			d.add(mind, strings.ToLower(i.part), i.state, i.next)
		case i.part == "REST API":
			d.add(good, strings.ToLower(i.part), i.state, "")
		}
	}
	file := d.cfg.keyFile()
	if file == "" {
		return
	}
	switch info, err := os.Stat(file); {
	case errors.Is(err, fs.ErrNotExist):
		d.add(mind, "secret key", "there is none yet", "The first start of `taskbridge serve` makes it at "+file+".")
	case err != nil:
		d.add(broken, "secret key", err.Error(), "Make the file readable for the user that runs taskbridge.")
	case info.Mode().Perm()&0o077 != 0:
		d.add(broken, "secret key", file+" can be read by others", "Run: chmod 600 "+file)
	default:
		d.add(good, "secret key", "in "+file, "")
	}
}

// publicAddress asks the public address for a sign of life.
func (d *doctor) publicAddress(ctx context.Context) {
	address := d.cfg.publicAddress(d.cfg.listen)
	running := d.alive(ctx, address) || d.alive(ctx, config{}.publicAddress(d.cfg.listen))
	switch {
	case !running:
		d.add(mind, "public address", "nobody answers at "+address, "That is right while taskbridge is not running; else check the proxy in front of it.")
	case !d.alive(ctx, address):
		d.add(broken, "public address", "taskbridge runs, but "+address+" does not lead to it", "Check "+variable(keyPublicURL)+" and the proxy in front of taskbridge.")
	default:
		d.add(good, "public address", address+" leads here (seen from this machine)", "")
	}
}

func (d *doctor) alive(ctx context.Context, address string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/healthz", nil)
	if err != nil {
		return false
	}
	answer, err := d.client.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 16))
	return err == nil && answer.StatusCode == http.StatusOK && strings.TrimSpace(string(text)) == "ok"
}

// redis asks the Redis that replicas share for a sign of life.
func (d *doctor) redis(ctx context.Context) {
	raw := d.cfg.redisURL.reveal()
	if raw == "" || sqlitePath(d.cfg.databaseURL.reveal()) != "" {
		// Not used; what is said of the configuration tells so.
		return
	}
	const advice = "Nothing is lost without it, replicas are only slower. Check TASKBRIDGE_REDIS_URL and that Redis runs."
	c, err := redisstore.Open(raw, d.logger)
	if err != nil {
		d.add(broken, "redis", err.Error(), advice)
		return
	}
	defer c.Close()
	if err := c.Ping(ctx); err != nil {
		d.add(mind, "redis", err.Error(), advice)
		return
	}
	d.add(good, "redis", "answers", "")
}

// database opens the database. It gives nothing when there is nothing to open.
func (d *doctor) database(ctx context.Context, cfg config) (storage.Store, *bot.Engine) {
	if path := sqlitePath(cfg.databaseURL.reveal()); path != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			d.add(mind, "database", path+" does not exist yet", "The first start of `taskbridge serve` makes it.")
			return nil, nil
		}
	}
	store, err := openStore(ctx, cfg, d.logger)
	if err != nil {
		d.add(broken, "database", err.Error(), "Check "+variable(keyDatabaseURL)+" and that the database accepts this user.")
		return nil, nil
	}
	d.add(good, "database", cfg.databaseName()+", schema up to date", "")
	engine, _, err := openEngine(ctx, cfg, store, false, nil, nil, d.logger)
	if err != nil {
		d.add(mind, "engine", err.Error(), "")
		return store, nil
	}
	return store, engine
}

// files tries to write to where files are kept.
func (d *doctor) files(ctx context.Context) {
	where := d.cfg.files.url
	if path, ok := strings.CutPrefix(where, "file:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			d.add(mind, "files", path+" does not exist yet", "The first start of `taskbridge serve` makes it.")
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, filesTimeout)
	defer cancel()
	blobs, err := files.Open(where)
	if err == nil {
		err = blobs.Check(ctx)
	}
	if err != nil {
		d.add(broken, "files", err.Error(), "Check "+variable(keyFilesURL)+", and that this user may write there; S3 takes its credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
		return
	}
	if d.cfg.redisURL != "" && strings.HasPrefix(where, "file:") {
		d.add(mind, "files", where+" can be written here", "Several replicas need a folder that all of them see, or S3; see "+variable(keyFilesURL)+".")
		return
	}
	d.add(good, "files", fmt.Sprintf("%s can be written; up to %s each", where, humanize.IBytes(uint64(d.cfg.files.max))), "")
}

// outbox looks for what does not get out and for what could not be understood.
func (d *doctor) outbox(ctx context.Context, store storage.Store) {
	lanes, err := store.ParkedLanes(ctx)
	if err != nil {
		d.add(broken, "outbox", err.Error(), "")
	}
	for _, l := range lanes {
		d.add(broken, "outbox", fmt.Sprintf("%d messages to %s in %s wait since %s: %s", l.Waiting, l.Lane.Name, l.Lane.Workspace, l.ParkedAt.UTC().Format(time.RFC3339), l.Reason),
			adviceFor(l))
	}
	if err == nil && len(lanes) == 0 {
		d.add(good, "outbox", "no destination is stopped", "")
	}
	switch kept, err := store.ListKept(ctx, storage.ListKeptParams{Limit: 1}); {
	case err != nil:
		d.add(broken, "kept events", err.Error(), "")
	case len(kept) > 0:
		d.add(mind, "kept events", "there are events that could not be processed", "See them with `taskbridge events list`.")
	default:
		d.add(good, "kept events", "none", "")
	}
}

// adviceFor says how a destination that is stopped goes on.
func adviceFor(l storage.ParkedLane) string {
	retry := "`taskbridge deliveries retry --lane " + l.Lane.Name + "`"
	if l.Reason == string(chat.EndpointGone) {
		// It said itself that it wants nothing, so that nobody asks it again unbidden.
		return "Take the webhook out of the configuration, or mend its endpoint and run " + retry + "."
	}
	return "Mend the cause (bring the channel back, add the bot to it, renew the token); sending goes on by itself within ten minutes, or at once with " + retry + "."
}

// platforms asks each configured platform.
func (d *doctor) platforms(ctx context.Context, links []*link) {
	for _, l := range links {
		found := l.findings(ctx)
		d.findings = append(d.findings, found...)
		failed := false
		for _, f := range found {
			failed = failed || f.level == broken
		}
		if !failed {
			d.channel(ctx, l, "operations", l.operations)
			d.channel(ctx, l, "managers", l.managers)
		}
	}
}

func (d *doctor) channel(ctx context.Context, l *link, role, name string) {
	if name == "" {
		return
	}
	subject := l.name + ": " + role + " channel"
	info, err := l.adapter.Channel(ctx, name)
	switch {
	case err != nil:
		d.add(broken, subject, name+": "+err.Error(), "Check the name or id, and add the bot to the channel.")
	case info.Archived:
		d.add(broken, subject, name+" is archived", "Bring it back, or choose another.")
	case info.Shared:
		d.add(broken, subject, info.Name+" is shared with another company, which reads the desk's internal notes", "Choose a private channel of your own people, or end the sharing.")
	default:
		d.add(good, subject, info.Name, "")
	}
}

// report prints the findings and fails when one is broken.
func report(w io.Writer, findings []finding) error {
	bad := 0
	for _, f := range findings {
		detail := strings.ReplaceAll(f.detail, "\n", "\n        ")
		if _, err := fmt.Fprintf(w, "%-5s %s: %s\n", f.level, f.subject, detail); err != nil {
			return err
		}
		if f.advice != "" {
			if _, err := fmt.Fprintf(w, "      → %s\n", f.advice); err != nil {
				return err
			}
		}
		if f.level == broken {
			bad++
		}
	}
	switch bad {
	case 0:
		_, err := fmt.Fprintln(w, "\nNothing keeps taskbridge from working.")
		return err
	case 1:
		fmt.Fprintln(w, "\nOne thing keeps taskbridge from working.")
	default:
		fmt.Fprintf(w, "\n%d things keep taskbridge from working.\n", bad)
	}
	return errSaid
}
