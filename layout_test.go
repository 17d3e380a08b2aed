// Package taskbridge_test holds what is true of the repository as a whole.
package taskbridge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "taskbridge"

// listed is what `go list` tells of a package.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
	Imports         []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, faults.String())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
	if len(all) < 8 {
		t.Fatalf("only %d packages are listed", len(all))
	}
	return all
}

// rule says what the packages under a path may import. The rule with the longest
// path counts. A trailing /... in own or foreign stands for everything beneath.
type rule struct {
	path string
	// own are packages of this module, foreign are other modules' import paths
	// (nothing of the standard library needs a rule).
	own, foreign []string
}

// The dependency rule: one direction, from the outside in. Nothing imports the
// engine but the command, and nothing inside knows a platform or a driver.
func rules() []rule {
	const everything = "..."
	vocabulary := []string{"bot/chat"}
	withMarkup := []string{"bot/chat", "bot/pace", "adapters/markup"}
	return []rule{
		{path: "workflow"},
		{path: "bot/chat"},
		{path: "bot", own: []string{"workflow", "bot/...", "storage"}, foreign: []string{
			"github.com/google/uuid", "github.com/hashicorp/golang-lru/v2", "golang.org/x/...", "github.com/gosimple/...",
		}},
		{path: "bot/present", own: []string{"workflow", "bot/...", "storage"}, foreign: []string{
			"golang.org/x/...",
		}},
		{path: "bot/words", own: []string{"bot/chat"}, foreign: []string{
			"golang.org/x/...", "github.com/nicksnyder/go-i18n/v2/...", "github.com/goccy/go-yaml/...",
		}},
		{path: "bot/words/wordstest", own: []string{"bot/words"}, foreign: []string{"github.com/goccy/go-yaml/..."}},
		{path: "bot/settings", own: []string{"workflow", "bot/when"}},
		{path: "bot/when", own: []string{"workflow"}},
		{path: "bot/templates", own: []string{"workflow", "bot/when"}, foreign: []string{"github.com/goccy/go-yaml/..."}},
		{path: "bot/pace", own: []string{"bot/chat"}},
		{path: "bot/picture", own: []string{"storage"}, foreign: []string{"github.com/go-analyze/charts"}},
		{path: "storage", own: []string{"workflow"}},
		{path: "storage/storagetest", own: []string{"workflow", "storage"}, foreign: []string{"github.com/google/go-cmp/...", "pgregory.net/rapid"}},
		{path: "storage/storagetest/loopback"},
		{path: "storage/storagetest/pgtest", own: []string{"storage/storagetest/loopback"}, foreign: []string{"github.com/jackc/pgx/v5/...", "github.com/Shopify/toxiproxy/v2/...", "github.com/rs/zerolog/..."}},
		{path: "storage/storagetest/redistest", own: []string{"storage/storagetest/loopback"}},
		{path: "storage/storagetest/migrated", own: []string{"storage/sql"}},
		{path: "storage/sql", own: []string{"workflow", "storage"}, foreign: []string{
			"github.com/jackc/pgx/v5/...", "modernc.org/sqlite/...", "zombiezen.com/go/sqlite/...", "github.com/pressly/goose/v3/...", "golang.org/x/...",
		}},
		{path: "storage/redis", own: []string{"storage"}, foreign: []string{"github.com/redis/..."}},
		{path: "storage/files", own: []string{"storage"}, foreign: []string{"github.com/minio/minio-go/v7/..."}},
		{path: "adapters/slack", own: withMarkup, foreign: []string{
			"github.com/slack-go/slack/...", "github.com/goccy/go-json", "github.com/gorilla/...", "golang.org/x/...",
		}},
		{path: "adapters/mattermost", own: withMarkup, foreign: []string{
			"github.com/gorilla/...", "golang.org/x/...", "github.com/hashicorp/golang-lru/v2/...", "github.com/cenkalti/backoff/v5",
		}},
		{path: "adapters/markup", own: vocabulary},
		{path: "adapters/rest", own: vocabulary, foreign: []string{"github.com/danielgtaylor/huma/v2/...", "github.com/gorilla/mux"}},
		// The workspace in the browser is a platform itself and keeps what it is through
		// the contract of storage (ADR 21).
		{path: "adapters/web", own: append([]string{"storage", "bot/words", "adapters/visitor", "adapters/web/preview"}, vocabulary...), foreign: []string{
			"github.com/gorilla/mux", "github.com/hashicorp/golang-lru/v2", "golang.org/x/...",
		}},
		{path: "adapters/web/preview", foreign: []string{"golang.org/x/image/..."}},
		{path: "adapters/visitor", foreign: []string{"github.com/hashicorp/golang-lru/v2", "golang.org/x/..."}},
		{path: "adapters/plainpage", own: []string{"bot/words"}},
		{path: "adapters/ical", own: []string{"bot/chat"}, foreign: []string{"github.com/arran4/golang-ical"}},
		{path: "adapters/email", own: append([]string{"adapters/plainpage", "adapters/ical", "adapters/email/reply", "bot/words"}, vocabulary...), foreign: []string{
			"github.com/wneessen/go-mail", "github.com/emersion/go-smtp", "github.com/emersion/go-msgauth/...", "blitiri.com.ar/go/spf", "github.com/gorilla/mux", "github.com/hashicorp/golang-lru/v2", "golang.org/x/...",
		}},
		{path: "adapters/status", own: append([]string{"adapters/plainpage", "adapters/visitor", "adapters/ical", "bot/words"}, vocabulary...), foreign: []string{"github.com/gorilla/mux"}},
		{path: "adapters/email/reply", foreign: []string{"github.com/emersion/go-message/...", "golang.org/x/..."}},
		{path: "adapters/email/mailtest", foreign: []string{"github.com/emersion/..."}},
		{path: "adapters/webhook", own: vocabulary, foreign: []string{"github.com/standard-webhooks/standard-webhooks/libraries/go", "code.dny.dev/ssrf"}},
		{path: "adapters/adaptertest", own: vocabulary},
		{path: "adapters/slack/slacktest", foreign: []string{"github.com/gorilla/..."}},
		{path: "manifests"},
		{path: "cmd/taskbridge", own: []string{everything}, foreign: []string{everything}},
		// Programs of their own that measure or demonstrate.
		{path: "bench", own: []string{everything}, foreign: []string{everything}},
		{path: "e2e", own: []string{everything}, foreign: []string{everything}},
	}
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	used := map[[2]string]bool{}
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		r, ok := ruleFor(path)
		if !ok {
			t.Errorf("%s: no rule says what it may import; add one", path)
			continue
		}
		for _, imported := range p.Imports {
			own, isOwn := strings.CutPrefix(imported, module+"/")
			switch {
			case isOwn:
				if pattern, ok := allowed(own, r.own); ok {
					used[[2]string{r.path, pattern}] = true
				} else {
					t.Errorf("%s must not import %s", path, own)
				}
			case strings.Contains(strings.Split(imported, "/")[0], "."):
				if pattern, ok := allowed(imported, r.foreign); ok {
					used[[2]string{r.path, pattern}] = true
				} else {
					t.Errorf("%s must not import %s", path, imported)
				}
			}
		}
	}
	for _, r := range rules() {
		for _, pattern := range slices.Concat(r.own, r.foreign) {
			if !used[[2]string{r.path, pattern}] {
				t.Errorf("%s may import %s and does not; take it out of the table", r.path, pattern)
			}
		}
	}
}

