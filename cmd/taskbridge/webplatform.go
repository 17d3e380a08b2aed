package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"taskbridge/adapters/web"
	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/storage/files"
	sqlstore "taskbridge/storage/sql"
)

// clock is the time that the bot and the workspace in the browser go by.
func (c config) clock(store *sqlstore.Store) func() time.Time {
	if c.web.now != nil {
		return c.web.now
	}
	return store.Now
}

// browser is the workspace in the browser as the process runs it. Its own two channels
// are there from the start, because nobody could make them.
type browser struct{ *web.Adapter }

// Start makes what a workspace that begins empty needs.
func (b browser) Start(ctx context.Context) error {
	if err := b.Adapter.Start(ctx); err != nil {
		return err
	}
	return b.Furnish(ctx)
}

func webLink(cfg config, around surroundings) (*link, error) {
	blobs, err := files.Open(cfg.files.url)
	if err != nil {
		return nil, fmt.Errorf("%w; %s says where files are kept", err, variable(keyFilesURL))
	}
	settings := web.Config{
		Talk: around.talk, Blobs: blobs, MaxFile: cfg.files.max, PublicURL: around.publicURL, Personas: cfg.web.personas,
		Handler: around.engine, Hints: around.engine.Hints, Postman: around.postman, FromChat: cfg.slack.configured() || cfg.mattermost.configured(), Pages: around.engine, Linguist: around.engine, Logger: around.logger, Now: around.now, Leases: around.leases,
	}
	a, err := web.New(settings)
	if err != nil {
		return nil, err
	}
	around.engine.OpenDoor(a)
	l := newLink("web", browser{a}, around.engine, around.logger)
	l.operations, l.managers = web.Operations, web.Managers
	l.findings = func(ctx context.Context) []finding {
		if _, err := around.talk.TalkChange(ctx, "main"); err != nil {
			return []finding{{broken, "browser", "its messages cannot be read: " + err.Error(), "See the database above."}}
		}
		return []finding{{good, "browser", "served at " + around.publicURL + web.Prefix + "/", ""}}
	}
	return l, nil
}

// browser finds the workspace in the browser.
func (s *station) browser() (*web.Adapter, error) {
	for _, l := range s.links {
		if b, ok := l.adapter.(browser); ok {
			return b.Adapter, nil
		}
	}
	return nil, errors.New("the workspace in the browser is off: set " + variable(keyWebEnabled) + "=true")
}

type webCmd struct {
	Add    webAddCmd    `cmd:"" help:"Add a person and print the link with which they sign in."`
	Link   webLinkCmd   `cmd:"" help:"Print a link with which a person signs in: it works once, for a quarter of an hour."`
	List   webListCmd   `cmd:"" help:"List the people of the workspace."`
	Remove webRemoveCmd `cmd:"" help:"Take a person out at once: they are signed out, their links end, and they are in no channel. What they wrote stays."`
}

type webAddCmd struct {
	Name    string `arg:"" help:"The person's name."`
	Email   string `arg:"" help:"The person's e-mail address."`
	Admin   bool   `help:"May set the desk up."`
	Guest   bool   `help:"Is of a firm, and never an operator or a manager."`
	Channel string `default:"operations" help:"The channel to be in: operations, managers, or a firm's. An empty one for none."`
}

