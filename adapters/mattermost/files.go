package mattermost

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"taskbridge/bot/chat"
)

const (
	// filesPerPost is how many files a post shows: their ids are kept in 300
	// characters (server/public/model/post.go, PostFileidsMaxRunes).
	filesPerPost = 10
	// defaultMaxFile is the greatest file of a server that does not say
	// (server/public/model/config.go, FileSettings.MaxFileSize).
	defaultMaxFile = 100 << 20
)

var _ chat.FileKeeper = (*Adapter)(nil)

// maxFile is the greatest file the server takes, zero when it takes none.
func (s *server) maxFile() int64 {
	if s.config["EnableFileAttachments"] == "false" {
		return 0
	}
	if n, err := strconv.ParseInt(s.config["MaxFileSize"], 10, 64); err == nil && n > 0 {
		return n
	}
	return defaultMaxFile
}

// Fetch opens a file's content. The server is asked about a file that the event did
// not describe.
func (a *Adapter) Fetch(ctx context.Context, f chat.File) (io.ReadCloser, chat.File, error) {
	if !isID(f.ID) {
		return nil, f, &chat.SendError{Reason: chat.NotFound}
	}
	if f.Name == "" || f.Type == "" {
		var info fileInfo
		err := a.api.do(ctx, call{
			op: "get file info", method: http.MethodGet, path: "/files/" + f.ID + "/info", out: &info, forbidden: chat.NotInChannel,
		})
		if err != nil {
			return nil, f, err
		}
		f.Name, f.Size, f.Type = info.Name, info.Size, info.MimeType
	}
	content, err := a.api.open(ctx, call{op: "get file", method: http.MethodGet, path: "/files/" + f.ID, bulk: true, forbidden: chat.NotInChannel})
	if err != nil {
		return nil, f, err
	}
	return content, f, nil
}

// Upload gives content to the server. It hangs on no post and only we can read it
// until a post names it.
func (a *Adapter) Upload(ctx context.Context, u chat.Upload) (string, error) {
	s, err := a.started()
	if err != nil {
		return "", err
	}
	switch most := s.maxFile(); {
	case most == 0:
		return "", &chat.SendError{Reason: chat.FileBlocked, Err: errors.New("upload file: the server takes no files")}
	case u.Size > most:
		return "", &chat.SendError{Reason: chat.TooLarge, Err: errors.New("upload file: larger than the server takes")}
	case u.Size == 0:
		return "", &chat.SendError{Reason: chat.FileBlocked, Err: errors.New("upload file: the server takes no empty files")}
	case !isID(u.Channel):
		return "", &chat.SendError{Reason: chat.NotFound}
	}
	var made struct {
		FileInfos []fileInfo `json:"file_infos"`
	}
	err = a.api.do(ctx, call{
		op: "upload file", method: http.MethodPost, path: "/files",
		query:   url.Values{"channel_id": {u.Channel}, "filename": {u.Name}},
		content: u.Content, size: u.Size, bulk: true, out: &made, forbidden: chat.NotInChannel, missing: chat.ChannelGone,
	})
	switch {
	case chat.ReasonOf(err) == chat.Unsupported:
		// The server has no place to keep files.
		err = &chat.SendError{Reason: chat.FileBlocked, Err: err}
	case err == nil && (len(made.FileInfos) != 1 || !isID(made.FileInfos[0].ID)):
		err = &chat.SendError{Reason: chat.Unavailable, Retry: true, Err: errors.New("upload file: the answer names no file")}
	}
	if err != nil {
		return "", err
	}
	return made.FileInfos[0].ID, nil
}

// Discard does nothing: the server removes files with the post that showed them, and
// one that no post ever named can be read by nobody but us.
func (a *Adapter) Discard(context.Context, []string) error { return nil }
