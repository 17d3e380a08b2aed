package workflow

import "time"

// Status is where one assignment stands.
type Status string

// The statuses of an assignment.
const (
	Unsent          Status = "unsent"
	Assigned        Status = "assigned"
	Accepted        Status = "accepted"
	InProgress      Status = "in_progress"
	WaitingApproval Status = "waiting_approval"
	Complete        Status = "complete"
	Declined        Status = "declined"
	Canceled        Status = "canceled"
)

// IssueStatus is where the job as a whole stands.
type IssueStatus string

// The statuses of an issue.
const (
	Reported          IssueStatus = "reported"
	Allocated         IssueStatus = "allocated"
	AllocatedExternal IssueStatus = "allocated_external"
	Resolved          IssueStatus = "resolved"
	Closed            IssueStatus = "closed"
)

// Side is a party of a job.
type Side string

// The sides. A job lies with the one that has to act next.
const (
	WithNobody     Side = "nobody"
	WithOperator   Side = "operator"
	WithContractor Side = "contractor"
	WithBoth       Side = "both"
)

// Role is what somebody is to the desk. The zero value is a stranger.
type Role string

// The roles.
const (
	Stranger   Role = ""
	Operator   Role = "operator"
	Manager    Role = "manager"
	Contractor Role = "contractor"
	External   Role = "external"
	System     Role = "system"
)

// Actor is who wants something.
type Actor struct {
	Role Role
	// ID is unique across workspaces, such as "slack:T1/U2"; Name is for people.
	ID, Name string
	// Contractor is the id of the firm a Contractor belongs to.
	Contractor string
	// Answerers are those of a Contractor's firm who may answer its offers; none means
	// everybody.
	Answerers []Person
	// Admin is true for an administrator of the workspace, who may set up the desk.
	Admin bool
	// Granted and Revoked are the exceptions made for one of the desk's people.
	Granted, Revoked Rights
	// Ceiling is the sum above which money needs a right of its own, such as
	// "500 EUR"; empty for none.
	Ceiling string
}

// Person is somebody named in a job.
type Person struct{ ID, Name string }

// Issue is the job as the desk sees it, with all its assignments.
type Issue struct {
	ID       string
	Number   int
	Status   IssueStatus
	LiesWith Side
	// Revision grows by one with every change of the issue's own state.
	Revision  int
	CreatedAt time.Time
	ClosedAt  time.Time
	// RemindAt is when whoever the issue lies with is reminded; zero for never.
	// RemindSet is true when a person chose it, so that no transition moves it.
	RemindAt  time.Time
	RemindSet bool
	// DueAt is when the work should be done; zero for no such date. Overdue is
	// true once that was said.
	DueAt   time.Time
	Overdue bool
	// EscalateAt is when the managers hear that it is overdue, zero for never or once
	// they have. SeenBy is who of the desk took note of it.
	EscalateAt time.Time
	SeenBy     Person
	// External are the people a comments-only allocation involves.
	External []string
	// Request is why the job needs an approval before it is offered, and what came of
	// that; the zero value is a job that needs none.
	Request Request
	// Demands are what the desk asks of the work.
	Demands Demands
	// Chain are the firms that are asked next.
	Chain Chain
	// Line are the jobs that it waits for, and that wait for it.
	Line Line
	// Assignments are in the order they were made.
	Assignments []Assignment
	// Accepted is true once any firm accepted: the issue can no longer be deleted.
	WasAccepted bool
	// LastBy and LastVerb name who moved the issue last and how.
	LastBy   string
	LastVerb Verb
}

