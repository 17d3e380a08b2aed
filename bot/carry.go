package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// The files of a comment follow its mirrors, in two steps. The content goes to the
// other platform in the files' own lanes, which may take long and nobody sees. Then a
// message in the thread's lane shows it, behind the words. Both are projections: they
// find out what is wanted and what is there, and do what lies between.

// carryPayload names the files of a comment at a card. Again is set on the second way
// round, after what was uploaded was not there when it was to be shown.
type carryPayload struct {
	Comment, Card string
	Again         bool `json:",omitempty"`
}

// carry marks the files of a comment in a card's thread as out of date.
func (t *turn) carry(ctx context.Context, c storage.Comment, card storage.Card) error {
	if t.files == nil {
		return nil
	}
	if len(c.Files) == 0 {
		// All of them may have been taken away.
		there, err := t.tx.CarriedFiles(ctx, c.ID, card.ID)
		if err != nil || len(there) == 0 {
			return err
		}
	}
	return t.enqueueFiles(ctx, channelLane(card.Workspace, card.Channel), deliverFiles, carryPayload{Comment: c.ID, Card: card.ID})
}

func (t *turn) enqueueFiles(ctx context.Context, lane storage.Lane, kind string, p carryPayload) error {
	body, err := encode(p)
	if err != nil {
		return err
	}
	err = t.tx.Enqueue(ctx, storage.Delivery{
		Lane: lane, Kind: kind, Card: kind + " of " + p.Comment + "@" + p.Card,
		Payload: body, CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue files: %w", err)
	}
	return nil
}

// carrying is one attempt to bring a comment's files at a card up to date.
type carrying struct {
	mirroring
	again bool
	// there is what was done before, by the file's id on the comment.
	there map[string]storage.CarriedFile
}

// loadCarrying reads what is to be shown and what is; nil when one of the two is no
// longer there.
func (e *Engine) loadCarrying(ctx context.Context, p chat.Platform, d storage.Delivery) (*carrying, error) {
	pl, err := payload[carryPayload](d)
	if err != nil {
		return nil, err
	}
	c := &carrying{mirroring: mirroring{e: e, p: p, d: d}, again: pl.Again}
	err = c.load(ctx, mirrorPayload{Comment: pl.Comment, Card: pl.Card})
	if err == nil {
		err = e.store.View(ctx, d.Desk, func(tx storage.Tx) error {
			rows, err := tx.CarriedFiles(ctx, pl.Comment, pl.Card)
			c.there = make(map[string]storage.CarriedFile, len(rows))
			for _, r := range rows {
				// What was shown under a card that is gone is gone with it.
				if r.Message == "" || r.Thread == c.card.Message {
					c.there[r.File] = r
				}
			}
			return err
		})
	}
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load carried files: %w", err)
	}
	return c, nil
}

// wanted are the files that belong into the thread, as far as they are settled.
func (c *carrying) wanted() []storage.File {
	if !c.comment.DeletedAt.IsZero() || c.comment.Held || c.card.Former() || c.letGo || !c.belongs() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.comment.Files), unsettled)
}

