package storage

import (
	"time"

	"taskbridge/workflow"
)

// Desk is the tenant: one company's set-up.
type Desk struct {
	ID, Name  string
	CreatedAt time.Time
}

// Workspace is one installation on a platform.
type Workspace struct {
	// ID is the platform and its own id, such as "slack:T0123".
	ID       string
	Desk     string
	Platform string
	Name     string
	// Bot is the platform's id of our own account there.
	Bot string
}

// Memory is the trace of a handled inbound.
type Memory struct {
	Workspace, Key string
	At             time.Time
	// Access is the version of who may do what that the caller went by; zero when
	// nothing rests on it.
	Access int64
	// Answered tells that an answer follows, so that both are kept at once.
	Answered bool
}

// Kept is an inbound that could not be processed.
type Kept struct {
	ID             int64
	Desk           string
	Workspace, Key string
	// Type is the kind of event; Fault is why it is kept, in words.
	Type, Fault string
	// Raw is the request's verified body in the form Route names.
	Route string
	Raw   []byte
	At    time.Time
	// Count is how often it arrived.
	Count int
}

// ListKeptParams bounds ListKept.
type ListKeptParams struct {
	After int64
	Limit int
}

// PurgeParams says what Purge forgets.
type PurgeParams struct {
	// Before is the age of dedup keys and of comments that never found an issue.
	Before time.Time
	// KeptBefore is the age of kept inbounds, KeptMost how many of them may stay.
	KeptBefore time.Time
	KeptMost   int
}

// Issue is a job: the workflow's state and what people wrote about it.
type Issue struct {
	workflow.Issue
	Title       string
	Description string
	Topic       string
	// Priority is one of low, normal, high, urgent.
	Priority    string
	Place       string
	Customer    string
	ExternalRef string
	URL         string
	// CreatedBy stays who it was: lists of a person go by who created the issue when its
	// assignments were made.
	CreatedBy workflow.Person
	// SourceURL leads to the message that the issue was made from, empty where it was
	// not. It is the desk's own.
	SourceURL string
	// Version guards SaveIssue: it is raised by every write of the issue's row.
	Version int
	// AssignmentVersions do the same for each assignment, by its id.
	AssignmentVersions map[string]int
}

// Assignment is one assignment with the issue it belongs to.
type Assignment struct {
	workflow.Assignment
	Issue string
}

// IssueFilter chooses issues. Zero fields do not restrict.
type IssueFilter struct {
	// Stages are where the issue stands as a whole.
	Stages []workflow.Stage
	// Assignment, Contractor, City and InCharge are what one assignment must meet
	// all at once: its status, whose it is, the firm's city and who is in charge. The
	// status narrows down a list by one of the others; alone it has all issues looked at.
	Assignment []workflow.Status
	Contractor string
	City       string
	InCharge   []string
	// Topic is the issue's topic. It and City are compared without regard to case.
	Topic string
	// AsKnown has Topic compared with what the contractor knows, which of a job that it
	// lost is the topic of then. It needs Contractor.
	AsKnown bool
	// People asks for issues that one of them made, is in charge of or is asked about
	// from outside. Being in charge of an assignment that is over counts with the stage
	// closed only.
	People []string
	// Watcher asks for issues that somebody watches. With it Assignment, InCharge, People and
	// Overdue do not count.
	Watcher string
	// Overdue asks for issues whose due date has passed, Breached for those of which a
	// firm that has them now has broken a time limit.
	Overdue  bool
	Breached bool
	// Before is the number to go on from: only smaller ones are returned. After asks
	// for greater ones instead: those that come next to it, the greatest first.
	Before, After int
	// Limit is the most to return; the newest come first. Zero means 50.
	Limit int
}

// ContractorState is whether a firm gets work.
type ContractorState string

// The states of a contractor.
const (
	// ContractorOpening has no channel yet.
	ContractorOpening ContractorState = "opening"
	ContractorActive  ContractorState = "active"
	ContractorPaused  ContractorState = "paused"
	// ContractorLeaving is being off-boarded: its open work is being dealt with.
	ContractorLeaving    ContractorState = "leaving"
	ContractorOffboarded ContractorState = "offboarded"
)

