package chat

import (
	"context"
	"time"
)

// Bundler is a platform that shows what is said in a thread together and later, and
// cannot change what it showed: e-mail. What is posted into a thread of it is gathered
// by the bot, and so are changes of the card that the thread hangs on. The ids of its
// messages hold no full stop.
type Bundler interface {
	// BundleFor is how long what is said in a thread is gathered.
	BundleFor() time.Duration
	// Bundle shows what was gathered. A repeat with the same DeliveryID may be taken
	// for the same by whoever gets it.
	Bundle(ctx context.Context, b Bundle) error
}

// Bundle is what was gathered for a thread.
type Bundle struct {
	Channel, Thread string
	DeliveryID      string
	Parts           []Part
	// Card is the card as it is now; Changed tells that it is not as it was last shown.
	Card    Message
	Changed bool
	// WithoutFiles is true where the files were too much for the last attempt: they are
	// named, and not enclosed.
	WithoutFiles bool
}

// Part is one message of a bundle.
type Part struct {
	Message Message
	// Files are the ids of uploaded files that it shows.
	Files []string `json:",omitempty"`
	// Changed is true for the new words of a message that was shown before.
	Changed bool `json:",omitempty"`
}

// Postal is a platform whose channels are addresses of people outside: none has to be
// made, and nobody has to join.
type Postal interface {
	// Address gives the channel of an address that somebody typed; ok is false when
	// it is none.
	Address(typed string) (c ChannelInfo, ok bool)
}

// CardReader shows cards outside their channel, to those who hold a right to it.
type CardReader interface {
	// CardAt draws the card that a message is, as it is now. ErrNoSuch when there is
	// none.
	CardAt(ctx context.Context, workspace, channel, message string) (Message, error)
}
