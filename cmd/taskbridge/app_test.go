package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestPartsStopLastFirstAndAllOfThem(t *testing.T) {
	t.Parallel()
	a := newApp(quiet())
	var order []string
	for _, name := range []string{"database", "engine", "server"} {
		a.onStop(name, func(context.Context) error {
			order = append(order, name)
			if name == "engine" {
				return errors.New("stuck")
			}
			return nil
		})
	}
	err := a.stop(t.Context())
	if err == nil || err.Error() != "stop engine: stuck" {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{"server", "engine", "database"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if err := a.stop(t.Context()); err != nil {
		t.Errorf("a second stop: %v", err)
	}
}

func TestAPartThatDoesNotEndIsNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newApp(quiet())
		release := make(chan struct{})
		a.background("mule", func(context.Context) error { <-release; return nil })
		ctx, cancel := context.WithTimeout(t.Context(), stopTimeout)
		defer cancel()
		began := time.Now()
		err := a.stop(ctx)
		if err == nil || !strings.Contains(err.Error(), "mule") || time.Since(began) != stopTimeout {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		close(release)
	})
}

func TestAPartThatEndsByItselfEndsTheApp(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]error{"with an error": errors.New("broken"), "without": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(quiet())
			a.background("engine", func(context.Context) error { return end })
			if err := <-a.failed; err == nil || !strings.HasPrefix(err.Error(), "engine: ") {
				t.Errorf("error %v", err)
			}
			if err := a.stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestStartAndStopUnderStress(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 50 {
				a := newApp(quiet())
				for range 3 {
					a.background("part", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
				}
				if err := a.stop(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
