package storage

import (
	"context"
	"errors"
	"time"
)

// Errors that engines return, possibly wrapped. Nothing else of an engine leaks.
var (
	// ErrNotFound is returned when the one record asked for does not exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict is returned by a write that was made from an older revision,
	// or with a stale lease. Update runs its function again on it.
	ErrConflict = errors.New("changed meanwhile")
	// ErrStale is returned when what a decision rests on has changed since.
	ErrStale = errors.New("out of date")
	// ErrExists is returned when a record with the same identity is there already.
	ErrExists = errors.New("exists already")
)

// Store keeps everything. It is safe for concurrent use.
type Store interface {
	Transactor
	Installations
	Dispatching
	Keeping
	Leasing
	Talk

	// SetZone says in which zone the desks' days begin and end that figures are counted
	// by. What was counted before stays as it is, until Recount.
	SetZone(zone *time.Location)
	// Ping tells whether the store can be used now.
	Ping(ctx context.Context) error
	Close() error
}

// Transactor runs functions in transactions.
type Transactor interface {
	// Update runs fn in one read-write transaction of a desk and commits when it
	// returns nil. The commit is durable when Update returns. fn may be run more
	// than once, so it must not act outside the transaction; it is run again when
	// it or the commit fails with ErrConflict, a few times, and then the error is
	// returned. Engines may commit the work of several callers together: an error
	// of one never undoes another's.
	Update(ctx context.Context, desk string, fn func(tx Tx) error) error
	// View runs fn on one consistent, read-only state of a desk.
	View(ctx context.Context, desk string, fn func(tx Tx) error) error
}

// Installations knows desks and their workspaces. It crosses desks, because an
// inbound is known by its workspace before its desk is.
type Installations interface {
	// EnsureDesk makes the desk unless it is there.
	EnsureDesk(ctx context.Context, d Desk) error
	// PutWorkspace records a workspace or brings its record up to date. A
	// workspace never moves to another desk: that is ErrExists.
	PutWorkspace(ctx context.Context, w Workspace) error
	// Workspace finds one by id.
	Workspace(ctx context.Context, id string) (Workspace, error)
	Workspaces(ctx context.Context) ([]Workspace, error)
}

// Dispatching hands out work that is due, across desks.
type Dispatching interface {
	// Claim leases the heads of up to Limit lanes of a workspace that have something
	// to send: per lane the oldest delivery, if no lease on the lane is running, the
	// lane is not parked and the delivery's time has come. Who was served longest ago
	// comes first. Each claim carries a token
	// that grows with every claim of that delivery.
	Claim(ctx context.Context, p ClaimParams) ([]Delivery, error)
	// Renew lets the lease of a claim end later. ErrConflict when it has passed to
	// somebody else, or was given back.
	Renew(ctx context.Context, d Delivery, until time.Time) error
	// NextDelivery is when the next delivery of a workspace that waits for its time
	// becomes due; zero when none waits.
	NextDelivery(ctx context.Context, workspace string) (time.Time, error)
	// Due lists what has become due by now, oldest first.
	Due(ctx context.Context, now time.Time, limit int) ([]Due, error)
	// Backlog counts what waits, per workspace, for metrics and doctor.
	Backlog(ctx context.Context) ([]Backlog, error)
	// ParkedLanes lists the lanes that a permanent failure stopped, also those that
	// were resumed and in which nothing has got through since.
	ParkedLanes(ctx context.Context) ([]ParkedLane, error)
	// ListDeliveries lists what has not got through, the oldest first.
	ListDeliveries(ctx context.Context, p ListDeliveriesParams) ([]Waiting, error)
}

// Keeping holds inbound events that could not be processed, across desks.
type Keeping interface {
	// Keep stores an inbound that failed or was not understood, with its raw
	// request, once per (workspace, key); a repeat raises its count
	// and brings its fault up to date.
	Keep(ctx context.Context, k Kept) error
	// ListKept lists them, newest first, after the id After when it is not zero.
	ListKept(ctx context.Context, p ListKeptParams) ([]Kept, error)
	// Kept finds one.
	Kept(ctx context.Context, id int64) (Kept, error)
	// Release forgets one, after it was replayed.
	Release(ctx context.Context, id int64) error
	// CountKept counts them.
	CountKept(ctx context.Context) (int, error)
	// Purge forgets what is old, a bounded number at once, and tells how many:
	// dedup keys, comments that never found an issue, kept inbounds.
	Purge(ctx context.Context, p PurgeParams) (int, error)
}

