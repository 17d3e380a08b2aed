package slack_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fullDisk has the disk of a SQLite database run full. Only root may make a disk that
// is small enough for that.
func fullDisk() []trouble {
	if os.Getuid() != 0 {
		return nil
	}
	var dir string
	filler := func() string { return filepath.Join(dir, "filler") }
	return []trouble{{
		name: "the disk is full", variant: variants()[0],
		open: func(t *testing.T, o *options) {
			dir = t.TempDir()
			if err := syscall.Mount("taskbridge", dir, "tmpfs", 0, "size=128m"); err != nil {
				t.Fatalf("make a small disk: %v", err)
			}
			t.Cleanup(func() {
				if err := syscall.Unmount(dir, 0); err != nil {
					t.Errorf("take the small disk away: %v", err)
				}
			})
			o.settings["DATABASE_URL"] = "sqlite:" + filepath.Join(dir, "desk.db")
		},
		begin: func(h *history) {
			f, err := os.Create(filler())
			h.must(err)
			_, err = io.Copy(f, endless{})
			if !errors.Is(err, syscall.ENOSPC) {
				h.t.Errorf("the disk is not full: %v", err)
			}
			h.must(f.Close())
		},
		end: func(h *history) {
			h.must(os.Remove(filler()))
			if log := h.program.Log(); !strings.Contains(log, "disk is full") {
				h.t.Error("the log does not say that the disk is full")
			}
		},
	}}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
