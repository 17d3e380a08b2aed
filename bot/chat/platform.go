package chat

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Platform is one connected installation of a chat system, as the bot calls it.
// It is a sum of roles: a consumer asks for the role it needs. Every method
// returns a *SendError when the platform said no or could not be reached.
type Platform interface {
	Poster
	ChannelKeeper
	Directory
	FileKeeper
	// Workspace is the installation's id, such as "mattermost:8f3k…".
	Workspace() string
	// Limits are what a message of this platform can hold.
	Limits() Limits
	// Measure is how much of Limits.MessageRunes a text takes, its markup included.
	// A text that fits is shown whole, in one message.
	Measure(t Text) int
}

// Poster puts messages where people read them.
type Poster interface {
	// Post shows a message and returns its id. DeliveryID marks the attempt so
	// that a repeat after a lost answer can be recognised.
	Post(ctx context.Context, p Post) (messageID string, err error)
	// Update replaces a message we posted.
	Update(ctx context.Context, channel, messageID string, m Message) error
	// Delete removes a message we posted; one that is gone already is no error.
	Delete(ctx context.Context, channel, messageID string) error
	// Find looks for a message that an earlier attempt of the same delivery may
	// have posted. It returns "" when there is none.
	Find(ctx context.Context, p Post) (messageID string, err error)
	// Whisper shows a message to one person only: in the channel where the
	// platform can, else in a direct conversation.
	Whisper(ctx context.Context, channel, personID string, m Message) error
}

// Post is a message on its way.
type Post struct {
	Channel string
	// Thread is the id of the root it replies to, empty for none.
	Thread     string
	Message    Message
	DeliveryID string
	// Files are the ids of uploaded files that the message shows.
	Files []string
	// Repeat is true when an earlier attempt ended without our knowing how.
	Repeat bool
	// Since is when the first attempt was made by our clock. A search goes back
	// ClockSkew further.
	Since time.Time
}

// Linker is a platform whose messages have addresses.
type Linker interface {
	// Permalink is where a person opens a message, empty where that is not known.
	Permalink(channel, messageID string) string
}

// Pinner is a platform that can pin a message for all in its channel.
type Pinner interface {
	// Pin pins a message we posted; one that is pinned already is no error.
	Pin(ctx context.Context, channel, messageID string) error
}

// JobLinker is a platform with a page about each job.
type JobLinker interface {
	// JobLink is where a person opens the page of a job.
	JobLink(number int) string
}

// Corresponding is a platform on which the bot can talk to one person alone.
type Corresponding interface {
	// FindPerson finds somebody by what people type: an e-mail address, a user name or a
	// mention. NotFound when nobody is called that.
	FindPerson(ctx context.Context, typed string) (Person, error)
	// OpenDirect gives the conversation with one person, which is made when there is
	// none. Unsupported when the platform does not allow it.
	OpenDirect(ctx context.Context, personID string) (ChannelInfo, error)
}

// LinkReader is a platform whose messages can be read by their addresses.
type LinkReader interface {
	// ReadFor reads the message that a link leads to, for somebody who is in its
	// channel. NotFound when there is no such message, when we cannot read it, or when
	// the person is not in its channel: which of them is nobody's business.
	ReadFor(ctx context.Context, personID, link string) (LinkedMessage, error)
}

// LinkedMessage is what stands behind a link.
type LinkedMessage struct {
	// Text is what it says, Link its address as the platform writes it.
	Text, Link string
}

// HomeKeeper is a platform that gives each person a page of their own.
type HomeKeeper interface {
	// PublishHome shows a page to one person, its messages one under the other. It
	// replaces what was there.
	PublishHome(ctx context.Context, personID string, page []Message) error
}

// ClockSkew is how far our clock may be away from a platform's, for a while, without
// a message being posted twice: a search for one starts that much earlier.
const ClockSkew = 15 * time.Minute

