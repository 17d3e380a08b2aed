package bot_test

import (
	"testing"

	"taskbridge/bot"
)

// TestAnotherSecretKey: after a start with another key the cards of unfinished work
// get buttons that work, and after a start with the same one nothing is sent.
func TestAnotherSecretKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	old := d.offered()
	d.drained()
	d.stop()

	d.start()
	d.drained()
	if again := d.waitCard(firmChannel, "#1", "Accept", "Decline", "Suggest other terms"); again.Updates != old.Updates {
		t.Error("the card was renewed although the key is the same")
	}
	d.stop()

	d.configure = append(d.configure, func(c *bot.Config) { c.SecretKey = []byte("another key of a sensible length") })
	d.start()
	fresh := d.waitPost(firmChannel, "a renewed card", func(p fakePost) bool { return p.ID == old.ID && p.Updates > old.Updates })
	if a := d.click("cora", firmChannel, old, "Accept"); a.Refused != "unauthenticated" {
		t.Errorf("a button of the old key: %+v", a)
	}
	if a := d.click("cora", firmChannel, fresh, "Accept"); a.Refused != "" {
		t.Errorf("a button of the new key: %+v", a)
	}
}
