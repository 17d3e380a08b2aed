package chat

import "context"

// Steward is a platform whose channels can be emptied and closed again. One that
// cannot do so has no need of it; what was asked for is then left to a person.
type Steward interface {
	// RemoveMember takes one person out of a channel. Who is not in it is no error;
	// Unsupported tells that the platform lets nobody remove that person.
	RemoveMember(ctx context.Context, channel, person string) error
	// ArchiveChannel closes a channel for everybody and keeps what is in it. One that
	// is archived already is no error.
	ArchiveChannel(ctx context.Context, channel string) error
	// RestoreChannel takes an archived channel into use again. One that is in use is no
	// error; Unsupported tells that only a person can do it.
	RestoreChannel(ctx context.Context, channel string) error
}
