package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/bot/ticket"
	"taskbridge/bot/when"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// hoursOf is the working time of a firm, nil when nothing is said of it.
func (t *turn) hoursOf(firm storage.Contractor) *workflow.Calendar {
	return hours(t.settings, firm, t.Engine.zone)
}

func hours(s *settings.Settings, firm storage.Contractor, zone *time.Location) *workflow.Calendar {
	c, said := s.FirmTime(firm.Calendar, zone)
	if !said {
		return nil
	}
	return &c
}

// answerIn reads how long firms have to answer. Hours and minutes are counted in each
// firm's working time, and so is the desk's usual time; a day or a date is what it says.
func (t *turn) answerIn(text string) (terms workflow.Terms, err error) {
	if strings.TrimSpace(text) == "" {
		return workflow.Terms{Within: t.settings.Offers.AnswerWithin}, nil
	}
	by, err := when.Parse(text, t.now, t.zone)
	switch {
	case err != nil:
		return terms, err
	case by.Amount > 0:
		terms.Within = by.Amount
	default:
		terms.AcceptBy = by.At
	}
	if by.At.Before(t.now.Add(workflow.MinOfferTime)) {
		return terms, workflow.RefuseField("accept_by", "The firm needs a minute at least. Give a later time to answer by.")
	}
	return terms, nil
}

// answerTime is a time to answer by as it is kept until its firm is known: what depends
// on the firm's hours as it was typed, anything else as the moment it is.
func (t *turn) answerTime(text string) string {
	by, err := when.Parse(text, t.now, t.zone)
	if err != nil || by.Amount > 0 {
		return text
	}
	return by.At.UTC().Format(time.RFC3339)
}

// cmdHours opens the form of a firm's working time.
func (t *turn) cmdHours(ctx context.Context, name string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.FirmHours); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmAtWork(ctx, name)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.hoursForm(firm)
}

func (t *turn) openHours(ctx context.Context, id string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.FirmHours); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmByID(ctx, id)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.hoursForm(firm)
}

func (t *turn) hoursForm(firm storage.Contractor) (chat.Answer, error) {
	own, err := settings.DecodeCalendar(firm.Calendar)
	if err != nil {
		return chat.Answer{}, err
	}
	as := t.asked()
	return chat.Answer{
		Form:     t.present.FirmHours(as, firm, own, t.settings.Calendar),
		Fallback: t.present.TryAgain(as, workflow.FirmHours, storage.Issue{}, nil, firm.ID),
	}, nil
}

// saveHours takes the form of a firm's working time. What is out already keeps its time
// to answer.
func (t *turn) saveHours(ctx context.Context, tk ticket.Ticket, v map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.FirmHours); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmByID(ctx, tk.Arg)
	if err != nil {
		return chat.Answer{}, err
	}
	was, err := settings.DecodeCalendar(firm.Calendar)
	if err != nil {
		return chat.Answer{}, err
	}
	is, err := was.With(v)
	if err != nil {
		return chat.Answer{}, err
	}
	if firm.Calendar, err = settings.EncodeCalendar(is); err != nil {
		return chat.Answer{}, err
	}
	if err := t.tx.SaveContractor(ctx, firm); err != nil {
		return chat.Answer{}, fmt.Errorf("save a contractor: %w", err)
	}
	// Every replica forgets what it remembers of the firm.
	if err := t.tx.ChangeAccess(ctx); err != nil {
		return chat.Answer{}, fmt.Errorf("tell of a firm's hours: %w", err)
	}
	t.committed = append(t.committed, t.roster.changed(ctx))
	err = t.record(ctx, "", workflow.Event{Kind: present.EventFirmHours, Data: map[string]string{
		"contractor": firm.ID, "before": settings.CalendarLines(was), "after": settings.CalendarLines(is),
	}})
	if err != nil {
		return chat.Answer{}, err
	}
	if !is.Set() {
		return chat.Private(chat.T(t.present.Say("%s works when the desk does. New offers are counted by that; those that are out keep their time.", present.FirmName(firm)))), nil
	}
	return chat.Private(chat.T(t.present.Say("%s works %s. New offers are counted by that; those that are out keep their time.", present.FirmName(firm), t.present.Calendar(is)))), nil
}
