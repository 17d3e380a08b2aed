package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// TestFirmChangedAtOnce: what two people change of one firm at the same moment is both
// there, and of its last two channels one stays.
func TestFirmChangedAtOnce(t *testing.T) {
	t.Parallel()
	d, _ := replicas(t)
	d.withFirm()
	d.p.addChannel("annex", "anna", "olivia")
	say := func(key, text string) chat.Inbound {
		return chat.Inbound{Key: key, From: chat.Person{ID: "olivia"}, Channel: "ops", Body: chat.Command{Text: text}}
	}
	for round := range 20 {
		together(t, d, d, say(fmt.Sprintf("topics%d", round), fmt.Sprintf("contractor topics acme | boiler %d", round)), say(fmt.Sprintf("pause%d", round), "contractor pause acme"))
		shown := d.says("olivia", "ops", "contractor show acme")
		if !strings.Contains(shown, fmt.Sprintf("boiler %d", round)) || d.firmState("Acme Heating") != "paused" {
			t.Errorf("round %d: the firm is %s:\n%s", round, d.firmState("Acme Heating"), shown)
		}
		d.says("olivia", "ops", "contractor resume acme")
		expect(t, d.says("olivia", "annex", "contractor link acme here"), "annex")
		together(t, d, d, say(fmt.Sprintf("first%d", round), "contractor unlink acme #annex"), say(fmt.Sprintf("second%d", round), "contractor unlink acme #"+firmChannel))
		chans := d.channelsOfFirm()
		if len(chans) != 1 {
			t.Fatalf("round %d: the firm has %v", round, chans)
		}
		if chans[0] == "annex" {
			expect(t, d.says("olivia", "ops", "contractor link acme #"+firmChannel), firmChannel)
			expect(t, d.says("olivia", "ops", "contractor unlink acme #annex"), "annex")
		}
	}
}

// channelsOfFirm are the channels of the only firm.
func (d *desk) channelsOfFirm() (out []string) {
	d.t.Helper()
	err := d.store.View(d.t.Context(), "main", func(tx storage.Tx) error {
		list, err := tx.ListChannels(d.t.Context(), storage.ContractorChannel, "")
		for _, c := range list {
			out = append(out, c.ID)
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}
