package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// growing is what the flags of a report say that measures as a desk grows.
type growing struct {
	sizes      []int
	engines    []string
	times      int
	pgbin, dir string
}

// runGrowing makes such a report and gives the exit code.
func runGrowing(name string, args []string, measure func(ctx context.Context, g growing, out, log io.Writer) error) int {
	g, err := parseGrowing(name, args)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		fmt.Fprintf(os.Stderr, "bench %s: %v\n", name, err)
		return 2
	}
	ctx, stop := interruptible()
	defer stop()
	if err := measure(ctx, g, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "bench %s: %v\n", name, err)
		return 1
	}
	return 0
}

func parseGrowing(name string, args []string) (growing, error) {
	var g growing
	fs := flag.NewFlagSet("bench "+name, flag.ContinueOnError)
	sizes := fs.String("sizes", "10000,100000,1000000", "numbers of assignments at which to measure, rising")
	engines := fs.String("engines", "sqlite,postgres", "where to measure")
	fs.IntVar(&g.times, "times", 200, "how often to ask for each")
	fs.StringVar(&g.pgbin, "pgbin", "", "folder of PostgreSQL's programs; without it they are looked for")
	fs.StringVar(&g.dir, "dir", "", "where to put the temporary data (must be a real disk)")
	if err := fs.Parse(args); err != nil {
		return g, err
	}
	g.engines = strings.Split(*engines, ",")
	least := 100
	for text := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < least || n > 10_000_000 {
			return g, fmt.Errorf("-sizes: %q is not from %d to 10,000,000", text, least)
		}
		g.sizes, least = append(g.sizes, n), n+1
	}
	if g.times < 1 {
		return g, errors.New("-times must be at least 1")
	}
	return g, nil
}
