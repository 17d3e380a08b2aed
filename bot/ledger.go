package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// What the ledger writes into a job's history beside what workflow decides.
const (
	eventCommentAdded   = "comment_added"
	eventCommentEdited  = "comment_edited"
	eventCommentDeleted = "comment_deleted"

	// eventCommentReleased is that what was held while work waited for approval is heard.
	eventCommentReleased = "comment_released"
)

// said enters a new message into the ledger, if it is a reply in a thread.
func (t *turn) said(ctx context.Context, b chat.Said) error {
	if b.Thread == "" || t.in.From.Kind == chat.Bot || !holdsThreads(*t.place) {
		return nil
	}
	c, err := t.comment(ctx, b.Thread, b.Message)
	if err != nil {
		return err
	}
	c.CreatedAt, c.EditedAt = t.in.At, b.EditedAt
	put(&c, wordsOf(b.Text, b.Rich, b.Files))
	inserted, err := t.tx.InsertComment(ctx, c)
	if err != nil {
		return fmt.Errorf("insert a comment: %w", err)
	}
	if inserted {
		t.merged(MergeCreated)
		if err := t.countEvidence(ctx, c); err != nil {
			return err
		}
		return t.commented(ctx, c, eventCommentAdded)
	}
	// An edit or deletion was here first, or another event told of this message.
	old, err := t.stored(ctx, b.Message)
	if err != nil {
		return err
	}
	if old.Orphan {
		t.merged(MergeCreated)
		c.ID = old.ID
		merged, version := mergeOriginal(old, c)
		if err := t.saveVersion(ctx, merged, version); err != nil {
			return err
		}
		return t.commented(ctx, merged, eventCommentAdded)
	}
	if !b.EditedAt.IsZero() {
		return t.mergeText(ctx, old, wordsOf(b.Text, b.Rich, b.Files), b.EditedAt)
	}
	if old.EditedAt.IsZero() {
		t.merged(MergeDuplicate)
		return nil
	}
	t.merged(MergeOutOfOrder)
	// History told of the edited message before its event told what was said at first.
	if err := t.tx.AddVersion(ctx, old.ID, storage.Version{Text: b.Text, At: t.in.At}); err != nil {
		return fmt.Errorf("keep an original text: %w", err)
	}
	return nil
}

// merged tells the observer, once it is committed, what a message did.
func (t *turn) merged(m Merge) {
	t.committed = append(t.committed, func() { t.observe.Merged(m) })
	if f, ok := findings()[m]; ok && t.in.FromHistory {
		t.found(f)
	}
}

// findings says what a merge is when history told of it.
func findings() map[Merge]Finding {
	return map[Merge]Finding{MergeCreated: FoundMessage, MergeEdited: FoundEdit, MergeDeleted: FoundDeletion}
}

func (t *turn) found(f Finding) {
	t.committed = append(t.committed, func() { t.observe.Found(t.in.Workspace, f) })
}

// holdsThreads tells whether the channel is one whose threads are jobs' histories. A
// former operations channel still bears cards, and what is said under them counts; one
// that was taken from a firm does not.
func holdsThreads(c storage.Channel) bool {
	switch c.Kind {
	case storage.OperationsChannel, storage.ContractorChannel, storage.ExternalChannel:
		return true
	case storage.ManagersChannel:
		return false
	default:
		return desksOwn(c)
	}
}

// edited merges a changed text. The newest edit by the platform's clock wins,
// whatever the order of arrival.
func (t *turn) edited(ctx context.Context, b chat.Edited) error {
	if t.in.From.Kind == chat.Bot || !holdsThreads(*t.place) {
		return nil
	}
	old, err := t.stored(ctx, b.Message)
	if errors.Is(err, storage.ErrNotFound) {
		if b.Thread == "" {
			return nil
		}
		c, err := t.comment(ctx, b.Thread, b.Message)
		if err != nil {
			return err
		}
		c.Orphan = true
		put(&c, wordsOf(b.Text, b.Rich, b.Files))
		c.CreatedAt, c.EditedAt = t.in.At, orAt(b.Version, t.in.At)
		t.merged(MergeOutOfOrder)
		return t.begin(ctx, c)
	}
	if err != nil {
		return err
	}
	if b.Version.IsZero() && b.Text == old.Text && sameFiles(old.Files, files(b.Files)) {
		t.merged(MergeDuplicate)
		return nil
	}
	return t.mergeText(ctx, old, wordsOf(b.Text, b.Rich, b.Files), orAt(b.Version, t.in.At))
}

