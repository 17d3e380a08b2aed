package workflow

import (
	"maps"
	"slices"
)

// EventKinds returns every kind of event that Decide writes.
func EventKinds() []string { return slices.Sorted(maps.Keys(heard())) }

// WatcherHears reports whether somebody who watches a job is told of an event of a kind:
// of what changes how the job stands, not of reminders, drafts and what is only noted.
func WatcherHears(kind string) bool { return heard()[kind] }

// heard says of each kind of event whether watchers hear of it. A kind that is missing
// here fails a test.
func heard() map[string]bool {
	return map[string]bool{
		EventCreated: false, EventDeleted: true, EventClosed: true, EventIssueReopened: true,
		EventDrafted: false, EventDiscarded: false, EventOffered: true, EventCanceled: true, EventWithdrawn: true,
		EventAccepted: true, EventDeclined: true, EventExpired: true, EventWarned: false,
		EventAmended: true, EventCounterOffered: true, EventCounterAccepted: true, EventCounterRefused: true, EventCounterWithdrawn: true,
		EventChainSet: false, EventChainStopped: false, EventPassedOver: false, EventChainOver: true,
		EventStarted: true, EventStep: true, EventHandedOver: true, EventTookCharge: true, EventTakenBack: true,
		EventPaused: true, EventResumed: true, EventChecked: false, EventItemTaken: false, EventDetailsChanged: false, EventDemanded: true,
		EventVisitAnswered: true,
		EventSubmitted:     true, EventApproved: true, EventSentBack: true, EventCompletedEarly: true, EventCompletedByClose: true,
		EventReopened: true, EventRated: false,
		EventApprovalAsked: true, EventApprovalGiven: true, EventApprovalRefused: true, EventApprovalWithdrawn: true,
		EventApprovalNeeded: true, EventJobApproved: true, EventJobRefused: true,
		EventFollows: true, EventStoppedFollowing: true, EventWentOn: true, EventAheadClosed: true, EventAheadReopened: true,
		EventAllocatedExternal: true, EventExternalRemoved: true,
		EventDueSet: true, EventOverdue: true, EventEscalated: false, EventAcknowledged: false,
		EventLimitNear: false, EventLimitBroken: true,
		EventReminderSet: false, EventReminded: false, EventSnoozed: false,
		EventCommented: false, EventNoted: false,
	}
}
