//go:build !linux

package main

import (
	"os"
	"syscall"
	"time"
)

// The benchmark reads /proc and runs on Linux only; these stand in so that the
// module still builds elsewhere.

func childAttributes(*syscall.Credential) *syscall.SysProcAttr { return nil }

func preciseSleep(d time.Duration) { time.Sleep(d) }

func syncData(f *os.File) error { return f.Sync() }

func inMemory(string) bool { return false }
