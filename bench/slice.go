package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// sample is one slice against one server.
type sample struct {
	loadResult
	serverCPU time.Duration // of the server's process
	dbCPU     time.Duration // of all of PostgreSQL's processes
	other     float64       // cores busy with anything that is no part of this slice
}

// The figures that ratios are made of.

func (s sample) perSecond() float64 { return float64(s.Requests) / s.Elapsed.Seconds() }

func (s sample) cpuPerRequest() float64 {
	return (s.serverCPU + s.dbCPU).Seconds() * 1e6 / float64(max(1, s.Requests))
}

func (s sample) p50ms() float64 { return s.P50.Seconds() * 1e3 }
func (s sample) p99ms() float64 { return s.P99.Seconds() * 1e3 }

// runSlice drives one slice from a generator process of its own and reads the
// servers' CPU time around it.
func runSlice(ctx context.Context, s *server, spec loadSpec) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, spec.Duration+2*requestTimeout)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return sample{}, fmt.Errorf("find this program: %w", err)
	}
	spec.Addr, spec.Path, spec.Secret = s.addr, pathOf(spec.Kind), signingSecret
	spec.ResponseURL = "http://127.0.0.1:9/response/none"
	if s.slack != nil {
		spec.ResponseURL = s.slack.responseURL("none")
	}
	cmd := exec.CommandContext(ctx, self, "-generate")
	cmd.Env = []string{"GOMAXPROCS=1", "GOGC=400"}
	cmd.SysProcAttr = childAttributes(nil)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	in, err := cmd.StdinPipe()
	if err != nil {
		return sample{}, fmt.Errorf("start generator: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return sample{}, fmt.Errorf("start generator: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return sample{}, fmt.Errorf("start generator: %w", err)
	}
	// A generator that fails says so on its standard error.
	var result sample
	err = converse(s, spec, cmd.Process.Pid, in, bufio.NewReader(out), &result)
	_ = in.Close()
	if waitErr := cmd.Wait(); err == nil {
		err = waitErr
	}
	if err != nil {
		return sample{}, fmt.Errorf("slice of %s against %s: %w\n%s", spec.Kind, s.name, err, problems.Bytes())
	}
	return result, nil
}

// converse speaks the generator's protocol; see generate.
func converse(s *server, spec loadSpec, generator int, in interface{ Write([]byte) (int, error) }, out *bufio.Reader, into *sample) error {
	if err := json.NewEncoder(in).Encode(spec); err != nil {
		return fmt.Errorf("send spec: %w", err)
	}
	if _, err := out.ReadString('\n'); err != nil {
		return fmt.Errorf("wait for generator: %w", err)
	}
	before := s.meter(generator)
	if _, err := fmt.Fprintln(in, "go"); err != nil {
		return fmt.Errorf("start generator: %w", err)
	}
	line, err := out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read result: %w", err)
	}
	after := s.meter(generator)
	if err := json.Unmarshal(line, &into.loadResult); err != nil {
		return fmt.Errorf("read result: %w", err)
	}
	into.serverCPU = after.server - before.server
	into.dbCPU = after.db - before.db
	own := after.sum() - before.sum()
	into.other = max(0, (after.machine-before.machine-own).Seconds()/into.Elapsed.Seconds())
	return nil
}

// meter is a reading of CPU times.
type meter struct{ machine, server, db, generator time.Duration }

func (m meter) sum() time.Duration { return m.server + m.db + m.generator }

func (s *server) meter(generator int) meter {
	m := meter{machine: machineBusy(), server: treeCPU(s.pid()), generator: treeCPU(generator)}
	if s.db != nil {
		m.db = treeCPU(s.db.pid())
	}
	return m
}
