package mattermost

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// shared is a log that several goroutines write.
type shared struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// TestEchoesShowNothing: a server, or a proxy before it, that repeats in every field of
// its refusal what it was sent brings no token, text or address into an error or the log.
func TestEchoesShowNothing(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter, status int, sent string){
		"as an error": func(w http.ResponseWriter, status int, sent string) {
			w.Header().Set("X-Request-ID", sent)
			w.WriteHeader(status)
			reply(w, map[string]any{"id": sent, "message": sent, "detailed_error": sent, "request_id": sent, "status_code": status})
		},
		"as an id": func(w http.ResponseWriter, status int, _ string) {
			w.WriteHeader(status)
			reply(w, map[string]any{"id": "markedtoken"})
		},
		"as a page": func(w http.ResponseWriter, status int, sent string) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>"+sent)
		},
		"as success": func(w http.ResponseWriter, _ int, sent string) { _, _ = io.WriteString(w, "<html>"+sent) },
	} {
		for _, status := range []int{400, 403, 404, 429, 500} {
			t.Run(fmt.Sprintf("%s %d", name, status), func(t *testing.T) {
				t.Parallel()
				f, b := newFake(t), newBot()
				a := adapterFor(t, f, b)
				log := &shared{}
				a.log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				f.before(func(w http.ResponseWriter, r *http.Request) bool {
					body, _ := io.ReadAll(r.Body)
					answer(w, status, strings.Join([]string{r.Header.Get("Authorization"), r.URL.String(), string(body)}, " "))
					return true
				})
				ctx, failed := t.Context(), 0
				said := func(err error) {
					if err != nil {
						failed++
						fmt.Fprintf(log, "%v\n%+v\n%#v\n", err, err, err)
					}
				}
				m := chat.Message{Title: "markedtitle", Text: chat.T("markedtext"), Notes: []chat.Text{chat.T("markednote")}}
				p := chat.Post{Channel: chanID, Message: m, DeliveryID: "d", Since: time.Now()}
				_, err := a.Post(ctx, p)
				said(err)
				_, err = a.Find(ctx, p)
				said(err)
				said(a.Update(ctx, chanID, id("post"), m))
				said(a.Delete(ctx, chanID, id("post")))
				said(a.Whisper(ctx, chanID, annID, m))
				_, err = a.CreateChannel(ctx, chat.ChannelSpec{Name: "markedname", Title: "markedfirm", Purpose: "markedpurpose"})
				said(err)
				_, err = a.FindChannel(ctx, chat.ChannelSpec{Name: "markedname", Mark: "markedmark"})
				said(err)
				_, err = a.Channel(ctx, "markedname")
				said(err)
				_, err = a.Invite(ctx, chat.InviteSpec{Channel: chanID, Address: "markedguest@acme.example"})
				said(err)
				_, err = a.Members(ctx, chanID)
				said(err)
				said(a.AddMembers(ctx, chanID, []string{id("else")}))
				if failed < 5 {
					t.Errorf("only %d calls failed", failed)
				}
				for _, secret := range []string{"marked", testToken, "Bearer"} {
					if strings.Contains(log.String(), secret) {
						t.Errorf("%q is in the open:\n%s", secret, log)
					}
				}
			})
		}
	}
}
