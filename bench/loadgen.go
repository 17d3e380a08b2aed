package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// kind is what a slice sends.
type kind string

const (
	replies kind = "replies"
	clicks  kind = "clicks"
)

// target is what one request aims at: a thread for a reply, a button for a click.
type target struct {
	User     string `json:"user"`
	Channel  string `json:"channel"`
	Message  string `json:"message"` // ts of the card; a reply's thread
	BlockID  string `json:"block_id,omitempty"`
	ActionID string `json:"action_id,omitempty"`
	Value    string `json:"value,omitempty"`
	Issue    int    `json:"issue,omitempty"` // 0 when not known
}

// loadSpec tells the generator what to do in one slice.
type loadSpec struct {
	Kind        kind          `json:"kind"`
	Addr        string        `json:"addr"`
	Path        string        `json:"path"`
	Secret      string        `json:"secret"`
	ResponseURL string        `json:"response_url"`
	Conns       int           `json:"conns"`
	Rate        int           `json:"rate"` // requests per second of the open loop; 0 is the closed loop
	Duration    time.Duration `json:"duration"`
	Sequence    int           `json:"sequence"` // number of the slice in the run; makes ids unique
	Targets     []target      `json:"targets"`
	Once        bool          `json:"once"` // end early rather than aim at a target twice
}

// loadResult is what one slice found. Latencies are of answered requests.
type loadResult struct {
	Requests int           `json:"requests"` // answered with 2xx
	Failed   int           `json:"failed"`
	Failure  string        `json:"failure,omitempty"` // the first one
	Elapsed  time.Duration `json:"elapsed"`
	P50      time.Duration `json:"p50"`
	P99      time.Duration `json:"p99"`
	Max      time.Duration `json:"max"`
	Late     time.Duration `json:"late"`     // p99 of how late the open loop's clock itself was
	Repeated int           `json:"repeated"` // requests that aimed at a target again
	BodySize int           `json:"body_size"`
}

const (
	// maxFailures ends a slice against a server that is broken.
	maxFailures = 200
	// maxRequests bounds the memory of one slice.
	maxRequests = 2_000_000
	// requestTimeout is more than Slack's three seconds, so that a slow answer
	// shows as latency.
	requestTimeout = 10 * time.Second
)

// generate is the generator's process: it reads a spec, connects, says "ready",
// waits for a line, drives the load and writes the result. The pause lets the
// parent read the servers' CPU time right before the first request.
func generate(in io.Reader, out io.Writer) error {
	stdin := bufio.NewReader(in)
	line, err := stdin.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read spec: %w", err)
	}
	var spec loadSpec
	if err := json.Unmarshal(line, &spec); err != nil {
		return fmt.Errorf("read spec: %w", err)
	}
	g, err := newGenerator(spec)
	if err != nil {
		return err
	}
	defer g.close()
	if err := g.connect(); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return fmt.Errorf("say ready: %w", err)
	}
	if _, err := stdin.ReadBytes('\n'); err != nil {
		return fmt.Errorf("wait for start: %w", err)
	}
	return json.NewEncoder(out).Encode(g.run())
}

type generator struct {
	spec    loadSpec
	tmpl    *template
	head    requestHead
	targets []slotValues
	workers []*worker
	prefix  []byte

	next   atomic.Int64 // index of the next request
	lastTS atomic.Int64 // microseconds, so that message ids never repeat
	fails  atomic.Int64
	once   sync.Once
	reason string
}

type worker struct {
	g         *generator
	conn      net.Conn
	br        *bufio.Reader
	signer    *signer
	body, buf []byte
	latencies []time.Duration
	done      int
	scratch   [4][64]byte
}

