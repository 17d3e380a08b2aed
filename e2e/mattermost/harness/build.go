package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// RaceVariable is the environment variable that, set to anything, builds the
// product with the race detector. BinaryVariable names a binary to test instead of
// building one.
const (
	RaceVariable   = "TASKBRIDGE_E2E_RACE"
	BinaryVariable = "TASKBRIDGE_E2E_BINARY"
)

// buildServer builds the Mattermost server. The binary lives in the user's cache
// folder, where the go command finds it up to date and does not link it again.
func buildServer(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w", err)
	}
	binary := filepath.Join(cache, "taskbridge-e2e", "mmserver")
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	home, err := ownModule(ctx)
	if err != nil {
		return "", err
	}
	return binary, goBuild(ctx, home, "-o", binary, "./cmd/mmserver")
}

// buildProduct builds taskbridge from the repository this module lies in.
func buildProduct(ctx context.Context, dir string) (string, error) {
	if given := os.Getenv(BinaryVariable); given != "" {
		return given, nil
	}
	home, err := ownModule(ctx)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "taskbridge")
	args := []string{"-o", binary}
	if os.Getenv(RaceVariable) != "" {
		args = append(args, "-race")
	}
	return binary, goBuild(ctx, filepath.Dir(filepath.Dir(home)), append(args, "./cmd/taskbridge")...)
}

func goBuild(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-trimpath"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", args[len(args)-1], err, bytes.TrimSpace(out))
	}
	return nil
}

// ownModule is the folder of this module's go.mod.
func ownModule(ctx context.Context) (string, error) {
	return moduleDir(ctx, "taskbridge/e2e/mattermost")
}

// moduleDir is the folder of a module that this module depends on.
func moduleDir(ctx context.Context, module string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("find module %s: %w\n%s", module, err, exit.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("find module %s: %w", module, err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return "", fmt.Errorf("find module %s: it is not downloaded", module)
	}
	return dir, nil
}
