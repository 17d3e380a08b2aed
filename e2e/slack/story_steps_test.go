package slack_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/slack/slacktest"
)

// customer is somebody who follows a job by its link.
type customer struct {
	*desk
	link string
}

// customerOf gives a customer the link to a job.
func (d *desk) customerOf(number int) *customer {
	d.t.Helper()
	link := regexp.MustCompile(`https?://[^\s|>]+/status/\w+`).FindString(d.says(fmt.Sprintf("/task status-link %d", number)).Plain())
	if link == "" {
		d.t.Fatalf("there is no link to #%d", number)
	}
	return &customer{d, link}
}

func (c *customer) page() string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.link, http.NoBody)
	c.must(err)
	res, err := http.DefaultClient.Do(req)
	c.must(err)
	body, err := io.ReadAll(res.Body)
	c.must(err)
	c.must(res.Body.Close())
	return string(body)
}

// reads waits until the page says that the job stands at a step, with a picture.
func (c *customer) reads(step, icon string) {
	c.t.Helper()
	now := regexp.MustCompile(`(?s)aria-current="step"><span class="icon" aria-hidden="true">([^<]*)</span><span class="name">([^<]*)<`)
	page := ""
	until(c.t, "the customer to read "+step, func() bool {
		page = c.page()
		m := now.FindStringSubmatch(page)
		return m != nil && m[2] == step && (icon == "" || m[1] == icon)
	})
	if n := strings.Count(page, "<li "); n != 5 {
		c.t.Errorf("the customer sees %d steps:\n%s", n, page)
	}
}

// TestStepsOfTheDesk: a desk has steps of its own beside the standard ones, which cannot
// be removed. Firms report them, and the customer sees for each either its own name and
// picture or the status that it stands for. What a firm was asked for before stays.
func TestStepsOfTheDesk(t *testing.T) {
	t.Parallel()
	d := open(t, variants()[0], options{})
	acme, who := d.firm("Leeds", "Acme", "frank")
	frank := who[0]
	menu := func(m slacktest.Message) (steps []string) {
		for _, c := range m.Controls() {
			for _, o := range c.Options {
				if step, ok := strings.CutPrefix(o.Text, "Step: "); ok {
					steps = append(steps, step)
				}
			}
		}
		return steps
	}
	d.sentence(d.says("/task settings steps", "administrator").Plain())
	_, err := d.ada.Command(d.ops, "/task settings steps")
	d.must(err)
	d.view(d.ada, "Steps of the work")
	standard := "Planned | calendar | planned\nTravel | car | travel\nWork | wrench | work"
	for text, want := range map[string]string{
		"Planned | calendar | planned\nWork | wrench | work": "The step Travel cannot be removed",
		standard + "\nWork | hammer | work":                  "there twice",
		standard + "\nDrying | droplet | soon":               "customers do not know",
		standard + "\nDrying":                                "Write it like Drying | droplet | work",
		standard + "\nDrying | <b> | work":                   "name of an emoji",
		standard + "\nDrying | droplet | work | own goal":    "own name, own icon or nothing",
	} {
		d.refusedForm(d.ada, slacktest.Values{"Steps": text}, "steps", want)
	}
	d.submit(d.ada, "Steps of the work", slacktest.Values{
		"Steps": standard + "\nParts ordered | package | planned | own name\nDrying | droplet | work | own name | own icon\nMeasuring | mag | work",
	})
	d.command(d.ada, d.ops, "/task settings history", "ada", "Steps of the work", "Parts ordered")

	n, card := d.accepted(acme, "Water damage", "acme", frank)
	c := d.customerOf(n)
	c.reads("Open", "")
	if got := menu(d.card(acme, n, "Accepted")); !slices.Equal(got, []string{"Planned…", "Travel", "Work", "Parts ordered…", "Drying", "Measuring"}) {
		t.Errorf("the firm may report %q", got)
	}
	report := func(step string) {
		t.Helper()
		d.must(frank.Select(acme, card.TS, "Steps and more", "Step: "+step))
		if !strings.HasSuffix(step, "…") {
			d.card(acme, n, "*Step*", step)
		}
	}
	report("Travel")
	c.reads("Travel", "🚗")
	report("Drying")
	d.card(d.ops, n, "Customer sees", "Drying")
	c.reads("Drying", "💧")
	// A step without a name of its own is its status for the customer.
	report("Measuring")
	d.card(d.ops, n, "Measuring", "Customer sees", "Work")
	c.reads("Work", "🔧")
	d.lacks("the customer's page", c.page(), "Measuring", "Acme", "frank", "Water damage")
	report("Parts ordered…")
	d.submit(frank, fmt.Sprintf("Plan #%d", n), slacktest.Values{"From": "tomorrow 9am", "To": "11am"})
	c.reads("Parts ordered", "📅")

	// A step that is gone from the list stays reported; it cannot be reported again.
	old := d.card(acme, n, "Parts ordered")
	_, err = d.ada.Command(d.ops, "/task settings steps")
	d.must(err)
	d.submit(d.ada, "Steps of the work", slacktest.Values{"Steps": standard})
	d.sentence(d.told(frank, func() error { return frank.SelectOld(old, "Steps and more", "Step: Drying") }, "the steps are Planned, Travel, Work").Plain())
	d.card(acme, n, "Parts ordered")
	report("Work")
	c.reads("Work", "🔧")
	d.must(frank.Click(acme, card.TS, "Complete"))
	d.submit(frank, fmt.Sprintf("Complete #%d", n), slacktest.Values{"What was done": "Dry"})
	d.card(d.ops, n, "Waiting approval")
	c.reads("Work", "")
	d.says(fmt.Sprintf("/task approve %d", n), "is approved")
	c.reads("Finished", "")
	d.says(fmt.Sprintf("/task history %d", n), "reported a step: Drying", "reported a step: Measuring")
}

