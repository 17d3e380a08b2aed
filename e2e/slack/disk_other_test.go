//go:build !linux

package slack_test

// fullDisk needs a disk of its own, which only Linux makes by a call.
func fullDisk() []trouble { return nil }
