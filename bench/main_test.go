package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test binary be the benchmark's children, as the benchmark's own
// binary is, and one of its own that makes a few syncs.
func TestMain(m *testing.M) {
	if code, ok := runChild(os.Args[1:]); ok {
		os.Exit(code)
	}
	if dir := os.Getenv(syncsVariable); dir != "" {
		os.Exit(syncsIn(dir))
	}
	os.Exit(m.Run())
}

// syncsVariable names the folder in which a child of a test makes its syncs.
const syncsVariable = "BENCH_TEST_SYNCS_IN"

// slowSyncs is how many syncs the child makes; few enough to last a moment only.
const slowSyncs = 5

// syncsIn makes a few syncs and leaves behind how long they took.
func syncsIn(dir string) int {
	f, err := os.Create(filepath.Join(dir, "data"))
	if err != nil {
		return 1
	}
	began := time.Now()
	for range slowSyncs {
		if f.Sync() != nil || syncData(f) != nil {
			return 1
		}
	}
	if os.WriteFile(filepath.Join(dir, "took"), []byte(strconv.FormatInt(int64(time.Since(began)), 10)), 0o600) != nil {
		return 1
	}
	return 0
}

func TestTemplateRendersWhatSlackSends(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		form     bool
		low, top int // bytes of JSON
	}{
		{"message", false, 1600, 1900},
		{"block_actions", true, 8000, 9500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tmpl, err := loadTemplate(tt.name, tt.form)
			if err != nil {
				t.Fatal(err)
			}
			hostile := `a"b\c<&> =+%`
			v := slotValues{}
			for i := range v {
				v[i] = tmpl.value(strings.Repeat("x", 12))
			}
			v[slotNow] = []byte("1700000000")
			v[slotValue], v[slotChannel] = tmpl.value(hostile), tmpl.value(hostile)
			body := tmpl.render(nil, &v)
			if tt.form {
				form, err := url.ParseQuery(string(body))
				if err != nil {
					t.Fatal(err)
				}
				body = []byte(form.Get("payload"))
			}
			if len(body) < tt.low || len(body) > tt.top {
				t.Errorf("%d bytes of JSON, want %d to %d", len(body), tt.low, tt.top)
			}
			var got struct {
				EventTime int64 `json:"event_time"`
				Event     struct {
					Channel string `json:"channel"`
				} `json:"event"`
				Actions []struct {
					Value string `json:"value"`
				} `json:"actions"`
			}
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if tt.form && (len(got.Actions) != 1 || got.Actions[0].Value != hostile) {
				t.Errorf("actions = %+v", got.Actions)
			}
			if !tt.form && (got.Event.Channel != hostile || got.EventTime != 1700000000) {
				t.Errorf("event = %+v", got)
			}
		})
	}
}

// The example of docs.slack.dev/authentication/verifying-requests-from-slack.
func TestSignatureMatchesTheDocumentedExample(t *testing.T) {
	t.Parallel()
	const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	got := string(newSigner("8f742231b10e8888abcd99yyyzzz85a5").sign([]byte("1531420618"), []byte(body)))
	if want := "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestReadResponse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, wire string
		status     int
		keep       bool
		fails      bool
	}{
		{name: "length", wire: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, keep: true},
		{name: "empty", wire: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, keep: true},
		{name: "chunks", wire: "HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", status: 500, keep: true},
		{name: "close", wire: "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status: 404},
		{name: "cut", wire: "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", fails: true},
		{name: "not HTTP", wire: "hello, who is there?\r\n", fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			br := bufio.NewReader(strings.NewReader(tt.wire))
			status, keep, err := readResponse(br)
			if (err != nil) != tt.fails {
				t.Fatalf("error %v", err)
			}
			if status != tt.status || keep != tt.keep {
				t.Errorf("got %d, keep %v", status, keep)
			}
			if _, err := br.ReadByte(); err == nil {
				t.Error("something was left of the response")
			}
		})
	}
}

func TestQuantileAndSpread(t *testing.T) {
	t.Parallel()
	var sorted []time.Duration
	for i := 1; i <= 200; i++ {
		sorted = append(sorted, time.Duration(i))
	}
	got := []time.Duration{quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1), quantile(nil, 0.5)}
	if diff := cmp.Diff([]time.Duration{100, 198, 200, 0}, got); diff != "" {
		t.Error(diff)
	}
	if s := spreadOf([]float64{4, 1, 3, 2}); s.median != 2.5 || s.low != 1 || s.high != 4 {
		t.Errorf("spread %+v", s)
	}
}

func TestParseStatSurvivesAHostileName(t *testing.T) {
	t.Parallel()
	raw := "42 (a) b (c) S 7 42 42 0 -1 4194560 100 0 0 0 150 50 30 20 20 0 1 0 100 1000000 2500 18446744073709551615 1 1"
	got, err := parseStat([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	want := procStat{parent: 7, self: 2 * time.Second, reaped: 500 * time.Millisecond, residentPages: 2500}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if _, err := parseStat([]byte("42 (x) S 1 2")); err == nil {
		t.Error("a short line was taken")
	}
}

func TestNumberIn(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		`{"text":"Created *#17* in 3 ms"}`:                    17,
		`{"blocks":[{"block_id":"b 9"}],"text":"Issue 1042"}`: 1042,
		`done: 5`: 5,
	}
	for answer, want := range tests {
		if got, ok := numberIn([]byte(answer)); !ok || got != want {
			t.Errorf("%s: got %d, %v", answer, got, ok)
		}
	}
	if _, ok := numberIn([]byte("A form is open.")); ok {
		t.Error("a number was found where there is none")
	}
}

func TestReportJudgesByTheMedianRatio(t *testing.T) {
	t.Parallel()
	one := func(n int, p99 time.Duration) sample {
		return sample{loadResult: loadResult{Requests: n, Elapsed: time.Second, P50: p99 / 4, P99: p99}, serverCPU: time.Second}
	}
	tbl := &table{section: section{name: "replies", title: "Thread replies", kind: replies}, samples: map[string][]sample{
		boltVerify:       {one(100, 40*time.Millisecond), one(100, 40*time.Millisecond), one(50, 40*time.Millisecond)},
		boltPG:           {one(50, 40*time.Millisecond), one(50, 40*time.Millisecond), one(50, 40*time.Millisecond)},
		taskbridgeSQLite: {one(200, 20*time.Millisecond), one(140, 20*time.Millisecond), one(160, 20*time.Millisecond)},
	}}
	var out bytes.Buffer
	names := []string{boltVerify, boltPG, taskbridgeSQLite}
	if err := writeTable(&out, tbl, names, 64); err != nil {
		t.Fatal(err)
	}
	found := map[string]*footprint{
		boltVerify:       {start: []float64{300}, resident: []float64{60}},
		taskbridgeSQLite: {start: []float64{30}, resident: []float64{30}},
	}
	if err := writeVerdicts(&out, []*table{tbl}, found, names[2:]); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		f := strings.Fields(line)
		if n := len(f); n > 0 && (f[n-1] == "met" || f[n-1] == "missed") {
			got = append(got, strings.Join(f, " "))
		}
	}
	want := []string{
		"replies: req/s / bolt-verify taskbridge-sqlite 2.00 >= 1.50 met",
		"replies: req/s / bolt-pg taskbridge-sqlite 3.20 >= 3.00 met",
		"start / bolt-verify taskbridge-sqlite 0.10 <= 0.20 met",
		"idle memory / bolt-verify taskbridge-sqlite 0.50 <= 0.33 missed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
