package present

import (
	"strings"
	"time"

	"taskbridge/bot/chat"
)

// offered tells of an offer. One that followed by itself has nobody who made it: it
// was the desk's all the same.
func (t told) offered() chat.Text {
	if t.Actor.Name == "" {
		t.who = t.say("The desk")
	}
	return t.terms("{{.Who}} offered it to {{.firm}}", "{{.Who}} offered it to {{.firm}}, answer by {{.When}}")
}

// terms says a text, the second one where there is a time to answer, and appends what
// was offered, suggested or agreed, each with what it was before.
func (t told) terms(english, answered string) chat.Text {
	out := t.at(answered, "accept_by", english)
	for _, v := range []struct{ key, label string }{{"price", t.say("price")}, {"limit", t.say("limit")}, {"note", t.say("terms")}} {
		is, was := t.money(oneLine(t.Data[v.key])), t.money(oneLine(t.Data["was_"+v.key]))
		if is == "" && was == "" {
			continue
		}
		out = out.Plain(", " + v.label + " ")
		if was != "" {
			out = out.Add(struck(chat.Shorten(was, 100))).Plain(" → ")
		}
		if is == "" {
			is = t.say("none")
		}
		out = out.Plain(chat.Shorten(is, 200))
	}
	// What cannot be read is no date.
	is, _ := time.Parse(time.RFC3339, t.Data["due"])
	was, _ := time.Parse(time.RFC3339, t.Data["was_due"])
	if due := t.changedMoment(was, is); !due.Empty() {
		out = out.Plain(", ").Append(t.text("due {{.When}}", with{"When": due}))
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
		return t.say("no other firm")
	}
	return strings.Join(names, "; ")
}

func (t told) passedOver() chat.Text {
	switch t.Data["why"] {
	case "has_job":
		return t.plain("{{.Firm}} was passed over because it has the job")
	case "cool_off":
		return t.plain("{{.Firm}} was passed over because it said no a short time ago")
	case "no_offers":
		return t.plain("{{.Firm}} was passed over because it gets no offers now")
	case "certificate":
		gaps := t.gaps()
		gaps["Certificate"] = oneLine(t.Data["certificate"])
		return t.text("{{.Firm}} was passed over because it lacks the certificate {{.Certificate}}", gaps)
	}
	return t.plain("{{.Firm}} was passed over")
}
