package workflow

import "slices"

// subject is what a verb is about.
type subject int

const (
	onAssignment subject = iota
	onIssue
	// onBoth is a verb that means an assignment where there is one, else the issue.
	onBoth
	onDesk
)

// verbInfo is how a verb reads and what it is about.
type verbInfo struct {
	verb    Verb
	subject subject
	label   string
	// can completes "Only the desk can …".
	can string
	// past completes "Cora …"; for what the clock does it is a whole clause.
	past string
}

// verbs lists every verb there is, in the order people read them in.
var verbs = []verbInfo{
	{Draft, onAssignment, "Draft", "prepare an offer", "prepared this"},
	{Offer, onAssignment, "Offer", "offer a job to a firm", "offered this"},
	{Cancel, onAssignment, "Cancel offer", "cancel an offer", "withdrew the offer"},
	{Accept, onAssignment, "Accept", "accept an offer", "accepted this"},
	{Decline, onAssignment, "Decline", "decline an offer", "declined this"},
	{Expire, onAssignment, "Expire", "end the time to answer", "the time to answer ended"},
	{WarnOffer, onAssignment, "Warn", "warn that the time to answer ends", "a warning went out"},
	{CountDown, onAssignment, "Count down", "count down the time to answer", "less time was left to answer"},
	{WarnLimit, onAssignment, "Warn of time limit", "warn that a time limit ends", "a warning of a time limit went out"},
	{BreachLimit, onAssignment, "Break time limit", "end a time limit", "a time limit ended"},
	{Start, onAssignment, "Start", "start the work", "started the work"},
	{Step, onAssignment, "Report step", "report a step of the work", "reported a step"},
	{HandOver, onAssignment, "Hand over", "hand the work over to a colleague", "handed this over"},
	{TakeCharge, onAssignment, "Take charge", "take charge of the work", "took charge of this"},
	{HoldWork, onAssignment, "Pause", "pause the work", "paused this"},
	{ResumeWork, onAssignment, "Resume", "resume the work", "resumed this"},
	{Check, onAssignment, "Tick", "tick items of the checklist", "ticked an item"},
	{Submit, onAssignment, "Complete", "hand in finished work", "handed in the work"},
	{Approve, onAssignment, "Approve", "approve finished work", "approved this"},
	{SendBack, onAssignment, "Send back", "send work back", "sent this back"},
	{CompleteEarly, onAssignment, "Complete early", "complete work early", "completed this"},
	{Amend, onAssignment, "Amend terms", "amend the terms", "amended the terms"},
	{Reopen, onAssignment, "Reopen", "reopen completed work", "reopened this"},
	{Rate, onAssignment, "Rate", "rate finished work", "rated this"},
	{AnswerVisit, onAssignment, "Answer for customer", "pass on what the customer says to a visit", "passed on what the customer says to a visit"},
	{Discard, onAssignment, "Discard draft", "discard a draft", "discarded the draft"},
	{CounterOffer, onAssignment, "Suggest other terms", "suggest other terms", "suggested other terms"},
	{AcceptCounter, onAssignment, "Agree to the firm's terms", "agree to the terms of a firm", "agreed to the firm's terms"},
	{RefuseCounter, onAssignment, "Refuse the firm's terms", "refuse the terms of a firm", "refused the firm's terms"},
	{WithdrawCounter, onAssignment, "Withdraw suggestion", "withdraw a suggestion of other terms", "withdrew the suggestion"},
	{AskApproval, onAssignment, "Ask for approval", "ask for an approval", "asked for an approval"},
	{GrantRequest, onBoth, "Approve request", "approve a request", "approved the request"},
	{RefuseRequest, onBoth, "Refuse request", "refuse a request", "refused the request"},
	{WithdrawRequest, onAssignment, "Withdraw request", "withdraw a request", "withdrew the request"},

	{TakeBack, onAssignment, "Take back", "take a job back from a firm", "took this back"},

	{Create, onIssue, "Create", "create a job", "created the job"},
	{AllocateExternal, onIssue, "Allocate to external user", "allocate a job to an external user", "allocated the job to an external user"},
	{RemoveExternal, onIssue, "Let external user go", "let an external user go", "let an external user go"},
	{Close, onIssue, "Close", "close a job", "closed the job"},
	{ReopenIssue, onIssue, "Reopen job", "reopen a job", "reopened the job"},
	{Delete, onIssue, "Delete", "delete a job", "deleted the job"},
	{Remind, onIssue, "Remind", "set a reminder", "set the reminder"},
	{Snooze, onIssue, "Remind later", "put a reminder off", "put the reminder off"},
	{RemindDue, onIssue, "Send reminder", "send a due reminder", "a reminder went out"},
	{WorkDue, onIssue, "Mark overdue", "mark a job overdue", "the job became overdue"},
	{Escalate, onIssue, "Tell the managers", "tell the managers of overdue work", "the managers were told"},
	{Acknowledge, onIssue, "Take note", "take note of overdue work", "took note that it is overdue"},
	{SetDue, onIssue, "Set due date", "set the due date", "set the due date"},
	{Demand, onIssue, "Set demands", "say what a job requires", "changed the requirements"},
	{SetChain, onIssue, "Line up firms", "line up firms", "lined up other firms"},
	{StopChain, onIssue, "Stop asking in turn", "stop asking firms in turn", "stopped asking firms in turn"},
	{Follow, onIssue, "Wait for another job", "let a job wait for another", "let the job wait for another"},
	{StopFollowing, onIssue, "Stop waiting", "let a job wait no more", "let the job wait no more"},
	{GoOn, onIssue, "Go on", "let a job go on", "let the job go on"},
	{AheadClosed, onIssue, "Ask whether to go on", "ask whether a job goes on", "the job before was closed"},
	{AheadReopened, onIssue, "Tell that the job before is open again", "tell that a job is open again", "the job before was reopened"},
	{Comment, onBoth, "Reply", "comment on a job", "commented"},
	{InternalNote, onIssue, "Add note", "write an internal note", "wrote a note"},

	{View, onIssue, "Show", "look at a job", "looked at this"},
	{Watch, onIssue, "Watch", "watch a job", "watched this"},
	{List, onDesk, "List", "list jobs", "listed the jobs"},
	{Summarise, onDesk, "Summarise", "read the summary", "read the summary"},
	{SendDigest, onDesk, "Send summary", "send the summary that is due", "a summary went out"},
	{ViewScore, onDesk, "Show score", "look at a firm's score", "looked at a score"},
	{AddContractor, onDesk, "Add contractor", "add a firm", "added a firm"},
	{Invite, onDesk, "Invite", "invite people of a firm", "invited somebody"},
	{ViewContractors, onDesk, "Show contractors", "look at the firms", "looked at the firms"},
	{PauseContractor, onDesk, "Pause contractor", "pause a firm", "paused a firm"},
	{Templates, onDesk, "Templates", "manage templates", "managed templates"},
	{Notify, onDesk, "Choose notices", "choose how to be told", "chose how to be told"},
	{FirmHours, onDesk, "Set firm's hours", "set a firm's working hours", "set a firm's working hours"},
	{FirmTopics, onDesk, "Set firm's topics", "say what a firm does", "said what a firm does"},
	{MoveContractor, onDesk, "Move contractor", "say that a firm is in another city", "said that a firm is in another city"},
	{FirmCertificate, onDesk, "Enter certificate", "enter a firm's certificates", "entered a firm's certificate"},
	{CertificateEnds, onDesk, "Tell of certificate", "tell that a certificate ends", "the desk was told of the end of a certificate"},
	{SyncContractor, onDesk, "Sync contractor", "bring a firm's channel in line with its roster", "brought a firm's channel in line"},
	{SetUp, onDesk, "Set up", "set up the desk", "set up the desk"},
	{Help, onDesk, "Help", "ask for help", "asked for help"},
}

