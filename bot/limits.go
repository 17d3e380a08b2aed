package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// roundSuffix makes the kind of a deadline that stands for all of one verb's that are due,
// so that each side gets one message about all of them.
const roundSuffix = "_round"

// bundled are the verbs of the clock whose messages come together. Reminders have a way
// of their own, because they wait for working hours. What is missed is told before
// anything else that moves the hand-off could note it.
func bundled() []workflow.Verb {
	return []workflow.Verb{workflow.BreachLimit, workflow.WarnLimit, workflow.WorkDue, workflow.Escalate}
}

// roundsOf takes what is bundled out of what is due.
func (e *Engine) roundsOf(due []storage.Due) (rounds []chat.Deadline, rest []storage.Due) {
	for _, verb := range bundled() {
		var subjects []string
		due = slices.DeleteFunc(slices.Clone(due), func(d storage.Due) bool {
			is := d.Desk == e.desk && d.Kind == verb
			if is {
				subjects = append(subjects, d.Issue+"/"+d.Subject)
			}
			return is
		})
		if len(subjects) > 0 {
			rounds = append(rounds, chat.Deadline{Kind: string(verb) + roundSuffix, Subject: strings.Join(subjects, " ")})
		}
	}
	return rounds, due
}

// bundle does one thing that is due to each of several issues, and tells each side once.
// What is not due any more is left out: somebody else was first.
func (t *turn) bundle(ctx context.Context, verb workflow.Verb, subjects []string) error {
	told := map[party][]present.Nudge{}
	var order []party
	for _, names := range subjects {
		issue, subject, _ := strings.Cut(names, "/")
		cmd := workflow.Command{Verb: verb}
		if subject != issue {
			cmd.Assignment = subject
		}
		i, err := t.issueByID(ctx, issue)
		var notices []workflow.Notice
		if err == nil {
			i, notices, err = t.decideQuietly(ctx, i, cmd)
		}
		if _, refused := errors.AsType[*workflow.Refusal](err); refused {
			continue
		}
		if err != nil {
			return err
		}
		job, err := t.job(ctx, t.tx, i)
		if err != nil {
			return err
		}
		for _, n := range notices {
			to := partyOf(i, n)
			if _, known := told[to]; !known {
				order = append(order, to)
			}
			told[to] = append(told[to], present.Nudge{Job: job, Notice: n})
		}
	}
	for _, to := range order {
		if err := t.nudge(ctx, to, told[to], t.toParty(ctx, to).Told); err != nil {
			return err
		}
	}
	return nil
}

// limitFacts adds the desk's time limits to a command that may start, halt or end a part
// of the work.
func (t *turn) limitFacts(ctx context.Context, i storage.Issue, cmd *workflow.Command) error {
	switch cmd.Verb {
	case workflow.Comment, workflow.InternalNote, workflow.View:
		// What is said starts the work at most, which ends a clock and needs no rules.
		return nil
	case workflow.CountDown:
		return t.firmsHours(ctx, i, cmd)
	}
	l := t.settings.Limits
	cmd.Limits = &workflow.LimitRules{
		Allowed: l.Of(i.Priority), Warn: l.Warn, Escalate: l.Escalate, Hours: t.settings.WorkingTime(t.Engine.zone),
	}
	return nil
}

// firmsHours adds when the firm of the assignment works.
func (t *turn) firmsHours(ctx context.Context, i storage.Issue, cmd *workflow.Command) error {
	a, ok := workflow.Find(i.Issue, cmd.Assignment)
	if !ok {
		return nil
	}
	firm, err := t.firm(ctx, t.tx, a.Contractor)
	if err != nil {
		return err
	}
	cmd.Hours = t.hoursOf(firm)
	return nil
}

// cmdSeen takes note of overdue work.
func (t *turn) cmdSeen(ctx context.Context, rest string) (chat.Answer, error) {
	i, err := t.issueAlone(ctx, workflow.Acknowledge, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.Acknowledge}); err != nil {
		return chat.Answer{}, err
	}
	return t.seenAnswer(1, i), nil
}

// acknowledge takes note of the overdue work that a button names. What is not overdue any
// more, or was taken note of, is left out.
func (t *turn) acknowledge(ctx context.Context, tk ticket.Ticket) (chat.Answer, error) {
	done, last, err := t.applyToNamed(ctx, tk.Arg, workflow.Command{Verb: workflow.Acknowledge})
	if err != nil {
		return chat.Answer{}, err
	}
	return t.seenAnswer(done, last), nil
}

func (t *turn) seenAnswer(done int, last storage.Issue) chat.Answer {
	a := chat.Private(t.present.Seen(done, last))
	a.Number = last.Number
	return a
}

// applyToNamed gives one command about each of the issues whose numbers a button names,
// and tells of how many it was taken. It is refused when it is refused of all.
func (t *turn) applyToNamed(ctx context.Context, numbers string, cmd workflow.Command) (done int, last storage.Issue, err error) {
	var first error
	for word := range strings.FieldsSeq(numbers) {
		// What is no number is no issue's.
		number, _ := strconv.Atoi(word)
		i, err := t.issueByNumber(ctx, number)
		if err == nil {
			i, err = t.apply(ctx, i, cmd)
		}
		if _, refused := errors.AsType[*workflow.Refusal](err); err != nil && !refused {
			return done, last, fmt.Errorf("%s #%s: %w", cmd.Verb, word, err)
		}
		switch {
		case err == nil:
			done, last = done+1, i
		case first == nil:
			first = err
		}
	}
	if done == 0 {
		return 0, last, cmp.Or[error](first, workflow.Refuse(workflow.NotFound, "None of these jobs waits any more."))
	}
	return done, last, nil
}
