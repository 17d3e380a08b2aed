package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/picture"
	"taskbridge/bot/present"
	"taskbridge/bot/settings"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// A summary that comes by itself is state and no job: the table of digests says when it
// is due, the scheduler finds that, and whoever comes first moves the date on and puts
// the summary into the outbox, in one transaction. It is drawn when it is sent.

// chartDays is how many days a picture shows at least, so that there is something to
// compare with.
const chartDays = 14

// digestPayload is a summary on its way to a channel.
type digestPayload struct {
	Period     period
	Contractor string `json:",omitempty"`
}

// chartPayload is a summary's picture on its way into the thread under it. It goes in two
// steps: Remote is the upload, which is made first and seen by nobody.
type chartPayload struct {
	Period     period
	Contractor string `json:",omitempty"`
	Thread     string
	Remote     string `json:",omitempty"`
}

// digestKinds are all summaries that come by themselves.
func digestKinds() []storage.DigestKind {
	return []storage.DigestKind{storage.DailyDigest, storage.WeeklyDigest}
}

// timetable says when a kind of summary is sent.
type timetable struct {
	kind storage.DigestKind
	// on is false when it is not sent at all.
	on   bool
	hour int
	zone *time.Location
	// works tells whether the desk works on a day.
	works func(day time.Time) bool
}

// timetableOf is how the settings want a summary. A desk without working hours of its own
// works from Monday to Friday.
func timetableOf(kind storage.DigestKind, s *settings.Settings, zone *time.Location) timetable {
	t := timetable{kind: kind, on: s.Digest.Daily, hour: s.Digest.Hour, zone: s.Calendar.Location(zone)}
	if kind == storage.WeeklyDigest {
		t.on = s.Digest.Weekly
	}
	calendar := s.WorkingTime(zone)
	always := !slices.ContainsFunc(calendar.Week[:], func(day []workflow.Span) bool { return len(day) > 0 })
	t.works = func(day time.Time) bool {
		weekday := day.Weekday()
		if calendar.Holidays[workflow.DateOf(day)] {
			return false
		}
		return always && weekday != time.Saturday && weekday != time.Sunday || len(calendar.Week[weekday]) > 0
	}
	return t
}

// sendsOn tells whether a summary is sent on a day: the daily one on each working day,
// the weekly one on the first of a week.
func (t timetable) sendsOn(day time.Time) bool {
	if !t.works(day) || t.kind != storage.WeeklyDigest {
		return t.works(day)
	}
	for n := range sinceMonday(day) {
		if t.works(day.AddDate(0, 0, -1-n)) {
			return false
		}
	}
	return true
}

// sinceMonday is how many days of its week are before a day.
func sinceMonday(day time.Time) int { return (int(day.Weekday()) + 6) % 7 }

// daysAhead bounds the look for a day on which the desk works.
const daysAhead = 60

// next is when a summary is due after a moment, zero for never: at its hour of the desk's
// day, which is not the same number of hours later when clocks are changed.
func (t timetable) next(after time.Time) time.Time {
	y, m, d := after.In(t.zone).Date()
	for n := range daysAhead {
		at := time.Date(y, m, d+n, t.hour, 0, 0, 0, t.zone)
		if t.on && at.After(after) && t.sendsOn(at) {
			return at
		}
	}
	return time.Time{}
}

// period is what a summary that is sent now tells of: the last whole week, or all
// days since the working day before.
func (t timetable) period(now time.Time) period {
	end := midnight(now, t.zone)
	if t.kind == storage.WeeklyDigest {
		monday := end.AddDate(0, 0, -sinceMonday(end))
		return period{Since: monday.AddDate(0, 0, -7), Until: monday.AddDate(0, 0, -1), Of: present.OneWeek}
	}
	since, until := end.AddDate(0, 0, -1), end.AddDate(0, 0, -1)
	for n := 0; n < daysAhead && !t.sendsOn(since); n++ {
		since = since.AddDate(0, 0, -1)
	}
	p := period{Since: since, Until: until, Of: present.SomeDays}
	if since.Equal(until) {
		p.Of = present.OneDay
	}
	return p
}

// keepFigures has days counted and summaries sent as the settings want it. It is asked
// again and again, also for what another replica has changed.
func (e *Engine) keepFigures(ctx context.Context) error {
	s, err := e.rules.current(ctx)
	if err != nil {
		return err
	}
	if !e.counted.changed(s) {
		return nil
	}
	if err := e.countDays(ctx, s.Calendar.Location(e.zone)); err != nil {
		return err
	}
	if err := e.scheduleDigests(ctx, s); err != nil {
		return err
	}
	e.counted.done(s)
	return nil
}

// scheduleDigests gives each summary its date. One that has passed stays, so that what
// came due while nobody was there is sent late and not left out.
func (e *Engine) scheduleDigests(ctx context.Context, s *settings.Settings) error {
	wrong := map[storage.DigestKind]time.Time{}
	look := func(tx storage.Tx) error {
		clear(wrong)
		for _, kind := range digestKinds() {
			at, err := tx.Digest(ctx, kind)
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
			table, missing := timetableOf(kind, s, e.zone), err != nil
			next, overdue := table.next(e.now()), !at.IsZero() && !at.After(e.now())
			if missing || !at.Equal(next) && (!overdue || !table.on) {
				wrong[kind] = next
			}
		}
		return nil
	}
	err := e.store.View(ctx, e.desk, look)
	if err == nil && len(wrong) > 0 {
		err = e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
			if err := look(tx); err != nil {
				return err
			}
			for kind, next := range wrong {
				if err := tx.SetDigest(ctx, kind, next); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("schedule the summaries: %w", err)
	}
	return nil
}

// countedBy are the settings that figures were last kept for. The zero value is ready.
type countedBy struct {
	mu sync.Mutex
	is *settings.Settings
}

func (k *countedBy) changed(s *settings.Settings) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.is != s
}

