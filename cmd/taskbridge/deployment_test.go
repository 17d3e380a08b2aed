package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// manifest reads a file by which the service is run.
func manifest(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// documents are those of a YAML file, strictly read.
func documents(t *testing.T, name string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for d := yaml.NewDecoder(bytes.NewReader(manifest(t, name)), yaml.Strict()); ; {
		var one map[string]any
		err := d.Decode(&one)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, one)
	}
}

// dig goes down a document by keys and places.
func dig(t *testing.T, in any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch at := in.(type) {
		case map[string]any:
			in = at[step.(string)]
		case []any:
			in = at[step.(int)]
		default:
			t.Fatalf("there is no %v", path)
		}
	}
	return in
}

// TestDeploymentsAreConfigured: what the files set are settings with values that are taken,
// and what they say in words names settings alone.
func TestDeploymentsAreConfigured(t *testing.T) {
	t.Parallel()
	compose, kubernetes := documents(t, "manifests/compose.yaml")[0], documents(t, "manifests/kubernetes.yaml")[0]
	environ := map[string][]string{"Dockerfile": nil, "manifests/taskbridge.service": nil, "manifests/compose.yaml": nil, "manifests/kubernetes.yaml": nil}
	setting := regexp.MustCompile(`TASKBRIDGE_[A-Z_]+=\S+`)
	for _, name := range []string{"Dockerfile", "manifests/taskbridge.service"} {
		environ[name] = setting.FindAllString(string(manifest(t, name)), -1)
	}
	for key, value := range dig(t, compose, "services", "taskbridge", "environment").(map[string]any) {
		environ["manifests/compose.yaml"] = append(environ["manifests/compose.yaml"], key+"="+strings.ReplaceAll(value.(string), "${POSTGRES_PASSWORD:?}", "secret"))
	}
	for _, one := range dig(t, kubernetes, "spec", "template", "spec", "containers", 0, "env").([]any) {
		environ["manifests/kubernetes.yaml"] = append(environ["manifests/kubernetes.yaml"], dig(t, one, "name").(string)+"="+dig(t, one, "value").(string))
	}
	named := regexp.MustCompile(`TASKBRIDGE_[A-Z_]+`)
	for name, set := range environ {
		if len(set) == 0 {
			t.Errorf("%s sets nothing", name)
		}
		own := []string{"TASKBRIDGE_SECRET_KEY=" + strings.Repeat("5a", 32), "TASKBRIDGE_PUBLIC_URL=https://tasks.example.com"}
		if _, err := loadConfig(writeConfig(t, ""), append(own, set...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, word := range named.FindAllString(string(manifest(t, name)), -1) {
			if !slices.ContainsFunc(knownKeys(), func(key string) bool { return variable(key) == word }) {
				t.Errorf("%s names %s, which is no setting", name, word)
			}
		}
	}
}

// TestDeploymentsLeaveTimeToStop: nobody is killed in the middle of a clean stop.
func TestDeploymentsLeaveTimeToStop(t *testing.T) {
	t.Parallel()
	compose, kubernetes := documents(t, "manifests/compose.yaml")[0], documents(t, "manifests/kubernetes.yaml")[0]
	grace, err := time.ParseDuration(dig(t, compose, "services", "taskbridge", "stop_grace_period").(string))
	if err != nil || grace <= stopTimeout {
		t.Errorf("Compose allows %v: %v", grace, err)
	}
	pod, ok := dig(t, kubernetes, "spec", "template", "spec", "terminationGracePeriodSeconds").(uint64)
	if allowed := time.Duration(pod) * time.Second; !ok || allowed <= stopTimeout {
		t.Errorf("Kubernetes allows %v", allowed)
	}
	unit := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)$`).FindStringSubmatch(string(manifest(t, "manifests/taskbridge.service")))
	if unit == nil {
		t.Fatal("systemd has its own time")
	}
	if allowed, err := time.ParseDuration(unit[1] + "s"); err != nil || allowed <= stopTimeout {
		t.Errorf("systemd allows %v: %v", allowed, err)
	}
}

// TestProbesAreServed: Kubernetes asks at addresses that there are.
func TestProbesAreServed(t *testing.T) {
	t.Parallel()
	container := dig(t, documents(t, "manifests/kubernetes.yaml")[0], "spec", "template", "spec", "containers", 0)
	registry, _ := newRegistry(nil, quiet())
	router := newRouter(registry, nil)
	for _, probe := range []string{"livenessProbe", "readinessProbe"} {
		path := dig(t, container, probe, "httpGet", "path").(string)
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s asks at %s, which answers %d", probe, path, w.Code)
		}
	}
}
