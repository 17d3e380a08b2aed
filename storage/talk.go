package storage

import (
	"context"
	"errors"
	"time"
)

// ErrClosed is returned for a message to a channel that is archived or not there.
var ErrClosed = errors.New("the channel is closed")

// Talk keeps the workspace in the browser: a chat platform whose messages are kept
// here and nowhere else. Each method is a transaction of its own, as a call to any
// other platform is; nothing of it takes part in what the bot decides.
//
// Every change takes the desk's next number. Numbers become visible in their order.
type Talk interface {
	TalkPeople
	TalkRooms
	TalkSeats
	TalkMessages
	TalkLists
	Tales
	TalkFiles
	TalkDoor
}

// TalkPeople knows who there is.
type TalkPeople interface {
	// PutTalker records a person or brings the record up to date, by id. ErrExists
	// when another person has the e-mail address or the alias.
	PutTalker(ctx context.Context, desk string, p Talker) error
	// Talker finds one by id, by e-mail address or by alias.
	Talker(ctx context.Context, desk, name string) (Talker, error)
	// Talkers lists everybody by name, also who was retired.
	Talkers(ctx context.Context, desk string) ([]Talker, error)
	// RetireTalker leaves a person their name and id, for what they said, and nothing
	// else: they have no kind, right, address, session or link any more and are in no
	// channel. It gives the channels that they were in; what tell makes of each is kept
	// for the bot. ErrNotFound when there is none, or they were retired; ErrStale when
	// they are the last member who is an administrator.
	RetireTalker(ctx context.Context, desk, id string, tell func(room string) Tale) (rooms []string, err error)
}

// TalkRooms keeps channels.
type TalkRooms interface {
	// OpenRoom makes a channel; ErrExists when its id or name is taken.
	OpenRoom(ctx context.Context, desk string, r Room) error
	// CloseRoom archives a channel, which takes no messages then, or opens it again;
	// ErrNotFound when there is none.
	CloseRoom(ctx context.Context, desk, id string, closed bool) error
	// Room finds one by id or name.
	Room(ctx context.Context, desk, idOrName string) (Room, error)
	// Rooms lists those a person is in by title, with what the person has not read;
	// all of them when person is empty.
	Rooms(ctx context.Context, desk, person string) ([]Room, error)
}

// TalkSeats keeps who is in which channel, and how far they have read.
type TalkSeats interface {
	// Seat puts people into a channel and tells who was not in it before. An unknown
	// person is ErrNotFound, and then nobody is put in. What tell makes of a newcomer
	// is kept for the bot.
	Seat(ctx context.Context, desk, room string, people []string, tell func(person string) Tale) ([]string, error)
	// Unseat takes a person out of a channel.
	Unseat(ctx context.Context, desk, room, person string, tell Tale) error
	// Seated lists the ids of who is in a channel.
	Seated(ctx context.Context, desk, room string) ([]string, error)
	// MarkSeen moves the mark of what a person has read in a channel; never back.
	MarkSeen(ctx context.Context, desk, room, person string, seq int64) error
	// MarkThreadSeen does the same in a thread of the channel.
	MarkThreadSeen(ctx context.Context, desk, room, thread, person string, seq int64) error
}

// TalkMessages keeps what was said.
type TalkMessages interface {
	// Say adds a message and gives it its numbers, and a moment behind that of what was
	// said in its thread before, whatever the clocks say. What tell makes of it is kept
	// for the bot, nothing when tell is nil. When one of the same channel has the same
	// Delivery, that one is returned instead and fresh is false. ErrClosed
	// when the channel is closed, ErrNotFound when the message replied to is gone,
	// ErrStale when a file is gone or shown already.
	Say(ctx context.Context, desk string, m TalkMessage, tell func(said TalkMessage) Tale) (said TalkMessage, fresh bool, err error)
	// Reword changes what a message says that was edited last at a moment, never when
	// that is zero, and sets its time to EditedAt. When it was edited since and says the
	// same, it is returned as it is; when it says something else, that is ErrStale.
	// ErrNotFound when it is gone.
	Reword(ctx context.Context, desk string, m TalkMessage, was time.Time, tell Tale) (TalkMessage, error)
	// Retract removes a message and what it says, and gives the moment at which it went,
	// which is an earlier one when it was gone already. ErrNotFound when there never was
	// one.
	Retract(ctx context.Context, desk, id string, at time.Time, tell Tale) (time.Time, error)
	// Pin marks a message for everybody, or takes the mark away.
	Pin(ctx context.Context, desk, id string, pinned bool) error
	// TalkMessage finds one, gone or not.
	TalkMessage(ctx context.Context, desk, id string) (TalkMessage, error)
	// TalkDelivered finds the message of a delivery, gone or not.
	TalkDelivered(ctx context.Context, desk, room, delivery string) (TalkMessage, error)
}

