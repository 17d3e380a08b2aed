package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// A firm may work by e-mail: its channel is then an address, which nobody has to make
// or join. Whoever reads the mail of that address acts for the firm.

// mailbox is an address as a channel.
type mailbox struct {
	workspace string
	chat.ChannelInfo
}

// makers are the connected workspaces in which channels are made.
func (e *Engine) makers() []string {
	return slices.DeleteFunc(e.connected(), func(id string) bool {
		p, _ := e.platform(id)
		_, postal := p.(chat.Postal)
		return postal
	})
}

// looksLikeAddress tells whether a word was meant to be an e-mail address.
func looksLikeAddress(word string) bool {
	return strings.Contains(word, "@") && !strings.HasPrefix(word, "@")
}

// mailboxOf reads an address that somebody typed.
func (t *turn) mailboxOf(typed string) (mailbox, error) {
	for _, id := range t.connected() {
		p, _ := t.platform(id)
		postal, ok := p.(chat.Postal)
		if !ok {
			continue
		}
		info, ok := postal.Address(strings.Trim(typed, " ,;<>"))
		if !ok {
			return mailbox{}, workflow.RefuseField("where", "%q is not an e-mail address I can write to. Check how it is written.", short(typed))
		}
		return mailbox{id, info}, nil
	}
	return mailbox{}, workflow.RefuseField("where", "E-mail is not set up here. Ask whoever runs taskbridge to set TASKBRIDGE_SMTP_URL.")
}

// mayHaveMailbox refuses an address that a firm cannot work by.
func (t *turn) mayHaveMailbox(ctx context.Context, firm storage.Contractor, to mailbox) error {
	old, err := t.tx.Channel(ctx, to.workspace, to.ID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("load a channel: %w", err)
	case old.Contractor != firm.ID:
		// What one firm was told is in its mailbox.
		return workflow.RefuseField("where", "%s is or was the address of another firm. Use one of its own for %s.", to.Name, present.FirmName(firm))
	case old.Kind == storage.ContractorChannel:
		return workflow.RefuseField("where", "%s works by e-mail at %s already.", present.FirmName(firm), to.Name)
	}
	return nil
}

// linkMailbox lets a firm work by e-mail, besides whatever channels it has.
func (t *turn) linkMailbox(ctx context.Context, firm storage.Contractor, to mailbox) (chat.Answer, error) {
	if err := t.mayHaveMailbox(ctx, firm, to); err != nil {
		return chat.Answer{}, err
	}
	ch := storage.Channel{
		Workspace: to.workspace, ID: to.ID, Kind: storage.ContractorChannel, Contractor: firm.ID,
		Name: to.Name, URL: to.URL, SyncedAt: t.now, CreatedAt: t.now,
	}
	if _, err := t.opened(ctx, firm, ch, nil); err != nil {
		return chat.Answer{}, err
	}
	if err := t.answererMoved(ctx, ch, ch.ID, false); err != nil {
		return chat.Answer{}, err
	}
	t.committed = append(t.committed, t.places.forget)
	a := chat.Private(t.present.WorksByMail(firm, to.Name))
	a.Subject = firm.ID
	return a, nil
}

// cutMailbox splits "Acme jobs@acme.example" into the name and the address.
func cutMailbox(s string) (name, address string) {
	rest, word := cutLast(s)
	if looksLikeAddress(word) {
		return rest, word
	}
	return s, ""
}

// cutByMail splits "Acme on email" into the name and whether e-mail is meant.
func cutByMail(s string) (name string, mail bool) {
	rest, word := cutLast(s)
	if len(strings.Fields(rest)) < len(strings.Fields(s))-1 && (strings.EqualFold(word, "email") || strings.EqualFold(word, "e-mail") || strings.EqualFold(word, "mail")) {
		return rest, true
	}
	if by, last, ok := strings.Cut(s, " by "); ok && (strings.EqualFold(last, "email") || strings.EqualFold(last, "e-mail") || strings.EqualFold(last, "mail")) {
		return by, true
	}
	return s, false
}
