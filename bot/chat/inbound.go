package chat

import (
	"context"
	"time"
)

// Inbound is one thing that happened outside and concerns us: a message, a click,
// a command, a form, a deadline. Adapters verify and translate; they decide
// nothing. Everything in it but Workspace and Key is untrusted.
type Inbound struct {
	// Key identifies this happening within its workspace: the same happening
	// delivered again carries the same key.
	Key string
	// Workspace is the installation it came from, such as "slack:T0123".
	Workspace string
	// At is when it happened by the platform's own clock.
	At time.Time
	// From is who did it. Only ID is sure to be set, and not even that where the
	// platform does not say: Slack does not tell who deleted a message.
	From Person
	// Channel is the platform's id of the channel it happened in.
	Channel string
	// Body says what happened.
	Body Body
	// Raw is the verified request as it arrived, kept when the event cannot be
	// processed so that it can be replayed. It may be nil.
	Raw []byte
	// FromHistory is true when it was read from the platform's history. An event may
	// have told of it before, or may yet.
	FromHistory bool
	// Final is true when the platform will not deliver it again by itself, so
	// that a failure now has to be kept.
	Final bool
	// FromBrowser is true for what somebody of another platform did in the browser. What
	// they are answered there is kept, so that no secret may stand in it.
	FromBrowser bool
}

// Body is one of the types of this file that describe what happened.
type Body interface{ body() }

type (
	// Said is a new message by somebody, in a thread or not.
	Said struct {
		// Message is the platform's id of the message; Thread is the id of the
		// root it replies to, empty for a message that starts one.
		Message, Thread string
		// Text is what was said, as a person reads it. Rich is the same with its
		// formatting and with who is mentioned, by their ids; nil where it has none.
		Text  string
		Rich  Text `json:",omitempty"`
		Files []File
		// EditedAt is set for a message that was read from the platform's history and
		// had been edited: Text is what was said then, and what was said at first is
		// not known.
		EditedAt time.Time
		// Own is true when this program posted it (recognised by identity or by
		// the metadata it attached, never by its text).
		Own bool
	}

	// Edited is a changed message. An edit that changes nothing anyone can see,
	// such as an unfurled link, is still passed on: the ledger compares.
	Edited struct {
		Message, Thread string
		Text            string
		Rich            Text `json:",omitempty"`
		Files           []File
		// Version orders edits of one message: the platform's own edit time.
		Version time.Time
		Own     bool
	}

	// Deleted is a removed message.
	Deleted struct {
		Message, Thread string
		// WithReplies is true where removing a root removes its replies too
		// although the platform tells of the root alone.
		WithReplies bool
		Own         bool
	}

	// Unpinned tells that a message we keep pinned is pinned no longer.
	Unpinned struct{ Message string }

	// Command is a slash command, its text without the command's own name.
	Command struct {
		Text    string
		Trigger Trigger
		// Reply is a one-time address for private answers after the
		// acknowledgement, where the platform gives one. It is a secret.
		Reply string
		// Files are contents that came with it, for a command that writes something; no
		// platform's commands have any, and the pages of the browser have.
		Files []KeptFile `json:",omitempty"`
		// For stands for who was to read it when it was written (JobPage.To); empty where
		// nobody said.
		For string `json:",omitempty"`
	}

	// Click is a pressed button or a made choice on a message.
	Click struct {
		// Token is what the bot put behind the button.
		Token string
		// Message is the id of the message that bears the button.
		Message string
		// Choice is the chosen option's value where the control is a select.
		Choice  string
		Trigger Trigger
		Reply   string
		// Home is true where it was pressed on the person's own page.
		Home bool `json:",omitempty"`
	}

	// Picked is a message that From chose a task to be made of, in the platform's menu
	// of a message. Who can choose it can read it.
	Picked struct {
		// Text is what the message says, Link where it is.
		Text, Link string
		Trigger    Trigger
		Reply      string
	}

	// HomeOpened tells that From looks at the page of their own that the platform
	// gives people.
	HomeOpened struct{}

	// Submitted is a sent form.
	Submitted struct {
		// Token is the form's own token, as the bot issued it.
		Token  string
		Values map[string]string
		Reply  string
	}

	// Joined and Left tell that From entered or left Channel.
	Joined struct{}
	// Left tells that From is no longer in Channel.
	Left struct{}

	// ChannelChanged tells that something befell Channel itself.
	ChannelChanged struct {
		Change ChannelChange
		// NewID is set for ChannelMoved, Name for ChannelRenamed.
		NewID, Name string
	}

	// InviteChanged tells what became of an invitation to Channel.
	InviteChanged struct {
		Invite string
		State  InviteState
		Email  string
	}

	// Request is a typed wish that needs no parsing: from the REST API or the web.
	Request struct {
		// Verb names the wish in the words of the slash command: "new", "close",
		// "comment", "note".
		Verb string
		// Number is the issue it concerns, zero where there is none.
		Number int
		Fields map[string]string
	}

	// Deadline is time itself knocking: something stored has become due.
	Deadline struct {
		// Kind is one of the workflow's deadline kinds.
		Kind string
		// Subject is the id of the assignment or issue, Revision what it was
		// when the deadline was found.
		Subject  string
		Revision int
	}

	// Missed tells that events of Channel, or of all the workspace's channels when it
	// is empty, may never have reached us.
	Missed struct{}

	// Unknown is a verified event of a type or shape we do not understand. It is
	// acknowledged and kept, never refused: refusals make a platform disable us.
	Unknown struct{ Type string }
)

