package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// period is a number of whole days of the desk's, the last one included.
type period struct {
	Since, Until time.Time
	// Of says what it is, for its name.
	Of present.Span
}

// midnight is when the day of a moment began.
func midnight(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// periodNamed reads what people call a period; ok is false for any other word.
func periodNamed(word string, now time.Time, zone *time.Location) (p period, ok bool) {
	today := midnight(now, zone)
	switch strings.ToLower(word) {
	case "", "today":
		return period{today, now, present.Today}, true
	case "week":
		return period{today.AddDate(0, 0, -6), now, present.LastWeek}, true
	case "month":
		return period{today.AddDate(0, 0, -29), now, present.LastMonth}, true
	case "quarter":
		return period{today.AddDate(0, 0, -89), now, present.LastQuarter}, true
	case "year":
		return period{today.AddDate(0, 0, -364), now, present.LastYear}, true
	default:
		return period{}, false
	}
}

// summaryOf reads what a summary command asks for: a period, and a firm.
func (t *turn) summaryOf(ctx context.Context, rest string) (p period, firm storage.Contractor, err error) {
	word, firmName := cutWord(rest)
	p, ok := periodNamed(word, t.now, t.deskZone())
	if !ok {
		p, _ = periodNamed("", t.now, t.deskZone())
		firmName = rest
	}
	if strings.TrimSpace(firmName) != "" {
		firm, err = t.firmFor(ctx, firmName)
	}
	return p, firm, err
}

func (t *turn) cmdSummary(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Summarise); err != nil {
		return chat.Answer{}, err
	}
	p, firm, err := t.summaryOf(ctx, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if t.ready.err != nil {
		return chat.Answer{}, t.ready.err
	}
	m, err := t.summarised(ctx, p, firm, t.ready.health)
	if err != nil {
		return chat.Answer{}, err
	}
	if t.deskPlace() {
		m.Buttons = append(m.Buttons, t.present.PostSummaryButton(t.asked(), rest))
	}
	return chat.Answer{Message: m}, nil
}

// deskPlace tells whether this happens where the desk's own people read.
func (t *turn) deskPlace() bool {
	return t.place != nil && (t.place.Kind == storage.OperationsChannel || t.place.Kind == storage.ManagersChannel)
}

// summarised draws a summary.
func (t *turn) summarised(ctx context.Context, p period, firm storage.Contractor, health present.Health) (chat.Message, error) {
	s, err := t.tx.Summarise(ctx, storage.SummaryFilter{Contractor: firm.ID, Since: p.Since, Until: p.Until, Now: t.now})
	if err != nil {
		return chat.Message{}, fmt.Errorf("summarise: %w", err)
	}
	about := ""
	if firm.ID != "" {
		about = present.FirmName(firm)
	}
	title, words := t.present.Period(p.Of, p.Since, p.Until)
	return t.inWords(ctx, present.Report{Title: title, Period: words, Firm: about, Summary: s, Health: health})
}

// inWords says what was counted in a period, of the desk or of a firm.
func (t *turn) inWords(ctx context.Context, r present.Report) (chat.Message, error) {
	r.Reasons = t.settings.Reasons
	if r.Oldest > 0 {
		oldest, err := t.tx.IssueByNumber(ctx, r.Oldest)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return chat.Message{}, fmt.Errorf("load the oldest issue: %w", err)
		}
		if err == nil {
			r.Longest = &oldest
		}
	}
	return t.present.Summary(r), nil
}

// postSummary has a summary posted with its picture where its button was pressed.
func (t *turn) postSummary(ctx context.Context, what string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Summarise); err != nil {
		return chat.Answer{}, err
	}
	if !t.deskPlace() {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "Post a summary in the operations channel or the managers' channel.")
	}
	p, firm, err := t.summaryOf(ctx, what)
	if err != nil {
		return chat.Answer{}, err
	}
	err = t.enqueue(ctx, channelLane(t.place.Workspace, t.place.ID), deliverDigest, digestPayload{Period: p, Contractor: firm.ID})
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(t.present.Say("It is on its way."))), nil
}

// scoreDays is the length of a score card's period.
const scoreDays = 90

// scorePeriod is the period of score cards.
func scorePeriod(now time.Time, zone *time.Location) (since time.Time) {
	return midnight(now, zone).AddDate(0, 0, 1-scoreDays)
}

func (t *turn) cmdScore(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.ViewScore); err != nil {
		return chat.Answer{}, err
	}
	name := strings.TrimSpace(rest)
	if t.actor.Role != workflow.Contractor {
		if name == "" {
			return chat.Answer{}, t.usageOf("score CONTRACTOR", "Say which firm you mean.")
		}
		firm, err := t.firmFor(ctx, name)
		if err != nil {
			return chat.Answer{}, err
		}
		return t.score(ctx, firm)
	}
	own, err := t.ownFirm(ctx)
	if err != nil {
		return chat.Answer{}, err
	}
	if name != "" && len(matching([]storage.Contractor{own}, name)) == 0 {
		// Whether there is such a firm is not for this one to know.
		return chat.Answer{}, workflow.Refuse(workflow.Forbidden, "You can see your own firm's score only: %s score shows it.", t.present.Command)
	}
	return t.score(ctx, own)
}

// ownScore is what the button on a firm's card shows. Whose card it is decides nothing:
// a firm sees its own score.
func (t *turn) ownScore(ctx context.Context, contractor string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.ViewScore); err != nil {
		return chat.Answer{}, err
	}
	if t.actor.Role == workflow.Contractor {
		own, err := t.ownFirm(ctx)
		if err != nil {
			return chat.Answer{}, err
		}
		return t.score(ctx, own)
	}
	firm, err := t.firmByID(ctx, contractor)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.score(ctx, firm)
}

func (t *turn) ownFirm(ctx context.Context) (storage.Contractor, error) {
	return t.firm(ctx, t.tx, t.actor.Contractor)
}

func (t *turn) score(ctx context.Context, firm storage.Contractor) (chat.Answer, error) {
	s, err := t.tx.Summarise(ctx, storage.SummaryFilter{Contractor: firm.ID, Since: scorePeriod(t.now, t.deskZone()), Now: t.now})
	if err != nil {
		return chat.Answer{}, fmt.Errorf("summarise: %w", err)
	}
	papers, err := t.certificates(ctx, firm.ID)
	if err != nil {
		return chat.Answer{}, err
	}
	own := t.actor.Role == workflow.Contractor
	return chat.Answer{Message: t.present.Score(present.ScoreCard{Firm: firm, Own: own, Days: scoreDays, Reasons: t.settings.Reasons, Summary: s, Certificates: papers, Day: t.today()})}, nil
}
