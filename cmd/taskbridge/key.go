package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyName is the secret key's file in the data folder.
const keyName = "taskbridge.key"

// keyFile is where the secret key of an embedded set-up is kept, empty when the
// key is configured.
func (c config) keyFile() string {
	path := sqlitePath(c.databaseURL.reveal())
	if path == "" || c.secretKey != "" {
		return ""
	}
	return filepath.Join(filepath.Dir(path), keyName)
}

// signingKey gives the key that signs buttons and links. A set-up that has none
// gets one when create is true; made tells that this happened. What is configured
// and what stands in the file are used alike, so that a key can move from one to
// the other.
func (c config) signingKey(create bool) (key []byte, made bool, err error) {
	value := c.secretKey.reveal()
	if file := c.keyFile(); file != "" {
		if value, made, err = readKey(file, create); err != nil {
			return nil, false, err
		}
	}
	sum := sha256.Sum256([]byte(value))
	return sum[:], made, nil
}

func readKey(file string, create bool) (value string, made bool, err error) {
	text, err := os.ReadFile(file)
	switch {
	case err == nil:
		value = strings.TrimSpace(string(text))
		if len(value) < minSecret {
			return "", false, fmt.Errorf("the secret key in %s is damaged: put back a copy of it, or remove the file to have a new one made (buttons and links sent before then stop working)", file)
		}
		return value, false, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", false, fmt.Errorf("read the secret key: %w", err)
	case !create:
		return "", false, fmt.Errorf("there is no secret key at %s yet: `taskbridge serve` makes it on its first start", file)
	}
	raw := make([]byte, sha256.Size)
	// Reading random bytes never fails (pkg.go.dev/crypto/rand#Read).
	_, _ = rand.Read(raw)
	value = hex.EncodeToString(raw)
	if err := writeKey(file, value); err != nil {
		return "", false, fmt.Errorf("write the secret key: %w", err)
	}
	return value, true, nil
}

// writeKey makes the file. It is complete or not there at all: half a key after a
// power cut would be a damaged set-up.
func writeKey(file, value string) error {
	f, err := os.CreateTemp(filepath.Dir(file), keyName+".*") // Mode 0600.
	if err != nil {
		return err
	}
	_, err = f.WriteString(value + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		// Link does not replace a file that another start made meanwhile.
		err = os.Link(f.Name(), file)
	}
	return errors.Join(err, os.Remove(f.Name()))
}