func newGenerator(spec loadSpec) (*generator, error) {
	if len(spec.Targets) == 0 || spec.Conns < 1 || spec.Duration <= 0 {
		return nil, fmt.Errorf("a slice needs targets, connections and a duration")
	}
	g := &generator{spec: spec, head: requestHead{host: spec.Addr, path: spec.Path, contentType: "application/json"}}
	var err error
	switch spec.Kind {
	case replies:
		g.tmpl, err = loadTemplate("message", false)
	case clicks:
		g.head.contentType = "application/x-www-form-urlencoded"
		g.tmpl, err = loadTemplate("block_actions", true)
	default:
		err = fmt.Errorf("unknown kind %q", spec.Kind)
	}
	if err != nil {
		return nil, err
	}
	g.prefix = base36(nil, uint64(spec.Sequence), 4)
	g.targets = make([]slotValues, len(spec.Targets))
	for i, t := range spec.Targets {
		v := &g.targets[i]
		v[slotUser], v[slotChannel] = g.tmpl.value(t.User), g.tmpl.value(t.Channel)
		v[slotThread], v[slotMessage] = g.tmpl.value(t.Message), g.tmpl.value(t.Message)
		v[slotBlock], v[slotAction], v[slotValue] = g.tmpl.value(t.BlockID), g.tmpl.value(t.ActionID), g.tmpl.value(t.Value)
		v[slotResponseURL] = g.tmpl.value(spec.ResponseURL)
	}
	for range spec.Conns {
		g.workers = append(g.workers, &worker{g: g, signer: newSigner(spec.Secret), latencies: make([]time.Duration, 0, 4096)})
	}
	return g, nil
}

func (g *generator) close() {
	for _, w := range g.workers {
		if w.conn != nil {
			w.conn.Close()
		}
	}
}

// connect opens every connection and warms it with an unsigned look at the
// health page, whatever the server answers to that, so that no accept falls into
// the measured time.
func (g *generator) connect() error {
	for _, w := range g.workers {
		if err := w.dial(); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w.conn, "GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n", g.spec.Addr); err != nil {
			return fmt.Errorf("warm connection: %w", err)
		}
		_, keep, err := readResponse(w.br)
		if err != nil {
			return fmt.Errorf("warm connection: %w", err)
		}
		if !keep {
			if err := w.dial(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *worker) dial() error {
	if w.conn != nil {
		w.conn.Close()
	}
	conn, err := net.DialTimeout("tcp", w.g.spec.Addr, requestTimeout)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	w.conn = conn
	if err := conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	w.br = bufio.NewReader(conn)
	return nil
}

// run drives the load and gathers what the workers saw.
func (g *generator) run() loadResult {
	start := time.Now()
	var wg sync.WaitGroup
	var late []time.Duration
	if g.spec.Rate > 0 {
		// The channel holds all ticks, so that the clock never waits for the servers.
		ticks := make(chan time.Time, g.planned())
		wg.Go(func() { late = g.pace(start, ticks) })
		for _, w := range g.workers {
			wg.Go(func() { w.open(ticks) })
		}
	} else {
		for _, w := range g.workers {
			wg.Go(func() { w.closed(start.Add(g.spec.Duration)) })
		}
	}
	wg.Wait()
	return g.gather(time.Since(start), late)
}

// planned is how many requests the open loop sends.
func (g *generator) planned() int {
	n := int(g.spec.Duration.Seconds() * float64(g.spec.Rate))
	if g.spec.Once {
		n = min(n, len(g.targets))
	}
	return max(1, min(n, maxRequests))
}

// pace emits the scheduled times, each when it comes, on a thread of its own. It
// returns how late it was itself.
func (g *generator) pace(start time.Time, out chan<- time.Time) []time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(out)
	n := g.planned()
	late := make([]time.Duration, 0, n)
	for i := range n {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(g.spec.Rate))
		preciseSleep(time.Until(due))
		late = append(late, max(0, time.Since(due)))
		out <- due
	}
	return late
}

// open answers the schedule: the latency counts from the time the request was
// due, whether or not a connection was free then.
func (w *worker) open(ticks <-chan time.Time) {
	for due := range ticks {
		if w.g.fails.Load() >= maxFailures {
			continue
		}
		w.send(w.g.next.Add(1)-1, due)
	}
}

// closed sends the next request when the last was answered.
func (w *worker) closed(end time.Time) {
	for w.g.fails.Load() < maxFailures {
		now := time.Now()
		if !now.Before(end) {
			return
		}
		i := w.g.next.Add(1) - 1
		if i >= maxRequests || w.g.spec.Once && i >= int64(len(w.g.targets)) {
			return
		}
		w.send(i, now)
	}
}