// ChannelKeeper makes and fills channels.
type ChannelKeeper interface {
	// CreateChannel makes a private channel. A name that is taken, by a live or
	// an archived channel, is a *SendError with NameTaken.
	CreateChannel(ctx context.Context, c ChannelSpec) (ChannelInfo, error)
	// FindChannel looks for a channel that an earlier CreateChannel of the same
	// spec may have made: ours by its creator and its mark, never by its name
	// alone. It returns the zero ChannelInfo when there is none.
	FindChannel(ctx context.Context, c ChannelSpec) (ChannelInfo, error)
	// Channel looks a channel up, by id or by name.
	Channel(ctx context.Context, idOrName string) (ChannelInfo, error)
	// AddMembers puts people of the workspace into a channel. Who is in already
	// is no error.
	AddMembers(ctx context.Context, channel string, people []string) error
	// Invite asks somebody outside in, by e-mail address or user name.
	Invite(ctx context.Context, i InviteSpec) (Invite, error)
}

// ChannelSpec describes a channel to be made.
type ChannelSpec struct {
	// Name is in the platform's alphabet: lower-case letters, digits, hyphens.
	Name string
	// Title and Purpose are for people; a platform without titles ignores Title.
	// Purpose has at most 180 characters.
	Title, Purpose string
	// Mark is a part of Purpose that nothing else has, by which FindChannel knows
	// the channel. Since is when it was first asked for.
	Mark  string
	Since time.Time
}

// ChannelInfo is a channel as the platform knows it.
type ChannelInfo struct {
	ID, Name string
	// URL opens it.
	URL      string
	Archived bool
	Private  bool
	// Shared is true when people of another company read the channel: one of Slack
	// Connect, or one that Mattermost shares with another server.
	Shared bool
}

// InviteSpec is somebody to be asked in.
type InviteSpec struct {
	Channel, Address string
	// Repeat is true when an earlier attempt ended without our knowing how: what it
	// may have sent is not sent again where the platform lets that be seen.
	Repeat bool
}

// Invite is what became of asking somebody in.
type Invite struct {
	// ID is the platform's id of the invitation, where it has one.
	ID    string
	State InviteState
	// Note says in words what happened and what is left to do, where the bare
	// state would puzzle people: an InviteNote, or what no language has other words for.
	Note string
}

// InviteNote marks a note in English that the bot has in all its languages.
func InviteNote(english string) string { return english }

// Directory knows people.
type Directory interface {
	// Person looks one up by id, or by the reference of a mention that came in
	// (Span.Ref).
	Person(ctx context.Context, id string) (Person, error)
	// Members lists the ids of everybody in a channel.
	Members(ctx context.Context, channel string) ([]string, error)
	// Self is the bot's own account.
	Self() Person
}

// Limits are what a platform can hold.
type Limits struct {
	// MessageRunes is the greatest length of one message's text, as Measure counts;
	// there is room for a speaker's name besides.
	MessageRunes int
	// ChannelName is the greatest length of a channel's name in bytes.
	ChannelName int
	// FileBytes is the greatest size of a file in bytes, zero where no files are
	// taken; FilesPerMessage is how many one message shows.
	FileBytes       int64
	FilesPerMessage int
}

// Historian is a platform whose threads can be read again, for what its events did
// not tell. One that catches up by itself (see Watch) has no need of it. Every
// method makes one call of the platform's.
type Historian interface {
	// Roots tells of some of the messages of a channel that threads hang on, at least
	// of one: the newest of those given and whatever comes along with it.
	Roots(ctx context.Context, channel string, threads []string) ([]Root, error)
	// Replies reads a page of a thread, the first when cursor is empty. NotFound
	// tells that the platform has no such thread.
	Replies(ctx context.Context, channel, thread, cursor string) (Replies, error)
}

// Root is the message that a thread hangs on, as a platform's history has it.
type Root struct {
	Message string
	State   RootState
	// Own is true when this program posted it.
	Own bool
	// Replies is the platform's count, Latest the id of the newest. Where only this
	// program replied there are none.
	Replies int
	Latest  string
}

// RootState is what became of a root.
type RootState string