// Contractor is a firm in a city.
type Contractor struct {
	ID            string
	City, Company string
	State         ContractorState
	// Calendar is when the firm works, in a form of the bot's own; empty for when the
	// desk does.
	Calendar  string
	CreatedAt time.Time
	// Topics are what the firm does, in lower case.
	Topics []string
}

// Invitation is somebody asked into a firm's channel.
type Invitation struct {
	ID         string
	Contractor string
	Workspace  string
	Channel    string
	// Address is the e-mail address or user name it went to; External the
	// platform's id of it, where there is one.
	Address, External string
	State             string
	Note              string
	At                time.Time
}

// Standing is how somebody is to a firm's channel.
type Standing string

// The standings.
const (
	// Placed is one of the desk's own people, whom the desk itself put there.
	Placed Standing = "placed"
	// Wanted is somebody of the firm whom the desk asked in.
	Wanted Standing = "wanted"
	// Noticed is somebody of the firm who came without being asked by the desk.
	Noticed Standing = "noticed"
	// Struck is somebody whom the desk does not want there any more.
	Struck Standing = "struck"
)

// FirmPerson is somebody on a firm's roster, by the address that was asked in or by
// the account that was seen, or both.
type FirmPerson struct {
	ID         string
	Contractor string
	// Workspace is where they are or were asked in; Person is their account there,
	// empty until it is known.
	Workspace, Person string
	// Address is the e-mail address or user name they were asked in by.
	Address string
	Name    string
	// Role is what they do at the firm, in the desk's words.
	Role     string
	Standing Standing
	// Present is true while they were seen in a channel of the firm.
	Present bool
	// At is when the standing or the presence changed last.
	At time.Time
}

// ChannelKind is what a channel is for.
type ChannelKind string

// The kinds of channels.
const (
	OperationsChannel ChannelKind = "operations"
	ManagersChannel   ChannelKind = "managers"
	ContractorChannel ChannelKind = "contractor"
	// ExternalChannel is the conversation with one person outside, or their mailbox.
	ExternalChannel ChannelKind = "external"
)

// Channel is a channel the desk uses.
type Channel struct {
	Workspace, ID string
	Kind          ChannelKind
	// Contractor is set for a ContractorChannel.
	Contractor string
	Name, URL  string
	// State is empty while all is well, else archived, deleted, severed, shared
	// (with another company, where that must not be) or bot_removed.
	State string
	// Shared is true while people of another company read it, as last seen.
	Shared bool
	// SyncedAt is the moment up to which no message of it is missing.
	SyncedAt  time.Time
	CreatedAt time.Time
}

// Person is somebody as last seen on a platform.
type Person struct {
	Workspace, ID string
	Name, Email   string
	Kind          string
	Admin         bool
	// Zone is the IANA name of the person's time zone, empty when it is not known.
	Zone string
	// Locale is the language the person reads the platform in, empty when it is not known.
	Locale string
	SeenAt time.Time
}

// Outsider is somebody outside whom issues involve, and where they are reached.
type Outsider struct {
	// ID is that of the account or the address, across workspaces.
	ID string
	// Name is for people; Address is the e-mail address or the user name that the desk
	// knows them by.
	Name, Address string
	// Workspace and Channel are the conversation with them.
	Workspace, Channel string
}

// Comment is one entry of the ledger.
type Comment struct {
	ID         string
	Issue      string
	Assignment string
	Visibility workflow.Visibility
	Author     Author
	Text       string
	// Rich is Text with its formatting and mentions, in a form of the bot's own;
	// empty where it has none.
	Rich      string
	CreatedAt time.Time
	// EditedAt is the platform's time of the edit that Text is from.
	EditedAt  time.Time
	DeletedAt time.Time
	DeletedBy string
	// Held is true while the comment waits for the end of an approval.
	Held bool
	// Orphan is true for an edit or deletion whose message has not arrived.
	Orphan bool
	Source Source
	Files  []File
	// Versions are earlier texts, oldest first; only lists fill them.
	Versions []Version
}