func ruleFor(path string) (rule, bool) {
	var best rule
	found := false
	for _, r := range rules() {
		if under(path, r.path) && len(r.path) >= len(best.path) {
			best, found = r, true
		}
	}
	return best, found
}

func under(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }

// allowed finds the pattern that lets a path in.
func allowed(path string, patterns []string) (pattern string, ok bool) {
	at := slices.IndexFunc(patterns, func(pattern string) bool {
		if pattern == "..." {
			return true
		}
		if parent, ok := strings.CutSuffix(pattern, "/..."); ok {
			return under(path, parent)
		}
		return path == pattern
	})
	if at < 0 {
		return "", false
	}
	return patterns[at], true
}

// TestEveryPackageSaysWhatItIsFor: doc.go tells what a package owns and what it
// must not know.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		text, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if err != nil {
			t.Errorf("%s has no doc.go", p.ImportPath)
			continue
		}
		if !bytes.HasPrefix(text, []byte("// ")) {
			t.Errorf("%s: doc.go does not begin with the package's comment", p.ImportPath)
		}
	}
}

// TestNoInitAndNoHiddenRegistration: what a package does it does when it is called.
func TestNoInitAndNoHiddenRegistration(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(text, []byte("\nfunc init()")) {
				t.Errorf("%s/%s has an init function", p.ImportPath, name)
			}
		}
	}
}

// TestEveryDependencyIsAccountedFor: docs/dependencies.md has a line for each
// module that the product imports.
func TestEveryDependencyIsAccountedFor(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if name := strings.TrimSpace(cells[min(1, len(cells)-1)]); strings.Contains(name, "/") {
			modules = append(modules, name)
		}
	}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			name := strings.TrimPrefix(imported, "github.com/")
			if strings.Contains(first, ".") && !slices.ContainsFunc(modules, func(m string) bool { return under(name, m) }) {
				t.Errorf("%s imports %s, which docs/dependencies.md does not explain", p.ImportPath, imported)
			}
		}
	}
}
