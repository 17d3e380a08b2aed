package storage

import (
	"context"
	"errors"
	"io"
)

// ErrTooLarge is returned by Put for content beyond its limit.
var ErrTooLarge = errors.New("too large")

// Blobs keeps the contents of files by their digest: the same content once. It
// knows no desk; what a desk may read is what its ledger lists.
type Blobs interface {
	// Put reads r to its end and keeps what it read. Content becomes visible whole
	// or not at all; beyond limit bytes it is ErrTooLarge and nothing is kept. An
	// error of r is returned as it is.
	Put(ctx context.Context, r io.Reader, limit int64) (Blob, error)
	// Open reads content; ErrNotFound when there is none with this digest. It is
	// read while ctx lives.
	Open(ctx context.Context, digest string) (io.ReadSeekCloser, error)
	// Check tells why nothing can be kept, or nil.
	Check(ctx context.Context) error
}

// Blob names content.
type Blob struct {
	// Digest is SHA-256 in 64 lower-case hexadecimal digits.
	Digest string
	// Size is in bytes.
	Size int64
}

// IsDigest tells whether s has the form of a digest.
func IsDigest(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
