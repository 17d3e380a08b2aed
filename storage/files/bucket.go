package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"taskbridge/storage"
)

// roleTimeout bounds asking the machine for its role, which answers at once or is
// not there.
const roleTimeout = 3 * time.Second

// bucket keeps content in objects named for their digests.
type bucket struct {
	client *minio.Client
	place  place
}

func openBucket(p place) (*bucket, error) {
	client, err := minio.New(p.host, &minio.Options{
		Creds: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{},
			&credentials.IAM{Client: &http.Client{Timeout: roleTimeout}},
		}),
		Secure: !p.plain,
		Region: p.region,
		// The outbox tries again, with better patience.
		MaxRetries: 2,
	})
	if err != nil {
		return nil, fmt.Errorf("open the bucket for files: %w", err)
	}
	return &bucket{client: client, place: p}, nil
}

// Put implements storage.Blobs. The digest is known only when everything was read,
// so that the content waits in a temporary file; an object appears whole when its
// writing has ended.
func (b *bucket) Put(ctx context.Context, r io.Reader, limit int64) (blob storage.Blob, err error) {
	s, err := spool(ctx, "", r, limit)
	if err != nil {
		return storage.Blob{}, err
	}
	defer func() { err = errors.Join(err, s.discard()) }()
	_, err = b.client.StatObject(ctx, b.place.bucket, b.place.prefix+s.Digest, minio.StatObjectOptions{})
	if err == nil {
		return s.Blob, nil
	}
	if !missing(err) {
		return storage.Blob{}, fmt.Errorf("look for content: %w", said(err))
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return storage.Blob{}, fmt.Errorf("read content again: %w", err)
	}
	// Never the media type that somebody claimed: whoever reads the bucket with a
	// browser must not be shown a page.
	_, err = b.client.PutObject(ctx, b.place.bucket, b.place.prefix+s.Digest, s.file, s.Size,
		minio.PutObjectOptions{
			ContentType: "application/octet-stream",
			// Over plain HTTP the client signs in chunks, and for nothing at all it then
			// sends no length, which the service demands.
			DisableContentSha256: s.Size == 0,
		})
	if err != nil {
		return storage.Blob{}, fmt.Errorf("keep content: %w", said(err))
	}
	return s.Blob, nil
}

// Open implements storage.Blobs.
func (b *bucket) Open(ctx context.Context, digest string) (io.ReadSeekCloser, error) {
	if !storage.IsDigest(digest) {
		return nil, storage.ErrNotFound
	}
	object, err := b.client.GetObject(ctx, b.place.bucket, b.place.prefix+digest, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open content: %w", said(err))
	}
	// Nothing is asked of the service before the first read or question.
	if _, err := object.Stat(); err != nil {
		_ = object.Close()
		if missing(err) {
			return nil, storage.ErrNotFound
		}
		return nil, fmt.Errorf("open content: %w", said(err))
	}
	return object, nil
}

// Check implements storage.Blobs.
func (b *bucket) Check(ctx context.Context) error {
	const text = "check"
	_, err := b.client.PutObject(ctx, b.place.bucket, b.place.prefix+temporary+"check", strings.NewReader(text), int64(len(text)),
		minio.PutObjectOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return fmt.Errorf("write to the bucket %s: %w", b.place.bucket, said(err))
	}
	return nil
}

func missing(err error) bool { return minio.ToErrorResponse(err).Code == minio.NoSuchKey }

// said reduces an answer of the service to its code: the whole of it names keys and
// signatures.
func said(err error) error {
	if r := minio.ToErrorResponse(err); r.Code != "" && r.StatusCode != 0 {
		return fmt.Errorf("the service answered %d %s", r.StatusCode, r.Code)
	}
	return err
}