// Author is who wrote a comment.
type Author struct {
	ID, Name string
	Side     string
}

// Source is where a comment came from.
type Source struct {
	// Platform is slack, mattermost, rest or web; Workspace its installation.
	Platform, Workspace string
	Channel             string
	// Thread is the root message, Message the comment's own.
	Thread, Message string
}

// File is a file that hangs on a comment.
type File struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	// Size is in bytes, what the platform said until the content was kept.
	Size int64  `json:"size"`
	Type string `json:"type,omitempty"`
	// Digest names the content, empty until it was fetched.
	Digest string `json:"digest,omitempty"`
	// Refused says why the content never will be, empty while it may.
	Refused string `json:"refused,omitempty"`
	URL     string `json:"url,omitempty"`
}

// CarriedFile is a file of a comment that is shown in the thread of another card.
type CarriedFile struct {
	Comment, Card string
	// File is the id that the file has on its comment.
	File string
	// Remote is the id that the platform of the card gave it, empty when it was not
	// uploaded; Refused then says why it never will be.
	Remote, Refused string
	// Message is the message that shows it, or says why it cannot be shown, and Thread
	// the root it replies to; empty until it was posted. Several files may share one.
	Thread, Message string
}

// Version is an earlier text of a comment.
type Version struct {
	Text string
	At   time.Time
}

// CommentFilter chooses comments of an issue.
type CommentFilter struct {
	Issue string
	// Visibility and Assignment restrict to what a firm may read.
	Visibility workflow.Visibility
	Assignment string
	// Held asks for those alone that are held, in order to change them.
	Held bool
	// Orphans asks also for edits and deletions whose message has not arrived.
	Orphans bool
	// Files asks for those alone that list files.
	Files bool
	// After is a comment's id to go on from, Before one to end before; Limit is the most,
	// zero means all. Newest asks for the last so many instead of the first.
	After, Before string
	Newest        bool
	Limit         int
}

// Event is one line of an issue's history.
type Event struct {
	// Seq is given by the store and grows.
	Seq        int64
	Issue      string
	Assignment string
	At         time.Time
	Actor      workflow.Person
	Kind       string
	Data       map[string]string
	// Workspace and Key name the inbound that caused it.
	Workspace, Key string
}

// CardKind is what a card shows.
type CardKind string

// The kinds of cards.
const (
	IssueCard      CardKind = "issue"
	AssignmentCard CardKind = "assignment"
	// BoardCard lists the open jobs of a firm; it has no issue.
	BoardCard CardKind = "board"
	// ExternalCard is what somebody outside sees, who may only comment.
	ExternalCard CardKind = "external"
	// The former cards are messages that somebody deleted: nothing is shown there
	// any more, but replies in their threads still belong to the job.
	FormerIssueCard      CardKind = "former_issue"
	FormerAssignmentCard CardKind = "former_assignment"
	FormerExternalCard   CardKind = "former_external"
)

// Card is a message that shows an issue or an assignment as it is.
type Card struct {
	ID         string
	Kind       CardKind
	Issue      string
	Assignment string
	Workspace  string
	Channel    string
	// Message is the platform's id, empty until it is posted.
	Message string
}

// Former tells whether the card's message is gone.
func (c Card) Former() bool {
	return c.Kind == FormerIssueCard || c.Kind == FormerAssignmentCard || c.Kind == FormerExternalCard
}

// Mirror is one message that shows a comment outside its own thread.
type Mirror struct {
	// Comment is shown in the thread of Card. A long one takes several messages, its
	// parts, counted from zero.
	Comment, Card string
	Part          int
	// Thread is the root message it replies to. Message is the platform's id, empty
	// for a part that somebody removed there.
	Thread, Message string
	// Shown is a digest of what the message says, empty when that is uncertain.
	Shown string
}

// Home is the page of their own that somebody has opened on a platform.
type Home struct {
	Workspace, Person string
	// View is what they look at there, in the bot's words.
	View string
	// Shown is a digest of what was shown last, empty when that is uncertain.
	Shown    string
	OpenedAt time.Time
}

