package slack

import (
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/chat"
)

// TestWhatCannotBeDeletedIsEmptied: what somebody took back is read by nobody, also where
// Slack lets us delete no message under a person's name.
func TestWhatCannotBeDeletedIsEmptied(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]string{"under another name": "", "for no reason given": "cant_delete_message", "in no channel": "delete_failed", "for the record": "compliance_exports_prevent_deletion"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, fake := newConnected(t, slacktest.Options{NoDeleteNamed: true}, newRecorder())
			channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext"})
			p := chat.Post{
				Channel: channel, DeliveryID: "d-1", Since: time.Now(),
				Message: chat.Message{Speaker: chat.Speaker{Name: "Anna"}, Text: chat.T("The price is 40"), Notes: []chat.Text{chat.T("40 EUR")}},
			}
			if fault != "" {
				p.Message.Speaker = chat.Speaker{}
				fake.Inject(slacktest.Fault{Method: "chat.delete", Kind: slacktest.FaultError, Code: fault})
			}
			ts, err := a.Post(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Delete(t.Context(), channel, ts); err != nil {
				t.Fatal(err)
			}
			m, there := fake.Message(channel, ts)
			if !there || m.Text != emptied || len(m.Blocks) > 0 || strings.Contains(m.Plain(), "40") {
				t.Errorf("it still says %q %s", m.Text, m.Blocks)
			}
			if found, err := a.Find(t.Context(), p); found != "" || err != nil {
				t.Errorf("it is found as the delivery: %q, %v", found, err)
			}
		})
	}
}

// TestNothingCanBeEmptiedWhereNothingCanBeChanged: then it is said, and not passed over.
func TestNothingCanBeEmptiedWhereNothingCanBeChanged(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{}, newRecorder())
	channel := fake.AddChannel(slacktest.ChannelSpec{Name: "ext", Members: []string{}})
	anna := fake.AddUser(slacktest.UserSpec{Name: "anna"})
	if err := fake.Join(channel, "anna"); err != nil {
		t.Fatal(err)
	}
	m, err := anna.Say(channel, "hers")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Delete(t.Context(), channel, m.TS); chat.ReasonOf(err) != chat.Unsupported {
		t.Errorf("somebody else's message: %v", err)
	}
	if still, _ := fake.Message(channel, m.TS); still.Text != "hers" {
		t.Errorf("it says %q", still.Text)
	}
}
