package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU times in /proc: USER_HZ is 100 on every Linux that Go
// supports.
const tick = 10 * time.Millisecond

// procStat is what proc_pid_stat(5) says about one process.
type procStat struct {
	parent        int
	self, reaped  time.Duration // own CPU time, and that of children waited for
	residentPages int64
}

func parseStat(raw []byte) (procStat, error) {
	// The name in brackets may hold anything, so count from the last bracket.
	_, rest, found := bytes.Cut(raw[max(0, bytes.LastIndexByte(raw, ')')):], []byte(") "))
	f := strings.Fields(string(rest))
	if !found || len(f) < 22 {
		return procStat{}, fmt.Errorf("parse stat: %d fields", len(f))
	}
	var n [22]int64
	for _, i := range []int{1, 11, 12, 13, 14, 21} {
		v, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil {
			return procStat{}, fmt.Errorf("parse stat: %w", err)
		}
		n[i] = v
	}
	return procStat{
		parent:        int(n[1]),
		self:          time.Duration(n[11]+n[12]) * tick,
		reaped:        time.Duration(n[13]+n[14]) * tick,
		residentPages: n[21],
	}, nil
}

func readStat(pid int) (procStat, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procStat{}, fmt.Errorf("read stat: %w", err)
	}
	return parseStat(raw)
}

// treeCPU is the CPU time of a process, of its direct children and of those
// already gone. PostgreSQL's processes are all children of its postmaster.
func treeCPU(pid int) time.Duration {
	root, err := readStat(pid)
	if err != nil {
		return 0
	}
	total := root.self + root.reaped
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			continue
		}
		if s, err := parseStat(raw); err == nil && s.parent == pid {
			total += s.self + s.reaped
		}
	}
	return total
}

// resident is the memory a process holds, in bytes.
func resident(pid int) (int64, error) {
	s, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	return s.residentPages * int64(os.Getpagesize()), nil
}

// machineBusy is the CPU time that all cores together have spent on work.
func machineBusy() time.Duration {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(raw, []byte{'\n'})
	f := strings.Fields(string(line))
	var busy int64
	for i, s := range f {
		// user nice system idle iowait irq softirq steal: idle and iowait are not
		// work, steal is the host's, and guest time is inside user.
		if i == 0 || i == 4 || i == 5 || i > 7 {
			continue
		}
		if v, err := strconv.ParseInt(s, 10, 64); err == nil {
			busy += v
		}
	}
	return time.Duration(busy) * tick
}

// syncTime is the median time the disk takes for a small append with fdatasync.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, "sync")
	if err != nil {
		return 0, fmt.Errorf("measure sync: %w", err)
	}
	defer f.Close()
	defer os.Remove(f.Name())
	block := make([]byte, 4096)
	times := make([]float64, 0, 200)
	for range cap(times) {
		began := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, fmt.Errorf("measure sync: %w", err)
		}
		if err := syncData(f); err != nil {
			return 0, fmt.Errorf("measure sync: %w", err)
		}
		times = append(times, float64(time.Since(began)))
	}
	return time.Duration(spreadOf(times).median), nil
}
