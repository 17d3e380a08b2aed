package harness

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/mattermost/mattermost/server/public/model"
)

// listener keeps one person's websocket open, as an app on a desk would: it comes
// back after every loss until it is stopped.
type listener struct {
	url, token string
	log        *eventLog
	once       sync.Once
	up         chan struct{}
}

// listen starts a listener; up is closed when the server has first said hello.
func listen(ctx context.Context, base, token string, log *eventLog) *listener {
	l := &listener{url: "ws" + strings.TrimPrefix(base, "http") + "/api/v4/websocket", token: token, log: log, up: make(chan struct{})}
	go l.run(ctx)
	return l
}

func (l *listener) run(ctx context.Context) {
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for ctx.Err() == nil {
		l.session(ctx)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// session reads one connection to its end.
func (l *listener) session(ctx context.Context) {
	conn, resp, err := websocket.DefaultDialer.DialContext(ctx, l.url, http.Header{"Authorization": {"Bearer " + l.token}})
	if resp != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() {
		stop()
		_ = conn.Close()
	}()
	for {
		_, r, err := conn.NextReader()
		if err != nil {
			return
		}
		ev, err := model.WebSocketEventFromJSON(r)
		// Answers to requests come on the same line and are no events.
		if err != nil || ev.EventType() == "" {
			continue
		}
		if ev.EventType() == model.WebsocketEventHello {
			l.once.Do(func() { close(l.up) })
		}
		l.log.add(ev)
	}
}
