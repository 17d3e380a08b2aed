package chat

import (
	"context"
	"errors"
	"time"
)

// Entrant is somebody who may come into the workspace in the browser as who they are on
// their own platform.
type Entrant struct {
	Workspace string
	Person    Person
	// Channel is where they act for a firm, empty for people of the desk.
	Channel string
	// Job is the number of the job whose page they want to see, zero for none.
	Job int
}

// Pass is a link that lets somebody in: once, and for Life only. It is a secret.
type Pass struct {
	Link string
	Life time.Duration
}

// ErrTooManyPasses is returned when somebody was given too many passes lately.
var ErrTooManyPasses = errors.New("too many passes for this person")

// Doorkeeper lets people of other platforms into the workspace in the browser. What
// they may do there is asked anew each time, of their own platform.
type Doorkeeper interface {
	// Workspace is the browser's own, whose people are in already.
	Workspace() string
	// Admit gives a pass; ErrTooManyPasses when the person has had enough of them.
	Admit(ctx context.Context, e Entrant) (Pass, error)
	// Dismiss ends everything that a person is signed in with.
	Dismiss(ctx context.Context, workspace, person string) error
}
