package taskbridge_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryTestNamedInDocumentsExists keeps the tables of docs/reliability.md and
// docs/coverage.md true: each row ends with a command whose tests are where it says.
func TestEveryTestNamedInDocumentsExists(t *testing.T) {
	t.Parallel()
	for _, page := range []struct {
		path, head string
		least      int
	}{
		{"docs/reliability.md", "| when ", 30},
		{"docs/coverage.md", "| what a desk expects ", 40},
	} {
		t.Run(page.path, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page.path)
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			for _, line := range rowsOf(string(text), page.head) {
				rows++
				checkRow(t, line)
			}
			if rows < page.least {
				t.Errorf("only %d rows were found", rows)
			}
		})
	}
}

// rowsOf are the rows of the tables of a page without their heads.
func rowsOf(page, head string) (rows []string) {
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, head) {
			rows = append(rows, line)
		}
	}
	return rows
}

// TestCoverageIsShownByTheWholeProgram holds that what docs/coverage.md says a desk gets
// is shown by tests that drive the program, before others look closer.
func TestCoverageIsShownByTheWholeProgram(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	first, _, found := strings.Cut(string(text), "\n## The same in detail\n")
	if !found {
		t.Fatal("there is no section that looks closer")
	}
	whole := regexp.MustCompile("`go (?:-C e2e/[a-z]+ test .* \\.|test .* \\./(?:e2e/slack|e2e/workspace|cmd/taskbridge))` \\|$")
	for _, row := range rowsOf(first, "| what ") {
		if !whole.MatchString(row) {
			t.Errorf("this is shown by a part of the program alone: %s", row)
		}
	}
}

// TestEveryStoryIsInADocument holds that no test of the whole program is missing where
// people look for what is shown.
func TestEveryStoryIsInADocument(t *testing.T) {
	t.Parallel()
	var pages []byte
	for _, path := range []string{"docs/coverage.md", "docs/reliability.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, text...)
	}
	// What tries the harness itself shows nothing of the program.
	aside := regexp.MustCompile(`^TestHarness`)
	for _, folder := range []string{"e2e/slack", "e2e/workspace", "e2e/mattermost", "e2e/bridge"} {
		for name := range testsIn(t, folder) {
			if !aside.MatchString(name) && !regexp.MustCompile(`\b`+name+`\b`).Match(pages) {
				t.Errorf("neither docs/coverage.md nor docs/reliability.md names %s of %s", name, folder)
			}
		}
	}
}

// checkRow looks for the tests that the command in a row's last cell names.
func checkRow(t *testing.T, row string) {
	t.Helper()
	cells := strings.Split(strings.ReplaceAll(row, `\|`, "\x00"), "|")
	if len(cells) != 5 {
		t.Errorf("this row has no three cells: %s", row)
		return
	}
	command := regexp.MustCompile("^`go (?:-C ([a-z0-9/]+) )?test (?:-race )?-run '\\^\\(([A-Za-z0-9_\\\\|]+)\\)\\$(?:/\\^[A-Za-z0-9_()\\\\|]+)?' (\\.(?:/[a-z0-9/]+)?)`$")
	shown := strings.ReplaceAll(strings.TrimSpace(cells[3]), "\x00", `\|`)
	m := command.FindStringSubmatch(shown)
	if m == nil {
		t.Errorf("this is not a command that runs tests: %s", shown)
		return
	}
	known := testsIn(t, filepath.Join(m[1], m[3]))
	for name := range strings.SplitSeq(m[2], `\|`) {
		if !known[name] {
			t.Errorf("there is no %s in %s", name, filepath.Join(m[1], m[3]))
		}
	}
}

// testsIn finds the tests of a folder by their names.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9_]*)\(t \*testing\.T\)`)
	known := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllSubmatch(text, -1) {
			known[string(m[1])] = true
		}
	}
	return known
}

// TestGenerateKnowsAllGoldenFiles holds that `make generate` leaves out no package that
// can write its golden files anew.
func TestGenerateKnowsAllGoldenFiles(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(makefile), "\\\n", " ")
	list := strings.Fields(regexp.MustCompile(`(?m)^GOLDEN := (.*)$`).FindString(text))
	for _, p := range packages(t) {
		files, err := filepath.Glob(filepath.Join(p.Dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			code, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			path := "./" + strings.TrimPrefix(p.ImportPath, module+"/")
			if strings.Contains(string(code), `flag.Bool("update"`) && !slices.Contains(list, path) {
				t.Errorf("%s has golden files and is not written anew", path)
			}
		}
	}
}
