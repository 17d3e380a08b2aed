package main

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/goccy/go-json"
	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// The floor is the least that may be called durable intake on an engine: it verifies
// the signature, decodes the id and nothing else, and inserts it as one row, with as
// many others as wait, in one commit with full sync. What it reaches is what the
// machine allows with that engine; the distance from it is what taskbridge's work
// costs.

// floorArg makes this program a floor server: its address and its database follow.
const floorArg = "-floor"

// newFloor prepares a floor server; with db nil it stores in SQLite.
func newFloor(work, name string, db *postgres, slow *slowDisk) (*server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	dsn := "sqlite:" + filepath.Join(work, name+".db")
	if db != nil {
		dsn = db.dsn()
	}
	s := &server{addr: addr, db: db}
	s.launch = func() (*process, error) {
		return start(command{
			name: name, path: self, args: []string{floorArg, addr}, dir: work, slow: slow,
			// As taskbridge sets it for itself.
			env:     []string{"HOME=" + work, "GOGC=400", "DATABASE_URL=" + dsn},
			logFile: filepath.Join(work, name+".log"), stopSignal: syscall.SIGTERM,
		})
	}
	return s, nil
}

// runFloor serves until it is told to stop.
func runFloor(addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	insert, err := openFloor(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	ids := make(chan arrival)
	go keep(ids, insert)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /slack/events", floorHandler(ids, func(body []byte) (string, error) {
		var event struct {
			ID string `json:"event_id"`
		}
		return event.ID, json.Unmarshal(body, &event)
	}))
	mux.HandleFunc("POST /slack/interactions", floorHandler(ids, func(body []byte) (string, error) {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return "", fmt.Errorf("decode the form: %w", err)
		}
		var action struct {
			ID string `json:"trigger_id"`
		}
		return action.ID, json.Unmarshal([]byte(form.Get("payload")), &action)
	}))
	server := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// arrival is an id that waits to be stored.
type arrival struct {
	id     string
	stored chan error
}

// floorGroup bounds the ids of one commit.
const floorGroup = 256

// keep stores ids as they come, those that wait together.
func keep(ids <-chan arrival, insert func([]string) error) {
	for first := range ids {
		group := []arrival{first}
		for more := true; more && len(group) < floorGroup; {
			select {
			case next := <-ids:
				group = append(group, next)
			default:
				more = false
			}
		}
		list := make([]string, len(group))
		for n := range group {
			list[n] = group[n].id
		}
		err := insert(list)
		for _, a := range group {
			a.stored <- err
		}
	}
}

func floorHandler(ids chan<- arrival, decode func([]byte) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, min(max(r.ContentLength, 0), 1<<20))
		if _, err := io.ReadFull(r.Body, body); err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		given, _ := strings.CutPrefix(r.Header.Get("X-Slack-Signature"), "v0=")
		if !hmac.Equal([]byte(given), newSigner(signingSecret).sign([]byte(r.Header.Get("X-Slack-Request-Timestamp")), body)) {
			http.Error(w, "forged", http.StatusUnauthorized)
			return
		}
		id, err := decode(body)
		if err != nil || id == "" {
			http.Error(w, "without an id", http.StatusBadRequest)
			return
		}
		a := arrival{id: id, stored: make(chan error, 1)}
		ids <- a
		if err := <-a.stored; err != nil {
			fmt.Fprintln(os.Stderr, "floor:", err)
			http.Error(w, "not stored", http.StatusInternalServerError)
		}
	}
}

// openFloor opens the database and returns what inserts ids in one commit.
func openFloor(ctx context.Context, dsn string) (func([]string) error, error) {
	const table = "CREATE TABLE IF NOT EXISTS seen (id text PRIMARY KEY, at bigint NOT NULL)"
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate|sqlite.OpenWAL)
		if err != nil {
			return nil, fmt.Errorf("open the database: %w", err)
		}
		for _, query := range []string{"PRAGMA synchronous = FULL", table + " WITHOUT ROWID"} {
			if err := sqlitex.ExecuteTransient(conn, query, nil); err != nil {
				return nil, fmt.Errorf("open the database: %w", err)
			}
		}
		return func(ids []string) error { return insertSQLite(conn, ids) }, nil
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if _, err := conn.Exec(ctx, table); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return func(ids []string) error {
		_, err := conn.Exec(ctx, "INSERT INTO seen (id, at) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING", ids, time.Now().UnixMicro())
		if err != nil {
			return fmt.Errorf("insert: %w", err)
		}
		return nil
	}, nil
}

func insertSQLite(conn *sqlite.Conn, ids []string) (err error) {
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer end(&err)
	insert, err := conn.Prepare("INSERT INTO seen (id, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
	if err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	now := time.Now().UnixMicro()
	for _, id := range ids {
		insert.BindText(1, id)
		insert.BindInt64(2, now)
		if _, err := insert.Step(); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
		if err := insert.Reset(); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	return nil
}
