package chat

import "context"

// Leases lets only so many replicas at once do what is not for all of them, such as
// holding a connection over which a platform tells the same to everybody.
type Leases interface {
	// Hold waits for one of the seats that a name has, and runs work while it is
	// held. The context of work ends when the seat is lost; then Hold waits again.
	// Hold returns when ctx is done, or when work returned although it had its seat.
	Hold(ctx context.Context, name string, seats int, work func(ctx context.Context))
}
