package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/adapters/slack/slacktest"
	"taskbridge/bot/present"
	"taskbridge/storage"
)

// maxPost is the longest message a Mattermost server takes by default.
const maxPost = 16383

// each calls f for all that goes through an adapter.
func each(t *testing.T, send func(context.Context, specimen) (json.RawMessage, error), f func(*testing.T, specimen, json.RawMessage)) {
	t.Helper()
	n := 0
	samples := newSamples(present.Words{})
	sections := append(samples.sections(), samples.goldenSections()...)
	sections = append(sections, samples.spelled(section{id: "most", specimens: samples.most()})...)
	for _, s := range sections {
		for _, one := range append(s.specimens, s.side...) {
			if one.person != "" {
				continue
			}
			raw, err := send(t.Context(), one)
			if err != nil {
				t.Fatalf("%s, %s: %v", s.id, one.caption, err)
			}
			n++
			t.Run(s.id+"/"+one.caption, func(t *testing.T) { f(t, one, raw) })
		}
	}
	if n < 180 {
		t.Errorf("only %d specimens", n)
	}
}

// most are forms with as many fields as they can have: too many for goldens.
func (s *samples) most() []specimen {
	return []specimen{form("more open jobs than have room", s.p.Offboard(s.asked(), s.acme, s.openJobs(present.OffboardMost+2), []storage.Contractor{s.bolt, s.long}))}
}

func TestSlackTakesAll(t *testing.T) {
	t.Parallel()
	each(t, sendToSlack, func(t *testing.T, s specimen, raw json.RawMessage) {
		if s.form != nil {
			for _, p := range slacktest.CheckView(raw) {
				t.Error(p)
			}
			return
		}
		var sent slackSent
		if err := json.Unmarshal(raw, &sent); err != nil {
			t.Fatal(err)
		}
		if n := len([]rune(sent.Text)); n == 0 || n > 4000 {
			t.Errorf("the text has %d characters", n)
		}
		if len(sent.Blocks) == 0 {
			t.Fatal("no blocks were sent")
		}
		for _, p := range slacktest.CheckBlocks(slacktest.SurfaceMessage, sent.Blocks) {
			t.Error(p)
		}
	})
}