// Tx is one transaction of one desk. It is valid only inside the function it was
// given to and must not be used concurrently. It is a sum of roles.
type Tx interface {
	Inbox
	Issues
	IssueLists
	Figures
	Digests
	Contractors
	Invitations
	FirmPeople
	Outsiders
	Certificates
	Channels
	People
	Membership
	Authority
	Comments
	Conversations
	Files
	Replay
	History
	Cards
	Mirrors
	Gathering
	StatusLinks
	Outbox
	Settings
	Homes
	Watches
}

// Inbox remembers what was handled.
type Inbox interface {
	// Remember notes that the inbound (workspace, key) is handled in this
	// transaction. It returns false, with the answer given then, when it had been
	// handled before. ErrStale when who may do what is no longer as m.Access says.
	Remember(ctx context.Context, m Memory) (fresh bool, answer []byte, err error)
	// SetAnswer adds the answer to what Remember noted.
	SetAnswer(ctx context.Context, workspace, key string, answer []byte) error
}

// Issues keeps jobs with their assignments.
type Issues interface {
	// InsertIssue gives the issue the desk's next number and returns it.
	InsertIssue(ctx context.Context, i Issue) (number int, err error)
	// Issue and IssueByNumber load an issue with its assignments, in the order
	// they were made.
	Issue(ctx context.Context, id string) (Issue, error)
	IssueByNumber(ctx context.Context, number int) (Issue, error)
	// SaveIssue writes an issue and those of its assignments that differ from
	// was; new assignments are inserted. ErrConflict when the stored issue or
	// assignment is not the one that was read (guarded by the stored versions).
	SaveIssue(ctx context.Context, was, is Issue) error
	// Assignment finds one assignment without the rest of its issue. In Update nobody
	// changes it until the transaction ends, so that what follows from its state holds.
	Assignment(ctx context.Context, id string) (Assignment, error)
}

// IssueLists finds jobs.
type IssueLists interface {
	// ListIssues finds issues by filter, without more than Limit.
	ListIssues(ctx context.Context, f IssueFilter) ([]Issue, error)
	// CountIssues counts what a filter finds, whatever its Limit, Before and After, and
	// stops at most.
	CountIssues(ctx context.Context, f IssueFilter, most int) (int, error)
}

// Figures keeps what is counted of a desk and of each of its firms. It is counted when
// an issue is written, in the same transaction, so that no reader has to count.
type Figures interface {
	// Summarise tells how things stand and what happened in a period.
	Summarise(ctx context.Context, f SummaryFilter) (Summary, error)
	// Daily tells what happened on each day of a period.
	Daily(ctx context.Context, f SummaryFilter) ([]Day, error)
	// Shares tell how the open work is spread over firms, topics and people, and how old
	// it is, whatever the filter's period. With a firm or a city only its work counts, and
	// only Firms and Ages are told.
	Shares(ctx context.Context, f SummaryFilter) (Shares, error)
	// ListExperience tells of each firm that was ever offered anything what became of
	// that, in the order of their ids.
	ListExperience(ctx context.Context) ([]Experience, error)
	// Recount counts all issues and their histories anew and tells how many issues there
	// are. Nobody else can write meanwhile, which is a matter of minutes for a million.
	Recount(ctx context.Context) (issues int, err error)
}

// Digests keeps when summaries come by themselves.
type Digests interface {
	// Digest is when a summary is due; in Update nobody else changes it meanwhile.
	// ErrNotFound when that was never set.
	Digest(ctx context.Context, kind DigestKind) (time.Time, error)
	// SetDigest says when it is due next, never when zero.
	SetDigest(ctx context.Context, kind DigestKind, next time.Time) error
}