func (Said) body()           {}
func (Edited) body()         {}
func (Deleted) body()        {}
func (Unpinned) body()       {}
func (Command) body()        {}
func (Click) body()          {}
func (Picked) body()         {}
func (HomeOpened) body()     {}
func (Submitted) body()      {}
func (Joined) body()         {}
func (Left) body()           {}
func (ChannelChanged) body() {}
func (InviteChanged) body()  {}
func (Request) body()        {}
func (Deadline) body()       {}
func (Missed) body()         {}
func (Unknown) body()        {}

// Trigger lets a form be opened for the person within a few seconds. It is a
// secret and must not be logged or stored.
type Trigger string

// ChannelChange is what befell a channel.
type ChannelChange string

// What can befall a channel.
const (
	ChannelArchived   ChannelChange = "archived"
	ChannelUnarchived ChannelChange = "unarchived"
	ChannelDeleted    ChannelChange = "deleted"
	ChannelRenamed    ChannelChange = "renamed"
	// ChannelPosting tells that who may write in the channel was settled anew.
	ChannelPosting ChannelChange = "posting"
	// ChannelMoved is a new id for the same channel.
	ChannelMoved ChannelChange = "moved"
	// ChannelSevered is a shared channel that the other company no longer shares.
	ChannelSevered ChannelChange = "severed"
	// ChannelShared is a channel that another company can read from now on.
	ChannelShared ChannelChange = "shared"
	// ChannelBotRemoved tells that the bot itself was taken out of the channel.
	ChannelBotRemoved ChannelChange = "bot_removed"
)

// InviteState is how far an invitation has come.
type InviteState string

// The states of an invitation.
const (
	InviteSent             InviteState = "sent"
	InviteAccepted         InviteState = "accepted"
	InviteAwaitingApproval InviteState = "awaiting_approval"
	InviteApproved         InviteState = "approved"
	InviteDeclined         InviteState = "declined"
	InviteExpired          InviteState = "expired"
	InviteJoined           InviteState = "joined"
	InviteFailed           InviteState = "failed"
)

// File is a file that hangs on a message. Its content stays with the platform until
// FileKeeper fetches it. Everything but ID may be missing or a lie.
type File struct {
	ID   string
	Name string
	// Size is in bytes, zero when the platform did not say.
	Size int64
	// Type is the media type, such as "image/png".
	Type string
	// URL is where a person of that platform can open it.
	URL string
}

// KeptFile is content that is where the bot keeps files already, under its digest.
type KeptFile struct {
	Name, Type, Digest string
	// Size is in bytes.
	Size int64
}

// Person is somebody as a platform knows them.
type Person struct {
	// ID is the platform's id, unique within the workspace.
	ID    string
	Name  string
	Email string
	Kind  PersonKind
	// Admin is true for an administrator of the workspace.
	Admin bool
	// Zone is the IANA name of the person's time zone, empty when it is not known.
	Zone string `json:",omitempty"`
	// Locale is the language the person reads the platform in, like "de" or "en-US";
	// empty when it is not known.
	Locale string `json:",omitempty"`
	// Picture is the address of a small picture that anybody can open, empty where
	// the platform has none such.
	Picture string `json:",omitempty"`
}

// PersonKind tells how close somebody is to the workspace.
type PersonKind string

// The kinds of people. The zero value is unknown and has no rights.
const (
	// Member is a full member of the workspace.
	Member PersonKind = "member"
	// Guest belongs to the workspace but is restricted to some channels.
	Guest PersonKind = "guest"
	// External comes from another company's workspace.
	External PersonKind = "external"
	// Bot is a program.
	Bot PersonKind = "bot"
)

// Handler takes what happened. The bot is the only real implementation.
type Handler interface {
	// Handle decides and commits. When it returns nil the event is safe and may
	// be acknowledged with the answer; an error means nothing was kept and the
	// platform should deliver again. A refusal is an answer, not an error.
	Handle(ctx context.Context, in Inbound) (Answer, error)
}

// Answer is what is said at once to the person who acted, and to nobody else.
// The zero Answer says nothing.
type Answer struct {
	// Message is shown to that person only.
	Message Message
	// Form is to be opened with the trigger that came in. When opening fails the
	// adapter shows Fallback instead.
	Form     *Form
	Fallback Message
	// FieldErrors keep a submitted form open, by field name. The key "" is an
	// error of the form as a whole.
	FieldErrors map[string]string
	// Refused names why nothing was done, empty when all went well. It is the
	// machine's side of Message, for adapters that answer programs.
	Refused string
	// Replace is true when Message takes the place of the message that was clicked,
	// where only that person sees it.
	Replace bool
	// Number is the issue that was made or touched, Subject the id of the
	// comment or contractor that was made, for adapters that answer programs.
	Number  int
	Subject string
}

// Private answers with a text that only the person sees.
func Private(text Text) Answer { return Answer{Message: Message{Text: text}} }
