package slacktest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	// maxFile is what Slack takes at most (slack.com/help/articles/201330736).
	maxFile = 1 << 30
	// uploadLife is how long an upload's address can be used. Slack publishes none.
	uploadLife = 15 * time.Minute
)

type file struct {
	id, name, title, mime, owner, external string
	content                                []byte
	size                                   int
	upload                                 string // ticket of the upload URL
	until                                  time.Time
	source                                 string // where the content is said to be
	stored, done                           bool
	shares                                 map[string][]string // channel id to message ts
	private                                map[string]bool
	deleted                                bool
}

// FileSpec describes a file a person attaches.
type FileSpec struct {
	Name, Type string // name with extension, media type; default application/octet-stream
	Content    []byte
	// ExternalURL makes it a remote file, whose bytes are not on Slack.
	ExternalURL string
	// Source replaces the address of the content, for what Slack never says.
	Source string
	// Size, when it is not zero, is said in place of the content's.
	Size int
}

// File is a copy of a file.
type File struct {
	ID, Name, Title, Type string
	Content               []byte
	Channels              []string
}

func (s *Server) fileMethods() map[string]method {
	write := one("files:write")
	return map[string]method{
		"files.getUploadURLExternal":   {tier: 4, scope: write, handle: s.getUploadURL},
		"files.completeUploadExternal": {tier: 4, scope: write, handle: s.completeUpload},
		"files.info":                   {tier: 4, scope: one("files:read"), handle: s.filesInfo},
		"files.delete":                 {tier: 3, scope: write, handle: s.filesDelete},
	}
}

// newFile stores a person's file. The lock is held.
func (s *Server) newFile(u *user, spec FileSpec) *file {
	if spec.Type == "" {
		spec.Type = "application/octet-stream"
	}
	f := &file{
		id: s.nextID("F"), name: spec.Name, title: spec.Name, mime: spec.Type, owner: u.id, external: spec.ExternalURL,
		content: spec.Content, size: cmp.Or(spec.Size, len(spec.Content)), source: spec.Source, stored: true, done: true, shares: map[string][]string{}, private: map[string]bool{},
	}
	s.files[f.id] = f
	return f
}

// shareFile notes where a file is shown and sends file_shared.
func (s *Server) shareFile(f *file, ch *channel, m *message) {
	f.shares[ch.id] = append(f.shares[ch.id], m.ts)
	f.private[ch.id] = ch.private
	s.emit(ch, object{
		"type": "file_shared", "file_id": f.id, "user_id": f.owner, "file": object{"id": f.id},
		"channel_id": ch.id, "event_ts": s.nextTS(),
	})
}

// renderFile is the file object of the Web API.
func (s *Server) renderFile(f *file) object {
	ext := strings.TrimPrefix(path.Ext(f.name), ".")
	link := cmp.Or(f.source, s.base+"/files-pri/"+f.id+"/"+url.PathEscape(f.name))
	out := object{
		"id": f.id, "name": f.name, "title": f.title, "mimetype": f.mime, "filetype": ext, "size": f.size,
		"user": f.owner, "created": 1700000000, "mode": "hosted", "is_external": false, "is_public": false,
		"url_private": link, "url_private_download": link, "permalink": "https://" + s.teams[s.teamID].domain + ".slack.com/files/" + f.id,
	}
	if f.external != "" {
		out["mode"], out["is_external"], out["external_type"] = "external", true, "gdrive"
		out["url_private"], out["url_private_download"] = f.external, ""
	}
	shares := object{}
	channels, groups := []string{}, []string{}
	for id, list := range f.shares {
		kind := "public"
		if f.private[id] {
			kind = "private"
			groups = append(groups, id)
		} else {
			channels = append(channels, id)
		}
		byChannel, _ := shares[kind].(object)
		if byChannel == nil {
			byChannel = object{}
		}
		var entries []object
		for _, ts := range list {
			entries = append(entries, object{"ts": ts, "channel_name": s.shareName(id)})
		}
		byChannel[id], shares[kind] = entries, byChannel
	}
	out["shares"], out["channels"], out["groups"] = shares, channels, groups
	return out
}

