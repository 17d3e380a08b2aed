package chat

import (
	"errors"
	"time"
)

// What the pages of a desk show. Each is made for one reader and holds what that reader
// may see, and nothing else: whoever draws it need not leave anything out.

// Viewer is who looks at a page, and where they are signed in.
type Viewer struct {
	Workspace string
	From      Person
	// Channel is where they act for a firm on their own platform, for who came into the
	// browser from there; empty for all others.
	Channel string
	// Acts is true for who has no cards where they look: pages then bring what can be
	// done.
	Acts bool
}

// Doors are the pages that somebody may open.
type Doors struct {
	// Lists are the jobs that lie with them or their firm. Board is the desk in figures,
	// Score only their own firm. Steps is the map from steps to customer statuses.
	Lists, Board, Score, Steps bool
}

// ErrForbidden says that a page is not for whoever asked.
var ErrForbidden = errors.New("not for this person")

// RefusedPage is the reason, in words for the person, why a page cannot be shown as it
// was asked for.
type RefusedPage struct{ Words string }

// Error implements error.
func (r *RefusedPage) Error() string { return r.Words }

// JobPage is everything about one job.
type JobPage struct {
	Number int
	Title  string
	Tone   Tone
	// Status is how the job stands, Customer what its customer sees of that; Customer is
	// empty for readers whom it does not concern.
	Status, Customer string
	Overdue          bool
	Description      string
	Facts            []Fact
	People           []PersonPage
	Offers           []OfferPage
	// Entries are a page of the history, in order. Earlier is the mark of the page before
	// it, empty when it is the first; Latest is true for the last page.
	Entries []Entry
	Earlier string
	Latest  bool
	// Files are those of the last comments that have any; MoreFiles is true when earlier
	// comments have some, too.
	Files     []FilePage
	MoreFiles bool
	// Cards are the messages that show the job in channels.
	Cards []CardPlace
	// Acts are what a Viewer who Acts can do with the job, and Revision what it was when
	// they were offered. Comment and Note tell whether the viewer can write to the other
	// side, and to the desk alone.
	Acts          Message
	Revision      int
	Comment, Note bool
	// To stands for whoever would read a comment now: it is another for somebody else, and
	// empty where that is always the desk.
	To string
	// Mark is that of the last thing in the history that the viewer may know of, for one who
	// Acts: another mark means that there is something new to read.
	Mark string
}

// PersonPage is somebody whom a job involves, and how.
type PersonPage struct{ Name, Part string }

// OfferPage is one hand-off to a firm.
type OfferPage struct {
	Firm, Status string
	Tone         Tone
	Facts        []Fact
	Checklist    []ItemView
}

// Entry is one line of a job's history: something that happened, or a comment, which has an
// ID.
type Entry struct {
	ID string
	At time.Time
	// Comment is true for what somebody said; Who, Side, Internal, Held, Versions,
	// Edited, Deleted, By and Files are a comment's.
	Comment bool
	Text    Text
	Who     string
	// Side is operator, contractor, external or system.
	Side           string
	Internal, Held bool
	// Versions are what it said before, oldest first; Edited is when its text is from.
	Versions []VersionView
	Edited   time.Time
	// Deleted is when it was taken back, By who did it. Its text is empty where the
	// reader may not know it any more.
	Deleted time.Time
	By      string
	Files   []FilePage
}

// FilePage is a file of a comment.
type FilePage struct {
	Name, Size, Type string
	// Digest names the content; it is empty while there is none, and Missing then says
	// why.
	Digest, Missing string
	By              string
	At              time.Time
}

// CardPlace is where a message stands.
type CardPlace struct{ Workspace, Channel, Message string }

// ListQuery asks for a page of a list of jobs.
type ListQuery struct {
	// List is a list's name, open when empty; the others narrow it down.
	List, Firm, Topic, City, Person string
	// Before and After are the number to go on from, in either direction.
	Before, After int
}

// ListPage is a page of a list of jobs.
type ListPage struct {
	ListQuery

	Heading string
	// Lists are all there are, with how many jobs each has.
	Lists []NamedCount
	// Count is how many jobs the list has, Most that many or more.
	Count, Most int
	Rows        []ListRow
	// Older and Newer tell whether there is more beyond either end.
	Older, Newer bool
	// OwnFirm is true where the reader's lists are of one firm.
	OwnFirm bool
}

// NamedCount is a list by its name and heading, with how many jobs it has.
type NamedCount struct {
	Name, Heading string
	Count         int
}

// ListRow is a job in a list.
type ListRow struct {
	Number                                              int
	Title, Status, Firm, Person, Topic, Place, NextMove string
	Tone                                                Tone
	Priority                                            string
	Overdue                                             bool
	AnswerBy, Due, Created                              time.Time
}

// StepsPage is the map from the steps that firms report to what customers see.
type StepsPage struct {
	Steps []StepPage
	// Statuses are what customers know, in their order.
	Statuses []Option
	// Icons are the names of the pictures there are for steps, with the pictures.
	Icons []Option
	// Form is the settings' own form of steps: what is sent with its token is taken as
	// if it had been typed there.
	Form Form
	// Changes are what was changed last, the newest first.
	Changes Text
}

// StepPage is a step with the status that it stands for.
type StepPage struct {
	Name, Icon, Status string
	// Label is the name as it is shown.
	Label string
	// OwnName and OwnIcon let customers see the step's own; Standard steps stay.
	OwnName, OwnIcon, Standard bool
}
