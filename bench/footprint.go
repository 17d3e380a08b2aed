package main

import (
	"context"
	"fmt"
	"time"
)

// footprint is how long a server takes from its start to its first answer to a
// signed event, and what it holds in memory when nothing happens.
type footprint struct {
	start    []float64 // milliseconds
	resident []float64 // MiB
}

// settle is how long a started server is left alone before its memory is read.
const settle = 3 * time.Second

// measureFootprint starts the servers in turn, alone on the machine, each on the
// data it already has.
func measureFootprint(ctx context.Context, servers []*server, rounds int, progress func(string, ...any)) (map[string]*footprint, error) {
	found := map[string]*footprint{}
	for round := range rounds {
		for _, s := range servers {
			ms, mib, err := measureStart(ctx, s)
			if err != nil {
				return nil, err
			}
			f := found[s.name]
			if f == nil {
				f = &footprint{}
				found[s.name] = f
			}
			f.start, f.resident = append(f.start, ms), append(f.resident, mib)
			progress("round %d/%d start    %-20s %7.1f ms %6.1f MiB", round+1, rounds, s.name, ms, mib)
		}
	}
	return found, nil
}

func measureStart(ctx context.Context, s *server) (ms, mib float64, err error) {
	p, err := s.launch()
	if err != nil {
		return 0, 0, err
	}
	s.process = p
	defer p.stop()
	if err := s.awaitReady(ctx, time.Millisecond); err != nil {
		return 0, 0, p.failure(err)
	}
	ms = time.Since(p.started).Seconds() * 1e3
	select {
	case <-time.After(settle):
	case <-p.exited:
		return 0, 0, p.failure(fmt.Errorf("ended while idle"))
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
	bytes, err := resident(p.pid())
	if err != nil {
		return 0, 0, err
	}
	return ms, float64(bytes) / (1 << 20), nil
}