// mergeText merges what a message said at a moment into its comment.
func (t *turn) mergeText(ctx context.Context, old storage.Comment, now words, at time.Time) error {
	merged, version, visible := mergeEdit(old, now, at)
	switch {
	case version == nil && !visible:
		t.merged(MergeDuplicate)
		return nil
	case merged.EditedAt.Equal(old.EditedAt):
		t.merged(MergeOutOfOrder)
	default:
		t.merged(MergeEdited)
	}
	if err := t.saveVersion(ctx, merged, version); err != nil {
		return err
	}
	if !visible || merged.Orphan {
		return nil
	}
	return t.commented(ctx, merged, eventCommentEdited)
}

// deleted leaves a tombstone.
func (t *turn) deleted(ctx context.Context, b chat.Deleted) error {
	if !holdsThreads(*t.place) {
		return nil
	}
	if err := t.cardGone(ctx, b); err != nil {
		return err
	}
	if b.WithReplies {
		replies, err := t.tx.Replies(ctx, t.in.Workspace, t.in.Channel, b.Message)
		if err != nil {
			return fmt.Errorf("list the replies of a deleted root: %w", err)
		}
		for _, r := range replies {
			if err := t.bury(ctx, r); err != nil {
				return err
			}
		}
	}
	if b.Own {
		return nil
	}
	old, err := t.stored(ctx, b.Message)
	if errors.Is(err, storage.ErrNotFound) {
		if b.Thread == "" {
			return nil
		}
		c, err := t.comment(ctx, b.Thread, b.Message)
		if err != nil {
			return err
		}
		c.Orphan, c.CreatedAt, c.DeletedAt, c.DeletedBy = true, t.in.At, t.in.At, t.actor.Name
		t.merged(MergeOutOfOrder)
		return t.begin(ctx, c)
	}
	if err != nil {
		return err
	}
	return t.bury(ctx, old)
}

func (t *turn) bury(ctx context.Context, c storage.Comment) error {
	known := !c.DeletedAt.IsZero()
	if known && !t.in.At.Before(c.DeletedAt) {
		t.merged(MergeDuplicate)
		return nil
	}
	if !known {
		t.merged(MergeDeleted)
	}
	// The earliest moment is the nearest: history tells only that a message is gone
	// by then.
	c.DeletedAt, c.DeletedBy = t.in.At, t.actor.Name
	if err := t.tx.SaveComment(ctx, c); err != nil {
		return fmt.Errorf("save a tombstone: %w", err)
	}
	if c.Orphan || known {
		return nil
	}
	if err := t.countEvidence(ctx, c); err != nil {
		return err
	}
	return t.commented(ctx, c, eventCommentDeleted)
}

// cardGone posts a card anew that somebody deleted.
func (t *turn) cardGone(ctx context.Context, b chat.Deleted) error {
	card, err := t.tx.CardByMessage(ctx, t.in.Workspace, t.in.Channel, b.Message)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a card: %w", err)
	}
	if card.Kind == storage.BoardCard {
		return t.boardGone(ctx, card)
	}
	// What is posted in the thread right now is written down before, or finds it gone.
	if err := t.tx.LockThread(ctx, t.in.Workspace, t.in.Channel, b.Message); err != nil {
		return fmt.Errorf("hold a thread: %w", err)
	}
	if !card.Former() {
		if t.in.FromHistory {
			t.found(FoundNoCard)
		}
		if err := t.retire(ctx, card); err != nil {
			return err
		}
	}
	if !b.WithReplies {
		return nil
	}
	return t.refill(ctx, card, b.Message)
}

