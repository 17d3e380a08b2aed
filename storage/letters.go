package storage

import (
	"context"
	"time"
)

// Gathered is a message that waits to be shown in a thread together with others.
type Gathered struct {
	Workspace, Channel, Thread string
	// Message is the id it is known by from the moment it waits.
	Message string
	// Body is what it says, in a form of the bot's own.
	Body []byte
}

// Gathering keeps what waits to be shown together, where a platform shows many things
// of a thread at once.
type Gathering interface {
	// PutGathered adds a message to the end of what waits for its thread, or replaces
	// what the same one says.
	PutGathered(ctx context.Context, g Gathered) error
	// RemoveGathered takes messages of a thread that wait no longer.
	RemoveGathered(ctx context.Context, workspace, channel string, messages ...string) error
	// Gathered lists what waits for a thread, in order.
	Gathered(ctx context.Context, workspace, channel, thread string) ([]Gathered, error)
	// GatheredMessage finds one message that waits; ErrNotFound when it does not.
	GatheredMessage(ctx context.Context, workspace, channel, message string) (Gathered, error)
	// ShownCard is a digest of what was last shown of the card that a thread hangs on,
	// empty when nothing is known of it.
	ShownCard(ctx context.Context, workspace, channel, thread string) (string, error)
	SetShownCard(ctx context.Context, workspace, channel, thread, shown string) error
}

// StatusLink lets whoever has it see how an issue stands.
type StatusLink struct {
	// ID is random. What people hold is made of it and of a signature.
	ID        string
	Issue     string
	CreatedAt time.Time
	// Workspace and Address are where the link was last sent, empty when it never was.
	Workspace, Address string
}

// StatusLinks keeps the links that are good.
type StatusLinks interface {
	// PutStatusLink records the link of an issue, in the place of an earlier one.
	PutStatusLink(ctx context.Context, l StatusLink) error
	// StatusLink finds a link by its id, IssueStatusLink by its issue.
	StatusLink(ctx context.Context, id string) (StatusLink, error)
	IssueStatusLink(ctx context.Context, issue string) (StatusLink, error)
	// RemoveStatusLink ends the link of an issue, if there is one.
	RemoveStatusLink(ctx context.Context, issue string) error
}
