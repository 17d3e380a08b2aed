package bot_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// TestStatusLinks: the desk alone makes links; one shows the steps and the planned time
// only, is good for its own job, and leads nowhere once it was ended or changed.
func TestStatusLinks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.engine.ServeStatusAt("https://tasks.example/status/")
	d.accepted()
	expect(t, d.says("olivia", "ops", "new Roof leaks"), "#2")
	for _, c := range []string{"status-link 1", "status-link 1 off"} {
		expect(t, d.says("cora", firmChannel, c), "only the desk")
	}
	expect(t, d.says("olivia", "ops", "status-link"), "job's number")
	expect(t, d.says("olivia", "ops", "status-link 1 a@b.example"), "E-mail is not set up here")
	token := func(n string) string {
		t.Helper()
		m := regexp.MustCompile(`https://tasks\.example/status/(\S{32})`).FindStringSubmatch(d.says("olivia", "ops", "status-link "+n))
		if m == nil {
			t.Fatal("there is no link")
		}
		return m[1]
	}
	one, two := token("1"), token("2")
	if again := token("1"); again != one || one == two {
		t.Errorf("links %q, %q and %q", one, again, two)
	}
	v, err := d.engine.StatusAt(t.Context(), one, "")
	if err != nil || len(v.Steps) != 5 || v.CanRate {
		t.Fatalf("%+v, %v", v, err)
	}
	for _, wrong := range []string{"", one[:16], one[:16] + two[16:], two[:16] + one[16:], strings.ToUpper(one), one + "a"} {
		if _, err := d.engine.StatusAt(t.Context(), wrong, ""); !errors.Is(err, chat.ErrNoSuch) {
			t.Errorf("%q: %v", wrong, err)
		}
		if _, err := d.engine.RateAt(t.Context(), wrong, "", "k", 5, ""); !errors.Is(err, chat.ErrNoSuch) {
			t.Errorf("rating by %q: %v", wrong, err)
		}
	}
	if a, err := d.engine.RateAt(t.Context(), one, "", "early", 5, "Fine"); err != nil || a.Refused != "conflict" {
		t.Errorf("rating unfinished work: %+v, %v", a, err)
	}
	if a, err := d.engine.RateAt(t.Context(), one, "de", "früh", 5, "Fein"); err != nil || !strings.Contains(a.Message.Text.String(), "noch nicht") {
		t.Errorf("rating unfinished work in German: %+v, %v", a, err)
	}
	if v, err := d.engine.StatusAt(t.Context(), one, "de"); err != nil || v.Steps[0].Name != "Offen" {
		t.Errorf("in German: %+v, %v", v, err)
	}
	expect(t, d.says("olivia", "ops", "status-link 1 off"), "leads nowhere")
	if _, err := d.engine.StatusAt(t.Context(), one, ""); !errors.Is(err, chat.ErrNoSuch) {
		t.Errorf("an ended link: %v", err)
	}
	if next := token("1"); next == one {
		t.Error("the next link is the ended one")
	}
	expect(t, d.says("olivia", "ops", "complete 1"), "complete")
	next := token("1")
	for _, key := range []string{"k1", "k1"} {
		if a, err := d.engine.RateAt(t.Context(), next, "", key, 4, "Quick"); err != nil || a.Refused != "" {
			t.Errorf("rating: %+v, %v", a, err)
		}
	}
	if a, err := d.engine.RateAt(t.Context(), next, "", "k2", 1, "Slow"); err != nil || a.Refused != "conflict" {
		t.Errorf("rating again: %+v, %v", a, err)
	}
	if v, err = d.engine.StatusAt(t.Context(), next, ""); err != nil || v.Stars != 4 || v.CanRate {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestCustomerRatesTheLastWork: a customer's rating is of the work that was done last,
// and of none while a job that was reopened is out again.
func TestCustomerRatesTheLastWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	bolts := d.withOthers()
	d.engine.ServeStatusAt("https://tasks.example/status/")
	d.accepted()
	link := d.says("olivia", "ops", "status-link 1")
	token := regexp.MustCompile(`/status/(\S{32})`).FindStringSubmatch(link)[1]
	for _, c := range []string{"complete 1", "close 1", "reopen 1", "assign 1 bolt"} {
		d.says("olivia", "ops", c)
		d.clock.Advance(time.Minute)
	}
	d.click("bea", bolts, d.waitCard(bolts, "#1", "Accept", "Decline", "Suggest other terms"), "Accept")
	if a, err := d.engine.RateAt(t.Context(), token, "", "early", 2, "Slow"); err != nil || a.Refused != "conflict" {
		t.Errorf("rating while the job is out: %+v, %v", a, err)
	}
	d.says("olivia", "ops", "complete 1")
	if a, err := d.engine.RateAt(t.Context(), token, "", "late", 2, "Slow"); err != nil || a.Refused != "" {
		t.Errorf("rating: %+v, %v", a, err)
	}
	var stars []int
	for _, a := range d.issue(1).Assignments {
		n := 0
		if a.Rating != nil {
			n = a.Rating.Stars
		}
		stars = append(stars, n)
	}
	if want := []int{0, 2}; !slices.Equal(stars, want) {
		t.Errorf("the firms have %v stars, want %v", stars, want)
	}
	if v, err := d.engine.StatusAt(t.Context(), token, ""); err != nil || v.Stars != 2 || v.CanRate {
		t.Errorf("%+v, %v", v, err)
	}
}
