package web

import (
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

// rememberedButtons is how many buttons that are gone are remembered. Who presses one
// that is forgotten, or that another replica took away, is told in general words.
const rememberedButtons = 4096

// late remembers what was behind buttons that are not there any more, for who presses
// one in the moment in which it goes: the bot knows who was first and says so.
type late struct {
	was *lru.Cache[string, pressable]
}

// pressable is a button, or a choice with its options.
type pressable struct {
	token   string
	options []chat.Option
}

func newLate() (*late, error) {
	was, err := lru.New[string, pressable](rememberedButtons)
	if err != nil {
		return nil, fmt.Errorf("web: remember buttons: %w", err)
	}
	return &late{was}, nil
}

// remember keeps what a message shows that is about to show something else.
func (l *late) remember(m storage.TalkMessage) {
	for id, p := range pressables(m) {
		l.was.Add(m.ID+"\x00"+id, p)
	}
}

// pressables are the buttons and the choice of a message by id.
func pressables(m storage.TalkMessage) map[string]pressable {
	if !m.DeletedAt.IsZero() {
		return nil
	}
	return pressablesOf(bodyOf(m))
}

func pressablesOf(shown chat.Message) map[string]pressable {
	out := map[string]pressable{}
	for _, b := range shown.Buttons {
		if b.Token != "" {
			out[b.ID] = pressable{token: b.Token}
		}
	}
	if c := shown.Choice; c != nil {
		out[c.ID] = pressable{c.Token, c.Options}
	}
	return out
}

// pressed finds the token of a button, or of a choice with the option that was made.
func (l *late) pressed(m storage.TalkMessage, button, choice string) (token, option string) {
	p, ok := pressables(m)[button]
	if !ok && m.DeletedAt.IsZero() {
		p, ok = l.was.Get(m.ID + "\x00" + button)
	}
	if !ok {
		return "", ""
	}
	return p.taken(choice)
}

// behind finds the token of a button that is there, or of a choice with the option that
// was made.
func behind(shown map[string]pressable, button, choice string) (token, option string) {
	return shown[button].taken(choice)
}

// taken is what stands behind it, with the option where it is a choice.
func (p pressable) taken(choice string) (token, option string) {
	if p.options == nil {
		return p.token, ""
	}
	for _, o := range p.options {
		if o.Value == choice {
			return p.token, o.Value
		}
	}
	return "", ""
}