func (s *Server) shareName(id string) string {
	if ch := s.channelByID(id); ch != nil {
		return ch.name
	}
	return ""
}

// renderFiles are those of a message, as history and replies show them.
func (s *Server) renderFiles(list []*file) []object {
	out := []object{}
	for _, f := range list {
		if f.deleted {
			out = append(out, object{"id": f.id, "mode": "tombstone"})
			continue
		}
		out = append(out, s.renderFile(f))
	}
	return out
}

// stubFiles replaces the files of a message in an event of a Slack Connect
// channel by stubs that ask for files.info (docs.slack.dev/apis/slack-connect).
func stubFiles(ch *channel, message object) {
	list, _ := message["files"].([]object)
	if !ch.extShared || len(list) == 0 {
		return
	}
	stubs := []object{}
	for _, f := range list {
		stubs = append(stubs, object{
			"id": f["id"], "created": 0, "timestamp": 0, "mode": "file_access", "file_access": "check_file_info",
			"name": nil, "title": nil, "mimetype": "", "filetype": "", "size": 0, "user": "",
		})
	}
	message["files"] = stubs
}

func (s *Server) getUploadURL(c *call) (object, error) {
	size := c.int("length", 0)
	switch {
	case c.args["filename"] == "":
		return nil, fail("invalid_arguments")
	case size <= 0, size > cmp.Or(s.opts.FileLimit, maxFile):
		return nil, fail("file_upload_size_restricted")
	}
	f := &file{
		id: s.nextID("F"), name: c.args["filename"], title: c.args["filename"], owner: s.botUser, size: size,
		mime: "application/octet-stream", upload: randomHex(12), until: s.clock.Now().Add(uploadLife), shares: map[string][]string{}, private: map[string]bool{},
	}
	s.files[f.id] = f
	return object{"upload_url": s.base + "/upload/" + f.id + "?ticket=" + f.upload, "file_id": f.id}, nil
}

// serveUpload takes the bytes, raw or as a multipart form.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 256<<20)
	content, err := readUpload(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[r.PathValue("id")]
	switch {
	case err != nil:
		http.Error(w, "cannot read the upload", http.StatusBadRequest)
	case f == nil, f.upload == "", r.URL.Query().Get("ticket") != f.upload:
		http.Error(w, "no such upload", http.StatusNotFound)
	case s.clock.Now().After(f.until):
		http.Error(w, "the upload has expired", http.StatusGone)
	case len(content) != f.size:
		s.violatef(RuleUndefined, "upload", "%d bytes announced, %d sent", f.size, len(content))
		http.Error(w, "the length differs", http.StatusBadRequest)
	default:
		f.content, f.stored = content, true
		_, _ = fmt.Fprintf(w, "OK - %d", len(content))
	}
}

func readUpload(r *http.Request) ([]byte, error) {
	var src io.Reader = r.Body
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		parts, err := r.MultipartReader()
		if err != nil {
			return nil, fmt.Errorf("read form: %w", err)
		}
		part, err := parts.NextPart()
		if err != nil {
			return nil, fmt.Errorf("read part: %w", err)
		}
		src = part
	}
	content, err := io.ReadAll(src)
	if err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	return content, nil
}

