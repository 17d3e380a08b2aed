package present

import (
	"encoding/json"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// PartMark is the most characters that Mirror adds to a part of a long text.
const PartMark = 32

// clip stands before the name of a file.
const clip = "📎 "

// EncodeRich puts a text with formatting into the form it is stored in, empty for none.
func EncodeRich(t chat.Text) string {
	if len(t) == 0 {
		return ""
	}
	// Spans are strings and numbers, which can always be encoded.
	b, _ := json.Marshal(t)
	return string(b)
}

// Spoken is what a comment says, with its formatting. A mention becomes what mention
// says of it. Kinds that no person can type are words.
func (w Words) Spoken(c storage.Comment, mention func(chat.Span) chat.Span) chat.Text {
	var t chat.Text
	if c.Rich == "" || json.Unmarshal([]byte(c.Rich), &t) != nil {
		t = chat.T(c.Text)
	}
	for n, s := range t {
		switch s.Kind {
		case chat.Mention:
			t[n] = mention(s)
		case chat.Everyone, chat.ChannelLink, chat.Moment:
			t[n] = chat.Span{Text: s.Text}
		}
	}
	for n, f := range c.Files {
		if n > 0 || c.Text != "" {
			t = t.Plain("\n")
		}
		t = t.Plain(clip + chat.Shorten(oneLine(f.Name), 120))
	}
	return t
}

// Mirror shows what somebody said in a thread other than its own: one part, counted
// from zero, of so many.
func (w Words) Mirror(who chat.Speaker, text chat.Text, part, parts int) chat.Message {
	if parts > 1 {
		text = text.Plain("\n").Italic(w.say("(part {{.Part}} of {{.All}})", with{"Part": part + 1, "All": parts}))
	}
	return chat.Message{Speaker: who, Text: text}
}

// Files is the message that shows files of a comment.
func (w Words) Files(who chat.Speaker, list []storage.File) chat.Message {
	var t chat.Text
	for n, f := range list {
		if n > 0 {
			t = t.Plain("\n")
		}
		t = t.Plain(clip + chat.Shorten(oneLine(f.Name), 120))
	}
	return chat.Message{Speaker: who, Text: t}
}

// FilesNotShown is the message in the place of files that a platform does not take, or
// that were never had: with what is known of them and a way to where they were posted.
func (w Words) FilesNotShown(who chat.Speaker, list []storage.File, platform string) chat.Message {
	var t chat.Text
	for n, f := range list {
		if n > 0 {
			t = t.Plain("\n")
		}
		file := clip + chat.Shorten(oneLine(f.Name), 120)
		if f.Size > 0 {
			file += " (" + w.FileSize(f.Size) + ")"
		}
		t = t.Plain(w.say("{{.File}} is not shown here: {{.Reason}}.", with{"File": file, "Reason": w.FileRefusal(chat.Reason(f.Refused))}))
		if f.URL == "" {
			continue
		}
		label := w.say("Open it on {{.Platform}}", with{"Platform": upperFirst(platform)})
		if f.Refused == string(chat.FileElsewhere) {
			label = w.say("Open it there")
		}
		t = t.Plain(" ").Link(label, f.URL)
	}
	return chat.Message{Speaker: who, Text: t}
}

// OfFirm is a person's name with the firm's.
func (w Words) OfFirm(name string, firm storage.Contractor) string {
	return chat.Shorten(oneLine(name), 60) + " (" + chat.Shorten(oneLine(firm.Company), 60) + ")"
}

// Earlier opens a thread that is filled from an earlier one but not from its beginning.
func (w Words) Earlier(n int) chat.Message {
	return chat.Message{Text: w.countText(n, "{{.Count}} earlier comment is in the job's history.", "{{.Count}} earlier comments are in the job's history.")}
}

// closedCard is what is left of a card in a channel that its firm no longer has.
func (w Words) closedCard(j Job) chat.Message {
	return chat.Message{
		Title: Heading(j.Issue), Tone: chat.Closed,
		Text: w.text("This channel is no longer linked. The job goes on elsewhere; nothing here is kept up to date."),
	}
}

// Linked answers the one who linked a channel to a firm.
func (w Words) Linked(c storage.Contractor, ch storage.Channel, platform string) chat.Text {
	return w.text("{{.Firm}} now also has {{.Channel}} on {{.Platform}}. Each of its channels shows the same jobs, and what is said in one thread is shown in the others.",
		with{"Firm": FirmName(c), "Channel": link(ch.Name, ch.URL), "Platform": platform})
}

// Unlinked answers the one who took a channel from a firm.
func (w Words) Unlinked(c storage.Contractor, ch storage.Channel) chat.Text {
	return w.text("{{.Channel}} is no longer a channel of {{.Firm}}. Its messages stay as they are; nothing new is shown or read there.", with{"Channel": ch.Name, "Firm": FirmName(c)})
}

// UnlinkedHere tells the people of a channel that it is no longer linked.
func (w Words) UnlinkedHere() chat.Message {
	return chat.Message{Tone: chat.Closed, Text: w.text("The desk unlinked this channel. Jobs are no longer kept up to date here, and nobody reads replies.")}
}
