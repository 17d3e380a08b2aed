package sqlstore

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"taskbridge/storage"
)

// restarts reads from the header of a write-ahead log how often it began anew
// (sqlite.org/fileformat2.html, The WAL File Format: the checkpoint sequence number).
func restarts(t *testing.T, path string) uint32 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer file.Close()
	var head [32]byte
	if _, err := io.ReadFull(file, head[:]); err != nil {
		t.Errorf("read the log: %v", err)
	}
	return binary.BigEndian.Uint32(head[12:])
}

// TestLogBeginsAnew writes from many callers without a pause: the log is copied beside
// them, and begins anew.
func TestLogBeginsAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := Open(t.Context(), "sqlite:"+path, Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.EnsureDesk(t.Context(), storage.Desk{ID: "D"}); err != nil {
		t.Fatal(err)
	}
	before := restarts(t, path+"-wal")
	// Some 20 pages each, of which no two callers write the same.
	text := strings.Repeat("x", 80_000)
	const callers, most = 8, 5000
	done := make(chan struct{})
	once, wg := sync.Once{}, sync.WaitGroup{}
	for caller := range callers {
		wg.Go(func() {
			for n := range most / callers {
				err := s.Update(t.Context(), "D", func(tx storage.Tx) error {
					return tx.SetSetting(t.Context(), strconv.Itoa(caller)+"/"+strconv.Itoa(n%50), text+strconv.Itoa(n))
				})
				if err != nil {
					t.Error(err)
				}
				select {
				case <-done:
					return
				default:
				}
				if caller == 0 && n%20 == 0 && restarts(t, path+"-wal") != before {
					once.Do(func() { close(done) })
				}
			}
		})
	}
	wg.Wait()
	if restarts(t, path+"-wal") == before {
		t.Errorf("after %d transactions the log is %d bytes long and never began anew", most, size(t, path+"-wal"))
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
