// Command mmenv runs a Mattermost server with data of its own for tests of another
// module. It writes the address and an administrator's token as one line of JSON and
// ends, leaving nothing behind, when its standard input does.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"taskbridge/e2e/mattermost/harness"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env, err := harness.Open(ctx)
	if err != nil {
		return err
	}
	err = json.NewEncoder(os.Stdout).Encode(map[string]string{"url": env.Server.URL, "token": env.RootToken()})
	if err == nil {
		done := make(chan struct{})
		go func() { defer close(done); _, _ = io.Copy(io.Discard, os.Stdin) }()
		select {
		case <-done:
		case <-ctx.Done():
		}
	}
	if closed := env.Close(); err == nil {
		err = closed
	}
	return err
}
