package email

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
)

const (
	// defaultMaxFile is the most in bytes that the files of a message have together which is
	// written on a page, where nothing else is said.
	defaultMaxFile = 25 << 20
	// uploadTime is how long they may take to arrive.
	uploadTime = 5 * time.Minute
)

// wrongly is what is wrong with something that was sent, in words for who sent it.
type wrongly struct {
	title, text string
	status      int
}

// Error implements error.
func (w *wrongly) Error() string { return w.title + ": " + w.text }

// most is how many bytes of files a page takes at once, zero for none.
func (a *Adapter) most() int64 {
	switch {
	case a.cfg.Shelf == nil:
		return 0
	case a.cfg.MaxFile > 0:
		return a.cfg.MaxFile
	}
	return defaultMaxFile
}

// takes says what files a page takes, empty when it takes none.
func (a *Adapter) takes(h hand) string {
	if a.most() == 0 {
		return ""
	}
	return h.Say("Up to {{.Count}} files, {{.Size}} together.", words.With{"Count": maxAttachments, "Size": h.Size(a.most())})
}

// readPage reads what a page sent. What does not fit is refused, and never taken for a part
// of it.
func (a *Adapter) readPage(w http.ResponseWriter, r *http.Request, h hand) error {
	most, files := int64(maxForm), strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
	if files {
		most += a.most()
		// Where no deadline can be set there is none. Connections go by the machine's clock.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	var begin beginning
	if files {
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(r.Body, &begin), r.Body}
	}
	err := r.ParseMultipartForm(maxForm) //nolint:gosec // The body is bounded above.
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil
	}
	// Beside files there may be as many words as without.
	length := 0
	for name, values := range r.PostForm {
		for _, v := range values {
			length += len(name) + len(v)
		}
	}
	if err == nil && length <= maxForm {
		return nil
	}
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) && files && a.most() > 0 {
		r.PostForm = begin.values(r)
		return &wrongly{h.Say("Nothing was sent"), h.Say("This is too large. {{.Limits}}", words.With{"Limits": a.takes(h)}), http.StatusRequestEntityTooLarge}
	}
	return &wrongly{h.Say("Too long"), h.Say("What you sent is too long or broken. Go back and shorten it."), http.StatusBadRequest}
}

// beginning keeps the beginning of what a page sent: the words, which come before the files.
type beginning struct{ bytes.Buffer }

// Write implements io.Writer.
func (b *beginning) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), maxForm-b.Len())])
	return len(p), nil
}

// values are what came whole before the first file.
func (b *beginning) values(r *http.Request) url.Values {
	out := url.Values{}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return out
	}
	for parts := multipart.NewReader(&b.Buffer, params["boundary"]); ; {
		part, err := parts.NextPart()
		if err != nil || part.FileName() != "" {
			return out
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return out
		}
		out.Add(part.FormName(), string(text))
	}
}

// written is what somebody says on a page, with the files that they chose, which are kept
// for the bot to fetch.
func (a *Adapter) written(ctx context.Context, r *http.Request, h hand, at place) (chat.Said, error) {
	text := strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n"))
	files, err := a.chosen(ctx, r, h)
	if err != nil {
		return chat.Said{}, err
	}
	if text == "" && len(files) == 0 || len([]rune(text)) > maxWords {
		return chat.Said{}, &wrongly{h.Say("Nothing was sent"), h.Say("Write a message of up to {{.Most}} characters.", words.With{"Most": maxWords}), http.StatusUnprocessableEntity}
	}
	mark := []string{"written", at.address, r.PostFormValue("nonce"), text}
	for _, f := range files {
		mark = append(mark, f.ID)
	}
	return chat.Said{Message: at.thread + "-" + lowerBase32(a.mac(mark...)[:idSize]), Thread: at.thread, Text: text, Files: files}, nil
}

// chosen keeps the files of a page.
func (a *Adapter) chosen(ctx context.Context, r *http.Request, h hand) ([]chat.File, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	// A field that was left empty is sent as a file without a name.
	parts := slices.DeleteFunc(slices.Clone(r.MultipartForm.File["files"]), func(p *multipart.FileHeader) bool { return p.Filename == "" })
	refuse := func(text string) error {
		return &wrongly{h.Say("Nothing was sent"), text, http.StatusRequestEntityTooLarge}
	}
	switch {
	case len(parts) == 0:
		return nil, nil
	case a.most() == 0:
		return nil, refuse(h.Say("No files are taken here. Write to the desk instead."))
	case len(parts) > maxAttachments:
		return nil, refuse(a.takes(h))
	}
	var out []chat.File
	for _, p := range parts {
		if p.Size == 0 {
			return nil, refuse(h.Say("{{.File}} is empty. Choose another file.", words.With{"File": chat.FileName(p.Filename)}))
		}
		content, err := p.Open()
		if err != nil {
			return nil, fmt.Errorf("read an upload: %w", err)
		}
		digest, size, err := a.cfg.Shelf.Put(ctx, content, a.most())
		_ = content.Close()
		if errors.Is(err, ErrTooLarge) {
			return nil, refuse(h.Say("This is too large. {{.Limits}}", words.With{"Limits": a.takes(h)}))
		}
		if err != nil {
			return nil, fmt.Errorf("keep a file: %w", err)
		}
		kept := file{Digest: digest, Name: chat.FileName(p.Filename), Type: chat.FileType(p.Header.Get("Content-Type")), Size: size}
		out = append(out, chat.File{ID: kept.id(), Name: kept.Name, Type: kept.Type, Size: kept.Size})
	}
	return out, nil
}
