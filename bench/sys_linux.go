package main

import (
	"os"
	"syscall"
	"time"
)

// childAttributes puts a child into a process group of its own, so that a
// Ctrl-C reaches only this program, which then stops its children in order. The
// kernel ends the child too when this program is killed outright.
func childAttributes(cred *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: cred}
}

// preciseSleep blocks the calling thread. The runtime's own timers may be a
// whole millisecond late in an idle process, which would count as latency.
func preciseSleep(d time.Duration) {
	if d <= 0 {
		return
	}
	ts := syscall.NsecToTimespec(int64(d))
	// An interrupted sleep is only short: the caller looks at the clock again.
	_ = syscall.Nanosleep(&ts, nil)
}

func syncData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

// inMemory says whether the folder lives in memory, where a sync costs nothing
// and the figures would flatter everything that stores.
func inMemory(dir string) bool {
	const tmpfs = 0x01021994
	var st syscall.Statfs_t
	return syscall.Statfs(dir, &st) == nil && st.Type == tmpfs
}
