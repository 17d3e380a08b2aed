package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"taskbridge/bot/chat"
)

// fakeFile is a file of the fake platform: one that somebody attached, or that the
// bot uploaded.
type fakeFile struct {
	chat.File
	content  []byte
	uploaded bool
}

// attach puts a file onto the platform and gives what a message says of it.
func (p *fakePlatform) attach(id, name, mediaType string, content []byte) chat.File {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := chat.File{ID: id, Name: name, Type: mediaType, Size: int64(len(content)), URL: "https://chat.example/files/" + id}
	p.files[id] = &fakeFile{File: f, content: content}
	return f
}

// Fetch implements chat.FileKeeper.
func (p *fakePlatform) Fetch(ctx context.Context, f chat.File) (io.ReadCloser, chat.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("fetch " + f.ID); err != nil {
		return nil, f, err
	}
	kept, ok := p.files[f.ID]
	if !ok {
		return nil, f, &chat.SendError{Reason: chat.NotFound}
	}
	return io.NopCloser(&gated{ctx.Done(), p.slow, bytes.NewReader(kept.content)}), kept.File, nil
}

// gate holds the contents of files back until it is closed.
func (p *fakePlatform) gate(g chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = g
}

type gated struct {
	end  <-chan struct{}
	gate chan struct{}
	r    io.Reader
}

// Read implements io.Reader.
func (g *gated) Read(b []byte) (int, error) {
	if g.gate != nil {
		select {
		case <-g.gate:
		case <-g.end:
			return 0, context.Canceled
		}
	}
	return g.r.Read(b)
}

// Upload implements chat.FileKeeper.
func (p *fakePlatform) Upload(_ context.Context, u chat.Upload) (string, error) {
	content, err := io.ReadAll(u.Content)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("upload " + u.Name); err != nil {
		return "", err
	}
	p.next++
	id := fmt.Sprintf("f%d", p.next)
	p.files[id] = &fakeFile{File: chat.File{ID: id, Name: u.Name, Type: u.Type, Size: u.Size}, content: content, uploaded: true}
	return id, nil
}

// Discard implements chat.FileKeeper.
func (p *fakePlatform) Discard(_ context.Context, ids []string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		delete(p.files, id)
	}
	return p.call("discard")
}

// holds tells why files cannot be shown in one message.
func (p *fakePlatform) holds(files []string) error {
	if len(files) > 3 {
		return &chat.SendError{Reason: chat.Invalid}
	}
	for _, id := range files {
		switch f := p.files[id]; {
		case f == nil || !f.uploaded:
			return &chat.SendError{Reason: chat.FileGone}
		case strings.HasSuffix(f.Name, ".exe"):
			return &chat.SendError{Reason: chat.FileBlocked}
		}
	}
	return nil
}

// uploads are the contents that the bot put here, by name.
func (p *fakePlatform) uploads() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]string{}
	for _, f := range p.files {
		if f.uploaded {
			out[f.Name] += string(f.content)
		}
	}
	return out
}
