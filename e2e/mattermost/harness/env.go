package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/mattermost/mattermost/server/public/model"
)

// Env is what all scenarios of one test run share: the database server, the
// Mattermost server with its first administrator, and the product's binary.
type Env struct {
	Postgres *Postgres
	Server   *Server

	dir     string
	root    *model.Client4
	desks   atomic.Int64
	product func() (string, error)
}

// Open builds and starts what is shared. Close must be called in the end.
func Open(ctx context.Context) (*Env, error) {
	dir, err := os.MkdirTemp("", "taskbridge-e2e-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	e := &Env{dir: dir}
	// The product is built by the first scenario that needs it, so that the
	// harness can be tested while the product does not build.
	e.product = sync.OnceValues(func() (string, error) { return buildProduct(context.WithoutCancel(ctx), dir) })
	if err := e.start(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *Env) start(ctx context.Context) error {
	// PostgreSQL runs under another account and has to pass through the folder.
	//nolint:gosec // There is nothing secret in it.
	if err := os.Chmod(e.dir, 0o711); err != nil {
		return fmt.Errorf("open the temporary folder: %w", err)
	}
	binary, err := buildServer(ctx)
	if err != nil {
		return err
	}
	if e.Postgres, err = StartPostgres(ctx, e.dir); err != nil {
		return err
	}
	database, err := e.Postgres.Create(ctx, "mattermost")
	if err != nil {
		return err
	}
	if e.Server, err = NewServer(ctx, binary, e.dir, database); err != nil {
		return err
	}
	if err := e.Server.Start(ctx); err != nil {
		return err
	}
	e.root, err = firstAdministrator(ctx, e.Server.URL)
	return err
}

// RootToken is the session of the server's administrator, for programs that drive the
// server themselves.
func (e *Env) RootToken() string { return e.root.AuthToken }

// Close stops everything and removes its data.
func (e *Env) Close() error {
	var errs []error
	if e.Server != nil && e.Server.proc != nil {
		errs = append(errs, e.Server.Stop())
	}
	if e.Postgres != nil {
		errs = append(errs, e.Postgres.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(e.dir))...)
}

// firstAdministrator signs up the first user, whom the server makes its
// administrator.
func firstAdministrator(ctx context.Context, url string) (*model.Client4, error) {
	client := model.NewAPIv4Client(url)
	if _, _, err := client.CreateUser(ctx, &model.User{Username: "root", Email: "root@example.test", Password: password}); err != nil {
		return nil, fmt.Errorf("sign up the administrator: %w", err)
	}
	if _, _, err := client.Login(ctx, "root", password); err != nil {
		return nil, fmt.Errorf("log the administrator in: %w", err)
	}
	return client, nil
}

// password is everybody's.
const password = "Correct-horse-7"