// put records what became of a file.
func (c *carrying) put(ctx context.Context, rows ...storage.CarriedFile) error {
	ctx, cancel := recording(ctx)
	defer cancel()
	err := c.e.store.Update(ctx, c.d.Desk, func(tx storage.Tx) error {
		for _, r := range rows {
			if err := tx.PutCarriedFile(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record a carried file: %w", err)
	}
	for _, r := range rows {
		c.there[r.File] = r
	}
	return nil
}

// forget records that files are no longer there.
func (c *carrying) forget(ctx context.Context, rows ...storage.CarriedFile) error {
	ctx, cancel := recording(ctx)
	defer cancel()
	err := c.e.store.Update(ctx, c.d.Desk, func(tx storage.Tx) error {
		for _, r := range rows {
			if err := tx.RemoveCarriedFile(ctx, r.Comment, r.Card, r.File); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget a carried file: %w", err)
	}
	for _, r := range rows {
		delete(c.there, r.File)
	}
	return nil
}

func (c *carrying) row(f storage.File) storage.CarriedFile {
	return storage.CarriedFile{Comment: c.comment.ID, Card: c.card.ID, File: f.ID}
}

// missing tells whether the platform still lacks the content of a wanted file.
func (c *carrying) missing(f storage.File) bool {
	_, there := c.there[f.ID]
	return !there && f.Digest != ""
}

// uploadFiles brings the contents of a comment's files to the platform of a card.
func (e *Engine) uploadFiles(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	c, err := e.loadCarrying(ctx, p, d)
	if err != nil {
		return err
	}
	if c == nil {
		return e.delivered(ctx, d, nil)
	}
	place, err := e.places.find(ctx, c.card.Workspace, c.card.Channel)
	if err != nil {
		return err
	}
	if place != nil && place.State == channelClosed {
		return e.delivered(ctx, d, nil)
	}
	var later error
	for _, f := range c.wanted() {
		if !c.missing(f) {
			continue
		}
		row := c.row(f)
		if place != nil && exposed(*place) {
			err = &chat.SendError{Reason: channelShared, Retry: true, Err: errors.New("another company reads this channel")}
		} else {
			row, err = c.upload(ctx, f)
		}
		if err != nil && e.now().Sub(d.CreatedAt) > giveUpFiles {
			row.Refused, err = string(cmp.Or(chat.ReasonOf(err), chat.Unavailable)), nil
		}
		if err != nil {
			later = err
			continue
		}
		if err := c.put(ctx, row); err != nil {
			return err
		}
	}
	if later != nil {
		return later
	}
	return e.delivered(ctx, d, func(t *turn) error {
		return t.enqueueFiles(ctx, channelLane(c.card.Workspace, c.card.Channel), deliverFiles, c.payload())
	})
}

// upload brings one file's content. An error is worth another try; what the platform
// never takes is a refusal in the record.
func (c *carrying) upload(ctx context.Context, f storage.File) (storage.CarriedFile, error) {
	row := c.row(f)
	switch most := c.p.Limits().FileBytes; {
	case most == 0:
		row.Refused = string(chat.FileBlocked)
		return row, nil
	case f.Size > most:
		row.Refused = string(chat.TooLarge)
		return row, nil
	}
	content, err := c.e.files.Open(ctx, f.Digest)
	if err != nil {
		// Not there is worth another try, too: another replica may see what we do not.
		return row, fmt.Errorf("open a file: %w", err)
	}
	defer content.Close()
	row.Remote, err = c.p.Upload(ctx, chat.Upload{Channel: c.card.Channel, Name: f.Name, Type: f.Type, Size: f.Size, Content: content})
	refusal, err := refusedFile(f, err)
	row.Refused = refusal.Refused
	return row, err
}

// showFiles brings the messages that show a comment's files in a card's thread up to
// date.
func (e *Engine) showFiles(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	c, err := e.loadCarrying(ctx, p, d)
	if err != nil {
		return err
	}
	if c == nil {
		return e.delivered(ctx, d, nil)
	}
	want := c.wanted()
	if err := c.takeBack(ctx, want); err != nil {
		return err
	}
	if slices.ContainsFunc(want, c.missing) {
		return e.delivered(ctx, d, func(t *turn) error { return c.enqueueUpload(ctx, t) })
	}
	err = c.show(ctx, want)
	switch chat.ReasonOf(err) {
	case chat.FileGone:
		// What was uploaded has not been kept there: once more from the beginning.
		c.again = true
		return e.delivered(ctx, d, func(t *turn) error { return c.enqueueUpload(ctx, t) })
	case chat.NotFound:
		return e.delivered(ctx, d, func(t *turn) error { return c.withoutRoot(ctx, t) })
	}
	if err != nil {
		return err
	}
	return e.delivered(ctx, d, nil)
}

// enqueueUpload has missing contents brought. Each comment and card has a lane of its
// own there.
func (c *carrying) enqueueUpload(ctx context.Context, t *turn) error {
	lane := storage.Lane{Workspace: transferWorkspace(c.card.Workspace), Name: c.comment.ID + "@" + c.card.ID}
	return t.enqueueFiles(ctx, lane, deliverUpload, c.payload())
}

func (c *carrying) payload() carryPayload {
	return carryPayload{Comment: c.comment.ID, Card: c.card.ID, Again: c.again}
}

// takeBack removes what is shown and no longer wanted. A message that shows other
// files as well goes with it: those are shown anew. Where a message cannot be removed, its
// files go all the same, and the history says that it stays.
func (c *carrying) takeBack(ctx context.Context, want []storage.File) error {
	isWanted := func(r storage.CarriedFile) bool {
		return slices.ContainsFunc(want, func(f storage.File) bool { return f.ID == r.File })
	}
	groups := map[string][]storage.CarriedFile{}
	for _, r := range c.there {
		if r.Message == "" && r.Remote != "" && c.d.Ambiguous && !isWanted(r) {
			// An earlier attempt may have shown it without our knowing.
			var err error
			if r.Message, err = c.p.Find(ctx, c.shows(r.Remote)); err != nil {
				return err
			}
		}
		key := r.Message
		if key == "" {
			// Uploaded and not shown.
			key = " " + r.File
		}
		groups[key] = append(groups[key], r)
	}
	for _, rows := range groups {
		if !slices.ContainsFunc(rows, func(r storage.CarriedFile) bool { return !isWanted(r) }) {
			continue
		}
		var stays *chat.SendError
		if id := rows[0].Message; id != "" {
			err := c.p.Delete(ctx, c.card.Channel, id)
			if errors.As(err, &stays) && stays.Reason != chat.Unsupported {
				stays = nil
			}
			if err != nil && stays == nil {
				return err
			}
			if stays == nil {
				c.e.sent(ctx, c.d, "removed", id)
			}
		}
		var remotes []string
		for _, r := range rows {
			if r.Remote != "" {
				remotes = append(remotes, r.Remote)
			}
		}
		if err := c.p.Discard(ctx, remotes); err != nil {
			return err
		}
		if err := c.forget(ctx, rows...); err != nil {
			return err
		}
		if stays == nil {
			continue
		}
		c.e.log.WarnContext(ctx, "dispatcher: a message that showed files stays", "workspace", c.card.Workspace, "channel", c.card.Channel, "message", rows[0].Message, "err", stays)
		if err := c.e.changeFor(ctx, c.d, func(t *turn) error { return t.dropped(ctx, c.d, stays, string(stays.Reason)) }); err != nil {
			return fmt.Errorf("record a message that stays: %w", err)
		}
	}
	return nil
}

// show posts what is wanted and not shown: files as many to a message as the platform
// takes, and one note about those that cannot be.
func (c *carrying) show(ctx context.Context, want []storage.File) error {
	var files, notes []storage.File
	for _, f := range want {
		switch r := c.there[f.ID]; {
		case r.Message != "":
		case r.Remote != "":
			files = append(files, f)
		default:
			notes = append(notes, f)
		}
	}
	if len(files)+len(notes) == 0 {
		return nil
	}
	var err error
	c.card, err = c.e.rooted(ctx, c.p, c.d, c.card)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for group := range slices.Chunk(files, max(1, c.p.Limits().FilesPerMessage)) {
		blocked, err := c.showGroup(ctx, group)
		if err != nil {
			return err
		}
		notes = append(notes, blocked...)
	}
	if len(notes) == 0 {
		return nil
	}
	return c.showNote(ctx, notes)
}

// shows is the post that shows uploaded files, found by the first of them.
func (c *carrying) shows(remotes ...string) chat.Post {
	return chat.Post{
		Channel: c.card.Channel, Thread: c.card.Message, Files: remotes, DeliveryID: deliveryID(c.d) + "-" + remotes[0],
		Repeat: c.d.Ambiguous, Since: c.d.FirstTriedAt,
	}
}

// showGroup shows files in one message. Where the platform takes one of them for a
// kind that it does not, each is tried by itself; it returns those that were refused.
func (c *carrying) showGroup(ctx context.Context, group []storage.File) (blocked []storage.File, err error) {
	rows := make([]storage.CarriedFile, len(group))
	remotes := make([]string, len(group))
	for i, f := range group {
		rows[i] = c.there[f.ID]
		remotes[i] = rows[i].Remote
	}
	post := c.shows(remotes...)
	post.Message = c.e.speaking(storage.Contractor{}).Files(c.speaker(ctx), group)
	id, err := c.e.post(ctx, c.p, c.d, post)
	switch reason := chat.ReasonOf(err); {
	case err == nil:
		for i := range rows {
			rows[i].Thread, rows[i].Message = c.card.Message, id
		}
		return nil, c.put(ctx, rows...)
	case reason == chat.FileGone && !c.again:
		if failed := c.forget(ctx, rows...); failed != nil {
			return nil, failed
		}
		return nil, err
	case reason != chat.FileBlocked && reason != chat.TooLarge && reason != chat.FileGone:
		return nil, err
	case len(group) == 1:
		if err := c.p.Discard(ctx, remotes); err != nil {
			return nil, err
		}
		rows[0].Remote, rows[0].Refused = "", string(reason)
		return group, c.put(ctx, rows...)
	}
	for _, f := range group {
		more, err := c.showGroup(ctx, []storage.File{f})
		if err != nil {
			return nil, err
		}
		blocked = append(blocked, more...)
	}
	return blocked, nil
}

// showNote says which files are not shown here and why.
func (c *carrying) showNote(ctx context.Context, list []storage.File) error {
	rows := make([]storage.CarriedFile, len(list))
	for i, f := range list {
		rows[i] = c.row(f)
		if r, there := c.there[f.ID]; there {
			rows[i] = r
		}
		list[i].Refused = rows[i].Refused
		if f.Refused != "" {
			list[i].Refused = f.Refused
		}
	}
	id, err := c.e.post(ctx, c.p, c.d, chat.Post{
		Channel: c.card.Channel, Thread: c.card.Message,
		Message:    c.e.speaking(storage.Contractor{}).FilesNotShown(c.speaker(ctx), list, c.comment.Source.Platform),
		DeliveryID: deliveryID(c.d) + "-note-" + list[0].ID,
	})
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Thread, rows[i].Message = c.card.Message, id
	}
	return c.put(ctx, rows...)
}