// refill shows again, under the card that was posted anew, what was shown in a thread
// that went with its root.
func (t *turn) refill(ctx context.Context, gone storage.Card, thread string) error {
	cards, err := t.cardsOf(ctx, gone.Issue)
	if err != nil {
		return err
	}
	for _, card := range cards {
		if card.Former() || card.Assignment != gone.Assignment || card.Workspace != gone.Workspace || card.Channel != gone.Channel {
			continue
		}
		n, err := t.tx.ForgetMirrors(ctx, card.ID, thread)
		if err != nil {
			return fmt.Errorf("forget mirrors: %w", err)
		}
		if n > 0 {
			return t.fillThread(ctx, card, &fillBudget{left: fillMost})
		}
	}
	return nil
}

// retire lets a card be posted anew whose message is gone. Replies may still come
// in the old thread, which a platform may keep, so it stays known. One that was closed
// meanwhile stays closed, and one that is posted anew already needs nothing more.
func (t *turn) retire(ctx context.Context, gone storage.Card) error {
	card, err := t.cardToWrite(ctx, gone)
	if err != nil {
		return err
	}
	if card.Former() || card.Message != gone.Message {
		return nil
	}
	former := card
	former.ID, former.Kind = newID(), storage.FormerIssueCard
	switch card.Kind {
	case storage.AssignmentCard:
		former.Kind = storage.FormerAssignmentCard
	case storage.ExternalCard:
		former.Kind = storage.FormerExternalCard
	}
	key := messageKey{card.Workspace, card.Channel, card.Message}
	card.Message = ""
	for _, c := range []storage.Card{card, former} {
		if err := t.tx.PutCard(ctx, c); err != nil {
			return fmt.Errorf("put a card: %w", err)
		}
	}
	t.committed = append(t.committed, func() { t.threads.Remove(key) })
	return t.enqueueCard(ctx, card)
}

// begin enters an edit or a deletion whose message is not known. When the message
// came this very moment, by a transaction that we did not see, the turn is run again
// and merges with it.
func (t *turn) begin(ctx context.Context, c storage.Comment) error {
	inserted, err := t.tx.InsertComment(ctx, c)
	if err != nil {
		return fmt.Errorf("insert a comment: %w", err)
	}
	if !inserted {
		return fmt.Errorf("insert a comment: %w", storage.ErrConflict)
	}
	return nil
}

func (t *turn) stored(ctx context.Context, message string) (storage.Comment, error) {
	c, err := t.tx.CommentBySource(ctx, t.in.Workspace, t.in.Channel, message)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		err = fmt.Errorf("look for a comment: %w", err)
	}
	return c, err
}

