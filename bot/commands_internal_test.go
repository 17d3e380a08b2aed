package bot

import (
	"bytes"
	"os"
	"testing"
)

// TestEveryCommandIsInTheGuide holds that docs/guide.md leaves out no command.
func TestEveryCommandIsInTheGuide(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range subcommands() {
		if !bytes.Contains(page, []byte("/task "+c.word)) {
			t.Errorf("there is no /task %s", c.word)
		}
	}
}
