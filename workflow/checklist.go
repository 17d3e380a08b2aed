package workflow

import (
	"slices"
	"strings"
	"time"
)

// Tick is an item of the checklist that somebody of the firm has ticked.
type Tick struct {
	Item string    `json:"item"`
	By   Person    `json:"by"`
	At   time.Time `json:"at"`
}

// Ticked finds who ticked an item; ok is false when nobody has.
func (a Assignment) Ticked(item string) (t Tick, ok bool) {
	i := slices.IndexFunc(a.Ticks, func(t Tick) bool { return t.Item == item })
	if i < 0 {
		return Tick{}, false
	}
	return a.Ticks[i], true
}

// Unticked returns the required items of the checklist that nobody has ticked.
func Unticked(d Demands, a Assignment) []string {
	var missing []string
	for _, item := range d.Checklist {
		if _, ok := a.Ticked(item.Text); item.Required && !ok {
			missing = append(missing, item.Text)
		}
	}
	return missing
}

// Done counts the ticked items of the checklist.
func Done(d Demands, a Assignment) int {
	n := 0
	for _, item := range d.Checklist {
		if _, ok := a.Ticked(item.Text); ok {
			n++
		}
	}
	return n
}

// turned are the items of a list that the command changes: those that are asked to
// be what they are not yet.
func turned(c *change, items []string, ticked bool) []string {
	var out []string
	for _, item := range items {
		if _, is := c.a.Ticked(item); is != ticked && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

func guardCheck(c *change) *Refusal {
	all := slices.Concat(c.cmd.Tick, c.cmd.Untick)
	if len(all) == 0 {
		return RefuseField("item", "Choose an item of the checklist.")
	}
	for _, item := range all {
		if !slices.ContainsFunc(c.issue.Demands.Checklist, func(i Item) bool { return i.Text == item }) {
			return phrase("The desk changed the checklist: look at it again.").refuse(Conflict, "item")
		}
	}
	if len(turned(c, c.cmd.Tick, true))+len(turned(c, c.cmd.Untick, false)) == 0 {
		if t, ok := c.a.Ticked(all[0]); ok {
			return phrase("%s ticked that already.", somebody(t.By.Name, "Somebody")).refuse(Conflict, "item")
		}
		return phrase("That is not ticked.").refuse(Conflict, "item")
	}
	return nil
}

func effectCheck(c *change) {
	effectStart(c)
	// The list belongs to the issue that was given, too.
	c.a.Ticks = slices.Clone(c.a.Ticks)
	var events []map[string]string
	for _, item := range turned(c, c.cmd.Untick, false) {
		c.a.Ticks = slices.DeleteFunc(c.a.Ticks, func(t Tick) bool { return t.Item == item })
		events = append(events, map[string]string{"item": item, "taken_back": "true"})
	}
	for _, item := range turned(c, c.cmd.Tick, true) {
		c.a.Ticks = append(c.a.Ticks, Tick{Item: item, By: Person{ID: c.actor.ID, Name: c.actor.Name}, At: c.cmd.At})
		data := map[string]string{"item": item}
		if calls := c.issue.Demands.calls(item); calls != "" {
			data["calls"] = calls
		}
		events = append(events, data)
	}
	c.a.Ticks = orNil(c.a.Ticks)
	c.data = events[0]
	for _, data := range events[1:] {
		c.events = append(c.events, Event{Kind: EventChecked, Assignment: c.a.ID, Data: data})
	}
}

// listed puts texts into a sentence: “a”, “b” and “c”.
func listed(texts []string) any {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = "“" + s + "”"
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	last := len(quoted) - 1
	return phrase("%s and %s", strings.Join(quoted[:last], ", "), quoted[last])
}
