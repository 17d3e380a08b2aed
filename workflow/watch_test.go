package workflow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "taskbridge/workflow"
)

func TestWatcherHears(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{EventAccepted, EventDeclined, EventSubmitted, EventClosed, EventVisitAnswered, EventApprovalAsked, EventWentOn, EventDemanded} {
		if !WatcherHears(kind) {
			t.Errorf("nobody hears of %s", kind)
		}
	}
	for _, kind := range []string{EventNoted, EventCommented, EventDrafted, EventDiscarded, EventReminderSet, EventReminded, EventRated, "comment_added", ""} {
		if WatcherHears(kind) {
			t.Errorf("watchers hear of %q", kind)
		}
	}
}

// TestEventKindsAreAllListed holds the list and the names in the sources together, so that a
// new kind cannot be forgotten by those who tell of events.
func TestEventKindsAreAllListed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "Event") {
				if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
					named[strings.Trim(value.Value, `"`)] = spec.Names[0].Name
				}
			}
			return true
		})
	}
	kinds := EventKinds()
	if len(named) < 50 {
		t.Fatalf("only %d kinds were found", len(named))
	}
	for kind, name := range named {
		if !slices.Contains(kinds, kind) {
			t.Errorf("nobody has said whether watchers hear of %s", name)
		}
	}
	for _, kind := range kinds {
		if named[kind] == "" {
			t.Errorf("there is no kind %q", kind)
		}
	}
}

func TestOnlyTheDeskWatches(t *testing.T) {
	t.Parallel()
	for _, role := range Roles() {
		err := Allowed(Actor{Role: role, ID: "x", Contractor: "c1"}, Watch)
		if want := role == Operator || role == Manager; (err == nil) != want {
			t.Errorf("%s: %v", role, err)
		}
	}
	if err := Allowed(Actor{Role: Operator, ID: "x", Revoked: RightsOf(RightView)}, Watch); err == nil {
		t.Error("somebody watches who may not look")
	}
}
