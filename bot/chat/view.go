package chat

import (
	"context"
	"io"
	"time"
)

// The views are what programs may read, in the shapes of the REST API. They hold
// everything an operator may see.

// IssueView is an issue as the API shows it.
type IssueView struct {
	Number      int              `json:"number"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Topic       string           `json:"topic"`
	Priority    string           `json:"priority"`
	Place       string           `json:"place"`
	Customer    string           `json:"customer"`
	Status      string           `json:"status"`
	LiesWith    string           `json:"lies_with"`
	RemindAt    *time.Time       `json:"remind_at"`
	DueAt       *time.Time       `json:"due_at"`
	ExternalRef string           `json:"external_ref"`
	URL         string           `json:"url"`
	SourceURL   string           `json:"source_url"`
	CreatedAt   time.Time        `json:"created_at"`
	ClosedAt    *time.Time       `json:"closed_at"`
	Assignments []AssignmentView `json:"assignments"`
	// CustomerStatus is what the end customer sees.
	CustomerStatus string      `json:"customer_status"`
	Demands        DemandsView `json:"demands"`
	// ApprovalRequest is why the issue needs an approval before it is offered.
	ApprovalRequest *ApprovalRequestView `json:"approval_request"`
	// NextInTurn are the firms that are asked when those before them say no or nothing.
	NextInTurn []ContractorView `json:"next_in_turn"`
	// Follows is the issue that has to be done before this one, Followers are the numbers
	// of those that follow it.
	Follows   *FollowsView `json:"follows"`
	Followers []int        `json:"followers"`
}

// FollowsView is the issue that another one follows.
type FollowsView struct {
	Number int    `json:"number"`
	State  string `json:"state" enum:"waits,asked,went_on" doc:"Whether it still waits; asked when the one before was closed without being done."`
}

// AssignmentView is an assignment as the API shows it.
type AssignmentView struct {
	ID           string         `json:"id"`
	Contractor   ContractorView `json:"contractor"`
	Status       string         `json:"status"`
	InCharge     string         `json:"in_charge"`
	AcceptBy     *time.Time     `json:"accept_by"`
	Terms        TermsView      `json:"terms"`
	CounterOffer *CounterView   `json:"counter_offer"`
	// ApprovalRequest is what the firm last asked the desk to approve in the middle of
	// its work, with what came of it.
	ApprovalRequest *ApprovalRequestView `json:"approval_request"`
	DeclinedReason  string               `json:"declined_reason"`
	DeclinedText    string               `json:"declined_text"`
	SendBackReason  string               `json:"send_back_reason"`
	SendBacks       int                  `json:"send_backs"`
	Rating          *RatingView          `json:"rating"`
	CompletionNote  string               `json:"completion_note"`
	EffortMinutes   int                  `json:"effort_minutes"`
	Costs           *CostsView           `json:"costs"`
	Materials       []string             `json:"materials"`
	Activity        string               `json:"activity"`
	// Step is the step last reported, with its window where it has one.
	Step     string     `json:"step"`
	StepFrom *time.Time `json:"step_from"`
	StepTo   *time.Time `json:"step_to"`
	// VisitAnswer is what the customer says to that window.
	VisitAnswer *VisitAnswerView `json:"visit_answer"`
	Paused      *PauseView       `json:"paused"`
	// Checklist has every item, Evidence is how many files the firm has posted.
	Checklist []ItemView `json:"checklist"`
	Evidence  int        `json:"evidence"`
	// TimeLimits are those that the desk sets by priority, in the order in which a
	// hand-off comes to them. Those of terms that have changed since are former.
	TimeLimits []TimeLimitView `json:"time_limits"`
	CreatedAt  time.Time       `json:"created_at"`
	Revision   int             `json:"revision"`
}

// TimeLimitView is how one time limit of an assignment stands.
type TimeLimitView struct {
	Limit string `json:"limit" enum:"accept,start,complete" doc:"What has to be done in time: from the offer to its acceptance, from there to the start of the work, or to its completion."`
	State string `json:"state" enum:"running,held,kept,missed" doc:"Held while the work is paused or judged."`
	// AllowedMinutes and LeftMinutes are working time; LeftMinutes is known while the
	// limit is held.
	AllowedMinutes int        `json:"allowed_minutes" doc:"The working time allowed."`
	LeftMinutes    *int       `json:"left_minutes" doc:"The working time left, while the limit is held."`
	EndsAt         *time.Time `json:"ends_at" doc:"When it will be missed, while it is running."`
	KeptAt         *time.Time `json:"kept_at"`
	MissedAt       *time.Time `json:"missed_at" doc:"When its time was over."`
	Former         bool       `json:"former" doc:"True for a limit of terms that have changed since."`
}

// RatingView is what the requester thinks of completed work.
type RatingView struct {
	Stars int    `json:"stars"`
	Text  string `json:"text"`
	// Shared is true when the firm may read it.
	Shared bool      `json:"shared"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// TermsView is what an offer says.
type TermsView struct {
	DueAt *time.Time `json:"due_at"`
	Price *MoneyView `json:"price"`
	// Limit is the most that the firm may spend without asking.
	Limit *MoneyView `json:"limit"`
	Note  string     `json:"note"`
}

// MoneyView is an amount: a decimal number and an ISO 4217 code.
type MoneyView struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// CounterView is what a firm suggests instead of an offer's terms.
type CounterView struct {
	By    string     `json:"by"`
	At    time.Time  `json:"at"`
	DueAt *time.Time `json:"due_at"`
	Price *MoneyView `json:"price"`
	Note  string     `json:"note"`
}

// ApprovalRequestView is something that the desk is asked to approve: by a firm at work,
// or by whoever made a job that is not offered before.
type ApprovalRequestView struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	What string    `json:"what"`
	// Amount is what it costs beyond what was agreed.
	Amount   *MoneyView `json:"amount"`
	NeededBy *time.Time `json:"needed_by"`
	State    string     `json:"state" enum:"open,approved,refused"`
	// Reason is why the desk refused.
	Reason string `json:"reason"`
}

