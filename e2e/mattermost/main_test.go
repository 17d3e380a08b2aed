package mattermost_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"taskbridge/e2e/mattermost/harness"
)

// env is what all scenarios share. TestMain alone sets it, before any test runs:
// a server that takes many seconds to start is not started for each of them.
var env *harness.Env

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	// An interrupt during the long start cleans up; later it ends the run at once,
	// and the children with it.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	env, err = harness.Open(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if code != 0 {
		fmt.Fprintf(os.Stderr, "the Mattermost server wrote:\n%s\n", env.Server.Log())
	}
	if err := env.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	return code
}