// comment starts a comment by the inbound's author in a thread. A thread whose
// card is not recorded yet gives a comment without an issue, which is adopted when
// the card is.
func (t *turn) comment(ctx context.Context, thread, message string) (storage.Comment, error) {
	c := storage.Comment{
		ID: newID(), Visibility: workflow.Internal, Author: t.author(),
		Source: storage.Source{
			Platform: platformOf(t.in.Workspace), Workspace: t.in.Workspace,
			Channel: t.in.Channel, Thread: thread, Message: message,
		},
	}
	card, err := t.thread(ctx, messageKey{t.in.Workspace, t.in.Channel, thread})
	if errors.Is(err, storage.ErrNotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	return c, t.attach(ctx, &c, card)
}

// attach gives a comment its issue and says who may read it.
func (t *turn) attach(ctx context.Context, c *storage.Comment, card storage.Card) error {
	c.Issue, c.Assignment = card.Issue, card.Assignment
	if card.Kind == storage.ExternalCard || card.Kind == storage.FormerExternalCard {
		return t.fromOutside(ctx, c)
	}
	if card.Kind != storage.AssignmentCard && card.Kind != storage.FormerAssignmentCard {
		return nil
	}
	c.Visibility = workflow.Shared
	a, err := t.tx.Assignment(ctx, card.Assignment)
	if err != nil {
		return fmt.Errorf("load an assignment: %w", err)
	}
	if t.place != nil && t.place.Contractor != a.Contractor {
		// The thread is of a firm whose channel this was.
		c.Issue, c.Assignment, c.Visibility = "", "", workflow.Internal
		return nil
	}
	c.Held = t.holds(a.Assignment)
	if a.Status == workflow.Accepted && c.Author.Side == string(workflow.WithContractor) && !c.Orphan {
		i, err := t.tx.Issue(ctx, card.Issue)
		if err != nil {
			return fmt.Errorf("load an issue: %w", err)
		}
		// The firm's first word starts the work. A refusal changes nothing: what
		// was said stays said.
		_, err = t.apply(ctx, i, workflow.Command{Verb: workflow.Comment, Assignment: a.ID})
		var refusal *workflow.Refusal
		if err != nil && !errors.As(err, &refusal) {
			return err
		}
	}
	return nil
}

// thread finds the card that is a thread's root.
func (t *turn) thread(ctx context.Context, key messageKey) (storage.Card, error) {
	if card, ok := t.threads.Get(key); ok {
		return card, nil
	}
	card, err := t.tx.CardByMessage(ctx, key.workspace, key.channel, key.message)
	if errors.Is(err, storage.ErrNotFound) {
		// The card may be recorded this very moment, by a transaction that does not see
		// our reply and so would not adopt it: whoever of us is second sees the other.
		if err = t.tx.LockThread(ctx, key.workspace, key.channel, key.message); err == nil {
			card, err = t.tx.CardByMessage(ctx, key.workspace, key.channel, key.message)
		}
	}
	if err != nil {
		if !errors.Is(err, storage.ErrNotFound) {
			err = fmt.Errorf("look for a thread's card: %w", err)
		}
		return card, err
	}
	t.threads.Add(key, card)
	return card, nil
}

func (t *turn) author() storage.Author {
	a := storage.Author{ID: t.actor.ID, Name: t.actor.Name, Side: string(workflow.WithOperator)}
	switch t.actor.Role {
	case workflow.Operator, workflow.Manager, workflow.System:
	case workflow.External:
		a.Side = string(workflow.External)
	default:
		if t.place == nil || t.place.Kind == storage.ContractorChannel {
			a.Side = string(workflow.WithContractor)
		}
	}
	return a
}

// commented writes the ledger's change into the history, the mirrors and onto the
// desk's card.
func (t *turn) commented(ctx context.Context, c storage.Comment, kind string) error {
	if c.Issue == "" {
		return nil
	}
	err := t.record(ctx, c.Issue, workflow.Event{Kind: kind, Assignment: c.Assignment, Data: map[string]string{"comment": c.ID}})
	if err != nil {
		return err
	}
	if err := t.mirror(ctx, c); err != nil {
		return err
	}
	if err := t.fetch(ctx, c); err != nil {
		return err
	}
	if c.Visibility != workflow.Shared {
		return nil
	}
	return t.refreshIssueCards(ctx, c.Issue)
}

func (t *turn) saveVersion(ctx context.Context, c storage.Comment, v *storage.Version) error {
	if v != nil {
		if err := t.tx.AddVersion(ctx, c.ID, *v); err != nil {
			return fmt.Errorf("keep an earlier text: %w", err)
		}
	}
	if err := t.tx.SaveComment(ctx, c); err != nil {
		return fmt.Errorf("save a comment: %w", err)
	}
	return nil
}

// mergeOriginal brings the message itself to a comment that an edit or deletion
// started. The version is the original text, where an edit has replaced it.
func mergeOriginal(old, said storage.Comment) (storage.Comment, *storage.Version) {
	m := old
	m.Orphan, m.Author, m.CreatedAt, m.Held = false, said.Author, said.CreatedAt, said.Held
	switch {
	case old.EditedAt.IsZero():
		m.Text, m.Rich, m.EditedAt, m.Files = said.Text, said.Rich, said.EditedAt, known(old.Files, said.Files)
		return m, nil
	case !said.EditedAt.IsZero():
		m, v, _ := mergeEdit(m, words{said.Text, said.Rich, said.Files}, said.EditedAt)
		return m, v
	}
	return m, &storage.Version{Text: said.Text, At: said.CreatedAt}
}

// mergeEdit merges one text of a message, said at a moment, into a comment. Every
// text that is not the newest becomes a version, so that any order of arrival ends
// in the same versions. visible is false when no reader sees a difference.
func mergeEdit(old storage.Comment, now words, at time.Time) (m storage.Comment, v *storage.Version, visible bool) {
	m = old
	text := now.text
	now.files = known(old.Files, now.files)
	differs := text != old.Text || !sameFiles(old.Files, now.files)
	switch {
	case old.Orphan && old.EditedAt.IsZero():
		// Only a deletion is known: this is the first text seen.
		put(&m, now)
		m.EditedAt = at
		return m, nil, true
	case old.EditedAt.IsZero():
		// An edit is newer than what it edits, whatever the clocks say.
		put(&m, now)
		m.EditedAt = at
		return m, &storage.Version{Text: old.Text, At: old.CreatedAt}, differs
	case at.Equal(old.EditedAt) && text == old.Text:
		return m, nil, false
	case at.After(old.EditedAt) || at.Equal(old.EditedAt) && text > old.Text:
		put(&m, now)
		m.EditedAt = at
		return m, &storage.Version{Text: old.Text, At: old.EditedAt}, differs
	default:
		return m, &storage.Version{Text: text, At: at}, true
	}
}

// Texts are a comment's texts in order with the time each was said, those left out
// that repeat the one before.
func Texts(c storage.Comment) []storage.Version {
	at := c.EditedAt
	if at.IsZero() {
		at = c.CreatedAt
	}
	all := slices.Clone(c.Versions)
	slices.SortStableFunc(all, func(a, b storage.Version) int {
		if n := a.At.Compare(b.At); n != 0 {
			return n
		}
		return strings.Compare(a.Text, b.Text)
	})
	all = append(all, storage.Version{Text: c.Text, At: at})
	return slices.CompactFunc(all, func(a, b storage.Version) bool { return a.Text == b.Text })
}

// typedPrefix marks the source of a comment that was typed as a command, in a
// form or through the API, and so stands in no thread by itself.
const typedPrefix = "typed:"

// typedComment enters what somebody wrote outside any thread; its mirrors carry it into
// the threads of those who may read it.
func (t *turn) typedComment(ctx context.Context, i storage.Issue, assignment string, v workflow.Visibility, author storage.Author, text string, held bool) (storage.Comment, error) {
	at, err := t.saidAt(ctx, i)
	if err != nil {
		return storage.Comment{}, err
	}
	c := storage.Comment{
		ID: newID(), Issue: i.ID, Assignment: assignment, Visibility: v, Author: author,
		Text: text, CreatedAt: at, Held: held, Files: t.given(),
		Source: storage.Source{
			Platform: platformOf(t.in.Workspace), Workspace: t.in.Workspace,
			Channel: t.in.Channel, Message: typedPrefix + newID(),
		},
	}
	if _, err := t.tx.InsertComment(ctx, c); err != nil {
		return c, fmt.Errorf("insert a comment: %w", err)
	}
	for _, f := range c.Files {
		if err := t.tx.NoteFile(ctx, f.Digest, c.ID); err != nil {
			return c, fmt.Errorf("note a file: %w", err)
		}
	}
	if err := t.countEvidence(ctx, c); err != nil {
		return c, err
	}
	return c, t.commented(ctx, c, eventCommentAdded)
}

// saidAt is the time of what is said now and has none from a platform. It stands behind
// what was said before, also where our clock was set back meanwhile.
func (t *turn) saidAt(ctx context.Context, i storage.Issue) (time.Time, error) {
	last, err := t.tx.NewestComment(ctx, i.ID)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return time.Time{}, fmt.Errorf("look for the last comment: %w", err)
	}
	if t.now.After(last) {
		return t.now, nil
	}
	return last.Add(time.Microsecond), nil
}

// words are what a message says at one time.
type words struct {
	text, rich string
	files      []storage.File
}

func wordsOf(text string, rich chat.Text, fs []chat.File) words {
	return words{text: text, rich: present.EncodeRich(rich), files: files(fs)}
}

func put(c *storage.Comment, w words) { c.Text, c.Rich, c.Files = w.text, w.rich, w.files }

func orAt(version, at time.Time) time.Time {
	if version.IsZero() {
		return at
	}
	return version
}

func platformOf(workspace string) string {
	name, _, _ := strings.Cut(workspace, ":")
	return name
}
