package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"pgregory.net/rapid"

	"taskbridge/storage"
	"taskbridge/storage/files"
)

// TestMain gives S3's credentials, which are read from the environment.
func TestMain(m *testing.M) {
	os.Setenv("AWS_ACCESS_KEY_ID", "key")
	os.Setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-bucket")
	os.Exit(m.Run())
}

// shelf is a store and a look behind it.
type shelf struct {
	storage.Blobs
	// kept counts the contents, half is whether something half-written is there.
	kept func() int
	half func() bool
}

func shelves(t *testing.T) map[string]shelf {
	t.Helper()
	path := filepath.Join(t.TempDir(), "files")
	folder, err := files.Open("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	service := s3mem.New()
	if err := service.CreateBucket("desk"); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(gofakes3.New(service).Server())
	t.Cleanup(srv.Close)
	bucket, err := files.Open("s3://desk/some/prefix?region=eu-central-1&endpoint=" + url.QueryEscape(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]shelf{
		"folder": {
			folder,
			func() int { return len(glob(t, path, "??/*")) },
			func() bool { return len(glob(t, path, "incoming-*")) > 0 },
		},
		"S3": {
			bucket,
			func() int {
				list, err := service.ListBucket("desk", &gofakes3.Prefix{HasPrefix: true, Prefix: "some/prefix/"}, gofakes3.ListBucketPage{})
				if err != nil {
					t.Fatal(err)
				}
				return len(list.Contents)
			},
			func() bool { return false },
		},
	}
}

func glob(t *testing.T, path, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(path, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func each(t *testing.T, run func(t *testing.T, s shelf)) {
	t.Helper()
	for name, s := range shelves(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, s)
		})
	}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func read(t *testing.T, s storage.Blobs, d string) []byte {
	t.Helper()
	r, err := s.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestContentComesBackAsItWas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s shelf) {
		for name, content := range map[string][]byte{
			"nothing":  {},
			"a page":   []byte("<script>alert(1)</script>"),
			"an image": append([]byte("\x89PNG\r\n\x1a\n\x00\xff"), bytes.Repeat([]byte{0, 1, 2, 254}, 1<<16)...),
		} {
			got, err := s.Put(t.Context(), bytes.NewReader(content), 1<<20)
			if err != nil || got.Digest != digest(content) || got.Size != int64(len(content)) {
				t.Fatalf("%s: %+v, %v", name, got, err)
			}
			if !bytes.Equal(read(t, s, got.Digest), content) {
				t.Errorf("%s came back changed", name)
			}
		}
		r, err := s.Open(t.Context(), digest([]byte("<script>alert(1)</script>")))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if end, err := r.Seek(0, io.SeekEnd); end != 25 || err != nil {
			t.Errorf("its end is at %d, %v", end, err)
		}
	})
}

// TestSameContentOnce: any contents, kept in any order and at once, make as many
// blobs as there are different ones.
func TestSameContentOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s shelf) {
		different := map[string]bool{}
		rapid.Check(t, func(rt *rapid.T) {
			pool := rapid.SliceOfN(rapid.SliceOf(rapid.Byte()), 1, 4).Draw(rt, "contents")
			picks := rapid.SliceOfN(rapid.IntRange(0, len(pool)-1), 1, 6).Draw(rt, "picks")
			var wg sync.WaitGroup
			errs := make([]error, len(picks))
			for i, pick := range picks {
				different[digest(pool[pick])] = true
				wg.Go(func() { _, errs[i] = s.Put(t.Context(), bytes.NewReader(pool[pick]), 1<<20) })
			}
			wg.Wait()
			if err := errors.Join(errs...); err != nil {
				rt.Fatal(err)
			}
			if got := s.kept(); got != len(different) {
				rt.Fatalf("%d contents are kept as %d", len(different), got)
			}
		})
		if s.half() {
			t.Error("something half-written is left")
		}
	})
}

// TestNothingHalfIsKept: what is too large, breaks off or is given up leaves nothing.
func TestNothingHalfIsKept(t *testing.T) {
	t.Parallel()
	broken := errors.New("the line is cut")
	each(t, func(t *testing.T, s shelf) {
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		for name, try := range map[string]struct {
			ctx  context.Context
			r    io.Reader
			want error
		}{
			"too large":  {t.Context(), strings.NewReader("12345"), storage.ErrTooLarge},
			"endless":    {t.Context(), endless{}, storage.ErrTooLarge},
			"broken off": {t.Context(), io.MultiReader(strings.NewReader("123"), failing{broken}), broken},
			"given up":   {canceled, strings.NewReader("123"), context.Canceled},
		} {
			if _, err := s.Put(try.ctx, try.r, 4); !errors.Is(err, try.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s.kept() != 0 || s.half() {
			t.Error("something is left")
		}
		if _, err := s.Put(t.Context(), strings.NewReader("1234"), 4); err != nil {
			t.Errorf("what just fits: %v", err)
		}
	})
}

func TestUnknownDigests(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s shelf) {
		for _, d := range []string{"", "..", "../../etc/passwd", strings.Repeat("a", 64), strings.Repeat("A", 64), strings.Repeat("/", 64)} {
			if r, err := s.Open(t.Context(), d); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("%q: %v, %v", d, r, err)
			}
		}
	})
}

func TestCheckTellsWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s shelf) {
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(t.TempDir(), "files")
	gone, err := files.Open("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := gone.Check(t.Context()); err == nil {
		t.Error("a folder that is gone passes")
	}
	srv := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	t.Cleanup(srv.Close)
	none, err := files.Open("s3://nowhere?region=x&endpoint=" + url.QueryEscape(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	err = none.Check(t.Context())
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "NoSuchBucket") {
		t.Errorf("a bucket that is not there: %v", err)
	}
}

// TestAbandonedFilesAreSweptAway: a crash leaves a temporary file, and the next
// start but one removes it.
func TestAbandonedFilesAreSweptAway(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	old, fresh := filepath.Join(path, "incoming-1"), filepath.Join(path, "incoming-2")
	for _, name := range []string{old, fresh} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Open("file:" + path); err != nil {
		t.Fatal(err)
	}
	if left := glob(t, path, "incoming-*"); len(left) != 1 || left[0] != fresh {
		t.Errorf("left: %v", left)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, fault := range map[string]string{
		"file:/var/lib/files": "",
		"file:files":          "",
		"s3://bucket":         "",
		"s3://bucket/a/b?region=r&endpoint=https://s3.example": "",
		"s3://bucket?endpoint=http://127.0.0.1:9000":           "",
		"":                                "must begin with",
		"file:":                           "must name a folder",
		"files":                           "must begin with",
		"ftp://x":                         "must begin with",
		"s3://":                           "must begin with",
		"s3://key:hunter2@bucket":         "credentials",
		"s3://bucket?endpoint=s3.example": "endpoint",
		"s3://bucket?endpoint=https://user:hunter2@s3.example": "endpoint",
		"s3://bucket?endpoint=https://s3.example/path":         "endpoint",
		"s3://bucket?secret=x":                                 "not known",
		"s3://bucket:hunter2\x00":                              "must begin with",
	} {
		err := files.Validate(address)
		switch {
		case fault == "" && err != nil:
			t.Errorf("%q: %v", address, err)
		case fault != "" && (err == nil || !strings.Contains(err.Error(), fault)):
			t.Errorf("%q: %v, want %s", address, err, fault)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%q: the fault repeats what may be a password", address)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
