//go:build !linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// The benchmark reads /proc and runs on Linux only; these stand in so that the
// module still builds elsewhere.

func childAttributes(*syscall.Credential) *syscall.SysProcAttr { return nil }

func preciseSleep(d time.Duration) { time.Sleep(d) }

func syncData(f *os.File) error { return f.Sync() }

var errNotLinux = errors.New("syncs can be slowed on Linux only")

func slowed(*exec.Cmd, string, time.Duration) (func() error, error) { return nil, errNotLinux }

func becomeSlowed([]string) error { return errNotLinux }

func inMemory(string) bool { return false }
