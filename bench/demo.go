package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// What somebody who tries it out may wait for.
const (
	readyAim     = 2 * time.Second
	firstPageAim = 100 * time.Millisecond
)

// mostUnseen is how many demonstrations wait at once for their first page to be opened.
const mostUnseen = 20

// demoPlan is what the flags of "bench demo" say.
type demoPlan struct {
	starts, times int
	bin, dir      string
}

// runDemo measures the demonstration and gives the exit code.
func runDemo(args []string) int {
	p, err := parseDemo(args)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		fmt.Fprintln(os.Stderr, "bench demo:", err)
		return 2
	}
	ctx, stop := interruptible()
	defer stop()
	if err := measureDemo(ctx, p, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench demo:", err)
		return 1
	}
	return 0
}

func parseDemo(args []string) (demoPlan, error) {
	var p demoPlan
	fs := flag.NewFlagSet("bench demo", flag.ContinueOnError)
	fs.IntVar(&p.starts, "starts", 10, "how often to start each demonstration")
	fs.IntVar(&p.times, "times", 50, "how often to measure each step of people at open pages; 0 leaves them and the browser out")
	fs.StringVar(&p.bin, "bin", "", "a built taskbridge; without it ./cmd/taskbridge is built")
	fs.StringVar(&p.dir, "dir", "", "where to put the temporary data (must be a real disk)")
	if err := fs.Parse(args); err != nil {
		return p, err
	}
	if p.starts < 1 || p.starts > 1000 {
		return p, errors.New("-starts must be from 1 to 1000")
	}
	if p.times < 0 || p.times > 1000 {
		return p, errors.New("-times must be from 0 to 1000")
	}
	return p, nil
}

func measureDemo(ctx context.Context, p demoPlan, out, log io.Writer) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(p.dir, "taskbridge-demo-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(work)
	if p.bin == "" {
		// Progress is for whoever watches; the report does not depend on it.
		_, _ = fmt.Fprintln(log, "building taskbridge")
		if p.bin, err = buildTaskbridge(ctx, root, work); err != nil {
			return err
		}
	}
	if p.bin, err = filepath.Abs(p.bin); err != nil {
		return fmt.Errorf("find the binary: %w", err)
	}
	kinds := [][]string{{"demo"}, {"demo", "--weeks", "0"}, {"demo", "--empty"}}
	ready, first := make([][]time.Duration, len(kinds)), make([][]time.Duration, len(kinds))
	for range p.starts {
		for n, args := range kinds {
			took, page, err := startDemo(ctx, p.bin, work, args)
			if err != nil {
				return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
			}
			ready[n], first[n] = append(ready[n], took), append(first[n], page)
		}
	}
	tw := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	w := &printer{w: tw}
	w.line("The demonstration, from the start of the binary; %d starts of each", p.starts)
	w.line("\tready p50 ms\tp99 ms\taim %v\tfirst page p50 ms\tp99 ms\taim %v", readyAim, firstPageAim)
	for n, args := range kinds {
		slices.Sort(ready[n])
		slices.Sort(first[n])
		w.line("taskbridge %s\t%.0f\t%.0f\t%s\t%.1f\t%.1f\t%s", strings.Join(args, " "), inMS(quantile(ready[n], 0.5)), inMS(quantile(ready[n], 0.99)),
			metOrMissed(ready[n], readyAim), inMS(quantile(first[n], 0.5)), inMS(quantile(first[n], 0.99)), metOrMissed(first[n], firstPageAim))
	}
	w.line("")
	if err := errors.Join(w.err, tw.Flush()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if p.times == 0 {
		return nil
	}
	if err := measureUpdates(ctx, p, work, out); err != nil {
		return fmt.Errorf("measure updates: %w", err)
	}
	return measureWindows(ctx, p, root, work, out)
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// metOrMissed says whether the median keeps to an aim.
func metOrMissed(sorted []time.Duration, aim time.Duration) string {
	if quantile(sorted, 0.5) > aim {
		return "missed"
	}
	return "met"
}

// demonstration is one that runs.
type demonstration struct {
	cmd     *exec.Cmd
	address string
	ready   time.Duration
}

// launchDemo starts a demonstration and waits until it says that it is ready.
func launchDemo(ctx context.Context, bin, work string, args []string) (*demonstration, error) {
	cmd := exec.CommandContext(ctx, bin, append(slices.Clone(args), "--port", "0")...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + work, "TMPDIR=" + work}
	cmd.SysProcAttr = childAttributes(nil)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopGrace
	said, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start it: %w", err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start it: %w", err)
	}
	d := &demonstration{cmd: cmd}
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if at := strings.Index(lines.Text(), "http://"); at >= 0 && d.address == "" {
			d.address, _, _ = strings.Cut(lines.Text()[at:], "/web/")
		}
		if d.address != "" && strings.Contains(lines.Text(), "Ctrl-C") {
			d.ready = time.Since(began)
			return d, nil
		}
	}
	return nil, errors.Join(errExited, cmd.Wait())
}

func (d *demonstration) stop() error {
	return errors.Join(d.cmd.Process.Signal(syscall.SIGTERM), d.cmd.Wait())
}

// startDemo measures a start, and the first page that somebody gets who follows the link:
// the sign-in that it stands for and the page, over a connection of its own.
func startDemo(ctx context.Context, bin, work string, args []string) (ready, first time.Duration, err error) {
	d, err := launchDemo(ctx, bin, work, args)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	jar, err := cookiejar.New(nil)
	if err != nil {
		return 0, 0, fmt.Errorf("make a jar: %w", err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Jar: jar, Transport: transport}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.address+"/web/as/olivia/", nil)
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the first page: %w", err)
	}
	began := time.Now()
	res, err := client.Do(req)
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the first page: %w", err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	first = time.Since(began)
	if err != nil {
		return 0, 0, fmt.Errorf("read the first page: %w", err)
	}
	if res.StatusCode != http.StatusOK || !strings.Contains(string(page), "Olivia Hart") {
		return 0, 0, fmt.Errorf("the first page is %s and not Olivia's", res.Status)
	}
	return d.ready, first, nil
}

// measureWindows has Chromium measure what two people at two windows wait for. What drives
// it is a module of its own, so that the product does not depend on it.
func measureWindows(ctx context.Context, p demoPlan, root, work string, out io.Writer) (err error) {
	if !haveChromium() {
		_, err := fmt.Fprintln(out, "Steps in the browser are not measured: that needs Chromium or Chrome on the PATH (Debian: apt-get install chromium).")
		return err
	}
	d, err := launchDemo(ctx, p.bin, work, []string{"demo", "--weeks", "0"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	var unseen []string
	for range min(p.starts, mostUnseen) {
		fresh, launchErr := launchDemo(ctx, p.bin, work, []string{"demo"})
		if launchErr != nil {
			return launchErr
		}
		defer func() { err = errors.Join(err, fresh.stop()) }()
		unseen = append(unseen, fresh.address)
	}
	timing := filepath.Join(work, "timing")
	build := exec.CommandContext(ctx, "go", "build", "-o", timing, "./timing")
	build.Dir = filepath.Join(root, "e2e", "web")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build what drives the browser: %w\n%s", err, said)
	}
	cmd := exec.CommandContext(ctx, timing, "-at", d.address, "-fresh", strings.Join(unseen, ","), "-times", strconv.Itoa(p.times))
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("measure in the browser: %w", err)
	}
	return nil
}

// haveChromium tells whether one of the names is there under which it is installed.
func haveChromium() bool {
	return slices.ContainsFunc([]string{"headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}, func(name string) bool {
		_, err := exec.LookPath(name)
		return err == nil
	})
}
