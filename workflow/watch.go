package workflow

import "slices"

// WatcherHears reports whether somebody who watches a job is told of an event of a kind:
// of what changes how the job stands, not of reminders, drafts and what is only noted.
func WatcherHears(kind string) bool {
	return slices.Contains([]string{
		EventOffered, EventCanceled, EventAccepted, EventDeclined, EventExpired, EventWithdrawn, EventTakenBack,
		EventCounterOffered, EventCounterAccepted, EventCounterRefused, EventCounterWithdrawn, EventAmended, EventChainOver,
		EventStarted, EventStep, EventHandedOver, EventPaused, EventResumed, EventSubmitted, EventApproved, EventSentBack,
		EventCompletedEarly, EventCompletedByClose, EventReopened,
		EventAllocatedExternal, EventExternalRemoved, EventOverdue, EventLimitBroken, EventDueSet,
		EventClosed, EventIssueReopened, EventDeleted,
	}, kind)
}
