package present

import (
	"strings"
	"time"

	"taskbridge/bot/chat"
)

// offered tells of an offer. One that followed by itself has nobody who made it: it
// was the desk's all the same.
func (t told) offered() chat.Text {
	who := t.who
	if t.Actor.Name == "" {
		who = "The desk"
	}
	return t.terms(who + " offered it to " + t.firm)
}

// terms appends what was offered, suggested or agreed, each with what it was before.
func (t told) terms(text string) chat.Text {
	out := t.until(text)
	for _, v := range []struct{ key, label string }{{"price", "price"}, {"limit", "limit"}, {"note", "terms"}} {
		is, was := oneLine(t.Data[v.key]), oneLine(t.Data["was_"+v.key])
		if is == "" && was == "" {
			continue
		}
		out = out.Plain(", " + v.label + " ")
		if was != "" {
			out = out.Add(chat.Span{Kind: chat.Strike, Text: chat.Shorten(was, 100)}).Plain(" → ")
		}
		if is == "" {
			is = "none"
		}
		out = out.Plain(chat.Shorten(is, 200))
	}
	if due, err := time.Parse(time.RFC3339, t.Data["due"]); err == nil {
		out = out.Plain(", due ").Moment(due)
	}
	return out
}

// firms are those that an event about a chain names.
func (t told) firms() string {
	var names []string
	for id := range strings.FieldsSeq(t.Data["firms"]) {
		names = append(names, t.FirmOf(t.job, id))
	}
	if len(names) == 0 {
		return "no other firm"
	}
	return strings.Join(names, "; ")
}

func (t told) passedOver() chat.Text {
	why := map[string]string{
		"has_job": "it has the job", "cool_off": "it said no a short time ago", "no_offers": "it gets no offers now",
	}[t.Data["why"]]
	text := upperFirst(t.firm) + " was passed over"
	if why != "" {
		text += " because " + why
	}
	return chat.T(text)
}