// Assignment is one hand-off of an issue to one firm.
type Assignment struct {
	ID         string
	Contractor string
	Status     Status
	// Revision grows by one with every transition that a person could have raced
	// with; a button remembers the revision it was drawn from.
	Revision int
	InCharge Person
	// Step is the name of the work step last reported, with its window.
	Step             string
	StepFrom, StepTo time.Time
	// Consent is what the customer says to that window.
	Consent Consent
	// Terms are what the firm accepts.
	Terms Terms
	// Was are the terms before they last changed.
	Was Terms
	// Counter is what the firm suggests instead.
	Counter Counter
	// Request is what it asks the desk to approve while it is at work.
	Request Request
	// Granted is what was approved on top while no sum was agreed that it could raise.
	Granted Money
	// WarnAt is when the firm is warned that AcceptBy is near; zero once done.
	WarnAt time.Time
	// CountAt is when its cards have to say that less time is left to answer; zero when
	// they say the least.
	CountAt time.Time
	// Clocks are those of the time limits that count for it.
	Clocks         []Clock
	DeclinedReason string
	DeclinedText   string
	SendBackReason string
	// SendBacks is how often its work was sent back, SentBackAt when it last was.
	SendBacks  int
	SentBackAt time.Time
	Completion Completion
	// Pause is set while the work is halted, Ticks are the items of the checklist
	// that are done, in the order they were ticked.
	Pause       Pause
	Ticks       []Tick
	CreatedAt   time.Time
	OfferedAt   time.Time
	AnsweredAt  time.Time
	StartedAt   time.Time
	SubmittedAt time.Time
	EndedAt     time.Time
	// Knew is how the job's details were when its firm lost it, of those that the desk has
	// changed since: what the firm goes on reading.
	Knew map[Field]string
	// Rating is what the requester thinks of the finished work.
	Rating Rating
	// LastBy and LastVerb name who moved the assignment last and how, to tell the
	// one who came second.
	LastBy   string
	LastVerb Verb
}

// Rating is what the requester thinks of finished work.
type Rating struct {
	// Stars are from 1 to 5, zero while nobody has rated the work.
	Stars int
	Text  string
	// Shared is true when the firm may read the rating and its text.
	Shared bool
	At     time.Time
	By     Person
	// Asked is true once the requester was asked.
	Asked bool
}

// Verb is what somebody wants to do.
type Verb string

// The verbs on an assignment.
const (
	Draft           Verb = "draft"
	Offer           Verb = "offer"
	Cancel          Verb = "cancel"
	Accept          Verb = "accept"
	Decline         Verb = "decline"
	Expire          Verb = "expire"
	WarnOffer       Verb = "warn_offer"
	CountDown       Verb = "count_down"
	WarnLimit       Verb = "warn_limit"
	BreachLimit     Verb = "breach_limit"
	Start           Verb = "start"
	Step            Verb = "step"
	HandOver        Verb = "hand_over"
	TakeCharge      Verb = "take_charge"
	HoldWork        Verb = "pause"
	ResumeWork      Verb = "resume"
	Check           Verb = "check"
	Submit          Verb = "submit"
	Approve         Verb = "approve"
	SendBack        Verb = "send_back"
	CompleteEarly   Verb = "complete_early"
	Amend           Verb = "amend"
	Reopen          Verb = "reopen"
	TakeBack        Verb = "take_back"
	Rate            Verb = "rate"
	AnswerVisit     Verb = "answer_visit"
	Discard         Verb = "discard"
	CounterOffer    Verb = "counter_offer"
	AcceptCounter   Verb = "accept_counter"
	RefuseCounter   Verb = "refuse_counter"
	WithdrawCounter Verb = "withdraw_counter"
	AskApproval     Verb = "ask_approval"
	GrantRequest    Verb = "grant_request"
	RefuseRequest   Verb = "refuse_request"
	WithdrawRequest Verb = "withdraw_request"
)

// The verbs on an issue.
const (
	Create           Verb = "create"
	AllocateExternal Verb = "allocate_external"
	RemoveExternal   Verb = "remove_external"
	Close            Verb = "close"
	ReopenIssue      Verb = "reopen_issue"
	Delete           Verb = "delete"
	Remind           Verb = "remind"
	RemindDue        Verb = "remind_due"
	Snooze           Verb = "snooze"
	WorkDue          Verb = "work_due"
	Escalate         Verb = "escalate"
	Acknowledge      Verb = "acknowledge"
	SetDue           Verb = "set_due"
	Demand           Verb = "demand"
	Comment          Verb = "comment"
	InternalNote     Verb = "internal_note"
	SetChain         Verb = "set_chain"
	StopChain        Verb = "stop_chain"
	Follow           Verb = "follow"
	StopFollowing    Verb = "stop_following"
	GoOn             Verb = "go_on"
	AheadClosed      Verb = "ahead_closed"
	AheadReopened    Verb = "ahead_reopened"
)

