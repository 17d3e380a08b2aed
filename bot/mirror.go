package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// A mirror shows a comment in a thread other than its own: the threads of the cards
// that the same people may read in other channels. It is a projection like a card.
// The outbox says that the mirror of a comment at a card is out of date, and what is
// true is rendered when it is sent.

// mirrorPayload names a mirror.
type mirrorPayload struct{ Comment, Card string }

// mirror marks all mirrors of a comment as out of date.
func (t *turn) mirror(ctx context.Context, c storage.Comment) error {
	cards, err := t.mirrorCards(ctx, c)
	if err != nil {
		return err
	}
	for _, card := range cards {
		if err := t.enqueueMirror(ctx, c.ID, card); err != nil {
			return err
		}
	}
	return nil
}

// mirrorCards lists the cards in whose threads a comment is shown. They follow from
// what the comment is about and from nothing that anybody typed: a shared one goes to
// the cards of its own assignment, which stand in its own firm's channels only, an
// internal one to the desk's cards of the issue. What is said about the issue as a whole
// with people outside goes to the desk's cards, and the desk's words to theirs.
func (t *turn) mirrorCards(ctx context.Context, c storage.Comment) ([]storage.Card, error) {
	if c.Issue == "" || c.Orphan || c.Held {
		return nil, nil
	}
	// Where an inbound is decided, the table of channels is the current one.
	if t.place != nil && inThread(c) && !t.toldByMail(c) && t.places.readHere(c.Source.Workspace, c.Source.Channel) {
		return nil, nil
	}
	cards, err := t.cardsOf(ctx, c.Issue)
	if err != nil {
		return nil, err
	}
	var heard []storage.Mirror
	if c.Visibility == workflow.Shared && inThread(c) && (!c.EditedAt.IsZero() || !c.DeletedAt.IsZero()) {
		// What was shown in the desk's own thread while the firm had no channel there.
		if heard, err = t.tx.ListMirrors(ctx, c.ID, ""); err != nil {
			return nil, fmt.Errorf("list the mirrors of a comment: %w", err)
		}
	}
	var out []storage.Card
	for _, card := range cards {
		shown := card.Kind == storage.IssueCard && slices.ContainsFunc(heard, func(m storage.Mirror) bool { return m.Card == card.ID })
		if shown || t.mirrorsAt(c, card, cards) {
			out = append(out, card)
		}
	}
	return out, nil
}

// mirrorsAt tells whether a comment is to be shown in a card's thread; all are the cards
// of the issue.
func (e *Engine) mirrorsAt(c storage.Comment, card storage.Card, all []storage.Card) bool {
	if card.Kind == storage.IssueCard && card.Issue == c.Issue && (e.toldByMail(c) || unheard(c, card, all)) {
		return true
	}
	own := inThread(c) && card.Workspace == c.Source.Workspace && card.Channel == c.Source.Channel
	if own || card.Issue != c.Issue || card.Assignment != c.Assignment {
		return false
	}
	switch card.Kind {
	case storage.IssueCard:
		// What is said with people outside has no other thread where the desk reads it.
		return c.Visibility == workflow.Internal || c.Visibility == workflow.Shared
	case storage.AssignmentCard:
		return c.Visibility == workflow.Shared
	case storage.ExternalCard:
		return workflow.ForOutside(remark(c))
	}
	return false
}

// toldByMail tells whether a comment stands in letters, or on the page they lead to: no
// channel of the firm shows it to the desk, whose own thread does.
func (e *Engine) toldByMail(c storage.Comment) bool {
	return c.Visibility == workflow.Shared && inThread(c) && e.bundles(c.Source.Workspace)
}

