package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func embedded(dir string) config {
	return config{databaseURL: secret("sqlite:" + filepath.Join(dir, "tb.db"))}
}

func TestTheKeyIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	cfg := embedded(t.TempDir())
	if _, _, err := cfg.signingKey(false); err == nil || !strings.Contains(err.Error(), "taskbridge serve") {
		t.Errorf("error %v does not say how a key is made", err)
	}
	first, made, err := cfg.signingKey(true)
	if err != nil || !made || len(first) != 32 {
		t.Fatalf("key of %d bytes, made %v, %v", len(first), made, err)
	}
	info, err := os.Stat(cfg.keyFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	again, made, err := cfg.signingKey(true)
	if err != nil || made || !bytes.Equal(first, again) {
		t.Errorf("another key, made %v, %v", made, err)
	}
	text, err := os.ReadFile(cfg.keyFile())
	if err != nil {
		t.Fatal(err)
	}
	cfg.secretKey = secret(strings.TrimSpace(string(text)))
	if moved, _, err := cfg.signingKey(false); err != nil || !bytes.Equal(first, moved) {
		t.Errorf("the key in the configuration is another than in the file: %v", err)
	}
}

func TestStartsAtOnceShareOneKey(t *testing.T) {
	t.Parallel()
	cfg := embedded(t.TempDir())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			// One of them makes it; the others may see that it is there.
			_, _, _ = cfg.signingKey(true)
		})
	}
	wg.Wait()
	if _, made, err := cfg.signingKey(true); err != nil || made {
		t.Errorf("made %v, %v", made, err)
	}
	left, err := os.ReadDir(filepath.Dir(cfg.keyFile()))
	if err != nil || len(left) != 1 {
		t.Errorf("files left: %v, %v", left, err)
	}
}

func TestADamagedKeyIsNotReplaced(t *testing.T) {
	t.Parallel()
	cfg := embedded(t.TempDir())
	if err := os.WriteFile(cfg.keyFile(), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := cfg.signingKey(true); err == nil || !strings.Contains(err.Error(), "damaged") || strings.Contains(err.Error(), "half") {
		t.Errorf("error %v", err)
	}
}