// The verbs that concern the desk and change no issue.
const (
	View            Verb = "view"
	List            Verb = "list"
	Summarise       Verb = "summarise"
	SendDigest      Verb = "send_digest"
	ViewScore       Verb = "view_score"
	AddContractor   Verb = "add_contractor"
	Invite          Verb = "invite"
	ViewContractors Verb = "view_contractors"
	PauseContractor Verb = "pause_contractor"
	FirmHours       Verb = "firm_hours"
	FirmTopics      Verb = "firm_topics"
	MoveContractor  Verb = "move_contractor"
	FirmCertificate Verb = "firm_certificate"
	CertificateEnds Verb = "certificate_ends"
	Templates       Verb = "templates"
	Watch           Verb = "watch"
	Notify          Verb = "notify"
	SyncContractor  Verb = "sync_contractor"
	SetUp           Verb = "set_up"
	Help            Verb = "help"
)

// Command is what somebody wants, as data.
type Command struct {
	Verb Verb
	At   time.Time
	// Assignment is the id of the assignment meant. It may be empty for verbs
	// that an operator types without naming one: then the issue's only assignment
	// the verb could apply to is meant, and several are an Ambiguous refusal.
	Assignment string
	// Revision is the assignment's revision the person saw; zero is unguarded.
	Revision int

	// NewID names the assignment that Draft or Offer makes, or the next one of a chain
	// after Decline and Expire.
	NewID      string
	Contractor string
	Terms      Terms
	Reason     string
	Text       string
	To         Person
	Step       string
	// From and Till are the window of a planned step, for AnswerVisit the one that the
	// customer saw; Till is also when a pause should be over, and when a request has to be
	// answered.
	From, Till time.Time
	Completion Completion
	// Hold makes Create wait for an approval although who gives it might approve.
	Hold bool
	// Amount is what AskApproval asks for beyond what is agreed.
	Amount Money
	// Stars and Share are those of Rate; its text is Text.
	Stars int
	Share bool
	// Hours is the firm's working time, for Offer and Amend, and for the verbs of
	// counter-offers; round the clock when nil.
	Hours *Calendar
	// Tick and Untick are items of the checklist.
	Tick, Untick []string
	// Evidence is how many photos and files the firm has posted in its thread.
	Evidence int
	// Demands are the new ones of Demand. Steps are those of the desk, for Demand
	// and Step; without them any name is a step.
	Demands Demands
	Steps   []WorkStep
	// HoursOf is the working time of the firms in a chain, by id, for Decline and Expire.
	HoursOf map[string]Calendar
	// Limits are the desk's time limits for the issue, for whatever starts, halts or ends
	// a part of the work; no clock starts without them.
	Limits *LimitRules
	// When is the new date of Remind, Snooze and SetDue. With RemindDue it puts the
	// reminder off to the working time of who has to act, and nobody is told yet.
	When time.Time
	// People are the ids of those whom AllocateExternal involves and RemoveExternal lets
	// go, Names what they are called, in the same order.
	People, Names []string
	// Outside is true of a Comment that is meant for the people outside, whichever firms
	// have the job.
	Outside bool
	// Firms are lined up by SetChain, in order.
	Firms []string
	// Papers are the certificates of the firms that the command may offer the issue to, by
	// their ids, and Today is the desk's day, where the issue needs certificates.
	Papers map[string]Papers
	Today  Date
	// Ahead is the job that Follow lets this one wait for.
	Ahead Ahead
	// Unavailable are firms that get no offers now, and CoolOff is how long a firm that
	// said no is not asked again by itself. Decline and Expire go by them when a chain
	// goes on.
	Unavailable []string
	CoolOff     time.Duration
}

// Decision is what follows from a command.
type Decision struct {
	// Issue is the new truth; the value given to Decide is left as it was.
	Issue Issue
	// Assignment is the id of the assignment that moved, empty for none.
	Assignment string
	Events     []Event
	Notices    []Notice
}

// Event is one line of history. Data holds short literal values.
type Event struct {
	Kind       string
	Assignment string
	Data       map[string]string
	// Unnamed is true for what followed by itself: who gave the command did not do it,
	// and must not be named to those who read of it.
	Unnamed bool
}

// Notice is somebody to be told something.
type Notice struct {
	To         Audience
	Kind       NoticeKind
	Assignment string
	// Person is set when one person is meant.
	Person Person
	// Reason is why, where that is kept nowhere else.
	Reason string
	// Was is what was asked of the work before, where that is not what it was.
	Was *Demands
}

// Audience is who is told.
type Audience string

