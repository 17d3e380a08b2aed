package bot_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// TestCutOff ends the time of an event, or stops its handling. One that does not come again is
// kept, any other is handed back; a stop is no error.
func TestCutOff(t *testing.T) {
	t.Parallel()
	log := newLogged()
	d := newDesk(t, func(c *bot.Config) { c.Logger = slog.New(log) })
	d.withFirm()
	late, over := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer over()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, c := range []struct {
		key   string
		ctx   context.Context
		final bool
		says  string
	}{
		{"late", late, false, `level=ERROR msg="intake: not handled"`},
		{"late-final", late, true, `level=ERROR msg="intake: not handled"`},
		{"stopped", stopped, false, `level=INFO msg="intake: cut off`},
		{"stopped-final", stopped, true, `level=INFO msg="intake: cut off`},
	} {
		_, err := d.engine.Handle(c.ctx, chat.Inbound{
			Workspace: workspace, Key: c.key, From: chat.Person{ID: "olivia"}, Channel: "ops",
			Body: chat.Said{Message: "m" + c.key, Text: "hello"}, Raw: []byte("raw"), Final: c.final,
		})
		if (err == nil) != c.final {
			t.Errorf("%s: got the error %v", c.key, err)
		}
		kept, listed := d.store.ListKept(t.Context(), storage.ListKeptParams{})
		if listed != nil {
			t.Fatal(listed)
		}
		if there := len(kept) > 0 && kept[0].Key == c.key; there != c.final {
			t.Errorf("%s: there is kept %+v", c.key, kept)
		}
		said := ""
		for _, line := range log.out.lines() {
			if strings.Contains(line, "key="+c.key+" ") {
				said += line
			}
		}
		if !strings.Contains(said, c.says) || strings.Count(said, "level=") != 1 {
			t.Errorf("%s: the log says %s", c.key, said)
		}
	}
}
