package present

import (
	"embed"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"

	"golang.org/x/text/language/display"
)

// translations are the texts of the languages other than English, in files named
// SUBJECT.LANGUAGE.yaml, by their English.
//
//go:embed languages/*.yaml
var translations embed.FS

// Languages are those in which texts can be made.
type Languages struct {
	all *words.Languages
}

// LoadLanguages reads the texts of all languages. It fails when a file of them is not
// as it has to be.
func LoadLanguages() (*Languages, error) {
	all, err := words.Load(translations)
	return &Languages{all}, err
}

// Find gives the words of the language nearest to a name such as "de", "de-AT" or
// "en_US", and to a list such as a browser sends. It is false where none is near; the
// words are English then.
func (l *Languages) Find(names string) (Words, bool) {
	in, ok := l.all.Find(names)
	return Words{in}, ok
}

// Options are the languages to choose from, each called as its own people do.
func (l *Languages) Options() []chat.Option {
	tags := l.all.Tags()
	out := make([]chat.Option, 0, len(tags))
	for _, tag := range tags {
		out = append(out, chat.Option{Value: tag.String(), Label: display.Self.Name(tag)})
	}
	return out
}