func (w *worker) send(i int64, since time.Time) {
	status, err := w.exchange(i)
	switch {
	case err != nil:
		w.g.fail(err.Error())
		if err := w.dial(); err != nil {
			w.g.fail(err.Error())
		}
	case status < 200 || status > 299:
		w.g.fail(fmt.Sprintf("status %d", status))
	default:
		w.done++
		w.latencies = append(w.latencies, time.Since(since))
	}
}

func (g *generator) fail(reason string) {
	g.fails.Add(1)
	g.once.Do(func() { g.reason = reason })
}

func (w *worker) exchange(i int64) (int, error) {
	now := time.Now()
	v := w.g.targets[i%int64(len(w.g.targets))]
	id := append(w.scratch[0][:0], "Ev"...)
	id = append(id, w.g.prefix...)
	v[slotID] = base36(id, uint64(i), 6)
	us := w.g.stamp(now)
	ts := strconv.AppendInt(w.scratch[1][:0], us/1_000_000, 10)
	v[slotTS] = fraction(ts, us%1_000_000)
	v[slotNow] = ts[:len(ts):len(ts)]
	v[slotUUID] = appendUUID(w.scratch[2][:0], v[slotID])
	trigger := append(w.scratch[3][:0], "7712345678901.7712345678902."...)
	v[slotTrigger] = append(trigger, v[slotID]...)

	w.body = w.g.tmpl.render(w.body[:0], &v)
	w.buf = w.g.head.appendRequest(w.buf[:0], w.signer, now, w.body)
	if err := w.conn.SetDeadline(now.Add(requestTimeout)); err != nil {
		return 0, fmt.Errorf("set deadline: %w", err)
	}
	if _, err := w.conn.Write(w.buf); err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	status, keep, err := readResponse(w.br)
	if err == nil && !keep {
		err = w.dial()
	}
	return status, err
}

// stamp returns microseconds that grow with every call.
func (g *generator) stamp(now time.Time) int64 {
	for {
		last := g.lastTS.Load()
		us := max(now.UnixMicro(), last+1)
		if g.lastTS.CompareAndSwap(last, us) {
			return us
		}
	}
}

func (g *generator) gather(elapsed time.Duration, late []time.Duration) loadResult {
	r := loadResult{Elapsed: elapsed, Failed: int(g.fails.Load()), Failure: g.reason}
	var all []time.Duration
	for _, w := range g.workers {
		r.Requests += w.done
		all = append(all, w.latencies...)
		r.BodySize = max(r.BodySize, len(w.body))
	}
	slices.Sort(all)
	slices.Sort(late)
	r.P50, r.P99, r.Max, r.Late = quantile(all, 0.50), quantile(all, 0.99), quantile(all, 1), quantile(late, 0.99)
	r.Repeated = max(0, r.Requests+r.Failed-len(g.targets))
	return r
}

// base36 appends n in exactly width capital letters and digits, the alphabet of
// Slack's ids.
func base36(dst []byte, n uint64, width int) []byte {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	start := len(dst)
	for range width {
		dst = append(dst, digits[n%36])
		n /= 36
	}
	slices.Reverse(dst[start:])
	return dst
}

// fraction appends a point and six digits.
func fraction(dst []byte, us int64) []byte {
	dst = append(dst, '.')
	for div := int64(100_000); div > 0; div /= 10 {
		dst = append(dst, byte('0'+us/div%10))
	}
	return dst
}

// appendUUID makes an id of the usual shape out of the request's own.
func appendUUID(dst, id []byte) []byte {
	const hexDigits = "0123456789abcdef"
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			dst = append(dst, '-')
		}
		b := id[i%len(id)]
		dst = append(dst, hexDigits[(int(b)+i/len(id)*5)%16])
	}
	return dst
}

// runGenerator is the entry of the generator's process.
func runGenerator() int {
	if err := generate(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "load generator:", err)
		return 1
	}
	return 0
}