func (s *Server) completeUpload(c *call) (object, error) {
	var list []struct{ ID, Title string }
	if json.Unmarshal([]byte(c.args["files"]), &list) != nil || len(list) == 0 {
		return nil, fail("invalid_arguments")
	}
	var done []*file
	for _, item := range list {
		f := s.files[item.ID]
		if f == nil || !f.stored || f.done {
			return nil, fail("file_not_found")
		}
		if item.Title != "" {
			f.title = item.Title
		}
		done = append(done, f)
	}
	channels := c.list("channels")
	if id := c.args["channel_id"]; id != "" {
		channels = append(channels, id)
	}
	if len(channels) > 100 {
		return nil, fail("invalid_arguments")
	}
	// All destinations are checked before anything is shown.
	var targets []*channel
	for _, id := range channels {
		ch, err := s.target(&call{args: map[string]string{"channel": id}})
		if err != nil {
			return nil, err
		}
		if ch.closed {
			return nil, fail("posting_to_channel_denied")
		}
		if ch.extShared && slices.ContainsFunc(done, s.blocked) {
			return nil, fail("slack_connect_blocked_file_type")
		}
		targets = append(targets, ch)
	}
	body, err := s.readContent(&call{method: c.method, args: map[string]string{"text": c.args["initial_comment"], "blocks": c.args["blocks"]}})
	if err != nil {
		return nil, err
	}
	if body.text != "" {
		body.blocks = nil // Blocks are ignored when there is a comment.
	}
	show := func() {
		left := slices.DeleteFunc(slices.Clone(done), func(f *file) bool { return f.deleted })
		for _, ch := range targets {
			if len(left) == 0 {
				continue
			}
			m := s.botMessage(body)
			m.files, m.subtype = left, "file_share"
			s.placeInThread(c, ch, m)
			s.post(ch, m)
			for _, f := range left {
				s.shareFile(f, ch, m)
			}
		}
	}
	if s.opts.ShareAfter > 0 {
		s.clock.AfterFunc(s.opts.ShareAfter, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			show()
		})
	} else {
		show()
	}
	out := []object{}
	for _, f := range done {
		f.done, f.upload = true, ""
		if s.opts.BareUploads {
			out = append(out, object{"id": f.id, "title": f.title})
			continue
		}
		out = append(out, s.renderFile(f))
	}
	return object{"files": out}, nil
}

// blocked tells whether other companies may not be given a file.
func (s *Server) blocked(f *file) bool {
	return slices.Contains(s.opts.BlockedTypes, strings.ToLower(strings.TrimPrefix(path.Ext(f.name), ".")))
}

func (s *Server) filesInfo(c *call) (object, error) {
	f := s.files[c.args["file"]]
	switch {
	case f == nil, !s.canSee(f):
		return nil, fail("file_not_found")
	case f.deleted:
		return nil, fail("file_deleted")
	}
	return object{"file": s.renderFile(f), "comments": []object{}, "response_metadata": object{"next_cursor": ""}}, nil
}

// canSee says whether the bot owns the file or is where it is shared.
func (s *Server) canSee(f *file) bool {
	if f.owner == s.botUser {
		return true
	}
	for id := range f.shares {
		if ch := s.channelByID(id); ch != nil && ch.has(s.botUser) {
			return true
		}
	}
	return false
}

func (s *Server) filesDelete(c *call) (object, error) {
	f := s.files[c.args["file"]]
	switch {
	case f == nil:
		return nil, fail("file_not_found")
	case f.owner != s.botUser:
		return nil, fail("cant_delete_file")
	}
	f.deleted = true
	s.emit(nil, object{"type": "file_deleted", "file_id": f.id, "event_ts": s.nextTS()})
	return nil, nil
}

// serveDownload gives the bytes to the bearer of the bot token; anyone else is
// sent to a sign-in page, as by Slack.
func (s *Server) serveDownload(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.PathValue("id")]
	allowed := f != nil && f.stored && !f.deleted && r.Header.Get("Authorization") == "Bearer "+s.botToken &&
		slices.Contains(s.opts.Scopes, "files:read") && s.canSee(f)
	var content []byte
	kind := ""
	if allowed {
		content, kind = f.content, f.mime
	}
	s.mu.Unlock()
	if !allowed {
		http.Redirect(w, r, "/signin", http.StatusFound)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(content)
}

func (s *Server) serveSignIn(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head></html>")
}

// File returns a file by id.
func (s *Server) File(id string) (File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[id]
	if f == nil || f.deleted {
		return File{}, false
	}
	out := File{ID: f.id, Name: f.name, Title: f.title, Type: f.mime, Content: slices.Clone(f.content)}
	for ch := range f.shares {
		out.Channels = append(out.Channels, ch)
	}
	slices.Sort(out.Channels)
	return out, true
}
