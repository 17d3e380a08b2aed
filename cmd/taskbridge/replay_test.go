package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/storage"
)

// TestKeptEventsOfSlackAreReplayed through the real adapter: one that failed is entered
// now, one that is still not understood stays kept.
func TestKeptEventsOfSlackAreReplayed(t *testing.T) {
	t.Parallel()
	slack := slacktest.New(t, slacktest.Options{})
	ada := slack.AddUser(slacktest.UserSpec{Name: "ada"})
	ops := slack.AddChannel(slacktest.ChannelSpec{Name: "operations", Private: true, Members: []string{"ada"}})
	cfg, err := loadConfig("", []string{
		"TASKBRIDGE_DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "t.db"), "TASKBRIDGE_SLACK_OPERATIONS_CHANNEL=" + ops,
		"TASKBRIDGE_SLACK_BOT_TOKEN=" + slack.BotToken(), "TASKBRIDGE_SLACK_SIGNING_SECRET=" + slack.SigningSecret(), "TASKBRIDGE_SLACK_API_URL=" + slack.URL(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := cfg.signingKey(true); err != nil {
		t.Fatal(err)
	}
	s, err := openStation(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	workspace := "slack:" + slack.TeamID()
	const ts = "1700000000.000200"
	envelope := `{"type":"event_callback","team_id":%q,"api_app_id":%q,"event_id":%q,"event_time":1700000000,"event":%s}`
	said := fmt.Sprintf(`{"type":"message","channel":%q,"channel_type":"group","user":%q,"text":"On my way","ts":%q,"thread_ts":"1700000000.000100","event_ts":%q}`, ops, ada.ID(), ts, ts)
	strange := fmt.Sprintf(`{"type":"weather_changed","channel":%q,"event_ts":%q}`, ops, ts)
	for key, event := range map[string]string{"Ev1": said, "Ev2": strange} {
		err := s.store.Keep(t.Context(), storage.Kept{
			Desk: "main", Workspace: workspace, Key: key, Type: "message", Fault: "the disk is full", At: time.Now(),
			Raw: fmt.Appendf(nil, envelope, slack.TeamID(), slack.AppID(), key, event),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err = eventsReplayCmd{All: true}.replay(t.Context(), &process{stdout: &out, stderr: &out}, s)
	if err == nil || !strings.Contains(out.String(), "1 replayed, 1 not.") || !strings.Contains(out.String(), "kept again: of a type that is not understood") {
		t.Errorf("%v:\n%s", err, &out)
	}
	err = s.store.View(t.Context(), "main", func(tx storage.Tx) error {
		c, err := tx.CommentBySource(t.Context(), workspace, ops, ts)
		if err == nil && c.Text != "On my way" {
			t.Errorf("the comment is %+v", c)
		}
		return err
	})
	if err != nil {
		t.Errorf("the reply that was kept is not in the ledger: %v", err)
	}
	left, err := s.store.ListKept(t.Context(), storage.ListKeptParams{})
	if err != nil || len(left) != 1 || left[0].Key != "Ev2" || left[0].Count != 2 {
		t.Errorf("%+v is still kept: %v", left, err)
	}
}
