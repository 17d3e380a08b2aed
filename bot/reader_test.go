package bot_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // A machine may have no time zones of its own.

	"taskbridge/bot/chat"
)

// said is what a message says where no client writes out its moments.
func said(m chat.Message) string {
	var b strings.Builder
	write := func(t chat.Text) {
		for _, s := range t {
			b.WriteString(s.Text)
		}
		b.WriteByte('\n')
	}
	write(m.Text)
	for _, f := range m.Facts {
		b.WriteString(f.Label + ": ")
		write(f.Value)
	}
	for _, n := range m.Notes {
		write(n)
	}
	return b.String()
}

// lives says in which zone and language somebody has the platform.
func (d *desk) lives(who, zone, locale string) {
	d.t.Helper()
	d.reads(who, locale)
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	p := d.p.people[who]
	p.Zone = zone
	d.p.people[who] = p
}

// TestMomentsAreSpelledForTheirReader: one moment is said to each person in their own
// zone and language, to a firm's channel in the firm's, to the desk's in the desk's.
func TestMomentsAreSpelledForTheirReader(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.lives("nora", "America/New_York", "en")
	d.lives("taro", "Asia/Tokyo", "ja")
	d.lives("gisela", "Europe/Vienna", "de-AT")
	d.lives("lars", "Mars/Crater", "en")
	d.join("ops", "nora", "taro", "gisela", "lars")
	d.deskWorks(map[string]string{"zone": "Europe/London"})
	d.works("acme", map[string]string{"zone": "Europe/Berlin"})
	d.speaks("acme", "de")
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme by 2026-12-24 17:00")

	for who, want := range map[string]string{
		"nora": "24 Dec 12:00 EST", "taro": "25 Dec 02:00 JST", "gisela": "24. Dez., 18:00 MEZ",
		"lars": "24 Dec 17:00 GMT", "olivia": "24 Dec 17:00 GMT",
	} {
		if got := said(d.command(who, "ops", "show 1").Message); !strings.Contains(got, want) {
			t.Errorf("%s does not read %q in\n%s", who, want, got)
		}
	}
	// What one types is a moment of one's own, too, in the year that it says.
	if got := said(d.command("nora", "ops", "remind 1 2027-01-05 09:00").Message); !strings.Contains(got, "5 Jan 2027 09:00 EST") {
		t.Errorf("Nora is answered %s", got)
	}
	offer := d.waitPost(firmChannel, "the offer in the firm's zone", func(p fakePost) bool {
		return strings.Contains(said(p.Message), "24. Dez., 18:00 MEZ")
	})
	if got := said(offer.Message); strings.Contains(got, "GMT") {
		t.Errorf("the offer's card says %s", got)
	}
	d.waitPost("ops", "the desk's card in the desk's zone", func(p fakePost) bool {
		return strings.HasPrefix(p.Message.Title, "#1") && strings.Contains(said(p.Message), "24 Dec 17:00 GMT")
	})
}

// TestWhispersAreSpelledForTheirReader: so is what one person is told later, also by a
// program that has not seen them since it was started; of whom nothing is known is told
// as the channel is.
func TestWhispersAreSpelledForTheirReader(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.lives("gisela", "America/New_York", "de")
	d.join("ops", "gisela")
	d.works("acme", map[string]string{"zone": "Asia/Kathmandu"})
	d.says("gisela", "ops", "list")
	later, stop := d.anotherEngine()
	defer stop()
	at := chat.Message{Text: chat.Text{}.Moment(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))}
	for who, want := range map[string]string{"gisela": "1. Juli, 08:00 EDT", "cleo": "1 Jul 17:45 UTC+0545"} {
		if got := said(later.SpellFor(t.Context(), workspace, firmChannel, who, at)); strings.TrimSpace(got) != want {
			t.Errorf("%s is told %q, want %q", who, got, want)
		}
	}
}