// The audiences.
const (
	ToOperators Audience = "operators"
	ToFirm      Audience = "firm"
	ToInCharge  Audience = "in_charge"
	ToManagers  Audience = "managers"
	// ToRequester is whoever created the job.
	ToRequester Audience = "requester"
	// ToExternal are the people of a comments-only allocation, one notice each.
	ToExternal Audience = "external"
	// ToCustomer is whoever was sent the link to how the job stands.
	ToCustomer Audience = "customer"
)

// NoticeKind is what is told.
type NoticeKind string

// The kinds of notices.
const (
	NoticeOffered     NoticeKind = "offered"
	NoticeAccepted    NoticeKind = "accepted"
	NoticeDeclined    NoticeKind = "declined"
	NoticeExpired     NoticeKind = "expired"
	NoticeExpiresSoon NoticeKind = "expires_soon"
	NoticeWithdrawn   NoticeKind = "withdrawn"
	NoticeTakenBack   NoticeKind = "taken_back"
	NoticeTaken       NoticeKind = "taken"
	NoticeAmended     NoticeKind = "amended"
	NoticeHandedOver  NoticeKind = "handed_over"
	NoticeSubmitted   NoticeKind = "submitted"
	NoticeApproved    NoticeKind = "approved"
	NoticeSentBack    NoticeKind = "sent_back"
	NoticeCompleted   NoticeKind = "completed"
	NoticeClosed      NoticeKind = "closed"
	NoticeReopened    NoticeKind = "reopened"
	NoticeReminder    NoticeKind = "reminder"
	NoticeOverdue     NoticeKind = "overdue"
	NoticeEscalated   NoticeKind = "escalated"
	NoticeLimitNear   NoticeKind = "limit_near"
	NoticeLimitBroken NoticeKind = "limit_broken"
	NoticeNoFirmLeft  NoticeKind = "no_firm_left"
	NoticeInvolved    NoticeKind = "involved"
	NoticeRate        NoticeKind = "rate"
	NoticeTookCharge  NoticeKind = "took_charge"
	NoticePaused      NoticeKind = "paused"
	NoticeResumed     NoticeKind = "resumed"
	NoticeDemanded    NoticeKind = "demanded"
	NoticePlanned     NoticeKind = "planned"
	NoticeConsent     NoticeKind = "visit_answered"
	NoticeVisitOff    NoticeKind = "visit_off"
	// The four about a counter-offer: it is there, agreed to, refused, taken back by the
	// firm.
	NoticeCounter          NoticeKind = "counter_offered"
	NoticeCounterAccepted  NoticeKind = "counter_accepted"
	NoticeCounterRefused   NoticeKind = "counter_refused"
	NoticeCounterWithdrawn NoticeKind = "counter_withdrawn"
	// The same four about what a firm at work asks the desk to approve.
	NoticeApprovalAsked     NoticeKind = "approval_asked"
	NoticeApprovalGiven     NoticeKind = "approval_given"
	NoticeApprovalRefused   NoticeKind = "approval_refused"
	NoticeApprovalWithdrawn NoticeKind = "approval_withdrawn"
	// The three about the job that this one follows: it is done, was closed without
	// that, is open again.
	NoticeWentOn        NoticeKind = "went_on"
	NoticeAheadClosed   NoticeKind = "ahead_closed"
	NoticeAheadReopened NoticeKind = "ahead_reopened"
	// The three about a job that needs an approval before it is offered.
	NoticeApprovalNeeded NoticeKind = "approval_needed"
	NoticeJobApproved    NoticeKind = "job_approved"
	NoticeJobRefused     NoticeKind = "job_refused"
)

// Visibility is who may read a comment.
type Visibility string

// The visibilities.
const (
	Shared   Visibility = "shared"
	Internal Visibility = "internal"
)

// Code is why something was refused, for programs.
type Code string

// The codes of refusals.
const (
	Forbidden Code = "forbidden"
	NotFound  Code = "not_found"
	Conflict  Code = "conflict"
	Invalid   Code = "invalid"
	Ambiguous Code = "ambiguous"
	Expired   Code = "expired"
	TooLate   Code = "too_late"
)

// Refusal is an error that may be shown to the person who asked: one sentence
// that says what to do.
type Refusal struct {
	Code Code
	// Message is the sentence in English, Said what it is in other languages.
	Message string
	Said    Phrase
	// Field is the form field that is wrong, where one is.
	Field string
	// Right is what was lacking, where a right was.
	Right Right
}

// Error implements error.
func (r *Refusal) Error() string { return r.Message }
