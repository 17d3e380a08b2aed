package present

import (
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/workflow"
)

// mostStars is the best rating.
const mostStars = 5

// stars draws a rating, in characters that every font has.
func (w Words) stars(n int) string {
	n = min(max(n, 0), mostStars)
	return strings.Repeat("★", n) + strings.Repeat("☆", mostStars-n) + " " + w.say("{{.Stars}} of {{.All}}", with{"Stars": n, "All": mostStars})
}

// ratingText is a rating with what was added to it.
func (w Words) ratingText(r workflow.Rating) chat.Text {
	if r.Stars == 0 {
		return nil
	}
	t := chat.T(w.stars(r.Stars))
	if r.Text != "" {
		t = t.Plain(" · " + chat.Shorten(oneLine(r.Text), 300))
	}
	return t
}

// ratingOptions are all ratings, the best first.
func (w Words) ratingOptions() []chat.Option {
	words := []string{w.say("very bad"), w.say("bad"), w.say("fair"), w.say("good"), w.say("very good")}
	var out []chat.Option
	for n := mostStars; n > 0; n-- {
		out = append(out, chat.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n) + " · " + words[n-1]})
	}
	return out
}

// AskRating asks for a rating of completed work, in the thread under the desk's card.
// requester is who created the job, as the workspace of that thread knows them; when
// that is empty, everybody of the desk is asked.
func (p *Presenter) AskRating(j Job, a workflow.Assignment, requester string, as Asked) chat.Message {
	gaps := with{"Firm": p.FirmOf(j, a.Contractor), "Task": Heading(j.Issue)}
	if requester == "" {
		return chat.Message{Text: p.text("How was the work of {{.Firm}} on {{.Task}}? Rate it with the card's button.", gaps)}
	}
	gaps["Who"] = chat.Span{Kind: chat.Mention, Text: oneLine(j.CreatedBy.Name), Ref: requester}
	return chat.Message{
		Text: p.text("{{.Who}}, how was the work of {{.Firm}} on {{.Task}}? The firm reads your rating only if you share it, and its average either way.", gaps),
		Choice: &chat.Choice{
			ID: "stars", Placeholder: p.say("Rate the work"), Options: p.ratingOptions(), Token: p.rateToken(j, a, as),
		},
		Buttons: []chat.Button{{ID: "ratewithcomment", Label: p.say("Rate with a comment"), Token: p.rateToken(j, a, as)}},
	}
}

// rateToken lets one person rate, and change the rating, for as long as a button works.
func (p *Presenter) rateToken(j Job, a workflow.Assignment, as Asked) string {
	return p.Sign(ticket.Ticket{
		Desk: p.Desk, Verb: string(workflow.Rate), Issue: j.ID, Assignment: a.ID, User: as.User,
		Expires: as.Now.Add(buttonLife).Unix(),
	})
}

// RateForm asks for a rating with a comment.
func (p *Presenter) RateForm(as Asked, j Job, a workflow.Assignment) *chat.Form {
	t := subject(workflow.Rate, j, a)
	t.Revision = 0
	f := &chat.Form{
		Title: p.say("Rate {{.Task}}", with{"Task": Number(j.Number)}), Submit: p.say("Rate"), Intro: Heading(j.Issue) + " · " + p.FirmOf(j, a.Contractor),
		Token: p.formToken(as, t),
		Fields: []chat.Field{
			{Name: "stars", Label: p.say("Rating"), Kind: chat.Select, Placeholder: p.say("Choose from 5 to 1"), Options: p.ratingOptions()},
			{Name: "text", Label: p.say("Comment"), Kind: chat.Paragraph, Optional: true, Max: workflow.MaxRatingText, Value: a.Rating.Text},
			{Name: "share", Label: p.say("Share with the firm"), Kind: chat.Tick, Optional: true, Placeholder: p.say("Yes"), Value: strconv.FormatBool(a.Rating.Shared), Help: p.say("Without this only the desk reads the rating and the comment.")},
		},
	}
	if a.Rating.Stars > 0 {
		f.Fields[0].Value = strconv.Itoa(a.Rating.Stars)
	}
	return f
}

// RateWithout asks for the rating alone where no form can be opened.
func (p *Presenter) RateWithout(as Asked, j Job, a workflow.Assignment) chat.Message {
	return chat.Message{
		Text: p.text("How was the work of {{.Firm}} on {{.Task}}?", with{"Firm": p.FirmOf(j, a.Contractor), "Task": Heading(j.Issue)}),
		Choice: &chat.Choice{
			ID: "stars", Placeholder: p.say("Rate the work"), Options: p.ratingOptions(), Token: p.rateToken(j, a, as),
		},
	}
}