// Watch is somebody of the desk who wants to hear of a job.
type Watch struct {
	// Person is the id across workspaces.
	Person string
	Number int
	Issue  string
	// Told is the sequence number of the last line of the history that they know.
	Told int64
}

// ChannelKey names a channel.
type ChannelKey struct{ Workspace, ID string }

// Thread is the thread under a card, and how far it was compared with what its
// platform keeps.
type Thread struct {
	Card Card
	// Gap is how often events of its channel may have been lost so far.
	Gap  int64
	Mark Mark
	// Known is how many of its comments are there, not counting deleted ones.
	Known int
}

// Complete tells whether the thread was compared since events may have been lost.
func (t Thread) Complete() bool { return t.Mark.Gap >= t.Gap }

// Mark is how far a thread was compared with its platform's history.
type Mark struct {
	Workspace, Channel, Thread string
	// Gap is the number of gaps that the comparison covers, -1 for none yet.
	Gap int64
	// ReadAt is when the comparison began, zero for never.
	ReadAt time.Time
	// Replies and Latest are what the platform counted then: its number of replies
	// and the id of the newest.
	Replies int
	Latest  string
	// FoundAt is when a comparison last found something that was missing.
	FoundAt time.Time
}

// Lane is the ordered queue of one destination.
type Lane struct{ Workspace, Name string }

// Delivery is one outgoing platform call.
type Delivery struct {
	// ID is given by the store and grows: it is the order within the lane.
	ID   int64
	Desk string
	Lane Lane
	// Kind says what to do with Payload; the bot defines both.
	Kind string
	// Card is set for the refresh of a projection and names it: a card by its id, a
	// mirror by its comment's and its card's. What has one name waits once and always in
	// the same lane: a lane is locked while it is written to, and no other is then.
	Card    string
	Payload []byte
	// NotBefore is the earliest time to try; zero is at once.
	NotBefore time.Time
	CreatedAt time.Time
	// Trace is the trace id of the inbound that caused it. A refresh of a card
	// that waited already keeps the first one's.
	Trace string

	// Token, Attempts and FirstTriedAt are set by Claim.
	Token        int64
	Attempts     int
	FirstTriedAt time.Time
	// Ambiguous is true when an earlier attempt may have taken effect, which is
	// also so when a lease ran out.
	Ambiguous bool
	LastError string
}

// ClaimParams bounds Claim.
type ClaimParams struct {
	Now time.Time
	// Until is when the leases end.
	Until time.Time
	// Workspace is whose lanes are looked at: each is served for itself, so that none
	// can starve another.
	Workspace string
	Limit     int
}

// PostponeParams says how a delivery goes on.
type PostponeParams struct {
	ID, Token int64
	NotBefore time.Time
	Ambiguous bool
	// Uncounted gives the attempt back: the platform asked us to wait.
	Uncounted bool
	LastError string
}

// Due is something that has become due.
type Due struct {
	Desk string
	// Kind is the workflow's verb, Subject the id of the assignment or issue, or of the
	// firm whose certificate ends.
	Kind     workflow.Verb
	Issue    string
	Subject  string
	Revision int
	At       time.Time
}

// Backlog is what waits for one workspace.
type Backlog struct {
	Workspace string
	Waiting   int
	// Oldest is when the oldest was enqueued.
	Oldest time.Time
}

// ListDeliveriesParams chooses what ListDeliveries lists. Zero fields do not
// restrict.
type ListDeliveriesParams struct {
	Lane Lane
	// Parked asks for what waits in parked lanes.
	Parked bool
	// After is the id to go on from, Limit the most; zero means 50.
	After int64
	Limit int
}

// Waiting is a delivery that has not got through, and why.
type Waiting struct {
	Delivery
	// InFlight is true while an attempt is being made.
	InFlight bool
	// ParkedAt is when its lane was parked, zero when it is not; ParkedFor is the
	// reason.
	ParkedAt  time.Time
	ParkedFor string
}

// ParkedLane is a lane that a permanent failure stopped and that nothing has got
// through since.
type ParkedLane struct {
	Desk     string
	Lane     Lane
	Reason   string
	ParkedAt time.Time
	Waiting  int
}
