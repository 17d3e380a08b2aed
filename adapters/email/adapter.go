package email

import (
	"context"
	"errors"
	"time"

	"taskbridge/bot/chat"
)

const (
	// messageRunes is the most that one comment takes in a letter.
	messageRunes = 20_000
	// fileBytes is the greatest file that is attached: mail servers take 10 MB and
	// more of a whole letter, and encoding adds a third.
	fileBytes = 7 << 20
)

// errNoSuchThing is returned for what an address has not.
var errNoSuchThing = errors.New("e-mail has no channels to make: a firm's channel is its address")

// Start does nothing: there is no connection to keep. A server that cannot be reached
// holds up letters and nothing else.
func (a *Adapter) Start(context.Context) error { return nil }

// Run takes replies where they are taken, until the end.
func (a *Adapter) Run(ctx context.Context) error {
	if a.inbox == nil {
		<-ctx.Done()
		return nil
	}
	return a.listen(ctx)
}

// Healthy tells whether replies are taken, where they shall be; see Start.
func (a *Adapter) Healthy() error {
	if a.inbox != nil && !a.inbox.open.Load() {
		return errNotListening
	}
	return nil
}

// Workspace is the one that there is: who letters are from may change.
func (a *Adapter) Workspace() string { return "email:main" }

// Self is our own address.
func (a *Adapter) Self() chat.Person {
	return chat.Person{ID: a.from.Address, Name: a.from.Name, Email: a.from.Address, Kind: chat.Bot}
}

// Limits are what a letter holds.
func (a *Adapter) Limits() chat.Limits {
	l := chat.Limits{MessageRunes: messageRunes, FilesPerMessage: 10}
	if a.cfg.Shelf != nil {
		l.FileBytes = fileBytes
	}
	return l
}

// Measure counts characters.
func (a *Adapter) Measure(t chat.Text) int { return len([]rune(a.inLanguage("").plain(t))) }

// BundleFor implements chat.Bundler.
func (a *Adapter) BundleFor() time.Duration { return a.cfg.BundleFor }

// CreateChannel refuses: an address is there or not.
func (a *Adapter) CreateChannel(context.Context, chat.ChannelSpec) (chat.ChannelInfo, error) {
	return chat.ChannelInfo{}, &chat.SendError{Reason: chat.Unsupported, Err: errNoSuchThing}
}

// FindChannel finds nothing, for nothing is made.
func (a *Adapter) FindChannel(context.Context, chat.ChannelSpec) (chat.ChannelInfo, error) {
	return chat.ChannelInfo{}, nil
}

// Channel is the channel of an address.
func (a *Adapter) Channel(_ context.Context, address string) (chat.ChannelInfo, error) {
	info, ok := a.Address(address)
	if !ok {
		return info, &chat.SendError{Reason: chat.NotFound, Err: errAddress}
	}
	return info, nil
}

// AddMembers does nothing: whoever reads the mail of an address is in.
func (a *Adapter) AddMembers(context.Context, string, []string) error { return nil }

// Invite refuses: a firm's people are invited by giving the firm an address.
func (a *Adapter) Invite(context.Context, chat.InviteSpec) (chat.Invite, error) {
	return chat.Invite{}, &chat.SendError{Reason: chat.Unsupported, Err: errNoSuchThing}
}

// Person is whoever reads the mail of an address.
func (a *Adapter) Person(_ context.Context, id string) (chat.Person, error) {
	if id == a.from.Address {
		return a.Self(), nil
	}
	address, err := normalise(id)
	if err != nil {
		return chat.Person{}, &chat.SendError{Reason: chat.NotFound, Err: err}
	}
	return chat.Person{ID: address, Name: a.names.of(address), Email: address, Kind: chat.External}, nil
}

// Members are the address itself and we.
func (a *Adapter) Members(_ context.Context, channel string) ([]string, error) {
	address, err := normalise(channel)
	if err != nil {
		return nil, &chat.SendError{Reason: chat.NotFound, Err: err}
	}
	return []string{address, a.from.Address}, nil
}
