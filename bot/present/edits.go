package present

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// Edits is what somebody changed in a form about an issue.
type Edits struct {
	// Values are the fields that differ from what the form showed.
	Values map[string]string
	// Clashes are those among them that somebody else changed meanwhile, as they are
	// now.
	Clashes []chat.Field
}

// Edits compares what was sent with what the form showed, which its ticket's Arg
// tells, and with the issue as it is now. It is false for a form of another version.
func (p *Presenter) Edits(arg string, now storage.Issue, sent map[string]string) (Edits, bool) {
	shown := marksIn(arg)
	out := Edits{Values: map[string]string{}}
	for _, f := range p.allDetails(p.Zone, now) {
		value, ok := sent[f.Name]
		if !ok || markOf(value) == shown[f.Name] || value == f.Value {
			continue
		}
		out.Values[f.Name] = value
		if markOf(f.Value) != shown[f.Name] {
			out.Clashes = append(out.Clashes, f)
		}
	}
	return out, len(shown) > 0
}

// marksOf notes what a form shows, short enough for its token: fields and digests of
// their values.
func marksOf(fields []chat.Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Name+"="+markOf(f.Value))
	}
	return strings.Join(out, " ")
}

// marksIn reads what marksOf notes.
func marksIn(text string) map[string]string {
	shown := map[string]string{}
	for m := range strings.FieldsSeq(text) {
		if name, mark, ok := strings.Cut(m, "="); ok {
			shown[name] = mark
		}
	}
	return shown
}

func markOf(value string) string {
	// A client may write line breaks in its own way.
	value = strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}
