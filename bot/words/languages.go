package words

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// dates are the texts of this package itself.
//
//go:embed languages/*.yaml
var dates embed.FS

// Languages are those in which texts can be made.
type Languages struct {
	// all has the words by the name of the language; matcher finds the nearest, with
	// tags in its order.
	all     map[string]Words
	tags    []language.Tag
	matcher language.Matcher
}

// tongue is a language other than English.
type tongue struct {
	tag       string
	localizer *i18n.Localizer
	// texts are those without a number, by their English: there are many on each card.
	texts map[string]string
}

// Load reads the texts of a package in all languages, from its files
// languages/SUBJECT.LANGUAGE.yaml. It fails when a file of them is not as it has to be.
func Load(texts fs.FS) (*Languages, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("yaml", readTexts)
	ids := map[language.Tag][]string{}
	for _, from := range []fs.FS{dates, texts} {
		if err := loadFrom(bundle, from, ids); err != nil {
			return nil, err
		}
	}
	l := &Languages{all: map[string]Words{language.English.String(): {}}, tags: []language.Tag{language.English}}
	for tag, messages := range ids {
		t := &tongue{tag: tag.String(), localizer: i18n.NewLocalizer(bundle, tag.String()), texts: make(map[string]string, len(messages))}
		for _, id := range messages {
			text, err := t.localizer.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateParser: template.IdentityParser{}})
			if err != nil {
				return nil, fmt.Errorf("read %q in %s: %w", id, tag, err)
			}
			t.texts[id] = text
		}
		l.all[tag.String()] = Words{other: t}
		l.tags = append(l.tags, tag)
	}
	slices.SortFunc(l.tags[1:], func(a, b language.Tag) int { return slices.Compare([]byte(a.String()), []byte(b.String())) })
	l.matcher = language.NewMatcher(l.tags)
	return l, nil
}

// loadFrom reads the files of a package into a bundle, and lists what they have.
func loadFrom(bundle *i18n.Bundle, texts fs.FS, ids map[language.Tag][]string) error {
	files, err := fs.Glob(texts, "languages/*.yaml")
	if err != nil {
		return fmt.Errorf("find the languages: %w", err)
	}
	for _, name := range files {
		f, err := bundle.LoadMessageFileFS(texts, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		for _, m := range f.Messages {
			ids[f.Tag] = append(ids[f.Tag], m.ID)
		}
	}
	return nil
}

// readTexts reads a file into the messages that it has. As a list, and not by their
// English: go-i18n has some words for its own use, and a text may be one of them.
func readTexts(file []byte, into any) error {
	var texts map[string]any
	if err := yaml.Unmarshal(file, &texts); err != nil {
		return fmt.Errorf("read YAML: %w", err)
	}
	list := make([]any, 0, len(texts))
	for english, v := range texts {
		message := map[string]any{"id": english}
		switch v := v.(type) {
		case string:
			message["other"] = v
		case map[string]any:
			maps.Copy(message, v)
		}
		list = append(list, message)
	}
	to, ok := into.(*any)
	if !ok {
		return fmt.Errorf("read YAML into %T", into)
	}
	*to = list
	return nil
}

// namesMost is the longest list of languages that is read, in bytes: browsers send less.
const namesMost = 300

// Find gives the words of the language nearest to a name such as "de", "de-AT" or
// "en_US", and to a list such as a browser sends. It is false where none is near; the
// words are English then.
func (l *Languages) Find(names string) (Words, bool) {
	if w, ok := l.all[names]; ok {
		return w, true
	}
	if len(names) > namesMost {
		return Words{}, false
	}
	wanted, _, err := language.ParseAcceptLanguage(names)
	if err != nil || len(wanted) == 0 {
		return Words{}, false
	}
	_, n, sure := l.matcher.Match(wanted...)
	if sure == language.No {
		return Words{}, false
	}
	return l.all[l.tags[n].String()], true
}

// Tags are the tags of all languages, English first.
func (l *Languages) Tags() []language.Tag { return slices.Clone(l.tags) }

// message is a text without a number.
func (t *tongue) message(english string) (string, bool) {
	if t == nil {
		return "", false
	}
	text, ok := t.texts[english]
	return text, ok
}

// number is the form of a text for a number of things.
func (t *tongue) number(many string, n int) (string, bool) {
	if t == nil {
		return "", false
	}
	text, err := t.localizer.Localize(&i18n.LocalizeConfig{MessageID: many, PluralCount: n, TemplateParser: template.IdentityParser{}})
	return text, err == nil
}
