package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"

	lru "github.com/hashicorp/golang-lru/v2"

	"taskbridge/bot/words"
)

//go:embed languages
var languages embed.FS

// words are those in which somebody reads: of the language nearest to what the browser
// asks for, else of their firm's or the desk's. v is nil for nobody in particular.
func (a *Adapter) words(r *http.Request, v *visit) words.Words {
	in, ok := a.spoken.Find(r.Header.Get("Accept-Language"))
	switch {
	case ok || a.cfg.Linguist == nil:
	case v == nil:
		in, _ = a.spoken.Find(a.cfg.Linguist.LanguageAt(r.Context(), "", ""))
	default:
		reader := a.viewer(v)
		// What the browser reads is not known to be theirs.
		reader.From.Locale = ""
		in, _ = a.spoken.Find(a.cfg.Linguist.LanguageOf(r.Context(), reader))
	}
	return in
}

// rememberedReaders is of how many people it is remembered in which language they read,
// for what they are told later. Who was forgotten is told it in the desk's.
const rememberedReaders = 4096

// speak reads the texts and the pages in every language.
func (a *Adapter) speak() error {
	var err error
	if a.spoken, err = words.Load(languages); err != nil {
		return fmt.Errorf("web: read the texts: %w", err)
	}
	if a.reads, err = lru.New[string, string](rememberedReaders); err != nil {
		return fmt.Errorf("web: remember who reads what: %w", err)
	}
	a.pages = map[string]*template.Template{}
	for _, tag := range a.spoken.Tags() {
		in, _ := a.spoken.Find(tag.String())
		if a.pages[in.Language()], err = a.parse(in); err != nil {
			return err
		}
	}
	return nil
}

var scriptText = regexp.MustCompile(`\bsay\("((?:[^"\\]|\\.)*)"`)

// scriptWords are the texts that the scripts say, by their English, for a page to bring
// along.
func (a *Adapter) scriptWords(in words.Words) (string, error) {
	out := map[string]string{}
	for _, f := range a.assets {
		for _, found := range scriptText.FindAllSubmatch(f.content, -1) {
			english := string(found[1])
			if there := in.Term(english); there != english {
				out[english] = there
			}
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("web: write the texts of the scripts: %w", err)
	}
	return string(text), nil
}
