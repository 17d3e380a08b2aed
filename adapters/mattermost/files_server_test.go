package mattermost

import (
	"io"
	"net/http"
	"strconv"

	"taskbridge/adapters/adaptertest"
)

// fakeFile is a file on the fake server. Attached is true once a post shows it.
type fakeFile struct {
	fileInfo
	owner    string
	content  []byte
	attached bool
}

func (e *extraServer) keep(name, mediaType, owner string, content []byte) fileInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	info := fileInfo{ID: id("file" + strconv.Itoa(len(e.files)) + "x"), Name: name, Size: int64(len(content)), MimeType: mediaType}
	e.files[info.ID] = &fakeFile{fileInfo: info, owner: owner, content: content}
	return info
}

// upload takes a file as the body of a plain request (server/channels/api4/file.go,
// uploadFileSimple).
func (e *extraServer) upload(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	switch {
	case r.ContentLength == 0:
		fail(w, http.StatusBadRequest, "api.file.upload_file.read_request.app_error")
	case err != nil || int64(len(content)) != r.ContentLength:
		fail(w, http.StatusBadRequest, "api.file.upload_file.read_request.app_error")
	case r.URL.Query().Get("channel_id") == "" || r.URL.Query().Get("filename") == "":
		fail(w, http.StatusBadRequest, "api.context.invalid_url_param.app_error")
	default:
		info := e.keep(r.URL.Query().Get("filename"), "application/octet-stream", botID, content)
		w.WriteHeader(http.StatusCreated)
		reply(w, map[string]any{"file_infos": []fileInfo{info}})
	}
}

func (e *extraServer) file(w http.ResponseWriter, r *http.Request) *fakeFile {
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.files[r.PathValue("id")]
	if f == nil {
		fail(w, http.StatusNotFound, "app.file_info.get.app_error")
	}
	return f
}

func (e *extraServer) download(w http.ResponseWriter, r *http.Request) {
	if f := e.file(w, r); f != nil {
		w.Header().Set("Content-Type", f.MimeType)
		_, _ = w.Write(f.content)
	}
}

func (e *extraServer) fileInfo(w http.ResponseWriter, r *http.Request) {
	if f := e.file(w, r); f != nil {
		reply(w, f.fileInfo)
	}
}

// attach gives files of the bot's to a post, and passes over those that are not there
// or hang on another one (server/channels/app/post.go, attachFilesToPost).
func (e *extraServer) attach(ids []string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, id := range ids {
		if f := e.files[id]; f != nil && !f.attached && f.owner == botID {
			f.attached = true
			out = append(out, id)
		}
	}
	return out
}

func (e *extraServer) attachments(ids []string) []adaptertest.Attachment {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []adaptertest.Attachment
	for _, id := range ids {
		f := e.files[id]
		out = append(out, adaptertest.Attachment{Name: f.Name, Type: f.MimeType, Content: f.content})
	}
	return out
}
