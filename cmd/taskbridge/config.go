package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// defaultFile is read when it is there and no other file is named.
const defaultFile = "taskbridge.yaml"

// faults are all that is wrong with a configuration.
type faults []string

func (f *faults) addf(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// Error implements error: one line for each fault.
func (f *faults) Error() string {
	if len(*f) == 1 {
		return "the configuration has one fault:\n  - " + (*f)[0]
	}
	return fmt.Sprintf("the configuration has %d faults:\n  - %s", len(*f), strings.Join(*f, "\n  - "))
}

// loadConfig reads the file and the environment, which goes before it, and checks
// both. The error lists everything that is wrong at once; no value of a secret
// setting is ever part of it.
func loadConfig(path string, environ []string) (config, error) {
	l := loader{koanf: koanf.New("."), origin: map[string]string{}}
	for key, value := range defaults() {
		if err := l.koanf.Set(key, value); err != nil {
			return config{}, fmt.Errorf("set the default of %s: %w", key, err)
		}
	}
	used, err := l.readFile(path)
	if err != nil {
		return config{}, err
	}
	if err := l.readEnvironment(environ); err != nil {
		return config{}, err
	}
	cfg := l.config()
	cfg.file = used
	if len(l.bad) > 0 {
		return config{}, &l.bad
	}
	return cfg, nil
}

// loader turns settings into a config and collects what is wrong.
type loader struct {
	koanf *koanf.Koanf
	bad   faults
	// origin says where a setting came from, for the person who has to mend it.
	origin map[string]string
}

// readFile loads the file and reports keys that do not exist. It gives the path
// that was read, empty for none.
func (l *loader) readFile(path string) (string, error) {
	named := path != ""
	if !named {
		path = defaultFile
	}
	if _, err := os.ReadFile(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) && !named {
			return "", nil
		}
		l.bad.addf("The file %s cannot be read: %v.", path, errors.Unwrap(err))
		return "", nil
	}
	own := koanf.New(".")
	if err := own.Load(file.Provider(path), yaml.Parser()); err != nil {
		// The parser may quote the line it stumbled over, and a secret with it.
		l.bad.addf("The file %s is not valid YAML%s.", path, lineOf(err))
		return path, nil
	}
	known := knownKeys()
	for _, key := range own.Keys() {
		if !slices.Contains(known, key) && !isWebhookKey(key) {
			own.Delete(key)
			l.bad.addf("%s in %s is not a setting%s", key, path, suggest(key, known))
			continue
		}
		l.origin[key] = key + " in " + path
	}
	if err := l.koanf.Merge(own); err != nil {
		return "", fmt.Errorf("merge %s: %w", path, err)
	}
	return path, nil
}

// lineOf is the place that a parser's error names, " in line 3", empty for none.
func lineOf(err error) string {
	if line := regexp.MustCompile(`line \d+`).FindString(err.Error()); line != "" {
		return " in " + line
	}
	return ""
}

// readEnvironment loads the TASKBRIDGE_ variables and reports those that do not
// exist. An empty variable counts as not set: deployments often pass one on.
func (l *loader) readEnvironment(environ []string) error {
	keys := map[string]string{}
	var names []string
	for _, key := range knownKeys() {
		keys[variable(key)] = key
		names = append(names, variable(key))
	}
	provider := env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return slices.Sorted(slices.Values(environ)) },
		TransformFunc: func(name, value string) (string, any) {
			key, ok := keys[name]
			if !ok {
				key, ok = webhookVariable(name)
			}
			switch {
			case !ok:
				l.bad.addf("%s is not a setting%s", name, suggest(name, names))
				return "", nil
			case value == "":
				return "", nil
			}
			l.origin[key] = name
			return key, value
		},
	})
	if err := l.koanf.Load(provider, nil); err != nil {
		return fmt.Errorf("read the environment: %w", err)
	}
	return nil
}

// suggest names the candidate that is near enough to have been meant.
func suggest(name string, candidates []string) string {
	best, least := "", max(2, len(name)/5)+1
	for _, c := range candidates {
		if d := distance(name, c); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return "."
	}
	return "; did you mean " + best + "?"
}

// distance is the number of edits between two names (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := min(row[j]+1, row[j+1]+1, diagonal+1)
			if a[i] == b[j] {
				next = min(next, diagonal)
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