func TestMattermostTakesAll(t *testing.T) {
	t.Parallel()
	each(t, sendToMattermost, func(t *testing.T, s specimen, raw json.RawMessage) {
		if s.form != nil {
			var d model.Dialog
			if err := json.Unmarshal(raw, &d); err != nil {
				t.Fatal(err)
			}
			if err := d.IsValid(); err != nil {
				t.Error(err)
			}
			return
		}
		var p model.Post
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		p.Id, p.UserId, p.ChannelId, p.CreateAt, p.UpdateAt = mattermostID("post"), mattermostID("bot"), mattermostID("chan"), 1, 1
		if err := p.IsValid(maxPost); err != nil {
			t.Error(err)
		}
		if p.Message == "" && len(p.Attachments()) == 0 {
			t.Error("nothing would be seen")
		}
		for _, a := range p.Attachments() {
			for _, action := range a.Actions {
				if err := action.IsValid(); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// TestNobodyIsCalledByWhatWasTyped: the longest samples try to mention everybody.
func TestNobodyIsCalledByWhatWasTyped(t *testing.T) {
	t.Parallel()
	samples := newSamples(present.Words{})
	for _, s := range samples.longCards() {
		calls := 0
		for _, span := range s.message.Text {
			if strings.Contains(span.Text, "<!channel>") {
				calls++
			}
		}
		if calls == 0 {
			t.Errorf("%s: the sample does not try", s.caption)
		}
		raw, err := sendToSlack(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := drawSlackMessage(raw)
		if err != nil {
			t.Fatal(err)
		}
		// An offer itself calls everybody, once.
		if n := strings.Count(string(drawn), "mention all"); n > 1 {
			t.Errorf("%s: everybody is called %d times", s.caption, n)
		}
	}
}

func TestPagesAreWrittenWithoutABrowser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := run(t.Context(), options{out: dir, browser: "none"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"slack-light", "slack-dark", "mattermost-light", "mattermost-dark"} {
		b, err := os.ReadFile(filepath.Join(dir, name+".html"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Boiler down at 4 Elm St", "Accept", "Waiting approval", "What was done"} {
			if !bytes.Contains(b, []byte(want)) {
				t.Errorf("%s does not show %q", name, want)
			}
		}
		// A page loads nothing and runs nothing.
		for _, bad := range []string{"<script", "src=", "url(", "@import", `href="http`} {
			if bytes.Contains(b, []byte(bad)) {
				t.Errorf("%s has %q", name, bad)
			}
		}
	}
}

func TestMrkdwnIsDrawnAsSlackDoes(t *testing.T) {
	t.Parallel()
	r := theReader()
	for in, want := range map[string]string{
		"*bold* _it_ ~no~ `a<b`":                           "<b>bold</b> <i>it</i> <s>no</s> <code>a&lt;b</code>",
		"2*3*4 snake_case_name":                            "2*3*4 snake_case_name",
		"&lt;!channel&gt; &amp;":                           "&lt;!channel&gt; &amp;",
		"<!channel> hi":                                    `<span class="mention all">@channel</span> hi`,
		"<https://a.example|A>":                            "<a>A</a>",
		"a\n```\n*x* &lt;\ny\n```\nb":                      "a<pre>*x* &lt;\ny\n</pre>b",
		"<@U1> <@U2>":                                      `<span class="mention">@Ann Lee</span> <span class="mention">@U2</span>`,
		"a\n&gt; b\n> c\nd":                                "a<blockquote>b<br>c</blockquote>d",
		"<!date^1795611600^{date_short_pretty}, {time}|x>": `<span class="date">Tomorrow, 1:00 PM</span>`,
		"<!date^1795611600^{time}|x>":                      `<span class="date">1:00 PM</span>`,
	} {
		if got := string(r.mrkdwn(in)); got != want {
			t.Errorf("%q is drawn as\n%s\nwant\n%s", in, got, want)
		}
	}
}

func TestMarkdownIsDrawnAsMattermostDoes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"**b** *i* ~~s~~ `c`":          "<b>b</b> <i>i</i> <s>s</s> <code>c</code>",
		`\*not\* \[x\](y)`:             "*not* [x](y)",
		"[l](https://a.example)":       "<a>l</a>",
		"@channel hi":                  `<span class="mention all">@channel</span> hi`,
		"@\u200bchannel":               "@\u200bchannel",
		"a\n> b\nc\n\nd":               `a<blockquote>b<br>c</blockquote><div class="gap"></div>d`,
		"a\n```\nb <c>\n\n*d*\n```\ne": "a<pre>b &lt;c&gt;\n\n*d*</pre>e",
		"<script>alert()</script>":     "&lt;script&gt;alert()&lt;/script&gt;",
	} {
		if got := string(markdown(in)); got != want {
			t.Errorf("%q is drawn as\n%s\nwant\n%s", in, got, want)
		}
	}
}

// TestAFullPictureIsRefused: what stands below the end of the canvas would be missing.
func TestAFullPictureIsRefused(t *testing.T) {
	t.Parallel()
	full := image.NewGray(image.Rect(0, 0, 4, 2*tallest))
	draw := func(from, to int) {
		for y := from; y < to; y++ {
			full.SetGray(1, y, color.Gray{Y: 255})
		}
	}
	draw(0, tallest-gap-1)
	draw(tallest+gap, tallest+2*gap)
	parts, ok := sheets(full)
	if !ok || len(parts) != 2 || parts[0].Max.Y >= tallest+gap || parts[1].Max.Y < tallest+2*gap {
		t.Errorf("two specimens are cut to %v, %t", parts, ok)
	}
	draw(2*tallest-spare, 2*tallest-1)
	if parts, ok := sheets(full); ok {
		t.Errorf("a full picture is cut to %v", parts)
	}
}