// Contractors keeps firms.
type Contractors interface {
	InsertContractor(ctx context.Context, c Contractor) error
	SaveContractor(ctx context.Context, c Contractor) error
	Contractor(ctx context.Context, id string) (Contractor, error)
	// ListContractors lists them by city and company.
	ListContractors(ctx context.Context) ([]Contractor, error)
}

// Invitations keeps whom firms' channels were to get.
type Invitations interface {
	// PutInvitation records an invitation or its new state, by its id.
	PutInvitation(ctx context.Context, i Invitation) error
	// ListInvitations lists those of one contractor, of all when it is empty.
	ListInvitations(ctx context.Context, contractor string) ([]Invitation, error)
}

// FirmPeople keeps the rosters of firms.
type FirmPeople interface {
	// PutFirmPerson records somebody on a firm's roster or brings the record up to
	// date, by its id; RemoveFirmPerson forgets one, and one that is gone is no error.
	PutFirmPerson(ctx context.Context, p FirmPerson) error
	RemoveFirmPerson(ctx context.Context, id string) error
	// ListFirmPeople lists the roster of one contractor, of all when it is empty, in
	// the order of names.
	ListFirmPeople(ctx context.Context, contractor string) ([]FirmPerson, error)
}

// Outsiders keeps people outside who were asked about jobs.
type Outsiders interface {
	// PutOutsider records somebody outside or brings the record up to date, by the id.
	PutOutsider(ctx context.Context, o Outsider) error
	// Outsiders finds people outside by their ids, in the order of the ids; those who are
	// not known are left out.
	Outsiders(ctx context.Context, ids []string) ([]Outsider, error)
}

// Channels keeps what each channel is for.
type Channels interface {
	// PutChannel records a channel or brings its record up to date.
	PutChannel(ctx context.Context, c Channel) error
	Channel(ctx context.Context, workspace, id string) (Channel, error)
	// ListChannels lists those of one kind, all kinds when it is empty; of one
	// contractor when that is not empty.
	ListChannels(ctx context.Context, kind ChannelKind, contractor string) ([]Channel, error)
	// MoveChannel follows a platform that gave a channel a new id: the channel,
	// its cards, comments, lanes and roster change with it.
	MoveChannel(ctx context.Context, workspace, from, to string) error
	// SetSynced moves the mark up to which nothing is missing; it never moves back.
	SetSynced(ctx context.Context, workspace, channel string, upTo time.Time) error
}

// People keeps people as last seen.
type People interface {
	PutPerson(ctx context.Context, p Person) error
	Person(ctx context.Context, workspace, id string) (Person, error)
	// FindPeople finds people by the words of a name, also of one they had before,
	// without regard to case, at most limit of them.
	FindPeople(ctx context.Context, name string, limit int) ([]Person, error)
}

// Membership keeps who is in which channel.
type Membership interface {
	// SetMembers replaces the members of a channel by what the platform said when it
	// was asked, unless they have changed since the version of access given: that is
	// ErrStale. Since zero replaces them anyway.
	SetMembers(ctx context.Context, workspace, channel string, people []string, since int64, asked time.Time) error
	AddMember(ctx context.Context, workspace, channel, person string) error
	RemoveMember(ctx context.Context, workspace, channel, person string) error
	// Members lists the ids of the people in a channel, and when the platform was last
	// asked for all of them; zero when it was not.
	Members(ctx context.Context, workspace, channel string) (people []string, asked time.Time, err error)
}

// Authority keeps whether what is known of who may do what is still so.
type Authority interface {
	// Access is the version of who may do what: it grows with each change of who is
	// in a channel and of what a channel is for. It comes with the channels whose
	// members have changed since an earlier version.
	Access(ctx context.Context, since int64) (version int64, changed []ChannelKey, err error)
	// ChangeAccess makes a new version, because of something else that decisions rest
	// on: nothing is decided by what was remembered of it before.
	ChangeAccess(ctx context.Context) error
}

