package adaptertest

import (
	"context"
	"time"

	"taskbridge/bot/chat"
)

// Driver is one installation of a platform with the adapter connected to it and a
// person in front of it. An adapter's test implements it on a stand-in for the
// platform. What cannot be done at all fails the test it was opened for.
type Driver interface {
	Installation
	Person
	Outside
	Faults
	Screen
}

// Installation is the adapter under test and what it was given.
type Installation interface {
	// Platform is the adapter, started and connected.
	Platform() chat.Platform
	// Channel is a channel that the bot and the person are in.
	Channel() string
	// Known names the people and ids of the installation.
	Known() Known
	// Secrets are the tokens and keys that the adapter was given.
	Secrets() []string
	// Replica is one more adapter of the same installation, not started yet, as
	// another replica of the program has it.
	Replica() Service
}

// Known is who is there.
type Known struct {
	// Person acts; Colleague is a member of the workspace who is not in the
	// channel, and Address one by which the colleague can be invited.
	Person, Colleague, Address string
	// Nobody has the shape of a person's id and is nobody's.
	Nobody string
}

// Service is the life of an adapter.
type Service interface {
	Start(ctx context.Context) error
	// Run serves until the context ends and returns nil then.
	Run(ctx context.Context) error
	Healthy() error
}

// Person is somebody in front of the platform's client. Each act returns when the
// platform is done with delivering it.
type Person interface {
	Reply(root, text string) Delivery
	// Attach is a reply with files.
	Attach(root, text string, files ...Attachment) Delivery
	Edit(message, text string) Delivery
	Remove(message string) Delivery
	Command(text string) Delivery
	// Press presses a button of a message by its id.
	Press(message, button string) Delivery
	// Submit sends the form that was opened last.
	Submit(values map[string]string) Delivery
}

// Delivery is one thing that the platform handed to the adapter.
type Delivery struct {
	// Message is the message it is about, where it is about one.
	Message string
	// Acknowledged tells whether the platform believes it to be safe now.
	Acknowledged bool
	// FieldErrors are what a sent form was answered with; "" is the form itself.
	FieldErrors map[string]string
	// Again hands the same over once more, as a platform does that is unsure
	// whether the first one arrived.
	Again func() Delivery
}

// Act is what a person does, for Recovery.
type Act string

// The acts.
const (
	ActReply   Act = "reply"
	ActCommand Act = "command"
	ActPress   Act = "press"
	ActSubmit  Act = "submit"
)

// Recovery is how something survives that it could not be kept at first.
type Recovery string

// The ways. One of them holds for each act on each platform.
const (
	// PlatformRepeats: it is not acknowledged, and the platform delivers again.
	PlatformRepeats Recovery = "platform repeats"
	// PlatformTells: it is not acknowledged, and the platform tells the person
	// that it failed.
	PlatformTells Recovery = "platform tells"
	// AdapterRepeats: the platform knows no acknowledgement, and the adapter hands
	// it over again until it is kept.
	AdapterRepeats Recovery = "adapter repeats"
	// AdapterTells: the platform would show a refusal as a riddle, and the adapter
	// tells the person that nothing was changed.
	AdapterTells Recovery = "adapter tells"
)

// Outside is the platform's own side of the connection.
type Outside interface {
	// Echo delivers what the platform tells of what the adapter did itself, and
	// returns when that was delivered.
	Echo()
	// Recovery says which way the platform has for an act.
	Recovery(act Act) Recovery
	// Forgeries are requests that the platform never sent, one for each thing that
	// tells a true one.
	Forgeries() []Forgery
}

// Forgery is a request of somebody who is not the platform.
type Forgery struct {
	Name string
	// Send sends it and tells whether it was accepted.
	Send func() (accepted bool)
}

// Faults makes the platform answer badly.
type Faults interface {
	// Fail makes the adapter's next Post go wrong.
	Fail(f Fault)
	// Calls counts the attempts to post that reached the platform.
	Calls() int
}

// Fault is how a call goes wrong.
type Fault struct {
	Kind FaultKind
	// RetryAfter is what RateLimited asks for, in whole seconds.
	RetryAfter time.Duration
}

// FaultKind is a way in which a call goes wrong.
type FaultKind string

// The kinds of faults.
const (
	RateLimited  FaultKind = "rate limited"
	Unavailable  FaultKind = "unavailable"
	Unauthorised FaultKind = "unauthorised"
	ChannelGone  FaultKind = "channel gone"
	// LostAnswer takes effect, and the connection ends before the answer.
	LostAnswer FaultKind = "lost answer"
)

// Screen is what people see.
type Screen interface {
	// Messages are the messages that stand in a channel, oldest first.
	Messages(channel string) []Shown
	// Whispers is everything that was shown to one person only, wherever.
	Whispers(person string) []Shown
}

// Shown is a message as a person sees it.
type Shown struct {
	ID, Thread string
	// Text is all its words, a line for each part. Invisible characters do not
	// matter.
	Text string
	// Notifies are the people, groups and channels that the platform notifies
	// because of its text.
	Notifies []string
	// Files are those that it shows.
	Files []Attachment
}