// TalkLists reads what was said.
type TalkLists interface {
	// ListTalk lists messages in the order in which they were said.
	ListTalk(ctx context.Context, desk string, f TalkFilter) ([]TalkMessage, error)
	// TalkSince lists what has changed for a person since a number, in the order of
	// the changes; also what is gone.
	TalkSince(ctx context.Context, desk, person string, change int64, limit int) ([]TalkMessage, error)
	// TalkChange is the number of the desk's last change.
	TalkChange(ctx context.Context, desk string) (int64, error)
}

// Tales keeps what the bot is to be told.
type Tales interface {
	// Untold lists what the bot has not taken yet and that happened before a moment,
	// the oldest first. Told takes one off.
	Untold(ctx context.Context, desk string, before time.Time, limit int) ([]Tale, error)
	Told(ctx context.Context, desk, key string) error
}

// TalkFiles keeps what is known of files; their contents are in Blobs.
type TalkFiles interface {
	PutTalkFile(ctx context.Context, desk string, f TalkFile) error
	TalkFile(ctx context.Context, desk, id string) (TalkFile, error)
	// DropTalkFiles forgets files; what is gone already is no error.
	DropTalkFiles(ctx context.Context, desk string, ids []string) error
	// DropHiddenFiles forgets files from before a moment that nothing shows, and tells
	// how many.
	DropHiddenFiles(ctx context.Context, desk string, before time.Time) (int, error)
}

// TalkDoor keeps who may come in.
type TalkDoor interface {
	// PutTalkLink keeps a link, unless its person was given most of them since a
	// moment: that is ErrStale.
	PutTalkLink(ctx context.Context, desk string, l TalkPass, since time.Time, most int) error
	// TalkLink looks at a link without using it up. ErrNotFound when there is none, or it was
	// used or has expired.
	TalkLink(ctx context.Context, desk, id string, now time.Time) (TalkPass, error)
	// TakeTalkLink uses a link up and gives it. ErrNotFound when there is none, or it was
	// used or has expired.
	TakeTalkLink(ctx context.Context, desk, id string, now time.Time) (TalkPass, error)
	PutTalkSession(ctx context.Context, desk string, s TalkPass) error
	// TalkSession finds a session that has not expired.
	TalkSession(ctx context.Context, desk, id string, now time.Time) (TalkPass, error)
	// EndTalkSessions ends one, and all of a person when id is empty; those that have
	// expired are forgotten besides.
	EndTalkSessions(ctx context.Context, desk, id, person string, now time.Time) error
}

// Talker is a person of the workspace in the browser.
type Talker struct {
	ID, Name, Email string
	// Alias is who the person is on another platform, as "workspace/person"; empty for
	// who is of this one alone.
	Alias string
	// Kind is one of member, guest and bot, empty for who was retired.
	Kind      string
	Admin     bool
	CreatedAt time.Time
}

// Room is a channel of the workspace in the browser.
type Room struct {
	ID, Name, Title, Purpose string
	Archived                 bool
	CreatedAt                time.Time
	// Seen, Unread and Called are those of the person that Rooms was asked for: how
	// far the person has read, how many messages there are beyond, and how many of
	// them call the person.
	Seen           int64
	Unread, Called int
}

// TalkMessage is a message of the workspace in the browser.
type TalkMessage struct {
	ID, Room string
	// Thread is the root it replies to, empty for none.
	Thread string
	// Seq is the number of the change that made it, Change that of its last one.
	Seq, Change int64
	Author      string
	// Text is what a person said; Body is what the bot shows, in a form of the
	// adapter's own.
	Text, Body string
	// Files are the ids of those it shows.
	Files []string
	// Calls are the ids of whom it calls; "*" is everybody.
	Calls []string
	// To is who alone reads it, empty for everybody in the channel.
	To string
	// Delivery names the attempt that made it, empty for none.
	Delivery                       string
	Pinned                         bool
	CreatedAt, EditedAt, DeletedAt time.Time
	// Replies is how many replies it has and RepliedAt when the last was made; only
	// lists of roots fill them.
	Replies   int
	RepliedAt time.Time
	// New is how many of the replies the person who asked has not read.
	New int
}

// TalkFilter chooses messages that are not gone.
type TalkFilter struct {
	// Room is where, and Thread the root whose replies are asked for, the root among
	// them; without it the roots are.
	Room, Thread string
	// Reader is who asks: what is meant for others is left out.
	Reader string
	// Pinned asks for pinned messages alone, wherever in the channel.
	Pinned bool
	// Before is the number to go back from, zero for the end; Limit the most, the
	// newest of them.
	Before int64
	Limit  int
}

// Tale is what the bot is to be told of. The zero Tale tells nothing.
type Tale struct {
	Key     string
	Payload []byte
	At      time.Time
}

// TalkFile is a file of the workspace in the browser.
type TalkFile struct {
	ID, Room string
	// Message shows it, empty until one does.
	Message    string
	Name, Type string
	Size       int64
	Digest     string
	CreatedAt  time.Time
}

// TalkPass is a session or a link, known by a digest of what the person holds.
type TalkPass struct {
	ID, Person string
	// Place is the channel on the person's own platform in which they act for a firm,
	// empty for none.
	Place                string
	CreatedAt, ExpiresAt time.Time
}