// Comments keeps the ledger. The rules of merging are the bot's; the store gives
// identity and versions.
type Comments interface {
	// InsertComment adds a comment unless one with its source message is there.
	InsertComment(ctx context.Context, c Comment) (inserted bool, err error)
	// Comment finds one by id, without its versions.
	Comment(ctx context.Context, id string) (Comment, error)
	// CommentBySource finds the comment of a platform's message.
	CommentBySource(ctx context.Context, workspace, channel, message string) (Comment, error)
	// SaveComment writes a comment; its versions are kept besides.
	SaveComment(ctx context.Context, c Comment) error
	// AddVersion keeps an earlier text; the same (comment, at, text) once.
	AddVersion(ctx context.Context, comment string, v Version) error
}

// Conversations reads the ledger by issues and threads.
type Conversations interface {
	// ListComments lists an issue's comments in order with their versions.
	ListComments(ctx context.Context, f CommentFilter) ([]Comment, error)
	// SharedReplies counts an issue's shared comments that are not deleted and gives
	// the newest of them, without its versions; ErrNotFound when there is none.
	SharedReplies(ctx context.Context, issue string) (count int, newest Comment, err error)
	// NewestComment is when the last comment of an issue was said, of whatever kind;
	// ErrNotFound when there is none.
	NewestComment(ctx context.Context, issue string) (time.Time, error)
	// Replies lists the comments whose thread is the given root message; in Update, to
	// change them.
	Replies(ctx context.Context, workspace, channel, thread string) ([]Comment, error)
	// LockThread lets one transaction at a time decide what a thread belongs to, until
	// it ends: one that records the card a thread hangs under and one that finds no
	// card for a reply would otherwise not see each other.
	LockThread(ctx context.Context, workspace, channel, message string) error
}

// Files keeps which contents comments list, and where files are shown besides.
type Files interface {
	// NoteFile notes that a comment lists the content with a digest.
	NoteFile(ctx context.Context, digest, comment string) error
	// FileComments lists the comments that list content, or did so before they were
	// edited, the newest first.
	FileComments(ctx context.Context, digest string) ([]Comment, error)
	// PutCarriedFile records a carried file or brings its record up to date, by
	// comment, card and file.
	PutCarriedFile(ctx context.Context, f CarriedFile) error
	RemoveCarriedFile(ctx context.Context, comment, card, file string) error
	// CarriedFiles lists those of a comment at a card.
	CarriedFiles(ctx context.Context, comment, card string) ([]CarriedFile, error)
}

// Replay keeps how far threads were compared with what their platforms keep.
type Replay interface {
	// NoteGap notes that events of a channel may have been lost, of all channels of
	// the workspace when channel is empty.
	NoteGap(ctx context.Context, workspace, channel string) error
	// LiveThreads lists the threads of open issues, and of those closed since, in the
	// channels of a workspace that can be read; those of the oldest issues come first.
	LiveThreads(ctx context.Context, workspace string, closedSince time.Time) ([]Thread, error)
	// Threads lists the threads of an issue. The mark of one that was never compared
	// by itself is as old as its channel's.
	Threads(ctx context.Context, issue string) ([]Thread, error)
	// PutMark records a mark or brings it up to date.
	PutMark(ctx context.Context, m Mark) error
}

// History is append-only.
type History interface {
	Append(ctx context.Context, events ...Event) error
	// ListEvents lists an issue's events in order, after the sequence number given.
	ListEvents(ctx context.Context, issue string, after int64, limit int) ([]Event, error)
	// LastEvents lists the last so many events of an issue before a sequence number, zero
	// for its end, in order and without those of the kinds named.
	LastEvents(ctx context.Context, issue string, before int64, limit int, without ...string) ([]Event, error)
	// DeskEvents lists the newest events of a kind that are about no issue and older than
	// a sequence number, zero for all, the newest first.
	DeskEvents(ctx context.Context, kind string, before int64, limit int) ([]Event, error)
}

