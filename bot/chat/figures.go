package chat

import "time"

// SummaryQuery asks for the desk, or one contractor, in figures.
type SummaryQuery struct {
	// Period is today, week or month, by the desk's own days. Since and Until go before
	// it: any moment of the first and of the last day.
	Period       string
	Since, Until time.Time
	// Contractor is an id or a name, empty for the desk.
	Contractor string
}

// SummaryView is the desk in figures.
type SummaryView struct {
	Issues      map[string]int `json:"issues"`
	Assignments map[string]int `json:"assignments"`
	LiesWith    map[string]int `json:"lies_with"`
	Overdue     int            `json:"overdue"`
	// Oldest is the number of the open issue that is the oldest, zero for none.
	Oldest int `json:"oldest"`
	FlowsView
	// Before are the same figures of as many days before the period.
	Before FlowsView `json:"before"`
}

// FlowsView is what happened in a period. Created and closed are issues, the rest is
// about assignments.
type FlowsView struct {
	Created     int `json:"created"`
	Closed      int `json:"closed"`
	Offered     int `json:"offered"`
	Accepted    int `json:"accepted"`
	Declined    int `json:"declined"`
	NotAnswered int `json:"not_answered"`
	HandedIn    int `json:"handed_in"`
	SentBack    int `json:"sent_back"`
	Completed   int `json:"completed"`
	// ApprovalsAsked were asked for in the middle of the work, ApprovalsGiven are those of
	// them that were given.
	ApprovalsAsked int `json:"approvals_asked"`
	ApprovalsGiven int `json:"approvals_given"`
	// OnTime and Late are completions of issues with a due date.
	OnTime int `json:"on_time"`
	Late   int `json:"late"`
	// DeclineReasons count by reason, Ratings by stars.
	DeclineReasons map[string]int `json:"decline_reasons"`
	Ratings        map[string]int `json:"ratings"`
	// Rating is the mean of all ratings, null for none.
	Rating *float64 `json:"rating"`
	// TimeToAccept and TimeToAnswer are from an offer, TimeToStart and TimeToComplete
	// from acceptance.
	TimeToAccept   *LapseView `json:"time_to_accept"`
	TimeToAnswer   *LapseView `json:"time_to_answer"`
	TimeToStart    *LapseView `json:"time_to_start"`
	TimeToComplete *LapseView `json:"time_to_complete"`
}

// LapseView is a measured time in seconds, known to nine per cent: half and nine of ten
// of those that were measured do not exceed it.
type LapseView struct {
	Count  int `json:"count"`
	Median int `json:"median_seconds"`
	P90    int `json:"p90_seconds"`
}

// ScoreView is how a contractor does.
type ScoreView struct {
	Contractor ContractorView `json:"contractor"`
	// Days is the length of the period, which ends today.
	Days int `json:"days"`
	// Assignments count as they stand now, by status.
	Assignments map[string]int `json:"assignments"`
	FlowsView
	Before FlowsView `json:"before"`
}
