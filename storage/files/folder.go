package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"taskbridge/storage"
)

const (
	// temporary begins the names of files that are being written.
	temporary = "incoming-"
	// abandoned is how old a temporary file must be to belong to nobody.
	abandoned = 24 * time.Hour
)

// folder keeps content in files named for their digests, in sub-folders of the
// digest's first two digits so that none grows too long to be listed.
type folder struct{ path string }

func openFolder(path string) (*folder, error) {
	if path == "" {
		return nil, errors.New("the folder for files has no name")
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for files: %w", err)
	}
	f := &folder{path: path}
	f.sweep()
	return f, nil
}

// sweep removes what a crash left half-written. What cannot be removed now is tried
// again at the next start.
func (f *folder) sweep() {
	list, _ := filepath.Glob(filepath.Join(f.path, temporary+"*"))
	for _, name := range list {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(name)
		}
	}
}

// Put implements storage.Blobs.
func (f *folder) Put(ctx context.Context, r io.Reader, limit int64) (blob storage.Blob, err error) {
	s, err := spool(ctx, f.path, r, limit)
	if err != nil {
		return storage.Blob{}, err
	}
	defer func() { err = errors.Join(err, s.discard()) }()
	name := f.name(s.Digest)
	if _, err := os.Stat(name); err == nil {
		return s.Blob, nil
	}
	if err := s.file.Sync(); err != nil {
		return storage.Blob{}, fmt.Errorf("sync content: %w", err)
	}
	if err := s.file.Close(); err != nil {
		return storage.Blob{}, fmt.Errorf("close content: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return storage.Blob{}, fmt.Errorf("make a folder: %w", err)
	}
	if err := os.Rename(s.file.Name(), name); err != nil {
		return storage.Blob{}, fmt.Errorf("keep content: %w", err)
	}
	// The name is durable when the folders that hold it are.
	for _, dir := range []string{filepath.Dir(name), f.path} {
		if err := syncFolder(dir); err != nil {
			return storage.Blob{}, err
		}
	}
	return s.Blob, nil
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open a folder: %w", err)
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		// Not every system syncs folders.
		err = nil
	}
	return errors.Join(err, d.Close())
}

// Open implements storage.Blobs.
func (f *folder) Open(_ context.Context, digest string) (io.ReadSeekCloser, error) {
	if !storage.IsDigest(digest) {
		return nil, storage.ErrNotFound
	}
	file, err := os.Open(f.name(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, storage.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("open content: %w", err)
	}
	return file, nil
}

// Check implements storage.Blobs.
func (f *folder) Check(ctx context.Context) error {
	s, err := spool(ctx, f.path, strings.NewReader("check"), 64)
	if err != nil {
		return err
	}
	return s.discard()
}

func (f *folder) name(digest string) string { return filepath.Join(f.path, digest[:2], digest) }