// Cards keeps which message shows what.
type Cards interface {
	// PutCard records a card or brings its record up to date, by its id.
	PutCard(ctx context.Context, c Card) error
	Card(ctx context.Context, id string) (Card, error)
	// CardByMessage finds the card that a message is.
	CardByMessage(ctx context.Context, workspace, channel, message string) (Card, error)
	// ListCards lists the cards of an issue: its own and its assignments'.
	ListCards(ctx context.Context, issue string) ([]Card, error)
	// CardsOf lists the cards of several issues.
	CardsOf(ctx context.Context, issues []string) ([]Card, error)
	// CloseCards makes all assignments' cards of a channel former ones. It holds the
	// channel, as reading it does.
	CloseCards(ctx context.Context, workspace, channel string) error
}

// Mirrors keeps where comments are shown outside their own threads.
type Mirrors interface {
	// PutMirror records one part of a mirror or brings its record up to date, by
	// comment, card and part.
	PutMirror(ctx context.Context, m Mirror) error
	// RemoveMirror forgets one part.
	RemoveMirror(ctx context.Context, comment, card string, part int) error
	// ListMirrors lists the parts of a comment at a card in order; an empty id asks
	// for those of every comment or card.
	ListMirrors(ctx context.Context, comment, card string) ([]Mirror, error)
	// ForgetMirrors forgets all that were shown in a thread under a card, and tells how
	// many.
	ForgetMirrors(ctx context.Context, card, thread string) (int, error)
}

// Outbox keeps what is to be sent.
type Outbox interface {
	// Enqueue adds a delivery to its lane's end. One that refreshes a projection is
	// dropped when a refresh of the same one waits already, unclaimed.
	Enqueue(ctx context.Context, d Delivery) error
	// Delivered removes a claimed delivery. ErrConflict when the lease has passed
	// to somebody else.
	Delivered(ctx context.Context, id, token int64) error
	// GiveUp is Delivered for what did not get through: a lane that was parked stays
	// parked for what waits in it still.
	GiveUp(ctx context.Context, id, token int64) error
	// Postpone gives a claimed delivery back to be tried at a later time.
	Postpone(ctx context.Context, p PostponeParams) error
	// Park stops a lane until Resume, for a reason. first is false when nothing has
	// got through since it was parked before.
	Park(ctx context.Context, lane Lane, reason string, at time.Time) (first bool, err error)
	// Parked lists the lanes of a workspace that were parked for a reason and where nothing
	// has got through since. In Update nobody else who asks this parks one until the
	// transaction ends.
	Parked(ctx context.Context, workspace, reason string) ([]Lane, error)
	// Resume lets a lane go on at once, whether it was parked or waits for a time.
	Resume(ctx context.Context, lane Lane) error
	// Discard removes a delivery that nobody is sending and returns it. ErrConflict
	// when an attempt is being made.
	Discard(ctx context.Context, id int64) (Delivery, error)
}

// Settings keeps the desk's settings by name.
type Settings interface {
	// Setting reads one, ErrNotFound when it was never set. In Update nobody else changes
	// it until the transaction ends.
	Setting(ctx context.Context, name string) (string, error)
	SetSetting(ctx context.Context, name, value string) error
}

// Watches keeps who of the desk watches which job.
type Watches interface {
	// PutWatch records a watch or brings its record up to date, by person and number.
	PutWatch(ctx context.Context, w Watch) error
	// RemoveWatches ends the watches of a person, of one issue or of all when it is empty,
	// and tells how many.
	RemoveWatches(ctx context.Context, person, issue string) (int, error)
	// Watches lists those of a person by number. In Update nobody else changes them until
	// the transaction ends.
	Watches(ctx context.Context, person string) ([]Watch, error)
	// WatchersBehind lists people who watch a job whose history has a line that they were
	// not told of and that is as old as before, in order and at most limit of those who
	// come after a person.
	WatchersBehind(ctx context.Context, before time.Time, after string, limit int) ([]string, error)
}

// Homes keeps who has opened the page of their own that some platforms give people.
type Homes interface {
	// PutHome records a home or brings its record up to date, by workspace and person.
	PutHome(ctx context.Context, h Home) error
	Home(ctx context.Context, workspace, person string) (Home, error)
	// RecentHomes lists the homes that were opened since a moment, the latest first.
	RecentHomes(ctx context.Context, since time.Time, limit int) ([]Home, error)
}
