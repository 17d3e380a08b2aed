package web

import (
	"fmt"
	"html/template"

	lru "github.com/hashicorp/golang-lru/v2"

	"taskbridge/bot/words"
)

// rememberedDrawings is of how many messages it is remembered how they look. They are a
// few thousand bytes each.
const rememberedDrawings = 600

// drawing is what the look of a message depends on: a message that has not changed looks
// the same to everybody of one language and address who did not write it and has read as
// much of its thread, below the same heading. Who may see it was found out before.
type drawing struct {
	id, base, language, name, day string
	change                        int64
	fresh                         int
	mine, inThread, root, far     bool
}

func newDrawings() (*lru.Cache[drawing, template.HTML], error) {
	c, err := lru.New[drawing, template.HTML](rememberedDrawings)
	if err != nil {
		return nil, fmt.Errorf("web: remember drawings: %w", err)
	}
	return c, nil
}

// drawMessage draws a message as it stands in a channel or in its thread.
func (a *Adapter) drawMessage(in words.Words, m messageView) (template.HTML, error) {
	key := drawing{m.ID, m.Base, in.Language(), m.Name, m.Day, m.change, m.New, m.Mine, m.InThread, m.Root, m.Far}
	if known, ok := a.drawings.Get(key); ok {
		return known, nil
	}
	text, err := a.draw(in, "message", m)
	if err != nil {
		return "", err
	}
	html := template.HTML(text) //nolint:gosec // A template of ours escaped it.
	a.drawings.Add(key, html)
	return html, nil
}
