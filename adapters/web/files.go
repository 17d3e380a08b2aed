package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

// Fetch opens the content of a file.
func (a *Adapter) Fetch(ctx context.Context, f chat.File) (io.ReadCloser, chat.File, error) {
	kept, err := a.cfg.Talk.TalkFile(ctx, a.cfg.Desk, f.ID)
	if err != nil {
		return nil, chat.File{}, a.failed(err, chat.NotFound)
	}
	known := a.file(kept)
	if a.cfg.Blobs == nil {
		return nil, known, &chat.SendError{Reason: chat.FileElsewhere}
	}
	content, err := a.cfg.Blobs.Open(ctx, kept.Digest)
	if err != nil {
		return nil, known, a.failed(err, chat.NotFound)
	}
	return content, known, nil
}

func (a *Adapter) file(f storage.TalkFile) chat.File {
	return chat.File{ID: f.ID, Name: f.Name, Size: f.Size, Type: f.Type, URL: a.address("/f/" + f.ID)}
}

// Upload keeps content that a Post will show.
func (a *Adapter) Upload(ctx context.Context, u chat.Upload) (string, error) {
	switch {
	case a.cfg.Blobs == nil:
		return "", &chat.SendError{Reason: chat.Unsupported}
	case u.Size > a.cfg.MaxFile:
		return "", &chat.SendError{Reason: chat.TooLarge}
	case u.Size == 0:
		return "", &chat.SendError{Reason: chat.FileBlocked, Err: errors.New("the file is empty")}
	}
	f, err := a.keep(ctx, u.Channel, u.Name, u.Type, u.Content)
	if err != nil {
		return "", err
	}
	return f.ID, nil
}

// keep reads content to its end and keeps it as a file that nothing shows yet.
func (a *Adapter) keep(ctx context.Context, channel, name, mediaType string, content io.Reader) (storage.TalkFile, error) {
	blob, err := a.cfg.Blobs.Put(ctx, content, a.cfg.MaxFile)
	if errors.Is(err, storage.ErrTooLarge) {
		return storage.TalkFile{}, &chat.SendError{Reason: chat.TooLarge}
	}
	if err != nil {
		return storage.TalkFile{}, &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("keep a file: %w", err)}
	}
	f := storage.TalkFile{
		ID: newID(), Room: channel, Name: chat.FileName(name), Type: chat.FileType(mediaType),
		Size: blob.Size, Digest: blob.Digest, CreatedAt: a.now(),
	}
	if err := a.cfg.Talk.PutTalkFile(ctx, a.cfg.Desk, f); err != nil {
		return f, a.failed(err, chat.NotFound)
	}
	return f, nil
}

// Discard forgets what was uploaded. The content stays where another file has it too.
func (a *Adapter) Discard(ctx context.Context, fileIDs []string) error {
	return a.failed(a.cfg.Talk.DropTalkFiles(ctx, a.cfg.Desk, fileIDs), chat.NotFound)
}

// attach keeps the files of a request, all or none.
func (a *Adapter) attach(ctx context.Context, channel string, parts []*multipart.FileHeader) (kept []storage.TalkFile, err error) {
	defer func() {
		if err != nil {
			a.drop(ctx, kept)
		}
	}()
	if err := a.takeable(parts); err != nil {
		return nil, err
	}
	for _, p := range parts {
		content, err := p.Open()
		if err != nil {
			return kept, fmt.Errorf("read an upload: %w", err)
		}
		f, err := a.keep(ctx, channel, p.Filename, p.Header.Get("Content-Type"), content)
		_ = content.Close()
		if err != nil {
			return kept, err
		}
		kept = append(kept, f)
	}
	return kept, nil
}

