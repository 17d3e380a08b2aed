package mailtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/emersion/go-message/mail"
)

// Mail is a letter as it was taken.
type Mail struct {
	// From and To are the envelope's.
	From, To string
	Raw      []byte

	Header           mail.Header
	Subject          string
	MessageID        string
	References       []string
	ReplyTo          string
	Text, HTML       string
	Files            map[string][]byte
	unreadableHeader error
}

// Read reads a letter.
func Read(raw []byte) (Mail, error) {
	m := Mail{Raw: raw, Files: map[string][]byte{}}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return m, fmt.Errorf("read a letter: %w", err)
	}
	m.Header = r.Header
	m.Subject, m.unreadableHeader = r.Header.Subject()
	m.MessageID, _ = r.Header.MessageID()
	m.References, _ = r.Header.MsgIDList("References")
	if list, err := r.Header.AddressList("Reply-To"); err == nil && len(list) == 1 {
		m.ReplyTo = list[0].Address
	}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return m, m.unreadableHeader
		}
		if err != nil {
			return m, fmt.Errorf("read a part: %w", err)
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			return m, fmt.Errorf("read a part: %w", err)
		}
		switch h := part.Header.(type) {
		case *mail.InlineHeader:
			if t, _, _ := h.ContentType(); t == "text/html" {
				m.HTML = string(body)
			} else {
				m.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
			}
		case *mail.AttachmentHeader:
			name, _ := h.Filename()
			m.Files[name] = body
		}
	}
}

// Link is the address that stands behind a word of the letter's plain text, such as
// "Accept: https://…"; empty when there is none.
func (m Mail) Link(label string) string {
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(label) + `: (https?://\S+)$`).FindStringSubmatch(m.Text)
	if found == nil {
		return ""
	}
	return found[1]
}
