package chat

import (
	"context"
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
}

// StatusView is all that a customer sees of a job.
type StatusView struct {
	Steps []StatusStep
	// From and To are when the work is planned for, zero while it is not.
	From, To time.Time
	// CanRate asks for a rating; Stars is the one that was given, zero for none.
	CanRate bool
	Stars   int
}

// StatusStep is one step on a job's way.
type StatusStep struct {
	// Icon is the name of a picture, empty for the step's usual one.
	Name, Icon string
	// Kind is open, planned, travel, work or finished.
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
