package email

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"taskbridge/bot/chat"

	"github.com/gorilla/mux"
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

// filePath leads from a job's page to a file that was too large for a letter.
const filePath = "/file/"

// fileURL leads whoever got a letter to a file that did not hang on it.
func (a *Adapter) fileURL(at place, f file) string {
	id := f.id()
	return a.pageURL(at) + filePath + id + "." + lowerBase32(a.fileMAC(at, id))
}

func (a *Adapter) fileMAC(at place, id string) []byte {
	return a.mac("file", at.address, at.thread, id)[:macSize]
}

// fileOf reads the end of a link to a file; ok is false for what we did not sign.
func (a *Adapter) fileOf(at place, link string) (f file, ok bool) {
	id, sum, _ := strings.Cut(link, ".")
	if !hmac.Equal([]byte(sum), []byte(lowerBase32(a.fileMAC(at, id)))) {
		return file{}, false
	}
	return decodeFile(id)
}

// serveFile gives a file that did not hang on a letter.
func (a *Adapter) serveFile(w http.ResponseWriter, r *http.Request) {
	at, ok := a.entry(w, r)
	if !ok {
		return
	}
	h := a.to(r.Context(), at.address)
	p, status := a.jobPage(r.Context(), h, at)
	f, genuine := a.fileOf(at, mux.Vars(r)["file"])
	if status == http.StatusOK && (!genuine || !p.CanWrite || a.cfg.Shelf == nil) {
		status = http.StatusNotFound
	}
	var content io.ReadSeekCloser
	if status == http.StatusOK {
		var err error
		if content, err = a.cfg.Shelf.Open(r.Context(), f.Digest); errors.Is(err, ErrNotKept) {
			status = http.StatusNotFound
		} else if err != nil {
			a.showFault(w, r, h, at, fmt.Errorf("open a file: %w", err), typed{})
			return
		}
	}
	if status != http.StatusOK {
		if p.Card != nil {
			p.Notice, p.NoticeTone = h.pieces(chat.T(h.Say("This file is no longer here for you. Ask the desk for it."))), "bad"
		}
		a.show(w, status, p)
		return
	}
	defer content.Close()
	// A large file may take longer than any other answer is allowed to.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	head := w.Header()
	// The browser neither runs nor guesses it, whatever it claims to be.
	head.Set("Content-Type", "application/octet-stream")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	head.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	head.Set("Cache-Control", "no-store")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Robots-Tag", "noindex, nofollow")
	http.ServeContent(w, r, "", time.Time{}, content)
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
