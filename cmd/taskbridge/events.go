package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"taskbridge/storage"
)

const (
	// keptPage is how many kept events are read at once.
	keptPage = 100
	// maxReplay bounds what one run replays.
	maxReplay = 1 << 20
)

type eventsCmd struct {
	List   eventsListCmd   `cmd:"" help:"List the events that could not be processed, the newest first."`
	Replay eventsReplayCmd `cmd:"" help:"Process kept events once more, and forget those that succeed."`
}

type eventsListCmd struct {
	Limit int `default:"100" help:"The most to list."`
}

// Run lists.
func (c eventsListCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		events, err := listKept(ctx, s.store, c.Limit)
		if err != nil {
			return err
		}
		return printKept(p.stdout, events)
	})
}

// listKept reads up to limit kept events, the newest first.
func listKept(ctx context.Context, store storage.Keeping, limit int) ([]storage.Kept, error) {
	var all []storage.Kept
	after := int64(0)
	for len(all) < limit {
		page, err := store.ListKept(ctx, storage.ListKeptParams{After: after, Limit: min(keptPage, limit-len(all))})
		if err != nil {
			return nil, fmt.Errorf("list kept events: %w", err)
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		after = page[len(page)-1].ID
	}
	return all, nil
}

func printKept(w io.Writer, events []storage.Kept) error {
	if len(events) == 0 {
		_, err := fmt.Fprintln(w, "There are no kept events.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tAT\tWORKSPACE\tTYPE\tCOUNT\tFAULT")
	for _, k := range events {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%d\t%s\n",
			k.ID, k.At.UTC().Format(time.RFC3339), printable(k.Workspace), printable(k.Type), k.Count, printable(k.Fault))
	}
	return table.Flush()
}

// printable makes text from outside safe for a terminal and for a table's cell.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return ' '
		}
		return r
	}, s)
}

type eventsReplayCmd struct {
	ID  []int64 `arg:"" optional:"" help:"The ids to replay, as events list shows them."`
	All bool    `help:"Replay all of them, the oldest first."`
}

// Run replays.
func (c eventsReplayCmd) Run(ctx context.Context, p *process, g *globals) error {
	if c.All == (len(c.ID) > 0) {
		return errors.New("name the ids to replay, or give --all")
	}
	return g.operate(ctx, p, func(s *station) error { return c.replay(ctx, p, s) })
}

func (c eventsReplayCmd) replay(ctx context.Context, p *process, s *station) error {
	events, err := c.choose(ctx, s.store)
	if err != nil {
		return err
	}
	r := replays{keeping: s.store, links: s.links, connect: s.connect, connected: map[string]error{}}
	failed := 0
	for _, k := range events {
		outcome := "replayed"
		if err := r.replay(ctx, k); err != nil {
			failed++
			outcome = "not replayed: " + printable(err.Error())
		}
		fmt.Fprintf(p.stdout, "%d %s %s\n", k.ID, printable(k.Type), outcome)
	}
	fmt.Fprintf(p.stdout, "%d replayed, %d not.\n", len(events)-failed, failed)
	if failed > 0 {
		return errSaid
	}
	return nil
}

// choose loads the events meant, the oldest first.
func (c eventsReplayCmd) choose(ctx context.Context, store storage.Keeping) ([]storage.Kept, error) {
	if c.All {
		all, err := listKept(ctx, store, maxReplay)
		slices.Reverse(all)
		return all, err
	}
	var events []storage.Kept
	for _, id := range c.ID {
		k, err := store.Kept(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			return nil, fmt.Errorf("there is no kept event %d", id)
		}
		if err != nil {
			return nil, fmt.Errorf("load the kept event %d: %w", id, err)
		}
		events = append(events, k)
	}
	return events, nil
}

// replays feeds kept events back to the adapters they came from.
type replays struct {
	keeping storage.Keeping
	links   []*link
	connect func(ctx context.Context, l *link) error
	// connected remembers how connecting each platform went.
	connected map[string]error
}

func (r *replays) replay(ctx context.Context, k storage.Kept) error {
	platform, _, _ := strings.Cut(k.Workspace, ":")
	for _, l := range r.links {
		if l.name != platform {
			continue
		}
		err, tried := r.connected[l.name]
		if !tried {
			err = r.connect(ctx, l)
			r.connected[l.name] = err
		}
		if err != nil {
			return err
		}
		if err := l.adapter.Replay(ctx, k.Raw); err != nil {
			return err
		}
		// What is still not understood, or fails again, is kept again.
		if now, err := r.keeping.Kept(ctx, k.ID); err == nil && now.Count > k.Count {
			return errors.New("kept again: " + now.Fault)
		}
		if err := r.keeping.Release(ctx, k.ID); err != nil {
			return fmt.Errorf("forget the event: %w", err)
		}
		return nil
	}
	return fmt.Errorf("the platform of %s is not configured", k.Workspace)
}
