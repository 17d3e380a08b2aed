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
func stars(n int) string {
	n = min(max(n, 0), mostStars)
	return strings.Repeat("★", n) + strings.Repeat("☆", mostStars-n) + " " + strconv.Itoa(n) + " of " + strconv.Itoa(mostStars)
}

// ratingText is a rating with what was added to it.
func (w Words) ratingText(r workflow.Rating) chat.Text {
	if r.Stars == 0 {
		return nil
	}
	t := chat.T(stars(r.Stars))
	if r.Text != "" {
		t = t.Plain(" · " + chat.Shorten(oneLine(r.Text), 300))
	}
	return t
}

// ratingOptions are all ratings, the best first.
func (w Words) ratingOptions() []chat.Option {
	words := []string{"very bad", "bad", "fair", "good", "very good"}
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
	text := chat.Text{}
	if requester != "" {
		text = text.Mention(requester, oneLine(j.CreatedBy.Name)).Plain(", how")
	} else {
		text = text.Plain("How")
	}
	text = text.Plain(" was the work of " + p.FirmOf(j, a.Contractor) + " on " + Heading(j.Issue) + "?")
	if requester == "" {
		return chat.Message{Text: text.Plain(" Rate it with the card's button.")}
	}
	return chat.Message{
		Text: text.Plain(" The firm does not see your rating unless you share it."),
		Choice: &chat.Choice{
			ID: "stars", Placeholder: "Rate the work", Options: p.ratingOptions(), Token: p.rateToken(j, a, as),
		},
		Buttons: []chat.Button{{ID: "ratewithcomment", Label: "Rate with a comment", Token: p.rateToken(j, a, as)}},
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
		Title: "Rate " + Number(j.Number), Submit: "Rate", Intro: Heading(j.Issue) + " · " + p.FirmOf(j, a.Contractor),
		Token: p.formToken(as, t),
		Fields: []chat.Field{
			{Name: "stars", Label: "Rating", Kind: chat.Select, Placeholder: "Choose from 5 to 1", Options: p.ratingOptions()},
			{Name: "text", Label: "Comment", Kind: chat.Paragraph, Optional: true, Max: workflow.MaxRatingText, Value: a.Rating.Text},
			{Name: "share", Label: "Share with the firm", Kind: chat.Tick, Optional: true, Value: strconv.FormatBool(a.Rating.Shared), Help: "Without this only the desk reads the rating and the comment."},
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
		Text: chat.T("How was the work of " + p.FirmOf(j, a.Contractor) + " on " + Heading(j.Issue) + "?"),
		Choice: &chat.Choice{
			ID: "stars", Placeholder: "Rate the work", Options: p.ratingOptions(), Token: p.rateToken(j, a, as),
		},
	}
}