func (k *countedBy) done(s *settings.Settings) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.is = s
}

// digestDue sends a summary that is due to the managers. Another replica may have done so.
func (t *turn) digestDue(ctx context.Context, kind storage.DigestKind) error {
	if err := workflow.Allowed(t.actor, workflow.SendDigest); err != nil {
		return err
	}
	at, err := t.tx.Digest(ctx, kind)
	if errors.Is(err, storage.ErrNotFound) || err == nil && (at.IsZero() || at.After(t.now)) {
		return nil
	}
	if err != nil {
		return err
	}
	table := timetableOf(kind, t.settings, t.zone)
	list, err := t.tx.ListChannels(ctx, storage.ManagersChannel, "")
	if err != nil {
		return fmt.Errorf("list the managers' channels: %w", err)
	}
	for _, ch := range list {
		if !table.on {
			break
		}
		p := digestPayload{Period: table.period(t.now)}
		if err := t.enqueue(ctx, channelLane(ch.Workspace, ch.ID), deliverDigest, p); err != nil {
			return err
		}
	}
	return t.tx.SetDigest(ctx, kind, table.next(t.now))
}

// sendDigest posts a summary as things are now.
func (e *Engine) sendDigest(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[digestPayload](d)
	if err != nil {
		return err
	}
	health, err := e.health(ctx)
	if err != nil {
		return err
	}
	var m chat.Message
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) error {
		var firm storage.Contractor
		if pl.Contractor != "" {
			if firm, err = tx.Contractor(ctx, pl.Contractor); err != nil {
				return err
			}
		}
		m, err = e.turnOf(ctx, tx, chat.Inbound{Workspace: platformWorkspace(d.Lane)}).summarised(ctx, pl.Period, firm, health)
		return err
	})
	if err != nil {
		return fmt.Errorf("draw a summary: %w", err)
	}
	id, err := e.post(ctx, p, d, chat.Post{Channel: d.Lane.Name, Message: m})
	if err != nil {
		return err
	}
	return e.delivered(ctx, d, func(t *turn) error {
		return t.enqueue(ctx, d.Lane, deliverChart, chartPayload{Period: pl.Period, Contractor: pl.Contractor, Thread: id})
	})
}

// sendChart shows a summary's picture under it. The summary says everything by itself, so
// that a picture that the platform does not take is left out.
func (e *Engine) sendChart(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[chartPayload](d)
	if err != nil {
		return err
	}
	if pl.Remote == "" {
		pl.Remote, err = e.uploadChart(ctx, p, d, pl)
		if err == nil {
			return e.delivered(ctx, d, func(t *turn) error { return t.enqueue(ctx, d.Lane, deliverChart, pl) })
		}
	} else {
		var days []storage.Day
		if days, err = e.chartOf(ctx, d.Desk, pl); err != nil {
			return err
		}
		_, err = e.post(ctx, p, d, chat.Post{
			Channel: d.Lane.Name, Thread: pl.Thread, Files: []string{pl.Remote}, Message: e.speaking(storage.Contractor{}).ChartOf(days),
		})
		if err == nil {
			return e.delivered(ctx, d, nil)
		}
	}
	if se, ok := errors.AsType[*chat.SendError](err); ok && !se.Retry {
		e.log.WarnContext(ctx, "dispatcher: a summary has no picture", "workspace", d.Lane.Workspace, "channel", d.Lane.Name, "reason", se.Reason)
		return e.delivered(ctx, d, nil)
	}
	return err
}

func (e *Engine) uploadChart(ctx context.Context, p chat.Platform, d storage.Delivery, pl chartPayload) (string, error) {
	days, err := e.chartOf(ctx, d.Desk, pl)
	if err != nil {
		return "", err
	}
	reads := e.speaking(storage.Contractor{})
	png, err := picture.Days(days, picture.Words{Created: reads.Say("Created"), Closed: reads.Say("Closed"), Day: reads.ShortDay})
	if err != nil {
		return "", &chat.SendError{Reason: chat.Invalid, Err: err}
	}
	if int64(len(png)) > p.Limits().FileBytes {
		return "", &chat.SendError{Reason: chat.TooLarge}
	}
	return p.Upload(ctx, chat.Upload{
		Channel: d.Lane.Name, Name: "jobs-by-day.png", Type: "image/png", Size: int64(len(png)), Content: bytes.NewReader(png),
	})
}

// chartOf counts the days of a picture.
func (e *Engine) chartOf(ctx context.Context, desk string, pl chartPayload) (days []storage.Day, err error) {
	since := pl.Period.Since
	if least := pl.Period.Until.AddDate(0, 0, 1-chartDays); since.After(least) {
		since = least
	}
	err = e.store.View(ctx, desk, func(tx storage.Tx) error {
		days, err = tx.Daily(ctx, storage.SummaryFilter{Contractor: pl.Contractor, Since: since, Until: pl.Period.Until})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count the days of a picture: %w", err)
	}
	return days, nil
}
