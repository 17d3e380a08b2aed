package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// The console is how a command reaches the service that has the SQLite database for
// itself: over a socket beside the database the command sends its arguments, the
// service runs it and sends back what it prints. Who may write to the socket may
// write to the database, and nobody else: it has the same owner and mode.

// maxOrder bounds what a command sends.
const maxOrder = 1 << 20

// socket is the console's path, empty for a database that several processes share.
func (c config) socket() string {
	path := sqlitePath(c.databaseURL.reveal())
	if path == "" {
		return ""
	}
	return path + ".sock"
}

// order is a command line; frames are what comes back.
type order struct {
	Args []string `json:"args"`
}

type frame struct {
	Out []byte `json:"out,omitempty"`
	Err []byte `json:"err,omitempty"`
	// Exit ends the frames.
	Exit *int `json:"exit,omitempty"`
}

// listenConsole makes the socket, in the place of one that a killed process left.
// It is made in a folder that only we can enter and then moved, so that it is never
// open to others, whatever the mode of the data folder is.
func listenConsole(path string) (net.Listener, error) {
	folder, err := os.MkdirTemp(filepath.Dir(path), ".s")
	if err != nil {
		return nil, err
	}
	hidden := filepath.Join(folder, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err == nil {
		l.SetUnlinkOnClose(false)
		err = errors.Join(os.Chmod(hidden, 0o600), os.Rename(hidden, path))
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}
	if err = errors.Join(err, os.RemoveAll(folder)); err != nil {
		return nil, err
	}
	return l, nil
}

// serveConsole takes commands until the app stops. A service whose console cannot
// be made, because the path is too long for a socket, serves without.
func (a *app) serveConsole(ctx context.Context, path string, s *station) {
	listener, err := listenConsole(path)
	if err != nil {
		a.logger.WarnContext(ctx, "console: not open; commands need the service stopped", "path", path, "err", err)
		return
	}
	server := &http.Server{
		Handler:           consoleHandler(s),
		ReadHeaderTimeout: 5 * time.Second,
		// A command that runs ends when the service does.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.logger.WarnContext(ctx, "console: ended", "err", err)
		}
	}()
	a.onStop("console", func(context.Context) error {
		err := errors.Join(server.Close(), os.Remove(path))
		<-ended
		return err
	})
}

// consoleHandler runs commands on the service's own set-up.
func consoleHandler(s *station) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var o order
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&o); err != nil {
			http.Error(w, "this is no order", http.StatusBadRequest)
			return
		}
		// A command that comes while the service starts finds it as it will be.
		s.settle(r.Context())
		out := &frames{to: json.NewEncoder(w), flush: http.NewResponseController(w).Flush}
		p := &process{stdout: out.stream(false), stderr: out.stream(true)}
		code := runInside(r.Context(), p, o.Args, s)
		out.send(frame{Exit: &code})
	})
}

// frames writes what a command prints as it comes.
type frames struct {
	mu    sync.Mutex
	to    *json.Encoder
	flush func() error
}

func (f *frames) send(one frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	// A command whose caller has gone away runs to its end unheard.
	_ = f.to.Encode(one)
	_ = f.flush()
}

func (f *frames) stream(errors bool) io.Writer { return stream{f, errors} }

type stream struct {
	*frames
	errors bool
}

// Write implements io.Writer.
func (s stream) Write(b []byte) (int, error) {
	if s.errors {
		s.send(frame{Err: b})
	} else {
		s.send(frame{Out: b})
	}
	return len(b), nil
}

// askConsole has the running service run this process's command. It returns false
// when no service listens.
func askConsole(ctx context.Context, p *process, path string) (asked bool, err error) {
	if path == "" {
		return false, nil
	}
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", path)
	if err != nil {
		// Nobody listens, or we may not: the database's lock says which.
		return false, nil
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
	body, err := json.Marshal(order{Args: p.args})
	if err != nil {
		return true, fmt.Errorf("encode the command: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://console/", bytes.NewReader(body))
	if err != nil {
		return true, fmt.Errorf("ask the running service: %w", err)
	}
	answer, err := client.Do(r)
	if err != nil {
		return true, fmt.Errorf("ask the running service: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return true, fmt.Errorf("the running service does not take commands: %s", answer.Status)
	}
	return true, p.play(json.NewDecoder(answer.Body))
}

// play prints what the service's command printed and fails as it failed.
func (p *process) play(from *json.Decoder) error {
	for {
		var one frame
		if err := from.Decode(&one); err != nil {
			return fmt.Errorf("the running service ended in the middle of the command: %w", err)
		}
		_, err := p.stdout.Write(one.Out)
		if _, err2 := p.stderr.Write(one.Err); err != nil || err2 != nil {
			return fmt.Errorf("print: %w", errors.Join(err, err2))
		}
		switch {
		case one.Exit == nil:
		case *one.Exit == 0:
			return nil
		default:
			return errSaid
		}
	}
}

// takenInside tells whether the service runs a command for others: those that work
// on its database.
func takenInside(command string) bool {
	word, _, _ := strings.Cut(command, " ")
	switch word {
	case "deliveries", "events", "export", "figures", "templates", "doctor", "web":
		return true
	default:
		return false
	}
}