// takeable refuses files that are not taken, before any of them is kept.
func (a *Adapter) takeable(parts []*multipart.FileHeader) error {
	if len(parts) > filesPerPost {
		return refuse(http.StatusRequestEntityTooLarge, "Send at most {{.Count}} files at once.", words.With{"Count": filesPerPost})
	}
	for _, p := range parts {
		switch {
		case a.cfg.Blobs == nil:
			return refuse(http.StatusRequestEntityTooLarge, "This workspace takes no files.")
		case p.Size > a.cfg.MaxFile:
			return refuse(http.StatusRequestEntityTooLarge, "{{.File}} is too large: a file has at most {{.Size}}.", words.With{"File": chat.FileName(p.Filename), "Size": fileSize(a.cfg.MaxFile)})
		case p.Size == 0:
			return refuse(http.StatusBadRequest, "{{.File}} is empty. Choose another file.", words.With{"File": chat.FileName(p.Filename)})
		}
	}
	return nil
}

// keepGiven keeps the files that somebody of another platform gives with what they write.
// They are shown where they write, and nowhere here.
func (a *Adapter) keepGiven(ctx context.Context, parts []*multipart.FileHeader) ([]chat.KeptFile, error) {
	if err := a.takeable(parts); err != nil {
		return nil, err
	}
	var out []chat.KeptFile
	for _, p := range parts {
		content, err := p.Open()
		if err != nil {
			return nil, fmt.Errorf("read an upload: %w", err)
		}
		blob, err := a.cfg.Blobs.Put(ctx, content, a.cfg.MaxFile)
		_ = content.Close()
		if err != nil {
			return nil, fmt.Errorf("keep a file: %w", err)
		}
		out = append(out, chat.KeptFile{Name: chat.FileName(p.Filename), Type: chat.FileType(p.Header.Get("Content-Type")), Digest: blob.Digest, Size: blob.Size})
	}
	return out, nil
}

func (a *Adapter) drop(ctx context.Context, files []storage.TalkFile) {
	ids := make([]string, 0, len(files))
	for _, f := range files {
		ids = append(ids, f.ID)
	}
	if len(ids) == 0 {
		return
	}
	if err := a.cfg.Talk.DropTalkFiles(context.WithoutCancel(ctx), a.cfg.Desk, ids); err != nil {
		a.log.WarnContext(ctx, "web: files were not dropped", "err", err)
	}
}

const (
	// hiddenFor is how long an upload is kept that nothing shows: one whose message was
	// never sent, because somebody or something stopped in between. What the bot wants
	// to show after longer is uploaded again.
	hiddenFor = 3 * 24 * time.Hour
	tidyEvery = time.Hour
)

// tidy forgets uploads that nothing shows, and sessions that have expired.
func (a *Adapter) tidy(ctx context.Context, now time.Time) {
	n, err := a.cfg.Talk.DropHiddenFiles(ctx, a.cfg.Desk, now.Add(-hiddenFor))
	if err == nil {
		err = a.cfg.Talk.EndTalkSessions(ctx, a.cfg.Desk, "", "", now)
	}
	if err != nil {
		a.log.WarnContext(ctx, "web: nothing was tidied up", "err", err)
		return
	}
	if n > 0 {
		a.log.InfoContext(ctx, "web: uploads that were never shown are forgotten", "files", n)
	}
}

// shown opens the file that an address names, for somebody who may read what shows it.
func (a *Adapter) shown(r *http.Request, v *visit) (storage.TalkFile, io.ReadSeekCloser, error) {
	f, err := a.cfg.Talk.TalkFile(r.Context(), a.cfg.Desk, mux.Vars(r)["file"])
	if err != nil {
		return f, nil, err
	}
	if f.Message == "" || a.cfg.Blobs == nil {
		return f, nil, storage.ErrNotFound
	}
	if _, err := a.readable(r.Context(), v, f.Message); err != nil {
		return f, nil, err
	}
	content, err := a.cfg.Blobs.Open(r.Context(), f.Digest)
	return f, content, err
}

// serveFile hands a file out as a download, whatever it claims to be: the browser
// neither runs nor guesses it.
func (a *Adapter) serveFile(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, content, err := a.shown(r, v)
	if err != nil {
		return err
	}
	defer content.Close()
	download(w, f.Name, f.Digest)
	http.ServeContent(w, r, "", f.CreatedAt, content)
	return nil
}
