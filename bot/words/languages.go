package words

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

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
	tag string
	// texts are read when the first of them is wanted: most desks speak one language, and
	// reading another takes as long as half a start.
	texts func() *texts
}

// texts are what is said in a language.
type texts struct {
	localizer *i18n.Localizer
	// plain are those without a number, by their English: there are many on each card.
	plain map[string]string
	err   error
}

// source is a file of texts.
type source struct {
	from fs.FS
	name string
}

// Load finds the texts of a package in all languages, in its files
// languages/SUBJECT.LANGUAGE.yaml. It fails when a file of them has another name. What is
// in them is read when it is wanted; see Check.
func Load(own fs.FS) (*Languages, error) {
	sources := map[language.Tag][]source{}
	for _, from := range []fs.FS{dates, own} {
		files, err := fs.Glob(from, "languages/*.yaml")
		if err != nil {
			return nil, fmt.Errorf("find the languages: %w", err)
		}
		for _, name := range files {
			parts := strings.Split(path.Base(name), ".")
			if len(parts) != 3 {
				return nil, fmt.Errorf("%s is not named languages/SUBJECT.LANGUAGE.yaml", name)
			}
			tag, err := language.Parse(parts[1])
			if err != nil {
				return nil, fmt.Errorf("find the language of %s: %w", name, err)
			}
			sources[tag] = append(sources[tag], source{from, name})
		}
	}
	l := &Languages{all: map[string]Words{language.English.String(): {}}, tags: []language.Tag{language.English}}
	for tag, files := range sources {
		t := &tongue{tag: tag.String(), texts: sync.OnceValue(func() *texts { return readAll(tag, files) })}
		l.all[tag.String()] = Words{other: t}
		l.tags = append(l.tags, tag)
	}
	slices.SortFunc(l.tags[1:], func(a, b language.Tag) int { return slices.Compare([]byte(a.String()), []byte(b.String())) })
	l.matcher = language.NewMatcher(l.tags)
	return l, nil
}

// Check reads all texts. It fails when a file of them is not as it has to be, of whose
// language nothing is said then: it is for tests.
func (l *Languages) Check() error {
	var errs []error
	for _, w := range l.all {
		if w.other != nil {
			errs = append(errs, w.other.texts().err)
		}
	}
	return errors.Join(errs...)
}

// readAll reads the texts of a language.
func readAll(tag language.Tag, files []source) *texts {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("yaml", readTexts)
	t := &texts{localizer: i18n.NewLocalizer(bundle, tag.String()), plain: map[string]string{}}
	for _, f := range files {
		read, err := bundle.LoadMessageFileFS(f.from, f.name)
		if err != nil {
			t.err = fmt.Errorf("read %s: %w", f.name, err)
			return t
		}
		for _, m := range read.Messages {
			if m.Other == "" {
				t.err = fmt.Errorf("read %s: %q says nothing", f.name, m.ID)
			}
			t.plain[m.ID] = m.Other
		}
	}
	return t
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
	text, ok := t.texts().plain[english]
	return text, ok
}

// number is the form of a text for a number of things.
func (t *tongue) number(many string, n int) (string, bool) {
	if t == nil {
		return "", false
	}
	text, err := t.texts().localizer.Localize(&i18n.LocalizeConfig{MessageID: many, PluralCount: n, TemplateParser: template.IdentityParser{}})
	return text, err == nil
}
