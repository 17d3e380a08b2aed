package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// giveUpFiles is how long a file is asked for that cannot be had and might be.
const giveUpFiles = 3 * 24 * time.Hour

// transferPrefix marks the lanes of files, which have workers of their own.
const transferPrefix = "files:"

func transferWorkspace(workspace string) string { return transferPrefix + workspace }

// platformWorkspace is the workspace that a lane leads to.
func platformWorkspace(l storage.Lane) string { return strings.TrimPrefix(l.Workspace, transferPrefix) }

// fetchPayload names the comment whose files are to be kept.
type fetchPayload struct{ Comment string }

// fetch has the files of a comment kept that are not yet. Each comment has a lane of
// its own, so that a file that cannot be had holds up no other.
func (t *turn) fetch(ctx context.Context, c storage.Comment) error {
	if t.files == nil || c.Orphan || !c.DeletedAt.IsZero() || !slices.ContainsFunc(c.Files, unsettled) {
		return nil
	}
	body, err := encode(fetchPayload{Comment: c.ID})
	if err != nil {
		return err
	}
	lane := storage.Lane{Workspace: transferWorkspace(c.Source.Workspace), Name: c.ID}
	err = t.tx.Enqueue(ctx, storage.Delivery{Lane: lane, Kind: deliverFetch, Card: "files of " + c.ID, Payload: body, CreatedAt: t.now})
	if err != nil {
		return fmt.Errorf("enqueue a fetch: %w", err)
	}
	return nil
}

// unsettled tells whether a file's content is still to come.
func unsettled(f storage.File) bool { return f.Digest == "" && f.Refused == "" }

// fetchFiles keeps what is missing of a comment's files. What was kept or refused is
// recorded when all were tried; the rest is tried again.
func (e *Engine) fetchFiles(ctx context.Context, p chat.Platform, d storage.Delivery) error {
	pl, err := payload[fetchPayload](d)
	if err != nil {
		return err
	}
	var c storage.Comment
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) (err error) {
		c, err = tx.Comment(ctx, pl.Comment)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) || err == nil && !c.DeletedAt.IsZero() {
		return e.delivered(ctx, d, nil)
	}
	if err != nil {
		return fmt.Errorf("load a comment: %w", err)
	}
	var later error
	var settled []storage.File
	for _, f := range c.Files {
		if !unsettled(f) {
			continue
		}
		kept, err := e.fetchFile(ctx, p, f)
		if err != nil && e.now().Sub(d.CreatedAt) > giveUpFiles {
			kept.Refused, err = string(cmp.Or(chat.ReasonOf(err), chat.Unavailable)), nil
		}
		if err != nil {
			later = err
			continue
		}
		settled = append(settled, kept)
	}
	recordCtx, cancel := recording(ctx)
	defer cancel()
	// All that one attempt found out is known at once: other threads show files together
	// that were sent together, and not in as many messages as somebody looked meanwhile.
	onward := func(t *turn) error { return t.keepFiles(recordCtx, c.ID, settled) }
	if later == nil {
		return e.delivered(ctx, d, onward)
	}
	return errors.Join(later, e.changeFor(recordCtx, d, onward))
}

// fetchFile keeps the content of one file. An error is worth another try; a refusal
// stands in the file.
func (e *Engine) fetchFile(ctx context.Context, p chat.FileKeeper, f storage.File) (storage.File, error) {
	content, said, err := p.Fetch(ctx, chat.File{ID: f.ID, Name: f.Name, Size: f.Size, Type: f.Type, URL: f.URL})
	if said.ID == f.ID {
		f.Name, f.Type, f.Size = chat.FileName(said.Name), chat.FileType(said.Type), max(said.Size, 0)
		if said.URL != "" {
			f.URL = said.URL
		}
	}
	if err != nil {
		return refusedFile(f, err)
	}
	defer content.Close()
	if f.Size > e.maxFile {
		f.Refused = string(chat.TooLarge)
		return f, nil
	}
	blob, err := e.files.Put(ctx, content, e.maxFile)
	switch {
	case errors.Is(err, storage.ErrTooLarge):
		f.Refused = string(chat.TooLarge)
		return f, nil
	case err != nil:
		return f, &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("keep a file: %w", err)}
	}
	f.Digest, f.Size = blob.Digest, blob.Size
	return f, nil
}

