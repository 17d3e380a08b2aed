package bot

import (
	"context"
	"time"
)

// Observer is told what happens, as figures and for traces. Its methods must not
// block. They are called when what they tell of is committed.
type Observer interface {
	// Handled tells of one inbound.
	Handled(ctx context.Context, h Handled)
	// Delivered tells of one attempt to send.
	Delivered(ctx context.Context, d Delivered)
	// Merged tells what a message did to the ledger.
	Merged(m Merge)
	// Found tells that a comparison with the platform's history found something
	// the ledger lacked.
	Found(workspace string, f Finding)
}

// Handled is how one inbound went.
type Handled struct {
	Workspace, Kind string
	// Outcome is ok, repeat, refused, ignored, kept or failed.
	Outcome string
	// Refusal is the code of a refusal, empty when it was none.
	Refusal string
	// Began is when it arrived, Took how long it took until it was committed.
	Began time.Time
	Took  time.Duration
}

// Delivered is how one attempt to send went.
type Delivered struct {
	Workspace, Kind string
	// Outcome is ok, postponed, parked or dropped; Reason is the platform's where
	// it is not ok.
	Outcome, Reason string
	// Attempt counts from one.
	Attempt int
	// Waited is the time since the delivery was committed, Took that of the
	// attempt.
	Waited, Took time.Duration
	Began        time.Time
}

// Merge is what a message did to the ledger.
type Merge string

// The merges. An edit or a deletion that comes before its message is out of order,
// as is an edit older than the text that is known.
const (
	MergeCreated    Merge = "created"
	MergeEdited     Merge = "edited"
	MergeDeleted    Merge = "deleted"
	MergeDuplicate  Merge = "duplicate"
	MergeOutOfOrder Merge = "out_of_order"
)

// Finding is what a comparison with the platform's history found.
type Finding string

// The findings.
const (
	FoundMessage  Finding = "message"
	FoundEdit     Finding = "edit"
	FoundDeletion Finding = "deletion"
	// FoundNoCard is a card whose message is gone.
	FoundNoCard Finding = "card"
)

type blind struct{}

func (blind) Handled(context.Context, Handled)     {}
func (blind) Delivered(context.Context, Delivered) {}
func (blind) Merged(Merge)                         {}
func (blind) Found(string, Finding)                {}
