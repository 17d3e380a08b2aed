package present

import (
	"strconv"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

const (
	// watchedMost is how many jobs one message tells a watcher of, and watchedLines how
	// many lines about each of them.
	watchedMost  = 10
	watchedLines = 6
)

// Watched is a job that somebody watches, with what happened to it since they were told
// last, in order.
type Watched struct {
	Job   Job
	Lines []WatchedLine
	// Link is where the watcher opens the job, empty where that is not known.
	Link string
}

// WatchedLine is an event that is told, or a comment where there is one.
type WatchedLine struct {
	Event   storage.Event
	Comment *storage.Comment
}

// WatchedJobs tells somebody of the desk what others did with the jobs that they watch.
func (p *Presenter) WatchedJobs(all []Watched) chat.Message {
	m := chat.Message{Text: p.countText(len(all), "News of {{.Count}} job that you watch:", "News of {{.Count}} jobs that you watch:")}
	for n, w := range all {
		if n == watchedMost {
			m.Text = m.Text.Plain("\n" + p.count(len(all)-n, "… and {{.Count}} more.", "… and {{.Count}} more."))
			break
		}
		m.Text = m.Text.Plain("\n").Append(linkedHeading(w.Job.Issue, w.Link)).Plain(" · " + p.term(w.standing()))
		lines := w.Lines
		if more := len(lines) - watchedLines; more > 0 {
			m.Text = m.Text.Plain("\n• " + p.count(more, "{{.Count}} thing before that", "{{.Count}} things before that"))
			lines = lines[more:]
		}
		for _, l := range lines {
			m.Text = m.Text.Plain("\n• ").Append(p.watchedLine(w.Job, l))
		}
	}
	which := "N"
	if len(all) == 1 {
		which = strconv.Itoa(all[0].Job.Number)
	}
	m.Notes = []chat.Text{p.text("{{.Command}} ends it.", with{"Command": code(p.Command + " unwatch " + which)})}
	return m
}

// standing is the status that tells the desk most.
func (w Watched) standing() string {
	if a := w.Job.live(); a != nil && w.Job.Status == workflow.Allocated {
		return a.Status.Label()
	}
	return w.Job.Status.Label()
}

func (p *Presenter) watchedLine(j Job, l WatchedLine) chat.Text {
	if l.Comment == nil {
		return chat.Text{}.Moment(l.Event.At).Plain(" ").Append(p.EventText(j, l.Event))
	}
	return p.commentText(*l.Comment, "")
}
