package bridge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestAcrossPlatforms plays the main job with the operators on Slack and the firm on
// Mattermost: offered, accepted, talked about both ways with edits and deletions, also
// over a restart, completed and approved.
func TestAcrossPlatforms(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.says(d.oskar, "/task contractor add Leeds | Acme Heating on both", "Acme Heating, Leeds")
	until(t, "the firm's two channels", func() error {
		a, err := d.oskar.Command(d.ops, "/task contractor show acme")
		if n := strings.Count(a.Plain(), "Channel:"); err == nil && n != 2 {
			err = fmt.Errorf("there are %d", n)
		}
		return err
	})
	d.says(d.oskar, "/task contractor invite acme "+d.mia.email+" "+d.max.email+" on mattermost", "Inviting")
	firm := d.mia.channel("ext-leeds-acme-heating")
	d.max.channel("ext-leeds-acme-heating")
	own := d.slack.ChannelID("ext-leeds-acme-heating")
	until(t, "the operators to be in the firm's channel", func() error {
		_, err := d.oskar.Say(own, "hello")
		return err
	})
	if err := d.slack.Join(own, "maxim"); err != nil {
		t.Fatal(err)
	}

	d.says(d.oskar, "/task new Boiler down at 4 Elm St", "Created #1")
	d.says(d.oskar, "/task assign 1 acme by 2h", "is offered to")
	there := d.mia.card(firm, 1, "Accept")
	d.mia.click(there, "Accept")
	until(t, "the job to be accepted", func() error {
		if got := d.status(1); got != "allocated/accepted" {
			return fmt.Errorf("it is %s", got)
		}
		return nil
	})
	here, err := d.slack.WaitMessage(own, func(m slacktest.Message) bool {
		return !m.IsReply() && contains(m.Plain(), "#1 Boiler down", "Accepted", "Mia")
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.slack.WaitMessage(d.ops, func(m slacktest.Message) bool {
		return contains(m.Plain(), "#1 Boiler down", "Accepted", "Acme Heating")
	}); err != nil {
		t.Fatal(err)
	}

	const oskar, mia = "oskar (via taskbridge) | ", "Mia (Acme Heating) (via taskbridge) | "
	threads := func(onSlack, onMattermost []string) {
		t.Helper()
		until(t, "both threads to show the other's words", func() error {
			var foreign []string
			for _, line := range d.mia.thread(there) {
				if strings.HasPrefix(line, oskar) {
					foreign = append(foreign, line)
				}
			}
			if !slices.Equal(foreign, onMattermost) {
				return fmt.Errorf("on Mattermost: %q", d.mia.thread(there))
			}
			foreign = nil
			for _, line := range d.thread(here) {
				if strings.HasPrefix(line, mia) {
					foreign = append(foreign, line)
				}
			}
			if !slices.Equal(foreign, onSlack) {
				return fmt.Errorf("on Slack: %q", d.thread(here))
			}
			return nil
		})
	}
	say := func(text string) slacktest.Message {
		t.Helper()
		m, err := d.oskar.Reply(own, here.TS, text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := say("*Key* is with <@" + d.ada.ID() + "> &lt;!channel&gt; @all")
	oops := say("Wrong thread")
	second := d.mia.reply(there, "On my way, **20 minutes**. @"+d.max.name+" brings the pump @channel")
	wrong := d.mia.reply(there, "not for you")
	threads(
		[]string{mia + "On my way, *20 minutes*. <@" + d.slack.Person("maxim").ID() + "> brings the pump @channel", mia + "not for you"},
		[]string{oskar + "**Key** is with @\u200bada <\u200b!channel> @\u200ball", oskar + "Wrong thread"},
	)

	// Nothing is lost over a restart, and nothing of our own is taken for news.
	d.program.Stop()
	d.mia.edit(second, "On my way, 30 minutes")
	d.mia.remove(wrong)
	d.program.Start()
	if err := d.oskar.Edit(own, first.TS, "Key is with Ada"); err != nil {
		t.Fatal(err)
	}
	if err := d.oskar.Delete(own, oops.TS); err != nil {
		t.Fatal(err)
	}
	threads([]string{mia + "On my way, 30 minutes"}, []string{oskar + "Key is with Ada"})

	d.mia.fill(there, "Complete", map[string]any{"note": "Replaced the pump", "effort": "1h30m"})
	if _, err := d.slack.WaitMessage(d.ops, func(m slacktest.Message) bool { return contains(m.Plain(), "#1 Boiler down", "Replaced the pump") }); err != nil {
		t.Fatal(err)
	}
	d.says(d.oskar, "/task approve 1", "is approved")
	if got := d.status(1); got != "resolved/complete" {
		t.Errorf("the job is %s", got)
	}
	until(t, "the firm to read it", func() error {
		for _, line := range d.mia.thread(there) {
			if strings.Contains(line, "approved the work") {
				return nil
			}
		}
		return fmt.Errorf("the thread says %q", d.mia.thread(there))
	})

	threads([]string{mia + "On my way, 30 minutes"}, []string{oskar + "Key is with Ada"})
	var history []string
	for _, c := range d.comments(1) {
		line := c.Source.Platform + ": " + c.Text
		if c.DeletedAt != nil {
			line += " (deleted)"
		}
		history = append(history, line)
	}
	slices.Sort(history)
	want := []string{"mattermost: On my way, 30 minutes", "mattermost: not for you (deleted)", "slack: Key is with Ada", "slack: Wrong thread (deleted)"}
	if !slices.Equal(history, want) {
		t.Errorf("the history is %q", history)
	}
}