// ContractorView is a firm as the API shows it.
type ContractorView struct {
	ID          string           `json:"id"`
	City        string           `json:"city"`
	Company     string           `json:"company"`
	State       string           `json:"state,omitempty"`
	Channels    []ChannelView    `json:"channels,omitempty"`
	Invitations []InvitationView `json:"invitations,omitempty"`
	// Certificates are those that somebody of the desk has checked.
	Certificates []CertificateView `json:"certificates,omitempty"`
}

// CertificateView is a firm's certificate as the API shows it.
type CertificateView struct {
	Name string `json:"name"`
	// Until is the last day on which it is valid, empty where it has no end.
	Until     string    `json:"until"`
	Reference string    `json:"reference"`
	CheckedBy string    `json:"checked_by"`
	CheckedAt time.Time `json:"checked_at"`
}

// ChannelView is a firm's channel as the API shows it.
type ChannelView struct {
	Platform string `json:"platform"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	URL      string `json:"url"`
	State    string `json:"state,omitempty"`
}

// InvitationView is an invitation as the API shows it.
type InvitationView struct {
	Address string    `json:"address"`
	State   string    `json:"state"`
	Note    string    `json:"note,omitempty"`
	At      time.Time `json:"at"`
}

// CommentView is a comment as the API shows it.
type CommentView struct {
	ID         string        `json:"id"`
	Author     AuthorView    `json:"author"`
	Visibility string        `json:"visibility"`
	Text       string        `json:"text"`
	CreatedAt  time.Time     `json:"created_at"`
	EditedAt   *time.Time    `json:"edited_at"`
	DeletedAt  *time.Time    `json:"deleted_at"`
	Held       bool          `json:"held,omitempty"`
	Versions   []VersionView `json:"versions"`
	Files      []FileView    `json:"files"`
	Source     SourceView    `json:"source"`
}

// AuthorView is who wrote a comment.
type AuthorView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Side is operator, contractor, external or system.
	Side string `json:"side"`
}

// VersionView is one text a comment had, and since when.
type VersionView struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// FileView is a file of a comment.
type FileView struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Type string `json:"type"`
	// Digest is the SHA-256 of the content, under which it can be read. It is empty
	// while the content is being fetched, and for good when Refused says why.
	Digest  string `json:"digest"`
	Refused string `json:"refused,omitempty"`
	// URL is where a person of the platform it was posted on can open it.
	URL string `json:"url,omitempty"`
}

// SourceView is where a comment came from.
type SourceView struct {
	Platform string `json:"platform"`
	Channel  string `json:"channel"`
	Message  string `json:"message"`
}

// EventView is one line of an issue's history.
type EventView struct {
	Seq   int64             `json:"seq"`
	At    time.Time         `json:"at"`
	Actor string            `json:"actor"`
	Kind  string            `json:"kind"`
	Data  map[string]string `json:"data"`
}

// IssueQuery chooses issues for a program.
type IssueQuery struct {
	// List is one of the slash command's: new, open, mine, waiting, declined,
	// overdue, done; empty for all.
	List       string
	Contractor string
	// Before is the number to go on from, Limit the most to return.
	Before, Limit int
}

// Reader answers programs' questions. A missing record is ErrNoSuch.
type Reader interface {
	ListIssues(ctx context.Context, q IssueQuery) ([]IssueView, error)
	Issue(ctx context.Context, number int) (IssueView, error)
	// Comments lists an issue's comments in order, after the id given.
	Comments(ctx context.Context, number int, after string, limit int) ([]CommentView, error)
	// Events lists an issue's history in order, after the sequence number given.
	Events(ctx context.Context, number int, after int64, limit int) ([]EventView, error)
	Contractors(ctx context.Context) ([]ContractorView, error)
	Summary(ctx context.Context, q SummaryQuery) (SummaryView, error)
	// Score tells how a contractor does, by id or name.
	Score(ctx context.Context, contractor string) (ScoreView, error)
}

// FileReader gives programs the contents of files.
type FileReader interface {
	// OpenFile opens content that a comment of the desk lists; any other is ErrNoSuch.
	OpenFile(ctx context.Context, digest string) (FileContent, error)
}

// FileContent is the content of a file, to be closed by whoever reads it.
type FileContent struct {
	Name, Type string
	Content    io.ReadSeekCloser
}
