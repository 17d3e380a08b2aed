package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// section is one kind of load, driven at every server in each round.
type section struct {
	name  string // of -only
	title string
	kind  kind
	rate  int
	slice time.Duration
}

// table holds a section's samples: one per round for each server.
type table struct {
	section
	samples map[string][]sample
}

// runner drives the sections.
type runner struct {
	servers  []*server
	rounds   int
	conns    int
	sequence int
	answered map[string]int // by server, warm-up included
	progress func(string, ...any)
}

// drive runs the sections round by round, so that the samples a ratio is made of
// were taken within seconds of each other.
func (r *runner) drive(ctx context.Context, sections []section) ([]*table, error) {
	tables := make([]*table, len(sections))
	pressing := 0
	for i, sec := range sections {
		tables[i] = &table{section: sec, samples: map[string][]sample{}}
		if sec.kind == clicks {
			pressing++
		}
	}
	if err := r.warm(ctx, sections); err != nil {
		return nil, err
	}
	for round := range r.rounds {
		for i, sec := range sections {
			// A different order each time, so that nobody always follows the same
			// neighbour and its left-over work.
			for _, at := range rand.Perm(len(r.servers)) {
				s := r.servers[at]
				left := pressing * (r.rounds - round)
				if sec.kind == clicks {
					left -= pressed(sections[:i])
				}
				smp, err := r.slice(ctx, s, sec, sec.slice, left)
				if err != nil {
					return nil, err
				}
				tables[i].samples[s.name] = append(tables[i].samples[s.name], smp)
				r.progress("round %d/%d %-8s %-20s %7.0f/s p50 %6.2f ms p99 %7.2f ms cpu %4.0f us failed %d other cores %.1f",
					round+1, r.rounds, sec.name, s.name, smp.perSecond(), smp.p50ms(), smp.p99ms(), smp.cpuPerRequest(), smp.Failed, smp.other)
			}
		}
	}
	return tables, nil
}

func pressed(sections []section) int {
	n := 0
	for _, s := range sections {
		if s.kind == clicks {
			n++
		}
	}
	return n
}

// warm lets every server compile, open its connections and grow its heap. Clicks
// are warmed on taskbridge only by replies, to save the buttons.
func (r *runner) warm(ctx context.Context, sections []section) error {
	for _, s := range r.servers {
		if _, err := r.slice(ctx, s, section{kind: replies}, time.Second, 0); err != nil {
			return err
		}
		if s.slack == nil && pressed(sections) > 0 {
			if _, err := r.slice(ctx, s, section{kind: clicks}, time.Second, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// fewButtons is the share of buttons below which a slice would be too short to
// say anything; then buttons are pressed again and most clicks are refusals.
const fewButtons = 200

// slice runs one slice. left is how many slices of clicks, this one included,
// share the buttons that nobody has pressed yet.
func (r *runner) slice(ctx context.Context, s *server, sec section, d time.Duration, left int) (sample, error) {
	r.sequence++
	spec := loadSpec{Kind: sec.kind, Conns: r.conns, Rate: sec.rate, Duration: d, Sequence: r.sequence, Targets: s.threads}
	if sec.kind == clicks {
		spec.Targets = s.buttons
		if s.slack != nil && left > 0 {
			share := (len(s.buttons) - s.used) / left
			if share >= fewButtons {
				spec.Targets, spec.Once = s.buttons[s.used:s.used+share], true
			}
		}
	}
	smp, err := runSlice(ctx, s, spec)
	if err != nil {
		return sample{}, err
	}
	if sec.kind == clicks && s.slack != nil {
		if spec.Once {
			s.pressedOnce(smp.Requests + smp.Failed)
		} else {
			smp.Repeated = smp.Requests
		}
	}
	if r.answered == nil {
		r.answered = map[string]int{}
	}
	r.answered[s.name] += smp.Requests
	if smp.Requests == 0 {
		return sample{}, fmt.Errorf("%s answered no request of %q: %s", s.name, sec.name, smp.Failure)
	}
	return smp, nil
}

// pressedOnce notes that the next n buttons have been pressed.
func (s *server) pressedOnce(n int) { s.used = min(s.used+n, len(s.buttons)) }
