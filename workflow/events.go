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
	EventTookCharge        = "took_charge"
	EventPaused            = "paused"
	EventResumed           = "resumed"
	EventChecked           = "checked"
	EventDemanded          = "demanded"
	EventVisitAnswered     = "visit_answered"
	EventSubmitted         = "submitted"
	EventApproved          = "approved"
	EventSentBack          = "sent_back"
	EventCompletedEarly    = "completed_early"
	EventAmended           = "amended"
	EventReopened          = "reopened"
	EventRated             = "rated"
	EventTakenBack         = "taken_back"
	EventAllocatedExternal = "allocated_external"
	EventExternalRemoved   = "external_removed"
	EventClosed            = "closed"
	EventIssueReopened     = "issue_reopened"
	EventDeleted           = "deleted"
	EventReminderSet       = "reminder_set"
	EventReminded          = "reminded"
	EventSnoozed           = "snoozed"
	EventOverdue           = "overdue"
	EventEscalated         = "escalated"
	EventAcknowledged      = "acknowledged"
	EventLimitNear         = "limit_near"
	EventLimitBroken       = "limit_broken"
	EventDueSet            = "due_set"
	EventCommented         = "commented"
	EventNoted             = "noted"
	EventDiscarded         = "discarded"
	EventCounterOffered    = "counter_offered"
	EventCounterAccepted   = "counter_accepted"
	EventCounterRefused    = "counter_refused"
	EventCounterWithdrawn  = "counter_withdrawn"
	EventApprovalAsked     = "approval_asked"
	EventApprovalGiven     = "approval_given"
	EventApprovalRefused   = "approval_refused"
	EventApprovalWithdrawn = "approval_withdrawn"
	EventApprovalNeeded    = "approval_needed"
	EventJobApproved       = "job_approved"
	EventJobRefused        = "job_refused"
	// EventChainSet and EventChainStopped are about firms that wait for their turn;
	// EventPassedOver and EventChainOver befall them while the chain goes on.
	EventChainSet     = "chain_set"
	EventChainStopped = "chain_stopped"
	EventPassedOver   = "passed_over"
	EventChainOver    = "chain_over"
	// These are about jobs that follow one another.
	EventFollows          = "follows"
	EventStoppedFollowing = "stopped_following"
	EventWentOn           = "went_on"
	EventAheadClosed      = "ahead_closed"
	EventAheadReopened    = "ahead_reopened"
	// EventCompletedByClose and EventWithdrawn befall an assignment because of
	// what happened to its issue or to another assignment.
	EventCompletedByClose = "completed_by_close"
	EventWithdrawn        = "withdrawn"
)

// OnlyForDesk reports whether an event of an assignment is none of its firm's: it
// befell what never left the desk, or tells of the desk's other systems.
func OnlyForDesk(kind string) bool {
	return kind == EventDrafted || kind == EventDiscarded || kind == EventItemTaken
}

// FirmsCopy reports whether an event of an assignment says in its firm's history what
// another event says of the job.
func FirmsCopy(kind, assignment string) bool {
	return assignment != "" && (kind == EventDemanded || kind == EventDetailsChanged)
}

// EventDetailsChanged is that the desk changed what it wrote down about a job. Its values
// are those of the fields that changed, as they are and, under WasKey, as they were.
const EventDetailsChanged = "details_changed"

// WasKey is the key of an event's value for what a field was before.
func WasKey[F ~string](field F) string { return "was_" + string(field) }

// Changed are the values of an event of those fields that are not as they were.
func Changed[F ~string](fields []F, was, is map[F]string) map[string]string {
	data := map[string]string{}
	for _, f := range fields {
		if was[f] != is[f] {
			data[string(f)], data[WasKey(f)] = is[f], was[f]
		}
	}
	return data
}

// EventItemTaken is that a webhook has taken what an item of the checklist calls it for:
// whom an item calls is the desk's own business.
const EventItemTaken = "item_taken"

// MoneyData are the keys of an event's values that are amounts.
func MoneyData() []string { return []string{"price", "limit", "was_price", "was_limit", "amount"} }
