package sqlstore_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"taskbridge/storage"
	sqlstore "taskbridge/storage/sql"
)

// childVariable makes the test binary a writer to be killed; its value is the URL
// of the database to write to.
const childVariable = "TASKBRIDGE_TEST_CHILD"

// child commits one key after another from many goroutines and prints each once its
// commit is acknowledged, until it is killed.
func child(url string) int {
	ctx := context.Background()
	s, err := sqlstore.Open(ctx, url, sqlstore.Options{Migrate: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := s.EnsureDesk(ctx, storage.Desk{ID: "D"}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				// The process id tells apart the keys of one child and the next.
				key := fmt.Sprintf("%d-%d", os.Getpid(), next.Add(1))
				err := s.Update(ctx, "D", func(tx storage.Tx) error {
					if err := tx.SetSetting(ctx, key, "1"); err != nil {
						return err
					}
					return tx.SetSetting(ctx, key+"-twin", "1")
				})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				fmt.Println(key)
			}
		})
	}
	wg.Wait()
	return 1
}

// TestKilled kills a writing process several times: every commit that it had
// acknowledged is there, and none is there by half.
func TestKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	var acknowledged []string
	for round := range 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"=sqlite:"+path)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		got := 0
		for lines.Scan() {
			acknowledged = append(acknowledged, lines.Text())
			if got++; got == 300*(round+1) {
				// What it writes between this and its end is read too.
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil || got < 300 {
			t.Fatalf("the child ended by itself after %d commits: %v\n%s", got, err, &stderr)
		}
	}
	s := open(t, "sqlite:"+path)
	err := s.View(t.Context(), "D", func(tx storage.Tx) error {
		for _, key := range acknowledged {
			if strings.Count(key, "-") != 1 {
				// The last line may have been cut short by the kill.
				continue
			}
			for _, name := range []string{key, key + "-twin"} {
				if _, err := tx.Setting(t.Context(), name); err != nil {
					t.Errorf("acknowledged and lost: %v", err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d commits were acknowledged", len(acknowledged))
}

func TestReopen(t *testing.T) {
	t.Parallel()
	for name, url := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := url(t)
			for n := range 3 {
				s, err := sqlstore.Open(t.Context(), at, sqlstore.Options{Migrate: n == 0})
				if err != nil {
					t.Fatal(err)
				}
				if err := s.EnsureDesk(t.Context(), storage.Desk{ID: "D"}); err != nil {
					t.Error(err)
				}
				err = s.Update(t.Context(), "D", func(tx storage.Tx) error {
					for before := range n {
						if _, err := tx.Setting(t.Context(), strconv.Itoa(before)); err != nil {
							return err
						}
					}
					return tx.SetSetting(t.Context(), strconv.Itoa(n), "1")
				})
				if err != nil {
					t.Error(err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
