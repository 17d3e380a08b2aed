//go:build shiftedclock

package main

import (
	"os"
	"strings"
	"time"
)

// shiftedClock is a clock that a test moves while the program runs: it is off by what the
// file says that SHIFTED_CLOCK names, such as "-10m". Everything goes by it, the store's
// leases as well, as on a machine whose clock is set. Only a program that was built with
// the tag shiftedclock has it.
func shiftedClock() func() time.Time {
	path := os.Getenv("SHIFTED_CLOCK")
	if path == "" {
		return nil
	}
	return func() time.Time {
		// Who cannot read it goes by the machine's.
		text, _ := os.ReadFile(path)
		by, _ := time.ParseDuration(strings.TrimSpace(string(text)))
		return time.Now().Round(0).Add(by)
	}
}