// TestRatings: work is rated once it is complete, by who asked for it and by the
// customer; the firm reads a rating when it is shared, in its score the mean alone; two
// weeks after the end it stays as it is.
func TestRatings(t *testing.T) {
	t.Parallel()
	clock := newMovedClock(t)
	d := open(t, sockets()[0], options{clock: clock})
	acme, who := d.firm("Leeds", "Acme", "frank")
	baker, others := d.firm("Hull", "Baker", "berta")
	frank, berta := who[0], others[0]
	n, _ := d.accepted(acme, "Boiler down", "acme", frank)
	for text, want := range map[string]string{"": "not done yet", " 4": "not done yet"} {
		d.sentence(d.says(fmt.Sprintf("/task rate %d%s", n, text), want).Plain())
	}
	d.says(fmt.Sprintf("/task complete %d", n), "is complete")
	ops := d.card(d.ops, n, "Resolved")
	for text, want := range map[string]string{" 6": "from 1, the worst, to 5", " 0": "from 1, the worst, to 5", " good": "Give a number from 1"} {
		d.sentence(d.says(fmt.Sprintf("/task rate %d%s", n, text), want).Plain())
	}
	d.says(fmt.Sprintf("/task rate %d 2 Left the place wet", n), "rated 2 of 5")
	d.card(d.ops, n, "★★☆☆☆ 2 of 5", "Left the place wet")
	d.lacks("the firm's card", d.card(acme, n, "Complete").Plain(), "2 of 5", "wet")

	// Shared, and changed: the last word counts, once.
	d.must(d.oskar.Click(d.ops, ops.TS, "Rate"))
	d.submit(d.oskar, fmt.Sprintf("Rate #%d", n), slacktest.Values{"Rating": "3 · fair", "Comment": "Came back and dried it", "Share with the firm": []string{"Yes"}})
	d.card(acme, n, "★★★☆☆ 3 of 5", "Came back and dried it")
	d.lacks("the firm's card", d.card(acme, n, "Complete").Plain(), "wet")
	second, _ := d.accepted(baker, "Gutter loose", "baker", berta)
	d.says(fmt.Sprintf("/task complete %d", second), "is complete")
	d.says(fmt.Sprintf("/task rate %d 5", second), "rated 5 of 5")
	d.says("/task summary week", "Rating: 4.0 of 5 from 2 ratings")
	d.says("/task score acme", "Rating: 3.0 of 5 from 1 rating")
	d.says(fmt.Sprintf("/task history %d", n), "rated the work of Acme, Leeds 2 of 5", "3 of 5")
	d.card(baker, second, "Complete")
	mine := d.told(berta, func() error { return berta.Click(baker, d.card(baker, second, "Complete").TS, "Our score") }, "Score: Baker, Hull", "5.0 of 5")
	d.lacks("a firm's own score", mine.Plain(), "Acme", "3.0", "4.0")

	// The customer's is the requester's rating where there is none yet, and no second one.
	third, _ := d.accepted(acme, "Lock stuck", "acme", frank)
	d.says(fmt.Sprintf("/task complete %d", third), "is complete")
	c := d.customerOf(third)
	page := c.page()
	d.has("the customer's page", page, "How was the work?", "Send rating")
	d.has("the page after it", c.rates(page, "1", "They came late <b>"), "Thank you")
	d.card(d.ops, third, "★☆☆☆☆ 1 of 5", "They came late <b>")
	d.lacks("the firm's card", d.card(acme, third, "Complete").Plain(), "1 of 5", "late")
	d.has("the page after two", c.rates(page, "5", ""), "rated already")
	d.says("/task score acme", "Rating: 2.0 of 5 from 2 ratings")

	// Two weeks after the end.
	d.says(fmt.Sprintf("/task close %d", n), "is closed")
	d.pass(clock, 14*24*time.Hour-time.Hour)
	d.says(fmt.Sprintf("/task rate %d 4", n), "rated 4 of 5")
	d.pass(clock, 14*24*time.Hour+time.Hour)
	d.sentence(d.says(fmt.Sprintf("/task rate %d 5", n), "more than two weeks ago").Plain())
	d.card(d.ops, n, "4 of 5")
}

// rates sends the form on the customer's page.
func (c *customer) rates(page, stars, text string) string {
	c.t.Helper()
	nonce := regexp.MustCompile(`name="nonce" value="([^"]*)"`).FindStringSubmatch(page)
	if nonce == nil {
		c.t.Fatalf("there is no form on\n%s", page)
	}
	return (&mailbox{desk: c.desk}).browse(c.link, map[string][]string{"nonce": {nonce[1]}, "stars": {stars}, "text": {text}})
}