// Verbs returns every verb, in the order people read them in.
func Verbs() []Verb {
	all := make([]Verb, len(verbs))
	for i, v := range verbs {
		all[i] = v.verb
	}
	return all
}

// Roles returns every role, the stranger last.
func Roles() []Role {
	return []Role{Operator, Manager, Contractor, External, System, Stranger}
}

// Statuses returns every status of an assignment, in the order of a good life.
func Statuses() []Status {
	return []Status{Unsent, Assigned, Accepted, InProgress, WaitingApproval, Complete, Declined, Canceled}
}

// IssueStatuses returns every status of an issue, in the order of a good life.
func IssueStatuses() []IssueStatus {
	return []IssueStatus{Reported, Allocated, AllocatedExternal, Resolved, Closed}
}

// infoOf finds how a verb reads; ok is false for a verb that does not exist.
func infoOf(verb Verb) (info verbInfo, ok bool) {
	i := slices.IndexFunc(verbs, func(v verbInfo) bool { return v.verb == verb })
	if i < 0 {
		return verbInfo{verb: verb, subject: onDesk, label: string(verb), can: "do that", past: "did something"}, false
	}
	return verbs[i], true
}

// Label is the verb as a button or a menu shows it.
func (v Verb) Label() string {
	info, _ := infoOf(v)
	return info.label
}

// Label is the status as people see it.
func (s Status) Label() string {
	switch s {
	case Unsent:
		return "Unsent"
	case Assigned:
		return "Assigned"
	case Accepted:
		return "Accepted"
	case InProgress:
		return "In progress"
	case WaitingApproval:
		return "Waiting approval"
	case Complete:
		return "Complete"
	case Declined:
		return "Declined"
	case Canceled:
		return "Canceled"
	}
	return string(s)
}

// Label is the status as people see it.
func (s IssueStatus) Label() string {
	switch s {
	case Reported:
		return "Reported"
	case Allocated:
		return "Allocated"
	case AllocatedExternal:
		return "Allocated to external user"
	case Resolved:
		return "Resolved"
	case Closed:
		return "Closed"
	}
	return string(s)
}

// Label is the role as people see it.
func (r Role) Label() string {
	switch r {
	case Operator:
		return "Operator"
	case Manager:
		return "Manager"
	case Contractor:
		return "Contractor"
	case External:
		return "External user"
	case System:
		return "System"
	case Stranger:
		return "Stranger"
	}
	return string(r)
}

// Label is the side as people see it.
func (s Side) Label() string {
	switch s {
	case WithNobody:
		return "Nobody"
	case WithOperator:
		return "Desk"
	case WithContractor:
		return "Contractor"
	case WithBoth:
		return "Both"
	}
	return string(s)
}