// unheard tells whether a desk's card stands where nobody reads what was said in the
// firm's thread: it was said elsewhere, and the firm has no channel on that platform, or
// no more.
func unheard(c storage.Comment, desk storage.Card, all []storage.Card) bool {
	if c.Visibility != workflow.Shared || c.Assignment == "" || !inThread(c) || c.Source.Workspace == desk.Workspace {
		return false
	}
	return !slices.ContainsFunc(all, func(card storage.Card) bool {
		return card.Kind == storage.AssignmentCard && card.Assignment == c.Assignment && card.Workspace == desk.Workspace
	})
}

// inThread tells whether a comment stands in a thread by itself. One that was typed
// as a command, in a form or through the API does not.
func inThread(c storage.Comment) bool { return c.Source.Thread != "" }

func (t *turn) enqueueMirror(ctx context.Context, comment string, card storage.Card) error {
	body, err := encode(mirrorPayload{Comment: comment, Card: card.ID})
	if err != nil {
		return err
	}
	err = t.tx.Enqueue(ctx, storage.Delivery{
		Lane: channelLane(card.Workspace, card.Channel), Kind: deliverMirror,
		Card: comment + "@" + card.ID, Payload: body, CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue a mirror: %w", err)
	}
	return nil
}

// mirroring is one attempt to bring a mirror up to date.
type mirroring struct {
	e *Engine
	p chat.Platform
	d storage.Delivery

	comment storage.Comment
	// firm is the author's.
	firm storage.Contractor
	card storage.Card
	// cards are all of the issue, where a shared comment may be the desk's to read.
	cards []storage.Card
	// letGo is set for the card of somebody outside who is involved no longer.
	letGo bool
	// shown are the parts there are, by number.
	shown map[int]storage.Mirror
	// changed and removed are what has to be recorded.
	changed []storage.Mirror
	removed []int
}

// sendMirror shows, changes or takes back a comment in the thread of a card.
func (e *Engine) sendMirror(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[mirrorPayload](d)
	if err != nil {
		return err
	}
	m := &mirroring{e: e, p: p, d: d}
	err = m.load(ctx, pl)
	if errors.Is(err, storage.ErrNotFound) {
		return e.pointless(ctx, d)
	}
	if err != nil {
		return err
	}
	former, err := m.formerDesk(ctx)
	if err != nil {
		return err
	}
	if former && len(m.shown) == 0 {
		return e.pointless(ctx, d)
	}
	var want []chat.Message
	if m.comment.DeletedAt.IsZero() && !m.comment.Held && !m.letGo && m.belongs() {
		m.card, err = e.rooted(ctx, p, d, m.card)
		if errors.Is(err, storage.ErrNotFound) {
			return e.delivered(ctx, d, nil)
		}
		if err != nil {
			return err
		}
		want = m.parts(ctx)
	}
	err = m.bring(ctx, want)
	switch {
	case err == nil:
		return e.delivered(ctx, d, func(t *turn) error {
			again, err := m.record(ctx, t)
			if err != nil {
				return err
			}
			if again {
				return t.enqueueMirror(ctx, m.comment.ID, m.card)
			}
			// The files follow the words.
			return t.carry(ctx, m.comment, m.card)
		})
	case chat.ReasonOf(err) == chat.NotFound:
		// Only a post fails so: the card it should reply to is gone.
		return e.delivered(ctx, d, func(t *turn) error { return m.withoutRoot(ctx, t) })
	}
	if failed := m.save(ctx); failed != nil {
		return failed
	}
	return err
}

func (m *mirroring) load(ctx context.Context, pl mirrorPayload) error {
	return m.e.store.View(ctx, m.d.Desk, func(tx storage.Tx) (err error) {
		if m.comment, err = tx.Comment(ctx, pl.Comment); err != nil {
			return err
		}
		if m.card, err = tx.Card(ctx, pl.Card); err != nil {
			return err
		}
		if m.comment.Author.Side == string(workflow.WithContractor) && m.comment.Assignment != "" {
			a, err := tx.Assignment(ctx, m.comment.Assignment)
			if err != nil {
				return err
			}
			if m.firm, err = m.e.firm(ctx, tx, a.Contractor); err != nil {
				return err
			}
		}
		if m.letGo, err = letGoAt(ctx, tx, m.card); err != nil {
			return err
		}
		if m.card.Kind == storage.IssueCard && m.comment.Visibility == workflow.Shared {
			if m.cards, err = tx.ListCards(ctx, m.card.Issue); err != nil {
				return err
			}
		}
		parts, err := tx.ListMirrors(ctx, pl.Comment, pl.Card)
		m.shown = make(map[int]storage.Mirror, len(parts))
		for _, part := range parts {
			m.shown[part.Part] = part
		}
		return err
	})
}

// belongs tells whether the comment is shown at the card. What the desk heard in its own
// thread stays there when the firm gets a channel on its platform, and stays true.
func (m *mirroring) belongs() bool {
	heard := len(m.shown) > 0 && m.comment.Visibility == workflow.Shared && m.card.Kind == storage.IssueCard && m.card.Issue == m.comment.Issue
	return heard || m.e.mirrorsAt(m.comment, m.card, m.cards)
}

// letGoAt tells whether a card is of somebody outside whom its job does not involve. The
// card's kind says so as well; what is said outside depends on both.
func letGoAt(ctx context.Context, tx storage.Tx, card storage.Card) (bool, error) {
	if card.Kind != storage.ExternalCard {
		return false, nil
	}
	i, err := tx.Issue(ctx, card.Issue)
	if err != nil {
		return false, err
	}
	people, err := tx.Outsiders(ctx, i.External)
	return !slices.ContainsFunc(people, func(o storage.Outsider) bool {
		return o.Workspace == card.Workspace && o.Channel == card.Channel
	}), err
}

// formerDesk tells whether the card is the desk's own in a channel that is no longer an
// operations channel: nothing new that is internal is said there.
func (m *mirroring) formerDesk(ctx context.Context) (bool, error) {
	if m.card.Kind != storage.IssueCard {
		return false, nil
	}
	place, err := m.e.places.find(ctx, m.card.Workspace, m.card.Channel)
	return place == nil || place.Kind != storage.OperationsChannel, err
}

// bring makes the calls after which the wanted messages are what is shown. Those that
// show the same already cost none.
func (m *mirroring) bring(ctx context.Context, want []chat.Message) error {
	// From the end, so that the parts that are left are always the first ones.
	for n := len(m.shown) - 1; n >= len(want); n-- {
		if id := m.shown[n].Message; id != "" {
			if err := m.p.Delete(ctx, m.card.Channel, id); err != nil {
				return err
			}
			m.e.sent(ctx, m.d, "removed", id)
		}
		m.removed = append(m.removed, n)
	}
	for n, message := range want {
		part, there := m.shown[n]
		shows, err := digest(message)
		if err != nil {
			return err
		}
		switch {
		case !there:
			if part, err = m.post(ctx, n, message); err != nil {
				return err
			}
		case part.Message == "" || part.Shown == shows:
			// What somebody removed by hand stays removed.
			continue
		}
		if there || m.d.Ambiguous {
			err := m.p.Update(ctx, m.card.Channel, part.Message, m.e.spell(ctx, m.p.Workspace(), m.card.Channel, message))
			if chat.ReasonOf(err) == chat.NotFound {
				part.Message, err = "", nil
			}
			if err != nil {
				return err
			}
			m.e.sent(ctx, m.d, "updated", part.Message)
		}
		part.Shown = shows
		m.changed = append(m.changed, part)
	}
	return m.recall(ctx, max(len(want), len(m.shown)))
}

// recall takes back the parts from one on that an earlier attempt may have shown without
// our knowing: what it said was taken back since, or has become shorter.
func (m *mirroring) recall(ctx context.Context, from int) error {
	for n := from; m.d.Ambiguous; n++ {
		id, err := m.p.Find(ctx, chat.Post{
			Channel: m.card.Channel, Thread: m.card.Message, DeliveryID: m.partID(n), Repeat: true, Since: m.d.FirstTriedAt,
		})
		if err != nil || id == "" {
			return err
		}
		if err := m.p.Delete(ctx, m.card.Channel, id); err != nil {
			return err
		}
		m.e.sent(ctx, m.d, "removed", id)
	}
	return nil
}

// partID is what the message of a part is found by.
func (m *mirroring) partID(n int) string { return fmt.Sprintf("%s-%d", deliveryID(m.d), n) }

// post shows a part that is not there yet. Where an earlier attempt may have shown
// it, what it says is uncertain.
func (m *mirroring) post(ctx context.Context, n int, message chat.Message) (storage.Mirror, error) {
	id, err := m.e.post(ctx, m.p, m.d, chat.Post{
		Channel: m.card.Channel, Thread: m.card.Message, Message: message,
		DeliveryID: m.partID(n),
	})
	part := storage.Mirror{Comment: m.comment.ID, Card: m.card.ID, Part: n, Thread: m.card.Message, Message: id}
	if err != nil || !m.d.Ambiguous {
		return part, err
	}
	// An update may take the mark off by which the message was found.
	m.changed = append(m.changed, part)
	return part, m.save(ctx)
}

// save writes down what was done so far, when the rest has to wait.
func (m *mirroring) save(ctx context.Context) error {
	if len(m.changed)+len(m.removed) == 0 {
		return nil
	}
	ctx, cancel := recording(ctx)
	defer cancel()
	err := m.e.change(ctx, m.d.Desk, chat.Inbound{}, func(t *turn) error {
		_, err := m.record(ctx, t)
		return err
	})
	if err != nil {
		return fmt.Errorf("record a part of a mirror: %w", err)
	}
	m.changed, m.removed = nil, nil
	return nil
}

// withoutRoot posts the card anew and tries again behind it.
func (m *mirroring) withoutRoot(ctx context.Context, t *turn) error {
	if _, err := m.record(ctx, t); err != nil {
		return err
	}
	card, err := t.tx.Card(ctx, m.card.ID)
	if err != nil {
		return fmt.Errorf("load a card: %w", err)
	}
	if card.Message == m.card.Message && !card.Former() {
		if err := t.retire(ctx, card); err != nil {
			return err
		}
	}
	return t.enqueueMirror(ctx, m.comment.ID, card)
}

// record writes down what is shown now. It tells whether to show it once more: where the
// card went during the attempt, what was posted under it is shown under the next one.
func (m *mirroring) record(ctx context.Context, t *turn) (again bool, err error) {
	kept := func(storage.Mirror) bool { return true }
	if len(m.changed) > 0 {
		if kept, err = m.stillThere(ctx, t); err != nil {
			return false, err
		}
	}
	for _, part := range m.changed {
		if !kept(part) {
			again = true
			continue
		}
		if err := t.tx.PutMirror(ctx, part); err != nil {
			return false, fmt.Errorf("record a mirror: %w", err)
		}
	}
	for _, n := range m.removed {
		if err := t.tx.RemoveMirror(ctx, m.comment.ID, m.card.ID, n); err != nil {
			return false, fmt.Errorf("forget a mirror: %w", err)
		}
	}
	return again, nil
}

// stillThere tells which parts are to be written down. When the card's message went since
// it was read, its thread was forgotten with it, or may be: what was posted there in this
// attempt is taken back, and what stood there before counts as far as it is known still.
func (m *mirroring) stillThere(ctx context.Context, t *turn) (func(storage.Mirror) bool, error) {
	all := func(storage.Mirror) bool { return true }
	if err := t.tx.LockThread(ctx, m.card.Workspace, m.card.Channel, m.card.Message); err != nil {
		return nil, fmt.Errorf("hold a thread: %w", err)
	}
	now, err := t.tx.Card(ctx, m.card.ID)
	if errors.Is(err, storage.ErrNotFound) || err == nil && now.Message == m.card.Message {
		return all, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load a card: %w", err)
	}
	known, err := t.tx.ListMirrors(ctx, m.comment.ID, m.card.ID)
	if err != nil {
		return nil, fmt.Errorf("list the mirrors of a comment: %w", err)
	}
	kept := func(part storage.Mirror) bool {
		return slices.ContainsFunc(known, func(k storage.Mirror) bool { return k.Part == part.Part && k.Thread == part.Thread })
	}
	for _, part := range m.changed {
		if kept(part) || part.Message == "" {
			continue
		}
		err := t.enqueue(ctx, channelLane(m.card.Workspace, m.card.Channel), deliverUnboard, unboardPayload{part.Message})
		if err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func digest(m chat.Message) (string, error) {
	// Who speaks is shown once and never changed.
	m.Speaker.Picture = ""
	b, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("encode a mirror: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12]), nil
}

// parts is what the mirror says: one message, or several for a long text.
func (m *mirroring) parts(ctx context.Context) []chat.Message {
	room := m.p.Limits().MessageRunes - present.PartMark
	words := m.e.speaking(storage.Contractor{}).Spoken(m.comment, func(s chat.Span) chat.Span { return m.mention(ctx, s) })
	if words.Empty() {
		return nil
	}
	texts := chat.Split(words, func(t chat.Text) bool { return m.p.Measure(t) <= room })
	who := m.speaker(ctx)
	out := make([]chat.Message, len(texts))
	for n, text := range texts {
		out[n] = m.e.speaking(storage.Contractor{}).Mirror(who, text, n, len(texts))
	}
	return out
}

// mention turns a mention into one of the same person where the mirror is shown: known
// by the e-mail address, and in the channel. Otherwise it is the name alone.
func (m *mirroring) mention(ctx context.Context, s chat.Span) chat.Span {
	name := chat.Span{Text: s.Text}
	source, ok := m.e.platform(m.comment.Source.Workspace)
	if !ok {
		return name
	}
	who, err := source.Person(ctx, s.Ref)
	if err != nil || who.Kind == chat.Bot {
		return name
	}
	place, err := m.e.places.find(ctx, m.card.Workspace, m.card.Channel)
	if err != nil || place == nil {
		return name
	}
	id := who.ID
	if m.card.Workspace != m.comment.Source.Workspace {
		id = m.e.roster.counterpart(ctx, *place, who.Email)
	}
	if id == "" || !m.e.roster.isMember(ctx, *place, id, membersRetryTalk) {
		return name
	}
	return chat.Span{Kind: chat.Mention, Ref: id, Text: s.Text}
}

// speaker is the comment's author as others see him: with the firm's name, and with
// the picture where everybody can open it.
func (m *mirroring) speaker(ctx context.Context) chat.Speaker {
	c := m.comment
	who := chat.Speaker{Name: c.Author.Name}
	switch {
	case c.Author.Side == string(workflow.External):
		who.Name = m.e.speaking(storage.Contractor{}).FromOutside(c.Author.Name)
	case m.card.Kind == storage.IssueCard && workflow.ForOutside(remark(c)):
		who.Name = m.e.speaking(storage.Contractor{}).ToOutside(c.Author.Name)
	case m.firm.ID != "":
		who.Name = m.e.speaking(storage.Contractor{}).OfFirm(c.Author.Name, m.firm)
	}
	if m.card.Kind == storage.IssueCard && m.e.toldByMail(c) {
		who.Name = m.e.speaking(storage.Contractor{}).ByMail(who.Name)
	}
	if id, ok := strings.CutPrefix(c.Author.ID, c.Source.Workspace+"/"); ok && inThread(c) {
		who.Picture = m.e.roster.person(ctx, c.Source.Workspace, chat.Person{ID: id}).Picture
	}
	return who
}
