package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

type deliveriesCmd struct {
	List  deliveriesListCmd  `cmd:"" help:"List what has not got through, the oldest first."`
	Retry deliveriesRetryCmd `cmd:"" help:"Try a destination again now, also one that was stopped."`
	Drop  deliveriesDropCmd  `cmd:"" help:"Give a delivery up that blocks those behind it. The reason stays in the history."`
}

type deliveriesListCmd struct {
	Parked bool `help:"Only those of destinations that a permanent failure stopped."`
	Limit  int  `default:"100" help:"The most to list."`
}

// Run lists.
func (c deliveriesListCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		list, err := s.engine.Queue(ctx, storage.ListDeliveriesParams{Parked: c.Parked, Limit: max(c.Limit, 1)})
		if err != nil {
			return err
		}
		return printQueue(p.stdout, list, time.Now())
	})
}

func printQueue(w io.Writer, list []bot.Queued, now time.Time) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "Nothing waits.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tSINCE\tDESTINATION\tLANE\tKIND\tTRIES\tSTATE\tTRACE")
	for _, q := range list {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n",
			q.ID, q.CreatedAt.UTC().Format(time.RFC3339), printable(q.Destination), printable(q.Lane.Workspace+"/"+q.Lane.Name),
			q.Kind, q.Attempts, printable(queueState(q, now)), q.Trace)
	}
	return table.Flush()
}

// queueState says why a delivery is still here.
func queueState(q bot.Queued, now time.Time) string {
	switch {
	case q.InFlight:
		return "being sent"
	case !q.ParkedAt.IsZero():
		return "stopped: " + q.ParkedFor
	case q.NotBefore.After(now):
		return "next try " + q.NotBefore.UTC().Format(time.RFC3339) + ": " + q.LastError
	case q.LastError != "":
		return "waits: " + q.LastError
	default:
		return "waits"
	}
}

type deliveriesRetryCmd struct {
	Lane string `placeholder:"NAME" help:"The destination: a channel's name or id, or the lane as the list shows it."`
	All  bool   `help:"All destinations in which something waits."`
}

// Run retries.
func (c deliveriesRetryCmd) Run(ctx context.Context, p *process, g *globals) error {
	if c.All == (c.Lane != "") {
		return errors.New("name the destination with --lane, or give --all")
	}
	return g.operate(ctx, p, func(s *station) error {
		lanes, err := s.engine.Lanes(ctx, c.Lane)
		if errors.Is(err, chat.ErrNoSuch) && c.All {
			_, err := fmt.Fprintln(p.stdout, "Nothing waits.")
			return err
		}
		if errors.Is(err, chat.ErrNoSuch) {
			return fmt.Errorf("nothing waits for %q; `taskbridge deliveries list` shows what does", c.Lane)
		}
		if err != nil {
			return err
		}
		for _, l := range lanes {
			if err := s.engine.Retry(ctx, l); err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "%s is tried again.\n", printable(l.Workspace+"/"+l.Name))
		}
		return nil
	})
}

type deliveriesDropCmd struct {
	ID     int64  `arg:"" help:"The id, as the list shows it."`
	Reason string `required:"" help:"Why it is given up; it stays in the history."`
}

// Run drops.
func (c deliveriesDropCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		d, err := s.engine.Drop(ctx, c.ID, c.Reason)
		switch {
		case errors.Is(err, chat.ErrNoSuch):
			return fmt.Errorf("there is no delivery %d; it may have got through", c.ID)
		case errors.Is(err, storage.ErrConflict):
			return fmt.Errorf("delivery %d is being sent right now; look again in half a minute", c.ID)
		case err != nil:
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "Delivery %d, a %s for %s, is given up.\n", d.ID, d.Kind, printable(d.Lane.Workspace+"/"+d.Lane.Name))
		return err
	})
}
