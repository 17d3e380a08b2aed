package workflow

// The kinds of events that Decide writes.
const (
	EventCreated           = "created"
	EventDrafted           = "drafted"
	EventOffered           = "offered"
	EventCanceled          = "canceled"
	EventAccepted          = "accepted"
	EventDeclined          = "declined"
	EventExpired           = "expired"
	EventWarned            = "warned"
	EventStarted           = "started"
	EventStep              = "step"
	EventHandedOver        = "handed_over"
	EventSubmitted         = "submitted"
	EventApproved          = "approved"
	EventSentBack          = "sent_back"
	EventCompletedEarly    = "completed_early"
	EventAmended           = "amended"
	EventReopened          = "reopened"
	EventRated             = "rated"
	EventTakenBack         = "taken_back"
	EventAllocatedExternal = "allocated_external"
	EventClosed            = "closed"
	EventIssueReopened     = "issue_reopened"
	EventDeleted           = "deleted"
	EventReminderSet       = "reminder_set"
	EventReminded          = "reminded"
	EventOverdue           = "overdue"
	EventDueSet            = "due_set"
	EventCommented         = "commented"
	EventNoted             = "noted"
	// EventCompletedByClose and EventWithdrawn befall an assignment because of
	// what happened to its issue or to another assignment.
	EventCompletedByClose = "completed_by_close"
	EventWithdrawn        = "withdrawn"
)
