package slacktest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// FaultKind is a way in which a Web API call goes wrong.
type FaultKind int

// The faults. Those that end in After happen once the call took effect.
const (
	FaultError           FaultKind = iota + 1 // 200 {"ok":false,"error":Code}
	FaultStatus                               // HTTP Status with a text body
	FaultRateLimited                          // 429 with Retry-After
	FaultRateLimitedBare                      // 429 without Retry-After
	FaultRateLimitedBody                      // 200 {"ok":false,"error":"ratelimited"}
	FaultDropBefore                           // connection cut, no effect
	FaultDropAfter                            // connection cut, but it took effect
	FaultHangAfter                            // took effect, and no answer until the client gives up
	FaultStatusAfter                          // took effect, and HTTP Status
	FaultGarbled                              // 200 with a body that is no JSON, no effect
	FaultEcho                                 // HTTP Status with a page that repeats the request, no effect
	FaultEchoCode                             // 200 {"ok":false} whose error repeats the request, no effect
)

func (k FaultKind) before() bool {
	return k != FaultDropAfter && k != FaultHangAfter && k != FaultStatusAfter
}

// Fault makes the next Times calls of Method go wrong.
type Fault struct {
	Method     string // empty means any
	Channel    string // id or name; empty means any
	Times      int    // 0 means once
	Skip       int    // calls to let pass first
	Kind       FaultKind
	Code       string        // FaultError; default "internal_error"
	Status     int           // FaultStatus; default 503
	RetryAfter time.Duration // FaultRateLimited; default 30 s
}

// Inject adds a fault. Faults are used up in the order they were added.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Times = max(1, f.Times)
	if f.Code == "" {
		f.Code = "internal_error"
	}
	if f.Status == 0 {
		f.Status = http.StatusServiceUnavailable
	}
	if f.RetryAfter == 0 {
		f.RetryAfter = 30 * time.Second
	}
	s.faults = append(s.faults, &f)
}

// ClearFaults forgets all faults that are left.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault finds and uses up the fault for a call. The lock is held.
func (s *Server) takeFault(c *call) (Fault, bool) {
	for _, f := range s.faults {
		if f.Times == 0 || f.Method != "" && f.Method != c.method || f.Channel != "" && !s.sameChannel(f.Channel, c.args["channel"]) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		f.Times--
		out := *f
		s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return f.Times == 0 })
		return out, true
	}
	return Fault{}, false
}

// answerFault plays the fault out. The lock is held and released.
func (s *Server) answerFault(w http.ResponseWriter, r *http.Request, c *call, f Fault) {
	status, out := http.StatusOK, object{"ok": false, "error": f.Code}
	header, drop, raw := w.Header(), false, ""
	switch f.Kind {
	case FaultStatus, FaultStatusAfter:
		status, raw = f.Status, http.StatusText(f.Status)
	case FaultRateLimited:
		status, out["error"] = http.StatusTooManyRequests, "ratelimited"
		header.Set("Retry-After", strconv.Itoa(seconds(f.RetryAfter)))
		s.block(c, c.args["channel"], f.RetryAfter)
	case FaultRateLimitedBare:
		status, out["error"] = http.StatusTooManyRequests, "ratelimited"
	case FaultRateLimitedBody:
		out["error"] = "ratelimited"
	case FaultEcho:
		status, raw = f.Status, fmt.Sprint(r.Header, c.args)
	case FaultEchoCode:
		out["error"], out["needed"] = fmt.Sprint(r.Header, c.args), fmt.Sprint(c.args)
	case FaultGarbled:
		raw = "<html>Something went wrong"
	case FaultDropBefore, FaultDropAfter, FaultHangAfter:
		status, drop, out["error"] = 0, true, "dropped"
	case FaultError:
	}
	s.record(c, out, status)
	s.mu.Unlock()
	switch {
	case drop:
		if f.Kind == FaultHangAfter {
			select {
			case <-r.Context().Done():
			case <-s.ctx.Done():
			}
		}
		cut(w)
	case raw != "":
		w.WriteHeader(status)
		_, _ = w.Write([]byte(raw))
	default:
		writeJSON(w, status, out)
	}
}

// cut closes the connection without an answer.
func cut(w http.ResponseWriter) {
	hj, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	if conn, _, err := hj.Hijack(); err == nil {
		_ = conn.Close()
	}
}
