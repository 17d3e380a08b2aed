package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"taskbridge/storage"
)

// spooled is content that was read to the end and is not visible yet.
type spooled struct {
	storage.Blob
	file *os.File
}

// spool reads r into a file of its own in a folder.
func spool(ctx context.Context, folder string, r io.Reader, limit int64) (*spooled, error) {
	f, err := os.CreateTemp(folder, temporary+"*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	s := &spooled{file: f}
	sum := sha256.New()
	// One byte beyond the limit tells what is too large from what just fits.
	s.Size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(reader{ctx, r}, limit+1))
	switch {
	case err != nil:
		err = fmt.Errorf("read content: %w", err)
	case s.Size > limit:
		err = storage.ErrTooLarge
	}
	if err != nil {
		return nil, errors.Join(err, s.discard())
	}
	s.Digest = hex.EncodeToString(sum.Sum(nil))
	return s, nil
}

// discard removes what was spooled; it may have been moved away.
func (s *spooled) discard() error {
	err := s.file.Close()
	if errors.Is(err, os.ErrClosed) {
		err = nil
	}
	if gone := os.Remove(s.file.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