// refusedFile tells what will never be had from what may be later: a missing
// permission can be given, a channel be brought back.
func refusedFile(f storage.File, err error) (storage.File, error) {
	se, ok := errors.AsType[*chat.SendError](err)
	switch {
	case !ok || se.Retry:
		return f, err
	case stopsLane(se.Reason):
		return f, &chat.SendError{Reason: se.Reason, Retry: true, Err: se.Err}
	}
	f.Refused = string(se.Reason)
	return f, nil
}

// keepFiles writes into the ledger what became of files, as far as they still hang
// there. Other threads show what is there now, under the names that are known now.
func (t *turn) keepFiles(ctx context.Context, comment string, settled []storage.File) error {
	if len(settled) == 0 {
		return nil
	}
	c, err := t.tx.Comment(ctx, comment)
	if err != nil {
		return err
	}
	c.Files = slices.Clone(c.Files)
	for _, f := range settled {
		n := slices.IndexFunc(c.Files, func(o storage.File) bool { return o.ID == f.ID })
		if n < 0 {
			continue
		}
		c.Files[n] = f
		if f.Digest == "" {
			continue
		}
		if err := t.tx.NoteFile(ctx, f.Digest, c.ID); err != nil {
			return fmt.Errorf("note a file: %w", err)
		}
	}
	if err := t.tx.SaveComment(ctx, c); err != nil {
		return fmt.Errorf("record files: %w", err)
	}
	return t.mirror(ctx, c)
}

// OpenFile implements chat.FileReader.
func (e *Engine) OpenFile(ctx context.Context, digest string) (chat.FileContent, error) {
	if e.files == nil || !storage.IsDigest(digest) {
		return chat.FileContent{}, chat.ErrNoSuch
	}
	var listed *storage.File
	err := e.view(ctx, func(tx storage.Tx) error {
		listed = nil
		comments, err := tx.FileComments(ctx, digest)
		for _, c := range comments {
			for _, f := range c.Files {
				if f.Digest == digest && listed == nil {
					listed = &f
				}
			}
		}
		return err
	})
	if err != nil {
		return chat.FileContent{}, err
	}
	if listed == nil {
		return chat.FileContent{}, chat.ErrNoSuch
	}
	content, err := e.files.Open(ctx, digest)
	if err != nil {
		return chat.FileContent{}, fmt.Errorf("open a file: %w", err)
	}
	return chat.FileContent{Name: listed.Name, Type: listed.Type, Content: content}, nil
}

// files are a message's files as the ledger lists them.
func files(in []chat.File) []storage.File {
	var out []storage.File
	for _, f := range in {
		out = append(out, storage.File{ID: f.ID, Name: chat.FileName(f.Name), Size: max(f.Size, 0), Type: chat.FileType(f.Type), URL: f.URL})
	}
	return out
}

// given are the files that came with a command. Their contents are kept already.
func (t *turn) given() []storage.File {
	b, ok := t.in.Body.(chat.Command)
	if !ok || t.files == nil {
		return nil
	}
	var out []storage.File
	for n, f := range b.Files {
		if storage.IsDigest(f.Digest) {
			out = append(out, storage.File{ID: strconv.Itoa(n) + "-" + f.Digest, Name: chat.FileName(f.Name), Size: max(f.Size, 0), Type: chat.FileType(f.Type), Digest: f.Digest})
		}
	}
	return out
}

// known puts what is known of files in the place of what a message says of them
// again: that may be less, as in a channel shared with another company.
func known(old, said []storage.File) []storage.File {
	out := slices.Clone(said)
	for i, f := range out {
		if n := slices.IndexFunc(old, func(o storage.File) bool { return o.ID == f.ID }); n >= 0 {
			out[i] = old[n]
		}
	}
	return out
}

func sameFiles(a, b []storage.File) bool {
	return slices.EqualFunc(a, b, func(x, y storage.File) bool { return x.ID == y.ID })
}
