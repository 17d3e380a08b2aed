package email

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"taskbridge/bot/chat"

	gomail "github.com/wneessen/go-mail"
)

// maxAttached is the most that the files of one letter have together, in bytes.
const maxAttached = 14 << 20

// file is an uploaded file. Its id holds all of it but the content, for there is no
// server to ask.
type file struct {
	Digest string `json:"d"`
	Name   string `json:"n"`
	Type   string `json:"t"`
	Size   int64  `json:"s"`
}

func (f file) id() string {
	// A struct of strings and a number always marshals.
	b, _ := json.Marshal(f)
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeFile(id string) (f file, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(id)
	return f, err == nil && json.Unmarshal(b, &f) == nil && f.Digest != ""
}

// Upload keeps content until a letter has it attached.
func (a *Adapter) Upload(ctx context.Context, u chat.Upload) (string, error) {
	switch {
	case a.cfg.Shelf == nil:
		return "", &chat.SendError{Reason: chat.FileBlocked, Err: errors.New("no files are kept")}
	case u.Size > fileBytes:
		return "", &chat.SendError{Reason: chat.TooLarge, Err: errors.New("larger than letters take")}
	}
	digest, size, err := a.cfg.Shelf.Put(ctx, u.Content, fileBytes)
	if errors.Is(err, ErrTooLarge) {
		return "", &chat.SendError{Reason: chat.TooLarge, Err: err}
	}
	if err != nil {
		return "", &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("keep a file: %w", err)}
	}
	return file{Digest: digest, Name: chat.FileName(u.Name), Type: chat.FileType(u.Type), Size: size}.id(), nil
}

// Discard does nothing: the same content may be listed elsewhere.
func (a *Adapter) Discard(context.Context, []string) error { return nil }

// Fetch opens what was attached to a letter that came in.
func (a *Adapter) Fetch(ctx context.Context, f chat.File) (io.ReadCloser, chat.File, error) {
	kept, ok := decodeFile(f.ID)
	if !ok || a.cfg.Shelf == nil {
		return nil, f, &chat.SendError{Reason: chat.NotFound}
	}
	content, err := a.cfg.Shelf.Open(ctx, kept.Digest)
	switch {
	case errors.Is(err, ErrNotKept):
		return nil, f, &chat.SendError{Reason: chat.NotFound, Err: err}
	case err != nil:
		return nil, f, &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("open a file: %w", err)}
	}
	return content, f, nil
}

// attach hangs a file on a letter.
func (a *Adapter) attach(ctx context.Context, m *gomail.Msg, f file) error {
	content, err := a.cfg.Shelf.Open(ctx, f.Digest)
	if err != nil {
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("open a file: %w", err)}
	}
	defer content.Close()
	err = m.AttachReader(f.Name, content, gomail.WithFileContentType(gomail.ContentType(f.Type)))
	if err != nil {
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: fmt.Errorf("attach a file: %w", err)}
	}
	return nil
}
