package main

import (
	"context"
	"fmt"
)

type figuresCmd struct {
	Recount recountCmd `cmd:"" help:"Count the figures of summaries and score cards anew from all jobs and their history. Nothing else is decided meanwhile."`
}

type recountCmd struct{}

// Run counts anew.
func (recountCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		jobs, err := s.engine.Recount(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "Jobs counted anew: %d.\n", jobs)
		return err
	})
}
