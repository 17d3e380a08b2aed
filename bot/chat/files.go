package chat

import (
	"context"
	"io"
	"mime"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FileKeeper moves the contents of files between a platform and us.
type FileKeeper interface {
	// Fetch opens the content of a file and tells what the platform says of the file
	// by now. The caller closes the content. FileElsewhere is returned with what is
	// known of a file whose content is not on the platform.
	Fetch(ctx context.Context, f File) (io.ReadCloser, File, error)
	// Upload brings content to the platform and returns its id. Nobody sees it before
	// a Post names the id, so that it may be repeated; TooLarge, FileBlocked and
	// Unsupported are for good.
	Upload(ctx context.Context, u Upload) (fileID string, err error)
	// Discard removes what was uploaded; what is gone already is no error. It need
	// not do what removing the message did.
	Discard(ctx context.Context, fileIDs []string) error
}

// Upload is content on its way to a platform.
type Upload struct {
	// Channel is where it will be shown.
	Channel    string
	Name, Type string
	// Size is exactly how many bytes Content has.
	Size    int64
	Content io.Reader
}

const (
	// maxFileName is the greatest length of a file's name in bytes: what file systems
	// take (NAME_MAX is 255), less room for what a platform may add.
	maxFileName = 200
	// maxExtension is the longest ending that is kept when a name is cut, in bytes.
	maxExtension = 16
	// maxRead is how much of a name is looked at, in bytes.
	maxRead = 4096
	// plainType is the media type of anything.
	plainType = "application/octet-stream"
)

// FileName makes a name from outside fit to be shown and to be given to a file
// system or a platform: no folders, nothing invisible, nothing that turns the
// direction of reading, and not too long. A name of which nothing is left becomes
// "file".
func FileName(name string) string {
	if len(name) > maxRead {
		// The ending tells what it is.
		name = name[:maxRead] + name[len(name)-maxExtension:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '/' || r == '\\':
			return '_'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsGraphic(r) && r != utf8.RuneError:
			return r
		}
		return -1
	}, name)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	if len(name) > maxFileName {
		ext := path.Ext(name)
		if len(ext) > maxExtension {
			ext = ""
		}
		name = ShortenBytes(strings.TrimSuffix(name, ext), maxFileName-len(ext)) + ext
	}
	if name == "" {
		return "file"
	}
	return name
}

// FileType makes a media type from outside one without parameters, that of any
// bytes where it is none.
func FileType(mediaType string) string {
	t, _, err := mime.ParseMediaType(mediaType)
	if err != nil || len(t) > 127 || !strings.Contains(t, "/") {
		return plainType
	}
	return t
}
