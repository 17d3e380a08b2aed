package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"taskbridge/bot/chat"
)

// exportPage is how many comments or events are read at once.
const exportPage = 200

type exportCmd struct {
	Number     int    `arg:"" optional:"" help:"The job's number."`
	Contractor string `help:"Print all jobs that a firm had, the oldest first, by its name."`
}

// exported is an issue with all that belongs to it, in the shapes of the API.
type exported struct {
	Issue    chat.IssueView     `json:"issue"`
	Comments []chat.CommentView `json:"comments"`
	Events   []chat.EventView   `json:"events"`
}

// Run exports.
func (c exportCmd) Run(ctx context.Context, p *process, g *globals) error {
	if (c.Number == 0) == (c.Contractor == "") {
		return errors.New("say which: `taskbridge export NUMBER`, or `taskbridge export --contractor NAME`")
	}
	return g.operate(ctx, p, func(s *station) error {
		if c.Contractor != "" {
			return exportFirm(ctx, p.stdout, s.engine, c.Contractor)
		}
		return export(ctx, p.stdout, s.engine, c.Number)
	})
}

// exportFirm writes every issue that a firm had to do with.
func exportFirm(ctx context.Context, w io.Writer, reader chat.Reader, name string) error {
	var numbers []int
	for before := 0; ; {
		page, err := reader.ListIssues(ctx, chat.IssueQuery{Contractor: name, Before: before, Limit: exportPage})
		if errors.Is(err, chat.ErrNoSuch) {
			return fmt.Errorf("no firm, or more than one, fits %q: write company and city, as in \"Acme, Leeds\"", name)
		}
		if err != nil {
			return fmt.Errorf("list the issues: %w", err)
		}
		for _, i := range page {
			before = i.Number
			numbers = append(numbers, i.Number)
		}
		if len(page) < exportPage {
			break
		}
	}
	for _, n := range slices.Backward(numbers) {
		if err := export(ctx, w, reader, n); err != nil {
			return err
		}
	}
	return nil
}

// export writes one issue.
func export(ctx context.Context, w io.Writer, reader chat.Reader, number int) error {
	issue, err := reader.Issue(ctx, number)
	if errors.Is(err, chat.ErrNoSuch) {
		return fmt.Errorf("there is no issue %d", number)
	}
	if err != nil {
		return fmt.Errorf("read the issue: %w", err)
	}
	out := exported{Issue: issue, Comments: []chat.CommentView{}, Events: []chat.EventView{}}
	for after, more := "", true; more; {
		page, err := reader.Comments(ctx, number, after, exportPage)
		if err != nil {
			return fmt.Errorf("read the comments: %w", err)
		}
		out.Comments = append(out.Comments, page...)
		if more = len(page) == exportPage; more {
			after = page[len(page)-1].ID
		}
	}
	for after, more := int64(0), true; more; {
		page, err := reader.Events(ctx, number, after, exportPage)
		if err != nil {
			return fmt.Errorf("read the history: %w", err)
		}
		out.Events = append(out.Events, page...)
		if more = len(page) == exportPage; more {
			after = page[len(page)-1].Seq
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
