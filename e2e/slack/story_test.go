package slack_test

import (
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// story is a desk in the middle of the main job: Acme Heating of Leeds is its
// first firm, with Frank and Fiona.
type story struct {
	*desk
	acme         string
	frank, fiona *slacktest.Person
}

// TestStory tells the main job from the first command to the last card, in all
// variants. The chapters share one desk, as they do in life; each makes the issues
// that it is about.
func TestStory(t *testing.T) {
	t.Parallel()
	chapters := []struct {
		name string
		tell func(*story)
	}{
		{"operations channel", (*story).operationsChannel},
		{"contractor", (*story).contractor},
		{"create", (*story).create},
		{"create by form", (*story).createByForm},
		{"offer", (*story).offer},
		{"ambiguous name", (*story).ambiguous},
		{"accept", (*story).accept},
		{"hand over", (*story).handOver},
		{"decline", (*story).decline},
		{"comments", (*story).talk},
		{"complete", (*story).complete},
		{"read", (*story).read},
		{"mistakes", (*story).mistakes},
	}
	each(t, variants(), func(t *testing.T, v variant) {
		s := &story{desk: open(t, v, options{bare: true})}
		for _, c := range chapters {
			t.Run(c.name, func(t *testing.T) {
				here := *s
				here.desk = s.in(t)
				c.tell(&here)
				s.acme, s.frank, s.fiona = here.acme, here.frank, here.fiona
			})
			if c.name == "contractor" && s.fiona == nil {
				t.Fatal("without a firm the story ends here")
			}
		}
	})
}
