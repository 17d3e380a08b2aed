package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestSlowedSyncs(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const delay = 10 * time.Millisecond
	dir := t.TempDir()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), syncsVariable+"="+dir)
	supervise, err := slowed(cmd, self, delay)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := supervise(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "took"))
	if err != nil {
		t.Fatal(err)
	}
	took, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if least := 2 * slowSyncs * delay; time.Duration(took) < least {
		t.Errorf("%d syncs took %v, which is less than %v", 2*slowSyncs, time.Duration(took), least)
	}
}
