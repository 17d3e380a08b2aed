package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/knadh/koanf/parsers/yaml"

	"taskbridge/bot"
	"taskbridge/bot/chat"
	redisstore "taskbridge/storage/redis"
)

// TestFiguresAreTheDocuments: what the documents, the dashboard and the alerts name is
// measured, and what is measured is documented.
func TestFiguresAreTheDocuments(t *testing.T) {
	t.Parallel()
	registry, m := newRegistry(fakeStore{}, quiet())
	// Nobody has to answer for the figure to be there.
	coordinator, err := redisstore.Open("redis://127.0.0.1:1", quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = coordinator.Close() })
	registry.MustRegister(sharing{coordinator: coordinator})
	ctx := t.Context()
	m.Handled(ctx, bot.Handled{Kind: "click", Outcome: "refused", Refusal: "stale"})
	m.Delivered(ctx, bot.Delivered{Workspace: "slack:T1", Kind: "card", Outcome: "ok"})
	m.Merged(bot.MergeCreated)
	m.Found("slack:T1", bot.FoundEdit)
	m.Called(ctx, chat.Call{Platform: "slack", Method: "chat.update"})
	m.Held(ctx, chat.Hold{Platform: "slack", Method: "chat.update", Scope: chat.HeldByChannel, Wait: time.Second})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string]bool{}
	for _, f := range families {
		measured[f.GetName()] = true
	}
	named := map[string]bool{}
	name := regexp.MustCompile(`\b(?:taskbridge|process)_[a-z_]+[a-z]`)
	for _, file := range []string{"docs/operations.md", "manifests/prometheus_rules.yaml", "manifests/grafana_dashboard.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range name.FindAllString(string(text), -1) {
			plain := strings.TrimSuffix(strings.TrimSuffix(n, "_bucket"), "_count")
			if measured[plain] {
				named[plain] = named[plain] || strings.HasSuffix(file, ".md")
			} else {
				t.Errorf("%s names %s, which is not measured", file, n)
			}
		}
	}
	for n := range measured {
		if strings.HasPrefix(n, "taskbridge_") && !named[n] {
			t.Errorf("%s is not in docs/operations.md", n)
		}
	}
}

func TestRulesAndDashboardCanBeRead(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../manifests/prometheus_rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := yaml.Parser().Unmarshal(text)
	if err != nil || len(rules) != 1 || strings.Count(string(text), "- alert: ") != strings.Count(string(text), "expr: ") {
		t.Errorf("the rules are %v: %v", rules, err)
	}
	if text, err = os.ReadFile("../../manifests/grafana_dashboard.json"); err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil || len(board.Panels) < 10 {
		t.Fatalf("%d panels: %v", len(board.Panels), err)
	}
	for _, p := range board.Panels {
		if p.Title == "" || len(p.Targets) == 0 || p.Targets[0].Expr == "" {
			t.Errorf("panel %d shows nothing", p.ID)
		}
	}
}
