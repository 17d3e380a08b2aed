package web

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/words"
	"taskbridge/storage"
)

// TestDrawings: a message that was drawn before looks as it is now, and as it is for who
// looks at it.
func TestDrawings(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &shelf{})
	m := storage.TalkMessage{ID: newID(), Room: newID(), Author: "ann", Text: "The key is with the neighbour.", Change: 1, CreatedAt: time.Unix(1_800_000_000, 0)}
	who := map[string]storage.Talker{"ann": {ID: "ann", Name: "Ann Lee"}}
	drawn := func(person string, m storage.TalkMessage, inThread bool) string {
		t.Helper()
		v := view(&visit{Talker: storage.Talker{ID: person}, base: Prefix}, who, m, nil)
		v.InThread = inThread
		text, err := d.a.drawMessage(words.Words{}, v)
		must(t, err)
		fresh, err := d.a.draw(words.Words{}, "message", v)
		must(t, err)
		if string(text) != fresh {
			t.Errorf("%s is shown\n%s\nand it is\n%s", person, text, fresh)
		}
		return fresh
	}
	looks := []string{drawn("ann", m, false), drawn("ben", m, false), drawn("ben", m, true)}
	was := m
	m.Text, m.Change, m.EditedAt = "The key is in the box.", 2, time.Unix(1_800_000_060, 0)
	looks = append(looks, drawn("ben", m, false))
	who["ann"] = storage.Talker{ID: "ann", Name: "Ann Miller"}
	looks = append(looks, drawn("ben", m, false))
	for i, a := range looks {
		if slices.Index(looks, a) != i {
			t.Errorf("look %d is as an earlier one:\n%s", i, a)
		}
	}
	// Again, from what is remembered.
	who["ann"] = storage.Talker{ID: "ann", Name: "Ann Lee"}
	if again := drawn("ben", was, true); again != looks[2] {
		t.Errorf("drawn again it is\n%s", again)
	}
}

// TestPagesAskWithWhatIsKnown: the pages use no attribute of htmx's that our script does
// not know.
func TestPagesAskWithWhatIsKnown(t *testing.T) {
	t.Parallel()
	script, err := embedded.ReadFile("assets/acts.js")
	must(t, err)
	uses := regexp.MustCompile(`\shx-[a-z-]+`)
	found := 0
	must(t, fs.WalkDir(embedded, "pages", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		page, err := embedded.ReadFile(name)
		for _, a := range uses.FindAllString(string(page), -1) {
			found++
			if a = strings.TrimSpace(a); !strings.Contains(string(script), a) {
				t.Errorf("%s uses %s, which acts.js does not know", path.Base(name), a)
			}
		}
		return err
	}))
	if found == 0 {
		t.Error("the pages ask for nothing")
	}
}
