package storage

import (
	"maps"
	"slices"
	"time"

	"taskbridge/workflow"
)

// SummaryFilter chooses what Summarise counts.
type SummaryFilter struct {
	// Contractor restricts to one firm's; empty is the desk.
	Contractor string
	// City restricts to the firms that are in a city now, in whatever case it is written.
	// Each counts the issues of its own, so that one that two of them have had counts
	// twice. It is not for use with Contractor.
	City string
	// Since and Until are the first and the last day of the period, each by any moment
	// of it; without Until the period ends with Now.
	Since, Until time.Time
	Now          time.Time
}

// OfDesk is true when the figures of the whole desk are meant.
func (f SummaryFilter) OfDesk() bool { return f.Contractor == "" && f.City == "" }

// Shares tell how open work is spread.
type Shares struct {
	// Firms are those with any open work, in the order of their ids.
	Firms []FirmShare
	// Topics are open issues by topic, in lower case, and stage; People taken
	// assignments by who is in charge and status.
	Topics, People []Share
	// Ages are open issues by the day they began on, the oldest first.
	Ages []Age
}

// FirmShare is the open work of a firm.
type FirmShare struct {
	Contractor                                               string
	Overdue, Assigned, Accepted, InProgress, WaitingApproval int
}

// Share is how much there is of something, by stage or status.
type Share struct {
	Of string
	By map[string]int
}

// Age is how many open issues began on a day.
type Age struct {
	// Date is the day's midnight in UTC, whatever the desk's zone.
	Date time.Time
	N    int
}

// Experience is what became of the offers to a firm: how many jobs it has done, how many
// it has taken, those included, and how many it declined or did not answer.
type Experience struct {
	Contractor            string
	Done, Taken, Declined int
	// Rated is how much of its work was rated, with Stars in all.
	Rated, Stars int
}

// Summary is what Summarise counted.
type Summary struct {
	Issues      map[workflow.IssueStatus]int
	Assignments map[workflow.Status]int
	LiesWith    map[workflow.Side]int
	Overdue     int
	// Oldest is the open issue with the smallest number, zero for none.
	Oldest int
	// Flows are what happened in the filter's period, Before what happened in as many
	// days before it.
	Flows
	Before Flows
}

// Flows are what happened in a period.
type Flows struct {
	// Created and Closed are issues, the rest is about assignments. OnTime and Late are
	// completions of issues with a due date.
	Created, Closed, Offered, Submitted, SentBack, OnTime, Late int
	// Asked are approvals that were asked for in the middle of the work, Granted those of
	// them that were given.
	Asked, Granted int
	// Kept and Broken count the time limits that were kept or broken.
	Kept, Broken map[workflow.Limit]int
	// Reasons count why offers were declined, no answer included.
	Reasons map[string]int
	// Ratings count by stars, from 1.
	Ratings map[int]int
	Times   map[workflow.Lapse]Times
}

// Times are measured times, counted by the intervals of workflow.Bucket.
type Times map[int]int

// Count is how many were measured.
func (t Times) Count() int {
	n := 0
	for _, c := range t {
		n += c
	}
	return n
}

// Quantile is the time that a share of all, from 0 to 1, does not exceed, give or take
// nine per cent; zero when nothing was measured.
func (t Times) Quantile(share float64) time.Duration {
	left := int(share*float64(t.Count()) + 0.999999)
	for _, bucket := range slices.Sorted(maps.Keys(t)) {
		if left -= t[bucket]; left <= 0 && t[bucket] > 0 {
			return workflow.BucketMiddle(bucket)
		}
	}
	return 0
}

// Accepted counts the offers that firms accepted. An offer that nobody
// answered is Expired and not Declined.
func (f Flows) Accepted() int { return f.Times[workflow.LapseAccept].Count() }

// Declined counts the offers that firms declined themselves.
func (f Flows) Declined() int { return f.Times[workflow.LapseDecline].Count() }

// Expired counts the offers that nobody answered in time.
func (f Flows) Expired() int { return f.Reasons[workflow.ReasonNoAnswer] }

// Completed counts completions.
func (f Flows) Completed() int { return f.Times[workflow.LapseComplete].Count() }

// Answers are the times from an offer to the firm's answer, whatever it was.
func (f Flows) Answers() Times {
	all := maps.Clone(f.Times[workflow.LapseAccept])
	if all == nil {
		all = Times{}
	}
	for bucket, n := range f.Times[workflow.LapseDecline] {
		all[bucket] += n
	}
	return all
}

// Rating is the mean of all ratings and how many there are; zero for none.
func (f Flows) Rating() (mean float64, count int) {
	sum := 0
	for stars, n := range f.Ratings {
		sum += stars * n
		count += n
	}
	if count == 0 {
		return 0, 0
	}
	return float64(sum) / float64(count), count
}

// Day is what happened on one day.
type Day struct {
	// Date is the day's midnight in UTC, whatever the desk's zone.
	Date            time.Time
	Created, Closed int
}

// DigestKind tells the summaries that come by themselves apart.
type DigestKind string

// The kinds of summaries that come by themselves.
const (
	DailyDigest  DigestKind = "daily"
	WeeklyDigest DigestKind = "weekly"
)
