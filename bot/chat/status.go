package chat

import (
	"context"
	"strconv"
	"time"
)

// StatusReader shows customers how their job stands, to whoever has its link.
type StatusReader interface {
	// StatusAt is what a link shows, in a language. ErrNoSuch when it is not, or no
	// longer, good.
	StatusAt(ctx context.Context, token, language string) (StatusView, error)
	// RateAt rates the work, once; what is refused is refused in a language. The same key
	// is the same rating sent again.
	RateAt(ctx context.Context, token, language, key string, stars int, text string) (Answer, error)
	// AnswerVisitAt says whether a planned visit suits the customer; what is refused is
	// refused in a language. The same key is the same answer sent again.
	AnswerVisitAt(ctx context.Context, token, language, key string, v VisitAnswer) (Answer, error)
}

// StatusView is all that a customer sees of a job.
type StatusView struct {
	Steps []StatusStep
	// From and To are when the work is planned for, zero while it is not.
	From, To time.Time
	// CanAnswer asks whether that time suits; Answer is what was said, as in VisitAnswer,
	// empty for nothing, with the words that came with it.
	CanAnswer bool
	// Visit is the same for calendars, nil for none.
	Visit        *Visit
	Answer, Text string
	// CanRate asks for a rating; Stars is the one that was given, zero for none.
	CanRate bool
	Stars   int
}

// The answers to a planned visit.
const (
	VisitSuits   = "agreed"
	VisitAnother = "another"
)

// VisitAnswer is what a customer says to a planned visit.
type VisitAnswer struct {
	// Answer is VisitSuits or VisitAnother; Text says what would suit better.
	Answer, Text string
	// From and To are the window that the customer saw.
	From, To time.Time
}

// Micros is a moment as a field, to the microsecond as it is kept, empty for none.
func Micros(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMicro(), 10)
}

// FromMicros reads what Micros wrote; what cannot be read is no moment.
func FromMicros(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(n)
}

// StatusStep is one step on a job's way.
type StatusStep struct {
	// Icon is a picture of its own, an emoji, empty for the step's usual one.
	Name, Icon string
	// Kind is open, planned, travel, work or finished; ended alone when there was no work.
	Kind  string
	State StepState
}

// StepState is where a job stands as to a step.
type StepState string

// The states of a step.
const (
	StepDone  StepState = "done"
	StepNow   StepState = "now"
	StepAhead StepState = "ahead"
)
