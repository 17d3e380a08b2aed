package chat

import "time"

// Visit is a planned visit, as an entry of a calendar.
type Visit struct {
	// ID is the same for as long as the visit is spoken of; of two entries with one id that
	// with the greater Sequence counts.
	ID       string
	Sequence int
	// To is zero when the end is not known.
	From, To time.Time
	// Off is true once the visit will not come about.
	Off bool
	// Title and Place are what its reader may know of it.
	Title, Place string
}