// Run adds a person.
func (c webAddCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		b, err := s.open(ctx)
		if err != nil {
			return err
		}
		kind := chat.Member
		if c.Guest {
			kind = chat.Guest
		}
		if c.Guest && (c.Channel == web.Operations || c.Channel == web.Managers) {
			c.Channel = ""
		}
		if !strings.Contains(c.Email, "@") {
			return fmt.Errorf("%q is no e-mail address", c.Email)
		}
		channel := ""
		if c.Channel != "" {
			info, err := b.Channel(ctx, c.Channel)
			if err != nil {
				return fmt.Errorf("there is no channel %s", c.Channel)
			}
			channel = info.ID
		}
		who, err := b.AddPerson(ctx, storage.Talker{Name: c.Name, Email: c.Email, Kind: string(kind), Admin: c.Admin})
		if chat.ReasonOf(err) == chat.NameTaken {
			return fmt.Errorf("somebody has the address %s already; `taskbridge web link %s` prints their link", c.Email, c.Email)
		}
		if err == nil && channel != "" {
			err = b.AddMembers(ctx, channel, []string{who.ID})
		}
		if err != nil {
			return fmt.Errorf("add %s: %w", c.Name, err)
		}
		return printLink(ctx, p, b, who.ID)
	})
}

type webLinkCmd struct {
	Who string `arg:"" help:"The person's e-mail address or id."`
}

// Run prints a link.
func (c webLinkCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		b, err := s.open(ctx)
		if err != nil {
			return err
		}
		return printLink(ctx, p, b, c.Who)
	})
}

func printLink(ctx context.Context, p *process, b *web.Adapter, who string) error {
	address, err := b.IssueLink(ctx, who)
	switch {
	case errors.Is(err, web.ErrTooMany):
		return errors.New("this person was given several links within the hour: use one of them, or wait")
	case chat.ReasonOf(err) == chat.NotFound:
		return noSuchPerson(who)
	case err != nil:
		return fmt.Errorf("make a link: %w", err)
	}
	_, err = fmt.Fprintln(p.stdout, address)
	return err
}

// noSuchPerson says that nobody is called so.
func noSuchPerson(who string) error {
	return fmt.Errorf("there is no %s; `taskbridge web list` lists everybody", who)
}

type webRemoveCmd struct {
	Who string `arg:"" help:"The person's e-mail address or id."`
}

// Run takes a person out.
func (c webRemoveCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		b, err := s.open(ctx)
		if err != nil {
			return err
		}
		who, err := b.RetirePerson(ctx, c.Who)
		switch {
		case errors.Is(err, web.ErrLastAdmin):
			return fmt.Errorf("%s is the last administrator; add another one first: `taskbridge web add NAME EMAIL --admin`", who.Name)
		case errors.Is(err, web.ErrElsewhere):
			return fmt.Errorf("%s comes in from another platform: take them out of its channels", who.Name)
		case chat.ReasonOf(err) == chat.NotFound:
			return noSuchPerson(c.Who)
		case err != nil:
			return fmt.Errorf("remove %s: %w", c.Who, err)
		}
		_, err = fmt.Fprintf(p.stdout, "%s is signed out and cannot sign in any more\n", who.Name)
		return err
	})
}

type webListCmd struct{}

// Run lists the people.
func (webListCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		if _, err := s.browser(); err != nil {
			return err
		}
		list, err := s.store.Talkers(ctx, "main")
		if err != nil {
			return fmt.Errorf("list the people: %w", err)
		}
		enc := json.NewEncoder(p.stdout)
		enc.SetEscapeHTML(false)
		for _, t := range list {
			if t.Kind == "" {
				// Removed; the name is kept for what they wrote.
				continue
			}
			line := struct {
				ID    string `json:"id"`
				Name  string `json:"name"`
				Email string `json:"email"`
				// From is who they are on the platform that they come in from.
				From  string `json:"from,omitempty"`
				Kind  string `json:"kind"`
				Admin bool   `json:"admin,omitempty"`
			}{t.ID, t.Name, t.Email, t.Alias, t.Kind, t.Admin}
			if err := enc.Encode(line); err != nil {
				return err
			}
		}
		return nil
	})
}

// open makes the workspace in the browser ready for a command.
func (s *station) open(ctx context.Context) (*web.Adapter, error) {
	for _, l := range s.links {
		if b, ok := l.adapter.(browser); ok {
			return b.Adapter, s.connect(ctx, l)
		}
	}
	return s.browser()
}
