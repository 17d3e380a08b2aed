package mattermost

import (
	"net/http"
	"strings"
	"testing"
)

// TestCheckAutocomplete says what to do about a command that is not suggested as it
// should be.
func TestCheckAutocomplete(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		list   []map[string]string
		level  Level
		advice string
	}{
		"as it should be": {200, []map[string]string{{"trigger": "away"}, {"trigger": "task", "auto_complete_hint": CommandHint}}, OK, ""},
		"an older hint":   {200, []map[string]string{{"trigger": "task", "auto_complete_hint": "new | list"}}, Warn, CommandHint},
		"not suggested":   {200, []map[string]string{{"trigger": "away"}}, Warn, "switch autocomplete on"},
		"not to be read":  {403, nil, Warn, "again"},
		"an older server": {404, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, b := newFake(t), newBot()
			a := adapterFor(t, f, b)
			f.before(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/commands/autocomplete") {
					return false
				}
				if c.status != http.StatusOK {
					fail(w, c.status, "api.context.permissions.app_error")
					return true
				}
				reply(w, c.list)
				return true
			})
			var out findings
			a.checkAutocomplete(t.Context(), a.server.Load(), &out)
			if c.level == "" {
				if len(out) > 0 {
					t.Errorf("found %+v", out)
				}
				return
			}
			if len(out) != 1 || out[0].Level != c.level || !strings.Contains(out[0].Advice, c.advice) {
				t.Errorf("found %+v", out)
			}
		})
	}
}
