package bot_test

import (
	"strings"
	"testing"
)

// TestAcceptOutsideHours: whoever accepts what is due when the firm does not work reads
// so, and so does the desk; nobody else does, and the job is theirs all the same. It is
// Monday, nine o'clock in UTC.
func TestAcceptOutsideHours(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ hours, due, want string }{
		"no hours":     {"", "2026-11-29 14:00", ""},
		"at work":      {"Mon–Fri 08:00–17:00", "2026-11-27 14:00", ""},
		"at the close": {"Mon–Fri 08:00–17:00", "2026-11-27 17:00", ""},
		"no date":      {"Mon–Fri 08:00–17:00", "", ""},
		"a Sunday":     {"Mon–Fri 08:00–17:00", "2026-11-29 14:00", "working hours (Mon–Fri 08:00–17:00, Europe/Berlin)."},
		"a holiday":    {"Mon–Fri 08:00–17:00", "2026-11-24 14:00", "working hours (Mon–Fri 08:00–17:00, Europe/Berlin; that day is a holiday)."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.withFirm()
			d.deskWorks(map[string]string{"zone": "Europe/Berlin"})
			if c.hours != "" {
				d.works("acme", map[string]string{"zone": "Europe/Berlin", "hours": c.hours, "holidays": "2026-11-24 A feast"})
			}
			d.says("olivia", "ops", "new Boiler down")
			line := "assign 1 acme"
			if c.due != "" {
				line += " due " + c.due
			}
			expect(t, d.says("olivia", "ops", line), "offered")
			card := d.waitCard(firmChannel, "#1", offerButtons()...)
			answer := d.click("cora", firmChannel, card, "Accept").Message.Text.String()
			expect(t, answer, "You are in charge of #1")
			d.waitText("ops", "accepted.")
			warned := strings.Contains(answer, "is outside your "+c.want) && strings.Contains(answer, "Tell the desk in the thread")
			told := len(d.posts("ops", "is outside the firm's "+c.want)) == 1
			if want := c.want != ""; warned != want || told != want {
				t.Errorf("who accepted read %q; the desk was told: %t", answer, told)
			}
			d.wantStatus(1, "allocated/accepted")
		})
	}
}