// The states of a root.
const (
	RootThere RootState = "there"
	// RootEmptied was deleted and keeps its replies.
	RootEmptied RootState = "emptied"
	// RootGone was deleted, and older messages are still there: it did not merely
	// grow too old to be shown.
	RootGone RootState = "gone"
	// RootUnknown may be deleted or too old.
	RootUnknown RootState = "unknown"
)

// Replies is a page of a thread.
type Replies struct {
	Root Root
	// Said are the replies that people wrote, each with a body of the type Said.
	Said []Inbound
	// Others are the ids of what else stands there.
	Others []string
	// Next is the cursor of the next page, empty after the last.
	Next string
}

// Watch is what an adapter asks the bot for after it has been away.
type Watch interface {
	// Watched lists the channels of a workspace whose messages matter, each with
	// the moment up to which nothing is missing.
	Watched(ctx context.Context, workspace string) ([]WatchedChannel, error)
	// CaughtUp tells that nothing is missing in a channel up to a moment.
	CaughtUp(ctx context.Context, workspace, channel string, upTo time.Time) error
}

// WatchedChannel is a channel whose messages matter.
type WatchedChannel struct {
	Channel string
	Since   time.Time
}

// Reason is why a platform call failed, for programs.
type Reason string

// The reasons.
const (
	RateLimited  Reason = "rate_limited"
	Unavailable  Reason = "unavailable"
	Unauthorised Reason = "unauthorised"
	MissingScope Reason = "missing_scope"
	NotFound     Reason = "not_found"
	ChannelGone  Reason = "channel_gone"
	NotInChannel Reason = "not_in_channel"
	// PostingClosed is a channel whose settings let us write nothing there.
	PostingClosed Reason = "posting_closed"
	// RepliesClosed is one whose settings allow no replies in threads, RootsClosed one
	// whose settings let us write nothing but those.
	RepliesClosed Reason = "replies_closed"
	RootsClosed   Reason = "roots_closed"
	// Withheld is a workspace or a channel that is kept from us for a while by its own
	// company: nothing says when that ends.
	Withheld    Reason = "withheld"
	NameTaken   Reason = "name_taken"
	TriggerGone Reason = "trigger_gone"
	Unsupported Reason = "unsupported"
	// NoMailbox is an address that nobody has, Refused a server that takes nothing of
	// ours for an address.
	NoMailbox Reason = "no_mailbox"
	Refused   Reason = "refused"
	Invalid   Reason = "invalid"
	// TooLarge is a file beyond what is taken, FileElsewhere one whose content is not
	// on the platform, FileBlocked one of a kind that is not taken.
	TooLarge      Reason = "too_large"
	FileElsewhere Reason = "file_elsewhere"
	FileBlocked   Reason = "file_blocked"
	// FileGone is an upload that was to be shown and is not there any more.
	FileGone Reason = "file_gone"
	// EndpointGone is a webhook's endpoint that wants nothing any more, EndpointSilent
	// one that has taken nothing for too long.
	EndpointGone   Reason = "endpoint_gone"
	EndpointSilent Reason = "endpoint_silent"
)

// SendError says why a call failed and whether to try again. Its text never holds
// a token, an address with a secret in it, or what people wrote.
type SendError struct {
	Reason Reason
	// Retry is true when the same call may succeed later.
	Retry bool
	// RetryAfter is how long the platform asked us to wait, zero when it did not.
	RetryAfter time.Duration
	// Ambiguous is true when the call may have taken effect.
	Ambiguous bool
	// Err is the cause.
	Err error
}

// Error implements error.
func (e *SendError) Error() string {
	if e.Err == nil {
		return string(e.Reason)
	}
	return fmt.Sprintf("%s: %v", e.Reason, e.Err)
}

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.Err }

// ReasonOf finds the reason of an error, empty when it has none.
func ReasonOf(err error) Reason {
	if se, ok := errors.AsType[*SendError](err); ok {
		return se.Reason
	}
	return ""
}

// ErrNoSuch says that what was asked for does not exist, or not for the asker.
var ErrNoSuch = errors.New("no such thing")
