package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"
	lru "github.com/hashicorp/golang-lru/v2"

	"taskbridge/adapters/web/preview"
)

// rememberedPreviews is of how many files the preview is remembered. They are some ten
// thousand bytes each.
const rememberedPreviews = 128

// previews draws previews one at a time, each once: a photo takes tens of megabytes while
// it is decoded, and all who look at a job look at the same ones.
type previews struct {
	turn chan struct{}
	// wait is how long somebody waits for a turn.
	wait time.Duration
	// known are previews by the digest of the file, nil for a file that has none.
	known *lru.Cache[string, []byte]
}

func newPreviews() (*previews, error) {
	known, err := lru.New[string, []byte](rememberedPreviews)
	if err != nil {
		return nil, fmt.Errorf("web: remember previews: %w", err)
	}
	return &previews{make(chan struct{}, 1), 5 * time.Second, known}, nil
}

// of gives the preview of a file, nil when it has none or others take too long: a browser
// that waits for pictures has no connection left for what people do.
func (p *previews) of(ctx context.Context, digest string, file io.ReadSeeker) ([]byte, error) {
	if small, ok := p.known.Get(digest); ok {
		return small, nil
	}
	late := time.NewTimer(p.wait)
	defer late.Stop()
	select {
	case p.turn <- struct{}{}:
	case <-late.C:
		return nil, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a preview: %w", ctx.Err())
	}
	defer func() { <-p.turn }()
	// Who was before may have drawn this one.
	if small, ok := p.known.Get(digest); ok {
		return small, nil
	}
	small, err := preview.Draw(ctx, file)
	if err != nil && !errors.Is(err, preview.ErrNone) {
		return nil, fmt.Errorf("draw a preview: %w", err)
	}
	p.known.Add(digest, small)
	return small, nil
}

// servePreview shows a file of a message small.
func (a *Adapter) servePreview(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, content, err := a.shown(r, v)
	if err != nil {
		return err
	}
	defer content.Close()
	return a.showPreview(w, r, f.Digest, content)
}

// serveJobPreview shows a file of a job's history small.
func (a *Adapter) serveJobPreview(w http.ResponseWriter, r *http.Request, v *visit) error {
	digest := mux.Vars(r)["digest"]
	f, err := a.cfg.Pages.JobFile(r.Context(), a.viewer(v), jobNumber(r), digest)
	if err != nil {
		return err
	}
	defer f.Content.Close()
	return a.showPreview(w, r, digest, f.Content)
}

// showPreview shows a file small, or a sheet of paper for one that has no preview: it
// stands where the page has left room, above the file's name.
func (a *Adapter) showPreview(w http.ResponseWriter, r *http.Request, digest string, file io.ReadSeeker) error {
	h, mark := w.Header(), strconv.Quote(digest+"-preview")
	private(h)
	if r.Header.Get("If-None-Match") == mark {
		h.Set("ETag", mark)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	small, err := a.previews.of(r.Context(), digest, file)
	switch {
	case r.Context().Err() != nil:
		// Whoever asked has gone on to another page.
		return nil
	case err != nil:
		return err
	case small == nil:
		paper := a.assets["paper.svg"]
		small = paper.content
		h.Set("Content-Type", paper.mimeType)
	default:
		h.Set("Content-Type", "image/jpeg")
		h.Set("ETag", mark)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(small))
	return nil
}
