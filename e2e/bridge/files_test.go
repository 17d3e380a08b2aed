package bridge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/adapters/slack/slacktest"
)

// TestFilesAcrossPlatforms carries files between a real Mattermost server and Slack,
// both ways and to the byte, and takes back what is taken back.
func TestFilesAcrossPlatforms(t *testing.T) {
	t.Parallel()
	d := open(t)
	here, there := d.sharedJob()

	photo := append([]byte("\x89PNG\r\n\x1a\n\x00\xff"), bytes.Repeat([]byte{0, 1, 2, 254}, 100_000)...)
	up := must[*model.FileUploadResponse](t)(d.mia.UploadFile(t.Context(), photo, there.ChannelId, "boiler.bin"))
	said := d.mia.post(&model.Post{ChannelId: there.ChannelId, RootId: there.Id, Message: "The boiler", FileIds: []string{up.FileInfos[0].Id}})
	until(t, "the photo on Slack", func() error {
		if got := d.filesOnSlack(here); len(got) != 1 || got[0].Name != "boiler.bin" || !bytes.Equal(got[0].Content, photo) {
			return fmt.Errorf("there are %d files", len(got))
		}
		return nil
	})

	var list []slacktest.FileSpec
	var want []string
	for n := range 12 {
		name := fmt.Sprintf("plan-%02d.txt", n)
		list, want = append(list, slacktest.FileSpec{Name: name, Type: "text/plain", Content: []byte("page of " + name)}), append(want, name+"=page of "+name)
	}
	list = append(list, slacktest.FileSpec{Name: "film.mp4", Type: "video/mp4", Content: make([]byte, 3_000_000)})
	m, err := d.oskar.Post(slacktest.PostSpec{Channel: here.Channel, Thread: here.TS, Text: "All the plans", Files: list})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the plans on Mattermost", func() error {
		got, most := d.mia.filesUnder(there, d.mia.id)
		if !slices.Equal(got, want) {
			return fmt.Errorf("there is %q", got)
		}
		if most > 10 {
			t.Fatalf("a post shows %d files", most)
		}
		thread := strings.Join(d.mia.thread(there), "\n")
		if !contains(thread, "All the plans", "film.mp4", "(2.9 MB)", "is not shown here: it is too large", "https://") {
			return fmt.Errorf("the thread says\n%s", thread)
		}
		return nil
	})

	if err := d.oskar.Delete(here.Channel, m.TS); err != nil {
		t.Fatal(err)
	}
	d.mia.remove(said)
	until(t, "both to be taken back", func() error {
		got, _ := d.mia.filesUnder(there, d.mia.id)
		if len(got) > 0 || len(d.filesOnSlack(here)) > 0 || contains(strings.Join(d.mia.thread(there), "\n"), "film.mp4") {
			return fmt.Errorf("on Mattermost there is %q, on Slack %d", got, len(d.filesOnSlack(here)))
		}
		return nil
	})
}

// sharedJob is a job that a firm with a channel on both platforms has accepted, with its
// cards.
func (d *desk) sharedJob() (here slacktest.Message, there *model.Post) {
	d.t.Helper()
	d.says(d.oskar, "/task contractor add Leeds | Acme Heating on both", "Acme Heating, Leeds")
	until(d.t, "the firm's channel on Slack", func() error {
		if d.slack.ChannelID("ext-leeds-acme-heating") == "" {
			return fmt.Errorf("it is not there")
		}
		return nil
	})
	until(d.t, "the firm's channel on Mattermost", func() error {
		if a, err := d.oskar.Command(d.ops, "/task contractor invite acme "+d.mia.email+" on mattermost"); err != nil || contains(a.Plain(), "has no channel") {
			return fmt.Errorf("it is not there: %v", err)
		}
		return nil
	})
	firm, own := d.mia.channel("ext-leeds-acme-heating"), d.slack.ChannelID("ext-leeds-acme-heating")
	until(d.t, "the operators to be in the firm's channel", func() error {
		_, err := d.oskar.Say(own, "hello")
		return err
	})
	d.says(d.oskar, "/task new Boiler down at 4 Elm St", "Created #1")
	d.says(d.oskar, "/task assign 1 acme by 2h", "is offered to")
	there = d.mia.card(firm, 1, "Accept")
	d.mia.click(there, "Accept")
	here, err := d.slack.WaitMessage(own, func(m slacktest.Message) bool {
		return !m.IsReply() && contains(m.Plain(), "#1 Boiler down", "Accepted", "Mia")
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return here, there
}

// filesOnSlack are the files that the bot shows in a thread on Slack.
func (d *desk) filesOnSlack(root slacktest.Message) []slacktest.File {
	var out []slacktest.File
	for _, m := range d.slack.Messages(root.Channel) {
		if m.ThreadTS != root.TS || m.User != d.slack.BotUserID() {
			continue
		}
		for _, id := range m.FileIDs {
			if f, ok := d.slack.File(id); ok {
				out = append(out, f)
			}
		}
	}
	return out
}

// filesUnder are the files that others show in a thread on Mattermost, name and
// content, and how many one post shows at most.
func (p *person) filesUnder(root *model.Post, except string) (list []string, most int) {
	p.t.Helper()
	for _, post := range p.posts(root.ChannelId) {
		if post.RootId != root.Id || post.UserId == except {
			continue
		}
		most = max(most, len(post.FileIds))
		for _, id := range post.FileIds {
			// Either may fail for a post that is being removed: then it shows nothing.
			info, _, err := p.GetFileInfo(p.t.Context(), id)
			if err != nil {
				continue
			}
			if content, _, err := p.GetFile(p.t.Context(), id); err == nil {
				list = append(list, info.Name+"="+string(content))
			}
		}
	}
	slices.Sort(list)
	return list, most
}
